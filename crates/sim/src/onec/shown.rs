//! The base's objects as a person's list shows them.
//!
//! A view of the data and no part of the interface: it starts no session and has no rights. Not responsible for changing
//! anything.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::handlers::CONTACT_INFORMATION;
use super::objects::{Base, Object, flag, text};
use super::schema::{EntitySet, Kind, Nature};
use super::value::Value;
use crate::needle::Needle;
use crate::world::RecordQuery;

const PHONE: &str = "Телефон";
const EMAIL: &str = "АдресЭлектроннойПочты";
/// Texts that a base keeps itself.
const OWN: [&str; 2] = ["DataVersion", "PredefinedDataName"];

/// Sets of objects and their sizes, and the wanted rows of one.
pub(crate) fn records(base: &Base, wanted: &RecordQuery) -> Result<Json, String> {
    let sets = base.configuration.sets.iter().filter(|set| set.nature == Nature::Objects);
    let size = |set: &EntitySet| base.table(set.name).map_or(0, |table| table.len());
    let sets: Vec<Json> = sets.map(|set| json!({ "set": set.name, "total": size(set) })).collect();
    let known = || format!("there is no set of objects {:?}", wanted.set);
    let set = base.configuration.set(&wanted.set).filter(|set| set.nature == Nature::Objects);
    let set = set.ok_or_else(known)?;
    let table = base.table(set.name).ok_or_else(known)?;
    let needle = Needle::new(&wanted.find);
    let mut total = 0;
    let mut rows = Vec::new();
    for (key, object) in table.ordered().iter().filter(|(_, object)| has(object, &needle)) {
        if total >= wanted.skip && rows.len() < wanted.limit {
            rows.push(row(*key, object));
        }
        total += 1;
    }
    Ok(json!({
        "system": "onec", "sets": sets, "set": wanted.set, "fields": fields(set), "total": total, "rows": rows,
        "contacts": set.section(CONTACT_INFORMATION).is_some(),
    }))
}

fn has(object: &Object, needle: &Needle) -> bool {
    needle.is_empty() || object.iter().any(|(_, value)| is_within(needle, value))
}

fn is_within(needle: &Needle, value: &Value) -> bool {
    match value {
        Value::String(text) => needle.is_in(text),
        Value::Array(values) => values.iter().any(|value| is_within(needle, value)),
        Value::Object(object) => object.iter().any(|(_, value)| is_within(needle, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn row(key: Uuid, object: &Object) -> Json {
    let rows = object.get(CONTACT_INFORMATION).and_then(Value::as_array).unwrap_or_default();
    let shown = |kind: &str| -> Vec<&str> {
        let rows = rows.iter().filter_map(Value::as_object).filter(|row| text(row, "Тип") == kind);
        rows.map(|row| text(row, "Представление")).collect()
    };
    json!({
        "id": key.to_string(),
        "title": text(object, "Description"),
        "code": text(object, "Code"),
        "phones": shown(PHONE),
        "emails": shown(EMAIL),
        "deleted": flag(object, "DeletionMark"),
        "record": object,
    })
}

/// The texts that a form writes.
fn fields(set: &EntitySet) -> Vec<&'static str> {
    let texts = set.properties.iter().filter(|property| matches!(property.kind, Kind::Text(_)));
    texts.map(|property| property.name).filter(|name| !OWN.contains(name)).collect()
}
