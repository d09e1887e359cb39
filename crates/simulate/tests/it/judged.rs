//! Proofs that an invariant is judged: what it forbids is brought about, and a seed names it by its number.

use std::sync::Arc;

use obmen_domain::forms::person_name::PersonName;
use obmen_domain::party::{Field, Value};
use obmen_domain::review::ReviewKind;
use obmen_domain::rules::{FieldRule, Preference, Rules};
use obmen_engine::ports::{BoxFuture, Outcome, StoreError, Write};
use obmen_engine::store::{Change, Event, Store};
use obmen_engine::sync::SideAccess;
use obmen_simulate::{
    Options, SideTwist, StoreTwist, TwistedSide, TwistedStore, Violation, Wiring, ops_of, run,
};

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
fn more_writes_than_there_were_causes_break_the_fifth() {
    let wiring = Wiring { side: |inner| Arc::new(TwistedSide(Clumsy(inner))), ..Wiring::default() };
    assert!(is_told(wiring, "invariant 5: records were written more often than was called for"));
}

#[test]
fn a_question_where_a_rule_decides_breaks_the_seventh() {
    let wiring = Wiring { rules: undecided, ..Wiring::default() };
    assert!(is_told(wiring, "is asked about, though a rule decides"));
}

#[test]
fn a_request_that_a_limit_refuses_breaks_the_eleventh() {
    let wiring = Wiring { store: |inner| Arc::new(TwistedStore(Hasty(inner))), ..Wiring::default() };
    assert!(is_named(wiring, &[11]));
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
    is_found(wiring, |violation| invariants.contains(&violation.invariant))
}

/// Whether a seed says so.
fn is_told(wiring: Wiring, words: &str) -> bool {
    is_found(wiring, |violation| violation.to_string().contains(words))
}

fn is_found(wiring: Wiring, is_it: impl Fn(&Violation) -> bool) -> bool {
    let options = Options { wiring, ..Options::default() };
    (1..=SEEDS).any(|seed| run(seed, &ops_of(seed, 60), options).violations.iter().any(&is_it))
}

/// Rules that decide no conflict.
fn undecided(mut rules: Rules) -> Rules {
    rules.on_conflict = Preference::Ask;
    let ask = |(field, rule): (Field, FieldRule)| (field, FieldRule { on_conflict: Preference::Ask, ..rule });
    rules.fields = rules.fields.into_iter().map(ask).collect();
    rules
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

/// A store that does not remember how much of the limits was used.
struct Hasty(Arc<dyn Store>);

impl StoreTwist for Hasty {
    fn inner(&self) -> &Arc<dyn Store> {
        &self.0
    }

    fn recall<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        if name.starts_with("limits/") {
            return Box::pin(std::future::ready(Ok(None)));
        }
        self.0.recall(name)
    }
}

/// A side that twice writes a name wrongly, and rightly again, before it writes anything of a person.
struct Clumsy(Arc<dyn SideAccess>);

impl SideTwist for Clumsy {
    fn inner(&self) -> &Arc<dyn SideAccess> {
        &self.0
    }

    fn write(&self, writes: Vec<Write>) -> BoxFuture<'_, Vec<Outcome>> {
        Box::pin(async move {
            for ending in ["у", "ю", ""] {
                let slips: Vec<Write> = writes.iter().filter_map(|write| slip(write, ending)).collect();
                if !slips.is_empty() {
                    self.0.write(slips).await;
                }
            }
            self.0.write(writes).await
        })
    }
}

/// A write of the name alone, with another ending.
fn slip(write: &Write, ending: &str) -> Option<Write> {
    let mut write = write.clone();
    let Write::Update { record, changes, mutual_id } = &mut write else { return None };
    let Some(Value::Name(name)) = record.party.value(Field::Name) else { return None };
    changes.truncate(1);
    let change = changes.first_mut()?;
    change.field = Field::Name;
    change.after = Value::Name(PersonName { first: format!("{}{ending}", name.first), ..name });
    *mutual_id = None;
    Some(write)
}
