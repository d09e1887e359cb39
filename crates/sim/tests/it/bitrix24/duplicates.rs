//! The duplicate search.

use serde_json::{Value, json};

use super::Bench;

#[expect(clippy::needless_pass_by_value, reason = "json!(…) reads better without an ampersand")]
fn find(bench: &mut Bench, kind: &str, values: Value, entity: &str) -> Value {
    bench.call("crm.duplicate.findbycomm", json!({ "type": kind, "values": values, "entity_type": entity }))
}

#[test]
fn stored_and_asked_phones_meet_in_their_normal_form() {
    let mut bench = Bench::new();
    bench.contact(json!({ "NAME": "A", "PHONE": [{ "VALUE": "+7 (926) 000-00-01" }] }));
    bench.contact(json!({ "NAME": "B", "PHONE": [{ "VALUE": "926 000 00 02" }] }));
    bench.call(
        "crm.company.add",
        json!({ "fields": { "TITLE": "C", "PHONE": [{ "VALUE": "8 926 000 00 01" }] } }),
    );
    let table = [
        (json!(["8 926 000 00 01"]), "CONTACT", json!({ "CONTACT": [1] })),
        (json!(["79260000001#12"]), "", json!({ "CONTACT": [1], "COMPANY": [1] })),
        (json!(["+8 926 000 00 01"]), "", json!([])),
        (json!(["9260000001"]), "", json!([])),
        (json!(["+79260000002"]), "", json!([])),
        (json!(["9260000002", "+79260000001"]), "CONTACT", json!({ "CONTACT": [2, 1] })),
        (json!([79_260_000_001_i64]), "", json!([])),
        (json!(["+79260000001"]), "LEAD", json!([])),
    ];
    for (values, entity, expected) in table {
        assert_eq!(find(&mut bench, "PHONE", values.clone(), entity), expected, "{values} {entity}");
    }
}

#[test]
fn the_index_follows_every_change() {
    let mut bench = Bench::new();
    bench.contact(json!({ "NAME": "A", "EMAIL": [{ "VALUE": "Anna@Example.ru" }] }));
    assert_eq!(find(&mut bench, "EMAIL", json!([" anna@example.RU "]), "CONTACT"), json!({ "CONTACT": [1] }));
    let update = json!({ "id": 1, "fields": { "EMAIL": [{ "ID": 1, "VALUE": "ivan@example.ru" }] } });
    bench.call("crm.contact.update", update);
    assert_eq!(find(&mut bench, "EMAIL", json!(["anna@example.ru"]), "CONTACT"), json!([]));
    assert_eq!(find(&mut bench, "EMAIL", json!(["ivan@example.ru"]), "CONTACT"), json!({ "CONTACT": [1] }));
    bench.call("crm.contact.delete", json!({ "id": 1 }));
    assert_eq!(find(&mut bench, "EMAIL", json!(["ivan@example.ru"]), "CONTACT"), json!([]));
}

#[test]
fn only_twenty_values_and_twenty_rows_a_value_count() {
    let mut bench = Bench::new();
    for id in 1..=25 {
        bench.load(json!({ "entity": "contact", "ID": id.to_string(), "NAME": "A",
            "PHONE": [{ "ID": id.to_string(), "VALUE": "123456" }] }));
    }
    bench.load(
        json!({ "entity": "company", "ID": "1", "TITLE": "A", "PHONE": [{ "ID": "99", "VALUE": "123456" }] }),
    );
    let found = find(&mut bench, "PHONE", json!(["123456"]), "");
    assert_eq!(found["CONTACT"].as_array().unwrap().len(), 20);
    assert!(found.get("COMPANY").is_none(), "contacts have hidden the company");
    let mut values: Vec<Value> = (0..20).map(|at| json!(format!("55500{at}"))).collect();
    values.push(json!("123456"));
    assert_eq!(find(&mut bench, "PHONE", json!(values), ""), json!([]));
}

#[test]
fn a_plain_string_is_no_list_of_values() {
    let mut bench = Bench::new();
    let (status, _, description) =
        bench.fail("crm.duplicate.findbycomm", json!({ "type": "PHONE", "values": "123456" }));
    assert_eq!((status, description.as_str()), (400, "Communication values is not defined"));
}
