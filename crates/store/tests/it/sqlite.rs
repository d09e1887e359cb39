//! The contract on each way to run SQLite, and what only files and threads can show.

use std::path::Path;
use std::sync::Arc;

use futures_executor::block_on;
use obmen_domain::plan::LinkReason;
use obmen_domain::record::Kind;
use obmen_engine::ports::Memory as _;
use obmen_engine::store::{Change, DirtyReason, Store};
use obmen_store::{OpenError, PairStore, SqliteStore, Threading};

use crate::contract::{Pairs, for_each_rule};
use crate::inputs::{INN, company, contact, counterparty, dirty, inn_key, moment, organization, see};

for_each_rule!(in_memory, super::with_memory);
for_each_rule!(file_inline, super::with_file_inline);
for_each_rule!(file_with_a_writer_thread, super::with_file_threaded);

#[test]
fn what_was_applied_outlives_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("obmen.db");
    for (first, second) in
        [(Threading::WriterThread, Threading::Inline), (Threading::Inline, Threading::WriterThread)]
    {
        let firm = organization(company("1"), "Ромашка", INN);
        let store = SqliteStore::open(&path, first).unwrap().pair("main");
        block_on(store.apply(vec![see(&firm), dirty(&contact("1"), DirtyReason::Signal, 0)])).unwrap();
        block_on(store.keep("limits", format!("{first:?}"))).unwrap();
        drop(store);

        let store = SqliteStore::open(&path, second).unwrap().pair("main");
        assert_eq!(
            block_on(store.seen(std::slice::from_ref(&firm.id))).unwrap(),
            std::slice::from_ref(&firm)
        );
        let holders = block_on(store.holders(Kind::Company, &[inn_key(&firm)], 5)).unwrap();
        assert_eq!(holders[0].records, [company("1")]);
        assert_eq!(block_on(store.dirty(Kind::Contact, moment(0), None, 5)).unwrap().len(), 1);
        assert_eq!(block_on(store.recall("limits")).unwrap(), Some(format!("{first:?}")));
    }
}

#[test]
fn a_file_that_is_open_is_refused_with_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("obmen.db");
    let store = SqliteStore::open(&path, Threading::WriterThread).unwrap();
    let handle = store.pair("main");
    drop(store);

    let refused = SqliteStore::open(&path, Threading::Inline).unwrap_err();
    assert!(matches!(&refused, OpenError::InUse { .. }), "{refused:?}");
    let words = refused.to_string();
    assert!(words.contains("obmen.db") && words.contains("stop that one first"), "{words}");
    #[cfg(unix)]
    assert!(words.contains(&std::process::id().to_string()), "{words}");

    drop(handle);
    SqliteStore::open(&path, Threading::Inline).expect("the last handle gives the file back");
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    let notes = "not a database, but somebody's notes\n".repeat(40);
    std::fs::write(&path, &notes).unwrap();
    assert!(matches!(SqliteStore::open(&path, Threading::Inline), Err(OpenError::Sqlite { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), notes);
}

#[test]
fn a_folder_that_does_not_exist_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let refused = SqliteStore::open(folder.path().join("none/obmen.db"), Threading::Inline).unwrap_err();
    assert!(refused.to_string().contains("the folder must exist"), "{refused}");
}

#[cfg(unix)]
#[test]
fn what_is_known_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("obmen.db"), Threading::WriterThread).unwrap();
    block_on(store.pair("main").keep("limits", "one".to_owned())).unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.file_name());
    }
}

#[test]
fn callers_on_many_threads_get_each_their_own_answer() {
    const CALLERS: usize = 8;
    const APPLIES: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("obmen.db"), Threading::WriterThread).unwrap();
    let taken = Change::Link {
        bitrix24: contact("0"),
        onec: counterparty(Kind::Contact, "taken"),
        reason: LinkReason::Email,
    };
    block_on(store.pair("main").apply(vec![taken])).unwrap();

    std::thread::scope(|threads| {
        for caller in 1..=CALLERS {
            let pair = store.pair("main");
            threads.spawn(move || (0..APPLIES).for_each(|turn| good_or_failing(&pair, caller, turn)));
        }
    });

    let figures = block_on(store.pair("main").figures()).unwrap();
    assert_eq!(figures.links["contact"], (CALLERS * APPLIES / 2 + 1) as u64);
}

/// Every second turn asks for a link that cannot be.
fn good_or_failing(pair: &PairStore, caller: usize, turn: usize) {
    let number = format!("{caller}00{turn}");
    let fails = turn % 2 == 1;
    let reference = if fails { "taken".to_owned() } else { format!("ref-{number}") };
    let link = Change::Link {
        bitrix24: contact(&number),
        onec: counterparty(Kind::Contact, &reference),
        reason: LinkReason::Email,
    };
    let note = Change::Text { name: number.clone(), text: reference };
    assert_eq!(block_on(pair.apply(vec![note, link])).is_err(), fails);
    assert_eq!(block_on(pair.recall(&number)).unwrap().is_some(), !fails, "one's own write is seen at once");
}

fn with_memory(rule: impl Fn(Pairs)) {
    run_on(&SqliteStore::in_memory().unwrap(), rule);
}

fn with_file_inline(rule: impl Fn(Pairs)) {
    with_file(Threading::Inline, rule);
}

fn with_file_threaded(rule: impl Fn(Pairs)) {
    with_file(Threading::WriterThread, rule);
}

fn with_file(threading: Threading, rule: impl Fn(Pairs)) {
    let folder = tempfile::tempdir().unwrap();
    let path: &Path = &folder.path().join("obmen.db");
    run_on(&SqliteStore::open(path, threading).unwrap(), rule);
}

fn run_on(store: &SqliteStore, rule: impl Fn(Pairs)) {
    rule(&|name| Arc::new(store.pair(name)) as Arc<dyn Store>);
}

#[test]
fn a_store_that_is_open_elsewhere_can_be_asked_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("obmen.db");
    let owner = SqliteStore::open(&file, Threading::WriterThread).unwrap().pair("main");
    block_on(owner.keep("name", "kept".to_owned())).unwrap();
    assert!(matches!(SqliteStore::open(&file, Threading::Inline), Err(OpenError::InUse { .. })));
    let beside = SqliteStore::open_beside(&file).pair("main");
    assert_eq!(block_on(beside.recall("name")).unwrap().as_deref(), Some("kept"));
    assert!(block_on(beside.keep("name", "changed".to_owned())).is_err());
    block_on(owner.keep("name", "changed by its owner".to_owned())).unwrap();
    assert_eq!(block_on(beside.recall("name")).unwrap().as_deref(), Some("changed by its owner"));
}
