//! Addresses of requisites.

use obmen_sim::world::World;
use serde_json::{Value, json};

use super::Bench;

/// A company 1 with its requisite 1, and a contact 1 with requisite 2.
fn bench() -> Bench {
    let mut bench = Bench::new();
    let company = bench.company("A");
    let contact = bench.contact(json!({ "NAME": "B" }));
    for (owner_type, owner) in [(4, company), (3, contact)] {
        let fields = json!({ "ENTITY_TYPE_ID": owner_type, "ENTITY_ID": owner, "PRESET_ID": 1, "NAME": "R" });
        bench.call("crm.requisite.add", json!({ "fields": fields }));
    }
    bench
}

fn key(ty: i64, requisite: i64) -> Value {
    json!({ "TYPE_ID": ty, "ENTITY_TYPE_ID": 8, "ENTITY_ID": requisite })
}

fn with(mut fields: Value, name: &str, value: &str) -> Value {
    fields[name] = json!(value);
    json!({ "fields": fields })
}

fn cities(bench: &mut Bench, filter: &Value) -> Vec<String> {
    let rows = bench.call("crm.address.list", json!({ "filter": filter, "order": { "TYPE_ID": "asc" } }));
    rows.as_array().unwrap().iter().map(|row| row["CITY"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn an_address_belongs_to_a_requisite_and_is_anchored_at_its_owner() {
    let mut bench = bench();
    let fields = json!({ "TYPE_ID": 6, "ENTITY_TYPE_ID": 8, "ENTITY_ID": 1, "ADDRESS_1": "ул. Мира, 4",
        "CITY": "Псков", "POSTAL_CODE": "180000", "ANCHOR_ID": 77 });
    assert_eq!(bench.call("crm.address.add", json!({ "fields": fields })), true);
    bench.call("crm.address.add", with(key(1, 2), "CITY", "Орёл"));
    let rows = bench.call("crm.address.list", json!({ "filter": { "ENTITY_TYPE_ID": 8, "ENTITY_ID": 1 } }));
    let expected = json!([{ "TYPE_ID": "6", "ENTITY_TYPE_ID": "8", "ENTITY_ID": "1",
        "ADDRESS_1": "ул. Мира, 4", "ADDRESS_2": null, "CITY": "Псков", "POSTAL_CODE": "180000",
        "REGION": null, "PROVINCE": null, "COUNTRY": null, "COUNTRY_CODE": null, "LOC_ADDR_ID": "1",
        "ANCHOR_TYPE_ID": "4", "ANCHOR_ID": "1" }]);
    assert_eq!(rows, expected);
    assert_eq!(cities(&mut bench, &json!({ "ANCHOR_TYPE_ID": 3, "ANCHOR_ID": 1 })), ["Орёл"]);
    assert_eq!(cities(&mut bench, &json!({ "!%CITY": "рё" })), ["Псков"]);
}

#[test]
fn a_second_address_of_a_type_is_refused_and_an_update_changes_the_first() {
    let mut bench = bench();
    bench.call("crm.address.add", with(key(6, 1), "CITY", "Псков"));
    let (status, error, description) = bench.fail("crm.address.add", with(key(6, 1), "CITY", "Орёл"));
    assert_eq!((status, error, description.as_str()), (400, json!(""), "TypeAddress exists."));
    bench.call("crm.address.add", with(key(1, 1), "CITY", "Орёл"));
    bench.call("crm.address.add", with(key(6, 2), "CITY", "Тула"));
    let mut fields = with(key(6, 1), "ADDRESS_1", "ул. Мира, 4");
    assert_eq!(bench.call("crm.address.update", fields.clone()), true);
    let row = &bench.call("crm.address.list", json!({ "filter": key(6, 1) }))[0];
    assert_eq!((&row["CITY"], &row["ADDRESS_1"]), (&json!("Псков"), &json!("ул. Мира, 4")));
    fields["fields"]["TYPE_ID"] = json!(9);
    let (status, _, description) = bench.fail("crm.address.update", fields);
    assert_eq!((status, description.as_str()), (400, "TypeAddress not found."));
    assert_eq!(cities(&mut bench, &json!({ "ENTITY_ID": 1 })), ["Орёл", "Псков"]);
}

#[test]
fn an_address_is_deleted_by_its_key_or_with_its_requisite() {
    let mut bench = bench();
    for (ty, requisite) in [(1, 1), (6, 1), (6, 2)] {
        bench.call("crm.address.add", with(key(ty, requisite), "CITY", "Псков"));
    }
    assert_eq!(bench.call("crm.address.delete", json!({ "fields": key(1, 1) })), true);
    assert_eq!(bench.fail("crm.address.delete", json!({ "fields": key(1, 1) })).2, "TypeAddress not found.");
    assert_eq!(bench.envelope("crm.address.list", json!({}))["total"], 2);
    bench.call("crm.requisite.delete", json!({ "id": 1 }));
    assert_eq!(bench.envelope("crm.address.list", json!({}))["total"], 1);
    bench.call("crm.contact.delete", json!({ "id": 1 }));
    assert_eq!(bench.envelope("crm.address.list", json!({}))["total"], 0);
}

#[test]
fn an_address_needs_a_known_type_and_an_existing_requisite() {
    let mut bench = bench();
    for (name, value) in
        [("TYPE_ID", 2), ("ENTITY_TYPE_ID", 3), ("ENTITY_TYPE_ID", 4), ("ENTITY_ID", 9), ("ENTITY_ID", 0)]
    {
        let mut fields = key(6, 1);
        fields[name] = json!(value);
        let (status, error, description) = bench.fail("crm.address.add", json!({ "fields": fields }));
        let expected = format!("{name} is not defined or invalid.");
        assert_eq!((status, error, description), (400, json!(""), expected));
    }
}

#[test]
fn types_of_addresses_and_their_fields_are_described() {
    let mut bench = bench();
    let types = bench.call("crm.enum.addresstype", json!({}));
    let mut ids: Vec<_> = types.as_array().unwrap().iter().map(|row| row["ID"].as_i64().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 4, 6, 8, 9, 11]);
    let fields = bench.call("crm.address.fields", json!({}));
    assert_eq!(
        (&fields["TYPE_ID"]["isRequired"], &fields["TYPE_ID"]["isImmutable"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(fields["ANCHOR_ID"]["isReadOnly"], true);
    assert!(fields.get("ID").is_none(), "an address has no id");
}

#[test]
fn a_change_of_an_address_moves_no_date() {
    let mut bench = bench();
    let dates = |bench: &mut Bench| {
        let requisite = bench.call("crm.requisite.get", json!({ "id": 1 }));
        let company = bench.call("crm.company.get", json!({ "id": 1 }));
        (requisite["DATE_MODIFY"].clone(), company["DATE_MODIFY"].clone())
    };
    let before = dates(&mut bench);
    bench.call("crm.address.add", with(key(6, 1), "CITY", "Псков"));
    bench.call("crm.address.update", with(key(6, 1), "CITY", "Орёл"));
    assert_eq!(dates(&mut bench), before);
}

#[test]
fn a_requisite_that_only_holds_an_address_says_so() {
    let mut bench = bench();
    let fields =
        json!({ "ENTITY_TYPE_ID": 3, "ENTITY_ID": 1, "PRESET_ID": 3, "NAME": "A", "ADDRESS_ONLY": "Y" });
    let carrier = bench.call("crm.requisite.add", json!({ "fields": fields })).as_i64().unwrap();
    bench.call("crm.address.add", with(key(1, carrier), "CITY", "Псков"));
    let filter =
        json!({ "filter": { "ENTITY_TYPE_ID": 3, "ENTITY_ID": 1 }, "select": ["ID", "ADDRESS_ONLY"] });
    let rows = bench.call("crm.requisite.list", filter);
    assert_eq!(rows, json!([{ "ID": "2", "ADDRESS_ONLY": "N" }, { "ID": "3", "ADDRESS_ONLY": "Y" }]));
    assert_eq!(cities(&mut bench, &json!({ "ENTITY_ID": carrier })), ["Псков"]);
}

#[test]
fn addresses_are_loaded_dumped_and_follow_a_merged_owner() {
    let mut bench = bench();
    let mut line = key(6, 1);
    line["entity"] = json!("address");
    line["CITY"] = json!("Псков");
    bench.load(line);
    let other = bench.company("A");
    let params = json!({ "params": { "entityTypeId": 4, "entityIds": [other, 1] } });
    assert_eq!(bench.call("crm.entity.mergeBatch", params)["STATUS"], "SUCCESS");
    let row = &bench.call("crm.address.list", json!({}))[0];
    assert_eq!((&row["CITY"], &row["ANCHOR_ID"]), (&json!("Псков"), &json!(other.to_string())));
    assert_eq!(bench.portal.dump()["addresses"][0]["CITY"], "Псков");
}
