//! Plans: what is going to be done, as values that print themselves and compare.
//!
//! A plan is decided once; applying it makes no choices. Its digest covers every step, so that a preview and a run
//! on a frozen world show the same one.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::create_rule::Withheld;
use crate::party::{Field, Party, Value};
use crate::record::{Catalog, Digest, Kind, Record, RecordId, Side};
use crate::review::Review;

/// An ordered list of steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps, in the order they are applied.
    pub steps: Vec<Step>,
    /// Records that wait for a company which is not linked yet; nothing is done about them.
    pub waiting: Vec<RecordId>,
    /// Records that the other side lacks and that are not created there, with the reason.
    pub withheld: Vec<(RecordId, Withheld)>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Two records are one party.
    Link {
        /// The Bitrix24 record.
        bitrix24: RecordId,
        /// The 1C record.
        onec: RecordId,
        /// What speaks for it.
        reason: LinkReason,
    },
    /// A record is missing on one side.
    Create(Box<Creation>),
    /// Fields of a linked record change, its mutual id among them.
    Update(Box<Revision>),
    /// A link ends: a person decided that its records are two parties, and what it had brought into them is taken back by
    /// updates before; or one of them is gone, and the link goes on in the record that stands for it.
    Unlink {
        /// The Bitrix24 record.
        bitrix24: RecordId,
        /// The 1C record.
        onec: RecordId,
        /// Fields that were changed since and so keep what the link had brought.
        kept: Vec<Field>,
    },
    /// A record that a run had made goes: out of sight in Bitrix24, marked for deletion in 1C.
    Mark(Box<Record>),
    /// A case for a person.
    Ask(Review),
}

/// A record to be created, and the source it is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creation {
    /// The side that gets the record.
    pub side: Side,
    /// The table it goes to.
    pub catalog: Catalog,
    /// The record it is made from.
    pub source: RecordId,
    /// Its content in the terms of `side`; employers still in the terms of the source, translated through links when
    /// it is written.
    pub party: Party,
    /// A record that was made from the same source, and marked when that was taken back: it takes part again, in place
    /// of a new one.
    pub revives: Option<Record>,
}

impl Creation {
    /// What is shown of it: the fields that are filled, and the company of a further requisite.
    pub fn shown(&self) -> impl Iterator<Item = (Field, Value)> + '_ {
        let fields = self.party.fields().filter_map(|field| Some((field, self.party.value(field)?)));
        let beside = matches!(self.party, Party::Organization(_))
            .then(|| (Field::Company, Value::Employers(self.party.belongs_to().to_vec())));
        fields.chain(beside).filter(|(_, value)| !value.is_empty())
    }
}

/// A record to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The record as last seen: its version is the one the change was planned on.
    pub record: Record,
    /// The fields that change, sorted.
    pub changes: Vec<FieldChange>,
}

/// A field's value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field.
    pub field: Field,
    /// What the record holds.
    pub before: Value,
    /// What it shall hold.
    pub after: Value,
    /// Why.
    pub reason: ChangeReason,
}

/// What speaks for a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkReason {
    /// The records name each other.
    MutualId,
    /// The same INN, and nothing against it.
    Inn,
    /// The same mailbox, and the name agrees.
    Email,
    /// The same phone, and the name agrees.
    Phone,
    /// A person decided.
    Decision,
    /// One was made from the other.
    Copy,
}

/// Why a field changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeReason {
    /// The other side changed it.
    ChangedThere,
    /// It was empty here.
    FillsEmpty,
    /// Sets of both sides unite on the first link.
    Unites,
    /// The fuller spelling of the same name.
    FullerName,
    /// The other side's number is a valid one, this one is not.
    SoundNumber,
    /// The field belongs to the other side.
    OwnedThere,
    /// The rule for conflicts prefers the other side.
    RulePrefers,
    /// Values go one way, and the other side leads.
    Leads,
    /// The other side's id is kept in the record.
    KeepsId,
    /// A link ended, or a run is taken back: the value from before comes back.
    TakenBack,
}

impl Plan {
    /// The SHA-256 of all steps as printed.
    pub fn digest(&self) -> Digest {
        let mut digest = PlanDigest::default();
        self.steps.iter().for_each(|step| digest.add(step));
        digest.finish()
    }

    /// Whether nothing would be done.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// How many steps of each sort there are.
    pub fn counts(&self) -> PlanCounts {
        let (waiting, withheld) = (self.waiting.len(), self.withheld.len());
        let mut counts = PlanCounts { waiting, withheld, ..PlanCounts::default() };
        self.steps.iter().for_each(|step| counts.add(step));
        counts
    }
}

/// The digest of a plan whose steps come one after the other.
#[derive(Debug, Clone, Default)]
pub struct PlanDigest(Sha256);

