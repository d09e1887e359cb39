//! Objects and the values of their properties, kept small: a base holds half a million of them.
//!
//! They are what JSON can say, and come from it and go to it.

use std::fmt;

use compact_str::CompactString;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Number, Value as Json};

use crate::compact::{ByName, Names};

/// The value of a property.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    String(CompactString),
    Array(Box<[Value]>),
    Object(Object),
}

/// The properties of one object, or of one row of its tabular section.
pub(crate) type Object = ByName<Value>;

impl Value {
    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    pub(crate) fn as_number(&self) -> Option<&Number> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    pub(crate) fn as_array(&self) -> Option<&[Value]> {
        if let Self::Array(values) = self { Some(values) } else { None }
    }

    pub(crate) fn as_array_mut(&mut self) -> Option<&mut [Value]> {
        if let Self::Array(values) = self { Some(values) } else { None }
    }

    /// A member of an object.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.as_object()?.get(name)
    }

    pub(crate) fn as_object(&self) -> Option<&Object> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    pub(crate) fn as_object_mut(&mut self) -> Option<&mut Object> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    fn share_names(&mut self, names: &mut Names) {
        match self {
            Self::Array(values) => values.iter_mut().for_each(|value| value.share_names(names)),
            Self::Object(object) => object.share_names(names),
            _ => {}
        }
    }
}

impl Object {
    /// Takes the names from those that other objects have already.
    pub(crate) fn share_names(&mut self, names: &mut Names) {
        for (name, value) in self.iter_mut() {
            names.share(name);
            value.share_names(names);
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<CompactString> for Value {
    fn from(text: CompactString) -> Self {
        Self::String(text)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<Vec<Value>> for Value {
    fn from(values: Vec<Value>) -> Self {
        Self::Array(values.into_boxed_slice())
    }
}

impl From<&Json> for Value {
    fn from(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Number(number.clone()),
            Json::String(text) => text.as_str().into(),
            Json::Array(values) => Self::Array(values.iter().map(Self::from).collect()),
            Json::Object(members) => Self::Object(members.into()),
        }
    }
}

impl From<&Map<String, Json>> for Object {
    fn from(members: &Map<String, Json>) -> Self {
        members.iter().map(|(name, value)| (name.as_str(), value)).collect()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(values) => serializer.collect_seq(values),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name.as_str(), value)?;
        }
        map.end()
    }
}

/// As JSON.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_takes_from_json_and_gives_back_what_it_took() {
        let json =
            serde_json::json!({"б": [{"г": null, "в": 1.5}], "а": "текст", "д": {"Types": []}, "е": false});
        let mut object = Object::from(json.as_object().unwrap());
        object.share_names(&mut Names::default());
        assert_eq!(serde_json::to_value(&object).unwrap(), json);
        assert_eq!(object.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["а", "б", "д", "е"]);
    }

    #[test]
    fn a_value_is_no_larger_than_a_text() {
        assert_eq!(size_of::<Value>(), size_of::<CompactString>());
    }
}
