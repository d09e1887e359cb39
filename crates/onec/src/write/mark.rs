//! Records that go are marked for deletion, and a marked one can take part again.
//!
//! Nothing is ever deleted in 1C. Invariants: an object is marked only in the version that was planned on, and while
//! nothing stands on it; its partner goes first, and only where no other counterparty has it.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::party::{Field, Party};
use obmen_domain::plan::{ChangeReason, FieldChange};
use obmen_domain::record::{Record, RecordId};
use obmen_domain::stay::Tie;
use obmen_engine::ports::{Outcome, SideError};
use serde_json::Value;

use super::{Sent, Writing, body};
use crate::adapter::Onec;
use crate::facts::{Facts, Table};
use crate::odata::Object;
use crate::read::whole;
use crate::wire::{MARK, REF, flag, guid};

/// What stands on records that are to be marked, or why that could not be found out.
pub(super) type Ties = Result<BTreeMap<RecordId, Tie>, SideError>;

impl Onec {
    pub(super) async fn mark(
        &self,
        facts: &Facts,
        table: &Table,
        object: &Object,
        record: &Record,
        ties: &Ties,
    ) -> Writing {
        let catalog = table.catalog;
        let Some(reference) = guid(object, REF).filter(|_| !flag(object, MARK)) else {
            return Writing { catalog, sent: Sent::Shown(object.clone()) };
        };
        if whole::version(object) != record.version {
            return self.moved(facts, table, object).await;
        }
        match ties.as_ref().map(|ties| ties.get(&record.id)) {
            Err(error) => return Writing::over(Outcome::NotDone(error.clone())),
            Ok(Some(tie)) => return Writing::over(Outcome::Tied(*tie)),
            Ok(None) => {}
        }
        let sent = match self.mark_whole(facts, table, object).await {
            Ok(()) => Sent::Hidden(reference),
            Err(over) => Sent::Over(over),
        };
        Writing { catalog, sent }
    }

    async fn mark_whole(&self, facts: &Facts, table: &Table, object: &Object) -> Result<(), Outcome> {
        let mark = Object::from_iter([(MARK.to_owned(), Value::Bool(true))]);
        if let (Some(parts), Some(part)) = (facts.part_of(table), whole::part(object))
            && let Some(partner) = guid(part, REF)
            && !flag(part, MARK)
        {
            let clients = self.clients_of(facts, &BTreeSet::from([partner])).await;
            let clients = clients.map_err(Outcome::NotDone)?;
            if clients.values().flatten().all(|client| Some(*client) == guid(object, REF)) {
                self.patch(parts, part, &mark).await?;
            }
        }
        self.patch(table, object, &mark).await?;
        Ok(())
    }

    /// Gives a marked object the content of a new one, and takes its mark away.
    pub(super) async fn revive(
        &self,
        facts: &Facts,
        table: &Table,
        object: &Object,
        source: &RecordId,
        party: &Party,
    ) -> Writing {
        let catalog = table.catalog;
        let held = match self.records(facts, table, vec![object.clone()]).await {
            Ok(records) => records.into_iter().next(),
            Err(error) => return Writing::over(Outcome::NotDone(error)),
        };
        let (Some(held), Some(reference)) = (held, guid(object, REF)) else {
            return Writing::over(Outcome::Missing);
        };
        let fields = Field::merged(party.kind()).iter();
        let changes: Vec<FieldChange> = fields
            .filter_map(|field| {
                let (before, after) = (held.party.value(*field)?, party.value(*field)?);
                let reason = ChangeReason::ChangedThere;
                (before != after).then_some(FieldChange { field: *field, before, after, reason })
            })
            .collect();
        let mutual_id = source.mutual();
        let mut changed =
            body::changed_object(self.reading(facts), table, object, &changes, Some(&mutual_id));
        changed.root.insert(MARK.to_owned(), Value::Bool(false));
        if whole::part(object).is_some_and(|part| flag(part, MARK)) {
            changed.part.insert(MARK.to_owned(), Value::Bool(false));
        }
        let sent = match self.send_changes(facts, table, object, &changed).await {
            Ok(_) => Sent::Hidden(reference),
            Err(over) => Sent::Over(over),
        };
        Writing { catalog, sent }
    }
}
