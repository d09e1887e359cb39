//! What is known about the records of a run when it is taken back: what the run did to them, and what came after it.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::party::{Field, Value};
use obmen_domain::plan::{ChangeReason, FieldChange};
use obmen_domain::record::{Record, RecordId, Side, Standing};
use obmen_domain::stay::{StayReason, Tie};

use super::name_of_undo;
use super::values::{expected, net};
use crate::reversal::{is_as_written, reads_as};
use crate::store::{Entry, Event, Link};

/// What is known about the records of a run, and about their partners.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scene {
    /// The run that is taken back.
    pub(crate) run: String,
    /// The records as they stand; one that is gone is missing.
    pub(crate) records: BTreeMap<RecordId, Record>,
    /// Their journals, the oldest entry first.
    pub(crate) journals: BTreeMap<RecordId, Vec<Entry>>,
    /// The links in which they stand.
    pub(crate) links: Vec<Link>,
    /// Business that stands on records which the run had made.
    pub(crate) ties: BTreeMap<RecordId, Tie>,
    /// Partners of companies, both ways.
    pub(crate) companies: BTreeMap<RecordId, RecordId>,
    /// Records whose side refused to take something back.
    pub(crate) refused: BTreeSet<RecordId>,
}

impl Scene {
    fn journal(&self, id: &RecordId) -> &[Entry] {
        self.journals.get(id).map_or(&[], Vec::as_slice)
    }

