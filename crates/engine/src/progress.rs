//! Progress of long work, told to whoever watches.

use jiff::Timestamp;
use obmen_domain::record::RecordId;
use serde::{Deserialize, Serialize};

use crate::ports::WriteSort;

/// A stage of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Reading Bitrix24.
    SweepBitrix24,
    /// Reading 1C.
    SweepOnec,
    /// Deciding.
    Planning,
    /// Asking both sides for the people about to be created.
    LookingUp,
    /// Writing companies.
    Companies,
    /// Writing contacts.
    Contacts,
    /// Waiting for writes without an answer, or for a limit.
    Settling,
    /// Comparing both sides as they were seen.
    Comparing,
}

impl Stage {
    /// The message's name in the locales.
    pub fn code(self) -> &'static str {
        match self {
            Self::SweepBitrix24 => "stage-sweep-bitrix24",
            Self::SweepOnec => "stage-sweep-onec",
            Self::Planning => "stage-planning",
            Self::LookingUp => "stage-looking-up",
            Self::Companies => "stage-companies",
            Self::Contacts => "stage-contacts",
            Self::Settling => "stage-settling",
            Self::Comparing => "stage-comparing",
        }
    }
}

/// A write that had its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrote {
    /// The record that was created or changed.
    pub record: RecordId,
    /// The record of the other side after which it was.
    pub source: Option<RecordId>,
    /// Created or changed.
    pub sort: WriteSort,
    /// Whether nothing was written but the id of the other side.
    pub is_id_alone: bool,
    /// When it was first known that somebody should look; none where the answer was late, so that the row is not known.
    pub since: Option<Timestamp>,
    /// When the effect was known.
    pub at: Timestamp,
}

/// Watches a run.
pub trait Progress: Send + Sync {
    /// A stage begins; `total` where it is known. A stage may begin again with a greater total.
    fn begin(&self, stage: Stage, total: Option<u64>);
    /// So many more are done.
    fn advance(&self, stage: Stage, by: u64);
    /// The stage is over.
    fn finish(&self, stage: Stage);
    /// A write had its effect, and what follows from it is stored.
    fn wrote(&self, _: &Wrote) {}
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&self, _: Stage, _: Option<u64>) {}
    fn advance(&self, _: Stage, _: u64) {}
    fn finish(&self, _: Stage) {}
}
