//! Takes the properties of a request body into an object, as the interface does.
//!
//! Unknown names are ignored without a word; values of a wrong type are refused. Not responsible for what the
//! configuration's code does with the object afterwards (see `handlers`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use super::error::Refusal;
use super::filter::is_date;
use super::objects::{Object, text};
use super::schema::{EntitySet, Kind, Property, Section};
use super::settings::OverLong;
use super::value::Value;

/// Properties that the platform sets itself; a body may repeat them, without effect.
pub(crate) const OWN: [&str; 5] =
    ["Ref_Key", "DataVersion", "Predefined", "PredefinedDataName", "SurrogateKey"];

/// Puts what `body` says into `object`; a tabular section replaces the old one as a whole.
pub(crate) fn take(
    set: &EntitySet,
    body: &Object,
    over_long: OverLong,
    object: &mut Object,
) -> Result<(), Refusal> {
    take_properties(&set.properties, body, over_long, object)?;
    for section in &set.sections {
        if let Some(rows) = body.get(section.name) {
            object.insert(section.name.to_owned(), rows_of(section, rows, over_long)?);
        }
    }
    Ok(())
}

fn take_properties(
    properties: &[Property],
    body: &Object,
    over_long: OverLong,
    object: &mut Object,
) -> Result<(), Refusal> {
    for property in properties.iter().filter(|property| !OWN.contains(&property.name)) {
        if let Some(value) = body.get(property.name) {
            object.insert(property.name.to_owned(), accepted(property, value, over_long)?);
        }
    }
    for property in properties {
        if let Kind::Composite { types, type_property } = &property.kind {
            let named = body.contains_key(property.name) || body.contains_key(type_property);
            if named && !is_consistent(types, object, property.name, type_property) {
                return Err(Refusal::value(property.name));
            }
        }
    }
    Ok(())
}

fn rows_of(section: &Section, rows: &Value, over_long: OverLong) -> Result<Value, Refusal> {
    let rows = rows.as_array().ok_or_else(|| Refusal::value(section.name))?;
    let mut taken = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        let row = row.as_object().ok_or_else(|| Refusal::value(section.name))?;
        if !row.contains_key("LineNumber") {
            return Err(Refusal::exception("Поле объекта не обнаружено (LineNumber)"));
        }
        let mut kept = Object::new();
        take_properties(&section.columns, row, over_long, &mut kept)?;
        kept.insert("LineNumber".to_owned(), Value::from((at + 1).to_string()));
        taken.push(Value::Object(kept));
    }
    Ok(taken.into())
}

fn accepted(property: &Property, value: &Value, over_long: OverLong) -> Result<Value, Refusal> {
    let refused = || Refusal::value(property.name);
    match (&property.kind, value) {
        (Kind::Text(length), Value::String(text)) => {
            fitted(text, *length, over_long).map(Value::from).ok_or_else(refused)
        }
        (Kind::Enumeration(values), Value::String(text))
            if text.is_empty() || values.contains(&text.as_str()) =>
        {
            Ok(value.clone())
        }
        (Kind::Boolean, Value::Bool(_)) | (Kind::Double, Value::Number(_)) => Ok(value.clone()),
        (Kind::Short, Value::Number(number)) if number.is_i64() => Ok(value.clone()),
        (Kind::Long, Value::Number(number)) if number.is_i64() => Ok(number.to_string().into()),
        (Kind::Long, Value::String(text)) if text.parse::<i64>().is_ok() => Ok(value.clone()),
        (Kind::Date, Value::String(text)) if is_date(text) => Ok(value.clone()),
        (Kind::Guid | Kind::Reference(_), Value::String(text)) => {
            Uuid::try_parse(text).map(|key| key.to_string().into()).map_err(|_| refused())
        }
        (Kind::Storage, Value::String(text)) if STANDARD.decode(text.as_bytes()).is_ok() => Ok(value.clone()),
        (Kind::Composite { .. }, Value::String(_) | Value::Bool(_) | Value::Number(_))
        | (Kind::TypeName | Kind::Version, Value::String(_))
        | (Kind::TypeDescription, Value::Object(_)) => Ok(value.clone()),
        _ => Err(refused()),
    }
}

fn fitted(text: &str, length: Option<usize>, over_long: OverLong) -> Option<String> {
    match length {
        Some(length) if text.chars().count() > length => match over_long {
            OverLong::Refused => None,
            OverLong::Cut => Some(text.chars().take(length).collect()),
        },
        _ => Some(text.to_owned()),
    }
}

/// Whether a composite value and its type fit each other and the attribute.
fn is_consistent(types: &[&str], object: &Object, name: &str, type_property: &str) -> bool {
    let type_name = text(object, type_property);
    let plain = type_name.strip_prefix("StandardODATA.").unwrap_or(type_name);
    let value = object.get(name);
    match plain {
        "" | "Undefined" => value.is_none_or(|value| value.as_str() == Some("")),
        "Edm.String" => types.contains(&plain) && value.and_then(Value::as_str).is_some(),
        "Edm.Double" => types.contains(&plain) && value.and_then(Value::as_number).is_some(),
        "Edm.Boolean" => types.contains(&plain) && value.and_then(Value::as_bool).is_some(),
        "Edm.DateTime" => types.contains(&plain) && value.and_then(Value::as_str).is_some_and(is_date),
        set => {
            types.contains(&set)
                && value.and_then(Value::as_str).is_some_and(|key| Uuid::try_parse(key).is_ok())
        }
    }
}
