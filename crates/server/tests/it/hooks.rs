//! What is kept of a message, and what is answered.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use futures_util::FutureExt as _;
use obmen_domain::record::Side;
use obmen_engine::store::DirtyReason;

use crate::stage::{OFFERED, RING, SECRET, SETTLE, Stage, now};

const HOOK: &str = "/hooks/bitrix24/main";

#[tokio::test]
async fn a_signal_is_in_the_store_when_it_is_answered_and_the_exchange_is_woken() {
    let stage = Stage::new();
    assert_eq!(stage.post(HOOK, format!("{SECRET} 7")).await, 200);
    let rows = stage.rows().await;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].id.id.as_str(), rows[0].reason, rows[0].due),
        ("7", DirtyReason::Signal, now() + SETTLE)
    );
    assert!(stage.bell.rung().now_or_never().is_some());
    assert!(stage.bell.rung().now_or_never().is_none(), "rung once");
}

#[tokio::test]
async fn a_key_that_is_offered_is_kept_where_one_is_wanted_and_the_side_is_asked() {
    let stage = Stage::new();
    assert_eq!(stage.post(HOOK, "stranger key:1").await, 200, "whoever offers it: it has to prove itself");
    assert_eq!(stage.store.recall(OFFERED).await.unwrap().as_deref(), Some("key:1"));
    assert!(stage.bell.rung_for(Side::Bitrix24).now_or_never().is_some());
    assert_eq!(stage.rows().await.len(), 0);
    assert_eq!(stage.post("/hooks/onec/main", "stranger key:2").await, 403);
    assert_eq!(stage.store.recall(OFFERED).await.unwrap().as_deref(), Some("key:1"));
}

#[tokio::test]
async fn a_queue_that_rings_is_asked_at_once_and_a_stranger_rings_in_vain() {
    let stage = Stage::new();
    let queue = format!("{HOOK}/queue/");
    for stranger in ["", "x", "glock", "glocke2"] {
        assert!([403, 404].contains(&stage.post(&format!("{queue}{stranger}"), "").await), "{stranger}");
    }
    assert_eq!(stage.post(&format!("/hooks/bitrix24/other/queue/{RING}"), "").await, 404);
    assert!(stage.bell.rung_for(Side::Bitrix24).now_or_never().is_none());
    assert_eq!(stage.post(&format!("{queue}{RING}"), "event=ONOFFLINEEVENT&data=").await, 200);
    assert!(stage.bell.rung_for(Side::Bitrix24).now_or_never().is_some());
    assert!(stage.rows().await.is_empty(), "what changed is asked for");
}

#[tokio::test]
async fn many_signals_of_one_record_are_one_row() {
    let stage = Stage::new();
    for _ in 0..5 {
        assert_eq!(stage.post(HOOK, format!("{SECRET} 7 8")).await, 200);
    }
    let rows = stage.rows().await;
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.generation > 2), "each signal moves the row on: {rows:?}");
}

#[tokio::test]
async fn what_names_no_record_wakes_whoever_asks_the_side() {
    let stage = Stage::new();
    assert_eq!(stage.post(HOOK, format!("{SECRET} ?")).await, 200);
    assert!(stage.bell.rung_for(Side::Bitrix24).now_or_never().is_some());
    assert!(stage.bell.rung_for(Side::Onec).now_or_never().is_none());
    assert!(stage.bell.rung().now_or_never().is_none());
    assert!(stage.rows().await.is_empty());
}

#[tokio::test]
async fn strangers_nonsense_and_unknown_pairs_leave_nothing() {
    let stage = Stage::new();
    for (path, body, expected) in [
        (HOOK, "geheim2 7", 403),
        (HOOK, "gehei 7", 403),
        (HOOK, "geheim2 ?", 403),
        (HOOK, "", 400),
        ("/hooks/bitrix24/other", "geheim 7", 404),
        ("/hooks/onec/main", "geheim 7", 403),
        ("/hooks/amocrm/main", "geheim 7", 404),
    ] {
        assert_eq!(stage.post(path, body).await, expected, "{path} {body}");
    }
    assert_eq!(stage.post(HOOK, vec![b' '; 300 << 10]).await, 413);
    assert_eq!(stage.get(HOOK).await.0, 405);
    assert!(stage.rows().await.is_empty());
    assert!(stage.bell.rung().now_or_never().is_none());
    assert!(stage.bell.rung_for(Side::Bitrix24).now_or_never().is_none());
}

#[tokio::test]
async fn a_secret_may_stand_in_the_header() {
    let stage = Stage::new();
    let request = |secret: &str| {
        Request::post(HOOK).header("X-Obmen-Secret", secret).body(Body::from("nothing 7")).unwrap()
    };
    assert_eq!(stage.send(request("wrong")).await.0, 403);
    assert_eq!(stage.send(request(SECRET)).await.0, 200);
    assert_eq!(stage.rows().await.len(), 1);
}

#[tokio::test]
async fn what_the_store_does_not_keep_is_not_answered_with_yes() {
    let stage = Stage::new();
    assert_eq!(stage.post(HOOK, format!("{SECRET} 7")).await, 200);
    stage.break_store();
    assert_eq!(stage.post(HOOK, format!("{SECRET} 8")).await, 503);
    assert_eq!(stage.rows().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_does_not_arrive_is_not_waited_for() {
    let stage = Stage::new();
    let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let posted = tokio::time::timeout(Duration::from_secs(60), stage.post(HOOK, never));
    assert_eq!(posted.await, Ok(408));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signals_that_come_at_once_share_their_commits_and_all_are_kept() {
    let stage = std::sync::Arc::new(Stage::new());
    let posts = (1..=500_u32).map(|id| {
        let stage = std::sync::Arc::clone(&stage);
        tokio::spawn(async move { stage.post(HOOK, format!("{SECRET} {id}")).await })
    });
    for post in posts.collect::<Vec<_>>() {
        assert_eq!(post.await.unwrap(), 200);
    }
    let all =
        stage.store.dirty(obmen_domain::record::Kind::Contact, now() + SETTLE, None, 1000).await.unwrap();
    assert_eq!(all.len(), 500);
}
