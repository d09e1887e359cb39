//! What an administrator does: opens sets for the interface, gives and takes rights; and what befalls the system.
//!
//! Not responsible for what a user does at a form (see `act`).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::access::condition_of;
use super::schema::Configuration;
use super::settings::{Composition, Fault, Right, Settings};

/// Does what the action says; `None` where it is no act of an administrator.
pub(crate) fn administer(
    configuration: &'static Configuration,
    settings: &mut Settings,
    action: &Value,
) -> Option<Result<Value, String>> {
    Some(match action.get("do").and_then(Value::as_str)? {
        "fault" => fault(settings, action),
        "compose" => compose(configuration, settings, action),
        "deny" => deny(configuration, settings, action),
        "restrict" => restrict(configuration, settings, action),
        "hide" => hide(settings, action),
        _ => return None,
    })
}

/// Replaces the composition by `sets`, where they are given, and tells what it is. No list means everything.
fn compose(
    configuration: &'static Configuration,
    settings: &mut Settings,
    action: &Value,
) -> Result<Value, String> {
    match action.get("sets") {
        None => {}
        Some(Value::Null) => settings.composition = Composition::Whole,
        Some(sets) => {
            let sets: BTreeSet<String> = words(sets)?.into_iter().map(str::to_owned).collect();
            for name in &sets {
                set_of(configuration, name)?;
            }
            settings.composition = Composition::Sets(sets);
        }
    }
    let names = configuration.sets.iter().map(|set| set.name);
    let shown: Vec<&str> = names.filter(|name| settings.composition.contains(name)).collect();
    Ok(json!({ "sets": shown }))
}

/// Takes `rights` to a set from the user, and gives him the others.
fn deny(
    configuration: &'static Configuration,
    settings: &mut Settings,
    action: &Value,
) -> Result<Value, String> {
    let set = set_of(configuration, word(action, "set")?)?;
    let rights = words(action.get("rights").ok_or("the action has no \"rights\"")?)?;
    let lacking = rights.into_iter().map(right).collect::<Result<BTreeSet<Right>, String>>()?;
    settings.rights.lacking.insert(set, lacking);
    Ok(json!({}))
}

/// Lets the user see the rows of a set that `rows` is true for; all of them without it.
fn restrict(
    configuration: &'static Configuration,
    settings: &mut Settings,
    action: &Value,
) -> Result<Value, String> {
    let set = set_of(configuration, word(action, "set")?)?;
    match action.get("rows").and_then(Value::as_str) {
        Some(rows) => {
            condition_of(configuration, &set, rows).map_err(|refusal| refusal.message)?;
            settings.rights.rows.insert(set, rows.to_owned());
        }
        None => {
            settings.rights.rows.remove(&set);
        }
    }
    Ok(json!({}))
}

/// Hides these objects and no others.
fn hide(settings: &mut Settings, action: &Value) -> Result<Value, String> {
    let refs = words(action.get("refs").ok_or("the action has no \"refs\"")?)?;
    let hidden =
        refs.into_iter().map(|text| Uuid::try_parse(text).map_err(|_| format!("{text} is no reference")));
    settings.rights.hidden = hidden.collect::<Result<_, _>>()?;
    Ok(json!({}))
}

fn fault(settings: &mut Settings, action: &Value) -> Result<Value, String> {
    settings.fault = match word(action, "fault")? {
        "none" => None,
        "locked" => Some(Fault::Locked),
        "login-page" => Some(Fault::LoginPage),
        "no-licence" => Some(Fault::NoLicence),
        "bad-gateway" => Some(Fault::BadGateway),
        "empty" => Some(Fault::Empty),
        "lock-conflict" => Some(Fault::LockConflict),
        "unfinished-update" => Some(Fault::UnfinishedUpdate),
        other => return Err(format!("there is no fault {other}")),
    };
    Ok(json!({}))
}

fn right(name: &str) -> Result<Right, String> {
    match name {
        "read" => Ok(Right::Read),
        "insert" => Ok(Right::Insert),
        "update" => Ok(Right::Update),
        "delete" => Ok(Right::Delete),
        other => Err(format!("there is no right {other}")),
    }
}

fn set_of(configuration: &'static Configuration, name: &str) -> Result<String, String> {
    match configuration.set(name) {
        Some(set) => Ok(set.name.to_owned()),
        None => Err(format!("there is no set {name}")),
    }
}

fn words(list: &Value) -> Result<Vec<&str>, String> {
    let list = list.as_array().ok_or("a list of words is expected")?;
    list.iter().map(|word| word.as_str().ok_or_else(|| format!("{word} is no word"))).collect()
}

pub(super) fn word<'a>(action: &'a Value, name: &str) -> Result<&'a str, String> {
    action.get(name).and_then(Value::as_str).ok_or_else(|| format!("the action has no {name:?}"))
}
