//! A side, or the disk, that fails in the midst of a run: the run ends with the remedy, and the next one brings the rest
//! without twins.

use serde_json::{Value, json};

use crate::bench::{Bench, Outcome, dump};
use crate::failures::{add_firm, add_person, at_rest, contacts};

const NAMES: [&str; 6] =
    ["Кольцова Вера", "Белова Анна", "Седов Олег", "Громова Нина", "Ильин Пётр", "Орлова Ольга"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_base_locked_for_the_night_ends_the_run_and_the_next_one_brings_the_rest() {
    let bench = with_contacts().await;
    let lock = json!({"do": "fault", "fault": "locked"});
    bench.befall(&bench.onec.url(), 2, lock).await;
    let stopped = bench.run(&["sync"]).await;
    assert_told(&stopped, "the 1C base is locked: Начало сеанса", "Wait for the end of the update or backup");
    assert!((1..6).contains(&clients(&bench)), "in the midst of the work: {}", clients(&bench));
    let (_, check) = bench.run_json(&["check"]).await;
    assert!(check.to_string().contains("check-onec-locked"), "{check}");

    bench.act_in_onec(&json!({"do": "fault", "fault": "none"}));
    whole(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_licence_used_up_ends_the_run_and_the_next_one_brings_the_rest() {
    let bench = with_contacts().await;
    bench.act_in_onec(&json!({"do": "publish", "reuseSessions": "dontuse"}));
    bench.befall(&bench.onec.url(), 2, json!({"do": "license", "free": 0})).await;
    let stopped = bench.run(&["--lang", "ru", "sync"]).await;
    assert_eq!(stopped.code, 1, "{stopped:?}");
    assert!(stopped.stderr.contains("в 1С нет свободной клиентской лицензии"), "{stopped:?}");
    assert!(stopped.stderr.contains("уменьшите parallel"), "{stopped:?}");

    bench.act_in_onec(&json!({"do": "license", "free": null}));
    whole(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_that_ends_in_mid_run_is_told_and_nothing_is_lost() {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    add_firm(&bench, "ООО Ромашка");
    NAMES.iter().for_each(|name| drop(add_person(&bench, name)));
    bench.befall(&bench.bitrix24.url(), 1, json!({"do": "portal", "state": "payment-required"})).await;
    let stopped = bench.run(&["sync"]).await;
    assert_told(&stopped, "until its subscription is paid", "Renew the plan or subscription");

    bench.act_in_bitrix24(&json!({"do": "portal", "state": "working"}));
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["failed"]), (0, &json!(0)), "{report}");
    assert_eq!(contacts(&bench), 6);
    at_rest(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_ends_the_run_and_the_next_one_brings_the_rest() {
    let bench = Bench::with_people(60, 15).await.paced();
    bench.run_json(&["setup"]).await;
    // Both sides are known then, and every change that the run makes known comes on top.
    bench.run_json(&["plan"]).await;
    let size = std::fs::metadata(bench.folder().join("obmen.db")).unwrap().len();
    bench.reset_counters();
    let full = bench.run_within(&["sync"], size / 512 + 100).await;
    assert_told(&full, "the store of obmen has no room left", "Free space on the disk");
    let (left, right) = bench.writes();
    assert!(left + right > 0, "in the midst of the work");
    let status = bench.run(&["status"]).await;
    assert!([0, 3].contains(&status.code), "the store can be read: {status:?}");

    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!(report["failed"], 0, "{report}");
    let undisturbed = Bench::with_people(60, 15).await.paced();
    undisturbed.run_json(&["setup"]).await;
    undisturbed.run_json(&["sync"]).await;
    assert_eq!(sizes(&bench), sizes(&undisturbed), "nobody is missing, and nobody came twice");
    at_rest(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_copy_of_the_store_is_told_and_makes_no_twins() {
    let bench = with_contacts().await;
    let backup = bench.run(&["backup", "old.db"]).await;
    assert_eq!(backup.code, 0, "{backup:?}");
    assert!(backup.stdout.contains("Copy of the store: old.db"), "{backup:?}");
    let again = bench.run(&["backup", "old.db"]).await;
    assert!(again.code == 1 && again.stderr.contains("the file old.db is there already"), "{again:?}");
    whole(&bench).await;

    for file in ["obmen.db-wal", "obmen.db-shm"] {
        let _ = std::fs::remove_file(bench.folder().join(file));
    }
    std::fs::rename(bench.folder().join("old.db"), bench.folder().join("obmen.db")).unwrap();
    bench.reset_counters();
    let plan = bench.run(&["--lang", "ru", "plan"]).await;
    assert!(plan.stderr.contains("Хранилище восстановлено из копии от 20"), "{plan:?}");
    let sync = bench.run(&["sync"]).await;
    assert!(sync.stderr.contains("The store was restored from a copy of 20"), "{sync:?}");
    assert_eq!((sync.code, clients(&bench), contacts(&bench)), (0, 6, 6), "{sync:?}");
    let next = bench.run(&["sync"]).await;
    assert!(!next.stderr.contains("restored"), "{next:?}");
    at_rest(&bench).await;
}

/// Six contacts that 1C does not know.
async fn with_contacts() -> Bench {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    for (at, name) in NAMES.iter().enumerate() {
        let (last, first) = name.split_once(' ').unwrap();
        let fields = json!({"LAST_NAME": last, "NAME": first,
            "EMAIL": [{"VALUE": format!("p{at}@post.example"), "VALUE_TYPE": "WORK"}]});
        bench.act_in_bitrix24(&json!({"do": "create", "entity": "contact", "fields": fields}));
    }
    bench
}

/// A further run brings everybody once.
async fn whole(bench: &Bench) {
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["failed"]), (0, &json!(0)), "{report}");
    assert_eq!((clients(bench), contacts(bench)), (6, 6));
    let (_, status) = bench.run_json(&["status"]).await;
    assert_eq!(status["links"]["contact"], 6, "{status}");
    at_rest(bench).await;
}

fn clients(bench: &Bench) -> usize {
    let infobase = dump(&bench.onec.world);
    let is_person = |object: &&Value| object["ЮридическоеФизическоеЛицо"] == "ФизическоеЛицо";
    infobase["objects"]["Catalog_Контрагенты"].as_array().unwrap().iter().filter(is_person).count()
}

/// How many records of each sort both sides hold.
fn sizes(bench: &Bench) -> Vec<usize> {
    let portal = dump(&bench.bitrix24.world);
    let infobase = dump(&bench.onec.world);
    let lists = [
        &portal["contacts"],
        &portal["companies"],
        &portal["requisites"],
        &infobase["objects"]["Catalog_Контрагенты"],
        &infobase["objects"]["Catalog_КонтактныеЛица"],
    ];
    lists.map(|list| list.as_array().map_or(0, Vec::len)).to_vec()
}

fn assert_told(outcome: &Outcome, words: &str, remedy: &str) {
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(outcome.stderr.contains(words), "{words} is missing: {outcome:?}");
    assert!(outcome.stderr.contains(remedy), "{remedy} is missing: {outcome:?}");
}
