//! What a record keeps for its own adapter: ids of multi-field rows and of the requisite.
//!
//! Not responsible for meaning; nobody outside reads it. Invariant: it describes the rows that the record's version
//! describes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wire::{member, rows};

/// The adapter's part of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Native {
    /// Rows of `PHONE`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) phones: Vec<NativeRow>,
    /// Rows of `EMAIL`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) emails: Vec<NativeRow>,
    /// The requisite that holds tax numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) requisite: Option<NativeRequisite>,
    /// Where the address of a person stands, or would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) home: Option<NativeHome>,
    /// What the user field with a tax number holds.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) inn: String,
    /// The 1C reference this record was made from by an exchange, ours or another.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) origin: String,
}

/// A row of a multi-field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NativeRow {
    pub(crate) id: String,
    pub(crate) value: String,
    pub(crate) value_type: String,
}

/// A requisite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NativeRequisite {
    pub(crate) id: String,
    /// Whether its registration number stands in `RQ_OGRNIP`.
    #[serde(default)]
    pub(crate) entrepreneur: bool,
    /// Whether it has a legal address, be it an empty one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) has_address: bool,
    /// Whether it stands beside others and its external key is for us to write: it is empty, or the company's reference.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) takes_mark: bool,
}

/// The requisite that has the address of a person, or gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NativeHome {
    pub(crate) requisite: String,
    /// Whether it has such an address, be it an empty one.
    pub(crate) has_address: bool,
}

impl Native {
    /// What an earlier read wrote; nothing where it cannot be read.
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).expect("plain texts always serialise")
    }
}

/// The rows of a multi-field in the order of their ids: the first is the main one.
pub(crate) fn multi_rows(row: &Value, field: &str) -> Vec<NativeRow> {
    let mut found: Vec<NativeRow> = row
        .get(field)
        .map(rows)
        .unwrap_or_default()
        .into_iter()
        .map(|row| NativeRow {
            id: member(row, "ID"),
            value: member(row, "VALUE"),
            value_type: member(row, "VALUE_TYPE").to_uppercase(),
        })
        .filter(|row| !row.value.is_empty())
        .collect();
    found.sort_by_key(|row| row.id.parse::<u64>().unwrap_or(u64::MAX));
    found
}