impl PlanDigest {
    /// Adds the next step.
    pub fn add(&mut self, step: &Step) {
        self.0.update(step.to_string());
        self.0.update(b"\n");
    }

    /// The digest of the steps so far.
    pub fn finish(&self) -> Digest {
        Digest(self.0.clone().finalize().into())
    }
}

/// How many steps of each sort a plan has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanCounts {
    /// Links.
    pub link: usize,
    /// Records to create in Bitrix24.
    pub create_bitrix24: usize,
    /// Records to create in 1C.
    pub create_onec: usize,
    /// Records to change in Bitrix24.
    pub update_bitrix24: usize,
    /// Records to change in 1C.
    pub update_onec: usize,
    /// Links to end.
    pub unlink: usize,
    /// Records that go from Bitrix24.
    pub mark_bitrix24: usize,
    /// Records to mark for deletion in 1C.
    pub mark_onec: usize,
    /// Questions.
    pub ask: usize,
    /// Records that wait for their company.
    pub waiting: usize,
    /// Records that are not created on the other side.
    pub withheld: usize,
}

impl PlanCounts {
    /// Counts a step.
    pub fn add(&mut self, step: &Step) {
        match step {
            Step::Link { .. } => self.link += 1,
            Step::Create(creation) => *self.create_mut(creation.side) += 1,
            Step::Update(revision) => *self.update_mut(revision.record.id.side) += 1,
            Step::Unlink { .. } => self.unlink += 1,
            Step::Mark(record) => *self.mark_mut(record.id.side) += 1,
            Step::Ask(_) => self.ask += 1,
        }
    }

    fn create_mut(&mut self, side: Side) -> &mut usize {
        match side {
            Side::Bitrix24 => &mut self.create_bitrix24,
            Side::Onec => &mut self.create_onec,
        }
    }

    fn update_mut(&mut self, side: Side) -> &mut usize {
        match side {
            Side::Bitrix24 => &mut self.update_bitrix24,
            Side::Onec => &mut self.update_onec,
        }
    }

    fn mark_mut(&mut self, side: Side) -> &mut usize {
        match side {
            Side::Bitrix24 => &mut self.mark_bitrix24,
            Side::Onec => &mut self.mark_onec,
        }
    }
}

impl Step {
    /// The kind of record the step is about.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Link { bitrix24, .. } | Self::Unlink { bitrix24, .. } => bitrix24.kind,
            Self::Create(creation) => creation.source.kind,
            Self::Update(revision) => revision.record.id.kind,
            Self::Mark(record) => record.id.kind,
            Self::Ask(review) => review.party,
        }
    }
}

/// The one printer of steps: a line a step, for the digest, for programs and for tests. People read other words.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link { bitrix24, onec, reason } => write!(f, "link {bitrix24} = {onec} ({reason})"),
            Self::Create(creation) => {
                write!(
                    f,
                    "create {}/{} from {}",
                    creation.side.word(),
                    creation.catalog.word(),
                    creation.source
                )?;
                creation.shown().try_for_each(|(field, value)| write!(f, "; {field}: {value}"))?;
                creation.revives.iter().try_for_each(|record| write!(f, "; revives {}", record.id))
            }
            Self::Update(revision) => {
                write!(f, "update {}", revision.record.id)?;
                revision.changes.iter().try_for_each(|change| write!(f, "; {change}"))
            }
            Self::Unlink { bitrix24, onec, kept } => {
                write!(f, "unlink {bitrix24} = {onec}")?;
                kept.iter().try_for_each(|field| write!(f, " [{field} kept]"))
            }
            Self::Mark(record) => write!(f, "mark {}", record.id),
            Self::Ask(review) => {
                write!(f, "ask {} ({})", review.kind.word(), review.reason)?;
                review.records.iter().try_for_each(|record| write!(f, " {record}"))?;
                review.fields.iter().try_for_each(|field| write!(f, " [{field}]"))
            }
        }
    }
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: «{}» -> «{}» ({})", self.field, self.before, self.after, self.reason)
    }
}

impl fmt::Display for LinkReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MutualId => "they name each other",
            Self::Inn => "same INN",
            Self::Email => "same e-mail, names agree",
            Self::Phone => "same phone, names agree",
            Self::Decision => "decided by a person",
            Self::Copy => "made from it",
        })
    }
}

impl fmt::Display for ChangeReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ChangedThere => "changed on the other side",
            Self::FillsEmpty => "was empty",
            Self::Unites => "both sides' values unite",
            Self::FullerName => "fuller spelling of the same name",
            Self::SoundNumber => "valid there, and not here",
            Self::OwnedThere => "belongs to the other side",
            Self::RulePrefers => "the rule prefers the other side",
            Self::Leads => "the other side leads",
            Self::KeepsId => "keeps the other side's id",
            Self::TakenBack => "taken back",
        })
    }
}
