//! Keys of what has no reference: records of registers by their dimensions, rows of tabular sections by their number.
//!
//! A record is stored under a name-based identifier of its key, so that one table serves catalogs and registers.
//! Invariant: two records have the same identifier exactly when their periods and dimensions are equal.

use uuid::Uuid;

use super::error::Refusal;
use super::filter::EMPTY_DATE;
use super::objects::Object;
use super::schema::{EntitySet, Kind, Nature};
use super::value::Value;

/// The identifier under which a record is stored.
pub(crate) fn record_key(set: &EntitySet, record: &Object) -> Uuid {
    let parts: Vec<String> = set.key().iter().map(|name| key_text(set, record, name)).collect();
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}:{}", set.name, serde_json::Value::from(parts)).as_bytes())
}

/// The identifier of the record that an address names by all parts of its key.
pub(crate) fn named_record(set: &EntitySet, parts: &[(String, String)]) -> Result<Uuid, Refusal> {
    Ok(record_key(set, &named_key(set, parts)?))
}

/// The key that an address names, as the properties of a record.
pub(crate) fn named_key(set: &EntitySet, parts: &[(String, String)]) -> Result<Object, Refusal> {
    let names = set.key();
    if let Some((name, _)) = parts.iter().find(|(name, _)| !names.contains(&name.as_str())) {
        return Err(Refusal::no_property(name));
    }
    let mut record = Object::new();
    for name in names {
        let part = parts.iter().find(|(given, _)| given == name);
        let (_, text) = part.ok_or_else(|| Refusal::no_key_part(name))?;
        record.insert(name.to_owned(), Value::from(text.clone()));
    }
    Ok(record)
}

/// How the interface writes the address of an element, relative to the service.
pub(crate) fn canonical(set: &EntitySet, object: &Object) -> String {
    let literal = |name: &'static str| {
        let text = key_text(set, object, name);
        match set.property(name).map(|property| &property.kind) {
            Some(Kind::Guid | Kind::Reference(_)) => format!("guid'{text}'"),
            Some(Kind::Date) => format!("datetime'{text}'"),
            Some(Kind::Text(_) | Kind::Enumeration(_) | Kind::Composite { .. } | Kind::TypeName) => {
                format!("'{}'", text.replace('\'', "''"))
            }
            _ => text,
        }
    };
    let parts: Vec<String> = match set.nature {
        Nature::Objects => vec![literal("Ref_Key")],
        _ if set.is_constant() => set.key().into_iter().map(literal).collect(),
        _ => set.key().into_iter().map(|name| format!("{name}={}", literal(name))).collect(),
    };
    format!("{}({})", set.name, parts.join(","))
}

fn key_text(set: &EntitySet, object: &Object, name: &str) -> String {
    let kind = set.property(name).map(|property| &property.kind);
    match (object.get(name), kind) {
        (Some(Value::String(text)), Some(Kind::Guid | Kind::Reference(_))) => text.as_str().to_lowercase(),
        (Some(Value::String(text)), _) => text.to_string(),
        (Some(other), _) => other.to_string(),
        (None, Some(Kind::Guid | Kind::Reference(_))) => Uuid::nil().to_string(),
        (None, Some(Kind::Date)) => EMPTY_DATE.to_owned(),
        (None, _) => String::new(),
    }
}
