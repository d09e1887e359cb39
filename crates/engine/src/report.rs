//! What a run did, in figures.

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
        self.failed += tally.failed;
        self.touched += tally.pairs;
    }
}

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) linked: u64,
    pub(crate) created_bitrix24: u64,
    pub(crate) created_onec: u64,
    pub(crate) updated_bitrix24: u64,
    pub(crate) updated_onec: u64,
    pub(crate) failed: u64,
    /// Linked pairs that were written to.
    pub(crate) pairs: u64,
}
