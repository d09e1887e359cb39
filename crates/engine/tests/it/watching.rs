//! Polls, scans and looks at everything: what becomes a signal, and what does not.

use std::time::Duration;

use futures_executor::block_on;
use obmen_domain::record::{Kind, RecordId, Side};
use obmen_engine::store::{Change, DirtyReason};
use obmen_engine::sync::EngineError;

use super::stage::Stage;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn a_scan_signals_who_is_new_moved_or_missing_and_nobody_else() {
    let stage = Stage::new();
    stage.seen(&[("1", "a"), ("2", "a"), ("3", "a")]);
    stage.shows(&[&[("1", "a"), ("2", "b")], &[("4", "a")]]);
    assert_eq!(block_on(stage.engine.scan(Side::Bitrix24)).unwrap(), 3);
    assert_eq!(stage.signalled(), ["2", "3", "4"]);
}

#[test]
fn where_a_side_tells_no_versions_only_ids_speak() {
    let stage = Stage::new();
    stage.seen(&[("1", "a"), ("2", "a")]);
    let ids = vec![("1".to_owned(), None), ("3".to_owned(), None)];
    *stage.side.portions.lock().unwrap() = vec![ids];
    block_on(stage.engine.scan(Side::Bitrix24)).unwrap();
    assert_eq!(stage.signalled(), ["2", "3"]);
}

#[test]
fn a_scan_that_is_cut_off_takes_nobody_for_missing() {
    let stage = Stage::new();
    stage.seen(&[("1", "a"), ("2", "a"), ("3", "a")]);
    stage.shows(&[&[("1", "b")], &[("2", "a"), ("3", "a")]]);
    *stage.side.fails_after.lock().unwrap() = Some(1);
    assert!(block_on(stage.engine.scan(Side::Bitrix24)).is_err());
    assert_eq!(stage.signalled(), ["1"], "what was read is news all the same");
}

#[test]
fn far_fewer_records_than_were_known_are_told_and_nobody_is_taken_for_missing() {
    let stage = Stage::new();
    let ids: Vec<String> = (1..=40).map(|number| number.to_string()).collect();
    let known: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "a")).collect();
    stage.seen(&known);
    stage.shows(&[&known[..29]]);
    let ended = block_on(stage.engine.scan(Side::Bitrix24));
    let Err(EngineError::Fewer(falls)) = ended else { panic!("{ended:?}") };
    assert_eq!((falls[0].before, falls[0].now), (40, 29));
    assert_eq!(stage.signalled(), Vec::<String>::new());

    stage.shows(&[&known[..30]]);
    assert_eq!(block_on(stage.engine.scan(Side::Bitrix24)).unwrap(), 10, "ten may always be missing");
}

#[test]
fn where_rights_may_hide_records_nobody_is_missing() {
    let mut stage = Stage::new();
    stage.engine.rules.partial_rights = true;
    stage.seen(&[("1", "a"), ("2", "a")]);
    stage.shows(&[&[("1", "a")]]);
    assert_eq!(block_on(stage.engine.scan(Side::Bitrix24)).unwrap(), 0);
}

#[test]
fn a_bookmark_moves_on_with_the_signals_before_it_and_stays_where_the_side_is_away() {
    let stage = Stage::new();
    assert_eq!(block_on(stage.engine.poll(Side::Bitrix24)).unwrap(), 0);
    assert_eq!(stage.bookmark().as_deref(), Some("1"), "the first question only sets it");
    *stage.side.news.lock().unwrap() = vec!["5".to_owned(), "7".to_owned()];
    assert_eq!(block_on(stage.engine.poll(Side::Bitrix24)).unwrap(), 2);
    assert_eq!((stage.bookmark().as_deref(), stage.signalled()), (Some("2"), vec!["5".into(), "7".into()]));

    *stage.side.fails_after.lock().unwrap() = Some(0);
    assert!(block_on(stage.engine.poll(Side::Bitrix24)).is_err());
    assert_eq!(stage.bookmark().as_deref(), Some("2"));
    let asked = stage.side.asked.lock().unwrap().clone();
    assert_eq!(asked, [None, Some("1".to_owned()), Some("2".to_owned())]);
    assert_eq!(block_on(stage.engine.poll(Side::Onec)).unwrap(), 0, "a side that cannot tell has none");
}

