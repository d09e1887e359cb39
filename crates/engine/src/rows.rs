//! The dirty rows that a plan answers, as far as all of it has to know them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use obmen_domain::record::RecordId;
use serde::{Deserialize, Serialize};

use crate::id_set::IdSet;

/// What is remembered of a dirty row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) generation: i64,
    pub(crate) attempts: u32,
    pub(crate) since: Timestamp,
}

/// The rows of a round: which records have one, and how often those were tried that were tried before.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    ids: IdSet,
    tried: BTreeMap<RecordId, u32>,
}

impl Rows {
    pub(crate) fn insert(&mut self, id: &RecordId, row: Row) {
        self.ids.insert(id);
        if row.attempts > 0 {
            self.tried.insert(id.clone(), row.attempts);
        }
    }

    /// Whether this round answers a row of the record.
    pub(crate) fn contains(&self, id: &RecordId) -> bool {
        self.ids.contains(id)
    }

    /// How often a write of the record has failed.
    pub(crate) fn attempts(&self, id: &RecordId) -> u32 {
        self.tried.get(id).copied().unwrap_or(0)
    }
}
