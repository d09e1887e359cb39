//! The live exchange: its beginning, a person's decisions beside it, and what was going on when it died.

use std::time::Duration;

use futures_util::FutureExt as _;
use obmen_domain::party::Field;
use obmen_domain::record::RecordId;
use obmen_domain::review::{Review, ReviewKind};
use obmen_domain::rules::Rules;
use obmen_engine::decide::{self, Occasion};
use obmen_engine::watch::is_synced;

use crate::desk::Work;
use crate::invariants::Violation;
use crate::session::Session;

/// The first sync comes to its end within so many runs.
const FIRST_RUNS: usize = 8;
/// Time enough for everything late to land.
const LATE: Duration = Duration::from_secs(180);

impl Session {
    /// The first sync comes to its end, without faults; from then on processes serve.
    pub(crate) fn begin_serving(&mut self) {
        if self.is_live {
            return;
        }
        self.flow_to_end();
        let late = self.now() + LATE;
        self.advance_to(late);
        for _ in 0..FIRST_RUNS {
            // Its words are in the trace where it stops early.
            let _ = self.preview_and_sync();
            let is_synced = is_synced(self.store.as_ref()).now_or_never();
            if is_synced.is_some_and(|answer| answer.expect("a store in memory does not fail")) {
                self.is_live = true;
                self.coverage.hit("live: begun");
                self.listen();
                self.begin();
                return;
            }
            let later = self.now() + LATE;
            self.advance_to(later);
        }
        let words = format!("the first sync has not come to its end in {FIRST_RUNS} runs");
        self.wrongs.push(Violation { invariant: 8, words });
    }

    /// A person answers an open question: that a deleted record stays deleted, or whose value stands. Nobody serves
    /// meanwhile.
    pub(crate) fn decide(&mut self, pick: u32) {
        self.end_process();
        let answer = self.store.reviews().now_or_never().expect("an inline store answers at once");
        let mut reviews: Vec<Review> = answer.expect("a store in memory does not fail");
        reviews.retain(|review| matches!(review.kind, ReviewKind::Deletion | ReviewKind::Conflict));
        let position = usize::try_from(pick).unwrap_or(0).checked_rem(reviews.len());
        let Some(review) = position.map(|at| reviews.swap_remove(at)) else { return };
        let now = self.now();
        {
            let mut table = self.desk.table();
            table.acts += 1;
        }
        let occasion = Occasion { at: now, run: format!("decision-{pick}") };
        match (review.kind, review.records.as_slice()) {
            (ReviewKind::Deletion, [a, b]) => {
                let (a, b) = (a.clone(), b.clone());
                let done = decide::separate(self.store.as_ref(), &a, &b, &occasion);
                if done.now_or_never().expect("an inline store answers at once").is_ok() {
                    self.coverage.hit("decided: a deleted record stays deleted");
                    self.trace.add(format!("{now}    {a} and {b} are parted for ever"));
                    self.count_decision(&review.records);
                    self.end_pair(&a, &b);
                }
            }
            (ReviewKind::Conflict, _) => {
                let side = if pick.is_multiple_of(2) { "bitrix24" } else { "onec" };
                let field = review.fields.first().copied().unwrap_or(Field::Name);
                let (id, rules) = (review.id(), Rules::default());
                let done = decide::choose(self.store.as_ref(), &rules, &id, field, side, &occasion);
                if done.now_or_never().expect("an inline store answers at once").is_ok() {
                    self.coverage.hit("decided: whose value stands");
                    self.trace.add(format!("{now}    {field} of {side} stands in {id}"));
                    self.count_decision(&review.records);
                }
            }
            _ => {}
        }
    }

    fn count_decision(&mut self, records: &[RecordId]) {
        let party = records.iter().find_map(|id| self.truth.births.get(id)?.party);
        if let Some(party) = party {
            *self.truth.decided.entry(party).or_default() += 1;
        }
    }

    fn end_pair(&mut self, a: &RecordId, b: &RecordId) {
        self.truth.links.remove(a);
        self.truth.links.remove(b);
        let act = self.desk.table().acts;
        self.truth.ended.extend([((a.clone(), b.clone()), act), ((b.clone(), a.clone()), act)]);
    }

    /// Counts what was going on when the process died.
    pub(crate) fn count_crash(&mut self) {
        let at_work: Vec<Work> = self.desk.table().at_work.keys().copied().collect();
        for work in at_work {
            self.coverage.hit(match work {
                Work::Round => "crash: in a round",
                Work::Look => "crash: in a full reading",
                Work::Poll => "crash: in a poll",
                Work::Scan => "crash: in a scan",
                Work::Ids => "crash: in a walk over ids",
            });
        }
    }
}
