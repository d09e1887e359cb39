//! Applications as listeners: their installation, `event.bind`, `event.unbind`, `event.get`, `event.test`.

use obmen_sim::world::World;
use serde_json::{Value, json};

use super::Bench;
use super::events::{URL, due, field, pair};
use super::oauth::{call_as, install};

fn act(bench: &mut Bench, action: &Value) -> Value {
    bench.portal.act(bench.now, action).unwrap()
}

/// A token of an installed application on behalf of another user than the administrator.
fn token_of(bench: &mut Bench, user: u64) -> Value {
    let code = act(bench, &json!({ "do": "authorize", "client_id": "app.1", "user": user }));
    let query = format!("grant_type=authorization_code&code={}", code["code"].as_str().unwrap());
    let target = format!("/oauth/token/?client_id=app.1&client_secret=s&{query}");
    let response = bench.send("GET", &target, "", b"");
    super::body(&response)["access_token"].clone()
}

fn bind(bench: &mut Bench, token: &Value, params: Value) -> (u16, Value) {
    call_as(bench, token, "event.bind", params)
}

fn handlers(bench: &mut Bench, token: &Value) -> Value {
    call_as(bench, token, "event.get", json!({})).1["result"].clone()
}

#[test]
fn the_first_tokens_come_with_the_installation() {
    let mut bench = Bench::new();
    let action = json!({ "do": "install", "client_id": "app.1", "client_secret": "s", "handler": URL });
    let installed = act(&mut bench, &action);
    let deliveries = bench.portal.take_deliveries(bench.now);
    let [delivery] = deliveries.as_slice() else { panic!("{deliveries:?}") };
    let told = |key: &str| json!(field(delivery, key).unwrap());
    assert_eq!((delivery.url.as_str(), told("event")), (URL, json!("ONAPPINSTALL")));
    for (key, value) in [("VERSION", "1"), ("ACTIVE", "Y"), ("INSTALLED", "Y"), ("LANGUAGE_ID", "ru")] {
        assert_eq!(told(&format!("data[{key}]")), value, "{key}");
    }
    for key in ["access_token", "refresh_token", "application_token", "member_id", "domain"] {
        assert_eq!(told(&format!("auth[{key}]")), installed[key], "{key}");
    }
    assert_eq!((told("auth[status]"), told("auth[expires_in]")), (json!("L"), json!("3600")));
    assert_eq!(told("auth[scope]"), "crm,user");
    assert_eq!(told("auth[client_endpoint]"), "https://demo.bitrix24.ru/rest/");
    let access = told("auth[access_token]");
    assert_eq!(call_as(&mut bench, &access, "profile", json!({})).0, 200, "the token can be proven");
}

#[test]
fn handlers_vanish_when_their_application_is_deleted_or_installed_anew() {
    for again in [false, true] {
        let mut bench = Bench::new();
        let token = install(&mut bench, "app.1")["access_token"].clone();
        bind(&mut bench, &token, json!({ "event": "ONCRMCONTACTADD", "handler": URL }));
        let offline = json!({ "event": "ONCRMCONTACTADD", "event_type": "offline" });
        bind(&mut bench, &token, offline);
        if again {
            let token = install(&mut bench, "app.1")["access_token"].clone();
            assert_eq!(handlers(&mut bench, &token), json!([]));
        } else {
            act(&mut bench, &json!({ "do": "uninstall", "client_id": "app.1" }));
        }
        bench.contact(json!({ "NAME": "A" }));
        assert_eq!(due(&mut bench), []);
    }
}

#[test]
fn an_application_with_an_interface_hears_nothing_before_its_installation_is_finished() {
    let mut bench = Bench::new();
    let action = json!({ "do": "install", "client_id": "app.1", "client_secret": "s", "interface": true });
    let token = act(&mut bench, &action)["access_token"].clone();
    let bound = bind(&mut bench, &token, json!({ "event": "ONCRMCONTACTADD", "handler": URL }));
    assert_eq!(bound.1["result"], true, "binding looks as if all were well");
    assert_eq!(call_as(&mut bench, &token, "app.info", json!({})).1["result"]["INSTALLED"], false);
    bench.contact(json!({ "NAME": "A" }));
    assert_eq!(due(&mut bench), []);
    act(&mut bench, &json!({ "do": "finish-install", "client_id": "app.1" }));
    assert_eq!(call_as(&mut bench, &token, "app.info", json!({})).1["result"]["INSTALLED"], true);
    bench.contact(json!({ "NAME": "B" }));
    assert_eq!(due(&mut bench), [pair("ONCRMCONTACTADD", "2")], "what was told before is lost");
}

