//! Sides that do not show all they have: nothing is written, or nothing is created.

use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};

const CLIENTS: &str = "Catalog_Контрагенты";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn far_fewer_records_stop_a_run_before_it_writes_until_they_are_accepted() {
    for in_bitrix24 in [true, false] {
        let bench = synchronised().await;
        for id in most_of(&bench, in_bitrix24) {
            if in_bitrix24 {
                bench.act_in_bitrix24(&json!({"do": "delete", "entity": "contact", "id": id}));
            } else {
                bench.act_in_onec(&json!({"do": "delete", "set": CLIENTS, "ref": id}));
            }
        }
        // Somebody new on the other side, who would be created.
        if in_bitrix24 {
            add_to_onec(&bench)
        } else {
            add_to_bitrix24(&bench)
        }
        bench.reset_counters();
        for command in ["plan", "sync"] {
            let outcome = bench.run(&[command]).await;
            assert_eq!(outcome.code, 1, "{outcome:?}");
            let name = if in_bitrix24 { "Bitrix24 contacts" } else { "1C persons" };
            assert!(outcome.stderr.contains(&format!("nothing was written: {name} ")), "{outcome:?}");
            assert!(outcome.stderr.contains("--accept-fewer"), "{outcome:?}");
        }
        assert_eq!(bench.writes(), (0, 0));
        let (_, report) = bench.run_json(&["sync", "--accept-fewer"]).await;
        let created = report[if in_bitrix24 { "created_bitrix24" } else { "created_onec" }].as_u64();
        assert_eq!(created, Some(1), "{report}");
        let (code, report) = bench.run_json(&["sync"]).await;
        assert_ne!(code, 1, "what was accepted once holds: {report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_sees_its_own_contacts_only_makes_no_twins_and_no_deletions() {
    let bench = synchronised().await;
    let before = counts(&bench);
    {
        let mut portal = bench.bitrix24.world.lock().unwrap();
        portal.settings_mut().admin = false;
        portal.settings_mut().rights.contacts = "own/all".parse().unwrap();
    }
    add_to_onec(&bench);
    let outcome = bench.run(&["sync"]).await;
    assert_eq!(outcome.code, 1, "{outcome:?}");
    partial(&bench, before).await;
    bench.bitrix24.world.lock().unwrap().settings_mut().admin = true;
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!(report["created_bitrix24"], 1, "whoever was kept back comes along: {report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_1c_user_whose_rights_hide_rows_makes_no_twins_and_no_deletions() {
    let bench = synchronised().await;
    let before = counts(&bench);
    let restrict = json!({"do": "restrict", "set": CLIENTS, "rows": "ИНН ne ''"});
    bench.act_in_onec(&restrict);
    add_to_bitrix24(&bench);
    let outcome = bench.run(&["sync"]).await;
    assert_eq!(outcome.code, 1, "a read that leaves rows out is refused: {outcome:?}");
    assert!(outcome.stderr.contains("lacks a right"), "{outcome:?}");
    partial(&bench, before).await;
    bench.act_in_onec(&json!({"do": "restrict", "set": CLIENTS}));
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!(report["created_onec"], 1, "whoever was kept back comes along: {report}");
}

/// A run under partial rights: nothing is created, nothing is taken for deleted, and it is said who is kept back.
async fn partial(bench: &Bench, before: (usize, usize)) {
    let (_, plan) = bench.run_json(&["plan", "--partial-rights"]).await;
    assert!(plan["counts"]["withheld"].as_u64().unwrap() > 0, "{plan}");
    let (code, report) = bench.run_json(&["sync", "--partial-rights"]).await;
    assert_ne!(code, 1, "{report}");
    assert_eq!((&report["created_bitrix24"], &report["created_onec"]), (&json!(0), &json!(0)), "{report}");
    let (left, right) = counts(bench);
    assert!(left <= before.0 + 1 && right <= before.1 + 1, "one was added by hand at most");
    let (_, reviews) = bench.run_json(&["review", "list"]).await;
    let deletions =
        reviews["reviews"].as_array().unwrap().iter().filter(|review| review["kind"] == "deletion");
    assert_eq!(deletions.count(), 0, "{reviews}");
}

async fn synchronised() -> Bench {
    let bench = Bench::with_people(60, 12).await;
    bench.run_json(&["setup"]).await;
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!(report["failed"], 0, "{report}");
    bench
}

/// Records of private persons, three out of four.
fn most_of(bench: &Bench, in_bitrix24: bool) -> Vec<String> {
    let all: Vec<String> = if in_bitrix24 {
        let portal = dump(&bench.bitrix24.world);
        portal["contacts"].as_array().unwrap().iter().map(|contact| text(&contact["ID"])).collect()
    } else {
        let infobase = dump(&bench.onec.world);
        let is_person = |object: &&Value| {
            object["ЮридическоеФизическоеЛицо"] == "ФизическоеЛицо" && object["IsFolder"] != true
        };
        let clients = infobase["objects"][CLIENTS].as_array().unwrap().iter().filter(is_person);
        clients.map(|object| text(&object["Ref_Key"])).collect()
    };
    let most = all.len() * 3 / 4;
    all.into_iter().take(most).collect()
}

fn add_to_bitrix24(bench: &Bench) {
    let fields = json!({"LAST_NAME": "Кольцова", "NAME": "Вера", "SECOND_NAME": "Игоревна",
        "EMAIL": [{"VALUE": "koltsova@new.example", "VALUE_TYPE": "WORK"}]});
    bench.act_in_bitrix24(&json!({"do": "create", "entity": "contact", "fields": fields}));
}

fn add_to_onec(bench: &Bench) {
    let name = "Кольцова Вера Игоревна";
    let fields = json!({"Description": name, "НаименованиеПолное": name, "ИНН": "500100732259",
        "ЮридическоеФизическоеЛицо": "ФизическоеЛицо", "emails": ["koltsova@new.example"]});
    bench.act_in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}));
}

fn counts(bench: &Bench) -> (usize, usize) {
    let length = |value: &Value| value.as_array().map_or(0, Vec::len);
    (length(&dump(&bench.bitrix24.world)["contacts"]), length(&dump(&bench.onec.world)["objects"][CLIENTS]))
}
