//! Names of configured fields.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::PRIVATE_ADDRESS;

const LONGEST: usize = 24;

/// A name: up to 24 lower-case Latin letters, digits and hyphens, with a letter at the beginning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldName([u8; LONGEST]);

/// A text is no name of a field.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a field's name is made of up to {LONGEST} lower-case Latin letters, digits and hyphens")]
pub struct NotAName;

impl FieldName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(LONGEST);
        std::str::from_utf8(&self.0[..end]).unwrap_or_default()
    }

    /// Whether the field is the address of a private person.
    pub fn is_private_address(&self) -> bool {
        self.as_str() == PRIVATE_ADDRESS
    }
}

impl FromStr for FieldName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let begins_well = text.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        if !begins_well || text.len() > LONGEST || !text.bytes().all(is_plain) {
            return Err(NotAName);
        }
        let mut name = [0; LONGEST];
        name[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self(name))
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl Serialize for FieldName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for FieldName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_plain_words() {
        for name in ["segment", "a", "delivery-day-2", "abcdefghijklmnopqrstuvwx"] {
            assert_eq!(name.parse::<FieldName>().unwrap().as_str(), name);
        }
        for other in ["", "Segment", "сегмент", "2nd", "-a", "a b", "abcdefghijklmnopqrstuvwxy", "a\0"]
        {
            assert_eq!(other.parse::<FieldName>(), Err(NotAName), "{other}");
        }
    }
}
