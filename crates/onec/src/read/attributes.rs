//! What conditions ask of an object: attributes by the names a configuration file uses.
//!
//! Not responsible for the conditions. Invariant: an attribute that neither the object's catalog nor its partner's has is
//! absent, one without a value is there and empty.

use std::collections::BTreeSet;

use obmen_domain::create_rule::{Attributes, FOLDER};
use serde_json::Value;
use uuid::Uuid;

use super::{Reading, part};
use crate::facts::Table;
use crate::odata::Object;
use crate::wire::guid;

/// The attributes of an object and of its part; where both have one, the object's.
pub(super) fn read(reading: Reading<'_>, table: &Table, object: &Object) -> Attributes {
    let mut attributes =
        part(reading, table, object).map_or_else(Attributes::new, |(table, part)| own(reading, table, part));
    attributes.extend(own(reading, table, object));
    attributes
}

fn own(reading: Reading<'_>, table: &Table, object: &Object) -> Attributes {
    let read = |(name, property): (&String, &String)| {
        let values =
            if name == FOLDER { folders(reading, guid(object, property)) } else { value(object, property) };
        (name.clone(), values)
    };
    table.attributes.iter().map(read).collect()
}

fn value(object: &Object, property: &str) -> BTreeSet<String> {
    let text = match object.get(property) {
        Some(Value::String(text)) if Uuid::try_parse(text).is_ok_and(|key| key.is_nil()) => String::new(),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    Some(text).filter(|text| !text.is_empty()).into_iter().collect()
}

/// The names of a folder and of those around it.
fn folders(reading: Reading<'_>, start: Option<Uuid>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut passed = BTreeSet::new();
    let mut next = start.filter(|folder| passed.insert(*folder));
    while let Some((name, around)) = next.and_then(|folder| reading.facts.folders.get(&folder)) {
        names.insert(name.clone());
        next = around.filter(|folder| passed.insert(*folder));
    }
    names
}
