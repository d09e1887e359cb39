//! What becomes of a record whose write did not succeed: put off, tried again, or given up and shown to a person.
//!
//! Three classes. What ends by itself (limits, a side that is away) only waits. What may be the record's own fault is
//! counted, travels in smaller batches, and is a dead letter at last. What no attempt of this run can mend ends the run.
//! Not responsible for sending.

use std::time::Duration;

use jiff::Timestamp;
use obmen_domain::party::Field;
use obmen_domain::plan::Revision;
use obmen_domain::record::RecordId;
use obmen_domain::review::{AskReason, Review, ReviewKind};

use super::Course;
use crate::ports::{DataFault, SideError};
use crate::store::{Change, DirtyReason};
use crate::sync::{Engine, EngineError};

/// Until when a row is put off.
#[derive(Debug, Clone)]
pub(super) struct Postponed {
    pub(super) reason: DirtyReason,
    pub(super) due: Timestamp,
    /// What is told in the end, where the record itself may be the trouble: such an attempt counts.
    pub(super) failed: Option<Trouble>,
}

/// What a person is told about a record that was given up.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    reason: AskReason,
    fields: Vec<Field>,
}

impl Postponed {
    pub(super) fn waits(reason: DirtyReason, due: Timestamp) -> Self {
        Self { reason, due, failed: None }
    }

    pub(super) fn failed(trouble: Trouble, due: Timestamp) -> Self {
        Self { reason: DirtyReason::Retry, due, failed: Some(trouble) }
    }

    /// After a write that certainly had no effect.
    fn not_done(error: &SideError, attempts: u32, now: Timestamp) -> Self {
        let due = match error {
            SideError::LimitReached { until, .. } => (*until).max(now),
            _ => now + Duration::from_secs(5 << attempts.min(6)),
        };
        match error {
            SideError::Rejected { words, .. }
            | SideError::Busy { words, .. }
            | SideError::Unexpected { words, .. } => {
                Self::failed(Trouble::of(AskReason::GivenUp(words.clone())), due)
            }
            _ => Self::waits(DirtyReason::Retry, due),
        }
    }
}

impl Trouble {
    pub(super) fn of(reason: AskReason) -> Self {
        Self { reason, fields: Vec::new() }
    }

    /// What was written reads otherwise: these changes would have to be made again.
    pub(super) fn does_not_stay(revisions: &[Revision]) -> Self {
        let mut fields: Vec<Field> = revisions
            .iter()
            .flat_map(|revision| &revision.changes)
            .map(|change| change.field)
            .filter(|field| *field != Field::MutualId)
            .collect();
        fields.sort_unstable();
        fields.dedup();
        Self { reason: AskReason::DoesNotStay, fields }
    }

    /// Data that the side refused.
    pub(super) fn refused(words: String, field: Option<Field>, fault: DataFault) -> Self {
        let reason = match fault {
            DataFault::Value => AskReason::SideRefused(words),
            DataFault::Unfilled => AskReason::SideRequires(words),
        };
        Self { reason, fields: field.into_iter().collect() }
    }

    /// Written so often within a day.
    pub(super) fn runs_away(times: u32) -> Self {
        Self { reason: AskReason::RunsAway(times), fields: Vec::new() }
    }

    /// The case that a person sees.
    fn given_up(self, id: &RecordId) -> Change {
        Change::Review(Box::new(Review {
            kind: ReviewKind::Refused,
            party: id.kind,
            records: vec![id.clone()],
            fields: self.fields,
            reason: self.reason,
        }))
    }
}

impl Course {
    /// Gives a record up: it is counted, and a person sees it.
    pub(super) fn give_up(&mut self, id: &RecordId, trouble: Trouble) -> Change {
        let class = trouble.reason.class();
        tracing::info!(record = %id, class, "apply.given_up");
        self.count_failure(class);
        trouble.given_up(id)
    }

    pub(super) fn count_failure(&mut self, class: &'static str) {
        *self.tally.failures.entry(class).or_default() += 1;
    }

    /// Puts a record off whose write had no effect.
    pub(super) fn put_off(&mut self, id: RecordId, error: SideError, attempts: u32, now: Timestamp) {
        self.postponed.insert(id, Postponed::not_done(&error, attempts, now));
        if is_fatal(&error) {
            self.fatal = Some(error);
        }
    }

    /// Leaves records to the next round.
    pub(super) fn plan_anew(&mut self, records: Vec<RecordId>, now: Timestamp) {
        let wait = Postponed::waits(DirtyReason::Retry, now);
        self.postponed.extend(records.into_iter().map(|id| (id, wait.clone())));
    }
}

impl Engine {
    /// The cases about refused data that end when these records are written again, or say something else than before.
    pub(crate) async fn answered_refusals(&self, ids: &[RecordId]) -> Result<Vec<Change>, EngineError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let reviews = self.store.reviews_of(ids).await?;
        let answered = reviews.into_iter().filter(Review::ends_by_itself);
        Ok(answered.map(|review| Change::ReviewClosed { id: review.id() }).collect())
    }
}

/// Errors that no later attempt of this run mends.
fn is_fatal(error: &SideError) -> bool {
    matches!(
        error,
        SideError::Unauthorized { .. }
            | SideError::NotInstalled { .. }
            | SideError::MissingRight { .. }
            | SideError::ClosedComposition { .. }
            | SideError::NoExtension { .. }
            | SideError::MissingField { .. }
            | SideError::Unpaid { .. }
            | SideError::Store(_)
    )
}

#[cfg(test)]
mod tests {
    use obmen_domain::record::{Kind, Side};

    use super::*;

    const SIDE: Side = Side::Onec;

    fn put_off(error: &SideError, attempts: u32) -> (i64, bool) {
        let put_off = Postponed::not_done(error, attempts, Timestamp::UNIX_EPOCH);
        (put_off.due.as_second(), put_off.failed.is_some())
    }

    #[test]
    fn what_may_be_the_records_own_fault_counts_and_waits_longer_each_time() {
        let words = String::new;
        let own = [
            SideError::Rejected { side: SIDE, words: words() },
            SideError::Busy { side: SIDE, words: words() },
            SideError::Unexpected { side: SIDE, words: words() },
        ];
        for error in own {
            let waits = [0, 1, 2, 6, 60].map(|attempts| put_off(&error, attempts));
            assert_eq!(waits, [(5, true), (10, true), (20, true), (320, true), (320, true)], "{error}");
        }
    }

    #[test]
    fn a_limit_and_a_side_that_is_away_are_waited_for_and_count_as_no_attempt() {
        let until = Timestamp::from_second(700).unwrap();
        assert_eq!(put_off(&SideError::LimitReached { side: SIDE, until }, 3), (700, false));
        let words = String::new();
        assert_eq!(put_off(&SideError::Unavailable { side: SIDE, words }, 0), (5, false));
    }

    #[test]
    fn what_no_further_attempt_mends_ends_the_round_and_what_may_pass_does_not() {
        let ends = |error| {
            let mut course = Course::default();
            course.put_off(RecordId::onec(Kind::Contact, "1"), error, 0, Timestamp::UNIX_EPOCH);
            course.fatal.is_some()
        };
        let words = String::new;
        assert!(ends(SideError::Unauthorized { side: SIDE, words: words() }));
        assert!(ends(SideError::Unpaid { side: SIDE, words: words() }));
        assert!(!ends(SideError::Unavailable { side: SIDE, words: words() }));
        assert!(!ends(SideError::Rejected { side: SIDE, words: words() }));
    }
}
