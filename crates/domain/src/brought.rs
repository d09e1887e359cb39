//! What a link brought: phones and mailboxes that a record holds only since they were carried over from its partner; of a
//! record that we made, all it says.
//!
//! While the link stands and the partner holds them too, they say nothing more about who a record is: questions about
//! others stay as they were before the two sides were united, wherever a run was cut off.

use std::collections::BTreeSet;

use crate::key::{Key, keys_of};
use crate::party::{Party, Value};
use crate::plan::{ChangeReason, FieldChange};
use crate::record::Record;

/// Remembers of a record that was read anew what had been brought to its state `before`, and what `changes` of ours have
/// brought since. Only what it still holds is kept.
pub fn recall(record: &mut Record, before: &Record, changes: &[FieldChange]) {
    if before.brought.is_empty() && changes.is_empty() {
        record.brought = BTreeSet::new();
        return;
    }
    let held = keys_of(&before.party);
    let carried = changes.iter().filter(|change| change.reason != ChangeReason::TakenBack);
    let ours = carried.flat_map(|change| addresses_in(&change.after)).filter(|key| !held.contains(key));
    let now = keys_of(&record.party);
    record.brought = before.brought.iter().cloned().chain(ours).filter(|key| now.contains(key)).collect();
}

/// Remembers of a record that we made that all of it came from its source.
pub fn recall_copy(record: &mut Record) {
    record.brought = keys_of(&record.party);
}

/// The same of a record that people may have completed since it was made: what its source does not say is its own.
pub fn recall_copy_of(record: &mut Record, source: &Party) {
    recall_copy(record);
    let told = keys_of(source);
    record.brought.retain(|key| told.contains(key));
}

fn addresses_in(value: &Value) -> BTreeSet<Key> {
    match value {
        Value::Phones(points) => {
            points.iter().filter_map(|point| point.key.clone()).map(Key::Phone).collect()
        }
        Value::Emails(points) => {
            points.iter().filter_map(|point| point.key.clone()).map(Key::Email).collect()
        }
        Value::Text(_) | Value::Name(_) | Value::Employers(_) | Value::Manager(_) => BTreeSet::new(),
    }
}
