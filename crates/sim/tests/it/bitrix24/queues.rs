//! Offline queues of applications.

use obmen_sim::bitrix24::Tariff;
use obmen_sim::world::World;
use serde_json::{Value, json};

use super::Bench;
use super::events::{URL, field};
use super::oauth::{call_as, install};
use super::plans::portal_of;

/// An application with a queue of contact updates under the connector `1c`, and three contacts.
fn queue(bench: &mut Bench) -> Value {
    for name in ["A", "B", "C"] {
        bench.contact(json!({ "NAME": name }));
    }
    let token = install(bench, "app.1")["access_token"].clone();
    let offline = json!({ "event": "ONCRMCONTACTUPDATE", "event_type": "offline", "auth_connector": "1c" });
    assert_eq!(call_as(bench, &token, "event.bind", offline).0, 200);
    token
}

fn touch(bench: &mut Bench, id: u64) {
    bench.call("crm.contact.update", json!({ "id": id, "fields": { "POST": "x" } }));
}

fn read(bench: &mut Bench, token: &Value, params: Value) -> (Value, Vec<i64>) {
    let mut params = params;
    params["auth_connector"] = json!("1c");
    let answer = call_as(bench, token, "event.offline.get", params).1["result"].clone();
    let rows = answer["events"].as_array().unwrap().iter();
    let ids = rows.map(|row| row["EVENT_DATA"]["FIELDS"]["ID"].as_i64().unwrap()).collect();
    (answer["process_id"].clone(), ids)
}

fn listed(bench: &mut Bench, token: &Value, params: Value) -> Value {
    call_as(bench, token, "event.offline.list", params).1["result"].clone()
}

#[test]
fn a_queue_holds_one_row_for_each_record_and_reading_deletes_by_default() {
    let mut bench = Bench::new();
    let token = queue(&mut bench);
    for id in [1, 2, 1] {
        touch(&mut bench, id);
    }
    assert_eq!(
        read(&mut bench, &token, json!({})),
        (Value::Null, vec![2, 1]),
        "the timestamp of a row moves"
    );
    assert_eq!(read(&mut bench, &token, json!({})).1, Vec::<i64>::new());
}

