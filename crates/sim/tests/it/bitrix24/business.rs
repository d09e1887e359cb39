//! Deals and activities, found by the contacts and companies they stand on, and robots that edit cards.

use serde_json::{Value, json};

use super::Bench;

fn deal(bench: &mut Bench, fields: &Value) -> i64 {
    bench.call("crm.deal.add", json!({ "fields": fields })).as_i64().unwrap()
}

fn items(bench: &mut Bench, filter: &Value) -> Vec<i64> {
    let params = json!({"entityTypeId": 2, "select": ["id", "contactIds"], "filter": filter});
    let found = bench.call("crm.item.list", params);
    found["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

#[test]
fn deals_are_found_by_all_their_contacts_through_items_only() {
    let mut bench = Bench::new();
    let (first, second) = (bench.contact(json!({ "NAME": "A" })), bench.contact(json!({ "NAME": "B" })));
    let company = bench.company("C");
    let of_both = deal(&mut bench, &json!({"TITLE": "Поставка", "CONTACT_IDS": [first, second]}));
    let of_company = deal(&mut bench, &json!({"TITLE": "Ремонт", "COMPANY_ID": company}));
    assert_eq!(items(&mut bench, &json!({"@contactIds": [second]})), [of_both]);
    assert_eq!(items(&mut bench, &json!({"@companyId": [company], ">id": 0})), [of_company]);
    assert_eq!(items(&mut bench, &json!({"@contactIds": [999]})), [0i64; 0]);
    let classic = bench.call("crm.deal.list", json!({"filter": {"CONTACT_IDS": [second]}}));
    assert_eq!(classic.as_array().unwrap().len(), 2, "the filter is passed over: {classic}");
    let classic = bench.call("crm.deal.list", json!({"filter": {"CONTACT_ID": first}, "select": ["ID"]}));
    assert_eq!(classic, json!([{ "ID": of_both.to_string() }]));
    let unknown = json!({"entityTypeId": 2, "filter": {"CONTACT_ID": 1}});
    assert_eq!(bench.fail("crm.item.list", unknown).1, "INVALID_ARG_VALUE");
}

#[test]
fn activities_are_found_by_their_owner() {
    let mut bench = Bench::new();
    let (first, second) = (bench.contact(json!({ "NAME": "A" })), bench.contact(json!({ "NAME": "B" })));
    let fields = json!({"OWNER_TYPE_ID": 3, "OWNER_ID": second, "TYPE_ID": 2, "SUBJECT": "Звонок"});
    let before = bench.get(second)["DATE_MODIFY"].clone();
    let id = bench.call("crm.activity.add", json!({ "fields": fields }));
    let list = |bench: &mut Bench, kind: u8| {
        let filter = json!({"OWNER_TYPE_ID": kind, "@OWNER_ID": [first, second]});
        bench.call("crm.activity.list", json!({"filter": filter, "select": ["ID", "OWNER_ID"]}))
    };
    assert_eq!(list(&mut bench, 3), json!([{"ID": id.to_string(), "OWNER_ID": second.to_string()}]));
    assert_eq!(list(&mut bench, 4), json!([]), "a company of the same number is another card");
    assert_eq!(bench.get(second)["DATE_MODIFY"], before);
    assert_eq!(bench.fail("crm.activity.add", json!({"fields": {"SUBJECT": "x"}})).0, 400);
}

#[test]
fn a_robot_edits_what_is_made_or_changed_and_imports_start_none() {
    let mut bench = Bench::new();
    bench.act(json!({"do": "robot", "entity": "contact", "fields": {"POST": "Клиент"}}));
    let added = bench.contact(json!({"NAME": "A"}));
    assert_eq!(bench.get(added)["POST"], "Клиент");
    let fields = json!({"id": added, "fields": {"POST": "Директор"}});
    bench.call("crm.contact.update", fields);
    assert_eq!(bench.get(added)["POST"], "Клиент", "it sets its value again");
    let items = json!({"entityTypeId": 3, "data": [{"name": "B"}]});
    let imported = bench.call("crm.item.batchImport", items)["items"][0]["item"]["id"].as_i64().unwrap();
    assert_ne!(bench.get(imported)["POST"], "Клиент");
    bench.act(json!({"do": "robot", "entity": "contact"}));
    bench.call("crm.contact.update", json!({"id": added, "fields": {"POST": "Директор"}}));
    assert_eq!(bench.get(added)["POST"], "Директор");
}
