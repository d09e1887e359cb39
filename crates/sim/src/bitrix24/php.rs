//! Values as the portal's PHP sees them: scalars and one kind of ordered map.
//!
//! Both directions pass through here, so that the encoding quirks live in one place: an empty map is written
//! `[]`, a map with the keys 0..n-1 a list, and the order of a request's keys is kept. Not responsible for the
//! meaning of any parameter.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// A key of a map. Field names known at build time are borrowed, everything else is owned.
pub(crate) type Key = Cow<'static, str>;

/// A PHP value.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Php {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Map(Vec<(Key, Php)>),
}

impl Php {
    pub(crate) fn text(value: impl Into<String>) -> Self {
        Self::Text(value.into())
    }

    /// An array with the keys 0..n-1.
    pub(crate) fn list(values: impl IntoIterator<Item = Php>) -> Self {
        Self::Map(values.into_iter().enumerate().map(|(i, v)| (index_key(i), v)).collect())
    }

    /// An array with these keys in this order.
    pub(crate) fn map<K: Into<Key>>(entries: impl IntoIterator<Item = (K, Php)>) -> Self {
        Self::Map(entries.into_iter().map(|(k, v)| (k.into(), v)).collect())
    }

    pub(crate) fn empty() -> Self {
        Self::Map(Vec::new())
    }

    pub(crate) fn entries(&self) -> &[(Key, Php)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self, Self::Map(_))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Php> {
        self.entries().iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// Looks a parameter up as classic methods do, without regard to letter case.
    pub(crate) fn param(&self, key: &str) -> Option<&Php> {
        self.get(key)
            .or_else(|| self.entries().iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v))
    }

    pub(crate) fn set(&mut self, key: impl Into<Key>, value: Php) {
        if !self.is_map() {
            *self = Self::empty();
        }
        let Self::Map(entries) = self else { return };
        let key = key.into();
        match entries.iter_mut().find(|(k, _)| *k == key) {
            Some((_, slot)) => *slot = value,
            None => entries.push((key, value)),
        }
    }

    /// The cast to string; `None` for an array, which has no sensible one.
    pub(crate) fn as_text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Null | Self::Bool(false) => Cow::Borrowed(""),
            Self::Bool(true) => Cow::Borrowed("1"),
            Self::Int(value) => Cow::Owned(value.to_string()),
            Self::Float(value) => Cow::Owned(value.to_string()),
            Self::Text(value) => Cow::Borrowed(value),
            Self::Map(_) => return None,
        })
    }

    /// The cast to integer: leading digits count, everything else is zero, a filled array is one.
    pub(crate) fn as_int(&self) -> i64 {
        match self {
            Self::Int(value) => *value,
            Self::Float(value) => *value as i64,
            Self::Map(entries) => i64::from(!entries.is_empty()),
            other => leading_integer(&other.as_text().unwrap_or_default()),
        }
    }

    /// The cast to bool: only `""`, `"0"`, zero, null and the empty array are false.
    pub(crate) fn truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(value) => !value.is_empty() && value != "0",
            Self::Map(entries) => !entries.is_empty(),
        }
    }

    /// Whether JSON shows this map as a list.
    fn is_list(entries: &[(Key, Php)]) -> bool {
        entries.iter().enumerate().all(|(i, (key, _))| is_index(key, i))
    }
}

/// The integer at the beginning of a text, as PHP casts it.
pub(crate) fn leading_integer(text: &str) -> i64 {
    let text = text.trim_start();
    let sign = usize::from(text.starts_with(['-', '+']));
    let digits = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
    text[..sign + digits].parse().unwrap_or(0)
}

/// The keys of lists that are no longer than a page.
static INDEXES: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..50_usize).map(|index| index.to_string()).collect());

fn index_key(index: usize) -> Key {
    INDEXES.get(index).map_or_else(|| Key::Owned(index.to_string()), |key| Key::Borrowed(key))
}

fn is_index(key: &str, index: usize) -> bool {
    match (key.as_bytes(), index) {
        ([digit], 0..=9) => usize::from(digit.wrapping_sub(b'0')) == index,
        _ => key.parse() == Ok(index) && !key.starts_with(['0', '+']),
    }
}

impl Serialize for Php {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            // PHP writes whole floats without a fraction.
            Self::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => {
                serializer.serialize_i64(*value as i64)
            }
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Map(entries) if Self::is_list(entries) => {
                let mut list = serializer.serialize_seq(Some(entries.len()))?;
                for (_, value) in entries {
                    list.serialize_element(value)?;
                }
                list.end()
            }
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Php {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PhpVisitor)
    }
}

struct PhpVisitor;

impl<'de> Visitor<'de> for PhpVisitor {
    type Value = Php;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Php, E> {
        Ok(Php::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Php, E> {
        Ok(Php::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Php, E> {
        Ok(Php::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Php, E> {
        Ok(i64::try_from(value).map_or(Php::Float(value as f64), Php::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Php, E> {
        Ok(Php::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Php, E> {
        Ok(Php::text(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Php, E> {
        Ok(Php::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Php, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element()? {
            values.push(value);
        }
        Ok(Php::list(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Php, A::Error> {
        let mut map = Php::empty();
        while let Some((key, value)) = access.next_entry::<String, Php>()? {
            map.set(key, value);
        }
        Ok(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_written_the_way_php_writes_them() {
        let table = [
            (Php::empty(), "[]"),
            (Php::map([("0", Php::Int(1)), ("1", Php::Int(2))]), "[1,2]"),
            (Php::map([("1", Php::Int(1)), ("0", Php::Int(2))]), r#"{"1":1,"0":2}"#),
            (Php::map([("c0", Php::Null)]), r#"{"c0":null}"#),
            (Php::map([("00", Php::Null)]), r#"{"00":null}"#),
            (Php::Float(2.0), "2"),
            (Php::Float(0.25), "0.25"),
        ];
        for (value, expected) in table {
            assert_eq!(serde_json::to_string(&value).unwrap(), expected);
        }
    }

    #[test]
    fn keys_of_a_json_object_keep_their_order() {
        let value: Php = serde_json::from_str(r#"{"c10":1,"c2":2,"c1":[true,null]}"#).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"c10":1,"c2":2,"c1":[true,null]}"#);
    }
}
