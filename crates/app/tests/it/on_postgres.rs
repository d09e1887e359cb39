//! The whole product with its store in PostgreSQL, beside the same with a SQLite file.

use std::time::Duration;

use obmen_testdb::Database;
use serde_json::{Value, json};

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_sync_is_the_same_on_both_engines() {
    let database = obmen_testdb::database();
    let on_sqlite = Bench::with_people(120, 30).await;
    let on_postgres = on(&database).await;

    let mut told = Vec::new();
    for bench in [&on_sqlite, &on_postgres] {
        let (_, setup) = bench.run_json(&["setup"]).await;
        assert_eq!(setup["problems"], 0, "{setup}");
        let (_, plan) = bench.run_json(&["plan"]).await;
        let (code, report) = bench.run_json(&["sync"]).await;
        assert_eq!(report["plan_digest"], plan["digest"], "preview and run agree");
        assert_eq!((code, &report["failed"]), (3, &json!(0)), "{report}");
        let (_, reviews) = bench.run_json(&["review", "list"]).await;
        let (_, status) = bench.run_json(&["status"]).await;
        bench.reset_counters();
        let (_, second) = bench.run_json(&["sync"]).await;
        assert_eq!(bench.writes(), (0, 0), "{second}");
        told.push((plan["digest"].clone(), lasting(report), reviews, known(status), lasting(second)));
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_is_moved_and_the_next_sync_finds_nothing_to_do() {
    let database = obmen_testdb::database();
    let bench = Bench::with_people(40, 10).await;
    bench.run_json(&["setup"]).await;
    bench.run_json(&["sync"]).await;
    let before = known(bench.run_json(&["status"]).await.1);

    let (code, copied) =
        bench.run_json(&["store", "copy", "--from", "sqlite:obmen.db", "--to", &database.url()]).await;
    assert_eq!(code, 0, "{copied}");
    assert_eq!(copied["digest_from"], copied["digest_to"]);
    assert_eq!(copied["rows"]["pair"], 1);
    let again = bench
        .run(&["--lang", "ru", "store", "copy", "--from", "sqlite:obmen.db", "--to", &database.url()])
        .await;
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("уже что-то есть"), "{again:?}");
    assert!(!again.stderr.contains("postgres@"), "an address is told without user and password: {again:?}");

    let url = database.url();
    bench.configure(|text| format!("[store]\nurl = \"{url}\"\n{text}"));
    let after = known(bench.run_json(&["status"]).await.1);
    assert_eq!(before, after);
    bench.reset_counters();
    bench.run_json(&["sync"]).await;
    assert_eq!(bench.writes(), (0, 0));

    let (code, back) = bench.run_json(&["store", "copy", "--from", &url, "--to", "sqlite:back.db"]).await;
    assert_eq!((code, &back["digest_from"]), (0, &back["digest_to"]), "{back}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_not_there_is_told_in_both_languages() {
    let bench = Bench::with_people(1, 1).await;
    let secret = bench.folder().join("store.txt");
    std::fs::write(&secret, "postgres://obmen:geheim@127.0.0.1:1/obmen\n").unwrap();
    bench.configure(|text| format!("[store]\nurl = {{ file = \"store.txt\" }}\n{text}"));
    let english = bench.run(&["status"]).await;
    assert_eq!(english.code, 1);
    assert!(
        english.stderr.contains("the database of the store is not reached: postgres://127.0.0.1/obmen"),
        "{english:?}"
    );
    let russian = bench.run(&["--lang", "ru", "status"]).await;
    assert!(russian.stderr.contains("база данных хранилища недоступна"), "{russian:?}");
    assert!(!english.stderr.contains("geheim") && !russian.stderr.contains("geheim"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_whose_process_is_killed_goes_on_with_the_next() {
    let database = obmen_testdb::database();
    let bench = on(&database).await;
    bench.run_json(&["setup"]).await;
    let mut child = bench.start(&["sync", "--yes", "--accept-large"]);
    let written = || database.run_sql("select count(*) from journal").parse::<u32>().unwrap();
    while written() < 20 {
        assert_eq!(child.try_wait().unwrap(), None, "it goes on until it is killed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let (_, report) = bench.run_json(&["sync"]).await;
    assert_eq!(report["failed"], 0, "{report}");
    bench.reset_counters();
    let (_, second) = bench.run_json(&["sync"]).await;
    assert_eq!(bench.writes(), (0, 0), "{second}");
}

/// A bench whose store is a database, by an address in a file.
async fn on(database: &Database) -> Bench {
    let bench = Bench::with_people(120, 30).await.paced();
    std::fs::write(bench.folder().join("store.txt"), database.url()).unwrap();
    bench.configure(|text| format!("[store]\nurl = {{ file = \"store.txt\" }}\n{text}"));
    bench
}

/// What of a status does not depend on the moment.
fn known(mut status: Value) -> Value {
    status.as_object_mut().unwrap().remove("limits").unwrap();
    status
}

/// What of a report does not depend on the moment.
fn lasting(mut report: Value) -> Value {
    for field in ["run", "seconds", "requests_bitrix24", "requests_onec"] {
        report.as_object_mut().unwrap().remove(field).unwrap();
    }
    report
}
