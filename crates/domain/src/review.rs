//! Reviews: cases that wait for a person.

use serde::{Deserialize, Serialize};

use crate::configured::Misfit;
use crate::party::Field;
use crate::record::{Kind, RecordId};

/// A case for a person. What it concerns is held until it is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// What is in doubt.
    pub kind: ReviewKind,
    /// Contact or company.
    pub party: Kind,
    /// The records concerned, sorted, each once.
    pub records: Vec<RecordId>,
    /// The fields concerned, for a conflict or refused data.
    pub fields: Vec<Field>,
    /// Why a person is asked.
    pub reason: AskReason,
}

/// What is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReviewKind {
    /// Whether records of the two sides are one party.
    Match,
    /// Several records of one party in one catalog.
    Twins,
    /// Two values of a field, none of which the rules prefer.
    Conflict,
    /// Data that a side would not take.
    Refused,
    /// A record that was deleted on one side.
    Deletion,
}

impl ReviewKind {
    /// The word for this kind in JSON and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Twins => "twins",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::Deletion => "deletion",
        }
    }
}

/// Why a person is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskReason {
    /// The names are the same, but no key is common.
    OnlyNameCommon,
    /// A key is common, the names differ in a way that one person's name may.
    NamesDoubtful,
    /// A key is common, and one of the records has no name.
    NameMissing,
    /// A key is common, and a name cannot be read: other letters, digits, a sentence.
    NameIllegible,
    /// The only match is marked for deletion.
    OnlyMatchMarked,
    /// One INN, mailbox or phone, several holders by their numbers, and nothing that tells which of them is meant.
    SeveralHolders,
    /// One INN, and a KPP of a head office here, of a branch there.
    HeadAndBranch,
    /// Records that look like one party carry different tax numbers.
    TaxNumbersContradict,
    /// The records look like one party, and the tax number of one of them is not valid.
    TaxNumberDamaged,
    /// A person decided two of these records apart, and a third looks like both.
    DecidedApart,
    /// Another record of the same party in the same catalog takes part.
    FullerRecordTakesPart,
    /// The mutual id points at another record than the keys do.
    MutualIdContradicts,
    /// Both sides changed the field to different values.
    BothChanged,
    /// The value of a configured field has no place on the other side.
    DoesNotFit(Misfit),
    /// The company this person belongs to waits for a decision, and the person waits with it.
    CompanyUndecided,
    /// The name cannot be read, and there is no phone, mailbox or INN: a copy would tell nobody who it is.
    NothingReadable,
    /// The side refused the data; its own words.
    SideRefused(String),
    /// The side requires a field that is empty; its own words.
    SideRequires(String),
    /// No attempt to write it was taken; what was seen last.
    GivenUp(String),
    /// Writes went out again and again, and none was answered.
    Unanswered,
    /// Something on the side changes these fields back as soon as they are written.
    DoesNotStay,
    /// It was written so often within a day as nobody edits a card: something answers each write with another value.
    RunsAway(u32),
    /// The record was deleted.
    Deleted,
    /// The 1C object was marked for deletion.
    Marked,
}

impl Review {
    /// The question about two linked records of which one was deleted, or marked.
    pub fn of_deletion(bitrix24: RecordId, onec: RecordId, reason: AskReason) -> Self {
        let party = bitrix24.kind;
        let records = vec![bitrix24, onec];
        Self { kind: ReviewKind::Deletion, party, records, fields: Vec::new(), reason }
    }

    /// An id that is the same whenever the same case comes up again.
    pub fn id(&self) -> String {
        use sha2::{Digest as _, Sha256};
        let text = serde_json::to_vec(&(self.kind, self.party, &self.records, &self.fields))
            .expect("a review is plain data and always serialises");
        Sha256::digest(text).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Review {
    /// Whether it is about a write that was refused or given up: it waits alone until it is taken up again.
    pub fn is_dead_letter(&self) -> bool {
        self.kind == ReviewKind::Refused && !self.reason.is_of_planning()
    }

    /// Whether it is a dead letter that is over once the record has changed, was written, or needs no write. What answers
    /// writes of ours changes the record all the time, so a runaway record waits for a person.
    pub fn ends_by_itself(&self) -> bool {
        self.is_dead_letter() && !matches!(self.reason, AskReason::RunsAway(_))
    }
}

impl AskReason {
    /// The class of a failure, in a word for metrics and programs; a question is none.
    pub fn class(&self) -> &'static str {
        match self {
            Self::SideRefused(_) => "refused",
            Self::SideRequires(_) => "required",
            Self::GivenUp(_) => "given-up",
            Self::Unanswered => "unanswered",
            Self::DoesNotStay => "does-not-stay",
            Self::RunsAway(_) => "runs-away",
            _ => "question",
        }
    }

    /// Whether planning refuses by itself for this reason: the case ends when planning does not ask again.
    pub fn is_of_planning(&self) -> bool {
        matches!(self, Self::CompanyUndecided | Self::NothingReadable)
    }
}

impl std::fmt::Display for AskReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OnlyNameCommon => f.write_str("the names are the same, no e-mail, phone or INN is common"),
            Self::NamesDoubtful => f.write_str("a key is common, the names may be of one person or of two"),
            Self::NameMissing => f.write_str("a key is common, one record has no name"),
            Self::NameIllegible => f.write_str("a key is common, one of the names cannot be read"),
            Self::OnlyMatchMarked => f.write_str("the only match is marked for deletion"),
            Self::SeveralHolders => {
                f.write_str("several records hold this INN, mailbox or phone and nothing tells them apart")
            }
            Self::HeadAndBranch => f.write_str("one INN, but the KPP of a head office and that of a branch"),
            Self::TaxNumbersContradict => {
                f.write_str("the records look alike but carry different tax numbers")
            }
            Self::TaxNumberDamaged => {
                f.write_str("the records look alike, but a tax number does not pass its check")
            }
            Self::DecidedApart => {
                f.write_str("two of the records were decided apart, and a third looks like both")
            }
            Self::FullerRecordTakesPart => f.write_str("another record of the same party takes part"),
            Self::MutualIdContradicts => {
                f.write_str("the stored id points at another record than the keys do")
            }
            Self::BothChanged => f.write_str("both sides hold different values"),
            Self::DoesNotFit(misfit) => misfit.fmt(f),
            Self::CompanyUndecided => f.write_str("its company waits for a decision, and it waits along"),
            Self::NothingReadable => {
                f.write_str("the name cannot be read, and there is no phone, e-mail or INN")
            }
            Self::SideRefused(words) => write!(f, "refused: {words}"),
            Self::SideRequires(words) => write!(f, "a required field is empty: {words}"),
            Self::GivenUp(words) => write!(f, "no attempt to write it succeeded: {words}"),
            Self::Unanswered => f.write_str("no attempt to write it was answered"),
            Self::DoesNotStay => f.write_str("what was written is changed back at once"),
            Self::RunsAway(times) => write!(f, "written {times} times within a day"),
            Self::Deleted => f.write_str("the record was deleted"),
            Self::Marked => f.write_str("the object was marked for deletion"),
        }
    }
}
