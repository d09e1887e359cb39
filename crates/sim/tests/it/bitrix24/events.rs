//! Events: who hears of a change, what is told, and what becomes of it on its way.

use obmen_sim::bitrix24::{DeliverySettings, Settings};
use obmen_sim::http::Delivery;
use obmen_sim::world::World;
use serde_json::{Value, json};

use super::Bench;
use super::oauth::{call_as, install};

pub(super) const URL: &str = "http://127.0.0.1:9/hook";

fn bench(deliveries: DeliverySettings) -> Bench {
    Bench::with(Settings { deliveries, ..Settings::default() })
}

/// Sets an outgoing webhook up for all events.
fn listen(bench: &mut Bench) -> Value {
    bench.portal.act(bench.now, &json!({ "do": "listen", "url": URL })).unwrap()
}

/// One value of a delivered form.
pub(super) fn field(delivery: &Delivery, key: &str) -> Option<String> {
    form_urlencoded::parse(delivery.body.as_bytes())
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.into_owned())
}

/// Event and record of each delivery that is due.
pub(super) fn due(bench: &mut Bench) -> Vec<(String, String)> {
    let now = bench.now;
    let deliveries = bench.portal.take_deliveries(now);
    deliveries
        .iter()
        .map(|delivery| (field(delivery, "event").unwrap(), field(delivery, "data[FIELDS][ID]").unwrap()))
        .collect()
}

