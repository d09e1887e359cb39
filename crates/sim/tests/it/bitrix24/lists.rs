//! Filters, selections, orders and pages of classic lists.

use serde_json::{Value, json};

use super::{Bench, body, ids};

/// Four contacts with a user field, phones, a company and three moments of change.
fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.load(json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": "UF_CRM_KEY", "USER_TYPE_ID": "string" }));
    bench.load(json!({ "entity": "company", "ID": "12", "TITLE": "A" }));
    bench.load(json!({ "entity": "contact", "ID": "1", "NAME": "Анна", "LAST_NAME": "Ким", "UF_CRM_KEY": "k-1",
        "ORIGIN_ID": "o1", "DATE_MODIFY": "2026-01-01T10:00:00+03:00", "PHONE": [{ "ID": "1", "VALUE": "+7 900 000-00-01" }] }));
    bench.load(json!({ "entity": "contact", "ID": "2", "NAME": "Борис", "UF_CRM_KEY": "K-2",
        "DATE_MODIFY": "2026-01-02T10:00:00+03:00", "COMPANY_ID": "12", "EMAIL": [{ "ID": "2", "VALUE": "boris@example.ru" }] }));
    bench.load(json!({ "entity": "contact", "ID": "3", "NAME": "Вера", "LAST_NAME": "Анина",
        "DATE_MODIFY": "2026-01-03T10:00:00+03:00", "TYPE_ID": "CLIENT" }));
    bench.load(json!({ "entity": "contact", "ID": "4", "NAME": "анна", "UF_CRM_KEY": "k-2 ",
        "DATE_MODIFY": "2026-01-03T10:00:00+03:00", "TYPE_ID": "PARTNER", "PHONE": [{ "ID": "4", "VALUE": "8 900 000 00 01" }] }));
    bench
}

#[test]
fn filters_compare_as_the_portal_compares() {
    let mut bench = bench();
    let table: &[(Value, &[i64])] = &[
        (json!({ "NAME": "анна" }), &[1, 4]),
        (json!({ "=NAME": "Анна" }), &[1, 4]),
        (json!({ "!NAME": "Анна" }), &[2, 3]),
        (json!({ "!=NAME": "Анна" }), &[2, 3]),
        (json!({ "%NAME": "нн" }), &[1, 4]),
        (json!({ "=%NAME": "в%" }), &[3]),
        (json!({ "%=NAME": "%с" }), &[2]),
        (json!({ "@ID": [1, "3"] }), &[1, 3]),
        (json!({ "!@ID": [1, 3] }), &[2, 4]),
        (json!({ "ID": ["2", "4"] }), &[2, 4]),
        (json!({ ">ID": 2 }), &[3, 4]),
        (json!({ ">=ID": "2", "<ID": "4" }), &[2, 3]),
        (json!({ "<=ID": 1 }), &[1]),
        (json!({ "UF_CRM_KEY": "k-2" }), &[2, 4]),
        (json!({ "@UF_CRM_KEY": ["K-1", "k-2"] }), &[1, 2, 4]),
        (json!({ "UF_CRM_KEY": "" }), &[3]),
        (json!({ "!UF_CRM_KEY": "" }), &[1, 2, 4]),
        (json!({ "=ORIGIN_ID": "O1" }), &[1]),
        (json!({ "COMPANY_ID": 12 }), &[2]),
        (json!({ "HAS_PHONE": "Y" }), &[1, 4]),
        (json!({ "HAS_EMAIL": "N" }), &[1, 3, 4]),
        (json!({ "PHONE": "+7 900 000-00-01" }), &[1]),
        (json!({ "PHONE": "+79000000001" }), &[]),
        (json!({ "%PHONE": "900" }), &[]),
        (json!({ "EMAIL": "boris@example.ru" }), &[2]),
        (json!({ "%TYPE_ID": "PART" }), &[]),
        (json!({ "%TYPE_ID": "PARTNER" }), &[4]),
        (json!({ ">=DATE_MODIFY": "2026-01-02T10:00:00+03:00" }), &[2, 3, 4]),
        (json!({ ">DATE_MODIFY": "2026-01-02T07:00:00Z" }), &[3, 4]),
        (json!({ ">=DATE_MODIFY": "2026-01-03T10:00:00 03:00" }), &[1, 2, 3, 4]),
        (json!({ "<DATE_MODIFY": "tomorrow" }), &[]),
        (json!({ "NAME": "Анна", ">ID": 1 }), &[4]),
        (json!({ "%COMPANY_ID": "1" }), &[]),
        (json!({ "%COMPANY_ID": "12" }), &[2]),
        (json!({ "=LAST_NAME": "" }), &[2, 4]),
        (json!({ "!PHONE": "" }), &[1, 4]),
    ];
    for (filter, expected) in table {
        for start in [0, -1] {
            let rows =
                bench.call("crm.contact.list", json!({ "filter": filter, "select": ["ID"], "start": start }));
            assert_eq!(ids(&rows), *expected, "{filter} from {start}");
        }
    }
}

