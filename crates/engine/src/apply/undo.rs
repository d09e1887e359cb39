//! Taking a run back: links end first, then values come back, then records that the run had made go.
//!
//! What stands in the journal counts, so an undo that was cut off is just begun again. Invariants: a link that the run
//! had made ends before a value comes back, or the next sync would take it for an edit; people go before their
//! companies; the source of a copy is changed once the copy is gone.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future;
use jiff::Timestamp;
use obmen_domain::plan::{Revision, Step};
use obmen_domain::record::{Kind, Record, RecordId, Side};
use obmen_domain::stay::{Stay, StayReason};

use super::{Course, into_batches, run_batches};
use crate::draft::{Draft, Leaf};
use crate::ports::{BoxFuture, Outcome, Write, WriteSort};
use crate::progress::Stage;
use crate::report::UndoReport;
use crate::rows::Rows;
use crate::store::{Change, DirtyReason, Event, Intent, IntentAction};
use crate::sync::{Engine, EngineError, dirty_now};
use crate::undo::Undo;

/// So many rounds may bring nothing.
const ROUNDS_IN_VAIN: u32 = 3;

/// The work of some leaves on one kind.
#[derive(Default)]
struct Work {
    updates: Vec<Revision>,
    /// Changes of sources, which wait until their copies are gone.
    sources: BTreeMap<RecordId, Revision>,
    marks: Vec<Record>,
    /// Records that go, each with its source.
    made_from: BTreeMap<RecordId, RecordId>,
}

impl Work {
    /// A copy and its source are of one kind and stand in one leaf.
    fn on(kind: Kind, leaves: Vec<Leaf>) -> Self {
        let mut work = Self::default();
        for Leaf { steps, made_from, .. } in leaves {
            let sources: BTreeSet<&RecordId> = made_from.iter().map(|(_, source)| source).collect();
            for step in steps {
                match step {
                    Step::Update(revision) if revision.record.id.kind == kind => {
                        if sources.contains(&revision.record.id) {
                            work.sources.insert(revision.record.id.clone(), *revision);
                        } else {
                            work.updates.push(*revision);
                        }
                    }
                    Step::Mark(record) if record.id.kind == kind => work.marks.push(*record),
                    _ => {}
                }
            }
            work.made_from.extend(made_from);
        }
        work
    }
}

impl Engine {
    /// Takes a run back: plans, asks `approve`, applies, and goes on until nothing is left that can be taken back.
    ///
    /// # Errors
    /// Where a side or the store fails, or the plan is not approved.
    pub async fn undo(
        &self,
        run: &str,
        approve: impl FnOnce(&mut Undo) -> bool + Send,
    ) -> Result<UndoReport, EngineError> {
        let began = self.clock.now();
        self.settle_all().await?;
        let mut refused = BTreeSet::new();
        let mut undo = self.plan_undo(run, &refused).await?;
        let mut report = UndoReport {
            run: self.run.clone(),
            undone: run.to_owned(),
            plan_digest: undo.plan.digest().to_string(),
            ..UndoReport::default()
        };
        if !undo.plan.is_empty() && !approve(&mut undo) {
            return Err(EngineError::NotApproved);
        }
        let mut in_vain = 0;
        while !undo.plan.is_empty() && in_vain < ROUNDS_IN_VAIN {
            let course = self.apply_undo(&mut undo.plan).await?;
            let before = report.writes();
            report.add(&course.tally);
            in_vain = if report.writes() == before { in_vain + 1 } else { 0 };
            refused.extend(course.refused);
            if let Some(due) = course.postponed.values().map(|waits| waits.due).max() {
                self.wait_until(due).await;
            }
            self.settle_all().await?;
            undo = self.plan_undo(run, &refused).await?;
        }
        report.stays = undo.stays;
        undo.plan.each_step(|step| {
            report.stays.extend(not_taken_back(step));
            Ok(())
        })?;
        report.stays.sort();
        report.stays.dedup();
        report.seconds = self.clock.now().duration_since(began).as_secs_f64();
        Ok(report)
    }

