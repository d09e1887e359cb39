//! What an undo leaves as it is, and why.
//!
//! Not responsible for finding it out.

use serde::{Deserialize, Serialize};

use crate::party::Field;
use crate::record::RecordId;

/// Something that a run had brought and that is not taken back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stay {
    /// The record that stays, or keeps a value.
    pub record: RecordId,
    /// The fields that keep what the run had brought; none where the record as a whole stays.
    pub fields: Vec<Field>,
    /// Why.
    pub reason: StayReason,
}

/// Why it stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StayReason {
    /// Somebody changed it since.
    Changed,
    /// A later run wrote it, or the record it was made from.
    WrittenSince,
    /// It is linked with another record by now.
    LinkedOtherwise,
    /// A person decided about it: a decision is taken back by another one.
    Decided,
    /// Business of the side's own stands on it.
    Tied(Tie),
    /// Its side did not take the write.
    Refused,
    /// No attempt to write it succeeded.
    Failed,
    /// The journal does not say what the run had left there.
    Untold,
}

/// Business of a side's own that stands on a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tie {
    /// A deal.
    Deal,
    /// A call, a letter, a task and the like.
    Activity,
    /// A contract.
    Contract,
    /// A document.
    Document,
    /// Somebody who stays belongs to it.
    People,
}

impl StayReason {
    /// The word for this reason in documents, and in the names of messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::WrittenSince => "written-since",
            Self::LinkedOtherwise => "linked-otherwise",
            Self::Decided => "decided",
            Self::Tied(Tie::Deal) => "deal",
            Self::Tied(Tie::Activity) => "activity",
            Self::Tied(Tie::Contract) => "contract",
            Self::Tied(Tie::Document) => "document",
            Self::Tied(Tie::People) => "people",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Untold => "untold",
        }
    }

    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::Changed,
        Self::WrittenSince,
        Self::LinkedOtherwise,
        Self::Decided,
        Self::Tied(Tie::Deal),
        Self::Tied(Tie::Activity),
        Self::Tied(Tie::Contract),
        Self::Tied(Tie::Document),
        Self::Tied(Tie::People),
        Self::Refused,
        Self::Failed,
        Self::Untold,
    ];
}
