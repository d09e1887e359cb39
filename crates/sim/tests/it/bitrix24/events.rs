//! Events: outgoing webhooks, handlers of applications, offline queues.

use obmen_sim::bitrix24::{DeliverySettings, Settings};
use obmen_sim::http::Delivery;
use obmen_sim::world::World;
use serde_json::{Value, json};

use super::Bench;
use super::oauth::{call_as, install};

const URL: &str = "http://127.0.0.1:9/hook";

fn bench(deliveries: DeliverySettings) -> Bench {
    Bench::with(Settings { deliveries, ..Settings::default() })
}

/// Sets an outgoing webhook up for all events.
fn listen(bench: &mut Bench) -> Value {
    bench.portal.act(bench.now, &json!({ "do": "listen", "url": URL })).unwrap()
}

/// One value of a delivered form.
fn field(delivery: &Delivery, key: &str) -> Option<String> {
    form_urlencoded::parse(delivery.body.as_bytes())
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.into_owned())
}

/// Event and record of each delivery that is due.
fn due(bench: &mut Bench) -> Vec<(String, String)> {
    let now = bench.now;
    let deliveries = bench.portal.take_deliveries(now);
    deliveries
        .iter()
        .map(|delivery| (field(delivery, "event").unwrap(), field(delivery, "data[FIELDS][ID]").unwrap()))
        .collect()
}

fn pair(event: &str, id: &str) -> (String, String) {
    (event.to_owned(), id.to_owned())
}

#[test]
fn a_change_is_told_by_id_only_whoever_made_it() {
    let mut bench = bench(DeliverySettings::default());
    let token = listen(&mut bench)["application_token"].clone();
    bench.contact(json!({ "NAME": "A" }));
    let deliveries = bench.portal.take_deliveries(bench.now);
    let [delivery] = deliveries.as_slice() else { panic!("{deliveries:?}") };
    assert_eq!(delivery.url, URL);
    assert_eq!(field(delivery, "event").unwrap(), "ONCRMCONTACTADD");
    assert_eq!(field(delivery, "data[FIELDS][ID]").unwrap(), "1");
    assert_eq!(field(delivery, "ts").unwrap(), bench.now.as_second().to_string());
    assert_eq!(field(delivery, "auth[domain]").unwrap(), "demo.bitrix24.ru");
    assert_eq!(field(delivery, "auth[member_id]").unwrap(), "0f00000000000000000000000000000f");
    assert_eq!(json!(field(delivery, "auth[application_token]").unwrap()), token);
    assert_eq!(field(delivery, "auth[access_token]"), None, "a webhook gets no tokens");
    assert!(!delivery.body.contains("NAME"));
    let edit = json!({ "do": "update", "entity": "contact", "id": "1", "fields": { "POST": "B" } });
    bench.portal.act(bench.now, &edit).unwrap();
    bench.call("crm.contact.delete", json!({ "id": 1 }));
    assert_eq!(due(&mut bench), [pair("ONCRMCONTACTUPDATE", "1"), pair("ONCRMCONTACTDELETE", "1")]);
    assert_eq!(due(&mut bench), [], "each is given out once");
}

#[test]
fn a_refused_change_an_unchanged_item_and_a_loaded_record_are_not_told() {
    let mut bench = bench(DeliverySettings::default());
    listen(&mut bench);
    bench.load(json!({ "entity": "contact", "ID": "7", "NAME": "A" }));
    bench.fail("crm.contact.update", json!({ "id": 99, "fields": { "NAME": "B" } }));
    bench.call("crm.item.update", json!({ "entityTypeId": 3, "id": 7, "fields": { "name": "A" } }));
    assert_eq!(due(&mut bench), []);
    bench.call("crm.contact.update", json!({ "id": 7, "fields": { "NAME": "A" } }));
    assert_eq!(due(&mut bench), [pair("ONCRMCONTACTUPDATE", "7")], "the classic API saves without a change");
}

#[test]
fn a_deleted_company_takes_its_requisites_along() {
    let mut bench = bench(DeliverySettings::default());
    let company = bench.company("A");
    let fields = json!({ "ENTITY_TYPE_ID": 4, "ENTITY_ID": company, "PRESET_ID": 1, "NAME": "R" });
    bench.call("crm.requisite.add", json!({ "fields": fields }));
    listen(&mut bench);
    bench.call("crm.company.delete", json!({ "id": company }));
    assert_eq!(due(&mut bench), [pair("ONCRMCOMPANYDELETE", "1"), pair("ONCRMREQUISITEDELETE", "1")]);
}

