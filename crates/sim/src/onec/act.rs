//! What a 1C user does at a form or with a processing: create, copy, update, save, mark, delete, merge, purge, import;
//! and what befalls the system.
//!
//! `fields` holds properties by name. `phones`, `emails`, `websites` and `addresses` are lists of texts (or `{"kind":
//! predefined name, "value": text}`) that replace the rows of their type as the form writes them; an unchanged text keeps its row.

mod check;
mod form;
mod merge;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::administration::{administer, word};
use super::handlers::on_copy;
use super::objects::{Base, Object, text};
use super::records::record_key;
use super::schema::{EntitySet, Nature};
use super::service::wall_clock;
use super::settings::Settings;
use super::write::{Manner, change, create, delete};

use check::check;
use form::{filled, restored};

pub(crate) fn act(
    base: &mut Base,
    settings: &mut Settings,
    now: Timestamp,
    action: &Json,
) -> Result<Json, String> {
    let verb = word(action, "do")?;
    if let Some(done) = administer(base, settings, action) {
        return done;
    }
    if verb == "purge" {
        return merge::purge(base, now);
    }
    let name = word(action, "set")?;
    let set = base.configuration.set(name).ok_or_else(|| format!("there is no set {name}"))?;
    let moment = wall_clock(settings, now);
    let versions = (&settings.versioned, settings.user.as_str());
    let manner = Manner { moment: &moment, load_mode: false, honours_key: true, versions, access: None };
    if set.nature != Nature::Objects {
        return record(base, settings, set, verb, action, (now, manner));
    }
    match verb {
        "create" => {
            let mut body = filled(base, set, None, &fields(action)?)?;
            if let Some(key) = action.get("ref") {
                body.insert("Ref_Key", key);
            }
            check(base, set, Uuid::nil(), None, &body)?;
            let key = create(base, settings, set, &body, manner).map_err(|refusal| refusal.message)?;
            Ok(shown(base, set, key))
        }
        "copy" => {
            let key = reference_of(action)?;
            let mut body = existing(base, set, key)?;
            on_copy(base.configuration.product, set, key, &mut body);
            body.extend(filled(base, set, Some(&body), &fields(action)?)?);
            check(base, set, Uuid::nil(), None, &body)?;
            let key = create(base, settings, set, &body, manner).map_err(|refusal| refusal.message)?;
            Ok(shown(base, set, key))
        }
        "update" | "save" | "mark" => {
            let key = reference_of(action)?;
            let old = existing(base, set, key)?;
            let body = match verb {
                "update" => filled(base, set, Some(&old), &fields(action)?)?,
                "save" => restored(&old),
                _ => Object::from_iter([("DeletionMark", is_marked(action))]),
            };
            if verb != "mark" {
                check(base, set, key, Some(&old), &body)?;
            }
            change(base, settings, set, key, &body, manner).map_err(|refusal| refusal.message)?;
            Ok(shown(base, set, key))
        }
        "delete" => {
            let key = reference_of(action)?;
            delete(base, set, key, &now.to_string()).map_err(|refusal| refusal.message)?;
            Ok(json!({ "ref": key.to_string() }))
        }
        "merge" => merge::merge(base, settings, set, action, (now, manner)),
        "import" => import(base, settings, set, action, manner),
        other => Err(format!("a 1C user cannot {other}")),
    }
}

/// Creates many objects as a processing does, without the checks of a form; in load mode as an exchange does. What was
/// created before a refusal stays.
fn import(
    base: &mut Base,
    settings: &Settings,
    set: &'static EntitySet,
    action: &Json,
    manner: Manner<'_>,
) -> Result<Json, String> {
    let load_mode = action.get("load_mode").and_then(Json::as_bool).unwrap_or(false);
    let records = action.get("records").and_then(Json::as_array).ok_or("\"records\" is no list")?;
    let mut refs = Vec::with_capacity(records.len());
    for record in records {
        let fields = record.as_object().ok_or("a record is no object")?;
        let body = filled(base, set, None, &fields.into())?;
        let manner = Manner { load_mode, ..manner };
        let key = create(base, settings, set, &body, manner).map_err(|refusal| refusal.message)?;
        refs.push(key.to_string());
    }
    Ok(json!({ "refs": refs }))
}

/// A record of a register is named by the fields of its key.
fn record(
    base: &mut Base,
    settings: &Settings,
    set: &'static EntitySet,
    verb: &str,
    action: &Json,
    (now, manner): (Timestamp, Manner<'_>),
) -> Result<Json, String> {
    let fields = action.get("fields").and_then(Json::as_object).ok_or("a record is named by its fields")?;
    let fields = &Object::from(fields);
    let key = record_key(set, fields);
    let done = match verb {
        "create" => create(base, settings, set, fields, manner).map(|_| ()),
        "update" => change(base, settings, set, key, fields, manner),
        "delete" => delete(base, set, key, &now.to_string()),
        other => return Err(format!("a 1C user cannot {other} a record")),
    };
    done.map(|()| json!({})).map_err(|refusal| refusal.message)
}

fn shown(base: &Base, set: &EntitySet, key: Uuid) -> Json {
    let version = base.object(set.name, key).map_or("", |object| text(object, "DataVersion"));
    json!({ "ref": key.to_string(), "DataVersion": version })
}

fn fields(action: &Json) -> Result<Object, String> {
    match action.get("fields") {
        None => Ok(Object::new()),
        Some(fields) => {
            fields.as_object().map(Object::from).ok_or_else(|| "\"fields\" is no object".to_owned())
        }
    }
}

fn is_marked(action: &Json) -> bool {
    action.get("marked").and_then(Json::as_bool).unwrap_or(true)
}

fn existing(base: &Base, set: &EntitySet, key: Uuid) -> Result<Object, String> {
    base.object(set.name, key).cloned().ok_or_else(|| format!("there is no {} {key}", set.name))
}

fn reference_of(action: &Json) -> Result<Uuid, String> {
    let reference = word(action, "ref")?;
    Uuid::try_parse(reference).map_err(|_| format!("{reference} is no reference"))
}
