//! Rounds while many records are due: who is taken, and who waits how long.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_executor::block_on;

use super::stage::Stage;

const SECOND: Duration = Duration::from_secs(1);

/// A stage whose rounds take eight rows of many.
fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.engine.round = 8;
    stage
}

fn names(prefix: u32, count: u32) -> Vec<String> {
    (0..count).map(|number| (prefix + number).to_string()).collect()
}

fn told(stage: &Stage, names: &[String]) {
    stage.signal(&names.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Who is read by the next round.
fn round(stage: &Stage) -> BTreeSet<String> {
    stage.side.fetched.lock().unwrap().clear();
    block_on(stage.engine.run_once()).unwrap();
    stage.side.fetched.lock().unwrap().iter().flatten().cloned().collect()
}

#[test]
fn what_was_saved_after_a_bulk_change_is_looked_at_by_the_next_round() {
    let stage = stage();
    told(&stage, &names(1000, 50));
    stage.pass(SECOND);
    told(&stage, &names(7, 1));
    let read = round(&stage);
    assert_eq!(read.len(), 8);
    assert!(read.contains("7"), "{read:?}");

    // One of the bulk is saved once more.
    stage.pass(SECOND);
    told(&stage, &names(1020, 1));
    assert!(round(&stage).contains("1020"));
}

#[test]
fn whoever_is_due_longest_has_a_turn_though_others_are_told_of_all_the_time() {
    let stage = stage();
    let waiting = names(1000, 20);
    told(&stage, &waiting);
    let mut read = BTreeSet::new();
    for number in 0..10 {
        stage.pass(SECOND);
        told(&stage, &names(2000 + 100 * number, 9));
        read.extend(round(&stage));
    }
    let unread: Vec<&String> = waiting.iter().filter(|id| !read.contains(*id)).collect();
    assert!(unread.is_empty(), "two of them a round: {unread:?}");
}

#[test]
fn all_that_is_due_is_looked_at_round_by_round() {
    let stage = stage();
    let waiting = names(1000, 50);
    told(&stage, &waiting);
    let mut read = BTreeSet::new();
    let mut rounds = 0;
    while block_on(stage.engine.run_once()).unwrap().is_some() {
        rounds += 1;
        read.extend(stage.side.fetched.lock().unwrap().drain(..).flatten());
    }
    assert_eq!((read.len(), rounds), (50, 7));
    assert_eq!(stage.signalled(), Vec::<String>::new());
}

#[test]
fn whoever_waits_for_an_answer_keeps_nobody_from_a_turn() {
    let stage = stage();
    *stage.onec.settles_after.lock().unwrap() = 75 * SECOND;
    let (open, others) = (names(1000, 20), names(2000, 20));
    stage.side.stands.lock().unwrap().extend(open.iter().cloned());
    stage.copies_under_way(&open.iter().map(String::as_str).collect::<Vec<_>>());
    told(&stage, &open);
    stage.pass(SECOND);
    told(&stage, &others);
    // Of whoever is told of last there is no end either.
    stage.pass(SECOND);
    told(&stage, &open);
    for _ in 0..40 {
        block_on(stage.engine.run_once()).unwrap();
    }
    let read: BTreeSet<String> = stage.side.fetched.lock().unwrap().iter().flatten().cloned().collect();
    assert!(others.iter().all(|id| read.contains(id)), "{read:?}");
    assert_eq!(stage.signalled(), Vec::<String>::new(), "put off until the writes can be settled");

    stage.pass(75 * SECOND);
    assert!(stage.signalled().len() >= 20, "and looked at then");
}
