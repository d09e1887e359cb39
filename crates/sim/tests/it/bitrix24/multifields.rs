//! Phones, mailboxes and their kin beyond the rules of a single element (see `changes`).

use serde_json::{Value, json};

use super::Bench;

/// Id, type and value of the rows of a field.
fn rows(card: &Value, field: &str) -> Vec<(String, String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = card.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
    rows.iter().map(|row| (text(row, "ID"), text(row, "VALUE_TYPE"), text(row, "VALUE"))).collect()
}

fn row(id: &str, ty: &str, value: &str) -> (String, String, String) {
    (id.to_owned(), ty.to_owned(), value.to_owned())
}

#[test]
fn a_row_without_a_type_gets_the_default_of_its_field() {
    let mut bench = Bench::new();
    let rows_of = |value: &str| json!([{ "VALUE": value }]);
    let id = bench.contact(json!({ "NAME": "A", "PHONE": rows_of("1"), "EMAIL": rows_of("a@example.ru"),
        "WEB": rows_of("example.ru"), "IM": rows_of("anna"), "LINK": rows_of("x") }));
    let contact = bench.get(id);
    for (field, ty) in [("PHONE", "WORK"), ("EMAIL", "WORK"), ("WEB", "WORK"), ("IM", "OTHER")] {
        assert_eq!(contact[field][0]["VALUE_TYPE"], ty, "{field}");
        assert_eq!(contact[field][0]["TYPE_ID"], field);
    }
    assert_eq!(contact["LINK"][0]["VALUE"], "x");
}

#[test]
fn every_documented_type_is_kept() {
    let table: &[(&str, &[&str])] = &[
        ("PHONE", &["WORK", "MOBILE", "FAX", "HOME", "PAGER", "MAILING", "OTHER"]),
        ("EMAIL", &["WORK", "HOME", "MAILING", "OTHER"]),
        ("WEB", &["WORK", "HOME", "VK", "LIVEJOURNAL", "TWITTER", "OTHER"]),
        (
            "IM",
            &[
                "TELEGRAM", "VK", "SKYPE", "VIBER", "BITRIX24", "OPENLINE", "IMOL", "ICQ", "MSN", "JABBER",
                "OTHER",
            ],
        ),
    ];
    for (field, types) in table {
        let mut bench = Bench::new();
        let sent: Vec<Value> =
            types.iter().map(|ty| json!({ "VALUE": "a@example.ru", "VALUE_TYPE": ty })).collect();
        let id = bench.contact(json!({ "NAME": "A", *field: sent }));
        let kept = rows(&bench.get(id), field);
        assert_eq!(kept.iter().map(|(_, ty, _)| ty.as_str()).collect::<Vec<_>>(), *types, "{field}");
    }
}

#[test]
fn values_are_trimmed_and_phones_kept_as_they_were_typed() {
    let mut bench = Bench::new();
    let sent = json!([{ "VALUE": " 8 (912) 345-67-89 доб. 5 " }, { "VALUE": "позвонить в офис" }]);
    let id = bench.contact(json!({ "NAME": "A", "PHONE": sent }));
    let expected = [row("1", "WORK", "8 (912) 345-67-89 доб. 5"), row("2", "WORK", "позвонить в офис")];
    assert_eq!(rows(&bench.get(id), "PHONE"), expected);
}

#[test]
fn an_equal_value_without_an_id_is_appended_at_every_update() {
    let mut bench = Bench::new();
    let phones = json!([{ "VALUE": "+71", "VALUE_TYPE": "WORK" }]);
    let id = bench.contact(json!({ "NAME": "A", "PHONE": phones }));
    for _ in 0..2 {
        bench.call("crm.contact.update", json!({ "id": id, "fields": { "PHONE": phones } }));
    }
    let expected = [row("1", "WORK", "+71"), row("2", "WORK", "+71"), row("3", "WORK", "+71")];
    assert_eq!(rows(&bench.get(id), "PHONE"), expected);
}

#[test]
fn one_update_deletes_rewrites_and_appends_and_leaves_the_rest() {
    let mut bench = Bench::new();
    let sent: Vec<Value> =
        ["+71", "+72", "+73"].iter().map(|value| json!({ "VALUE": value, "VALUE_TYPE": "HOME" })).collect();
    let id = bench.contact(json!({ "NAME": "A", "PHONE": sent }));
    let change = json!([{ "ID": 1, "DELETE": "Y" }, { "ID": 2, "VALUE": "+79", "VALUE_TYPE": "MOBILE" },
        { "VALUE": "+74", "VALUE_TYPE": "WORK" }]);
    bench.call("crm.contact.update", json!({ "id": id, "fields": { "PHONE": change } }));
    let expected = [row("2", "MOBILE", "+79"), row("3", "HOME", "+73"), row("4", "WORK", "+74")];
    assert_eq!(rows(&bench.get(id), "PHONE"), expected, "an id survives the change of its value");
    bench.call("crm.contact.update", json!({ "id": id, "fields": { "NAME": "B", "PHONE": [] } }));
    assert_eq!(rows(&bench.get(id), "PHONE"), expected, "an empty list says nothing");
}

