//! Adding, changing and deleting through the classic API.

use serde_json::{Value, json};

use super::Bench;

/// Id, value and type of a row.
type Phone = (&'static str, &'static str, &'static str);

fn phones(contact: &Value) -> Vec<(String, String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = contact.get("PHONE").and_then(Value::as_array).cloned().unwrap_or_default();
    rows.iter().map(|row| (text(row, "ID"), text(row, "VALUE"), text(row, "VALUE_TYPE"))).collect()
}

/// What one element of an update does to the rows 1 (`+71`, MOBILE) and 2 (`+72`, HOME).
fn check_phone_rule(element: &Value, expected: &[Phone]) {
    let mut bench = Bench::new();
    let rows =
        json!([{ "VALUE": " +71 ", "VALUE_TYPE": "MOBILE" }, { "VALUE": "+72", "VALUE_TYPE": "HOME" }]);
    let id = bench.contact(json!({ "NAME": "A", "PHONE": rows }));
    bench.contact(json!({ "NAME": "other", "PHONE": [{ "VALUE": "+73" }] }));
    bench.call("crm.contact.update", json!({ "id": id, "fields": { "PHONE": [element] } }));
    let actual = phones(&bench.get(id));
    let actual: Vec<_> =
        actual.iter().map(|(id, value, ty)| (id.as_str(), value.as_str(), ty.as_str())).collect();
    assert_eq!(actual, expected, "{element}");
    assert_eq!(phones(&bench.get(2))[0].1, "+73", "{element}");
}

#[test]
fn each_element_of_a_multi_field_is_judged_alone() {
    let first = ("1", "+71", "MOBILE");
    let second = ("2", "+72", "HOME");
    let table: &[(Value, &[Phone])] = &[
        (json!({ "VALUE": "+79", "VALUE_TYPE": "FAX" }), &[first, second, ("4", "+79", "FAX")]),
        (json!({ "VALUE": "+71" }), &[first, second, ("4", "+71", "WORK")]),
        (json!({ "VALUE": "" }), &[first, second]),
        (json!({ "ID": 1, "VALUE": "+79", "VALUE_TYPE": "HOME" }), &[("1", "+79", "HOME"), second]),
        (json!({ "ID": "1", "VALUE": "+79" }), &[("1", "+79", "WORK"), second]),
        (json!({ "ID": 1, "DELETE": "Y" }), &[second]),
        (json!({ "ID": 1, "VALUE": "+71", "DELETE": "Y" }), &[second]),
        (json!({ "ID": 1, "VALUE": "" }), &[second]),
        (json!({ "ID": 1 }), &[second]),
        (json!({ "ID": 1, "VALUE_TYPE": "WORK" }), &[second]),
        (json!({ "ID": 3, "VALUE": "+70" }), &[first, second]),
        (json!({ "ID": 3, "DELETE": "Y" }), &[first, second]),
        (json!("+79"), &[first, second]),
    ];
    for (element, expected) in table {
        check_phone_rule(element, expected);
    }
}

#[test]
fn row_ids_are_global_across_entities_and_fields() {
    let mut bench = Bench::new();
    let company = json!({ "TITLE": "A", "EMAIL": [{ "VALUE": "a@example.ru" }] });
    bench.call("crm.company.add", json!({ "fields": company }));
    let id = bench
        .contact(json!({ "NAME": "A", "EMAIL": [{ "VALUE": "b@example.ru" }], "PHONE": [{ "VALUE": "1" }] }));
    let contact = bench.get(id);
    let phone = json!({ "ID": "3", "VALUE_TYPE": "WORK", "VALUE": "1", "TYPE_ID": "PHONE" });
    assert_eq!(contact["EMAIL"][0]["ID"], "2");
    assert_eq!(contact["PHONE"][0], phone);
    assert_eq!(contact["HAS_EMAIL"], "Y");
}

#[test]
fn a_contact_without_phones_has_no_phone_key() {
    let mut bench = Bench::new();
    let id = bench.contact(json!({ "NAME": "A" }));
    let contact = bench.get(id);
    assert!(contact.get("PHONE").is_none());
    assert_eq!(contact["HAS_PHONE"], "N");
}

#[test]
fn one_invalid_mailbox_fails_the_whole_change() {
    let mut bench = Bench::new();
    let bad = json!({ "NAME": "A", "PHONE": [{ "VALUE": "1" }], "EMAIL": [{ "VALUE": "a@b@example.ru" }] });
    let (status, error, _) = bench.fail("crm.contact.add", json!({ "fields": bad }));
    assert_eq!((status, error), (400, json!("ERROR_CORE")));
    assert_eq!(bench.envelope("crm.contact.list", json!({}))["total"], 0);
    let id = bench.contact(json!({ "NAME": "A" }));
    let update = json!({ "id": id, "fields": { "NAME": "B", "EMAIL": [{ "VALUE": "nobody" }] } });
    assert_eq!(bench.fail("crm.contact.update", update).1, "ERROR_CORE");
    assert_eq!(bench.get(id)["NAME"], "A");
}

#[test]
fn every_classic_update_moves_the_date_even_without_a_change() {
    let mut bench = Bench::new();
    let id = bench.contact(json!({ "NAME": "A" }));
    let before = bench.get(id)["DATE_MODIFY"].clone();
    bench.call("crm.contact.update", json!({ "id": id, "fields": { "NAME": "A" } }));
    let after = bench.get(id);
    assert_eq!(before, "2026-09-21T10:00:01+03:00");
    assert_eq!(after["DATE_MODIFY"], "2026-09-21T10:00:03+03:00");
    assert_eq!(after["DATE_CREATE"], before);
}

#[test]
fn unknown_and_read_only_fields_are_ignored_without_an_error() {
    let mut bench = Bench::new();
    let id = bench.contact(json!({ "NAME": "A", "UF_CRM_NO": "x", "ID": "77", "name": "b",
        "DATE_CREATE": "2001-01-01T00:00:00Z", "CREATED_BY_ID": "9" }));
    let contact = bench.get(id);
    assert_eq!(contact["ID"], "1");
    assert_eq!(contact["NAME"], "A");
    assert_eq!(contact["DATE_CREATE"], "2026-09-21T10:00:01+03:00");
    assert_eq!(contact["CREATED_BY_ID"], "1");
    assert!(contact.get("UF_CRM_NO").is_none());
}

#[test]
fn an_import_takes_own_dates_and_the_text_n_switches_it_on() {
    let mut bench = Bench::new();
    let fields = json!({ "NAME": "A", "DATE_CREATE": "2020-05-01T10:00:00+03:00", "DATE_MODIFY": "2020-05-02T10:00:00+03:00" });
    let id = bench.call("crm.contact.add", json!({ "fields": fields, "params": { "IMPORT": "N" } }));
    let contact = bench.get(id.as_i64().unwrap());
    assert_eq!(contact["DATE_CREATE"], "2020-05-01T10:00:00+03:00");
    assert_eq!(contact["DATE_MODIFY"], "2020-05-02T10:00:00+03:00");
    let older = json!({ "NAME": "B", "DATE_CREATE": "2019-05-01T10:00:00+03:00" });
    let (status, _, _) =
        bench.fail("crm.contact.add", json!({ "fields": older, "params": { "IMPORT": "Y" } }));
    assert_eq!(status, 400, "older than the newest contact");
}

#[test]
fn a_contact_needs_a_name_and_a_company_a_title() {
    let mut bench = Bench::new();
    assert_eq!(bench.fail("crm.contact.add", json!({ "fields": { "SECOND_NAME": "A" } })).0, 400);
    assert_eq!(bench.fail("crm.company.add", json!({ "fields": { "TITLE": " " } })).0, 400);
    let id = bench.contact(json!({ "LAST_NAME": "A" }));
    assert_eq!(bench.fail("crm.contact.update", json!({ "id": id, "fields": { "LAST_NAME": "" } })).0, 400);
    bench.load(json!({ "entity": "contact", "ID": "50", "NAME": "", "LAST_NAME": "" }));
    assert_eq!(bench.call("crm.contact.update", json!({ "id": 50, "fields": { "POST": "x" } })), true);
}

#[test]
fn values_take_the_forms_of_the_wire() {
    let mut bench = Bench::new();
    for (name, ty, multiple) in [("FLAG", "boolean", "N"), ("TAGS", "string", "Y"), ("COUNT", "integer", "N")]
    {
        bench.load(
            json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": format!("UF_CRM_{name}"),
            "USER_TYPE_ID": ty, "MULTIPLE": multiple }),
        );
    }
    let id = bench
        .contact(json!({ "NAME": "A", "BIRTHDATE": "11.11.2001", "ASSIGNED_BY_ID": 7, "UF_CRM_FLAG": "Y",
        "UF_CRM_COUNT": 5, "EXPORT": "N" }));
    let contact = bench.get(id);
    assert_eq!(contact["BIRTHDATE"], "2001-11-11T03:00:00+03:00");
    assert_eq!(contact["ASSIGNED_BY_ID"], "7");
    assert_eq!(contact["UF_CRM_FLAG"], "1");
    assert_eq!(contact["UF_CRM_COUNT"], "5");
    assert_eq!(contact["EXPORT"], "N");
    assert_eq!(contact["UF_CRM_TAGS"], false, "an empty multiple field");
    assert_eq!(contact["TYPE_ID"], "CLIENT");
    bench.call(
        "crm.contact.update",
        json!({ "id": id, "fields": { "UF_CRM_TAGS": ["a", "b"], "UF_CRM_COUNT": "" } }),
    );
    let contact = bench.get(id);
    assert_eq!(contact["UF_CRM_TAGS"], json!(["a", "b"]));
    assert_eq!(contact["UF_CRM_COUNT"], Value::Null);
    bench.call("crm.contact.update", json!({ "id": id, "fields": { "UF_CRM_TAGS": [] } }));
    assert_eq!(bench.get(id)["UF_CRM_TAGS"], false);
}

