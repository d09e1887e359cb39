//! Reversal: what a link had brought into a record, and how to take it back.
//!
//! Read from the journal, so that a reversal that was cut off goes on where it stopped. Pure. Invariant: a field that
//! somebody changed since our last write of it is left as it is, and told.

use std::collections::BTreeMap;

use obmen_domain::party::{Field, Value};
use obmen_domain::plan::{ChangeReason, FieldChange};
use obmen_domain::record::{Record, RecordId};

use crate::store::{Entry, Event};

/// What taking a link back comes to for one record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reversal {
    /// The changes, sorted by field.
    pub changes: Vec<FieldChange>,
    /// Fields that were changed since and stay.
    pub kept: Vec<Field>,
}

/// What to change in `record` so that it stands as before it was linked with `partner`.
///
/// `history` is its journal since then, the oldest first. The stored id of the partner goes in any case.
pub fn reversal(record: &Record, partner: &RecordId, history: &[Entry]) -> Reversal {
    let mut net: BTreeMap<Field, (Value, Value)> = BTreeMap::new();
    for entry in history {
        let Event::Updated { changes } = &entry.event else { continue };
        for change in changes.iter().filter(|change| change.field != Field::MutualId) {
            net.entry(change.field)
                .and_modify(|(_, after)| *after = change.after.clone())
                .or_insert_with(|| (change.before.clone(), change.after.clone()));
        }
    }
    let mut reversal = Reversal::default();
    for (field, (before, after)) in net {
        let Some(current) = record.party.value(field) else { continue };
        if reads_as(&current, &before) {
            continue;
        }
        if is_as_written(&current, &after) {
            reversal.changes.push(taken_back(field, current, before));
        } else {
            reversal.kept.push(field);
        }
    }
    if record.mutual_id == partner.mutual() {
        let current = Value::Text(record.mutual_id.clone());
        reversal.changes.push(taken_back(Field::MutualId, current, Value::Text(String::new())));
    }
    reversal
}

fn taken_back(field: Field, before: Value, after: Value) -> FieldChange {
    FieldChange { field, before, after, reason: ChangeReason::TakenBack }
}

/// Whether a value stands as it was written. A side that holds a name as one text may be read in other parts than it was
/// written in.
pub(crate) fn is_as_written(current: &Value, written: &Value) -> bool {
    match (current, written) {
        (Value::Name(current), Value::Name(written)) => current.reads_as(written),
        _ => reads_as(current, written),
    }
}

/// Whether two values mean the same; the order of phones and mailboxes is the side's own.
pub(crate) fn reads_as(a: &Value, b: &Value) -> bool {
    let words = |value: &Value| {
        let text = value.to_string();
        let mut words: Vec<String> = match value {
            Value::Phones(_) | Value::Emails(_) | Value::Employers(_) => {
                text.split(", ").map(str::to_owned).collect()
            }
            Value::Text(_) | Value::Name(_) | Value::Manager(_) => vec![text.trim().to_owned()],
        };
        words.sort();
        words
    };
    words(a) == words(b)
}

#[cfg(test)]
mod tests;
