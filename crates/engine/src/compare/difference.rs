//! Differences between both sides, and what explains each of them.

use std::fmt;

use obmen_domain::create_rule::Withheld;
use obmen_domain::party::{Field, Value};
use obmen_domain::record::{RecordId, Side};
use obmen_domain::review::ReviewKind;
use obmen_domain::ruling::Ruling;

/// Something that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What is not the same.
    pub what: What,
    /// Why that is so.
    pub why: Why,
}

/// What is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A field of two linked records.
    Field {
        /// The Bitrix24 record.
        bitrix24: RecordId,
        /// The 1C record.
        onec: RecordId,
        /// The field.
        field: Field,
        /// What Bitrix24 holds.
        left: Value,
        /// What 1C holds.
        right: Value,
    },
    /// Of two linked records one is gone.
    Gone {
        /// The one that is gone.
        gone: RecordId,
        /// The one that is left.
        left: RecordId,
    },
    /// A record that takes part has no counterpart.
    Alone(RecordId),
    /// A record names one as its counterpart that is linked with another record of the same catalog: so does one that was
    /// created twice.
    Twin {
        /// The record without a link.
        record: RecordId,
        /// The record that is linked in its place.
        linked: RecordId,
    },
}

/// What explains a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// A person is asked.
    Review {
        /// The review's id.
        id: String,
        /// What is in doubt.
        kind: ReviewKind,
    },
    /// A write was refused or given up, and waits to be taken up again.
    Failed {
        /// The review's id.
        id: String,
    },
    /// A record is to be looked at: it is on its way.
    Due,
    /// A write was sent, and its outcome is not settled.
    Unsettled,
    /// A person waits for its company.
    WaitsForCompany,
    /// A person decided so.
    Decided(Ruling),
    /// Values go one way, and this side leads.
    Leads(Side),
    /// The rules keep the record back.
    Withheld(Withheld),
    /// By the rules nobody is asked about deletions.
    DeletionIgnored,
    /// A further object of a party whose main record is linked.
    Facet(RecordId),
    /// It has no name of its own, so a copy would tell nobody who it is.
    Nameless,
    /// Individuals of 1C are never copied.
    Individual,
    /// Nothing.
    Unexplained,
}

impl Why {
    /// The word for it in JSON and counts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Review { .. } => "review",
            Self::Failed { .. } => "failed",
            Self::Due => "due",
            Self::Unsettled => "unsettled",
            Self::WaitsForCompany => "waits-for-company",
            Self::Decided(_) => "decided",
            Self::Leads(_) => "leads",
            Self::Withheld(_) => "withheld",
            Self::DeletionIgnored => "deletion-ignored",
            Self::Facet(_) => "facet",
            Self::Nameless => "nameless",
            Self::Individual => "individual",
            Self::Unexplained => "unexplained",
        }
    }

    /// All words, the one for what nothing explains first.
    pub const WORDS: [&'static str; 13] = [
        "unexplained",
        "failed",
        "review",
        "due",
        "unsettled",
        "waits-for-company",
        "decided",
        "leads",
        "withheld",
        "deletion-ignored",
        "facet",
        "nameless",
        "individual",
    ];
}

impl What {
    /// The word for it in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Field { .. } => "field",
            Self::Gone { .. } => "gone",
            Self::Alone(_) => "alone",
            Self::Twin { .. } => "twin",
        }
    }

    /// The records that it is about.
    pub fn records(&self) -> Vec<&RecordId> {
        match self {
            Self::Field { bitrix24, onec, .. } => vec![bitrix24, onec],
            Self::Gone { gone, left } => vec![gone, left],
            Self::Alone(record) => vec![record],
            Self::Twin { record, linked } => vec![record, linked],
        }
    }
}

/// Without values: for digests and tests.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Field { bitrix24, onec, field, .. } => write!(f, "{bitrix24} = {onec}; {field}")?,
            What::Gone { gone, left } => write!(f, "{gone} gone, {left}")?,
            What::Alone(record) => write!(f, "{record} alone")?,
            What::Twin { record, linked } => write!(f, "{record} twin of {linked}")?,
        }
        write!(f, ": {}", self.why.word())
    }
}