#[test]
fn an_event_brings_an_application_a_token_of_whoever_caused_it_or_of_the_user_it_named() {
    let mut bench = Bench::new();
    let token = install(&mut bench, "app.1")["access_token"].clone();
    bind(&mut bench, &token, json!({ "event": "ONCRMCONTACTADD", "handler": URL }));
    bind(&mut bench, &token, json!({ "event": "ONCRMCONTACTADD", "handler": URL, "auth_type": 5 }));
    let create = json!({ "do": "create", "entity": "contact", "user": "3", "fields": { "NAME": "A" } });
    act(&mut bench, &create);
    let deliveries = bench.portal.take_deliveries(bench.now);
    let owners: Vec<Value> = deliveries
        .iter()
        .map(|delivery| {
            assert_eq!(field(delivery, "auth[expires_in]").unwrap(), "3600");
            assert_eq!(field(delivery, "auth[scope]").unwrap(), "crm,user");
            assert_eq!(field(delivery, "auth[status]").unwrap(), "L");
            assert_eq!(field(delivery, "auth[refresh_token]"), None);
            let access = json!(field(delivery, "auth[access_token]").unwrap());
            call_as(&mut bench, &access, "profile", json!({})).1["result"].clone()
        })
        .collect();
    assert_eq!((&owners[0]["ID"], &owners[0]["ADMIN"]), (&json!("3"), &json!(false)));
    assert_eq!(owners[1]["ID"], "5");
}

#[test]
fn what_a_robot_did_is_told_without_tokens() {
    let mut bench = Bench::new();
    let token = install(&mut bench, "app.1")["access_token"].clone();
    bind(&mut bench, &token, json!({ "event": "ONCRMCONTACTADD", "handler": URL }));
    let create = json!({ "do": "create", "entity": "contact", "robot": true, "fields": { "NAME": "A" } });
    act(&mut bench, &create);
    let deliveries = bench.portal.take_deliveries(bench.now);
    let [delivery] = deliveries.as_slice() else { panic!("{deliveries:?}") };
    assert_eq!(field(delivery, "auth[access_token]"), None);
    assert!(field(delivery, "auth[application_token]").is_some());
}

#[test]
fn an_application_hears_of_its_own_changes() {
    let mut bench = Bench::new();
    let token = install(&mut bench, "app.1")["access_token"].clone();
    bind(&mut bench, &token, json!({ "event": "ONCRMCONTACTADD", "handler": URL, "auth_connector": "1c" }));
    let add = json!({ "fields": { "NAME": "A" }, "auth_connector": "1c" });
    call_as(&mut bench, &token, "crm.contact.add", add);
    assert_eq!(due(&mut bench), [pair("ONCRMCONTACTADD", "1")], "nothing suppresses an online event");
    assert_eq!(bench.get(1)["MODIFY_BY_ID"], "1", "its user is told from other people by this alone");
}

#[test]
fn calls_by_tokens_out_of_events_fall_silent_after_seven_hops_and_a_webhook_never_does() {
    let mut bench = Bench::new();
    let mut token = install(&mut bench, "app.1")["access_token"].clone();
    bench.contact(json!({ "NAME": "A" }));
    bind(&mut bench, &token, json!({ "event": "ONCRMCONTACTUPDATE", "handler": URL }));
    let update = json!({ "id": 1, "fields": { "POST": "x" } });
    let mut hops = 0;
    loop {
        call_as(&mut bench, &token, "crm.contact.update", update.clone());
        let deliveries = bench.portal.take_deliveries(bench.now);
        let Some(delivery) = deliveries.first() else { break };
        token = json!(field(delivery, "auth[access_token]").unwrap());
        hops += 1;
        assert!(hops < 20, "the circle ends");
    }
    assert_eq!(hops, 7);
    for _ in 0..10 {
        bench.call("crm.contact.update", update.clone());
        assert_eq!(due(&mut bench).len(), 1);
    }
}

#[test]
fn addresses_and_names_of_events_are_checked_at_the_binding() {
    let mut bench = Bench::new();
    let token = install(&mut bench, "app.1")["access_token"].clone();
    let table = [
        (json!({ "event": "ONNOTHING", "handler": URL }), "ERROR_EVENT_NOT_FOUND"),
        (json!({ "event": "ONCRMCONTACTADD", "handler": "ftp://example.ru/" }), "ERROR_UNSUPPORTED_PROTOCOL"),
        (
            json!({ "event": "ONCRMCONTACTADD", "handler": "https://intranet/hook" }),
            "ERROR_WRONG_HANDLER_URL",
        ),
        (json!({ "event": "ONCRMCONTACTADD" }), "ERROR_ARGUMENT"),
    ];
    for (params, code) in table {
        let (status, refused) = bind(&mut bench, &token, params);
        assert_eq!((status, &refused["error"]), (400, &json!(code)));
    }
    let good = json!({ "event": "onCrmContactAdd", "handler": "https://example.ru/hook" });
    assert_eq!(bind(&mut bench, &token, good).1["result"], true);
    assert_eq!(
        handlers(&mut bench, &token)[0]["event"],
        "ONCRMCONTACTADD",
        "capitals, however it was written"
    );
}

