//! Creates, updates and marks: get, compare the version, merge, patch, read back.
//!
//! One write is one record, which may be several objects: a counterparty with its partner, a contact person with its
//! links. Not responsible for repeating anything. Invariants: every answered record was read from 1C after the write; a created
//! object carries a derived reference, or the source's id in an attribute where references are not honoured; load mode
//! is never used, since 1C's own handlers keep its data consistent.

mod attributes;
mod body;
mod contact;
mod create;
mod draft;
mod items;
pub(crate) mod learned;
mod links;
mod outcome;
mod requests;
mod share;
mod task;
mod update;

use std::collections::BTreeMap;
use std::sync::Arc;

use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side};
use obmen_domain::stay::Tie;
use obmen_engine::ports::{Outcome, SideError, Write};
use uuid::Uuid;

use crate::adapter::Onec;
use crate::facts::{Facts, Table};
use crate::interface::Interface;
use crate::odata::Object;
use crate::wire::{REF, VERSION, guid, text};
use items::Items;
use requests::Requests;

/// What stands on records that are to be marked, or why that could not be found out.
type Ties = Result<BTreeMap<RecordId, Tie>, SideError>;

/// How far a write got.
enum Sent {
    /// 1C answered with the object as it stands after the write.
    Shown(Object),
    /// It took effect; the object has to be read.
    Hidden(Uuid),
    /// Nothing to read.
    Over(Outcome),
}

/// A write on its way to an outcome.
struct Writing {
    catalog: Catalog,
    sent: Sent,
}

impl Writing {
    fn over(outcome: Outcome) -> Self {
        Self { catalog: Catalog::Counterparty, sent: Sent::Over(outcome) }
    }
}

impl Onec {
    /// Sends writes; one outcome each, in the same order.
    pub(crate) async fn write_all(&self, writes: Vec<Write>) -> Vec<Outcome> {
        let facts = match self.facts().await {
            Ok(facts) => facts,
            Err(error) => return writes.iter().map(|_| Outcome::NotDone(error.clone())).collect(),
        };
        let current = self.current(&facts, &writes).await;
        let goers: Vec<RecordId> = writes.iter().filter_map(goer).map(|record| record.id.clone()).collect();
        let ties = self.ties_of(&facts, &goers).await;
        let written = match &self.interface {
            Interface::Odata(odata) => {
                let requests = Requests { onec: self, odata, facts: &facts };
                requests.send_all(&writes, &current, &ties).await
            }
            Interface::Extension(extension) => {
                let items = Items { onec: self, extension, facts: &facts };
                items.send_all(&writes, &current, &ties).await
            }
        };
        let created = writes.iter().map(created).collect();
        self.settle(&facts, written, created).await
    }

    /// A record that stands in another version than planned on.
    async fn moved(&self, facts: &Facts, table: &Table, object: &Object) -> Writing {
        let found = self.records(facts, table, vec![object.clone()]).await;
        Writing::over(match found.map(|mut records| records.pop()) {
            Ok(Some(record)) => Outcome::Moved { record: Box::new(record) },
            Ok(None) => Outcome::Missing,
            Err(error) => Outcome::NotDone(error),
        })
    }

    /// The objects to update, to mark or to revive as they stand now.
    async fn current(&self, facts: &Facts, writes: &[Write]) -> Current {
        let mut wanted: BTreeMap<Catalog, Vec<Uuid>> = BTreeMap::new();
        for write in writes {
            let held = match write {
                Write::Create { revives, .. } => revives.as_deref(),
                Write::Update { record, .. } | Write::Mark { record } => Some(record.as_ref()),
            };
            if let Some(record) = held
                && let Ok(reference) = Uuid::try_parse(&record.id.id)
            {
                wanted.entry(record.catalog).or_default().push(reference);
            }
        }
        let mut current = self.by_reference(facts, wanted).await;
        for (catalog, objects) in &mut current.0 {
            let (Some(table), Ok(read)) = (facts.tables.get(catalog), &mut *objects) else { continue };
            let read = std::mem::take(read).into_values().collect();
            *objects = self.completed(facts, table, read).await.map_err(Arc::new).map(by_key);
        }
        current
    }

