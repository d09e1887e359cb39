//! Work on many cards: imports, batches, and what they cost.

use obmen_sim::bitrix24::Settings;
use obmen_sim::http::Request;
use obmen_sim::world::World;
use serde_json::{Value, json};

use super::{Bench, event, ids};

fn bench(contacts: i64) -> Bench {
    let mut bench = Bench::new();
    for id in 1..=contacts {
        bench.load(json!({ "entity": "contact", "ID": id, "NAME": "A" }));
    }
    bench
}

/// A batch of as many imports of twenty cards.
fn imports(calls: usize) -> Value {
    let data = "data[][name]=A&".repeat(20);
    let commands: Vec<String> =
        (0..calls).map(|_| format!("crm.item.batchImport?entityTypeId=3&{}", numbered(&data))).collect();
    json!({ "cmd": commands })
}

/// Gives each element of a list a number of its own.
fn numbered(data: &str) -> String {
    data.split('&')
        .enumerate()
        .map(|(at, part)| part.replace("[]", &format!("[{at}]")))
        .collect::<Vec<_>>()
        .join("&")
}

#[test]
fn one_list_by_ids_reads_fifty_cards() {
    let mut bench = bench(60);
    let wanted: Vec<i64> = (6..56).collect();
    let rows =
        bench.call("crm.contact.list", json!({ "filter": { "@ID": wanted }, "select": ["ID"], "start": -1 }));
    assert_eq!(ids(&rows), wanted);
}

#[test]
fn an_import_never_updates() {
    let mut bench = bench(1);
    let fields = json!({ "id": 1, "name": "B" });
    let imported = bench.call("crm.item.import", json!({ "entityTypeId": 3, "fields": fields }));
    assert_eq!(imported, json!({ "item": { "id": 2 } }));
    assert_eq!(bench.get(1)["NAME"], "A");
}

#[test]
fn imported_cards_are_told() {
    let mut bench = Bench::new();
    bench.listen();
    bench.call("crm.item.import", json!({ "entityTypeId": 3, "fields": { "name": "A" } }));
    bench.call(
        "crm.item.batchImport",
        json!({ "entityTypeId": 4, "data": [{ "title": "A" }, { "post": "x" }] }),
    );
    bench.call("crm.contact.add", json!({ "fields": { "NAME": "B" }, "params": { "IMPORT": "Y" } }));
    assert_eq!(
        bench.told(),
        [event("ONCRMCONTACTADD", 1), event("ONCRMCOMPANYADD", 1), event("ONCRMCONTACTADD", 2)]
    );
}

#[test]
fn own_dates_and_authors_of_an_import_are_an_administrators() {
    for (admin, created, author) in
        [(true, "2020-01-01T10:00:00+03:00", "7"), (false, "2026-09-21T10:00:01+03:00", "1")]
    {
        let mut bench = Bench::with(Settings { admin, ..Settings::default() });
        let fields = json!({ "name": "A", "createdTime": "2020-01-01T10:00:00+03:00", "createdBy": 7, "updatedBy": 7 });
        bench.call("crm.item.import", json!({ "entityTypeId": 3, "fields": fields }));
        let contact = bench.get(1);
        assert_eq!((&contact["DATE_CREATE"], &contact["CREATED_BY_ID"]), (&json!(created), &json!(author)));
    }
    let mut bench = Bench::new();
    let data = json!([{ "name": "A", "createdTime": "2020-01-02T00:00:00Z" }, { "name": "B", "createdTime": "2020-01-01T00:00:00Z" }]);
    let items =
        bench.call("crm.item.batchImport", json!({ "entityTypeId": 3, "data": data }))["items"].clone();
    assert_eq!(items[0]["item"]["id"], 1);
    assert!(items[1].get("error").is_some(), "older than the newest row: {items}");
}

#[test]
fn a_batch_of_imports_is_bounded_by_its_time() {
    let mut bench = Bench::new();
    let result = bench.call("batch", imports(5));
    assert_eq!(result["result"].as_array().unwrap().len(), 5);
    assert_eq!(bench.envelope("crm.contact.list", json!({}))["total"], 100);
    assert!(bench.post("batch", &imports(50)).is_cut(), "250 s do not fit into 60");
    assert_eq!(bench.envelope("crm.contact.list", json!({}))["total"], 340, "twelve ran");
}

