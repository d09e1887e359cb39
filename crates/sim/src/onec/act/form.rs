//! What a form writes for the fields that its user filled.

use crate::onec::contact_rows::{replaced, restore};
use crate::onec::handlers::{CONTACT_INFORMATION, CONTACT_PERSONS};
use crate::onec::objects::{Base, Object, text};
use crate::onec::schema::EntitySet;
use crate::onec::value::Value;

/// Lists of contacts that an action may name, and their types.
const CONTACTS: [(&str, &str); 4] = [
    ("phones", "Телефон"),
    ("emails", "АдресЭлектроннойПочты"),
    ("websites", "ВебСтраница"),
    ("addresses", "Адрес"),
];

/// The body of a write for these fields of the object that the form shows.
pub(super) fn filled(
    base: &Base,
    set: &'static EntitySet,
    old: Option<&Object>,
    fields: &Object,
) -> Result<Object, String> {
    let mut body = Object::new();
    for (name, value) in fields.iter() {
        match name.as_str() {
            name if CONTACTS.iter().any(|(list, _)| *list == name) => {}
            name if set.property(name).is_some() => {
                body.insert(name.to_owned(), value.clone());
            }
            name if set.section(name).is_some() => {
                body.insert(name.to_owned(), numbered(value)?);
            }
            other => return Err(format!("{} has no attribute {other}", set.name)),
        }
    }
    contacts(base, set, old, fields, &mut body)?;
    names(set, old, &mut body);
    Ok(body)
}

/// The contact rows of an object that its user opens and saves: a value that is missing is made from what is shown.
pub(super) fn restored(old: &Object) -> Object {
    let mut body = Object::new();
    if let Some(rows) = old.get(CONTACT_INFORMATION).and_then(Value::as_array) {
        let rows: Vec<Value> = rows.iter().map(restore).collect();
        body.insert(CONTACT_INFORMATION.to_owned(), Value::from(rows));
    }
    body
}

fn contacts(
    base: &Base,
    set: &EntitySet,
    old: Option<&Object>,
    fields: &Object,
    body: &mut Object,
) -> Result<(), String> {
    let named = || CONTACTS.iter().filter_map(|(list, of)| Some((fields.get(list)?, *of)));
    if named().next().is_none() {
        return Ok(());
    }
    if set.section(CONTACT_INFORMATION).is_none() {
        return Err(format!("{} has no contact information", set.name));
    }
    let given = body.get(CONTACT_INFORMATION).or_else(|| old.and_then(|old| old.get(CONTACT_INFORMATION)));
    let mut rows = given.and_then(Value::as_array).unwrap_or_default().to_vec();
    for (texts, contact_type) in named() {
        rows = replaced(base, set, rows, texts, contact_type)?;
    }
    body.insert(CONTACT_INFORMATION.to_owned(), numbered(&Value::from(rows))?);
    Ok(())
}

/// Forms of people put the name together from its parts.
fn names(set: &EntitySet, old: Option<&Object>, body: &mut Object) {
    const PARTS: [&str; 3] = ["Фамилия", "Имя", "Отчество"];
    if !PARTS.iter().any(|part| body.contains_key(part)) {
        return;
    }
    let part = |name: &str| match body.get(name).and_then(Value::as_str) {
        Some(given) => given.to_owned(),
        None => old.map_or("", |old| text(old, name)).to_owned(),
    };
    let parts: Vec<String> = PARTS.iter().map(|name| part(name)).filter(|part| !part.is_empty()).collect();
    let full = parts.join(" ");
    if set.property("ФИО").is_some() && !body.contains_key("ФИО") {
        body.insert("ФИО".to_owned(), Value::from(full.clone()));
    }
    if (set.name == CONTACT_PERSONS || set.property("ФИО").is_some()) && !body.contains_key("Description")
    {
        body.insert("Description".to_owned(), Value::from(full));
    }
}

fn numbered(rows: &Value) -> Result<Value, String> {
    let rows = rows.as_array().ok_or("a tabular section is no list")?;
    let mut numbered = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        let mut row = row.as_object().ok_or("a row of a tabular section is no object")?.clone();
        row.insert("LineNumber".to_owned(), Value::from((at + 1).to_string()));
        numbered.push(Value::Object(row));
    }
    Ok(numbered.into())
}
