//! Proofs that the live exchange can fail: planted bugs are found within few seeds.

use obmen_simulate::{Options, Plant, ops_of, run};

/// Each is found within a few tens of them.
const SEEDS: u64 = 60;

#[test]
fn believing_what_a_message_says_is_found() {
    is_found(Plant::BelieveMessages);
}

#[test]
fn taking_whoever_is_not_shown_for_deleted_is_found() {
    is_found(Plant::EmptyIsDeleted);
}

#[test]
fn a_signal_that_is_answered_before_it_is_stored_is_found() {
    is_found(Plant::AnswerFirst);
}

#[test]
fn a_link_that_ends_without_a_tombstone_is_found() {
    is_found(Plant::NoTombstone);
}

fn is_found(plant: Plant) {
    let options = Options { wiring: plant.wiring(), ..Options::default() };
    let mut verdicts = (1..=SEEDS).map(|seed| run(seed, &ops_of(seed, 60), options));
    assert!(verdicts.any(|verdict| !verdict.violations.is_empty()), "{plant:?} is not found");
}
