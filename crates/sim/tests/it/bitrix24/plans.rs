//! What the owner of a portal pays for, and the states in which it refuses.

use obmen_sim::bitrix24::{Settings, State, Tariff};
use obmen_sim::http::Request;
use obmen_sim::world::World;
use serde_json::{Value, json};

use super::oauth::{call_as, install};
use super::{Bench, body};

fn act(bench: &mut Bench, action: &Value) -> Value {
    bench.portal.act(bench.now, action).unwrap()
}

/// A portal with this tariff and its limits.
pub(super) fn portal_of(tariff: Tariff) -> Bench {
    let mut settings = Settings::default();
    tariff.set_limits(&mut settings);
    Bench::with(settings)
}

/// How many of so many requests within one moment are let through.
fn admitted(bench: &mut Bench, requests: u32) -> usize {
    let request = Request {
        method: "POST".to_owned(),
        target: format!("{}profile", bench.portal.settings().path()),
        headers: Vec::new(),
        body: Vec::new(),
    };
    (0..requests).filter(|_| bench.portal.handle(bench.now, &request).status == 200).count()
}

#[test]
fn a_portal_without_a_paid_plan_refuses_every_call_until_it_is_paid() {
    let mut bench = portal_of(Tariff::Free);
    let (status, error, text) = bench.fail("profile", json!({}));
    assert_eq!((status, error), (403, json!("ACCESS_DENIED")));
    assert!(text.contains("by subscription"), "{text}");
    let token = install(&mut bench, "app.1")["access_token"].clone();
    let (status, refused) = call_as(&mut bench, &token, "profile", json!({}));
    assert_eq!((status, &refused["error"]), (403, &json!("ACCESS_DENIED")));
    assert!(refused["error_description"].as_str().unwrap().contains("commercial plans"), "{refused}");
    let batch = json!({ "cmd": { "a": "crm.contact.add?fields[NAME]=A" } });
    assert_eq!(bench.fail("batch", batch).1, "ACCESS_DENIED");
    act(&mut bench, &json!({ "do": "portal", "tariff": "basic" }));
    assert_eq!(bench.envelope("crm.contact.list", json!({}))["total"], 0, "nothing was executed");
}

#[test]
fn the_tariff_says_how_large_the_bucket_is_and_how_fast_it_drains() {
    for (tariff, size, drained) in [(Tariff::Professional, 50, 20), (Tariff::Enterprise, 250, 50)] {
        let mut bench = portal_of(tariff);
        assert_eq!(admitted(&mut bench, 300), size, "{tariff:?}");
        bench.pass(10);
        assert_eq!(admitted(&mut bench, 300), drained, "{tariff:?} in ten seconds");
    }
    let mut running = Bench::new();
    act(&mut running, &json!({ "do": "portal", "tariff": "enterprise" }));
    assert_eq!(admitted(&mut running, 300), 250, "a portal changes its tariff while it runs");
}

#[test]
fn a_portal_on_the_customer_s_own_server_has_neither_bucket_nor_execution_time() {
    let mut bench = portal_of(Tariff::Box);
    assert_eq!(admitted(&mut bench, 2000), 2000);
    for _ in 0..10 {
        let cmd: Vec<String> = (0..50).map(|_| "crm.contact.add?fields[NAME]=A".to_owned()).collect();
        let result = bench.call("batch", json!({ "cmd": cmd }));
        assert_eq!(result["result_error"], json!([]));
    }
    let mut cloud = Bench::with(Settings { execution_seconds: 100.0, ..Settings::default() });
    let cmd: Vec<String> = (0..50).map(|_| "crm.contact.add?fields[NAME]=A".to_owned()).collect();
    let refused =
        (0..10).filter(|_| cloud.call("batch", json!({ "cmd": cmd }))["result_error"] != json!([])).count();
    assert!(refused > 0, "five hundred adds are 125 seconds in the cloud");
    let feature = bench.call("feature.get", json!({ "CODE": "rest_auth_connector" }));
    assert_eq!(feature["value"], "ru_selfhosted");
}

