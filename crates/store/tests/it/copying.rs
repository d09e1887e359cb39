//! Copying a store from one engine into the other and back.

use std::path::Path;

use futures_executor::block_on;
use obmen_domain::plan::LinkReason;
use obmen_domain::record::Kind;
use obmen_domain::review::{AskReason, Review, ReviewKind};
use obmen_domain::ruling::{Ruled, Ruling};
use obmen_engine::store::{Change, DirtyReason, Entry, Event, Intent, IntentAction};
use obmen_store::{Copied, CopyError, OpenError, Opened, copy};

use crate::inputs::{INN, company, contact, counterparty, dirty, moment, organization, person, see};
use crate::postgres::RUNTIME;

#[test]
fn there_and_back_again_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let database = obmen_testdb::database();
    let (first, second) = ("sqlite:first.db", "sqlite:second.db");
    fill(first, folder.path());

    let there = copied(first, &database.url(), folder.path()).unwrap();
    let back = copied(&database.url(), second, folder.path()).unwrap();

    assert_eq!(there.digest_from, there.digest_to);
    assert_eq!(there, back, "the same rows and digests");
    let count = |name: &str| there.rows.iter().find(|(table, _)| *table == name).unwrap().1;
    assert_eq!((count("pair"), count("seen"), count("link"), count("journal")), (2, 4502, 1, 2));
    for (table, rows) in &there.rows {
        assert!(*rows > 0, "{table} is copied with something in it");
    }
    assert_eq!(known(first, folder.path()), known(&database.url(), folder.path()));
    assert_eq!(known(first, folder.path()), known(second, folder.path()));
}

#[test]
fn a_copy_goes_on_where_its_source_ended() {
    let folder = tempfile::tempdir().unwrap();
    let database = obmen_testdb::database();
    fill("sqlite:first.db", folder.path());
    copied("sqlite:first.db", &database.url(), folder.path()).unwrap();

    let store = open(&database.url(), folder.path()).pair("main");
    let newcomer = organization(company("9999"), "Новая", "");
    let entry = |words: &str| Entry {
        at: moment(0),
        run: "run-2".to_owned(),
        record: contact("1"),
        event: Event::Refused { words: words.to_owned() },
    };
    let before = block_on(store.dirty(Kind::Contact, moment(99), None, 10)).unwrap()[0].generation;
    block_on(store.apply(vec![
        see(&newcomer),
        Change::Link {
            bitrix24: contact("7"),
            onec: counterparty(Kind::Contact, "g"),
            reason: LinkReason::Email,
        },
        Change::Journal(Box::new(entry("later"))),
        dirty(&contact("1"), DirtyReason::Signal, 0),
    ]))
    .unwrap();
    assert_eq!(block_on(store.journal(&contact("1"))).unwrap().last().unwrap(), &entry("later"));
    assert!(block_on(store.dirty(Kind::Contact, moment(99), None, 10)).unwrap()[0].generation > before);
    drop(store);
    let third = open(&database.url(), folder.path()).pair("third");
    block_on(third.keep("limits", "new".to_owned())).unwrap();
}

#[test]
fn a_store_that_holds_something_is_not_copied_into() {
    let folder = tempfile::tempdir().unwrap();
    let database = obmen_testdb::database();
    fill("sqlite:first.db", folder.path());
    fill("sqlite:second.db", folder.path());
    fill(&database.url(), folder.path());
    for target in ["sqlite:second.db", &database.url()] {
        let before = known(target, folder.path());
        let refused = copied("sqlite:first.db", target, folder.path());
        assert!(matches!(refused, Err(CopyError::NotEmpty { .. })), "{refused:?}");
        assert_eq!(known(target, folder.path()), before);
    }
}

#[test]
fn a_store_that_is_in_use_or_is_not_there_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let database = obmen_testdb::database();
    let in_use = open("sqlite:first.db", folder.path());
    let refused = copied("sqlite:first.db", &database.url(), folder.path());
    assert!(matches!(refused, Err(CopyError::Open(OpenError::InUse { .. }))), "{refused:?}");
    drop(in_use);

    let in_use = open(&database.url(), folder.path());
    let refused = copied("sqlite:first.db", &database.url(), folder.path());
    assert!(matches!(refused, Err(CopyError::Open(OpenError::InUse { .. }))), "{refused:?}");
    drop(in_use);

    let refused = copied("sqlite:none.db", &database.url(), folder.path());
    assert!(matches!(refused, Err(CopyError::Missing { .. })), "{refused:?}");
    assert!(!folder.path().join("none.db").exists());
}

