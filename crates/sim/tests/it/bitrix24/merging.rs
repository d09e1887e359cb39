//! Merging by REST and by hand.

use obmen_sim::bitrix24::{KindRights, Reach, Rights, Settings, Tariff};
use obmen_sim::world::World;
use serde_json::json;

use super::plans::portal_of;
use super::{Bench, event};

#[test]
fn the_first_survives_with_everything_of_the_others_and_they_are_deleted() {
    let mut bench = Bench::new();
    let company = bench.company("A");
    let one = bench.contact(json!({ "NAME": "Анна", "PHONE": [{ "VALUE": "+71" }] }));
    let two = bench.contact(json!({ "NAME": "Анна", "LAST_NAME": "Б", "COMPANY_IDS": [company],
        "PHONE": [{ "VALUE": "+71" }, { "VALUE": "+72" }] }));
    let fields = json!({ "ENTITY_TYPE_ID": 3, "ENTITY_ID": two, "PRESET_ID": 1, "NAME": "R" });
    let requisite = bench.call("crm.requisite.add", json!({ "fields": fields }));
    bench.portal.act(bench.now, &json!({ "do": "listen", "url": "http://127.0.0.1:9/" })).unwrap();
    let params = json!({ "params": { "entityTypeId": 3, "entityIds": [one, two] } });
    assert_eq!(
        bench.call("crm.entity.mergeBatch", params),
        json!({ "STATUS": "SUCCESS", "ENTITY_IDS": [two] })
    );
    let survivor = bench.get(one);
    assert_eq!((&survivor["LAST_NAME"], &survivor["COMPANY_ID"]), (&json!("Б"), &json!(company.to_string())));
    let phones: Vec<_> =
        survivor["PHONE"].as_array().unwrap().iter().map(|row| row["VALUE"].clone()).collect();
    assert_eq!(phones, ["+71", "+72"]);
    assert_eq!(bench.fail("crm.contact.get", json!({ "id": two })).0, 400);
    let moved = bench.call("crm.requisite.get", json!({ "id": requisite }));
    assert_eq!(moved["ENTITY_ID"], one.to_string());
    let deliveries = bench.portal.take_deliveries(bench.now);
    assert!(deliveries[0].body.starts_with("event=ONCRMCONTACTUPDATE&"), "{deliveries:?}");
    assert!(deliveries[1].body.starts_with("event=ONCRMCONTACTDELETE&"), "{deliveries:?}");
    assert_eq!(deliveries.len(), 2);
}

#[test]
fn different_names_are_left_to_people_and_one_record_is_an_error() {
    let mut bench = Bench::new();
    let ids = [bench.contact(json!({ "NAME": "A" })), bench.contact(json!({ "NAME": "B" }))];
    let params = json!({ "params": { "entityTypeId": 3, "entityIds": ids } });
    assert_eq!(bench.call("crm.entity.mergeBatch", params)["STATUS"], "CONFLICT");
    assert_eq!(bench.get(ids[1])["NAME"], "B");
    let alone = json!({ "params": { "entityTypeId": 3, "entityIds": [ids[0]] } });
    let (status, error, _) = bench.fail("crm.entity.mergeBatch", alone);
    assert_eq!((status, error), (400, json!(0)));
    let missing = json!({ "params": { "entityTypeId": 3, "entityIds": [ids[0], 99] } });
    assert_eq!(bench.call("crm.entity.mergeBatch", missing)["STATUS"], "ERROR");
}

#[test]
fn a_person_merges_what_rest_leaves_to_people_with_the_same_events() {
    let mut bench = Bench::new();
    let names = [
        bench.contact(json!({ "NAME": "A", "ORIGIN_ID": "1" })),
        bench.contact(json!({ "NAME": "B", "ORIGIN_ID": "2" })),
    ];
    bench.listen();
    let merge = json!({ "do": "merge", "entity": "contact", "ids": names, "user": 5 });
    assert_eq!(bench.act(merge.clone()), json!({ "id": "1", "deleted": ["2"] }));
    assert_eq!(bench.told(), [event("ONCRMCONTACTUPDATE", 1), event("ONCRMCONTACTDELETE", 2)]);
    let survivor = bench.get(names[0]);
    assert_eq!((&survivor["NAME"], &survivor["MODIFY_BY_ID"]), (&json!("A"), &json!("5")));
    assert_eq!(survivor["ORIGIN_ID"], "1", "the key of the other is lost");
    assert!(bench.portal.act(bench.now, &merge).is_err(), "one of them is gone");
    let alone = json!({ "do": "merge", "entity": "contact", "ids": [1] });
    assert!(bench.portal.act(bench.now, &alone).is_err());
}