#[test]
fn features_are_told_by_tariff() {
    for (tariff, expected) in [(Tariff::Basic, "N"), (Tariff::Professional, "Y"), (Tariff::Enterprise, "Y")] {
        let mut bench = portal_of(tariff);
        for code in ["rest_offline_extended", "rest_auth_connector"] {
            assert_eq!(bench.call("feature.get", json!({ "CODE": code }))["value"], expected, "{tariff:?}");
        }
        let token = install(&mut bench, "app.1")["access_token"].clone();
        let licence = call_as(&mut bench, &token, "app.info", json!({})).1["result"]["LICENSE"].clone();
        assert!(licence.as_str().unwrap().starts_with("ru_"), "{licence}");
    }
    assert_eq!(Bench::new().fail("feature.get", json!({})).1, "CODE_EMPTY");
}

#[test]
fn each_state_of_a_portal_refuses_with_its_own_status_and_code() {
    let table = [
        ("overloaded", 503, "OVERLOAD_LIMIT"),
        ("payment-required", 401, "PAYMENT_REQUIRED"),
        ("confirm-waiting", 401, "METHOD_CONFIRM_WAITING"),
        ("confirm-denied", 403, "METHOD_CONFIRM_DENIED"),
        ("user-without-access", 403, "user_access_error"),
        ("failing", 500, "INTERNAL_SERVER_ERROR"),
        ("unreadable", 500, "ERROR_UNEXPECTED_ANSWER"),
        ("https-required", 400, "INVALID_REQUEST"),
        ("deleted", 500, "PORTAL_DELETED"),
    ];
    for (state, status, code) in table {
        let mut bench = Bench::new();
        act(&mut bench, &json!({ "do": "portal", "state": state }));
        let token = install(&mut bench, "app.1")["access_token"].clone();
        let add = json!({ "fields": { "NAME": "A" } });
        let (told, error, _) = bench.fail("crm.contact.add", add.clone());
        assert_eq!((told, error), (status, json!(code)), "{state}");
        let (told, refused) = call_as(&mut bench, &token, "crm.contact.add", add);
        assert_eq!((told, &refused["error"]), (status, &json!(code)), "{state} for an application");
        act(&mut bench, &json!({ "do": "portal", "state": "working" }));
        assert_eq!(
            bench.envelope("crm.contact.list", json!({}))["total"],
            0,
            "{state}: nothing was executed"
        );
    }
    let mut bench = Bench::new();
    assert!(bench.portal.act(bench.now, &json!({ "do": "portal", "state": "asleep" })).is_err());
    let state = "overloaded".parse::<State>().unwrap();
    assert_eq!(Bench::with(Settings { state, ..Settings::default() }).fail("profile", json!({})).0, 503);
}

#[test]
fn a_confirmation_is_asked_for_the_methods_that_need_it() {
    let mut bench = Bench::new();
    let waiting = json!({ "do": "portal", "state": "confirm-waiting", "methods": ["crm.contact.add"] });
    act(&mut bench, &waiting);
    let cmd = json!({ "a": "crm.contact.add?fields[NAME]=A", "b": "crm.contact.list" });
    let result = bench.call("batch", json!({ "cmd": cmd }));
    assert_eq!(result["result_error"]["a"]["error"], "METHOD_CONFIRM_WAITING");
    assert_eq!(result["result_total"]["b"], 0);
}

#[test]
fn a_dismissed_user_and_one_from_outside_are_refused() {
    for (fields, status, code) in [
        (json!({ "ACTIVE": false }), 401, "authorization_error"),
        (json!({ "USER_TYPE": "extranet" }), 403, "allowed_only_intranet_user"),
    ] {
        let mut bench = Bench::new();
        let mut user = fields;
        user["entity"] = json!("user");
        user["ID"] = json!("1");
        bench.load(user);
        let (told, error, _) = bench.fail("profile", json!({}));
        assert_eq!((told, error), (status, json!(code)));
    }
}

#[test]
fn a_webhook_gets_another_secret_and_owner_by_an_edit_and_may_end() {
    let mut bench = Bench::new();
    act(&mut bench, &json!({ "do": "webhook", "user": 2, "secret": "new" }));
    let old = bench.send("GET", "/rest/1/secret/profile", "", b"");
    assert_eq!((old.status, &body(&old)["error"]), (403, &json!("INVALID_CREDENTIALS")));
    assert_eq!(bench.call("profile", json!({}))["ID"], "2");
    act(&mut bench, &json!({ "do": "webhook", "expires": "2026-09-21T11:00:00+03:00" }));
    assert_eq!(bench.call("profile", json!({}))["ID"], "2", "an hour is left");
    bench.pass(3600);
    assert_eq!(bench.fail("profile", json!({})).1, "INVALID_CREDENTIALS");
}
