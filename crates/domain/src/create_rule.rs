//! What is created on the other side, and why a record is not.
//!
//! A rule is `all`, `none`, or conditions that all have to hold. A condition is about a record's INN or about an
//! *attribute*: a field of the record by the name its own side uses, read because a condition names it. Not responsible
//! for reading attributes. Invariant: a condition about an attribute that records of a table do not have says nothing
//! about them.

mod parse;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

pub use parse::NotARule;

use crate::forms::tax::Inn;
use crate::record::{Kind, Record};

/// Attributes of one record: by name, the values it holds, none where it is empty.
pub type Attributes = BTreeMap<String, BTreeSet<String>>;

/// Attributes that are to be read: by name, the kinds of records that are asked for them.
pub type Wanted = BTreeMap<String, BTreeSet<Kind>>;

/// The attribute that stands for the folder of a record and all folders around it, by their names.
pub const FOLDER: &str = "folder";

/// What is created on the other side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CreateRule {
    /// Everything that takes part.
    #[default]
    All,
    /// Records of which every condition holds.
    Where(Vec<Condition>),
    /// Nothing.
    None,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// The kind of records it is about; both where none is named.
    pub kind: Option<Kind>,
    /// What has to hold.
    pub test: Test,
}

/// What a condition asks of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// It has a valid tax number.
    ValidInn,
    /// An attribute has one of these values.
    AnyOf {
        /// The attribute's name.
        name: String,
        /// The values.
        values: BTreeSet<String>,
    },
    /// An attribute has none of these values.
    NoneOf {
        /// The attribute's name.
        name: String,
        /// The values.
        values: BTreeSet<String>,
    },
}

/// Why a record that the other side lacks is not created there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withheld {
    /// The pair goes one way, and the other side leads.
    OneWay,
    /// Records may be hidden by rights, so nothing is created in this run.
    PartialRights,
    /// Nothing is created on that side.
    Nothing,
    /// This condition does not hold.
    Unmet(String),
    /// The company it belongs to is not created.
    WithItsCompany,
}

impl CreateRule {
    /// The rule for parties with a valid tax number.
    pub fn with_inn() -> Self {
        Self::Where(vec![Condition { kind: None, test: Test::ValidInn }])
    }

    /// Why this record is not created, where it is not.
    pub fn withholds(&self, record: &Record) -> Option<Withheld> {
        match self {
            Self::All => None,
            Self::None => Some(Withheld::Nothing),
            Self::Where(conditions) => conditions
                .iter()
                .find(|condition| !condition.holds(record))
                .map(|condition| Withheld::Unmet(condition.to_string())),
        }
    }

    /// The attributes that conditions name, with the kinds of records they are asked of.
    pub fn attributes(&self) -> Wanted {
        let mut wanted = Wanted::new();
        let Self::Where(conditions) = self else { return wanted };
        for condition in conditions {
            let Some(name) = condition.test.name() else { continue };
            let kinds = Kind::ALL.into_iter().filter(|kind| condition.is_about(*kind));
            wanted.entry(name.to_owned()).or_default().extend(kinds);
        }
        wanted
    }
}

impl Condition {
    fn is_about(&self, kind: Kind) -> bool {
        self.kind.is_none_or(|own| own == kind)
    }

    fn holds(&self, record: &Record) -> bool {
        !self.is_about(record.id.kind) || self.test.holds(record)
    }
}

impl Test {
    /// The attribute it is about.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::ValidInn => None,
            Self::AnyOf { name, .. } | Self::NoneOf { name, .. } => Some(name),
        }
    }

    fn holds(&self, record: &Record) -> bool {
        let has_any = |name: &str, values: &BTreeSet<String>| -> Option<bool> {
            let held = record.attributes.get(name)?;
            let same = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
            // An attribute without a value is compared as an empty text.
            let is_empty = held.is_empty() && values.iter().any(|value| value.trim().is_empty());
            Some(is_empty || held.iter().any(|held| values.iter().any(|value| same(held, value))))
        };
        match self {
            Self::ValidInn => Inn::parse(record.party.inn()).is_some(),
            Self::AnyOf { name, values } => has_any(name, values).unwrap_or(true),
            Self::NoneOf { name, values } => !has_any(name, values).unwrap_or(false),
        }
    }
}

/// As it is written in a configuration.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(kind) = self.kind {
            write!(f, "{}.", kind.word())?;
        }
        let (name, values, [one, many]) = match &self.test {
            Test::ValidInn => return f.write_str(parse::WITH_INN),
            Test::AnyOf { name, values } => (name, values, ["=", "in"]),
            Test::NoneOf { name, values } => (name, values, ["!=", "not in"]),
        };
        let quoted: Vec<String> = values.iter().map(|value| parse::quoted(value)).collect();
        match quoted.as_slice() {
            [only] => write!(f, "{name} {one} {only}"),
            _ => write!(f, "{name} {many} [{}]", quoted.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests;
