//! `obmen diff`: equal sides, explained differences, and one that nothing explains.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_sync_every_difference_is_explained_and_a_change_is_told_until_it_is_carried_over() {
    let bench = Bench::with_people(60, 20).await;
    bench.run_json(&["setup"]).await;
    bench.run_json(&["sync"]).await;
    bench.reset_counters();
    let (code, first) = bench.run_json(&["diff"]).await;
    assert_eq!((code, &first["unexplained"]), (3, &json!(0)), "reviews wait: {first}");
    assert!(first["counts"]["review"].as_u64() > Some(0), "{first}");
    let (pairs, equal) = (first["pairs"].as_u64().unwrap(), first["equal"].as_u64().unwrap());
    assert!(equal > pairs / 2 && pairs > 40, "{first}");
    assert_eq!(bench.writes(), (0, 0), "nothing is written to either side");
    assert!(moment(&first, "looked_at") <= moment(&first, "at"), "{first}");
    let (_, again) = bench.run_json(&["diff", "--seen"]).await;
    assert_eq!(again["digest"], first["digest"], "the same state has the same digest");

    let contact = linked_contact(&bench);
    let change = json!({"do": "update", "entity": "contact", "id": contact, "fields": {"POST": "Кассир"}});
    bench.act_in_bitrix24(&change);
    let (_, unread) = bench.run_json(&["diff", "--seen"]).await;
    assert_eq!(unread["digest"], first["digest"], "nothing was read");
    let (code, changed) = bench.run_json(&["diff"]).await;
    assert_eq!(code, 3, "{changed}");
    let found = differences(&changed, &contact);
    assert_eq!((&found[0]["field"], &found[0]["bitrix24"]), (&json!("position"), &json!("Кассир")));
    assert_eq!(found[0]["why"], "due", "{found:?}");
    assert_ne!(changed["digest"], first["digest"]);

    lose_what_is_due(&bench);
    let (code, lost) = bench.run_json(&["diff"]).await;
    assert_eq!((code, &lost["unexplained"]), (1, &json!(1)), "{lost}");
    assert_eq!(differences(&lost, &contact)[0]["why"], "unexplained");
    let told = bench.run(&["--lang", "ru", "diff", "--seen"]).await;
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.stdout.contains("Ничем не объясняются: 1"), "{told:?}");
    assert!(told.stdout.contains("«Кассир»"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sides_that_hold_the_same_are_equal() {
    let bench = Bench::with_people(0, 0).await;
    bench.run_json(&["setup"]).await;
    let fields = json!({"NAME": "Вера", "LAST_NAME": "Кольцова", "EMAIL": [{"VALUE": "v@firm.example"}]});
    bench.act_in_bitrix24(&json!({"do": "create", "entity": "contact", "fields": fields}));
    bench.run_json(&["sync"]).await;
    let told = bench.run(&["diff"]).await;
    assert_eq!(told.code, 0, "{told:?}");
    assert!(told.stdout.contains("Both sides are equal."), "{told:?}");
    let (_, document) = bench.run_json(&["diff", "--seen"]).await;
    assert!(told.stdout.contains(document["digest"].as_str().unwrap()), "{told:?} {document}");
}

/// When something happened, as a document tells it.
fn moment(document: &Value, key: &str) -> Timestamp {
    document[key].as_str().unwrap_or_else(|| panic!("no {key} in {document}")).parse().unwrap()
}

/// A contact that is linked and has no position on either side.
fn linked_contact(bench: &Bench) -> String {
    let contacts = dump(&bench.bitrix24.world)["contacts"].clone();
    let is_linked = |row: &&Value| {
        let stands_there = |field: &str| !matches!(text(&row[field]).as_str(), "null" | "");
        stands_there("UF_CRM_1C_CONTACT_ID") && stands_there("COMPANY_ID") && text(&row["COMPANY_ID"]) != "0"
    };
    let row = contacts.as_array().unwrap().iter().find(is_linked).cloned();
    text(&row.unwrap_or_else(|| panic!("nobody is linked: {contacts}"))["ID"])
}

/// The differences of a document that name a contact.
fn differences(document: &Value, contact: &str) -> Vec<Value> {
    let id = json!(format!("contact:{contact}"));
    let rows = document["differences"].as_array().unwrap().iter();
    rows.filter(|row| row["records"].as_array().unwrap().contains(&id)).cloned().collect()
}

/// A fault of ours that nobody has thought of: a row that says "look at this record" vanishes.
fn lose_what_is_due(bench: &Bench) {
    let store = rusqlite::Connection::open(bench.folder().join("obmen.db")).unwrap();
    assert!(store.execute("delete from dirty", []).unwrap() > 0);
}
