//! What a write comes to, once the objects it is about were read: whichever interface it goes through.
//!
//! Not responsible for sending it. Invariants: nothing is written to an object that stands in another version than planned
//! on; an object is marked only while nothing stands on it, and its partner goes with it only where no other counterparty
//! has it.

use std::collections::BTreeSet;

use obmen_domain::party::Party;
use obmen_domain::plan::{ChangeReason, FieldChange};
use obmen_domain::record::{Catalog, Record, RecordId};
use obmen_engine::ports::{Outcome, SideError, Write};
use serde_json::Value;

use super::body::{self, Changed};
use super::{Current, Sent, Ties, Writing, closed};
use crate::adapter::Onec;
use crate::facts::{Facts, Table};
use crate::odata::Object;
use crate::read::whole;
use crate::wire::{MARK, REF, flag, guid};

/// What is to be done.
pub(super) enum Task<'w> {
    /// A new object.
    Create {
        /// The catalog it goes to.
        table: &'w Table,
        /// The record it is made from.
        source: &'w RecordId,
        /// Its content.
        party: &'w Party,
    },
    /// Changes of an object, of its partner and of its links.
    Change {
        /// The catalog it stands in.
        table: &'w Table,
        /// The object as it stands.
        object: &'w Object,
        /// What changes.
        changed: Changed,
    },
}

impl Task<'_> {
    /// The catalog of the record.
    pub(super) fn table(&self) -> &Table {
        match self {
            Task::Create { table, .. } | Task::Change { table, .. } => table,
        }
    }
}

impl Onec {
    /// What a write comes to, or its end where nothing is to be sent.
    pub(super) async fn task<'w>(
        &self,
        facts: &'w Facts,
        current: &'w Current,
        ties: &Ties,
        write: &'w Write,
    ) -> Result<Task<'w>, Writing> {
        match write {
            Write::Create { catalog, source, party, revives } => {
                let table = table_of(facts, *catalog)?;
                match revives.as_ref().map(|record| current.of(record)) {
                    Some(Ok(Some(object))) if flag(object, MARK) => {
                        self.revived(facts, table, object, (source, party)).await
                    }
                    Some(Err(error)) => Err(Writing::over(Outcome::NotDone(error))),
                    _ => Ok(Task::Create { table, source, party }),
                }
            }
            Write::Update { record, changes, mutual_id } => {
                let (table, object) = standing(facts, current, record)?;
                let mutual_id = mutual_id.as_deref();
                let changed = body::changed_object(self.reading(facts), table, object, changes, mutual_id);
                if guid(object, REF).is_none() || changed.is_empty() {
                    return Err(Writing::shown(table, object));
                }
                if whole::version(object) != record.version {
                    // Somebody was faster: the plan is made anew on what stands there.
                    return Err(self.moved(facts, table, object).await);
                }
                Ok(Task::Change { table, object, changed })
            }
            Write::Mark { record } => {
                let (table, object) = standing(facts, current, record)?;
                if guid(object, REF).is_none() || flag(object, MARK) {
                    return Err(Writing::shown(table, object));
                }
                if whole::version(object) != record.version {
                    return Err(self.moved(facts, table, object).await);
                }
                match ties.as_ref().map(|ties| ties.get(&record.id)) {
                    Err(error) => return Err(Writing::over(Outcome::NotDone(error.clone()))),
                    Ok(Some(tie)) => return Err(Writing::over(Outcome::Tied(*tie))),
                    Ok(None) => {}
                }
                self.marked(facts, table, object).await
            }
        }
    }

    async fn marked<'w>(
        &self,
        facts: &Facts,
        table: &'w Table,
        object: &'w Object,
    ) -> Result<Task<'w>, Writing> {
        let mut changed = Changed::default();
        changed.root.insert(MARK.to_owned(), Value::Bool(true));
        if let Some(partner) = whole::part(object).filter(|partner| !flag(partner, MARK)) {
            let is_alone = self.is_alone(facts, object, partner).await;
            if is_alone.map_err(|error| Writing::over(Outcome::NotDone(error)))? {
                changed.part.insert(MARK.to_owned(), Value::Bool(true));
            }
        }
        Ok(Task::Change { table, object, changed })
    }

    /// Whether a partner has no other counterparty than this one.
    async fn is_alone(&self, facts: &Facts, object: &Object, partner: &Object) -> Result<bool, SideError> {
        let Some(partner) = guid(partner, REF) else { return Ok(false) };
        let clients = self.clients_of(facts, &BTreeSet::from([partner])).await?;
        Ok(clients.values().flatten().all(|client| Some(*client) == guid(object, REF)))
    }

    /// A marked object with the content of a new one, and without its mark.
    async fn revived<'w>(
        &self,
        facts: &Facts,
        table: &'w Table,
        object: &'w Object,
        (source, party): (&RecordId, &Party),
    ) -> Result<Task<'w>, Writing> {
        let held = match self.records(facts, table, vec![object.clone()]).await {
            Ok(records) => records.into_iter().next(),
            Err(error) => return Err(Writing::over(Outcome::NotDone(error))),
        };
        let Some(held) = held else { return Err(Writing::over(Outcome::Missing)) };
        let changes: Vec<FieldChange> = party
            .fields()
            .filter_map(|field| {
                let (before, after) = (held.party.value(field)?, party.value(field)?);
                let reason = ChangeReason::ChangedThere;
                (before != after).then_some(FieldChange { field, before, after, reason })
            })
            .collect();
        let mutual_id = source.mutual();
        let mut changed =
            body::changed_object(self.reading(facts), table, object, &changes, Some(&mutual_id));
        changed.root.insert(MARK.to_owned(), Value::Bool(false));
        if whole::part(object).is_some_and(|part| flag(part, MARK)) {
            changed.part.insert(MARK.to_owned(), Value::Bool(false));
        }
        Ok(Task::Change { table, object, changed })
    }
}

fn table_of(facts: &Facts, catalog: Catalog) -> Result<&Table, Writing> {
    facts.tables.get(&catalog).ok_or_else(|| Writing::over(closed(catalog)))
}

/// The object of a record, with its catalog.
fn standing<'w>(
    facts: &'w Facts,
    current: &'w Current,
    record: &Record,
) -> Result<(&'w Table, &'w Object), Writing> {
    let table = table_of(facts, record.catalog)?;
    match current.of(record) {
        Ok(Some(object)) => Ok((table, object)),
        Ok(None) => Err(Writing::over(Outcome::Missing)),
        Err(error) => Err(Writing::over(Outcome::NotDone(error))),
    }
}

impl Writing {
    /// Nothing is to be written: the object stands as it is wanted.
    fn shown(table: &Table, object: &Object) -> Self {
        Self { catalog: table.catalog, sent: Sent::Shown(object.clone()) }
    }
}