#[test]
fn deleting_takes_requisites_and_links_along() {
    let mut bench = Bench::new();
    let company = bench.company("A");
    let contact = bench.contact(json!({ "NAME": "A", "COMPANY_IDS": [company] }));
    bench.call(
        "crm.requisite.add",
        json!({ "fields": {
        "ENTITY_TYPE_ID": 4, "ENTITY_ID": company, "PRESET_ID": 1, "NAME": "r" } }),
    );
    assert_eq!(bench.call("crm.company.delete", json!({ "id": company })), true);
    assert_eq!(bench.call("crm.requisite.list", json!({})), json!([]));
    assert_eq!(bench.call("crm.contact.company.items.get", json!({ "id": contact })), json!([]));
    let (status, error, description) = bench.fail("crm.company.delete", json!({ "id": company }));
    assert_eq!((status, error, description.as_str()), (400, json!(""), "Not found"));
    assert!(bench.company("B") > company, "ids are never reused");
}

#[test]
fn is_my_company_is_set_at_creation_only() {
    let mut bench = Bench::new();
    let id = bench.call("crm.company.add", json!({ "fields": { "TITLE": "A", "IS_MY_COMPANY": "Y" } }));
    bench.call("crm.company.update", json!({ "id": id, "fields": { "IS_MY_COMPANY": "N" } }));
    let filter = json!({ "filter": { "=IS_MY_COMPANY": "N" } });
    assert_eq!(bench.envelope("crm.company.list", filter.clone())["total"], 0);
    bench.company("B");
    assert_eq!(bench.envelope("crm.company.list", filter)["total"], 1);
}
