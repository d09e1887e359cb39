//! Loading, dumping and people's actions.

use obmen_sim::world::World;
use serde_json::{Value, json};

use super::{Bench, event};

fn lines() -> Vec<Value> {
    vec![
        json!({ "entity": "user", "ID": "2", "ACTIVE": true, "NAME": "Анна" }),
        json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": "UF_CRM_INN", "USER_TYPE_ID": "string" }),
        json!({ "entity": "contact", "ID": "102", "NAME": "Конон", "POST": "", "BIRTHDATE": "1982-09-20",
            "ASSIGNED_BY_ID": "2", "COMPANY_ID": "60", "COMPANY_IDS": ["54", "60"], "UF_CRM_INN": "779492247955",
            "DATE_CREATE": "2016-07-23T09:29:42+03:00", "DATE_MODIFY": "2017-07-23T09:29:42+03:00",
            "PHONE": [{ "ID": "2801", "VALUE_TYPE": "MOBILE", "VALUE": " +7 (495) 1 ", "TYPE_ID": "PHONE" }] }),
        json!({ "entity": "company", "ID": "54", "TITLE": "A", "UF_CRM_NEW": "x" }),
        json!({ "entity": "company", "ID": "60", "TITLE": "B", "EMAIL": [{ "ID": "1005", "VALUE": "not valid" }] }),
        json!({ "entity": "requisite", "ID": "16", "ENTITY_TYPE_ID": "4", "ENTITY_ID": "60", "PRESET_ID": "1",
            "NAME": "r", "RQ_INN": "5263433469", "RQ_OGRNIP": "" }),
    ]
}

#[test]
fn what_is_loaded_is_dumped_and_can_be_loaded_again() {
    let mut bench = Bench::new();
    lines().into_iter().for_each(|line| bench.load(line));
    let dump = bench.portal.dump();
    let contact = &dump["contacts"][0];
    assert_eq!(contact["ID"], "102");
    assert_eq!(contact["BIRTHDATE"], "1982-09-20");
    assert_eq!((&contact["COMPANY_ID"], &contact["COMPANY_IDS"]), (&json!("60"), &json!(["54", "60"])));
    assert_eq!(contact["PHONE"][0]["VALUE"], " +7 (495) 1 ");
    assert_eq!(contact["DATE_MODIFY"], "2017-07-23T09:29:42+03:00");
    assert_eq!(dump["companies"][0]["UF_CRM_NEW"], "x");
    assert_eq!(dump["companies"][1]["EMAIL"][0]["VALUE"], "not valid");
    assert_eq!(dump["requisites"][0]["RQ_INN"], "5263433469");
    assert_eq!(dump["users"][0]["NAME"], "Анна");
    let mut again = Bench::new();
    for (entity, many) in [
        ("user", "users"),
        ("userfield", "userfields"),
        ("contact", "contacts"),
        ("company", "companies"),
        ("requisite", "requisites"),
    ] {
        for record in dump[many].as_array().unwrap() {
            let mut line = record.clone();
            line["entity"] = json!(entity);
            again.load(line);
        }
    }
    assert_eq!(again.portal.dump(), dump);
}

#[test]
fn new_ids_are_greater_than_all_loaded_ones() {
    let mut bench = Bench::new();
    lines().into_iter().for_each(|line| bench.load(line));
    let id = bench.contact(json!({ "NAME": "A", "PHONE": [{ "VALUE": "1" }] }));
    assert_eq!(id, 103);
    assert_eq!(bench.get(id)["PHONE"][0]["ID"], "2802");
    assert_eq!(bench.company("C"), 61);
}

#[test]
fn a_line_that_cannot_be_loaded_is_explained() {
    let mut bench = Bench::new();
    assert!(bench.portal.load(&json!({ "entity": "deal", "ID": "1" })).unwrap_err().contains("deal"));
    assert!(bench.portal.load(&json!({ "entity": "contact" })).unwrap_err().contains("ID"));
}

#[test]
fn a_person_changes_records_without_cost() {
    let mut bench = Bench::new();
    lines().into_iter().for_each(|line| bench.load(line));
    bench.pass(100);
    let now = bench.now;
    let update = json!({ "do": "update", "entity": "contact", "id": "102", "user": 2,
        "fields": { "NAME": "Иван", "PHONE": [{ "ID": "2801", "DELETE": "Y" }, { "VALUE": "5", "VALUE_TYPE": "HOME" }] } });
    assert_eq!(bench.portal.act(now, &update).unwrap(), json!({ "id": "102" }));
    let create = json!({ "do": "create", "entity": "company", "fields": { "TITLE": "C" } });
    assert_eq!(bench.portal.act(now, &create).unwrap(), json!({ "id": "61" }));
    bench.portal.act(now, &json!({ "do": "delete", "entity": "company", "id": "54" })).unwrap();
    assert!(bench.portal.act(now, &json!({ "do": "delete", "entity": "company", "id": "54" })).is_err());
    assert!(bench.portal.act(now, &json!({ "do": "paint", "entity": "company", "id": "60" })).is_err());
    assert_eq!(bench.portal.counters()["requests"], 0);
    let contact = bench.get(102);
    assert_eq!((&contact["NAME"], &contact["MODIFY_BY_ID"]), (&json!("Иван"), &json!("2")));
    assert_eq!(contact["DATE_MODIFY"], "2026-09-21T10:01:40+03:00");
    assert_eq!(
        contact["PHONE"],
        json!([{ "ID": "2802", "VALUE_TYPE": "HOME", "VALUE": "5", "TYPE_ID": "PHONE" }])
    );
    assert_eq!(contact["COMPANY_ID"], "60");
}

#[test]
fn a_person_imports_many_rows_within_one_second_and_each_is_told() {
    let mut bench = Bench::new();
    bench.listen();
    let records: Vec<Value> =
        (0..3).map(|at| json!({ "NAME": format!("A{at}") })).chain([json!({ "POST": "x" })]).collect();
    let done = bench.act(json!({ "do": "import", "entity": "contact", "records": records, "user": 4 }));
    assert_eq!(done["ids"], json!(["1", "2", "3"]));
    assert_eq!(done["refused"].as_array().unwrap().len(), 1, "a row without a name");
    assert_eq!(bench.told(), [1, 2, 3].map(|id| event("ONCRMCONTACTADD", id)));
    let rows = bench.call("crm.contact.list", json!({ "select": ["DATE_MODIFY", "CREATED_BY_ID"] }));
    let first = &rows[0];
    assert_eq!(first["CREATED_BY_ID"], "4");
    assert!(rows.as_array().unwrap().iter().all(|row| row == first), "one second for all: {rows}");
}
