//! Further fields of the duplicate control.

use serde_json::json;

use super::Bench;

#[test]
fn seven_fields_in_all_join_the_duplicate_control_and_can_leave_it() {
    let mut bench = Bench::new();
    bench.load(json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": "UF_CRM_KEY", "USER_TYPE_ID": "string" }));
    let possible = bench.call("crm.duplicate.volatileType.fields", json!({ "entityTypeId": 3 }));
    let has = |code: &str| possible.as_array().unwrap().iter().any(|row| row["fieldCode"] == code);
    assert!(has("UF_CRM_KEY") && has("RQ.RU.INN") && !has("BIRTHDATE") && !has("TITLE"), "{possible}");
    let mut ids = Vec::new();
    for (kind, field) in [
        (3, "UF_CRM_KEY"),
        (3, "RQ.RU.INN"),
        (3, "POST"),
        (4, "TITLE"),
        (4, "COMMENTS"),
        (4, "RQ.RU.INN"),
        (4, "RQ.RU.KPP"),
    ] {
        let params = json!({ "entityTypeId": kind, "fieldCode": field });
        ids.push(bench.call("crm.duplicate.volatileType.register", params)["id"].as_i64().unwrap());
    }
    assert_eq!(ids[..2], [33_554_432, 67_108_864], "a bit each");
    let eighth = json!({ "entityTypeId": 3, "fieldCode": "COMMENTS" });
    assert_eq!(
        bench.fail("crm.duplicate.volatileType.register", eighth.clone()).1,
        "MAX_TYPES_COUNT_EXCEEDED"
    );
    assert_eq!(bench.call("crm.duplicate.volatileType.unregister", json!({ "id": ids[0] })), true);
    assert_eq!(bench.call("crm.duplicate.volatileType.register", eighth)["id"], ids[0]);
    let listed = bench.call("crm.duplicate.volatileType.list", json!({}));
    assert_eq!(listed.as_array().unwrap().len(), 7);
    let unknown = json!({ "entityTypeId": 3, "fieldCode": "UF_CRM_NO" });
    assert_eq!(bench.fail("crm.duplicate.volatileType.register", unknown).1, "Field not found");
}

#[test]
fn a_registered_field_does_not_widen_the_search_by_phone_and_mailbox() {
    let mut bench = Bench::new();
    bench.contact(json!({ "NAME": "A", "SOURCE_DESCRIPTION": "79260000001" }));
    let field = json!({ "entityTypeId": 3, "fieldCode": "SOURCE_DESCRIPTION" });
    bench.call("crm.duplicate.volatileType.register", field);
    let found = bench.call("crm.duplicate.findbycomm", json!({ "type": "PHONE", "values": ["79260000001"] }));
    assert_eq!(found, json!([]));
}
