//! Values in a journal: what entries come to in the end, field by field.

use std::collections::BTreeMap;

use obmen_domain::party::{Field, Party, Value};

use crate::store::{Entry, Event};

/// What entries changed: each field with its value before the first and after the last of them. A write without an
/// answer counts, since it may have had its effect; what a write replaced unseen is what stood there before.
pub(super) fn net<'a>(entries: impl Iterator<Item = &'a Entry>) -> BTreeMap<Field, (Value, Value)> {
    let mut net: BTreeMap<Field, (Value, Value)> = BTreeMap::new();
    let mut fresh: Vec<Field> = Vec::new();
    for entry in entries {
        match &entry.event {
            Event::Updated { changes } | Event::Unanswered { changes } => {
                fresh.clear();
                for change in changes {
                    if !net.contains_key(&change.field) {
                        fresh.push(change.field);
                    }
                    net.entry(change.field)
                        .and_modify(|(_, after)| *after = change.after.clone())
                        .or_insert_with(|| (change.before.clone(), change.after.clone()));
                }
            }
            Event::Overwrote { party } => {
                for field in fresh.drain(..) {
                    let replaced = party.value(field);
                    if let (Some((before, _)), Some(replaced)) = (net.get_mut(&field), replaced) {
                        *before = replaced;
                    }
                }
            }
            _ => {}
        }
    }
    net
}

/// What the run left of a record that it had made; none where the journal does not tell.
pub(super) fn expected<'a>(entries: impl Iterator<Item = &'a Entry>) -> Option<Party> {
    let mut left: Option<Party> = None;
    for entry in entries {
        match (&entry.event, &mut left) {
            (Event::Created { party, .. }, _) => left = party.as_deref().cloned(),
            (Event::Updated { changes }, Some(left)) => {
                for change in changes {
                    left.set(change.field, change.after.clone());
                }
            }
            _ => {}
        }
    }
    left
}

/// What two values of a set have in common; of other values the second.
pub(super) fn common(a: &Value, b: Value) -> Value {
    match (a, b) {
        (Value::Phones(a), Value::Phones(b)) => {
            Value::Phones(b.into_iter().filter(|one| a.contains(one)).collect())
        }
        (Value::Emails(a), Value::Emails(b)) => {
            Value::Emails(b.into_iter().filter(|one| a.contains(one)).collect())
        }
        (Value::Employers(a), Value::Employers(b)) => {
            Value::Employers(b.into_iter().filter(|one| a.contains(one)).collect())
        }
        (_, b) => b,
    }
}
