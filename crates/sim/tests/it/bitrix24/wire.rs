//! How single values look on the classic wire.

use serde_json::{Value, json};

use super::Bench;

#[test]
fn ids_are_strings_and_nothing_is_told_in_several_ways() {
    let mut bench = Bench::new();
    let id = bench.contact(json!({ "NAME": "A", "POST": "" }));
    let contact = bench.get(id);
    assert_eq!(contact["ID"], "1");
    assert_eq!(contact["COMPANY_ID"], "0", "no company");
    assert_eq!(contact["LEAD_ID"], Value::Null, "no lead");
    assert_eq!(contact["LAST_NAME"], "", "no last name");
    assert_eq!(contact["POST"], Value::Null, "no position");
    assert_eq!((&contact["OPENED"], &contact["EXPORT"]), (&json!("Y"), &json!("Y")));
    let company = bench.company("B");
    bench.call("crm.contact.update", json!({ "id": id, "fields": { "COMPANY_ID": company } }));
    assert_eq!(bench.get(id)["COMPANY_ID"], "1");
}

#[test]
fn a_row_of_a_list_has_the_shape_of_the_documentation() {
    let mut bench = Bench::new();
    bench.load(json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": "UF_CRM_1C_CONTACT_ID", "USER_TYPE_ID": "string" }));
    bench.company("A");
    bench.contact(json!({ "NAME": "Anna", "COMPANY_IDS": [1], "UF_CRM_1C_CONTACT_ID": "6f0e",
        "PHONE": [{ "VALUE": "+7 900 000-00-00", "VALUE_TYPE": "WORK" }] }));
    bench.contact(json!({ "NAME": "Olga" }));
    let select = json!(["ID", "NAME", "COMPANY_ID", "DATE_MODIFY", "PHONE", "UF_*"]);
    let rows = bench.call("crm.contact.list", json!({ "select": select }));
    let phone = json!({ "ID": "1", "VALUE_TYPE": "WORK", "VALUE": "+7 900 000-00-00", "TYPE_ID": "PHONE" });
    let first = json!({ "ID": "1", "NAME": "Anna", "COMPANY_ID": "1", "DATE_MODIFY": "2026-09-21T10:00:02+03:00",
        "UF_CRM_1C_CONTACT_ID": "6f0e", "PHONE": [phone] });
    let second = json!({ "ID": "2", "NAME": "Olga", "COMPANY_ID": "0", "DATE_MODIFY": "2026-09-21T10:00:03+03:00",
        "UF_CRM_1C_CONTACT_ID": null });
    assert_eq!(rows, json!([first, second]), "without phones there is no key");
}

#[test]
fn dates_are_read_in_several_spellings_and_written_in_one() {
    let mut bench = Bench::new();
    bench.load(json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": "UF_CRM_AT", "USER_TYPE_ID": "datetime" }));
    for text in ["2026-09-21T10:00:00+03:00", "2026-09-21T07:00:00Z", "21.09.2026 10:00:00"] {
        let id = bench.contact(json!({ "NAME": "A", "UF_CRM_AT": text }));
        assert_eq!(bench.get(id)["UF_CRM_AT"], "2026-09-21T10:00:00+03:00", "{text}");
    }
    for text in ["11.11.2001", "2001-11-11", "2001-11-11T02:00:00+02:00"] {
        let id = bench.contact(json!({ "NAME": "A", "BIRTHDATE": text }));
        assert_eq!(bench.get(id)["BIRTHDATE"], "2001-11-11T03:00:00+03:00", "{text}");
    }
}

#[test]
fn money_is_one_string() {
    let mut bench = Bench::new();
    bench.load(json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": "UF_CRM_SUM", "USER_TYPE_ID": "money" }));
    let id = bench.contact(json!({ "NAME": "A", "UF_CRM_SUM": "100|RUB" }));
    assert_eq!(bench.get(id)["UF_CRM_SUM"], "100|RUB");
}

#[test]
fn comments_may_come_back_other_than_they_were_written() {
    let mut bench = Bench::new();
    let id = bench.contact(json!({ "NAME": "A", "COMMENTS": "<b>важно</b><br><script>x</script>" }));
    assert_eq!(bench.get(id)["COMMENTS"], "[B]важно[/B]\n");
    bench.call("crm.contact.update", json!({ "id": id, "fields": { "COMMENTS": "[B]важно[/B]" } }));
    assert_eq!(bench.get(id)["COMMENTS"], "[B]важно[/B]");
}
