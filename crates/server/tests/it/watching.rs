//! Health, readiness and metrics.

use crate::stage::{SECRET, Stage};

#[tokio::test]
async fn a_process_that_takes_hooks_is_healthy_and_ready() {
    let stage = Stage::new();
    assert_eq!(stage.get("/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(stage.get("/readyz").await, (200, "ready\n".to_owned()));
}

#[tokio::test]
async fn metrics_count_messages_by_their_answers_and_what_the_store_holds() {
    let stage = Stage::new();
    let _counted = metrics::set_default_local_recorder(&stage.recorder);
    stage.post("/hooks/bitrix24/main", format!("{SECRET} 7 8")).await;
    stage.post("/hooks/bitrix24/main", "wrong 7").await;
    let (status, metrics) = stage.get("/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "obmen_hooks_total{pair=\"main\",side=\"bitrix24\",status=\"200\"} 1",
        "obmen_hooks_total{pair=\"main\",side=\"bitrix24\",status=\"403\"} 1",
        "obmen_dirty_rows{pair=\"main\",reason=\"signal\"} 2",
        "obmen_dirty_rows{pair=\"main\",reason=\"retry\"} 0",
        "obmen_open_writes{pair=\"main\"} 0",
        "obmen_overdue_seconds{pair=\"main\"} 0",
        "obmen_silence_seconds{pair=\"main\",side=\"bitrix24\"} 0",
        "obmen_silence_seconds{pair=\"main\",side=\"onec\"} 60",
    ] {
        assert!(metrics.lines().any(|told| told == line), "{line} in {metrics}");
    }
    assert!(!metrics.contains(SECRET));
}
