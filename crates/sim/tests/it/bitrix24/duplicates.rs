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

#[test]
fn every_spelling_meets_those_of_its_normal_form_and_no_other() {
    let forms: [(&str, &[&str]); 9] = [
        (
            "79260000001",
            &["+7 (926) 000-00-01", "8 926 000 00 01", "79260000001", "+7 926 000 00 01#12", "0079260000001"],
        ),
        ("9260000001", &["926 000 00 01", "(926)000-00-01", "0 926 000 00 01"]),
        ("78000000000", &["8 800 000 00 00", "+7 800 000-00-00"]),
        ("80162000000", &["8 0162 00 00 00", "80162000000"]),
        ("89260000001", &["+8 926 000 00 01", "0089260000001"]),
        ("7926000000112", &["+7 926 000 00 01, 12", "+7 926 000 00 01; 12"]),
        ("4930000000", &["00 49 30 000000", "011 49 30 000000", "49 30 000000"]),
        ("123456", &["12-34-56", "123456"]),
        ("812345", &["+8 12345", "81-23-45"]),
    ];
    let mut bench = Bench::new();
    for (id, (_, spellings)) in forms.iter().enumerate() {
        let phone = json!([{ "ID": id + 1, "VALUE": spellings[0] }]);
        bench.load(json!({ "entity": "contact", "ID": id + 1, "NAME": "A", "PHONE": phone }));
    }
    for (id, (form, spellings)) in forms.iter().enumerate() {
        for spelling in *spellings {
            let found = find(&mut bench, "PHONE", json!([spelling]), "CONTACT");
            assert_eq!(found, json!({ "CONTACT": [id + 1] }), "{spelling} is {form}");
        }
    }
}

#[test]
fn leads_come_first_and_hide_contacts_unless_the_kind_is_named() {
    let mut bench = Bench::new();
    for id in 1..=20 {
        bench.load(
            json!({ "entity": "lead", "ID": id, "TITLE": "A", "PHONE": [{ "ID": id, "VALUE": "123456" }] }),
        );
    }
    bench.load(
        json!({ "entity": "contact", "ID": 1, "NAME": "A", "PHONE": [{ "ID": 99, "VALUE": "123456" }] }),
    );
    let found = find(&mut bench, "PHONE", json!(["123456"]), "");
    assert_eq!(found["LEAD"].as_array().unwrap().len(), 20);
    assert!(found.get("CONTACT").is_none(), "{found}");
    assert_eq!(find(&mut bench, "PHONE", json!(["123456"]), "CONTACT"), json!({ "CONTACT": [1] }));
}

#[test]
fn other_categories_and_requisites_are_not_searched() {
    let mut bench = Bench::new();
    bench.load(json!({ "entity": "contact", "ID": 1, "NAME": "A", "CATEGORY_ID": 7, "PHONE": [{ "ID": 1, "VALUE": "5000000" }] }));
    bench.load(json!({ "entity": "contact", "ID": 2, "NAME": "A" }));
    let fields = json!({ "ENTITY_TYPE_ID": 3, "ENTITY_ID": 2, "PRESET_ID": 1, "NAME": "R", "RQ_INN": "500100732259", "RQ_PHONE": "5000000" });
    bench.call("crm.requisite.add", json!({ "fields": fields }));
    for value in ["5000000", "500100732259"] {
        assert_eq!(find(&mut bench, "PHONE", json!([value]), ""), json!([]), "{value}");
    }
}
