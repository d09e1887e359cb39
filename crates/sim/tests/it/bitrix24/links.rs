//! Ties between contacts and companies.

use obmen_sim::world::World;
use serde_json::{Value, json};

use super::Bench;

/// A contact with `LAST_NAME` "A" and three companies 1, 2, 3.
fn bench() -> (Bench, i64) {
    let mut bench = Bench::new();
    for title in ["A", "B", "C"] {
        bench.company(title);
    }
    let contact = bench.contact(json!({ "LAST_NAME": "A" }));
    (bench, contact)
}

/// Companies with their primary flag.
fn links(bench: &mut Bench, contact: i64) -> Vec<(i64, bool)> {
    let items = bench.call("crm.contact.company.items.get", json!({ "id": contact }));
    let link = |item: &Value| (item["COMPANY_ID"].as_i64().unwrap(), item["IS_PRIMARY"] == "Y");
    items.as_array().unwrap().iter().map(link).collect()
}

#[test]
fn company_fields_of_an_update_follow_their_odd_rules() {
    let table: &[(Value, &[(i64, bool)])] = &[
        (json!({ "COMPANY_IDS": [3, 1] }), &[(3, true), (1, false)]),
        (json!({ "COMPANY_IDS": [] }), &[]),
        (json!({ "COMPANY_ID": 3 }), &[(3, true)]),
        (json!({ "COMPANY_ID": 2 }), &[(1, true), (2, false)]),
        (json!({ "COMPANY_ID": 0 }), &[]),
        (json!({ "COMPANY_IDS": [99, 2] }), &[(2, true)]),
        (json!({ "COMPANY_ID": 3, "COMPANY_IDS": [2] }), &[(2, true)]),
    ];
    for (fields, expected) in table {
        let (mut bench, contact) = bench();
        bench.call("crm.contact.update", json!({ "id": contact, "fields": { "COMPANY_IDS": [1, 2] } }));
        bench.call("crm.contact.update", json!({ "id": contact, "fields": fields }));
        assert_eq!(links(&mut bench, contact), *expected, "{fields}");
    }
}

#[test]
fn link_methods_answer_and_keep_one_primary() {
    let (mut bench, contact) = bench();
    let add = |company: i64, primary: &str| json!({ "id": contact, "fields": { "COMPANY_ID": company, "IS_PRIMARY": primary } });
    assert_eq!(bench.call("crm.contact.company.add", add(1, "N")), true);
    assert_eq!(bench.call("crm.contact.company.add", add(1, "N")), false);
    assert_eq!(bench.call("crm.contact.company.add", add(2, "Y")), true);
    assert_eq!(links(&mut bench, contact), [(1, false), (2, true)]);
    let delete = json!({ "id": contact, "fields": { "COMPANY_ID": 2 } });
    assert_eq!(bench.call("crm.contact.company.delete", delete.clone()), true);
    assert_eq!(bench.call("crm.contact.company.delete", delete), false);
    assert_eq!(links(&mut bench, contact), [(1, true)]);
    let set = json!({ "id": contact, "items": [{ "COMPANY_ID": 3, "SORT": 5 }, { "COMPANY_ID": "2", "IS_PRIMARY": "Y" }] });
    assert_eq!(bench.call("crm.contact.company.items.set", set), true);
    assert_eq!(links(&mut bench, contact), [(3, false), (2, true)]);
    let items = bench.call("crm.contact.company.items.get", json!({ "id": contact }));
    assert_eq!(items[0], json!({ "COMPANY_ID": 3, "SORT": 5, "ROLE_ID": 0, "IS_PRIMARY": "N" }));
    let mirror = bench.call("crm.company.contact.items.get", json!({ "id": 2 }));
    assert_eq!(mirror[0]["CONTACT_ID"], contact);
    assert_eq!(mirror[0]["IS_PRIMARY"], "Y");
    assert_eq!(bench.call("crm.contact.company.items.delete", json!({ "id": contact })), true);
    assert_eq!(links(&mut bench, contact), []);
}

#[test]
fn link_methods_leave_no_trace_in_the_dates() {
    let (mut bench, contact) = bench();
    let before = bench.get(contact);
    bench.call("crm.contact.company.add", json!({ "id": contact, "fields": { "COMPANY_ID": 1 } }));
    let after = bench.get(contact);
    assert_eq!(after["DATE_MODIFY"], before["DATE_MODIFY"]);
    assert_eq!(after["COMPANY_ID"], "1", "the primary company is readable");
    assert!(after.get("COMPANY_IDS").is_none(), "the list is write only");
}

#[test]
fn links_of_a_missing_contact_are_an_error_with_status_200() {
    let (mut bench, _) = bench();
    let (status, error, _) = bench.fail("crm.contact.company.items.get", json!({ "id": 999 }));
    assert_eq!((status, error), (200, json!("ERROR_CORE")));
}

#[test]
fn a_company_s_contacts_are_replaced_as_a_set() {
    let (mut bench, first) = bench();
    let second = bench.contact(json!({ "NAME": "B", "COMPANY_IDS": [1] }));
    bench.call("crm.company.update", json!({ "id": 1, "fields": { "CONTACT_ID": [first] } }));
    assert_eq!(links(&mut bench, first), [(1, true)]);
    assert_eq!(links(&mut bench, second), []);
    bench.call("crm.company.update", json!({ "id": 1, "fields": { "CONTACT_ID": [] } }));
    assert_eq!(links(&mut bench, first), []);
}