    /// Reads back what was not shown and answers.
    async fn settle(&self, facts: &Facts, written: Vec<Writing>, created: Vec<Option<Kind>>) -> Vec<Outcome> {
        let mut hidden: BTreeMap<Catalog, Vec<Uuid>> = BTreeMap::new();
        for writing in &written {
            if let Sent::Hidden(reference) = writing.sent {
                hidden.entry(writing.catalog).or_default().push(reference);
            }
        }
        let read = self.by_reference(facts, hidden).await;
        let mut found: BTreeMap<Catalog, Vec<Object>> = BTreeMap::new();
        for writing in &written {
            let object = match &writing.sent {
                Sent::Over(_) => None,
                Sent::Shown(object) => Some(object),
                // It took effect, but what stands there could not be read.
                Sent::Hidden(reference) => read.object(writing.catalog, *reference).ok().flatten(),
            };
            found.entry(writing.catalog).or_default().extend(object.cloned());
        }
        let mut records: BTreeMap<String, Record> = BTreeMap::new();
        for (catalog, objects) in found {
            let Some(table) = facts.tables.get(&catalog) else { continue };
            let made = self.records(facts, table, objects).await.unwrap_or_default();
            records.extend(made.into_iter().map(|record| (record.id.id.clone(), record)));
        }
        let outcome_of = |(writing, created): (Writing, Option<Kind>)| {
            let reference = match writing.sent {
                Sent::Over(outcome) => return outcome,
                Sent::Shown(object) => guid(&object, REF),
                Sent::Hidden(reference) => {
                    if let (Some(kind), Ok(None)) = (created, read.object(writing.catalog, reference)) {
                        return Outcome::Vanished(RecordId::onec(kind, &reference.to_string()));
                    }
                    Some(reference)
                }
            };
            match reference.and_then(|reference| records.get(&reference.to_string())) {
                Some(record) => Outcome::Done { record: Box::new(record.clone()), overwrote: None },
                None => Outcome::Unknown,
            }
        };
        written.into_iter().zip(created).map(outcome_of).collect()
    }

    /// Objects of several catalogs, by reference.
    async fn by_reference(&self, facts: &Facts, wanted: BTreeMap<Catalog, Vec<Uuid>>) -> Current {
        let mut current = Current::default();
        for (catalog, references) in wanted {
            let Some(table) = facts.tables.get(&catalog) else { continue };
            let objects = self.objects(table, &references).await.map_err(Arc::new).map(by_key);
            current.0.insert(catalog, objects);
        }
        current
    }
}

/// The kind of the record that a write makes.
fn created(write: &Write) -> Option<Kind> {
    match write {
        Write::Create { source, .. } => Some(source.kind),
        Write::Update { .. } | Write::Mark { .. } => None,
    }
}

/// The record that a write marks.
fn goer(write: &Write) -> Option<&Record> {
    match write {
        Write::Mark { record } => Some(record),
        Write::Create { .. } | Write::Update { .. } => None,
    }
}

fn by_key(objects: Vec<Object>) -> BTreeMap<Uuid, Object> {
    objects.into_iter().filter_map(|object| Some((guid(&object, REF)?, object))).collect()
}

/// Objects as just read, or why they could not be.
#[derive(Default)]
struct Current(BTreeMap<Catalog, Result<BTreeMap<Uuid, Object>, Arc<SideError>>>);

impl Current {
    fn of(&self, record: &Record) -> Result<Option<&Object>, SideError> {
        match Uuid::try_parse(&record.id.id) {
            Ok(reference) => self.object(record.catalog, reference),
            Err(_) => Ok(None),
        }
    }

    fn object(&self, catalog: Catalog, reference: Uuid) -> Result<Option<&Object>, SideError> {
        match self.0.get(&catalog) {
            Some(Ok(objects)) => Ok(objects.get(&reference)),
            Some(Err(error)) => Err(SideError::clone(error)),
            None => Ok(None),
        }
    }
}

/// Whether an answer shows all that a record is made of, in a version other than the one before the write.
fn is_complete(table: &Table, entity: &Object, version_before: &str) -> bool {
    let version = text(entity, VERSION);
    !version.is_empty()
        && version != version_before
        && table.select.split(',').all(|name| entity.contains_key(name))
}

fn closed(catalog: Catalog) -> Outcome {
    let words = format!("the catalog {} cannot be written", catalog.word());
    Outcome::NotDone(SideError::Unexpected { side: Side::Onec, words })
}
