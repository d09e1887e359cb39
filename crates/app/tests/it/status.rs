//! `obmen status`: what waits, how far the limits of the portal are used up, and how soon a change is found.

use serde_json::{Value, json};

use crate::bench::Bench;
use crate::served::Serving;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_tells_what_waits_what_is_used_up_and_by_whom_and_how_soon_a_change_is_found() {
    let bench = Bench::with_people(6, 2).await.paced();
    bench.run_json(&["setup"]).await;
    Serving { listens: false, poll_bitrix24: 20, poll_onec: 30 }.prepare(&bench);
    bench.run_json(&["sync", "--limit", "1"]).await;
    others_use_the_portal(&bench);

    let (_, status) = bench.run_json(&["status"]).await;
    let dirty = status["dirty"].as_object().unwrap().values().filter_map(Value::as_u64).sum::<u64>();
    assert!(
        dirty > 0 && status["lag_seconds"].as_f64() > Some(0.0),
        "what the limit cut off waits: {status}"
    );
    let methods = status["limits"]["methods"].as_array().unwrap();
    let list = methods.iter().find(|method| method["method"] == "crm.contact.list").unwrap();
    assert!(
        list["used"].as_f64() > list["by_others"].as_f64() && list["left"].as_f64() > Some(0.0),
        "{list}"
    );
    assert_eq!((&list["by_others"], &status["limits"]["seconds"]), (&json!(7.0), &json!(480.0)));
    assert_eq!(
        status["found_within_seconds"],
        json!({"bitrix24_changed": 20, "onec_changed": 30, "bitrix24_gone": 600, "other": 24 * 60 * 60})
    );

    let told = bench.run(&["status"]).await.stdout;
    for line in [
        "To be looked at: read",
        "Longest wait of what is due",
        "Limits of the portal",
        "Bucket full, others use it too",
        "crm.contact.list, seconds of work",
        "crm.contact.list, counted beyond our own calls",
        "New or changed in Bitrix24",
        "New, changed or gone in 1C",
        "Gone from Bitrix24",
        "Companies joined with people",
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }
}

/// Other applications have used up seven seconds of a method, and filled the bucket.
fn others_use_the_portal(bench: &Bench) {
    const KEPT: &str = "limits/bitrix24";
    let store = rusqlite::Connection::open(bench.folder().join("obmen.db")).unwrap();
    let kept: String =
        store.query_row("select value from text where name = ?1", [KEPT], |row| row.get(0)).unwrap();
    let mut state: Value = serde_json::from_str(&kept).unwrap();
    let later = "2099-01-01T00:00:00Z";
    state["blocked_until"] = json!(later);
    let spent = state["methods"]["crm.contact.list"]["spent"].as_array_mut().unwrap();
    spent.push(json!({"until": later, "seconds": 7.0, "by_others": true}));
    let changed = store.execute("update text set value = ?2 where name = ?1", [KEPT, &state.to_string()]);
    assert_eq!(changed.unwrap(), 1);
}