#[test]
fn a_copy_that_fails_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let database = obmen_testdb::database();
    fill("sqlite:first.db", folder.path());
    drop(open(&database.url(), folder.path()));
    database.run_sql("alter table ruling add check (first = '')");
    let failed = copied("sqlite:first.db", &database.url(), folder.path());
    assert!(matches!(failed, Err(CopyError::Store(_))), "{failed:?}");
    assert_eq!(database.run_sql("select (select count(*) from pair) + (select count(*) from seen)"), "0");
}

#[test]
fn every_table_and_column_of_postgresql_is_one_of_sqlite_too() {
    let folder = tempfile::tempdir().unwrap();
    let database = obmen_testdb::database();
    drop(open(&database.url(), folder.path()));
    drop(open("sqlite:first.db", folder.path()));
    let connection = rusqlite::Connection::open(folder.path().join("first.db")).unwrap();
    let of_sqlite = "select group_concat(name, ' ') from (select table_list.name || '.' || table_info.name as name \
        from pragma_table_list as table_list join pragma_table_info(table_list.name) as table_info \
        where table_list.schema = 'main' and table_list.name not like 'sqlite_%' and table_list.name not like 'refinery_%' order by 1)";
    let of_sqlite: String = connection.query_row(of_sqlite, [], |row| row.get(0)).unwrap();
    let of_postgres = database.run_sql(
        "select string_agg(table_name || '.' || column_name, ' ' order by (table_name || '.' || column_name) collate \"C\") \
         from information_schema.columns where table_schema = 'public' and table_name not in ('owner', 'refinery_schema_history')",
    );
    assert_eq!(of_postgres, of_sqlite);
}

fn copied(from: &str, to: &str, folder: &Path) -> Result<Copied, CopyError> {
    RUNTIME.block_on(copy(from, to, folder, &mut |_, _| {}))
}

fn open(url: &str, folder: &Path) -> Opened {
    RUNTIME.block_on(Opened::open(url, folder)).unwrap()
}

/// Something in every table, and more records than are copied at once.
fn fill(url: &str, folder: &Path) {
    let store = open(url, folder);
    let main = store.pair("main");
    let many: Vec<Change> =
        (1..=4500).map(|number| see(&organization(company(&number.to_string()), "Фирма", ""))).collect();
    block_on(main.apply(many)).unwrap();
    let entry = |record| Entry {
        at: moment(0),
        run: "run-1".to_owned(),
        record,
        event: Event::Unanswered { changes: vec![] },
    };
    let party = person(contact("1"), vec![]).party;
    let case = Review {
        kind: ReviewKind::Match,
        party: Kind::Contact,
        records: vec![contact("1"), contact("2")],
        fields: Vec::new(),
        reason: AskReason::Deleted,
    };
    block_on(main.apply(vec![
        see(&organization(counterparty(Kind::Company, "ab"), "ООО «Ёлка», \\ 'кавычки' 😀", INN)),
        see(&person(contact("1"), vec![company("1")])),
        dirty(&contact("1"), DirtyReason::Signal, 0),
        dirty(&contact("10"), DirtyReason::Swept, 5),
        Change::Link {
            bitrix24: contact("1"),
            onec: counterparty(Kind::Contact, "a"),
            reason: LinkReason::Inn,
        },
        Change::Base { bitrix24: contact("1"), party: Box::new(party) },
        Change::Rule(Ruled::new(contact("1"), contact("2"), Ruling::Apart)),
        Change::Intent(Intent {
            record: contact("1"),
            action: IntentAction::Create { derived_id: None },
            sent_at: moment(1),
        }),
        Change::Review(Box::new(case)),
        Change::Journal(Box::new(entry(contact("1")))),
        Change::Journal(Box::new(entry(contact("2")))),
    ]))
    .unwrap();
    block_on(store.pair("other").keep("limits", "{}".to_owned())).unwrap();
}

/// What both pairs of a filled store know, as words.
fn known(url: &str, folder: &Path) -> String {
    let store = open(url, folder);
    let main = store.pair("main");
    let ids = [contact("1"), company("4500"), counterparty(Kind::Company, "ab")];
    format!(
        "{:?}",
        (
            block_on(main.figures()).unwrap(),
            block_on(main.seen(&ids)).unwrap(),
            block_on(main.links(&ids)).unwrap(),
            block_on(main.rulings(&ids)).unwrap(),
            block_on(main.intents()).unwrap(),
            block_on(main.reviews_of(&ids)).unwrap(),
            block_on(main.journal(&contact("1"))).unwrap(),
            block_on(main.dirty(Kind::Contact, moment(99), None, 10)).unwrap(),
            block_on(store.pair("other").recall("limits")).unwrap(),
        )
    )
}
