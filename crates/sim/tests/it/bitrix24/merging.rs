//! Merging by REST.

use obmen_sim::world::World;
use serde_json::json;

use super::Bench;

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
