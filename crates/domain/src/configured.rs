//! Configured fields: what a configuration adds to the fields that every pair keeps equal.
//!
//! A *configured field* has a name of its own, a place on each side, and at will a transform and a table of values. A value is
//! kept as text in the spelling of its [`Sort`], as the side it came from says it. Not responsible for reading values
//! from a side. Invariant: a party holds a value, be it an empty one, exactly for the fields that were read of its
//! record; of a field that was not read nothing is said.

mod misfit;
mod name;
mod sort;
mod transform;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use misfit::{Cause, Misfit};
pub use name::{FieldName, NotAName};
pub use sort::{Choice, Sort};
pub use transform::Transform;

use crate::record::Kind;

/// The field that tells on the card whether the object of 1C is marked for deletion.
pub const DELETION_MARK: &str = "deletion-mark";

/// The field that is the address of a private person.
pub const PRIVATE_ADDRESS: &str = "private-address";

/// Values of configured fields by name. Nothing is allocated where there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConfiguredValues(BTreeMap<FieldName, String>);

impl ConfiguredValues {
    /// The value of a field that was read.
    pub fn get(&self, name: FieldName) -> Option<&str> {
        self.0.get(&name).map(String::as_str)
    }

    /// Puts a value in; an empty text says that the field was read and is empty.
    pub fn set(&mut self, name: FieldName, value: String) {
        self.0.insert(name, value);
    }

    /// Says nothing of a field.
    pub fn forget(&mut self, name: FieldName) {
        self.0.remove(&name);
    }

    /// The fields that were read.
    pub fn names(&self) -> impl Iterator<Item = FieldName> + '_ {
        self.0.keys().copied()
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where one side keeps a configured field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The field.
    pub name: FieldName,
    /// The kind of records that have it.
    pub kind: Kind,
    /// What the side calls it; of several names each table's first.
    pub at: Vec<String>,
    /// Whether records of this kind were said to have it. Else it is enough that those of another kind do.
    pub is_certain: bool,
    /// What people read beside it, where it is a flag that setup makes when it is missing.
    pub label: Option<&'static str>,
}

/// The places of which it is told that they cannot be used, with the reasons. Of a field that records of either kind may have
/// it is enough that one kind has it: `is_placed` says whether any has.
pub fn told<F>(
    faults: &[(Place, F)],
    is_placed: impl Fn(FieldName) -> bool,
) -> impl Iterator<Item = (&Place, &F)> {
    let told = faults.iter().filter(move |(place, _)| place.is_certain || !is_placed(place.name));
    told.map(|(place, fault)| (place, fault))
}

/// What the rules of a pair say of a configured field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfiguredField {
    /// Its name.
    pub name: FieldName,
    /// The kind of records that have it.
    pub kind: Kind,
    /// How a value is changed on its way.
    pub transform: Option<Transform>,
    /// Which value of 1C stands for which of Bitrix24, one to one; empty where values are the same on both sides.
    pub values: Vec<ValuePair>,
}

impl ConfiguredField {
    /// What the table has in Bitrix24 for a value of 1C; the value itself where it has nothing.
    pub fn of_onec(&self, value: &str) -> String {
        let folded = |text: &str| text.trim().to_lowercase();
        let pair = self.values.iter().find(|pair| folded(&pair.onec) == folded(value));
        pair.map_or(value, |pair| &pair.bitrix24).to_owned()
    }
}

/// Two values that stand for one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValuePair {
    /// The value in 1C.
    pub onec: String,
    /// The value in Bitrix24.
    pub bitrix24: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_was_read_and_is_empty_is_not_one_that_was_not_read() {
        let [segment, region] = ["segment", "region"].map(|name| name.parse::<FieldName>().unwrap());
        let mut values = ConfiguredValues::default();
        assert!(values.is_empty());
        values.set(segment, String::new());
        assert_eq!((values.get(segment), values.get(region)), (Some(""), None));
        let text = serde_json::to_string(&values).unwrap();
        assert_eq!(text, r#"{"segment":""}"#);
        assert_eq!(serde_json::from_str::<ConfiguredValues>(&text).unwrap(), values);
        values.forget(segment);
        assert!(values.is_empty());
    }
}