#[test]
fn no_id_leads_from_a_merged_card_to_its_survivor() {
    let mut bench = Bench::new();
    let names = [bench.contact(json!({ "NAME": "A" })), bench.contact(json!({ "NAME": "A" }))];
    bench.call("crm.entity.mergeBatch", json!({ "params": { "entityTypeId": 3, "entityIds": names } }));
    assert_eq!(bench.fail("crm.contact.get", json!({ "id": names[1] })).2, "Not found");
    assert_eq!(bench.fail("crm.item.get", json!({ "entityTypeId": 3, "id": names[1] })).1, "NOT_FOUND");
    let rows = bench.call("crm.contact.list", json!({ "filter": { "@ID": names }, "select": ["ID"] }));
    assert_eq!(rows, json!([{ "ID": "1" }]));
}

#[test]
fn single_user_fields_stay_the_survivors_and_multiple_ones_are_joined() {
    let mut bench = Bench::new();
    for (name, multiple) in [("KEY", "N"), ("TAGS", "Y")] {
        bench.load(
            json!({ "entity": "userfield", "ENTITY_ID": "CRM_COMPANY", "FIELD_NAME": format!("UF_CRM_{name}"),
            "USER_TYPE_ID": "string", "MULTIPLE": multiple }),
        );
    }
    for (key, tags) in [("k1", json!(["a", "b"])), ("k2", json!(["b", "c"]))] {
        let fields = json!({ "TITLE": "A", "UF_CRM_KEY": key, "UF_CRM_TAGS": tags });
        bench.call("crm.company.add", json!({ "fields": fields }));
    }
    let params = json!({ "params": { "entityTypeId": 4, "entityIds": [2, 1] } });
    assert_eq!(bench.call("crm.entity.mergeBatch", params)["STATUS"], "SUCCESS");
    let survivor = bench.call("crm.company.get", json!({ "id": 2 }));
    assert_eq!(survivor["UF_CRM_KEY"], "k2");
    assert_eq!(survivor["UF_CRM_TAGS"], json!(["b", "c", "a"]));
}

#[test]
fn contacts_of_merged_companies_meet_in_the_survivor() {
    let mut bench = Bench::new();
    let [one, two] = [bench.company("A"), bench.company("A")];
    let first = bench.contact(json!({ "NAME": "A", "COMPANY_IDS": [one] }));
    let second = bench.contact(json!({ "NAME": "B", "COMPANY_IDS": [two] }));
    bench.call("crm.entity.mergeBatch", json!({ "params": { "entityTypeId": 4, "entityIds": [one, two] } }));
    for contact in [first, second] {
        assert_eq!(bench.get(contact)["COMPANY_ID"], one.to_string());
    }
}

#[test]
fn a_merged_card_can_be_restored_and_brings_its_key_a_second_time() {
    let mut bench = Bench::new();
    bench.contact(json!({ "NAME": "A", "PHONE": [{ "VALUE": "1" }] }));
    bench.contact(json!({ "NAME": "A", "ORIGIN_ID": "o", "PHONE": [{ "VALUE": "2" }] }));
    bench.act(json!({ "do": "merge", "entity": "contact", "ids": [1, 2] }));
    bench.act(json!({ "do": "restore", "entity": "contact", "id": 2 }));
    let rows =
        bench.call("crm.contact.list", json!({ "filter": { "ORIGIN_ID": "o" }, "select": ["ID", "PHONE"] }));
    assert_eq!((&rows[0]["ID"], &rows[1]["ID"]), (&json!("1"), &json!("3")));
    assert_ne!(rows[0]["PHONE"][1]["ID"], rows[1]["PHONE"][0]["ID"], "rows of multi-fields are told apart");
}

#[test]
fn merging_by_rest_needs_a_plan_that_has_it_and_the_right_to_write_all_of_them() {
    let mut bench = portal_of(Tariff::Basic);
    let names = [bench.contact(json!({ "NAME": "A" })), bench.contact(json!({ "NAME": "A" }))];
    let params = json!({ "params": { "entityTypeId": 3, "entityIds": names } });
    let (status, error, _) = bench.fail("crm.entity.mergeBatch", params.clone());
    assert_eq!((status, error), (400, json!("CRM_FEATURE_RESTRICTION_ERROR")));
    let own = KindRights { read: Reach::All, write: Reach::Own };
    let rights = Rights { contacts: own, ..Rights::default() };
    let mut bench = Bench::with(Settings { admin: false, rights, ..Settings::default() });
    bench.contact(json!({ "NAME": "A" }));
    bench.load(json!({ "entity": "contact", "ID": 2, "NAME": "A", "ASSIGNED_BY_ID": 9 }));
    assert_eq!(bench.fail("crm.entity.mergeBatch", params).2, "Access denied.");
    assert_eq!(bench.get(2)["NAME"], "A");
}
