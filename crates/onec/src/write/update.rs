//! Changes of a record: what changes goes to the object itself, to its partner, or to the register of links.
//!
//! Invariants: the partner of an object that goes is marked first; else the object itself is written first, since it is what handlers
//! refuse. Where a later part fails, the record is read again before anything else is done about it.

use obmen_engine::ports::Outcome;
use serde_json::Value;

use super::requests::Requests;
use super::{Sent, body, is_complete, outcome};
use crate::facts::Table;
use crate::fault::CallError;
use crate::odata::{Object, Written};
use crate::read::whole;
use crate::wire::{MARK, REF, VERSION, guid, text};

impl Requests<'_> {
    pub(super) async fn change(&self, table: &Table, object: &Object, changed: &body::Changed) -> Sent {
        match (self.send_changes(table, object, changed).await, guid(object, REF)) {
            (Ok(Some(entity)), _) if is_complete(table, &entity, text(object, VERSION)) => {
                Sent::Shown(entity)
            }
            (Ok(_), Some(reference)) => Sent::Hidden(reference),
            (Ok(_), None) => Sent::Over(Outcome::Unknown),
            (Err(over), _) => Sent::Over(over),
        }
    }

    /// Sends the parts of a change; what the object itself was answered with.
    async fn send_changes(
        &self,
        table: &Table,
        object: &Object,
        changed: &body::Changed,
    ) -> Result<Option<Object>, Outcome> {
        let part = self.facts.part_of(table).zip(whole::part(object));
        let part = part.filter(|_| !changed.part.is_empty());
        let goes = changed.root.get(MARK) == Some(&Value::Bool(true));
        if let Some((table, held)) = part.filter(|_| goes) {
            self.patch(table, held, &changed.part).await?;
        }
        let mut entity = None;
        if !changed.root.is_empty() {
            entity = self.patch(table, object, &changed.root).await?.entity;
        }
        if let Some((table, held)) = part.filter(|_| !goes) {
            self.patch(table, held, &changed.part).await?;
        }
        self.write_links(table, object, changed).await.map_err(|error| outcome::of_failure(error, table))?;
        Ok(entity)
    }

    async fn patch(&self, table: &Table, object: &Object, body: &Object) -> Result<Written, Outcome> {
        let Some(reference) = guid(object, REF) else { return Ok(Written::default()) };
        let sent: Result<Written, CallError> =
            self.odata.update(&table.names.set, reference, text(object, VERSION), body).await;
        sent.map_err(|error| outcome::of_failure(error, table))
    }
}
