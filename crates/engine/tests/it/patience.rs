//! A side that is away when it is to be written to.

use std::time::Duration;

use futures_executor::block_on;
use obmen_domain::record::{Catalog, Kind, Record, RecordId};
use obmen_engine::ports::SideError;
use obmen_engine::sync::EngineError;

use super::stage::{Stage, person};

/// A round that copies a contact into a locked 1C which says so after a while: how long it takes, in seconds, and how often
/// it writes.
fn round(says_so_after: Duration) -> (i64, usize) {
    let stage = stage(says_so_after);
    let began = stage.now();
    let ended = block_on(stage.engine.run_once());
    assert!(matches!(ended, Err(EngineError::Side(SideError::Locked { .. }))), "{ended:?}");
    let took = stage.now().duration_since(began).as_secs();
    (took, *stage.onec.attempts.lock().unwrap())
}

fn stage(says_so_after: Duration) -> Stage {
    let stage = Stage::new();
    stage.side.stands.lock().unwrap().insert("1".to_owned());
    *stage.onec.locked.lock().unwrap() = Some(says_so_after);
    stage.signal(&["1"]);
    stage
}

#[test]
fn a_locked_side_is_asked_again_for_two_minutes() {
    assert_eq!(round(Duration::ZERO), (120, 9));
}

#[test]
fn a_side_that_needs_long_to_say_that_it_is_locked_holds_a_round_no_longer() {
    assert_eq!(
        round(Duration::from_secs(110)),
        (220, 2),
        "the attempt that begins within two minutes is the last"
    );
    assert_eq!(round(Duration::from_secs(121)).1, 1);
}

#[test]
fn a_batch_waits_in_hand_for_a_limit_and_is_not_planned_anew() {
    let stage = stage(Duration::ZERO);
    let until = stage.now() + Duration::from_secs(4 * 60);
    *stage.onec.limited_until.lock().unwrap() = Some(until);
    block_on(stage.engine.run_once()).unwrap_err();
    let after = stage.now().duration_since(until).as_secs();
    assert_eq!(after, 120, "at the moment that the limit names it was tried again, and then for two minutes");
    assert_eq!(*stage.onec.attempts.lock().unwrap(), 1 + 9);
    assert_eq!(stage.side.fetched.lock().unwrap().len(), 1, "its record was read once");
}

#[test]
fn whoever_turns_up_while_a_batch_waits_long_is_not_made_a_second_time() {
    let stage = stage(Duration::ZERO);
    let until = stage.now() + Duration::from_secs(6 * 60);
    *stage.onec.limited_until.lock().unwrap() = Some(until);
    let id = RecordId::onec(Kind::Contact, "6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11");
    let entered = Record { id, catalog: Catalog::Counterparty, ..person("1", "a") };
    *stage.onec.turns_up.lock().unwrap() = Some((until, entered));
    block_on(stage.engine.run_once()).unwrap();
    assert_eq!(*stage.onec.attempts.lock().unwrap(), 1, "only before anybody was there");
}

#[test]
fn whoever_is_about_to_be_made_is_looked_for_once() {
    let stage = stage(Duration::ZERO);
    block_on(stage.engine.run_once()).unwrap_err();
    assert_eq!(*stage.onec.looked_up.lock().unwrap(), 1);
}