#[test]
fn an_unknown_filter_key_is_dropped_and_everything_comes() {
    let mut bench = bench();
    let or = json!({ "logic": "OR", "0": { "ID": 1 }, "1": { "ID": 2 } });
    for filter in [json!({ "UF_CRM_KEI": "k-1" }), json!({ "name": "x" }), json!({ "COMPANY_IDS": [12] }), or]
    {
        assert_eq!(bench.envelope("crm.contact.list", json!({ "filter": filter }))["total"], 4, "{filter}");
    }
}

#[test]
fn filters_by_a_deleted_user_field_return_everything_and_writes_to_it_are_lost() {
    let mut bench = bench();
    let now = bench.now;
    obmen_sim::world::World::act(
        &mut bench.portal,
        now,
        &json!({ "do": "delete", "entity": "userfield", "id": "1" }),
    )
    .unwrap();
    let envelope = bench.envelope("crm.contact.list", json!({ "filter": { "UF_CRM_KEY": "k-1" } }));
    assert_eq!(envelope["total"], 4);
    bench.call("crm.contact.update", json!({ "id": 1, "fields": { "UF_CRM_KEY": "k-1" } }));
    assert!(bench.get(1).get("UF_CRM_KEY").is_none());
}

#[test]
fn selections_give_exactly_what_they_name() {
    let mut bench = bench();
    let keys = |bench: &mut Bench, select: Value| {
        let rows = bench.call("crm.contact.list", json!({ "select": select, "filter": { "ID": 1 } }));
        rows[0].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(keys(&mut bench, json!(["NAME"])), ["NAME"]);
    assert_eq!(keys(&mut bench, json!(["PHONE"])), ["ID", "PHONE"], "multi-fields bring the id along");
    assert_eq!(keys(&mut bench, json!(["UF_*"])), ["UF_CRM_KEY"]);
    assert_eq!(keys(&mut bench, json!(["NAME", "NOPE", "COMPANY_IDS"])), ["NAME"]);
    let star = keys(&mut bench, json!(["*"]));
    assert!(star.contains(&"DATE_MODIFY".to_owned()));
    assert!(!star.contains(&"UF_CRM_KEY".to_owned()) && !star.contains(&"PHONE".to_owned()));
    let default = keys(&mut bench, json!([]));
    assert!(default.contains(&"UF_CRM_KEY".to_owned()) && !default.contains(&"PHONE".to_owned()));
    let row =
        bench.call("crm.contact.list", json!({ "select": ["ID", "COMPANY_ID"], "filter": { "ID": 2 } }));
    assert_eq!(row, json!([{ "ID": "2", "COMPANY_ID": "12" }]));
}

#[test]
fn orders_sort_by_type_in_both_directions() {
    let mut bench = bench();
    let table: &[(&str, &[i64])] = &[
        ("order[ID]=DESC", &[4, 3, 2, 1]),
        ("order[NAME]=ASC&order[ID]=DESC", &[4, 1, 2, 3]),
        ("order[NAME]=DESC", &[3, 2, 1, 4]),
        ("order[DATE_MODIFY]=desc", &[3, 4, 2, 1]),
        ("order[PHONE]=DESC", &[1, 2, 3, 4]),
        ("order[NOPE]=DESC", &[1, 2, 3, 4]),
    ];
    for (order, expected) in table {
        let target = format!("/rest/1/secret/crm.contact.list?select[]=ID&{order}");
        let response = bench.send("GET", &target, "", b"");
        assert_eq!(ids(&body(&response)["result"]), *expected, "{order}");
    }
}

#[test]
fn pages_have_fifty_rows_and_tell_total_and_next() {
    let mut bench = Bench::new();
    for id in 1..=120 {
        bench.load(json!({ "entity": "contact", "ID": id.to_string(), "NAME": "A" }));
    }
    let page = |bench: &mut Bench, start: i64| {
        let envelope = bench.envelope("crm.contact.list", json!({ "select": ["ID"], "start": start }));
        let ids = ids(&envelope["result"]);
        (ids[0], ids.len(), envelope["next"].clone(), envelope["total"].clone())
    };
    assert_eq!(page(&mut bench, 0), (1, 50, json!(50), json!(120)));
    assert_eq!(page(&mut bench, 75), (51, 50, json!(100), json!(120)), "rounded down to a page");
    assert_eq!(page(&mut bench, 100), (101, 20, Value::Null, json!(120)));
    let fast =
        json!({ "select": ["ID"], "start": "-1", "order": { "ID": "ASC" }, "filter": { ">ID": "100" } });
    let envelope = bench.envelope("crm.contact.list", fast);
    assert_eq!(ids(&envelope["result"]).len(), 20);
    assert_eq!(envelope["total"], 0);
    assert!(envelope.get("next").is_none());
}

#[test]
fn classic_methods_see_category_0_only() {
    let mut bench = bench();
    bench.load(json!({ "entity": "contact", "ID": "5", "NAME": "supplier", "CATEGORY_ID": "7" }));
    assert_eq!(bench.envelope("crm.contact.list", json!({}))["total"], 4);
    assert_eq!(bench.fail("crm.contact.get", json!({ "id": 5 })).2, "Not found");
    let items = bench.call("crm.item.list", json!({ "entityTypeId": 3, "filter": { "categoryId": 7 } }));
    assert_eq!(items["items"][0]["id"], 5);
}

#[test]
fn statuses_are_a_dictionary_by_entity() {
    let mut bench = Bench::new();
    let rows = bench.call("crm.status.list", json!({ "filter": { "ENTITY_ID": "CONTACT_TYPE" } }));
    assert_eq!(rows[0]["STATUS_ID"], "CLIENT");
    assert!(rows.as_array().unwrap().iter().all(|row| row["ENTITY_ID"] == "CONTACT_TYPE"));
}

#[test]
fn a_row_that_goes_between_two_pages_moves_another_out_of_sight_but_not_on_a_walk_by_id() {
    let mut bench = Bench::new();
    for id in 1..=80 {
        bench.load(json!({ "entity": "contact", "ID": id.to_string(), "NAME": "A" }));
    }
    let page = |bench: &mut Bench, params: Value| ids(&bench.call("crm.contact.list", params));
    let mut seen = page(&mut bench, json!({ "select": ["ID"] }));
    bench.call("crm.contact.delete", json!({ "id": 1 }));
    let walk = json!({ "select": ["ID"], "filter": { ">ID": 50 }, "order": { "ID": "ASC" }, "start": -1 });
    assert_eq!(page(&mut bench, walk), (51..=80).collect::<Vec<_>>());
    seen.extend(page(&mut bench, json!({ "select": ["ID"], "start": 50 })));
    assert!(!seen.contains(&51), "an offset leaves one out");
}
