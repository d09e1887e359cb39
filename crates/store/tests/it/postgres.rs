//! The contract on PostgreSQL, and what only servers and connections can show.

use std::sync::{Arc, LazyLock};

use futures_executor::block_on;
use obmen_domain::plan::LinkReason;
use obmen_domain::record::Kind;
use obmen_engine::ports::{Memory as _, StoreError};
use obmen_engine::store::{Change, Store};
use obmen_store::{OpenError, PostgresStore};
use obmen_testdb::Database;
use tokio::runtime::Runtime;

use crate::contract::{Pairs, for_each_rule};
use crate::inputs::{INN, company, contact, counterparty, organization, see};

for_each_rule!(postgres, super::with_postgres);

/// Drives the connections of all tests; the tests themselves poll with an executor that knows nothing of it.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
});

#[test]
fn what_was_applied_outlives_the_store() {
    let database = obmen_testdb::database();
    let firm = organization(company("1"), "Ромашка", INN);
    block_on(open(&database).pair("main").apply(vec![see(&firm)])).unwrap();
    assert_eq!(block_on(open(&database).pair("main").seen(&[company("1")])).unwrap(), [firm]);
}

#[test]
fn a_store_that_is_open_is_refused_with_its_owner() {
    let database = obmen_testdb::database();
    let handle = open(&database).pair("main");
    let refused = try_open(&database.url()).unwrap_err();
    assert!(matches!(&refused, OpenError::InUse { .. }), "{refused:?}");
    let words = refused.to_string();
    assert!(
        words.contains(&format!("process {} has it open; stop that one first", std::process::id())),
        "{words}"
    );

    drop(handle);
    open(&database);
}

#[test]
fn two_schemas_of_a_database_are_two_stores() {
    let database = obmen_testdb::database();
    database.run_sql("create schema other");
    let main = open(&database).pair("main");
    let url = format!("{}?options=-c%20search_path%3Dother", database.url());
    let other = try_open(&url).unwrap().pair("main");
    block_on(main.keep("limits", "main".to_owned())).unwrap();
    assert_eq!(block_on(other.recall("limits")).unwrap(), None);
}

#[test]
fn a_port_is_spoken_to_by_tls_that_is_verified() {
    let database = obmen_testdb::database();
    let trusted = format!(
        "{}?sslmode=verify-full&sslrootcert={}",
        database.tls_url(),
        Database::certificate().display()
    );
    let store = try_open(&trusted).unwrap().pair("main");
    block_on(store.keep("limits", "one".to_owned())).unwrap();
    let ciphers = database.run_sql(
        "select count(*) from pg_stat_ssl join pg_stat_activity using (pid) \
        where ssl and application_name like 'obmen, process %' and datname = current_database()",
    );
    assert_ne!(ciphers, "0");
    drop(store);

    let unknown = try_open(&format!("{}?sslmode=require", database.tls_url())).unwrap_err();
    assert!(unknown.to_string().contains("certificate"), "{unknown}");
    let plain = try_open(&format!("{}?sslmode=disable", database.tls_url())).unwrap_err();
    assert!(matches!(plain, OpenError::Connect { .. }), "{plain}");
    let words = try_open(&trusted.replace("geheim", "falsch")).unwrap_err().to_string();
    assert!(words.contains("password authentication failed") && !words.contains("falsch"), "{words}");
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let refused = try_open("postgres://obmen:geheim@127.0.0.1:1/obmen").unwrap_err();
    let words = refused.to_string();
    assert!(
        words.starts_with("connect to postgres://127.0.0.1/obmen: ") && !words.contains("geheim"),
        "{words}"
    );
}

#[test]
fn a_schema_of_a_newer_version_is_refused() {
    let database = obmen_testdb::database();
    drop(open(&database));
    database.run_sql(
        "insert into refinery_schema_history \
         select max(version) + 1, 'newer', max(applied_on), max(checksum) from refinery_schema_history",
    );
    assert!(matches!(try_open(&database.url()), Err(OpenError::Migrate { .. })));
}