    /// Waits until no write of unknown outcome is left.
    async fn settle_all(&self) -> Result<(), EngineError> {
        loop {
            self.settle().await?;
            let intents = self.store.intents().await?;
            let Some(due) = intents.iter().map(|intent| self.settles_at(intent)).min() else {
                return Ok(());
            };
            self.wait_until(due).await;
        }
    }

    async fn wait_until(&self, due: Timestamp) {
        if due > self.clock.now() {
            self.progress.begin(Stage::Settling, None);
            self.clock.sleep_until(due).await;
            self.progress.finish(Stage::Settling);
        }
    }

    async fn apply_undo(&self, plan: &mut Draft) -> Result<Course, EngineError> {
        let mut course = Course::default();
        plan.rewind()?;
        loop {
            let leaves = plan.next_portion(self.portion)?;
            if leaves.is_empty() {
                break;
            }
            self.end_links(leaves, &mut course).await?;
        }
        for (kind, stage) in [(Kind::Contact, Stage::Contacts), (Kind::Company, Stage::Companies)] {
            self.progress.begin(stage, Some(plan.writes(kind)));
            plan.rewind()?;
            while course.fatal.is_none() {
                let leaves = plan.next_portion(self.portion)?;
                if leaves.is_empty() {
                    break;
                }
                self.give_back_and_mark(Work::on(kind, leaves), stage, &mut course).await?;
            }
            self.progress.finish(stage);
        }
        match course.fatal.take() {
            Some(error) => Err(error.into()),
            None => Ok(course),
        }
    }

    /// Our own commits of some leaves: links end, states agreed on come back, and what is written to is looked at again.
    async fn end_links(&self, leaves: Vec<Leaf>, course: &mut Course) -> Result<(), EngineError> {
        let now = self.clock.now();
        let look = |id: &RecordId| dirty_now(id.clone(), DirtyReason::Signal, now);
        let mut own = Vec::new();
        for leaf in leaves {
            let agreed = |(bitrix24, party)| Change::Base { bitrix24, party: Box::new(party) };
            own.extend(leaf.settled.into_iter().map(agreed));
            for step in leaf.steps {
                match step {
                    Step::Unlink { bitrix24, onec, kept } => {
                        course.tally.unlinked += 1;
                        own.extend([look(&bitrix24), look(&onec)]);
                        own.extend(self.unlinked(bitrix24, onec, &kept));
                    }
                    Step::Update(revision) => own.push(look(&revision.record.id)),
                    Step::Mark(_) | Step::Link { .. } | Step::Create(_) | Step::Ask(_) => {}
                }
            }
        }
        self.commit(own).await
    }

    /// Values come back, copies go, and then the sources of those that went are changed.
    async fn give_back_and_mark(
        &self,
        work: Work,
        stage: Stage,
        course: &mut Course,
    ) -> Result<(), EngineError> {
        let Work { updates, mut sources, marks, made_from } = work;
        self.give_back(updates, stage, course).await?;
        let (left, right): (Vec<Record>, Vec<Record>) =
            marks.into_iter().partition(|record| record.id.side == Side::Bitrix24);
        let (left, right) = future::join(
            self.mark_all(Side::Bitrix24, left, &made_from, stage),
            self.mark_all(Side::Onec, right, &made_from, stage),
        )
        .await;
        course.absorb(left?);
        course.absorb(right?);
        let removed = std::mem::take(&mut course.removed);
        // 1C shows marked objects, so they are counted as before.
        self.heed_deleted(removed.iter().filter(|id| id.side == Side::Bitrix24)).await?;
        let gone = removed.iter().filter_map(|copy| made_from.get(copy));
        let follow_ups = gone.filter_map(|source| sources.remove(source)).collect();
        self.give_back(follow_ups, stage, course).await?;
        // Nobody agrees on anything here.
        course.touched.clear();
        Ok(())
    }

