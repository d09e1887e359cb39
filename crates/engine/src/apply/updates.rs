//! Updates: an intent before, the record as read back after. A version we had not planned on is seen, written down
//! and looked at again.

use std::collections::BTreeSet;

use obmen_domain::brought::recall;
use obmen_domain::key::keys_of_record;
use obmen_domain::party::Field;
use obmen_domain::plan::{FieldChange, Revision};
use obmen_domain::record::{RecordId, Side};
use obmen_domain::review::{AskReason, ReviewKind};

use super::failing::{Postponed, Trouble};
use super::patience::Written;
use super::{Course, into_batches, run_batches};
use crate::planner::mutual_id_of;
use crate::ports::{BoxFuture, Outcome, Write, WriteSort};
use crate::progress::{Stage, Wrote};
use crate::rows::Rows;
use crate::store::{Change, DirtyReason, Event, IntentAction};
use crate::surroundings::partners;
use crate::sync::{Engine, EngineError, dirty_now};

impl Engine {
    pub(super) async fn update_all(
        &self,
        side: Side,
        updates: Vec<Revision>,
        rows: &Rows,
        stage: Stage,
        course: &mut Course,
    ) -> Result<(), EngineError> {
        let room = self.side(side).room(WriteSort::Update);
        let batches = into_batches(updates, room, |revision| &revision.record.id, rows);
        let futures: Vec<BoxFuture<'_, _>> = batches
            .into_iter()
            .map(|batch| -> BoxFuture<'_, _> { Box::pin(self.update_batch(side, batch, rows, stage)) })
            .collect();
        course.absorb(run_batches(futures, self.side(side).parallel()).await?);
        Ok(())
    }

    async fn update_batch(
        &self,
        side: Side,
        batch: Vec<Revision>,
        rows: &Rows,
        stage: Stage,
    ) -> Result<Course, EngineError> {
        let mut course = Course::default();
        let intents: Vec<(RecordId, IntentAction)> = batch
            .iter()
            .map(|revision| {
                let action = IntentAction::Update { changes: revision.changes.clone() };
                (revision.record.id.clone(), action)
            })
            .collect();
        let writes: Vec<Write> = batch.iter().map(write_of).collect();
        let ids: Vec<RecordId> = batch.iter().map(|revision| revision.record.id.clone()).collect();
        let Some(Written { outcomes, stopped }) = self.write_apart(side, &intents, &writes).await? else {
            course.plan_anew(ids, self.clock.now());
            return Ok(course);
        };
        let mut changes = self.answered_refusals(&ids).await?;
        changes.extend(self.asked_anew(&batch, &outcomes).await?);
        let size = batch.len() as u64;
        let mut gone = Vec::new();
        let written =
            ids.iter().zip(&outcomes).filter(|(_, outcome)| matches!(outcome, Outcome::Done { .. }));
        let alarms = self.alarms(written.map(|(id, _)| id.clone()).collect()).await?;
        for (revision, outcome) in batch.into_iter().zip(outcomes) {
            if outcome == Outcome::Missing {
                gone.push(revision.record.id.clone());
            }
            changes.extend(self.update_outcome(side, revision, outcome, rows, &mut course));
        }
        changes.extend(alarms.into_iter().map(|(id, alarm)| course.give_up(&id, alarm)));
        self.touch_pairs(&ids, &mut course).await?;
        self.store.apply(changes).await?;
        self.missed(side, gone).await?;
        course.fatal = course.fatal.take().or(stopped);
        self.progress.advance(stage, size);
        Ok(course)
    }

    fn update_outcome(
        &self,
        side: Side,
        revision: Revision,
        outcome: Outcome,
        rows: &Rows,
        course: &mut Course,
    ) -> Vec<Change> {
        let now = self.clock.now();
        let Revision { record: before, changes } = revision;
        let id = before.id.clone();
        let attempts = rows.attempts(&id);
        match outcome {
            Outcome::Done { mut record, overwrote } => {
                recall(&mut record, &before, &changes);
                match side {
                    Side::Bitrix24 => course.tally.updated_bitrix24 += 1,
                    Side::Onec => course.tally.updated_onec += 1,
                }
                course.wrote.push(Wrote {
                    record: id.clone(),
                    source: None,
                    sort: WriteSort::Update,
                    is_id_alone: changes.iter().all(|change| change.field == Field::MutualId),
                    since: None,
                    at: now,
                });
                let mut known = vec![
                    Change::Seen(record),
                    self.entry(id.clone(), Event::Updated { changes }),
                    Change::Settled { record: id.clone() },
                ];
                if let Some(overwrote) = overwrote {
                    let party = Box::new(overwrote.party);
                    known.push(self.entry(id.clone(), Event::Overwrote { party }));
                    known.push(dirty_now(id, DirtyReason::Signal, now));
                }
                known
            }
            Outcome::NotDone(error) => {
                course.put_off(id.clone(), error, attempts, now);
                vec![Change::Settled { record: id }]
            }
            Outcome::Missing | Outcome::Vanished(_) | Outcome::Tied(_) => {
                vec![Change::Settled { record: id }]
            }
            Outcome::Moved { mut record } => {
                recall(&mut record, &before, &[]);
                course.postponed.insert(id.clone(), Postponed::waits(DirtyReason::Swept, now));
                vec![
                    Change::Seen(record),
                    Change::Settled { record: id.clone() },
                    dirty_now(id, DirtyReason::Swept, now),
                ]
            }
            Outcome::Refused { words, field, fault } => {
                course.refused.insert(id.clone());
                // A part of it may have been taken: what the record holds now is read before anything else is written to it.
                vec![
                    course.give_up(&id, Trouble::refused(words.clone(), field, fault)),
                    self.entry(id.clone(), Event::Refused { words }),
                    Change::Settled { record: id.clone() },
                    dirty_now(id, DirtyReason::Signal, now),
                ]
            }
            Outcome::Unknown => {
                let due = now + self.side(side).settle_after();
                course.postponed.insert(id, Postponed::failed(Trouble::of(AskReason::Unanswered), due));
                Vec::new()
            }
        }
    }

    /// Records in question with others, of which, or of whose partner, our write has taken a key: they may have nothing to do with
    /// each other any more.
    async fn asked_anew(&self, batch: &[Revision], outcomes: &[Outcome]) -> Result<Vec<Change>, EngineError> {
        let parted = batch.iter().zip(outcomes).filter_map(|(revision, outcome)| match outcome {
            Outcome::Done { record, .. } => {
                let has_lost = !keys_of_record(&revision.record).is_subset(&keys_of_record(record));
                has_lost.then(|| record.id.clone())
            }
            _ => None,
        });
        let parted: Vec<RecordId> = parted.collect();
        if parted.is_empty() {
            return Ok(Vec::new());
        }
        let linked = partners(self.store.as_ref(), &parted).await?.into_keys();
        let parted: BTreeSet<RecordId> = parted.into_iter().chain(linked).collect();
        let ids: Vec<RecordId> = parted.iter().cloned().collect();
        let reviews = self.store.reviews_of(&ids).await?.into_iter();
        let questions = reviews.filter(|review| matches!(review.kind, ReviewKind::Match | ReviewKind::Twins));
        let asked: BTreeSet<RecordId> =
            questions.flat_map(|review| review.records).filter(|id| parted.contains(id)).collect();
        let now = self.clock.now();
        Ok(asked.into_iter().map(|id| dirty_now(id, DirtyReason::Signal, now)).collect())
    }

    async fn touch_pairs(&self, ids: &[RecordId], course: &mut Course) -> Result<(), EngineError> {
        let links = self.store.links(ids).await?;
        for write in &mut course.wrote {
            let link = links.iter().find(|link| link.bitrix24 == write.record || link.onec == write.record);
            write.source = link.map(|link| match write.record.side {
                Side::Bitrix24 => link.onec.clone(),
                Side::Onec => link.bitrix24.clone(),
            });
        }
        course.touched.extend(links.into_iter().map(|link| link.bitrix24));
        Ok(())
    }
}

/// The write of a revision: the id of the other side travels beside the fields.
fn write_of(revision: &Revision) -> Write {
    let changes: Vec<FieldChange> =
        revision.changes.iter().filter(|change| change.field != Field::MutualId).cloned().collect();
    Write::Update { record: Box::new(revision.record.clone()), changes, mutual_id: mutual_id_of(revision) }
}
