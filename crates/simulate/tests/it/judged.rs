//! Proofs that an invariant is judged: what it forbids is brought about, and a seed names it by its number.

use std::sync::Arc;

use obmen_domain::review::ReviewKind;
use obmen_engine::ports::{BoxFuture, StoreError};
use obmen_engine::store::{Change, Event, Store};
use obmen_simulate::{Options, StoreTwist, TwistedStore, Wiring, ops_of, run};

/// Each is named within a few tens of them.
const SEEDS: u64 = 60;

#[test]
fn a_link_of_a_record_that_is_gone_of_which_nobody_is_asked_breaks_the_fourth() {
    let wiring = Wiring { store: |inner| Arc::new(TwistedStore(Incurious(inner))), ..Wiring::default() };
    assert!(is_named(wiring, &[4]));
}

#[test]
fn a_change_that_is_never_found_breaks_the_third_or_the_eighth() {
    let wiring = Wiring { store: |inner| Arc::new(TwistedStore(Deaf(inner))), ..Wiring::default() };
    assert!(is_named(wiring, &[3, 8]));
}

#[test]
fn a_value_that_is_on_no_side_and_not_in_the_journal_breaks_the_ninth() {
    let wiring = Wiring { store: |inner| Arc::new(TwistedStore(Silent(inner))), ..Wiring::default() };
    assert!(is_named(wiring, &[9]));
}

#[test]
fn a_log_line_with_what_somebody_entered_breaks_the_fourteenth() {
    let wiring = Wiring { store: |inner| Arc::new(TwistedStore(Talkative(inner))), ..Wiring::default() };
    assert!(is_named(wiring, &[14]));
}

/// Whether a seed names one of these invariants.
fn is_named(wiring: Wiring, invariants: &[u8]) -> bool {
    let options = Options { wiring, ..Options::default() };
    let mut verdicts = (1..=SEEDS).map(|seed| run(seed, &ops_of(seed, 60), options));
    verdicts
        .any(|verdict| verdict.violations.iter().any(|violation| invariants.contains(&violation.invariant)))
}

/// A store that keeps no question about deletions.
struct Incurious(Arc<dyn Store>);

impl StoreTwist for Incurious {
    fn inner(&self) -> &Arc<dyn Store> {
        &self.0
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>> {
        let asks =
            |change: &Change| matches!(change, Change::Review(review) if review.kind == ReviewKind::Deletion);
        self.0.apply(changes.into_iter().filter(|change| !asks(change)).collect())
    }
}

/// A store that keeps no signal.
struct Deaf(Arc<dyn Store>);

impl StoreTwist for Deaf {
    fn inner(&self) -> &Arc<dyn Store> {
        &self.0
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>> {
        use obmen_engine::store::DirtyReason::Signal;
        let is_signal = |change: &Change| matches!(change, Change::Dirty { reason: Signal, .. });
        self.0.apply(changes.into_iter().filter(|change| !is_signal(change)).collect())
    }
}

/// A store that forgets what writes replaced.
struct Silent(Arc<dyn Store>);

impl StoreTwist for Silent {
    fn inner(&self) -> &Arc<dyn Store> {
        &self.0
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>> {
        let tells_what_was = |change: &Change| match change {
            Change::Journal(entry) => matches!(
                entry.event,
                Event::Overwrote { .. } | Event::Updated { .. } | Event::Unanswered { .. }
            ),
            _ => false,
        };
        self.0.apply(changes.into_iter().filter(|change| !tells_what_was(change)).collect())
    }
}

/// A store that logs whatever it is told.
struct Talkative(Arc<dyn Store>);

impl StoreTwist for Talkative {
    fn inner(&self) -> &Arc<dyn Store> {
        &self.0
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>> {
        tracing::info!(target: "obmen_store", ?changes, "store.apply");
        self.0.apply(changes)
    }
}