#[test]
fn what_a_side_keeps_for_us_is_confirmed_after_its_signals_are_kept() {
    let stage = Stage::new();
    *stage.side.queue.lock().unwrap() = [vec!["1", "2"], vec!["3"]].into();
    assert_eq!(block_on(stage.engine.collect(Side::Bitrix24)).unwrap(), 3);
    assert_eq!(*stage.side.confirmed.lock().unwrap(), [2, 3]);
    assert_eq!(stage.signalled(), ["1", "2", "3"]);

    *stage.side.queue.lock().unwrap() = [vec!["4"]].into();
    *stage.side.fails_after.lock().unwrap() = Some(0);
    assert!(block_on(stage.engine.collect(Side::Bitrix24)).is_err());
    assert_eq!(stage.signalled(), ["1", "2", "3", "4"], "kept, though it comes once more");
    *stage.side.fails_after.lock().unwrap() = None;
    assert_eq!(block_on(stage.engine.collect(Side::Bitrix24)).unwrap(), 1);
    assert_eq!(block_on(stage.engine.collect(Side::Onec)).unwrap(), 0, "a side that keeps nothing");
}

#[test]
fn what_a_queue_does_not_name_is_asked_for_before_it_is_confirmed() {
    let stage = Stage::new();
    block_on(stage.engine.poll(Side::Bitrix24)).unwrap();
    *stage.side.news.lock().unwrap() = vec!["7".to_owned()];
    *stage.side.queue.lock().unwrap() = [vec!["?"]].into();
    assert_eq!(block_on(stage.engine.collect(Side::Bitrix24)).unwrap(), 1);
    assert_eq!(
        (stage.signalled(), stage.side.confirmed.lock().unwrap().clone()),
        (vec!["7".to_owned()], vec![1])
    );
}

#[test]
fn everything_is_looked_at_again_only_after_a_while_and_from_then_on_news_are_asked_for() {
    let stage = Stage::new();
    let sweeps = || *stage.side.sweeps.lock().unwrap();
    assert!(block_on(stage.engine.look_again(DAY)).unwrap());
    assert_eq!(stage.bookmark().as_deref(), Some("1"), "taken before the first record was read");
    let first = sweeps();
    assert!(first > 0);
    stage.pass(DAY - Duration::from_secs(1));
    assert!(!block_on(stage.engine.look_again(DAY)).unwrap());
    assert_eq!(sweeps(), first);
    stage.pass(Duration::from_secs(1));
    assert!(block_on(stage.engine.look_again(DAY)).unwrap());
    assert_eq!(sweeps(), 2 * first);
}

#[test]
fn what_falls_due_while_a_round_looks_is_not_left_to_the_next_signal() {
    let stage = Stage::new();
    let began = stage.engine.clock.now();
    stage.pass(SECOND);
    stage.signal(&["7"]);
    let due = stage.engine.clock.now();
    assert_eq!(block_on(stage.engine.next_due(began)).unwrap(), Some(due), "still to come");
    stage.pass(SECOND);
    assert_eq!(block_on(stage.engine.next_due(began)).unwrap(), Some(due), "past, and looked at by nobody");
    assert_eq!(block_on(stage.engine.next_due(due)).unwrap(), None, "a round that began then looked at it");
}

#[test]
fn an_object_that_may_be_a_company_or_a_person_is_read_once() {
    let stage = Stage::new();
    let now = stage.now();
    let row = |kind| Change::Dirty {
        id: RecordId::onec(kind, "6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11"),
        reason: DirtyReason::Signal,
        since: now,
        due: now,
    };
    block_on(stage.store.apply(Kind::ALL.map(row).to_vec())).unwrap();
    block_on(stage.engine.run_once()).unwrap();
    assert_eq!(stage.onec.fetched.lock().unwrap().len(), 1, "a signal does not tell which of them it is");
}
