//! Taking runs back as an administrator meets it: a canary, runs that follow one another, a second undo, runs that only
//! linked, and values as somebody typed them.

use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};
use crate::failures::{add_person_with, at_rest};
use crate::undoing::{
    add_contact, add_counterparty, add_deal, by_key, copies, differences_in_bitrix24, differences_in_onec,
    middle_name, partner_of, people_and_firms,
};

const CLIENTS: &str = "Catalog_Контрагенты";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_is_taken_back_and_the_whole_sync_brings_everybody_once() {
    let bench = empty().await;
    let contacts = ["Вера", "Нина", "Анна", "Ольга"].map(|name| add_contact(&bench, name));
    let objects: Vec<String> = ["Олег", "Иван"].map(|name| add_counterparty(&bench, name)).into();
    let before = (dump(&bench.bitrix24.world), dump(&bench.onec.world));
    let (_, canary) = bench.run_json(&["sync", "--limit", "2"]).await;
    let made = canary["created_bitrix24"].as_u64().unwrap() + canary["created_onec"].as_u64().unwrap();
    assert_eq!(made, 2, "{canary}");

    let (code, undone) = bench.run_json(&["undo", &text(&canary["run"])]).await;
    assert_eq!((code, &undone["exceptions"]), (0, &json!([])), "{undone}");
    assert_eq!(differences_in_bitrix24(&before.0, &dump(&bench.bitrix24.world)), [""; 0]);
    assert_eq!(differences_in_onec(&before.1, &dump(&bench.onec.world)), [""; 0]);

    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["failed"]), (0, &json!(0)), "{report}");
    assert!(contacts.iter().all(|contact| !partner_of(&bench, contact).is_empty()), "{report}");
    assert_eq!(copies(&bench, &objects).len(), 2);
    assert_eq!(sizes(&bench), (6, 6), "what the canary had made takes part again");
    at_rest(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_run_that_another_one_followed_what_that_one_wrote_stays_and_is_told_in_both_languages() {
    let bench = empty().await;
    let contacts = ["Вера", "Нина"].map(|name| add_contact(&bench, name));
    let objects: Vec<String> = vec![add_counterparty(&bench, "Олег")];
    let (_, first) = bench.run_json(&["sync"]).await;
    let run = text(&first["run"]);
    let object = partner_of(&bench, &contacts[0]);
    let name = "Кольцова Вера Петровна";
    let fields = json!({"Description": name, "НаименованиеПолное": name});
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": object, "fields": fields}));
    let (_, second) = bench.run_json(&["sync"]).await;
    add_deal(&bench, &copies(&bench, &objects)[0]).await;

    let told = [
        ("en", "a later run wrote it", "there is a deal with it"),
        ("ru", "более поздний запуск писал в неё", "по ней есть сделка"),
    ];
    for (language, later, deal) in told {
        let undone = bench.run(&["--lang", language, "undo", &run, "--yes"]).await;
        assert_eq!(undone.code, 3, "{undone:?}");
        assert!(undone.stdout.contains(later) && undone.stdout.contains(deal), "{undone:?}");
    }
    assert_eq!(partner_of(&bench, &contacts[0]), object, "what a later run wrote keeps its link");
    assert_eq!(middle_name(&bench, &contacts[0]), "Петровна");
    assert_eq!(partner_of(&bench, &contacts[1]), "", "whom it did not touch is taken back");

    // The later one can be taken back as well; an edit in 1C stays an edit.
    let (code, undone) = bench.run_json(&["undo", &text(&second["run"])]).await;
    assert_eq!((code, &undone["updated_bitrix24"]), (0, &json!(1)), "{undone}");
    assert_eq!(middle_name(&bench, &contacts[0]), "");
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["failed"]), (0, &json!(0)), "{report}");
    assert_eq!(middle_name(&bench, &contacts[0]), "Петровна");
    assert_eq!(sizes(&bench), (3, 3));
    at_rest(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undo_again_leaves_what_a_later_sync_made_anew() {
    let bench = empty().await;
    let contact = add_contact(&bench, "Вера");
    let objects = vec![add_counterparty(&bench, "Олег")];
    let (_, first) = bench.run_json(&["sync"]).await;
    let run = text(&first["run"]);
    bench.run_json(&["undo", &run]).await;
    bench.reset_counters();
    let (code, again) = bench.run_json(&["undo", &run]).await;
    assert_eq!((code, bench.writes()), (0, (0, 0)), "{again}");
    let (_, second) = bench.run_json(&["sync"]).await;
    let partner = partner_of(&bench, &contact);
    assert_ne!(partner, "", "{second}");

    bench.reset_counters();
    let (code, again) = bench.run_json(&["undo", &run]).await;
    assert_eq!((code, bench.writes()), (3, (0, 0)), "{again}");
    let reasons: Vec<String> =
        again["exceptions"].as_array().unwrap().iter().map(|stay| text(&stay["reason"])).collect();
    assert!(!reasons.is_empty() && reasons.iter().all(|reason| reason == "written-since"), "{again}");
    assert_eq!(partner_of(&bench, &contact), partner);
    assert_eq!(copies(&bench, &objects).len(), 1);

    let (code, undone) = bench.run_json(&["undo", &text(&second["run"])]).await;
    assert_eq!((code, &undone["exceptions"]), (0, &json!([])), "{undone}");
    assert_eq!((partner_of(&bench, &contact).as_str(), copies(&bench, &objects).len()), ("", 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_only_linked_is_taken_back_and_the_next_one_links_again() {
    let bench = empty().await;
    let contacts = ["Вера", "Нина"].map(|name| add_contact(&bench, name));
    for (contact, name) in contacts.iter().zip(["Вера", "Нина"]) {
        let email = format!("k{contact}@post.example");
        let emails = json!({"EMAIL": [{"VALUE": email, "VALUE_TYPE": "WORK"}]});
        bench.act_in_bitrix24(&json!({"do": "update", "entity": "contact", "id": contact, "fields": emails}));
        add_person_with(&bench, &format!("Кольцова {name}"), &email);
    }
    let before = (dump(&bench.bitrix24.world), dump(&bench.onec.world));
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["linked"]), (0, &json!(2)), "{report}");
    assert_eq!((&report["created_bitrix24"], &report["created_onec"]), (&json!(0), &json!(0)), "{report}");

    let (code, undone) = bench.run_json(&["undo", &text(&report["run"])]).await;
    assert_eq!((code, &undone["unlinked"], &undone["exceptions"]), (0, &json!(2), &json!([])), "{undone}");
    assert_eq!((&undone["marked_bitrix24"], &undone["marked_onec"]), (&json!(0), &json!(0)), "{undone}");
    assert_eq!(differences_in_bitrix24(&before.0, &dump(&bench.bitrix24.world)), [""; 0]);
    assert_eq!(differences_in_onec(&before.1, &dump(&bench.onec.world)), [""; 0]);
    let (_, status) = bench.run_json(&["status"]).await;
    assert!([&Value::Null, &json!(0)].contains(&&status["links"]["contact"]), "{status}");

    let (code, again) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &again["linked"]), (0, &json!(2)), "{again}");
    assert!(contacts.iter().all(|contact| !partner_of(&bench, contact).is_empty()));
    at_rest(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_typed_with_spaces_around_it_comes_back_with_them() {
    let bench = empty().await;
    let fields = json!({"TITLE": "  Ромашка", "UF_CRM_INN": "7707083893"});
    let company =
        text(&bench.act_in_bitrix24(&json!({"do": "create", "entity": "company", "fields": fields}))["id"]);
    let fields = json!({"Description": "ООО Ромашка", "НаименованиеПолное": "ООО Ромашка", "ИНН": "7707083893",
        "ЮридическоеФизическоеЛицо": "ЮридическоеЛицо"});
    bench.act_in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}));
    let email = "koltsova@post.example";
    let fields = json!({"LAST_NAME": "Кольцова", "NAME": "Вера", "UF_CRM_INN": "500100732259",
        "EMAIL": [{"VALUE": email, "VALUE_TYPE": "WORK"}]});
    bench.act_in_bitrix24(&json!({"do": "create", "entity": "contact", "fields": fields}));
    let object = add_person_with(&bench, "Кольцова Вера", email);
    // Its last digit is missing.
    let fields = json!({"ИНН": " 50010073225"});
    bench.act_in_onec(&json!({"do": "update", "set": CLIENTS, "ref": object, "fields": fields}));
    let values = || {
        let title = by_key(&dump(&bench.bitrix24.world)["companies"], "ID")[&company]["TITLE"].clone();
        let inn = people_and_firms(&dump(&bench.onec.world))[&object]["ИНН"].clone();
        [text(&title), text(&inn)]
    };
    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!(report["linked"], 2, "{report}");
    assert_eq!(values(), ["ООО Ромашка", "500100732259"], "{report}");
    let (code, undone) = bench.run_json(&["undo", &text(&report["run"])]).await;
    assert_eq!((code, &undone["exceptions"]), (0, &json!([])), "{undone}");
    assert_eq!(values(), ["  Ромашка", " 50010073225"], "{undone}");
}

async fn empty() -> Bench {
    let bench = Bench::with_people(0, 0).await;
    bench.run_json(&["setup"]).await;
    bench
}

/// How many contacts and how many private persons of 1C there are, marked ones included.
fn sizes(bench: &Bench) -> (usize, usize) {
    let contacts = dump(&bench.bitrix24.world)["contacts"].as_array().unwrap().len();
    let objects = people_and_firms(&dump(&bench.onec.world));
    let is_person = |object: &&Value| object["ЮридическоеФизическоеЛицо"] == "ФизическоеЛицо";
    (contacts, objects.values().filter(is_person).count())
}