#[test]
fn execution_time_sets_the_pace_of_a_first_load() {
    let mut bench = Bench::new();
    let begun = bench.now;
    let commands: Vec<&str> = vec!["crm.contact.add?fields[NAME]=A"; 50];
    let mut done = 0;
    loop {
        let result = bench.call("batch", json!({ "cmd": commands, "halt": 1 }));
        done += result["result"].as_array().unwrap().len();
        if !result["result_error"].as_array().is_some_and(Vec::is_empty) {
            break;
        }
    }
    assert_eq!(done, 1920, "480 s at a quarter of a second");
    let waited = bench.now.as_second() - begun.as_second();
    assert!(waited < 60, "the rate of requests would have allowed more: {waited}");
}

#[test]
fn an_export_needs_one_more_request_when_the_last_page_is_full() {
    for (contacts, expected) in [(99, 2), (100, 3), (101, 3)] {
        let mut bench = bench(contacts);
        let mut last = 0;
        loop {
            let params =
                json!({ "filter": { ">ID": last }, "order": { "ID": "ASC" }, "select": ["ID"], "start": -1 });
            let page = ids(&bench.call("crm.contact.list", params));
            match page.last() {
                Some(id) if page.len() == 50 => last = *id,
                _ => break,
            }
        }
        assert_eq!(bench.portal.counters()["requests"], expected, "{contacts}");
    }
}

#[test]
fn one_batch_of_chained_pages_gives_two_and_a_half_thousand_rows() {
    let mut bench = bench(2600);
    let commands: serde_json::Map<String, Value> = (0..50)
        .map(|at| {
            let after = if at == 0 { "0".to_owned() } else { format!("$result[p{:02}][49][ID]", at - 1) };
            let command = format!("crm.contact.list?order[ID]=ASC&filter[>ID]={after}&select[]=ID&start=-1");
            (format!("p{at:02}"), json!(command))
        })
        .collect();
    let result = bench.call("batch", json!({ "cmd": commands }));
    let rows: usize =
        result["result"].as_object().unwrap().values().map(|page| page.as_array().unwrap().len()).sum();
    assert_eq!(rows, 2500);
    assert_eq!(result["result"]["p49"][49]["ID"], "2500");
}

#[test]
fn every_call_of_a_synchroniser_is_there() {
    let mut bench = Bench::new();
    for method in [
        "profile",
        "scope",
        "method.get",
        "server.time",
        "user.get",
        "crm.contact.userfield.list",
        "crm.contact.userfield.add",
        "crm.company.userfield.list",
        "crm.company.userfield.add",
        "crm.requisite.preset.list",
        "crm.status.list",
        "crm.contact.list",
        "crm.contact.get",
        "crm.contact.add",
        "crm.contact.update",
        "crm.contact.delete",
        "crm.company.list",
        "crm.company.add",
        "crm.company.update",
        "crm.requisite.list",
        "crm.requisite.add",
        "crm.requisite.update",
        "crm.item.list",
        "crm.item.batchImport",
        "crm.contact.company.items.get",
        "crm.contact.company.items.set",
        "crm.duplicate.findbycomm",
        "crm.timeline.comment.add",
    ] {
        let told = bench.call("method.get", json!({ "name": method }));
        assert_eq!(told, json!({ "isExisting": true, "isAvailable": true }), "{method}");
    }
}

#[test]
fn null_clears_a_field() {
    let mut bench = Bench::new();
    let id = bench.contact(json!({ "NAME": "A", "POST": "x" }));
    bench.call("crm.contact.update", json!({ "id": id, "fields": { "POST": null } }));
    assert_eq!(bench.get(id)["POST"], Value::Null);
}

#[test]
fn a_box_limits_neither_requests_nor_time_unless_its_administrator_does() {
    let unlimited =
        Settings { burst: f64::INFINITY, execution_seconds: f64::INFINITY, ..Settings::default() };
    let limited = Settings { execution_seconds: 420.0, ..unlimited.clone() };
    for (settings, expected) in [(unlimited, 2000), (limited, 1680)] {
        let mut bench = Bench::with(settings);
        let request = Request {
            method: "GET".to_owned(),
            target: "/rest/1/secret/crm.contact.add?fields[NAME]=A".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let answered = (0..2000).filter(|_| bench.portal.handle(bench.now, &request).status == 200).count();
        assert_eq!(answered, expected, "within one moment");
    }
}
