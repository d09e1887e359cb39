//! What a 1C user does at a form: create, update, mark, delete.
//!
//! `fields` holds properties by name. `phones` and `emails` are lists of texts (or `{"kind": predefined name, "value":
//! text}`) that replace the rows of their type as the form writes them; an unchanged text keeps its row.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::administration::{administer, word};
use super::contact_rows::{with_emails, with_phones};
use super::handlers::{CONTACT_INFORMATION, CONTACT_PERSONS};
use super::objects::{Base, Object, text};
use super::records::record_key;
use super::schema::{EntitySet, Nature};
use super::service::wall_clock;
use super::settings::Settings;
use super::write::{Manner, change, create, delete};

pub(crate) fn act(
    base: &mut Base,
    settings: &mut Settings,
    now: Timestamp,
    action: &Value,
) -> Result<Value, String> {
    let verb = word(action, "do")?;
    if let Some(done) = administer(base.configuration, settings, action) {
        return done;
    }
    let name = word(action, "set")?;
    let set = base.configuration.set(name).ok_or_else(|| format!("there is no set {name}"))?;
    let moment = wall_clock(settings, now);
    let manner = Manner { moment: &moment, load_mode: false, honours_key: true, access: None };
    if set.nature != Nature::Objects {
        return record(base, settings, set, verb, action, (now, manner));
    }
    match verb {
        "create" => {
            let mut body = form(base, set, None, action)?;
            if let Some(key) = action.get("ref") {
                body.insert("Ref_Key".to_owned(), key.clone());
            }
            let key = create(base, settings, set, &body, manner).map_err(|refusal| refusal.message)?;
            Ok(shown(base, set, key))
        }
        "update" => {
            let key = reference_of(action)?;
            let old =
                base.object(set.name, key).cloned().ok_or_else(|| format!("there is no {name} {key}"))?;
            let body = form(base, set, Some(&old), action)?;
            change(base, settings, set, key, &body, manner).map_err(|refusal| refusal.message)?;
            Ok(shown(base, set, key))
        }
        "mark" => {
            let key = reference_of(action)?;
            let marked = action.get("marked").and_then(Value::as_bool).unwrap_or(true);
            let mut body = Object::new();
            body.insert("DeletionMark".to_owned(), Value::Bool(marked));
            change(base, settings, set, key, &body, manner).map_err(|refusal| refusal.message)?;
            Ok(shown(base, set, key))
        }
        "delete" => {
            let key = reference_of(action)?;
            delete(base, set, key, &now.to_string()).map_err(|refusal| refusal.message)?;
            Ok(json!({ "ref": key.to_string() }))
        }
        other => Err(format!("a 1C user cannot {other}")),
    }
}

/// A record of a register is named by the fields of its key.
fn record(
    base: &mut Base,
    settings: &Settings,
    set: &'static EntitySet,
    verb: &str,
    action: &Value,
    (now, manner): (Timestamp, Manner<'_>),
) -> Result<Value, String> {
    let fields = action.get("fields").and_then(Value::as_object).ok_or("a record is named by its fields")?;
    let key = record_key(set, fields);
    let done = match verb {
        "create" => create(base, settings, set, fields, manner).map(|_| ()),
        "update" => change(base, settings, set, key, fields, manner),
        "delete" => delete(base, set, key, &now.to_string()),
        other => return Err(format!("a 1C user cannot {other} a record")),
    };
    done.map(|()| json!({})).map_err(|refusal| refusal.message)
}

/// What the form writes for the fields that the user filled.
fn form(
    base: &Base,
    set: &'static EntitySet,
    old: Option<&Object>,
    action: &Value,
) -> Result<Object, String> {
    let fields = match action.get("fields") {
        None => Object::new(),
        Some(fields) => fields.as_object().cloned().ok_or("\"fields\" is no object")?,
    };
    let mut body = Object::new();
    for (name, value) in &fields {
        match name.as_str() {
            "phones" | "emails" => {}
            name if set.property(name).is_some() => {
                body.insert(name.to_owned(), value.clone());
            }
            name if set.section(name).is_some() => {
                body.insert(name.to_owned(), numbered(value)?);
            }
            other => return Err(format!("{} has no attribute {other}", set.name)),
        }
    }
    contacts(base, set, old, &fields, &mut body)?;
    names(set, old, &mut body);
    Ok(body)
}

fn contacts(
    base: &Base,
    set: &EntitySet,
    old: Option<&Object>,
    fields: &Object,
    body: &mut Object,
) -> Result<(), String> {
    if !fields.contains_key("phones") && !fields.contains_key("emails") {
        return Ok(());
    }
    if set.section(CONTACT_INFORMATION).is_none() {
        return Err(format!("{} has no contact information", set.name));
    }
    let given = body.get(CONTACT_INFORMATION).or_else(|| old.and_then(|old| old.get(CONTACT_INFORMATION)));
    let mut rows = given.and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(phones) = fields.get("phones") {
        rows = with_phones(base, set, rows, phones)?;
    }
    if let Some(emails) = fields.get("emails") {
        rows = with_emails(base, set, rows, emails)?;
    }
    body.insert(CONTACT_INFORMATION.to_owned(), numbered(&Value::Array(rows))?);
    Ok(())
}

/// Forms of people put the name together from its parts.
fn names(set: &EntitySet, old: Option<&Object>, body: &mut Object) {
    const PARTS: [&str; 3] = ["Фамилия", "Имя", "Отчество"];
    if !PARTS.iter().any(|part| body.contains_key(*part)) {
        return;
    }
    let part = |name: &str| match body.get(name).and_then(Value::as_str) {
        Some(given) => given.to_owned(),
        None => old.map_or("", |old| text(old, name)).to_owned(),
    };
    let parts: Vec<String> = PARTS.iter().map(|name| part(name)).filter(|part| !part.is_empty()).collect();
    let full = parts.join(" ");
    if set.property("ФИО").is_some() && !body.contains_key("ФИО") {
        body.insert("ФИО".to_owned(), Value::String(full.clone()));
    }
    if (set.name == CONTACT_PERSONS || set.property("ФИО").is_some()) && !body.contains_key("Description")
    {
        body.insert("Description".to_owned(), Value::String(full));
    }
}

fn numbered(rows: &Value) -> Result<Value, String> {
    let rows = rows.as_array().ok_or("a tabular section is no list")?;
    let mut numbered = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        let mut row = row.as_object().ok_or("a row of a tabular section is no object")?.clone();
        row.insert("LineNumber".to_owned(), Value::String((at + 1).to_string()));
        numbered.push(Value::Object(row));
    }
    Ok(Value::Array(numbered))
}

fn shown(base: &Base, set: &EntitySet, key: Uuid) -> Value {
    let version = base.object(set.name, key).map_or("", |object| text(object, "DataVersion"));
    json!({ "ref": key.to_string(), "DataVersion": version })
}

fn reference_of(action: &Value) -> Result<Uuid, String> {
    let reference = word(action, "ref")?;
    Uuid::try_parse(reference).map_err(|_| format!("{reference} is no reference"))
}
