//! What a run did, in figures.

use std::collections::BTreeMap;

use obmen_domain::stay::Stay;
use serde::Serialize;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The run's name, under which the journal keeps its writes.
    pub run: String,
    /// The digest of the plan that was applied, in hexadecimal.
    pub plan_digest: String,
    /// How long it took.
    pub seconds: f64,
    /// Pairs linked, made copies not counted.
    pub linked: u64,
    /// Records created in Bitrix24.
    pub created_bitrix24: u64,
    /// Records created in 1C.
    pub created_onec: u64,
    /// Bitrix24 records changed (ids written back included).
    pub updated_bitrix24: u64,
    /// 1C objects changed (ids written back included).
    pub updated_onec: u64,
    /// Linked pairs that nothing was written to.
    pub unchanged: u64,
    /// Linked pairs that were written to, counted once a round.
    #[serde(skip)]
    pub(crate) touched: u64,
    /// Open reviews.
    pub reviews: u64,
    /// Writes that were refused or given up.
    pub failed: u64,
    /// The same by their class.
    #[serde(skip)]
    pub failures: BTreeMap<&'static str, u64>,
    /// Contacts that wait for their company.
    pub waiting: u64,
    /// Requests sent to the portal.
    pub requests_bitrix24: u64,
    /// Requests sent to 1C.
    pub requests_onec: u64,
}

impl Report {
    pub(crate) fn add(&mut self, tally: &Tally) {
        self.linked += tally.linked;
        self.created_bitrix24 += tally.created_bitrix24;
        self.created_onec += tally.created_onec;
        self.updated_bitrix24 += tally.updated_bitrix24;
        self.updated_onec += tally.updated_onec;
        for (class, count) in &tally.failures {
            self.failed += count;
            *self.failures.entry(class).or_default() += count;
        }
        self.touched += tally.pairs;
    }
}

/// What an undo did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UndoReport {
    /// The name under which the journal keeps its writes.
    pub run: String,
    /// The run that was taken back.
    pub undone: String,
    /// The digest of the plan that was applied first, in hexadecimal.
    pub plan_digest: String,
    /// How long it took.
    pub seconds: f64,
    /// Links that ended.
    pub unlinked: u64,
    /// Bitrix24 records that got values back.
    pub updated_bitrix24: u64,
    /// 1C objects that got values back.
    pub updated_onec: u64,
    /// Records that went into the recycle bin of Bitrix24.
    pub marked_bitrix24: u64,
    /// 1C objects that were marked for deletion.
    pub marked_onec: u64,
    /// What stays, sorted.
    pub stays: Vec<Stay>,
}

impl UndoReport {
    pub(crate) fn add(&mut self, tally: &Tally) {
        self.unlinked += tally.unlinked + tally.marked_bitrix24 + tally.marked_onec;
        self.updated_bitrix24 += tally.updated_bitrix24;
        self.updated_onec += tally.updated_onec;
        self.marked_bitrix24 += tally.marked_bitrix24;
        self.marked_onec += tally.marked_onec;
    }

    /// How many writes took effect.
    pub(crate) fn writes(&self) -> u64 {
        self.unlinked + self.updated_bitrix24 + self.updated_onec + self.marked_bitrix24 + self.marked_onec
    }
}

/// What one round did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) linked: u64,
    pub(crate) created_bitrix24: u64,
    pub(crate) created_onec: u64,
    pub(crate) updated_bitrix24: u64,
    pub(crate) updated_onec: u64,
    /// Writes that were refused or given up, by their class.
    pub(crate) failures: BTreeMap<&'static str, u64>,
    pub(crate) unlinked: u64,
    pub(crate) marked_bitrix24: u64,
    pub(crate) marked_onec: u64,
    /// Linked pairs that were written to.
    pub(crate) pairs: u64,
}