#[test]
fn rows_of_others_are_out_of_reach() {
    let mut bench = Bench::new();
    let one = bench.contact(json!({ "NAME": "A", "PHONE": [{ "VALUE": "+71" }] }));
    let two = bench.contact(json!({ "NAME": "B", "EMAIL": [{ "VALUE": "b@example.ru" }] }));
    let foreign = json!({ "PHONE": [{ "ID": 1, "VALUE": "+79" }, { "ID": 2, "VALUE": "" }] });
    bench.call("crm.contact.update", json!({ "id": two, "fields": foreign }));
    assert_eq!(rows(&bench.get(one), "PHONE"), [row("1", "WORK", "+71")]);
    let second = bench.get(two);
    assert_eq!(
        rows(&second, "EMAIL"),
        [row("2", "WORK", "b@example.ru")],
        "another field of the same contact"
    );
    assert!(second.get("PHONE").is_none());
}

#[test]
fn companies_follow_the_same_rules() {
    let mut bench = Bench::new();
    let fields = json!({ "TITLE": "A", "PHONE": [{ "VALUE": "+71" }, { "VALUE": "+72" }] });
    bench.call("crm.company.add", json!({ "fields": fields }));
    let change = json!([{ "ID": 1 }, { "ID": 2, "VALUE": "+79" }, { "VALUE": "+79" }, { "VALUE": " " }]);
    bench.call("crm.company.update", json!({ "id": 1, "fields": { "PHONE": change } }));
    let company = bench.call("crm.company.get", json!({ "id": 1 }));
    assert_eq!(rows(&company, "PHONE"), [row("2", "WORK", "+79"), row("3", "WORK", "+79")]);
    let bad = json!({ "id": 1, "fields": { "TITLE": "B", "EMAIL": [{ "VALUE": "nobody" }] } });
    assert_eq!(bench.fail("crm.company.update", bad).1, "ERROR_CORE");
    assert_eq!(bench.call("crm.company.get", json!({ "id": 1 }))["TITLE"], "A", "nothing of it is done");
}

#[test]
fn the_portal_keeps_whether_there_is_a_phone_or_a_mailbox() {
    let mut bench = Bench::new();
    let id = bench.contact(json!({ "NAME": "A", "PHONE": [{ "VALUE": "1" }], "HAS_EMAIL": "Y" }));
    let flags = |bench: &mut Bench| {
        let contact = bench.get(id);
        [contact["HAS_PHONE"].clone(), contact["HAS_EMAIL"].clone()]
    };
    assert_eq!(flags(&mut bench), ["Y", "N"], "nobody can write them");
    let change = json!({ "PHONE": [{ "ID": 1, "DELETE": "Y" }], "EMAIL": [{ "VALUE": "a@example.ru" }] });
    bench.call("crm.contact.update", json!({ "id": id, "fields": change }));
    assert_eq!(flags(&mut bench), ["N", "Y"]);
    assert_eq!(bench.envelope("crm.contact.list", json!({ "filter": { "HAS_PHONE": "Y" } }))["total"], 0);
    assert_eq!(bench.envelope("crm.contact.list", json!({ "filter": { "=HAS_EMAIL": "Y" } }))["total"], 1);
}

#[test]
fn every_multi_field_is_filtered_by_its_whole_value() {
    let mut bench = Bench::new();
    let rows = |value: &str| json!([{ "VALUE": value }]);
    bench.contact(json!({ "NAME": "A", "WEB": rows("example.ru"), "IM": rows("anna"), "LINK": rows("x-1") }));
    bench.contact(json!({ "NAME": "B" }));
    for (field, whole, part) in
        [("WEB", "example.ru", "example"), ("IM", "anna", "Anna"), ("LINK", "x-1", "x")]
    {
        for prefix in ["", "=", "%", "@"] {
            let mut found = |value: &str| {
                let filter = json!({ format!("{prefix}{field}"): value });
                bench.envelope("crm.contact.list", json!({ "filter": filter }))["total"].clone()
            };
            assert_eq!((found(whole), found(part)), (json!(1), json!(0)), "{prefix}{field}");
        }
    }
}
