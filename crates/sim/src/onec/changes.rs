//! What exchange plans registered for their nodes and no message has confirmed.
//!
//! Every write registers, also one that changes nothing and one that came through the interface. Invariant: a change
//! made after its selection is not confirmed with the message that selected it.

use std::collections::BTreeMap;

use uuid::Uuid;

/// Registered changes by node, then by set and reference.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes(BTreeMap<Uuid, BTreeMap<(&'static str, Uuid), Change>>);

#[derive(Debug, Clone)]
struct Change {
    /// The message that selected it last.
    message: Option<i64>,
    /// When the object was deleted, if it was.
    deleted: Option<String>,
}

/// A change in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selected {
    pub(crate) set: &'static str,
    pub(crate) key: Uuid,
    pub(crate) deleted: Option<String>,
}

impl Changes {
    pub(crate) fn register(&mut self, node: Uuid, set: &'static str, key: Uuid, deleted: Option<&str>) {
        let change = Change { message: None, deleted: deleted.map(str::to_owned) };
        self.0.entry(node).or_default().insert((set, key), change);
    }

    /// Everything registered for the node, under the number of this message.
    pub(crate) fn select(&mut self, node: Uuid, message: i64) -> Vec<Selected> {
        let changes = self.0.entry(node).or_default();
        let select = |((set, key), change): (&(&'static str, Uuid), &mut Change)| {
            change.message = Some(message);
            Selected { set, key: *key, deleted: change.deleted.clone() }
        };
        changes.iter_mut().map(select).collect()
    }

    /// Forgets what this message and those before it selected.
    pub(crate) fn confirm(&mut self, node: Uuid, message: i64) {
        if let Some(changes) = self.0.get_mut(&node) {
            changes.retain(|_, change| change.message.is_none_or(|selected| selected > message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_after_its_selection_stays_registered() {
        let (node, one, other) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let mut changes = Changes::default();
        changes.register(node, "Catalog_X", one, None);
        changes.register(node, "Catalog_X", other, None);
        assert_eq!(changes.select(node, 1).len(), 2);
        changes.register(node, "Catalog_X", other, Some("2026-01-01T00:00:00Z"));
        changes.confirm(node, 1);
        let left = changes.select(node, 2);
        assert_eq!(left.iter().map(|change| change.key).collect::<Vec<_>>(), [other]);
        assert!(left[0].deleted.is_some());
    }
}