    /// Updates of both sides at once.
    async fn give_back(
        &self,
        updates: Vec<Revision>,
        stage: Stage,
        course: &mut Course,
    ) -> Result<(), EngineError> {
        let rows = Rows::default();
        let (left, right): (Vec<Revision>, Vec<Revision>) =
            updates.into_iter().partition(|revision| revision.record.id.side == Side::Bitrix24);
        let (left, right) = future::join(
            self.write_side(Side::Bitrix24, Vec::new(), left, &rows, stage),
            self.write_side(Side::Onec, Vec::new(), right, &rows, stage),
        )
        .await;
        course.absorb(left?);
        course.absorb(right?);
        Ok(())
    }

    async fn mark_all(
        &self,
        side: Side,
        marks: Vec<Record>,
        made_from: &BTreeMap<RecordId, RecordId>,
        stage: Stage,
    ) -> Result<Course, EngineError> {
        let room = self.side(side).room(WriteSort::Mark);
        let batches = into_batches(marks, room, |record| &record.id, &Rows::default());
        let futures: Vec<BoxFuture<'_, _>> = batches
            .into_iter()
            .map(|batch| -> BoxFuture<'_, _> { Box::pin(self.mark_batch(side, batch, made_from, stage)) })
            .collect();
        run_batches(futures, self.side(side).parallel()).await
    }

    async fn mark_batch(
        &self,
        side: Side,
        batch: Vec<Record>,
        made_from: &BTreeMap<RecordId, RecordId>,
        stage: Stage,
    ) -> Result<Course, EngineError> {
        let mut course = Course::default();
        let sent_at = self.clock.now();
        let pairs: Vec<(Record, &RecordId)> = batch
            .into_iter()
            .filter_map(|record| made_from.get(&record.id).map(|source| (record, source)))
            .collect();
        let intents = pairs.iter().map(|(record, source)| {
            let action = IntentAction::Mark { source: (*source).clone() };
            Change::Intent(Intent { record: record.id.clone(), action, sent_at })
        });
        self.store.apply(intents.collect()).await?;
        let writes = pairs.iter().map(|(record, _)| Write::Mark { record: Box::new(record.clone()) });
        let outcomes = self.side(side).write(writes.collect()).await;
        let mut changes = Vec::new();
        for ((record, source), outcome) in pairs.iter().zip(outcomes) {
            changes.extend(self.mark_outcome(&record.id, source, outcome, &mut course));
        }
        self.store.apply(changes).await?;
        self.progress.advance(stage, pairs.len() as u64);
        Ok(course)
    }

    fn mark_outcome(
        &self,
        id: &RecordId,
        source: &RecordId,
        outcome: Outcome,
        course: &mut Course,
    ) -> Vec<Change> {
        let now = self.clock.now();
        let settled = Change::Settled { record: id.clone() };
        let gone = match outcome {
            Outcome::Done { record, .. } => Some(*record),
            Outcome::Missing | Outcome::Vanished(_) => None,
            Outcome::Moved { record } => {
                return vec![Change::Seen(record), settled, dirty_now(id.clone(), DirtyReason::Swept, now)];
            }
            // The next look finds it as well, and tells.
            Outcome::Tied(_) => return vec![settled],
            Outcome::NotDone(error) => {
                course.put_off(id.clone(), error, 0, now);
                return vec![settled];
            }
            Outcome::Refused { words, .. } => {
                course.count_failure("refused");
                course.refused.insert(id.clone());
                return vec![self.entry(id.clone(), Event::Refused { words }), settled];
            }
            Outcome::Unknown => return Vec::new(),
        };
        match id.side {
            Side::Bitrix24 => course.tally.marked_bitrix24 += 1,
            Side::Onec => course.tally.marked_onec += 1,
        }
        course.removed.insert(id.clone());
        self.marked(id, source, gone)
    }
}

/// A step that no attempt brought about.
fn not_taken_back(step: &Step) -> Option<Stay> {
    let (record, fields) = match step {
        Step::Mark(record) => (record.id.clone(), Vec::new()),
        Step::Update(revision) => {
            let fields = revision.changes.iter().map(|change| change.field).collect();
            (revision.record.id.clone(), fields)
        }
        _ => return None,
    };
    Some(Stay { record, fields, reason: StayReason::Failed })
}