#[test]
fn callers_at_once_get_each_their_own_answer() {
    const CALLERS: usize = 24;
    let database = obmen_testdb::database();
    let pair = open(&database).pair("main");
    block_on(pair.apply(vec![link("0", "taken")])).unwrap();
    let answers = std::thread::scope(|threads| {
        let callers: Vec<_> = (1..=CALLERS)
            .map(|caller| {
                let pair = &pair;
                threads.spawn(move || {
                    let fails = caller % 2 == 1;
                    let reference = if fails { "taken".to_owned() } else { format!("ref-{caller}") };
                    let note = Change::Text { name: caller.to_string(), text: String::new() };
                    let answer = block_on(pair.apply(vec![note, link(&caller.to_string(), &reference)]));
                    let kept = block_on(pair.recall(&caller.to_string())).unwrap().is_some();
                    (answer.is_err() == fails) && (kept != fails)
                })
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(answers.into_iter().all(|as_expected| as_expected));
    assert_eq!(block_on(pair.figures()).unwrap().links["contact"], (CALLERS / 2 + 1) as u64);
}

/// Somebody else's transaction and ours wait for each other; the server ends ours, since the other is patient.
#[test]
fn changes_that_the_server_undid_are_made_again() {
    let database = obmen_testdb::database();
    let store = open(&database);
    let pair = store.pair("main");
    block_on(pair.keep("limits", "one".to_owned())).unwrap();
    RUNTIME.block_on(async {
        let other = connect(&database.url()).await;
        other
            .batch_execute("set deadlock_timeout = '1h'; begin; lock table text in exclusive mode")
            .await
            .unwrap();
        let ours = tokio::spawn(async move { pair.keep("limits", "two".to_owned()).await });
        // Our transaction holds the pair's row as soon as it waits for the table.
        while waiting(&other).await == 0 {
            tokio::task::yield_now().await;
        }
        other.batch_execute("update pair set generation = generation; commit").await.unwrap();
        ours.await.unwrap().expect("it is made again");
    });
    assert_eq!(block_on(store.pair("main").recall("limits")).unwrap().as_deref(), Some("two"));
}

#[test]
fn a_connection_that_broke_leaves_nothing_and_the_next_call_connects_anew() {
    let database = obmen_testdb::database();
    let store = open(&database);
    let pair = store.pair("main");
    block_on(pair.keep("limits", "one".to_owned())).unwrap();
    RUNTIME.block_on(async {
        let other = connect(&database.url()).await;
        other.batch_execute("begin; lock table text in exclusive mode").await.unwrap();
        let applied = pair.clone();
        let firm = organization(company("1"), "Ромашка", INN);
        let ours = tokio::spawn(async move {
            let text = Change::Text { name: "limits".to_owned(), text: "two".to_owned() };
            applied.apply(vec![see(&firm), link("1", "a"), text]).await
        });
        while waiting(&other).await == 0 {
            tokio::task::yield_now().await;
        }
        let end_all = "select pg_terminate_backend(pid) from pg_stat_activity \
                       where datname = current_database() and application_name like 'obmen, process %'";
        other.query(end_all, &[]).await.unwrap();
        let answer = ours.await.unwrap();
        assert!(matches!(answer, Err(StoreError::Unreachable(_))), "{answer:?}");
        other.batch_execute("commit").await.unwrap();
    });
    assert_eq!(block_on(pair.recall("limits")).unwrap().as_deref(), Some("one"), "the store connects anew");
    assert_eq!(block_on(pair.seen(&[company("1")])).unwrap(), []);
    assert_eq!(block_on(pair.links(&[contact("1")])).unwrap(), []);
    block_on(pair.keep("limits", "three".to_owned())).unwrap();
    assert!(matches!(try_open(&database.url()), Err(OpenError::InUse { .. })), "the lock is taken again");
}

#[test]
fn whoever_lost_the_store_to_another_commits_nothing() {
    let database = obmen_testdb::database();
    let displaced = open(&database).pair("main");
    block_on(displaced.keep("limits", "one".to_owned())).unwrap();
    let sessions = "select count(pg_terminate_backend(pid)) from pg_locks \
                    where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())";
    assert_eq!(database.run_sql(sessions), "1");

    let owner = open(&database).pair("main");
    let refused = block_on(displaced.keep("limits", "two".to_owned()));
    assert!(
        matches!(&refused, Err(StoreError::Failed(words)) if words.contains("taken the store over")),
        "{refused:?}"
    );
    assert_eq!(block_on(owner.recall("limits")).unwrap().as_deref(), Some("one"));
    drop(owner);
    let refused = block_on(displaced.keep("limits", "two".to_owned()));
    assert!(refused.is_err(), "not even when the other has ended: {refused:?}");
    assert_eq!(block_on(open(&database).pair("main").recall("limits")).unwrap().as_deref(), Some("one"));
}

/// The child commits sets of two texts until it is killed.
#[test]
fn a_process_that_is_killed_leaves_whole_sets_of_changes() {
    const URL: &str = "OBMEN_TEST_KILLED_URL";
    if let Ok(url) = std::env::var(URL) {
        let pair = try_open(&url).unwrap().pair("main");
        for turn in 0_u32.. {
            let both = ["first", "second"]
                .map(|name| Change::Text { name: name.to_owned(), text: turn.to_string() });
            block_on(pair.apply(both.into())).unwrap();
        }
    }
    let database = obmen_testdb::database();
    drop(open(&database));
    let name = "postgres::a_process_that_is_killed_leaves_whole_sets_of_changes";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact"])
        .env(URL, database.url())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let turn = || database.run_sql("select value from text where name = 'first'").parse().unwrap_or(0);
    while turn() < 20 {
        assert_eq!(child.try_wait().unwrap(), None, "it goes on until it is killed");
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let pair = open(&database).pair("main");
    let [first, second] = ["first", "second"].map(|name| block_on(pair.recall(name)).unwrap());
    assert!(first.is_some() && first == second, "{first:?} {second:?}");
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// How many sessions of the store wait for a lock.
async fn waiting(other: &tokio_postgres::Client) -> i64 {
    let question = "select count(*) from pg_stat_activity where datname = current_database() \
                    and application_name like 'obmen, process %' and wait_event_type = 'Lock'";
    other.query_one(question, &[]).await.unwrap().get(0)
}

fn link(number: &str, reference: &str) -> Change {
    Change::Link {
        bitrix24: contact(number),
        onec: counterparty(Kind::Contact, reference),
        reason: LinkReason::Email,
    }
}

fn with_postgres(rule: impl Fn(Pairs)) {
    let database = obmen_testdb::database();
    let store = open(&database);
    rule(&|name| Arc::new(store.pair(name)) as Arc<dyn Store>);
}

fn open(database: &Database) -> PostgresStore {
    try_open(&database.url()).unwrap()
}

fn try_open(url: &str) -> Result<PostgresStore, OpenError> {
    RUNTIME.block_on(PostgresStore::open(url))
}
