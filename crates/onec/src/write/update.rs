//! An update: what changes goes to the object itself, to its partner, or to the register of links.
//!
//! Invariant: the object itself is written first, since it is what handlers refuse; where a later part fails, the
//! record is read again before anything else is done about it.

use obmen_domain::plan::FieldChange;
use obmen_domain::record::Record;
use obmen_engine::ports::Outcome;

use super::{Sent, Writing, body, is_complete, outcome};
use crate::adapter::Onec;
use crate::facts::{Facts, Table};
use crate::odata::{CallError, Object, Written};
use crate::read::whole;
use crate::wire::{REF, VERSION, guid, text};

impl Onec {
    pub(super) async fn update(
        &self,
        facts: &Facts,
        table: &Table,
        object: &Object,
        record: &Record,
        changes: &[FieldChange],
        mutual_id: Option<&str>,
    ) -> Writing {
        let catalog = table.catalog;
        let changed = body::changed_object(self.reading(facts), table, object, changes, mutual_id);
        let (Some(reference), false) = (guid(object, REF), changed.is_empty()) else {
            return Writing { catalog, sent: Sent::Shown(object.clone()) };
        };
        if whole::version(object) != record.version {
            // Somebody was faster: the plan is made anew on what stands there.
            return self.moved(facts, table, object).await;
        }
        let sent = match self.send_changes(facts, table, object, &changed).await {
            Ok(Some(entity)) if is_complete(table, &entity, text(object, VERSION)) => Sent::Shown(entity),
            Ok(_) => Sent::Hidden(reference),
            Err(over) => Sent::Over(over),
        };
        Writing { catalog, sent }
    }

    /// Sends the parts of an update; what the object itself was answered with.
    pub(super) async fn send_changes(
        &self,
        facts: &Facts,
        table: &Table,
        object: &Object,
        changed: &body::Changed,
    ) -> Result<Option<Object>, Outcome> {
        let mut entity = None;
        if !changed.root.is_empty() {
            entity = self.patch(table, object, &changed.root).await?.entity;
        }
        if let (Some(part), Some(held)) = (facts.part_of(table), whole::part(object))
            && !changed.part.is_empty()
        {
            self.patch(part, held, &changed.part).await?;
        }
        self.write_links(table, object, changed).await.map_err(|error| outcome::of_failure(error, table))?;
        Ok(entity)
    }

    pub(super) async fn patch(
        &self,
        table: &Table,
        object: &Object,
        body: &Object,
    ) -> Result<Written, Outcome> {
        let Some(reference) = guid(object, REF) else { return Ok(Written::default()) };
        let sent: Result<Written, CallError> =
            self.odata.update(&table.names.set, reference, text(object, VERSION), body).await;
        sent.map_err(|error| outcome::of_failure(error, table))
    }
}