#[test]
fn a_company_s_side_adds_removes_and_replaces_its_contacts() {
    let mut bench = Bench::new();
    let company = bench.company("A");
    let (one, two) = (bench.contact(json!({ "NAME": "B" })), bench.contact(json!({ "NAME": "C" })));
    let members = |bench: &mut Bench| {
        let rows = bench.call("crm.company.contact.items.get", json!({ "id": company }));
        rows.as_array().unwrap().iter().map(|row| row["CONTACT_ID"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let add = json!({ "id": company, "fields": { "CONTACT_ID": one } });
    assert_eq!(bench.call("crm.company.contact.add", add.clone()), true);
    assert_eq!(bench.call("crm.company.contact.add", add), false, "linked already");
    let set = json!({ "id": company, "items": [{ "CONTACT_ID": two }] });
    assert_eq!(bench.call("crm.company.contact.items.set", set), true);
    assert_eq!(members(&mut bench), [two]);
    let missing = json!({ "id": company, "items": [{ "CONTACT_ID": 99 }] });
    assert_eq!(bench.fail("crm.company.contact.items.set", missing).2, "Contact is not found");
    let delete = json!({ "id": company, "fields": { "CONTACT_ID": two } });
    assert_eq!(bench.call("crm.company.contact.delete", delete.clone()), true);
    assert_eq!(bench.call("crm.company.contact.delete", delete), false, "not linked");
    bench.call("crm.company.contact.add", json!({ "id": company, "fields": { "CONTACT_ID": one } }));
    assert_eq!(bench.call("crm.company.contact.items.delete", json!({ "id": company })), true);
    assert_eq!(members(&mut bench), Vec::<i64>::new());
}

#[test]
fn a_company_s_side_sets_place_and_rank_of_a_contact_s_link() {
    let (mut bench, contact) = bench();
    bench.call("crm.contact.update", json!({ "id": contact, "fields": { "COMPANY_IDS": [1, 2] } }));
    let add = json!({ "id": 3, "fields": { "CONTACT_ID": contact, "SORT": 5, "IS_PRIMARY": "Y" } });
    assert_eq!(bench.call("crm.company.contact.add", add), true);
    assert_eq!(links(&mut bench, contact), [(1, false), (2, false), (3, true)]);
    let mirror = bench.call("crm.company.contact.items.get", json!({ "id": 3 }));
    assert_eq!(mirror, json!([{ "CONTACT_ID": contact, "SORT": 5, "ROLE_ID": 0, "IS_PRIMARY": "Y" }]));
    let set = json!({ "id": 2, "items": [{ "CONTACT_ID": contact, "IS_PRIMARY": "Y", "SORT": 7 }] });
    assert_eq!(bench.call("crm.company.contact.items.set", set), true);
    assert_eq!(links(&mut bench, contact), [(1, false), (2, true), (3, false)]);
}

#[test]
fn link_fields_are_described() {
    let mut bench = Bench::new();
    let fields = bench.call("crm.contact.company.fields", json!({}));
    assert_eq!(
        (&fields["COMPANY_ID"]["isRequired"], &fields["IS_PRIMARY"]["type"]),
        (&json!(true), &json!("char"))
    );
    let mirror = bench.call("crm.company.contact.fields", json!({}));
    assert_eq!(
        (&mirror["CONTACT_ID"]["isRequired"], &mirror["ROLE_ID"]["type"]),
        (&json!(true), &json!("integer"))
    );
}

#[test]
fn link_methods_are_told_to_nobody_and_the_contact_s_own_update_is() {
    let (mut bench, contact) = bench();
    bench.portal.act(bench.now, &json!({ "do": "listen", "url": "http://127.0.0.1:9/" })).unwrap();
    let fields = json!({ "id": contact, "fields": { "COMPANY_ID": 1 } });
    bench.call("crm.contact.company.add", fields.clone());
    bench.call("crm.contact.company.items.set", json!({ "id": contact, "items": [{ "COMPANY_ID": 2 }] }));
    bench.call("crm.contact.company.items.delete", json!({ "id": contact }));
    bench.call("crm.company.contact.add", json!({ "id": 3, "fields": { "CONTACT_ID": contact } }));
    assert!(bench.portal.take_deliveries(bench.now).is_empty());
    bench.call("crm.contact.update", json!({ "id": contact, "fields": { "COMPANY_IDS": [1] } }));
    let told = bench.portal.take_deliveries(bench.now);
    assert!(told.len() == 1 && told[0].body.starts_with("event=ONCRMCONTACTUPDATE&"), "{told:?}");
}

#[test]
fn the_write_only_sides_of_a_link_are_in_no_answer() {
    let (mut bench, contact) = bench();
    bench.call("crm.company.update", json!({ "id": 1, "fields": { "CONTACT_ID": [contact] } }));
    let select = json!({ "select": ["*", "UF_*", "COMPANY_IDS", "CONTACT_ID"] });
    let company = bench.call("crm.company.get", json!({ "id": 1 }));
    let listed = bench.call("crm.company.list", select.clone());
    assert!(company.get("CONTACT_ID").is_none() && listed[0].get("CONTACT_ID").is_none());
    let listed = bench.call("crm.contact.list", select);
    assert!(bench.get(contact).get("COMPANY_IDS").is_none() && listed[0].get("COMPANY_IDS").is_none());
    assert_eq!(listed[0]["COMPANY_ID"], "1");
}
