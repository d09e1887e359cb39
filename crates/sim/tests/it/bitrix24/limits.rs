//! The bucket, the execution time, the costs.

use obmen_sim::bitrix24::Settings;
use obmen_sim::http::Request;
use obmen_sim::world::World;
use serde_json::json;

use super::oauth::{call_as, install};
use super::{Bench, body};

#[test]
fn a_full_bucket_refuses_without_executing() {
    let mut bench = Bench::new();
    let request = Request {
        method: "POST".to_owned(),
        target: "/rest/1/secret/crm.contact.add?fields[NAME]=A".to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    for _ in 0..50 {
        assert_eq!(bench.portal.handle(bench.now, &request).status, 200);
    }
    let refused = bench.portal.handle(bench.now, &request);
    assert_eq!(refused.status, 503);
    assert_eq!(
        body(&refused),
        json!({ "error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests" })
    );
    assert_eq!(bench.portal.counters()["limited_503"], 1);
    assert_eq!(bench.envelope("crm.contact.list", json!({}))["total"], 50);
}

#[test]
fn a_method_without_execution_time_is_blocked_alone_until_its_bucket_drops_out() {
    let mut bench = Bench::with(Settings { execution_seconds: 0.3, ..Settings::default() });
    bench.contact(json!({ "NAME": "A" }));
    let crossing = bench.envelope("crm.contact.add", json!({ "fields": { "NAME": "B" } }));
    assert_eq!(crossing["time"]["operating"], 0.5, "the crossing call succeeds");
    let (status, error, _) = bench.fail("crm.contact.add", json!({ "fields": { "NAME": "C" } }));
    assert_eq!((status, error), (429, json!("OPERATION_TIME_LIMIT")));
    assert_eq!(bench.envelope("crm.contact.list", json!({}))["total"], 2);
    let reset_at = crossing["time"]["operating_reset_at"].as_i64().unwrap();
    let wait = reset_at - bench.now.as_second() - 1;
    bench.pass(wait);
    assert_eq!(bench.contact(json!({ "NAME": "D" })), 3);
}

#[test]
fn calls_cost_what_is_agreed() {
    let mut bench = Bench::new();
    bench.company("A");
    bench.contact(json!({ "NAME": "A" }));
    let table = [
        ("crm.contact.list", json!({}), 80),
        ("crm.item.list", json!({ "entityTypeId": 3 }), 80),
        ("crm.contact.get", json!({ "id": 1 }), 20),
        ("crm.contact.fields", json!({}), 20),
        ("crm.contact.company.items.set", json!({ "id": 1, "items": [] }), 100),
        ("crm.contact.update", json!({ "id": 1, "fields": {} }), 200),
        ("crm.item.update", json!({ "entityTypeId": 3, "id": 1, "fields": {} }), 200),
        ("crm.duplicate.findbycomm", json!({ "type": "PHONE", "values": ["1"] }), 30),
        ("crm.item.import", json!({ "entityTypeId": 3, "fields": { "name": "B" } }), 250),
        (
            "crm.item.batchImport",
            json!({ "entityTypeId": 3, "data": [{ "name": "C" }, { "name": "D" }] }),
            500,
        ),
        ("crm.contact.delete", json!({ "id": 1 }), 300),
        ("profile", json!({}), 20),
    ];
    for (method, params, milliseconds) in table {
        let response = bench.post(method, &params);
        assert_eq!(response.status, 200, "{method}");
        assert_eq!(response.took.as_millis(), milliseconds, "{method}");
    }
}

#[test]
fn execution_time_is_counted_for_each_application_and_for_the_webhook_apart() {
    let mut bench = Bench::with(Settings { execution_seconds: 0.3, ..Settings::default() });
    let add = json!({ "fields": { "NAME": "A" } });
    let tokens = ["app.1", "app.2"].map(|client| install(&mut bench, client)["access_token"].clone());
    for _ in 0..2 {
        assert_eq!(bench.post("crm.contact.add", &add).status, 200);
    }
    assert_eq!(bench.fail("crm.contact.add", add.clone()).0, 429);
    let (status, first) = call_as(&mut bench, &tokens[0], "crm.contact.add", add.clone());
    assert_eq!((status, &first["time"]["operating"]), (200, &json!(0.25)), "an account of its own");
    assert_eq!(call_as(&mut bench, &tokens[0], "crm.contact.add", add.clone()).0, 200);
    assert_eq!(
        call_as(&mut bench, &tokens[0], "crm.contact.add", add.clone()).1["error"],
        "OPERATION_TIME_LIMIT"
    );
    assert_eq!(call_as(&mut bench, &tokens[1], "crm.contact.add", add).0, 200);
}

#[test]
fn all_applications_and_the_webhook_share_one_bucket() {
    let mut bench = Bench::new();
    let token = install(&mut bench, "app.1")["access_token"].clone();
    let now = bench.now;
    let mut status = |target: String| {
        let request = Request { method: "GET".to_owned(), target, headers: Vec::new(), body: Vec::new() };
        bench.portal.handle(now, &request).status
    };
    for _ in 0..25 {
        assert_eq!(status("/rest/1/secret/profile".to_owned()), 200);
        assert_eq!(status(format!("/rest/profile?auth={}", token.as_str().unwrap())), 200);
    }
    assert_eq!(status("/rest/1/secret/profile".to_owned()), 503);
    assert_eq!(status(format!("/rest/profile?auth={}", token.as_str().unwrap())), 503);
}

#[test]
fn ten_slices_of_a_minute_drop_out_one_by_one_so_a_second_wait_can_be_needed() {
    let mut bench = Bench::with(Settings { execution_seconds: 0.4, ..Settings::default() });
    bench.contact(json!({ "NAME": "A" }));
    bench.pass(120);
    bench.contact(json!({ "NAME": "B" }));
    let crossing = bench.post("crm.contact.add", &json!({ "fields": { "NAME": "C" } }));
    assert_eq!(crossing.status, 429, "half a second is spent");
    let envelope = bench.envelope("crm.contact.list", json!({}));
    assert_eq!(envelope["time"]["operating"], 0.08, "another method, another account");
    bench.pass(600 - 125);
    assert_eq!(bench.post("crm.contact.add", &json!({ "fields": { "NAME": "D" } })).status, 429);
    bench.pass(5);
    assert_eq!(bench.post("crm.contact.add", &json!({ "fields": { "NAME": "E" } })).status, 200);
    assert_eq!(
        bench.post("crm.contact.add", &json!({ "fields": { "NAME": "F" } })).status,
        429,
        "the second slice is still there"
    );
}