pub(super) fn pair(event: &str, id: &str) -> (String, String) {
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

#[test]
fn a_delivery_has_exactly_the_documented_keys_and_nothing_of_the_record() {
    let mut bench = bench(DeliverySettings::default());
    listen(&mut bench);
    bench.contact(json!({ "NAME": "A" }));
    let delivery = bench.portal.take_deliveries(bench.now).remove(0);
    let keys: Vec<String> =
        form_urlencoded::parse(delivery.body.as_bytes()).map(|(key, _)| key.into_owned()).collect();
    let expected = [
        "event",
        "event_handler_id",
        "data[FIELDS][ID]",
        "ts",
        "auth[domain]",
        "auth[client_endpoint]",
        "auth[server_endpoint]",
        "auth[member_id]",
        "auth[application_token]",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn the_moment_of_an_event_is_that_of_its_leaving_and_not_of_the_change() {
    let mut bench = bench(DeliverySettings { delay_seconds: 100.0, ..DeliverySettings::default() });
    listen(&mut bench);
    bench.contact(json!({ "NAME": "A" }));
    let changed = bench.now.as_second();
    bench.pass(200);
    let delivery = bench.portal.take_deliveries(bench.now).remove(0);
    assert_eq!(field(&delivery, "ts").unwrap(), (changed + 100).to_string());
}

#[test]
fn every_change_is_told_by_a_request_of_its_own() {
    let mut bench = bench(DeliverySettings::default());
    listen(&mut bench);
    let cmd: Vec<&str> = vec!["crm.contact.add?fields[NAME]=A"; 40];
    bench.call("batch", json!({ "cmd": cmd }));
    bench.pass(60);
    assert_eq!(due(&mut bench).len(), 40);
    bench.call("crm.contact.update", json!({ "id": 1, "fields": { "POST": "x" } }));
    bench.call("crm.contact.update", json!({ "id": 1, "fields": { "POST": "y" } }));
    assert_eq!(due(&mut bench).len(), 2, "changes of one record are not put together");
}

#[test]
fn both_interfaces_and_people_fire_the_same_events() {
    let mut bench = bench(DeliverySettings::default());
    listen(&mut bench);
    let title = json!({ "TITLE": "B" });
    bench.call("crm.item.add", json!({ "entityTypeId": 4, "fields": { "title": "A" } }));
    bench.call("crm.company.update", json!({ "id": 1, "fields": title }));
    let edit = json!({ "do": "update", "entity": "company", "id": "1", "fields": title });
    bench.portal.act(bench.now, &edit).unwrap();
    bench.call("crm.item.delete", json!({ "entityTypeId": 4, "id": 1 }));
    let updated = pair("ONCRMCOMPANYUPDATE", "1");
    let expected = [pair("ONCRMCOMPANYADD", "1"), updated.clone(), updated, pair("ONCRMCOMPANYDELETE", "1")];
    assert_eq!(due(&mut bench), expected);
}

#[test]
fn requisites_bank_details_and_addresses_have_events() {
    let mut bench = bench(DeliverySettings::default());
    let company = bench.company("A");
    listen(&mut bench);
    let fields = json!({ "ENTITY_TYPE_ID": 4, "ENTITY_ID": company, "PRESET_ID": 1, "NAME": "R" });
    bench.call("crm.requisite.add", json!({ "fields": fields }));
    bench.call("crm.requisite.update", json!({ "id": 1, "fields": { "RQ_INN": "1" } }));
    bench.call("crm.requisite.bankdetail.add", json!({ "fields": { "ENTITY_ID": 1, "NAME": "B" } }));
    bench.call("crm.requisite.bankdetail.delete", json!({ "id": 1 }));
    let told = due(&mut bench);
    let names = ["REQUISITEADD", "REQUISITEUPDATE", "BANKDETAILADD", "BANKDETAILDELETE"];
    assert_eq!(told, names.map(|name| pair(&format!("ONCRM{name}"), "1")));
    let key = json!({ "TYPE_ID": 6, "ENTITY_TYPE_ID": 8, "ENTITY_ID": 1, "CITY": "C" });
    bench.call("crm.address.add", json!({ "fields": key }));
    bench.call("crm.address.update", json!({ "fields": key }));
    bench.call("crm.address.delete", json!({ "fields": key }));
    let deliveries = bench.portal.take_deliveries(bench.now);
    let told: Vec<String> = deliveries.iter().map(|delivery| field(delivery, "event").unwrap()).collect();
    assert_eq!(told, ["ONCRMADDRESSREGISTER", "ONCRMADDRESSREGISTER", "ONCRMADDRESSUNREGISTER"]);
    for delivery in &deliveries {
        let of = |name: &str| field(delivery, &format!("data[FIELDS][{name}]")).unwrap();
        let key = ["TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID", "ANCHOR_TYPE_ID", "ANCHOR_ID"].map(of);
        assert_eq!(key, ["6", "8", "1", "4", "1"], "an address has no id");
    }
    bench.call("crm.requisite.delete", json!({ "id": 1 }));
    assert_eq!(due(&mut bench), [pair("ONCRMREQUISITEDELETE", "1")]);
}

#[test]
fn user_fields_are_told_by_id_entity_and_name() {
    let mut bench = bench(DeliverySettings::default());
    listen(&mut bench);
    let of_lists = ["ADD", "SETENUMVALUES", "UPDATE", "UPDATE", "SETENUMVALUES", "DELETE"].as_slice();
    let table = [
        ("contact", "enumeration", of_lists),
        ("company", "enumeration", of_lists),
        ("requisite", "string", &["ADD", "UPDATE", "UPDATE", "DELETE"]),
    ];
    for (id, (entity, user_type, expected)) in (1..).zip(table) {
        let method = |verb: &str| format!("crm.{entity}.userfield.{verb}");
        let list = |value: &str| json!([{ "VALUE": value }]);
        let fields = json!({ "FIELD_NAME": "KEY", "USER_TYPE_ID": user_type, "LIST": list("A") });
        bench.call(&method("add"), json!({ "fields": fields }));
        bench.call(&method("update"), json!({ "id": id, "fields": { "MANDATORY": "Y" } }));
        bench.call(&method("update"), json!({ "id": id, "fields": { "LIST": list("B") } }));
        bench.call(&method("delete"), json!({ "id": id }));
        let deliveries = bench.portal.take_deliveries(bench.now);
        let told: Vec<String> = deliveries.iter().map(|delivery| field(delivery, "event").unwrap()).collect();
        let capitals = entity.to_uppercase();
        let expected: Vec<String> =
            expected.iter().map(|what| format!("ONCRM{capitals}USERFIELD{what}")).collect();
        assert_eq!(told, expected);
        for delivery in &deliveries {
            let of = |name: &str| field(delivery, &format!("data[FIELDS][{name}]")).unwrap();
            let key = ["ID", "ENTITY_ID", "FIELD_NAME"].map(of);
            assert_eq!(key, [id.to_string(), format!("CRM_{capitals}"), "UF_CRM_KEY".to_owned()]);
        }
    }
}

#[test]
fn a_restored_card_is_told_as_an_added_one_with_another_id() {
    let mut bench = bench(DeliverySettings::default());
    bench.contact(json!({ "NAME": "A" }));
    bench.call("crm.contact.delete", json!({ "id": 1 }));
    listen(&mut bench);
    let restore = json!({ "do": "restore", "entity": "contact", "id": "1" });
    bench.portal.act(bench.now, &restore).unwrap();
    assert_eq!(due(&mut bench), [pair("ONCRMCONTACTADD", "2")]);
}

#[test]
fn links_between_contacts_and_companies_are_not_told() {
    let mut bench = bench(DeliverySettings::default());
    let (company, contact) = (bench.company("A"), bench.contact(json!({ "NAME": "A" })));
    listen(&mut bench);
    let link = json!({ "id": contact, "fields": { "COMPANY_ID": company } });
    assert_eq!(bench.call("crm.contact.company.add", link), true);
    assert_eq!(due(&mut bench), []);
}

#[test]
fn the_road_of_events_changes_while_the_portal_runs() {
    let mut bench = bench(DeliverySettings::default());
    listen(&mut bench);
    let lost = json!({ "do": "deliveries", "loss": 1.0 });
    bench.portal.act(bench.now, &lost).unwrap();
    bench.contact(json!({ "NAME": "A" }));
    bench.pass(1000);
    assert_eq!(due(&mut bench), []);
    bench
        .portal
        .act(bench.now, &json!({ "do": "deliveries", "doubling": 1.0, "delay_seconds": 10 }))
        .unwrap();
    bench.contact(json!({ "NAME": "B" }));
    assert_eq!(due(&mut bench), []);
    bench.pass(10);
    assert_eq!(due(&mut bench), [pair("ONCRMCONTACTADD", "2"), pair("ONCRMCONTACTADD", "2")]);
    assert!(bench.portal.act(bench.now, &json!({ "do": "deliveries", "los": 1 })).is_err());
}