#[test]
fn unbinding_takes_away_what_all_named_parameters_match() {
    let mut bench = Bench::new();
    let token = install(&mut bench, "app.1")["access_token"].clone();
    let other = "http://127.0.0.1:9/other";
    let bindings = [
        json!({ "event": "ONCRMCONTACTADD", "handler": URL }),
        json!({ "event": "ONCRMCONTACTADD", "handler": URL, "auth_type": 5 }),
        json!({ "event": "ONCRMCONTACTADD", "handler": other }),
        json!({ "event": "ONCRMCOMPANYADD", "handler": URL }),
        json!({ "event": "ONCRMCONTACTADD", "event_type": "offline" }),
    ];
    let table = [
        (json!({ "event": "ONCRMCONTACTADD", "handler": URL, "auth_type": 5 }), 1),
        (json!({ "event": "ONCRMCONTACTADD", "handler": URL, "auth_type": 0 }), 1),
        (json!({ "event": "ONCRMCONTACTADD", "handler": URL }), 2),
        (json!({ "handler": URL }), 3),
        (json!({ "event": "ONCRMCONTACTADD", "event_type": "online" }), 3),
        (json!({ "event": "ONCRMCONTACTADD", "event_type": "offline" }), 1),
        (json!({ "event": "ONCRMCONTACTADD" }), 4),
        (json!({}), 5),
    ];
    for (params, count) in table {
        for binding in &bindings {
            bind(&mut bench, &token, binding.clone());
        }
        let unbound = call_as(&mut bench, &token, "event.unbind", params.clone()).1;
        assert_eq!(unbound["result"], json!({ "count": count }), "{params}");
    }
}

#[test]
fn an_employee_binds_and_sees_own_handlers_only_and_has_no_queue() {
    let mut bench = Bench::new();
    let admin = install(&mut bench, "app.1")["access_token"].clone();
    bind(&mut bench, &admin, json!({ "event": "ONCRMCOMPANYADD", "handler": URL }));
    let employee = token_of(&mut bench, 3);
    let event = |more: Value| {
        let mut params = json!({ "event": "ONCRMCONTACTADD", "handler": URL });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    assert_eq!(bind(&mut bench, &employee, event(json!({}))).1["result"], true);
    let foreign = bind(&mut bench, &employee, event(json!({ "auth_type": 1 })));
    assert_eq!((foreign.0, &foreign.1["error"]), (403, &json!("ACCESS_DENIED")));
    let offline = bind(&mut bench, &employee, event(json!({ "event_type": "offline" })));
    assert_eq!((offline.0, &offline.1["error"]), (403, &json!("ACCESS_DENIED")));
    for method in ["event.offline.get", "event.offline.list"] {
        assert_eq!(call_as(&mut bench, &employee, method, json!({})).1["error"], "ACCESS_DENIED", "{method}");
    }
    let own = json!([{ "event": "ONCRMCONTACTADD", "handler": URL, "auth_type": "3", "offline": 0 }]);
    assert_eq!(handlers(&mut bench, &employee), own);
    assert_eq!(handlers(&mut bench, &admin).as_array().unwrap().len(), 2);
    assert_eq!(call_as(&mut bench, &employee, "event.unbind", json!({})).1["result"], json!({ "count": 1 }));
    assert_eq!(handlers(&mut bench, &admin).as_array().unwrap().len(), 1);
}

#[test]
fn events_are_listed_by_scope() {
    let mut bench = Bench::new();
    let token = install(&mut bench, "app.1")["access_token"].clone();
    let mut listed = |params: Value| {
        let names = call_as(&mut bench, &token, "events", params).1["result"].clone();
        names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = listed(json!({}));
    assert!(all.contains(&"ONAPPINSTALL".to_owned()) && all.contains(&"ONCRMADDRESSREGISTER".to_owned()));
    assert_eq!(listed(json!({ "FULL": true })), all);
    assert!(listed(json!({ "SCOPE": "crm" })).iter().all(|name| name.starts_with("ONCRM")));
    assert_eq!(listed(json!({ "SCOPE": "task" })), Vec::<String>::new());
}

#[test]
fn a_test_event_brings_back_what_was_sent() {
    let mut bench = Bench::new();
    let token = install(&mut bench, "app.1")["access_token"].clone();
    bind(&mut bench, &token, json!({ "event": "ONAPPTEST", "handler": URL }));
    let sent = json!({ "any": "data", "list": [1, 2] });
    assert_eq!(call_as(&mut bench, &token, "event.test", sent).1["result"], true);
    let deliveries = bench.portal.take_deliveries(bench.now);
    let [delivery] = deliveries.as_slice() else { panic!("{deliveries:?}") };
    assert_eq!(field(delivery, "event").unwrap(), "ONAPPTEST");
    assert_eq!(field(delivery, "data[QUERY][any]").unwrap(), "data");
    assert_eq!(field(delivery, "data[QUERY][list][1]").unwrap(), "2");
    assert!(!delivery.body.contains(token.as_str().unwrap()), "the caller's token stays out of the data");
}
