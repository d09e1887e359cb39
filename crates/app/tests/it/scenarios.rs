//! Stories from the first look to the second sync.

use obmen_sim::world::World as _;
use serde_json::{Value, json};

use crate::bench::{Bench, dump};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_an_empty_store_to_two_agreeing_sides() {
    first_sync_and_second(Bench::with_people(200, 50).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_an_empty_store_to_two_agreeing_sides_by_the_extension() {
    first_sync_and_second(Bench::with_people(200, 50).await.by_extension()).await;
}

async fn first_sync_and_second(bench: Bench) {
    let (code, setup) = bench.run_json(&["setup"]).await;
    assert_eq!((code, &setup["problems"]), (0, &json!(0)), "{setup}");
    let (code, check) = bench.run_json(&["check"]).await;
    assert_eq!((code, &check["problems"]), (0, &json!(0)), "{check}");

    bench.reset_counters();
    let (code, plan) = bench.run_json(&["plan", "--out", "preview"]).await;
    assert_eq!(code, 0);
    assert_eq!(bench.writes(), (0, 0), "a preview writes nothing");
    let written = std::fs::read_to_string(bench.folder().join("preview/plan.json")).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(written["digest"], plan["digest"]);
    assert_eq!(plan["forecast"]["requests"].as_u64().map(|requests| requests > 0), Some(true), "{plan}");

    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!(report["plan_digest"], plan["digest"], "preview and run agree");
    assert_eq!(report["linked"], plan["counts"]["link"]);
    assert_eq!(report["failed"], 0, "{report}");
    assert_eq!(code, 3, "reviews wait");
    for field in ["created_bitrix24", "created_onec", "updated_bitrix24", "updated_onec", "requests_onec"] {
        assert!(report[field].as_u64().unwrap() > 0, "{field}: {report}");
    }
    assert_eq!(bench.bitrix24.world.lock().unwrap().counters()["limited_503"], 0);

    let (_, reviews) = bench.run_json(&["review", "list"]).await;
    assert_eq!(reviews["reviews"].as_array().unwrap().len() as u64, report["reviews"].as_u64().unwrap());
    let (code, status) = bench.run_json(&["status"]).await;
    assert_eq!((code, status["intents"].as_u64()), (3, Some(0)));

    let before = (dump(&bench.bitrix24.world), dump(&bench.onec.world));
    bench.reset_counters();
    let (code, second) = bench.run_json(&["sync"]).await;
    assert_eq!(code, 3, "the same reviews wait");
    assert_eq!(bench.writes(), (0, 0), "{second}");
    assert_eq!(second["reviews"], report["reviews"]);
    assert!(before == (dump(&bench.bitrix24.world), dump(&bench.onec.world)), "nothing has changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limited_run_does_a_little_and_the_next_one_the_rest() {
    let bench = Bench::with_people(40, 10).await;
    bench.run_json(&["setup"]).await;
    let (_, first) = bench.run_json(&["sync", "--limit", "5"]).await;
    let done = ["linked", "created_bitrix24", "created_onec", "updated_bitrix24", "updated_onec"]
        .iter()
        .map(|field| first[field].as_u64().unwrap())
        .max();
    assert!(done.is_some_and(|done| (1..=10).contains(&done)), "{first}");
    let (_, rest) = bench.run_json(&["sync"]).await;
    assert_eq!(rest["failed"], 0);
    bench.reset_counters();
    bench.run_json(&["sync"]).await;
    assert_eq!(bench.writes(), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_read_a_plan_a_report_and_what_waits() {
    let bench = Bench::with_people(60, 15).await;
    let setup = bench.run(&["setup"]).await;
    assert!(setup.stdout.contains("Everything is ready."), "{setup:?}");
    let plan = bench.run(&["plan"]).await;
    assert!(plan.stdout.contains("Link records") && plan.stdout.contains("A sync takes"), "{plan:?}");
    assert!(plan.stderr.contains("Reading Bitrix24:"), "progress goes to the standard error: {plan:?}");
    let plan = bench.run(&["--lang", "ru", "plan", "--out", "preview"]).await;
    assert!(plan.stdout.contains(": один ИНН") && plan.stdout.contains("(было пусто)"), "{plan:?}");
    let [page, table, document] = ["plan.html", "plan.csv", "plan.json"]
        .map(|name| std::fs::read_to_string(bench.folder().join("preview").join(name)).unwrap());
    let cards = [
        format!("<a href=\"{}/crm/company/details/", bench.bitrix24.url()),
        format!("<a href=\"{}/base/#e1cib/data/Справочник.Контрагенты?ref=", bench.onec.url()),
    ];
    assert!(cards.iter().all(|card| page.contains(card)), "{cards:?}: {page}");
    assert!(page.contains("<p>Один ИНН</p>") && table.contains(";один ИНН\r\n"), "{table}");
    for file in [&page, &table, &document] {
        assert!(!file.contains("geheim"), "neither the webhook's secret nor the password is told");
    }
    let sync = bench.run(&["--lang", "ru", "sync"]).await;
    assert!(sync.stdout.contains("Создано в 1С") && sync.stdout.contains("отпечаток плана"), "{sync:?}");
    let status = bench.run(&["status"]).await;
    assert!(status.stdout.contains("Linked: contacts"), "{status:?}");
}
