//! Catching up without events: watermarks, walks, and what they do not show.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Bench, body, ids};

fn bench(contacts: i64) -> Bench {
    let mut bench = Bench::new();
    for id in 1..=contacts {
        let date = "2026-01-01T10:00:00+03:00";
        bench.load(
            json!({ "entity": "contact", "ID": id, "NAME": "A", "DATE_CREATE": date, "DATE_MODIFY": date }),
        );
    }
    bench
}

fn changed_since(bench: &mut Bench, watermark: &Value) -> Vec<i64> {
    let params = json!({ "filter": { ">=DATE_MODIFY": watermark }, "order": { "ID": "ASC" }, "select": ["ID"], "start": -1 });
    ids(&bench.call("crm.contact.list", params))
}

#[test]
fn both_interfaces_filter_by_the_dates_of_change_and_creation() {
    let mut bench = bench(3);
    let watermark = bench.call("server.time", json!({}));
    bench.call("crm.contact.update", json!({ "id": 2, "fields": { "POST": "x" } }));
    let new = bench.contact(json!({ "NAME": "B" }));
    assert_eq!(changed_since(&mut bench, &watermark), [2, new]);
    let created = json!({ "filter": { ">=DATE_CREATE": watermark }, "select": ["ID"] });
    assert_eq!(ids(&bench.call("crm.contact.list", created)), [new]);
    for (key, expected) in [(">=updatedTime", vec![2, new]), (">=createdTime", vec![new])] {
        let params = json!({ "entityTypeId": 3, "filter": { key: watermark }, "select": ["id"] });
        let items = bench.call("crm.item.list", params)["items"].clone();
        let found: Vec<i64> =
            items.as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect();
        assert_eq!(found, expected, "{key}");
    }
}

#[test]
fn one_moment_is_written_differently_when_the_zone_changes() {
    let mut bench = bench(1);
    assert_eq!(bench.get(1)["DATE_MODIFY"], "2026-01-01T10:00:00+03:00");
    bench.portal.settings_mut().offset = jiff::tz::offset(5);
    assert_eq!(bench.get(1)["DATE_MODIFY"], "2026-01-01T12:00:00+05:00");
    for (since, expected) in
        [("2026-01-01T07:00:00Z", 1), ("2026-01-01T12:00:00+05:00", 1), ("2026-01-01T12:00:01+05:00", 0)]
    {
        assert_eq!(changed_since(&mut bench, &json!(since)).len(), expected, "{since}, to the second");
    }
}

#[test]
fn a_plus_that_is_not_encoded_makes_the_date_unreadable_and_gives_wrong_rows() {
    let mut bench = bench(3);
    for (sign, expected) in [("%2B", 0), ("+", 3)] {
        let target = format!(
            "/rest/1/secret/crm.contact.list?filter[%3E%3DDATE_MODIFY]=2026-09-01T10:00:00{sign}03:00"
        );
        let response = bench.send("GET", &target, "", b"");
        assert_eq!(body(&response)["total"], expected, "{sign}");
    }
}

#[test]
fn a_walk_by_id_under_a_fixed_watermark_meets_all_that_changes_meanwhile() {
    let mut bench = bench(160);
    let watermark = json!("2026-01-01T00:00:00+03:00");
    let (mut met, mut last) = (BTreeSet::new(), 0);
    loop {
        let filter = json!({ ">=DATE_MODIFY": watermark, ">ID": last });
        let page = ids(&bench.call(
            "crm.contact.list",
            json!({ "filter": filter, "order": { "ID": "ASC" }, "select": ["ID"], "start": -1 }),
        ));
        met.extend(page.iter().copied());
        // Somebody edits a card that was read, one that was not, and adds another.
        for id in [1, 160] {
            bench.call("crm.contact.update", json!({ "id": id, "fields": { "POST": last.to_string() } }));
        }
        if met.len() < 170 {
            bench.contact(json!({ "NAME": "B" }));
        }
        match page.last() {
            Some(id) if page.len() == 50 => last = *id,
            _ => break,
        }
    }
    assert!((1..=163).all(|id| met.contains(&id)), "{met:?}");
}

#[test]
fn pages_by_date_lose_rows_that_move_while_they_are_read() {
    let mut bench = bench(100);
    let page = |bench: &mut Bench, start: i64| {
        ids(&bench.call(
            "crm.contact.list",
            json!({ "order": { "DATE_MODIFY": "ASC" }, "select": ["ID"], "start": start }),
        ))
    };
    let mut met = page(&mut bench, 0);
    bench.call("crm.contact.update", json!({ "id": 1, "fields": { "POST": "x" } }));
    met.extend(page(&mut bench, 50));
    assert!(!met.contains(&51), "51 has moved to the page that was read");
}

#[test]
fn deletions_and_backdated_imports_are_not_seen_by_the_date() {
    let mut bench = bench(2);
    let watermark = json!("2026-02-01T00:00:00+03:00");
    bench.call("crm.contact.delete", json!({ "id": 1 }));
    let fields = json!({ "NAME": "B", "DATE_CREATE": "2026-01-02T10:00:00+03:00", "DATE_MODIFY": "2026-01-02T10:00:00+03:00" });
    let imported = bench.call("crm.contact.add", json!({ "fields": fields, "params": { "IMPORT": "Y" } }));
    assert_eq!(changed_since(&mut bench, &watermark), [] as [i64; 0]);
    let all = ids(&bench.call("crm.contact.list", json!({ "select": ["ID"] })));
    assert_eq!(all, [2, imported.as_i64().unwrap()], "the sets of ids differ");
}

#[test]
fn an_import_cannot_set_a_date_of_change_in_the_future() {
    let mut bench = bench(0);
    let fields = json!({ "NAME": "B", "DATE_MODIFY": "2036-01-01T10:00:00+03:00" });
    assert_eq!(
        bench.fail("crm.contact.add", json!({ "fields": fields, "params": { "IMPORT": "Y" } })).0,
        400
    );
}

#[test]
fn contacts_and_companies_count_their_ids_apart_upwards_and_never_again() {
    let mut bench = Bench::new();
    let (contact, company) = (bench.contact(json!({ "NAME": "A" })), bench.company("A"));
    assert_eq!((contact, company), (1, 1));
    bench.contact(json!({ "NAME": "B" }));
    for id in [1, 2] {
        bench.call("crm.contact.delete", json!({ "id": id }));
    }
    assert_eq!(bench.contact(json!({ "NAME": "C" })), 3);
}

#[test]
fn a_sweep_gives_ids_dates_links_and_keys_of_fifty_contacts_a_call() {
    let mut bench = bench(60);
    let company = bench.company("A");
    bench.call(
        "crm.contact.update",
        json!({ "id": 50, "fields": { "COMPANY_IDS": [company], "ORIGIN_ID": "o" } }),
    );
    let params =
        json!({ "entityTypeId": 3, "select": ["id", "updatedTime", "companyIds", "originId"], "start": -1 });
    let items = bench.call("crm.item.list", params)["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 50);
    let last = &items[49];
    assert_eq!(
        (&last["id"], &last["companyIds"], &last["originId"]),
        (&json!(50), &json!([company]), &json!("o"))
    );
    assert!(last["updatedTime"].is_string());
}
