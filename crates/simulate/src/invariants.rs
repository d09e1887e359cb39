//! The invariants, judged at rest: on the dumps of both worlds, on the store, and on what people did.
//!
//! Nothing here uses the product's own rules; where the product may differ from plain equality on purpose, the reason
//! stands beside the check. The numbers are those of the design's list.

mod directions;
mod equal;
mod links;
mod once;
mod values;
mod writes;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use futures_util::FutureExt as _;
use obmen_domain::party::Field;
use obmen_domain::record::{RecordId, Side};
use obmen_domain::review::Review;
use obmen_engine::ports::BoxFuture;
use obmen_engine::store::{Entry as JournalEntry, Link};

use crate::session::Session;
use crate::snapshot::Snapshot;

pub(crate) use directions::written_against;

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its number in the design.
    pub invariant: u8,
    /// What is wrong.
    pub words: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invariant {}: {}", self.invariant, self.words)
    }
}

/// What is judged.
pub(crate) struct Case<'a> {
    pub(crate) session: &'a Session,
    pub(crate) snapshot: Snapshot,
    pub(crate) links: Vec<Link>,
    pub(crate) reviews: Vec<Review>,
    /// When it is judged.
    pub(crate) when: When,
}

/// When a session is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// After the time within which everything is found that a poll, a scan or a walk over ids can find. Companies of
    /// people show in a full reading only; what has its next look still to come is known.
    Soon,
    /// At rest.
    AtRest,
}

/// Everything that is wrong at rest.
pub(crate) fn judge(session: &Session, when: When) -> Vec<Violation> {
    let snapshot = Snapshot::take(&session.systems, &session.truth.cast);
    let ids: Vec<RecordId> = snapshot.entries.iter().map(|entry| entry.id.clone()).collect();
    let known: Vec<RecordId> =
        ids.iter().chain(session.truth.links.keys()).cloned().collect::<BTreeSet<_>>().into_iter().collect();
    let links = answered(session.store.links(&known));
    let links = links.into_iter().map(|link| (link.bitrix24.clone(), link)).collect::<BTreeMap<_, _>>();
    let reviews = answered(session.store.reviews());
    let case = Case { session, snapshot, links: links.into_values().collect(), reviews, when };
    let mut violations = Vec::new();
    once::check(&case, &mut violations);
    links::check(&case, &mut violations);
    equal::check(&case, &mut violations);
    values::check(&case, &mut violations);
    directions::check(&case, &mut violations);
    writes::check(&case, &mut violations);
    limits(session, &mut violations);
    told(session, &mut violations);
    violations.extend(session.wrongs.iter().cloned());
    violations
}

/// 14: what is logged, and what is told of failures, holds nothing that people entered, no name, and no secret.
fn told(session: &Session, violations: &mut Vec<Violation>) {
    let failures: BTreeSet<String> = session.desk.table().failures.iter().cloned().collect();
    let secrets = session.secrets();
    for line in failures.iter().chain(session.log.lines().iter()) {
        if session.truth.cast.tells_of_somebody(line) || secrets.iter().any(|secret| line.contains(secret)) {
            violations.push(Violation { invariant: 14, words: format!("a log line tells too much: {line}") });
        }
    }
}

/// 11: no refusal by a limit. Where other applications used up the bucket, its refusals prove nothing.
fn limits(session: &Session, violations: &mut Vec<Violation>) {
    for (counter, is_exempt) in [("limited_503", session.had_other_apps), ("limited_429", false)] {
        let refused = session.systems.counter(Side::Bitrix24, counter);
        if refused > 0 && !is_exempt {
            violations
                .push(Violation { invariant: 11, words: format!("the portal counts {counter}: {refused}") });
        }
    }
}

impl Case<'_> {
    /// Everything the journal holds, as text.
    fn journal(&self) -> String {
        let records = self.snapshot.entries.iter().map(|entry| &entry.id);
        let all: BTreeSet<&RecordId> = records.chain(self.session.truth.births.keys()).collect();
        let mut text = String::new();
        for id in all {
            let entries: Vec<JournalEntry> = answered(self.session.store.journal(id));
            for entry in entries {
                text.push_str(&serde_json::to_string(&entry).expect("an entry is plain data"));
            }
        }
        text
    }

    /// What it breaks when both sides differ: before the full reading, that changes are found in time.
    fn equality(&self) -> u8 {
        match self.when {
            When::Soon => 3,
            When::AtRest => 8,
        }
    }

    /// Whether there is still time for a field of a record.
    fn is_awaited(&self, ids: &[&RecordId], field: Option<Field>) -> bool {
        self.when == When::Soon
            && (field == Some(Field::Company)
                || ids.iter().any(|id| answered(self.session.store.is_dirty(id))))
    }

    /// Whether an open review is about a record.
    fn is_under_review(&self, id: &RecordId) -> bool {
        self.reviews.iter().any(|review| review.records.contains(id))
    }
}

/// The answer of a store that answers at once.
pub(crate) fn answered<T>(question: BoxFuture<'_, Result<T, obmen_engine::ports::StoreError>>) -> T {
    let answer = question.now_or_never().expect("an inline store answers at once");
    answer.expect("a store in memory does not fail")
}
