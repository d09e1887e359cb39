//! What a user who is no administrator sees and may change.

use obmen_sim::bitrix24::{KindRights, Reach, Rights, Settings};
use obmen_sim::world::World;
use serde_json::{Value, json};

use super::{Bench, ids};

/// An employee's webhook on a portal with an own and a foreign contact and company; each company has a requisite.
fn bench(contacts: &str, companies: &str) -> Bench {
    let rights = Rights { contacts: contacts.parse().unwrap(), companies: companies.parse().unwrap() };
    let mut bench = Bench::with(Settings { admin: false, rights, ..Settings::default() });
    for (id, responsible) in [("1", "1"), ("2", "9")] {
        bench.load(json!({ "entity": "contact", "ID": id, "NAME": "A", "ASSIGNED_BY_ID": responsible,
            "PHONE": [{ "ID": id, "VALUE": "+79000000001" }] }));
        bench.load(json!({ "entity": "company", "ID": id, "TITLE": "A", "ASSIGNED_BY_ID": responsible }));
        bench.load(json!({ "entity": "requisite", "ID": id, "ENTITY_TYPE_ID": "4", "ENTITY_ID": id,
            "NAME": "R", "RQ_INN": "7700000000" }));
    }
    bench
}

fn listed(bench: &mut Bench, method: &str) -> (Vec<i64>, Value) {
    let envelope = bench.envelope(method, json!({ "select": ["ID"] }));
    (ids(&envelope["result"]), envelope["total"].clone())
}

#[test]
fn rows_beyond_a_user_s_reach_are_absent_from_lists_and_totals_without_a_word() {
    for (reach, seen) in [("all", vec![1, 2]), ("own", vec![1]), ("none", vec![])] {
        let mut bench = bench(reach, reach);
        for method in ["crm.contact.list", "crm.company.list", "crm.requisite.list"] {
            assert_eq!(listed(&mut bench, method), (seen.clone(), json!(seen.len())), "{method} {reach}");
        }
        let fast = json!({ "start": -1, "filter": { ">ID": 0 }, "order": { "ID": "ASC" } });
        assert_eq!(ids(&bench.call("crm.contact.list", fast)), seen, "{reach}");
        for kind in [3, 4] {
            let envelope = bench.envelope("crm.item.list", json!({ "entityTypeId": kind, "select": ["id"] }));
            assert_eq!(envelope["total"], seen.len(), "{kind} {reach}");
            assert_eq!(envelope["result"]["items"].as_array().unwrap().len(), seen.len());
        }
    }
}

#[test]
fn reading_one_record_beyond_the_reach_is_refused() {
    let mut bench = bench("own", "none");
    assert_eq!(bench.get(1)["NAME"], "A");
    let table = [
        ("crm.contact.get", json!({ "id": 2 })),
        ("crm.company.get", json!({ "id": 1 })),
        ("crm.requisite.get", json!({ "id": 1 })),
        ("crm.contact.company.items.get", json!({ "id": 2 })),
    ];
    for (method, params) in table {
        let (status, error, text) = bench.fail(method, params);
        assert_eq!((status, error, text.as_str()), (400, json!(""), "Access denied."), "{method}");
    }
    let (status, error, _) = bench.fail("crm.item.get", json!({ "entityTypeId": 3, "id": 2 }));
    assert_eq!((status, error), (400, json!("ACCESS_DENIED")));
    assert_eq!(bench.fail("crm.contact.get", json!({ "id": 3 })).2, "Not found");
}

#[test]
fn writing_beyond_the_reach_is_refused_and_changes_nothing() {
    let mut bench = bench("all/own", "all/none");
    let change = json!({ "POST": "x" });
    bench.call("crm.contact.update", json!({ "id": 1, "fields": change }));
    let before = bench.portal.dump();
    let table = [
        ("crm.contact.update", json!({ "id": 2, "fields": change })),
        ("crm.contact.delete", json!({ "id": 2 })),
        ("crm.contact.add", json!({ "fields": { "NAME": "B", "ASSIGNED_BY_ID": 9 } })),
        ("crm.contact.company.add", json!({ "id": 2, "fields": { "COMPANY_ID": 1 } })),
        ("crm.company.contact.add", json!({ "id": 1, "fields": { "CONTACT_ID": 1 } })),
        ("crm.company.add", json!({ "fields": { "TITLE": "B" } })),
        ("crm.entity.mergeBatch", json!({ "params": { "entityTypeId": 3, "entityIds": [1, 2] } })),
        ("crm.requisite.update", json!({ "id": 1, "fields": { "RQ_INN": "1" } })),
        (
            "crm.requisite.add",
            json!({ "fields": { "ENTITY_TYPE_ID": 4, "ENTITY_ID": 1, "PRESET_ID": 1, "NAME": "S" } }),
        ),
    ];
    for (method, params) in table {
        assert_eq!(bench.fail(method, params).2, "Access denied.", "{method}");
    }
    let items = [
        ("crm.item.update", json!({ "entityTypeId": 3, "id": 2, "fields": { "post": "x" } })),
        ("crm.item.delete", json!({ "entityTypeId": 3, "id": 2 })),
        ("crm.item.add", json!({ "entityTypeId": 4, "fields": { "title": "B" } })),
        ("crm.item.import", json!({ "entityTypeId": 4, "fields": { "title": "B" } })),
    ];
    for (method, params) in items {
        let (status, error, _) = bench.fail(method, params);
        assert_eq!((status, error), (400, json!("ACCESS_DENIED")), "{method}");
    }
    assert_eq!(bench.portal.dump(), before);
    assert_eq!(bench.contact(json!({ "NAME": "B" })), 3, "a new contact is the user's own");
}

#[test]
fn the_duplicate_search_asks_for_no_right_to_single_records() {
    let mut bench = bench("none", "none");
    let found =
        bench.call("crm.duplicate.findbycomm", json!({ "type": "PHONE", "values": ["+79000000001"] }));
    assert_eq!(found, json!({ "CONTACT": [1, 2] }));
}

#[test]
fn an_administrator_needs_no_rights_and_they_change_while_the_portal_runs() {
    let mut bench = bench("none", "none");
    let admin = json!({ "do": "rights", "admin": true });
    bench.portal.act(bench.now, &admin).unwrap();
    assert_eq!(listed(&mut bench, "crm.contact.list").0, [1, 2]);
    let employee = json!({ "do": "rights", "admin": false, "contacts": "own", "companies": "all/none" });
    bench.portal.act(bench.now, &employee).unwrap();
    assert_eq!(listed(&mut bench, "crm.contact.list").0, [1]);
    assert_eq!(listed(&mut bench, "crm.company.list").0, [1, 2]);
    let expected = KindRights { read: Reach::All, write: Reach::Nothing };
    assert_eq!(bench.portal.settings().rights.companies, expected);
    assert!(bench.portal.act(bench.now, &json!({ "do": "rights", "contacts": "half" })).is_err());
}