    fn of_run<'a>(&'a self, id: &RecordId) -> impl Iterator<Item = &'a Entry> {
        self.journal(id).iter().filter(|entry| entry.run == self.run)
    }

    fn of_undo<'a>(&'a self, id: &RecordId) -> impl Iterator<Item = &'a Entry> {
        let undo = name_of_undo(&self.run);
        self.journal(id).iter().filter(move |entry| entry.run == undo)
    }

    /// What later runs wrote.
    fn later<'a>(&'a self, id: &RecordId) -> impl Iterator<Item = &'a Entry> {
        let undo = name_of_undo(&self.run);
        let since = self.journal(id).iter().skip_while(|entry| entry.run != self.run);
        since.filter(move |entry| entry.run != self.run && entry.run != undo)
    }

    /// The record from which the run made this one.
    pub(super) fn source<'a>(&'a self, id: &RecordId) -> Option<&'a RecordId> {
        self.of_run(id).find_map(|entry| match &entry.event {
            Event::Created { source, .. } => Some(source),
            _ => None,
        })
    }

    /// The record with which the run linked this one.
    pub(super) fn linked_by_run<'a>(&'a self, id: &RecordId) -> Option<&'a RecordId> {
        self.of_run(id).find_map(|entry| match &entry.event {
            Event::Linked { with, .. } => Some(with),
            _ => None,
        })
    }

    pub(super) fn unlinked_by_run(&self, id: &RecordId) -> bool {
        self.of_run(id).any(|entry| matches!(entry.event, Event::Unlinked { .. }))
    }

    /// Records of the other side that a record was ever joined with.
    pub(super) fn mentioned(&self, id: &RecordId) -> BTreeSet<RecordId> {
        let linked = self.links.iter().filter_map(|link| match id {
            id if *id == link.bitrix24 => Some(link.onec.clone()),
            id if *id == link.onec => Some(link.bitrix24.clone()),
            _ => None,
        });
        mentioned(self.journal(id)).chain(linked).collect()
    }

    pub(super) fn link(&self, a: &RecordId, b: &RecordId) -> Option<&Link> {
        let joins =
            |link: &&Link| (&link.bitrix24, &link.onec) == (a, b) || (&link.bitrix24, &link.onec) == (b, a);
        self.links.iter().find(joins)
    }

    /// Whether the undo has taken this record away.
    pub(super) fn is_taken_away(&self, id: &RecordId) -> bool {
        self.of_undo(id).any(|entry| matches!(entry.event, Event::Marked { .. }))
    }

    /// Why a record that the run had made from `source` does not go.
    pub(super) fn why_stays(&self, copy: &Record, source: &RecordId) -> Option<StayReason> {
        let id = &copy.id;
        let ends =
            |link: &Link| [&link.bitrix24, &link.onec].into_iter().any(|end| end == id || end == source);
        if self.link(id, source).is_none() && self.links.iter().any(ends) {
            return Some(StayReason::LinkedOtherwise);
        }
        let later = self.later(id).chain(self.later(source));
        if let Some(reason) = later.filter_map(|entry| of_later(&entry.event)).next() {
            return Some(reason);
        }
        if self.is_taken_away(id) {
            // Somebody took the mark away again.
            return Some(StayReason::Changed);
        }
        let Some(left) = expected(self.of_run(id)) else { return Some(StayReason::Untold) };
        let mut fields = copy.party.fields();
        let differs = |field: Field| match (copy.party.value(field), left.value(field)) {
            (Some(held), Some(left)) => !reads_as(&held, &left),
            // A configured field may have been added, or taken away, since.
            (held, left) => !matches!(field, Field::Configured(_)) && held.is_some() != left.is_some(),
        };
        if copy.standing != Standing::TakesPart || fields.any(differs) {
            return Some(StayReason::Changed);
        }
        let refused = self.refused.contains(id).then_some(StayReason::Refused);
        self.ties.get(id).map(|tie| StayReason::Tied(*tie)).or(refused)
    }

    /// What is to change in a record so that it stands as before the run, and the fields that stay, by reason.
    pub(super) fn reversal(
        &self,
        record: &Record,
    ) -> (Vec<FieldChange>, BTreeMap<StayReason, BTreeSet<Field>>) {
        let id = &record.id;
        // A write of the undo without an answer may have had no effect: what still stands as the run left it is tried again.
        let answered = |entry: &&Entry| matches!(entry.event, Event::Updated { .. });
        let taken_back: BTreeSet<Field> = net(self.of_undo(id).filter(answered)).into_keys().collect();
        let written_since: BTreeSet<Field> = net(self.later(id)).into_keys().collect();
        let mut changes = Vec::new();
        let mut kept: BTreeMap<StayReason, BTreeSet<Field>> = BTreeMap::new();
        for (field, (before, after)) in net(self.of_run(id)) {
            let current = match field {
                Field::MutualId => Some(Value::Text(record.mutual_id.clone())),
                field => record.party.value(field),
            };
            let Some(current) = current.filter(|current| !reads_as(current, &before)) else { continue };
            if written_since.contains(&field) {
                kept.entry(StayReason::WrittenSince).or_default().insert(field);
            } else if taken_back.contains(&field) || !is_as_written(&current, &after) {
                kept.entry(StayReason::Changed).or_default().insert(field);
            } else {
                let reason = ChangeReason::TakenBack;
                changes.push(FieldChange { field, before: current, after: before, reason });
            }
        }
        (changes, kept)
    }

    pub(super) fn in_bitrix24_terms(&self, value: Value) -> Value {
        match value {
            Value::Employers(ids) => {
                let translated = ids.into_iter().filter_map(|id| match id.side {
                    Side::Bitrix24 => Some(id),
                    Side::Onec => self.companies.get(&id).cloned(),
                });
                Value::Employers(translated.collect())
            }
            value => value,
        }
    }
}

/// Records that a journal speaks of as partners.
pub(crate) fn mentioned(journal: &[Entry]) -> impl Iterator<Item = RecordId> {
    journal.iter().filter_map(|entry| match &entry.event {
        Event::Linked { with, .. } | Event::Unlinked { with, .. } => Some(with.clone()),
        Event::Created { source, .. } | Event::Marked { source } => Some(source.clone()),
        Event::Updated { changes } | Event::Unanswered { changes } => {
            let kept = changes.iter().find(|change| change.field == Field::MutualId)?;
            named(&entry.record, &kept.after)
        }
        _ => None,
    })
}

/// The record whose id another one keeps.
fn named(keeper: &RecordId, value: &Value) -> Option<RecordId> {
    let Value::Text(id) = value else { return None };
    match keeper.side {
        Side::Bitrix24 => (!id.is_empty()).then(|| RecordId::onec(keeper.kind, id)),
        Side::Onec => id.split_once(':').map(|(_, id)| RecordId::bitrix24(keeper.kind, id)),
    }
}

/// What an entry of a later run says about a copy.
fn of_later(event: &Event) -> Option<StayReason> {
    match event {
        Event::Ruled { .. } | Event::Chosen { .. } => Some(StayReason::Decided),
        Event::Refused { .. } | Event::Retried {} => None,
        _ => Some(StayReason::WrittenSince),
    }
}
