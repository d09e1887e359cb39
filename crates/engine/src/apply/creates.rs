//! Creates: an intent before, a link after; an answer that never came leaves the intent open.

use std::collections::BTreeMap;

use jiff::Timestamp;
use obmen_domain::party::{Beside, Field, Party, Value};
use obmen_domain::plan::Creation;
use obmen_domain::record::{Catalog, RecordId, Side};
use obmen_domain::review::AskReason;

use super::failing::{Postponed, Trouble};
use super::patience::Written;
use super::{Course, into_batches, run_batches};
use crate::ports::{BoxFuture, Outcome, Write, WriteSort};
use crate::progress::{Stage, Wrote};
use crate::rows::Rows;
use crate::store::{Change, DirtyReason, Event, IntentAction};
use crate::surroundings::partners;
use crate::sync::{COMPANY_WAIT, Engine, EngineError};

impl Engine {
    pub(super) async fn create_all(
        &self,
        side: Side,
        mut creates: Vec<Creation>,
        rows: &Rows,
        stage: Stage,
        course: &mut Course,
    ) -> Result<(), EngineError> {
        while !creates.is_empty() && course.fatal.is_none() {
            let room = self.side(side).room(WriteSort::Create);
            // A side that shows its nature with the first create gets it alone.
            let later = if room == 1 { creates.split_off(1) } else { Vec::new() };
            let batches = into_batches(creates, room, |creation| &creation.source, rows);
            let futures: Vec<BoxFuture<'_, _>> = batches
                .into_iter()
                .map(|batch| -> BoxFuture<'_, _> { Box::pin(self.create_batch(side, batch, rows, stage)) })
                .collect();
            course.absorb(run_batches(futures, self.side(side).parallel()).await?);
            creates = later;
        }
        Ok(())
    }

    async fn create_batch(
        &self,
        side: Side,
        batch: Vec<Creation>,
        rows: &Rows,
        stage: Stage,
    ) -> Result<Course, EngineError> {
        let mut course = Course::default();
        let size = batch.len() as u64;
        let sendable = self.with_companies(batch, &mut course).await?;
        let writer = self.side(side);
        let intents = sendable
            .iter()
            .map(|creation| {
                let derived_id = writer.derived_id(&creation.source);
                (creation.source.clone(), IntentAction::Create { derived_id })
            })
            .collect::<Vec<_>>();
        if intents.is_empty() {
            self.progress.advance(stage, size);
            return Ok(course);
        }
        let sources: Vec<RecordId> = sendable.iter().map(|creation| creation.source.clone()).collect();
        let writes: Vec<Write> = sendable
            .into_iter()
            .map(|Creation { catalog, source, party, revives, .. }| Write::Create {
                catalog,
                source,
                party: Box::new(party),
                revives: revives.map(Box::new),
            })
            .collect();
        let Some(Written { outcomes, stopped }) = self.write_apart(side, &intents, &writes).await? else {
            course.plan_anew(sources, self.clock.now());
            return Ok(course);
        };
        let made =
            sources.iter().zip(&outcomes).filter(|(_, outcome)| matches!(outcome, Outcome::Done { .. }));
        let made: Vec<RecordId> = made.map(|(source, _)| source.clone()).collect();
        let mut changes = self.people_of(&made, rows).await?;
        let vanished = self.certainly_gone(side, &outcomes).await;
        let linked = self.linked_elsewhere(&sources, &outcomes).await?;
        for ((source, outcome), write) in sources.into_iter().zip(outcomes).zip(&writes) {
            changes.extend(match outcome {
                Outcome::Vanished(copy) if vanished.contains(&copy) => self.vanished(&source, copy),
                Outcome::Done { record, .. } if linked.contains_key(&source) => {
                    let words = format!("{} is linked with {}", record.id, linked[&source]);
                    course.refused.insert(source.clone());
                    let trouble = Trouble::of(AskReason::GivenUp(words));
                    vec![course.give_up(&source, trouble), Change::Settled { record: source }]
                }
                outcome => self.create_outcome(write, source, outcome, rows, &mut course),
            });
        }
        self.store.apply(changes).await?;
        course.fatal = course.fatal.take().or(stopped);
        self.progress.advance(stage, size);
        Ok(course)
    }

    /// Sources whose copy turned out to be a record that stands in a link already, with its partner: under the same reference
    /// nobody else can be made.
    async fn linked_elsewhere(
        &self,
        sources: &[RecordId],
        outcomes: &[Outcome],
    ) -> Result<BTreeMap<RecordId, RecordId>, EngineError> {
        let copies = sources.iter().zip(outcomes).filter_map(|(source, outcome)| match outcome {
            Outcome::Done { record, .. } => Some((source, record.id.clone())),
            _ => None,
        });
        let copies: Vec<(&RecordId, RecordId)> = copies.collect();
        let ids: Vec<RecordId> = copies.iter().map(|(_, copy)| copy.clone()).collect();
        let linked = partners(self.store.as_ref(), &ids).await?;
        let elsewhere = copies.into_iter().filter_map(|(source, copy)| {
            let partner = linked.get(&copy).filter(|partner| *partner != source)?;
            Some((source.clone(), partner.clone()))
        });
        Ok(elsewhere.collect())
    }

    /// Copies that were gone before they could be read back. One of which the side cannot be asked is looked for later.
    async fn certainly_gone(&self, side: Side, outcomes: &[Outcome]) -> Vec<RecordId> {
        let vanished = outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Vanished(copy) => Some(copy.clone()),
            _ => None,
        });
        let vanished: Vec<RecordId> = vanished.collect();
        if vanished.is_empty() || self.rules.partial_rights {
            return Vec::new();
        }
        self.side(side).gone(&vanished).await.unwrap_or_default()
    }

    fn create_outcome(
        &self,
        write: &Write,
        source: RecordId,
        outcome: Outcome,
        rows: &Rows,
        course: &mut Course,
    ) -> Vec<Change> {
        let now = self.clock.now();
        let (side, attempts) = (source.side.other(), rows.attempts(&source));
        match outcome {
            Outcome::Done { record, .. } => {
                match side {
                    Side::Bitrix24 => course.tally.created_bitrix24 += 1,
                    Side::Onec => course.tally.created_onec += 1,
                }
                let bitrix24 = if side == Side::Bitrix24 { record.id.clone() } else { source.clone() };
                course.touched.insert(bitrix24);
                course.copied.insert(source.clone());
                course.wrote.push(created(&record.id, &source, now));
                let told = match write {
                    Write::Create { party, .. } => Some(party.as_ref()),
                    Write::Update { .. } | Write::Mark { .. } => None,
                };
                self.created(&source, told, *record)
            }
            Outcome::NotDone(error) => {
                course.put_off(source.clone(), error, attempts, now);
                vec![Change::Settled { record: source }]
            }
            Outcome::Missing | Outcome::Moved { .. } | Outcome::Tied(_) => {
                let trouble = Trouble::of(AskReason::Unanswered);
                course.postponed.insert(source.clone(), Postponed::failed(trouble, now));
                vec![Change::Settled { record: source }]
            }
            Outcome::Refused { words, field, fault } => {
                course.refused.insert(source.clone());
                vec![
                    course.give_up(&source, Trouble::refused(words.clone(), field, fault)),
                    self.entry(source.clone(), Event::Refused { words }),
                    Change::Settled { record: source },
                ]
            }
            Outcome::Unknown | Outcome::Vanished(_) => {
                let due = now + self.side(side).settle_after();
                let trouble = Trouble::of(AskReason::Unanswered);
                course.postponed.insert(source.clone(), Postponed::failed(trouble, due));
                vec![self.entry(source, Event::Unanswered { changes: Vec::new() })]
            }
        }
    }

    /// Puts the employers into the terms of the side written to. A person whose company did not come along waits.
    async fn with_companies(
        &self,
        batch: Vec<Creation>,
        course: &mut Course,
    ) -> Result<Vec<Creation>, EngineError> {
        let employers: Vec<RecordId> =
            batch.iter().flat_map(|creation| creation.party.belongs_to()).cloned().collect();
        if employers.is_empty() {
            return Ok(batch);
        }
        let companies = partners(self.store.as_ref(), &employers).await?;
        let due = self.clock.now() + COMPANY_WAIT;
        let mut ready = Vec::new();
        for mut creation in batch {
            let wanted = creation.party.belongs_to();
            let there: Vec<RecordId> = wanted.iter().filter_map(|id| companies.get(id)).cloned().collect();
            if there.len() < wanted.len() || (creation.catalog == Catalog::ContactPerson && there.is_empty())
            {
                course
                    .postponed
                    .insert(creation.source.clone(), Postponed::waits(DirtyReason::WaitsForCompany, due));
                continue;
            }
            if let Party::Organization(organization) = &mut creation.party {
                organization.beside = there.into_iter().next().map(|head| Box::new(Beside::further(head)));
            } else {
                creation.party.set(Field::Company, Value::Employers(there));
            }
            ready.push(creation);
        }
        Ok(ready)
    }
}

/// A create, to be told.
pub(crate) fn created(record: &RecordId, source: &RecordId, at: Timestamp) -> Wrote {
    Wrote {
        record: record.clone(),
        source: Some(source.clone()),
        sort: WriteSort::Create,
        is_id_alone: false,
        since: None,
        at,
    }
}
