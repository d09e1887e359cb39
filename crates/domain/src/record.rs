//! Records: an entity as one side holds it, and what identifies it there.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::create_rule::Attributes;
use crate::key::Key;
use crate::party::{Field, Party};

/// One of the two systems of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The Bitrix24 portal; the left side of every merge.
    Bitrix24,
    /// The 1C infobase; the right side of every merge.
    Onec,
}

impl Side {
    /// The opposite side.
    pub fn other(self) -> Self {
        match self {
            Self::Bitrix24 => Self::Onec,
            Self::Onec => Self::Bitrix24,
        }
    }

    /// The word for this side in configuration, JSON and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bitrix24 => "bitrix24",
            Self::Onec => "onec",
        }
    }
}

/// What kind of party a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Organizations; they come first, since people belong to them.
    Company,
    /// Natural persons.
    Contact,
}

impl Kind {
    /// Both kinds, in the order they are synchronised.
    pub const ALL: [Self; 2] = [Self::Company, Self::Contact];

    /// The word for this kind in JSON and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Contact => "contact",
        }
    }
}

/// A record's identity: its side, its kind and the id it has there (a number, or a lower-case `Ref_Key`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RecordId {
    /// The system that holds it.
    pub side: Side,
    /// Contact or company.
    pub kind: Kind,
    /// The id on that side.
    pub id: String,
}

impl RecordId {
    /// The id of a Bitrix24 contact or company.
    pub fn bitrix24(kind: Kind, id: impl Into<String>) -> Self {
        Self { side: Side::Bitrix24, kind, id: id.into() }
    }

    /// The id of a 1C object; the reference is taken in lower case.
    pub fn onec(kind: Kind, id: &str) -> Self {
        Self { side: Side::Onec, kind, id: id.to_ascii_lowercase() }
    }

    /// The id as the other side's field keeps it: `contact:12`, or the bare `Ref_Key`.
    pub fn mutual(&self) -> String {
        match self.side {
            Side::Bitrix24 => format!("{}:{}", self.kind.word(), self.id),
            Side::Onec => self.id.clone(),
        }
    }
}

/// Companies before contacts, Bitrix24 before 1C, numbers by value.
impl Ord for RecordId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let number = |id: &Self| id.id.parse::<u64>().unwrap_or(u64::MAX);
        (self.kind, self.side, number(self), &self.id).cmp(&(
            other.kind,
            other.side,
            number(other),
            &other.id,
        ))
    }
}

impl PartialOrd for RecordId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.side.word(), self.kind.word(), self.id)
    }
}

/// The table a record stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Catalog {
    /// A contact or a company of the portal.
    Bitrix24,
    /// `Контрагенты`: the main catalog of 1C.
    Counterparty,
    /// `КонтактныеЛица`, `КонтактныеЛицаПартнеров`: people of counterparties.
    ContactPerson,
    /// `ФизическиеЛица`: matched and linked where configured, never created from or into by default.
    Individual,
}

impl Catalog {
    /// The word for this catalog in configuration and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bitrix24 => "bitrix24",
            Self::Counterparty => "counterparty",
            Self::ContactPerson => "contact-person",
            Self::Individual => "individual",
        }
    }
}

/// Whether a record takes part in the exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Matched, linked, copied.
    TakesPart,
    /// Marked for deletion: known to matching, never linked or copied.
    Marked,
    /// Left out; nothing about it is matched.
    Out(Exclusion),
}

/// Why a record is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exclusion {
    /// A folder of a hierarchical catalog.
    Folder,
    /// A predefined item such as «Розничный покупатель».
    Predefined,
    /// One of our own legal entities (`IS_MY_COMPANY`, the partner «Наше предприятие»).
    OwnCompany,
    /// A contact person that does not belong to a counterparty.
    NotOfCounterparty,
    /// A party that somebody declared no longer valid.
    Inactive,
    /// Neither a name nor a key.
    Empty,
    /// Its catalog does not take part by configuration.
    CatalogNotChosen,
    /// A requisite that its company's own record speaks for.
    PartOfCompany,
}

/// An entity as one side holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its identity.
    pub id: RecordId,
    /// The table it stands in.
    pub catalog: Catalog,
    /// The side's own version mark (`DATE_MODIFY`, `DataVersion`); compared for equality only.
    pub version: String,
    /// What it says, in neutral form.
    pub party: Party,
    /// Whether it takes part.
    pub standing: Standing,
    /// The other side's id as this record's own field keeps it, empty where it keeps none.
    pub mutual_id: String,
    /// When the side says it changed, where it says so; used by the rule `newest` alone.
    pub changed_at: Option<Timestamp>,
    /// Row ids and the like that the side's adapter needs to write it; nobody else reads it.
    pub native: String,
    /// Fields that records of its catalog can hold, and this one cannot.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lacks: BTreeSet<Field>,
    /// What conditions ask about, see [`crate::create_rule`].
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// Keys that it holds only because its link brought them from the other side, see [`crate::brought`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub brought: BTreeSet<Key>,
}

impl Record {
    /// A fingerprint of the content that obmen keeps equal, or asks about: a moved version with the same digest is no
    /// change.
    pub fn digest(&self) -> Digest {
        let Self { party, standing, mutual_id, catalog, attributes, .. } = self;
        let content = serde_json::to_vec(&(party, standing, mutual_id, catalog, attributes))
            .expect("a record is plain data and always serialises");
        Digest(Sha256::digest(content).into())
    }
}

impl Record {
    /// The record of the other side that this one's stored id names, where it names one of this kind.
    pub fn names(&self, kind: Kind) -> Option<RecordId> {
        let text = self.mutual_id.trim();
        if text.is_empty() {
            return None;
        }
        match self.id.side {
            Side::Bitrix24 => Some(RecordId::onec(kind, text)),
            Side::Onec => {
                let id = text.strip_prefix(kind.word()).map_or(text, |rest| rest.trim_start_matches(':'));
                // A further requisite of a company has a letter before its number.
                let (letter, number) = match id.strip_prefix('r').filter(|_| kind == Kind::Company) {
                    Some(number) => ("r", number),
                    None => ("", id),
                };
                let number = number.parse::<u64>().ok()?;
                Some(RecordId::bitrix24(kind, format!("{letter}{number}")))
            }
        }
    }
}

/// A SHA-256 fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({self})")
    }
}