#[test]
fn deliveries_are_late_lost_doubled_and_swapped_as_the_seed_says() {
    let fate = |settings: DeliverySettings| {
        let mut bench = bench(settings);
        listen(&mut bench);
        for _ in 0..40 {
            bench.contact(json!({ "NAME": "A" }));
        }
        let early = due(&mut bench).len();
        bench.pass(1000);
        (early, due(&mut bench).into_iter().map(|(_, id)| id.parse().unwrap()).collect::<Vec<u64>>())
    };
    let (early, late) = fate(DeliverySettings { delay_seconds: 100.0, ..DeliverySettings::default() });
    assert_eq!((early, late), (0, (1..=40).collect()), "late and in order");
    let (_, lost) = fate(DeliverySettings { loss: 0.5, delay_seconds: 100.0, ..DeliverySettings::default() });
    assert!((5..35).contains(&lost.len()) && lost.is_sorted(), "{lost:?}");
    let (_, doubled) =
        fate(DeliverySettings { doubling: 0.5, delay_seconds: 100.0, ..DeliverySettings::default() });
    assert!((45..75).contains(&doubled.len()), "{doubled:?}");
    let swapping =
        DeliverySettings { spread_seconds: 500.0, delay_seconds: 100.0, ..DeliverySettings::default() };
    let (_, swapped) = fate(swapping.clone());
    let mut sorted = swapped.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=40).collect::<Vec<_>>());
    assert_ne!(swapped, sorted);
    assert_eq!(fate(swapping.clone()).1, swapped, "the same seed, the same fate");
    assert_ne!(fate(DeliverySettings { seed: 1, ..swapping }).1, swapped);
}

#[test]
fn an_application_binds_each_handler_once_and_unbinds_by_what_it_names() {
    let mut bench = bench(DeliverySettings::default());
    let token = install(&mut bench, "app.1")["access_token"].clone();
    let bind = json!({ "event": "OnCrmContactAdd", "handler": URL });
    assert_eq!(call_as(&mut bench, &token, "event.bind", bind.clone()).1["result"], true);
    let (status, again) = call_as(&mut bench, &token, "event.bind", bind);
    assert_eq!(status, 400);
    assert!(again["error_description"].as_str().unwrap().starts_with("Unable to set event handler"));
    let unknown = json!({ "event": "ONNOTHING", "handler": URL });
    assert_eq!(call_as(&mut bench, &token, "event.bind", unknown).1["error"], "ERROR_EVENT_NOT_FOUND");
    let offline = json!({ "event": "ONCRMCONTACTUPDATE", "event_type": "offline", "auth_connector": "1c" });
    assert_eq!(call_as(&mut bench, &token, "event.bind", offline).1["result"], true);
    let bound = call_as(&mut bench, &token, "event.get", json!({})).1["result"].clone();
    assert_eq!(
        bound,
        json!([
            { "event": "ONCRMCONTACTADD", "handler": URL, "auth_type": "0", "offline": 0 },
            { "event": "ONCRMCONTACTUPDATE", "connector_id": "1c", "offline": 1 },
        ])
    );
    bench.contact(json!({ "NAME": "A" }));
    let delivery = bench.portal.take_deliveries(bench.now).remove(0);
    let access = json!(field(&delivery, "auth[access_token]").unwrap());
    assert_eq!(call_as(&mut bench, &access, "profile", json!({})).0, 200, "the token of an event works");
    assert_eq!(field(&delivery, "auth[refresh_token]"), None);
    assert_eq!(call_as(&mut bench, &token, "event.unbind", json!({})).1["result"], json!({ "count": 2 }));
    assert_eq!(call_as(&mut bench, &token, "event.get", json!({})).1["result"], json!([]));
}

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

#[test]
fn a_queue_holds_one_row_for_each_record_and_reading_deletes_by_default() {
    let mut bench = bench(DeliverySettings::default());
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
fn reserved_rows_wait_for_their_confirmation() {
    let mut bench = bench(DeliverySettings::default());
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
fn a_queue_gets_no_row_for_what_its_own_connector_wrote() {
    let mut bench = bench(DeliverySettings::default());
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
fn a_connector_named_beside_a_batch_does_not_reach_its_commands() {
    let mut bench = bench(DeliverySettings::default());
    let token = queue(&mut bench);
    let update = |connector: &str| format!("crm.contact.update?id=1&fields[POST]=x{connector}");
    let batch = json!({ "cmd": [update("")], "auth_connector": "1c" });
    assert_eq!(call_as(&mut bench, &token, "batch", batch).0, 200);
    assert_eq!(read(&mut bench, &token, json!({})).1, [1]);
    let batch = json!({ "cmd": [update("&auth_connector=1c")] });
    assert_eq!(call_as(&mut bench, &token, "batch", batch).0, 200);
    assert_eq!(read(&mut bench, &token, json!({})).1, Vec::<i64>::new(), "named in the command it counts");
}