#[test]
fn adding_changing_and_deleting_one_record_are_rows_of_their_own() {
    let mut bench = Bench::new();
    let token = install(&mut bench, "app.1")["access_token"].clone();
    for event in ["ONCRMCONTACTADD", "ONCRMCONTACTUPDATE", "ONCRMCONTACTDELETE"] {
        call_as(&mut bench, &token, "event.bind", json!({ "event": event, "event_type": "offline" }));
    }
    bench.contact(json!({ "NAME": "A" }));
    touch(&mut bench, 1);
    bench.call("crm.contact.delete", json!({ "id": 1 }));
    let rows = call_as(&mut bench, &token, "event.offline.get", json!({})).1["result"]["events"].clone();
    let of = |key: &str| rows.as_array().unwrap().iter().map(|row| row[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("EVENT_NAME"), ["ONCRMCONTACTADD", "ONCRMCONTACTUPDATE", "ONCRMCONTACTDELETE"]);
    assert_eq!(of("EVENT_DATA"), [1, 1, 1].map(|id| json!({ "FIELDS": { "ID": id } })));
    assert_eq!(of("EVENT_ADDITIONAL")[0], json!({ "user_id": "1" }));
    assert_eq!(of("TIMESTAMP_X")[0], "2026-09-21T10:00:04+03:00");
    let mut messages = of("MESSAGE_ID");
    assert!(messages.iter().all(|id| id.as_str().unwrap().len() == 32), "{messages:?}");
    messages.dedup();
    assert_eq!(messages.len(), 3);
}

#[test]
fn reserved_rows_wait_for_their_confirmation() {
    let mut bench = Bench::new();
    let token = queue(&mut bench);
    for id in [1, 2, 3] {
        touch(&mut bench, id);
    }
    let (process, first) = read(&mut bench, &token, json!({ "clear": 0, "limit": 2 }));
    assert_eq!((process.as_str().unwrap().len(), first), (32, vec![1, 2]));
    let (other, second) = read(&mut bench, &token, json!({ "clear": 0 }));
    assert_eq!(second, [3], "two readers get different rows");
    assert_eq!(
        read(&mut bench, &token, json!({ "process_id": process })).1,
        [1, 2],
        "read again after a crash"
    );
    touch(&mut bench, 1);
    let listed = call_as(&mut bench, &token, "event.offline.list", json!({})).1;
    assert_eq!(listed["total"], 4, "a change of a reserved row makes a new one");
    let message = listed["result"][0]["MESSAGE_ID"].clone();
    let failed = json!({ "process_id": process, "message_id": [message] });
    assert_eq!(call_as(&mut bench, &token, "event.offline.error", failed).1["result"], true);
    for process in [&process, &other] {
        call_as(&mut bench, &token, "event.offline.clear", json!({ "process_id": process }));
    }
    assert_eq!(read(&mut bench, &token, json!({ "clear": 0 })).1, [1], "the later change");
    assert_eq!(
        read(&mut bench, &token, json!({ "clear": 0, "error": 1 })).1,
        [1],
        "the failed row, when asked for"
    );
}

#[test]
fn a_failed_row_hides_no_later_change() {
    let mut bench = Bench::new();
    let token = queue(&mut bench);
    touch(&mut bench, 1);
    let (process, _) = read(&mut bench, &token, json!({ "clear": 0 }));
    let message = listed(&mut bench, &token, json!({}))[0]["MESSAGE_ID"].clone();
    let failed = json!({ "process_id": process, "message_id": [message] });
    call_as(&mut bench, &token, "event.offline.error", failed);
    assert_eq!(read(&mut bench, &token, json!({})).1, Vec::<i64>::new());
    touch(&mut bench, 1);
    assert_eq!(read(&mut bench, &token, json!({})).1, [1]);
}

#[test]
fn parts_of_a_reservation_are_confirmed_by_id_or_by_message_and_of_both_lists_the_ids_win() {
    let mut bench = Bench::new();
    let token = queue(&mut bench);
    for id in [1, 2, 3] {
        touch(&mut bench, id);
    }
    let (process, _) = read(&mut bench, &token, json!({ "clear": 0 }));
    let rows = listed(&mut bench, &token, json!({}));
    let clear = |bench: &mut Bench, ids: Value, messages: Value| {
        let params = json!({ "process_id": process, "id": ids, "message_id": messages });
        call_as(bench, &token, "event.offline.clear", params);
        let left = listed(bench, &token, json!({}));
        left.as_array().unwrap().iter().map(|row| row["ID"].clone()).collect::<Vec<_>>()
    };
    let (ids, message) = ([&rows[0]["ID"], &rows[1]["ID"], &rows[2]["ID"]], &rows[2]["MESSAGE_ID"]);
    assert_eq!(clear(&mut bench, json!([ids[0]]), json!([message])), [ids[1].clone(), ids[2].clone()]);
    assert_eq!(clear(&mut bench, json!([]), json!([message])), [ids[1].clone()]);
    assert_eq!(clear(&mut bench, json!([]), json!([])), Vec::<Value>::new(), "without a list all of them");
}

#[test]
fn rows_are_filtered_and_ordered_and_a_reading_may_ask_for_many() {
    let mut bench = Bench::new();
    let token = queue(&mut bench);
    for id in [3, 1, 2] {
        touch(&mut bench, id);
    }
    let moment = listed(&mut bench, &token, json!({}))[1]["TIMESTAMP_X"].clone();
    let record = |row: &Value| row["EVENT_DATA"]["FIELDS"]["ID"].as_i64().unwrap();
    let table = [
        (json!({ "filter": { ">ID": 1 } }), vec![1, 2]),
        (json!({ "filter": { ">=TIMESTAMP_X": moment }, "order": { "ID": "DESC" } }), vec![2, 1]),
        (json!({ "filter": { "<TIMESTAMP_X": moment } }), vec![3]),
        (json!({ "filter": { "=EVENT_NAME": "ONCRMCONTACTADD" } }), vec![]),
        (json!({ "order": { "TIMESTAMP_X": "DESC" } }), vec![2, 1, 3]),
    ];
    for (params, expected) in table {
        let rows = listed(&mut bench, &token, params.clone());
        assert_eq!(rows.as_array().unwrap().iter().map(record).collect::<Vec<_>>(), expected, "{params}");
    }
    let newest = json!({ "order": { "ID": "DESC" }, "limit": 1 });
    assert_eq!(read(&mut bench, &token, newest).1, [2]);
    for id in 10..80 {
        bench.load(json!({ "entity": "contact", "ID": id.to_string(), "NAME": "A" }));
        touch(&mut bench, id);
    }
    let all = json!({ "limit": 500, "clear": 0 });
    assert_eq!(read(&mut bench, &token, all).1.len(), 72, "more than a page, when asked for");
}

#[test]
fn a_reading_gives_fifty_rows_unless_asked_for_more() {
    let mut bench = Bench::new();
    let token = queue(&mut bench);
    for id in 10..70 {
        bench.load(json!({ "entity": "contact", "ID": id.to_string(), "NAME": "A" }));
        touch(&mut bench, id);
    }
    assert_eq!(read(&mut bench, &token, json!({})).1.len(), 50);
    assert_eq!(read(&mut bench, &token, json!({})).1.len(), 10);
}

#[test]
fn a_reservation_that_nobody_confirms_is_dropped_after_thirty_days() {
    let mut bench = Bench::new();
    let mut token = queue(&mut bench);
    touch(&mut bench, 2);
    let (process, rows) = read(&mut bench, &token, json!({ "clear": 0 }));
    assert_eq!(rows, [2]);
    touch(&mut bench, 3);
    bench.pass(30 * 24 * 3600 - 10);
    token = token_by_code(&mut bench);
    assert_eq!(read(&mut bench, &token, json!({ "process_id": process })).1, [2], "still there");
    bench.pass(10);
    assert_eq!(read(&mut bench, &token, json!({ "process_id": process })).1, Vec::<i64>::new());
    assert_eq!(read(&mut bench, &token, json!({})).1, [3], "what nobody reserved stays");
}

/// A fresh token, by the code that a browser would bring.
fn token_by_code(bench: &mut Bench) -> Value {
    let code = bench.portal.act(bench.now, &json!({ "do": "authorize", "client_id": "app.1" })).unwrap();
    let code = code["code"].as_str().unwrap();
    let target =
        format!("/oauth/token/?client_id=app.1&client_secret=s&grant_type=authorization_code&code={code}");
    let response = bench.send("GET", &target, "", b"");
    super::body(&response)["access_token"].clone()
}

#[test]
fn a_queue_gets_no_row_for_what_its_own_connector_wrote() {
    let mut bench = Bench::new();
    let token = queue(&mut bench);
    let update = json!({ "id": 1, "fields": { "POST": "x" }, "auth_connector": "1c" });
    call_as(&mut bench, &token, "crm.contact.update", update.clone());
    assert_eq!(read(&mut bench, &token, json!({})).1, Vec::<i64>::new());
    bench.call("crm.contact.update", update);
    assert_eq!(read(&mut bench, &token, json!({})).1, [1], "a webhook has no client id");
    call_as(&mut bench, &token, "crm.contact.update", json!({ "id": 2, "fields": { "POST": "x" } }));
    assert_eq!(read(&mut bench, &token, json!({})).1, [2], "without the connector the own change comes back");
}

#[test]
fn an_application_without_any_connector_does_not_find_its_own_changes() {
    let mut bench = Bench::new();
    bench.contact(json!({ "NAME": "A" }));
    let token = install(&mut bench, "app.1")["access_token"].clone();
    let offline = json!({ "event": "ONCRMCONTACTUPDATE", "event_type": "offline" });
    call_as(&mut bench, &token, "event.bind", offline);
    let update = json!({ "id": 1, "fields": { "POST": "x" } });
    call_as(&mut bench, &token, "crm.contact.update", update.clone());
    assert_eq!(listed(&mut bench, &token, json!({})), json!([]));
    bench.call("crm.contact.update", update);
    assert_eq!(listed(&mut bench, &token, json!({})).as_array().unwrap().len(), 1);
}

#[test]
fn a_connector_named_beside_a_batch_does_not_reach_its_commands() {
    let mut bench = Bench::new();
    let token = queue(&mut bench);
    let update = |connector: &str| format!("crm.contact.update?id=1&fields[POST]=x{connector}");
    let batch = json!({ "cmd": [update("")], "auth_connector": "1c" });
    assert_eq!(call_as(&mut bench, &token, "batch", batch).0, 200);
    assert_eq!(read(&mut bench, &token, json!({})).1, [1]);
    let batch = json!({ "cmd": [update("&auth_connector=1c")] });
    assert_eq!(call_as(&mut bench, &token, "batch", batch).0, 200);
    assert_eq!(read(&mut bench, &token, json!({})).1, Vec::<i64>::new(), "named in the command it counts");
}

#[test]
fn reserving_and_connectors_need_the_larger_plans() {
    let mut bench = portal_of(Tariff::Basic);
    let token = install(&mut bench, "app.1")["access_token"].clone();
    let bind = json!({ "event": "ONCRMCONTACTADD", "event_type": "offline" });
    let mut with_connector = bind.clone();
    with_connector["auth_connector"] = json!("1c");
    let (status, refused) = call_as(&mut bench, &token, "event.bind", with_connector);
    assert_eq!((status, &refused["error"]), (403, &json!("ACCESS_DENIED")));
    assert_eq!(call_as(&mut bench, &token, "event.bind", bind).1["result"], true);
    let (status, refused) = call_as(&mut bench, &token, "event.offline.get", json!({ "clear": 0 }));
    assert_eq!((status, &refused["error"]), (403, &json!("ACCESS_DENIED")));
    assert_eq!(
        call_as(&mut bench, &token, "event.offline.get", json!({})).0,
        200,
        "deleting is for all plans"
    );
}

/// A queue whose application is pinged no more often than every `min_timeout` seconds.
fn pinged(bench: &mut Bench, min_timeout: u64) -> Value {
    let token = queue(bench);
    let bind = json!({ "event": "ONOFFLINEEVENT", "handler": URL, "options": { "minTimeout": min_timeout } });
    assert_eq!(call_as(bench, &token, "event.bind", bind).1["result"], true);
    token
}

#[test]
fn a_filled_queue_pings_its_application_with_tokens_and_no_data() {
    let mut bench = Bench::new();
    pinged(&mut bench, 5);
    touch(&mut bench, 1);
    let deliveries = bench.portal.take_deliveries(bench.now);
    let [delivery] = deliveries.as_slice() else { panic!("{deliveries:?}") };
    assert_eq!(field(delivery, "event").unwrap(), "ONOFFLINEEVENT");
    assert!(!delivery.body.contains("data%5B"), "{}", delivery.body);
    let refresh = field(delivery, "auth[refresh_token]").unwrap();
    let target = format!(
        "/oauth/token/?client_id=app.1&client_secret=s&grant_type=refresh_token&refresh_token={refresh}"
    );
    let response = bench.send("GET", &target, "", b"");
    assert!(super::body(&response)["access_token"].is_string(), "the refresh token works");
}

#[test]
fn pings_keep_their_pause_and_one_waits_for_its_end() {
    let mut bench = Bench::new();
    pinged(&mut bench, 100);
    let pings = |bench: &mut Bench| bench.portal.take_deliveries(bench.now).len();
    for id in [1, 2, 3] {
        touch(&mut bench, id);
    }
    assert_eq!(pings(&mut bench), 1, "the first change");
    bench.pass(50);
    assert_eq!(pings(&mut bench), 0);
    bench.pass(60);
    assert_eq!(pings(&mut bench), 1, "the others together, when the pause is over");
    bench.pass(1000);
    assert_eq!(pings(&mut bench), 0);
}

#[test]
fn without_a_pause_each_server_hit_pings_once() {
    let mut bench = Bench::new();
    pinged(&mut bench, 0);
    let cmd: Vec<String> = (1..=3).map(|id| format!("crm.contact.update?id={id}&fields[POST]=x")).collect();
    bench.call("batch", json!({ "cmd": cmd }));
    assert_eq!(bench.portal.take_deliveries(bench.now).len(), 1);
    touch(&mut bench, 1);
    touch(&mut bench, 1);
    assert_eq!(bench.portal.take_deliveries(bench.now).len(), 2);
}
