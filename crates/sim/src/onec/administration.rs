//! What an administrator does: opens sets for the interface, gives and takes rights; and what befalls the system.
//!
//! Not responsible for what a user does at a form (see `act`).

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::access::condition_of;
use super::extension::Kept;
use super::objects::Base;
use super::schema::Configuration;
use super::settings::{Attached, Composition, Fault, IfMatch, Right, SessionMode, Settings};

/// Does what the action says; `None` where it is no act of an administrator.
pub(crate) fn administer(
    base: &mut Base,
    settings: &mut Settings,
    action: &Value,
) -> Option<Result<Value, String>> {
    Some(match action.get("do").and_then(Value::as_str)? {
        "fault" => fault(settings, action),
        "compose" => compose(base.configuration, settings, action),
        "deny" => deny(base.configuration, settings, action),
        "restrict" => restrict(base.configuration, settings, action),
        "hide" => hide(settings, action),
        "forbid" => forbid(settings, action),
        "version" => version(base.configuration, settings, action),
        "if-match" => if_match(settings, action),
        "register" => register(base, action),
        "publish" => publish(settings, action),
        "license" => license(settings, action),
        "extend" => extend(base, settings, action),
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

/// Lets code of the configuration refuse to write an object, with this text; any other object is as it was.
fn forbid(settings: &mut Settings, action: &Value) -> Result<Value, String> {
    let reference = word(action, "ref")?;
    let key = Uuid::try_parse(reference).map_err(|_| format!("{reference} is no reference"))?;
    match action.get("text").and_then(Value::as_str) {
        Some(text) => settings.forbidden.insert(key, text.to_owned()),
        None => settings.forbidden.remove(&key),
    };
    Ok(json!({}))
}

/// Keeps versions of these sets and of no others.
fn version(
    configuration: &'static Configuration,
    settings: &mut Settings,
    action: &Value,
) -> Result<Value, String> {
    let sets = words(action.get("sets").ok_or("the action has no \"sets\"")?)?;
    settings.versioned =
        sets.into_iter().map(|name| set_of(configuration, name)).collect::<Result<_, _>>()?;
    Ok(json!({}))
}

/// Lets `If-Match` be honoured, or ignored.
fn if_match(settings: &mut Settings, action: &Value) -> Result<Value, String> {
    settings.if_match = match action.get("honoured").and_then(Value::as_bool) {
        Some(true) => IfMatch::Honoured,
        Some(false) => IfMatch::Ignored,
        None => return Err("the action has no \"honoured\"".to_owned()),
    };
    Ok(json!({}))
}

/// What code of the configuration does for plans that do not register by themselves.
fn register(base: &mut Base, action: &Value) -> Result<Value, String> {
    let reference = |name: &str| {
        let text = word(action, name)?;
        Uuid::try_parse(text).map_err(|_| format!("{text} is no reference"))
    };
    let (plan, set) = (word(action, "plan")?, word(action, "set")?);
    let (node, key) = (reference("node")?, reference("ref")?);
    let known = base.configuration.plans.iter().find(|known| known.set == plan);
    let known = known.ok_or_else(|| format!("there is no plan {plan}"))?;
    let set = known.content.iter().find(|known| **known == set);
    let set = set.ok_or_else(|| format!("{plan} does not have it in its content"))?;
    if base.object(plan, node).is_none() || base.object(set, key).is_none() {
        return Err("there is no such node or object".to_owned());
    }
    base.changes.register(node, set, key, None);
    Ok(json!({}))
}

/// Writes the file of the publication anew; its attributes have their names there, and those left out stay.
fn publish(settings: &mut Settings, action: &Value) -> Result<Value, String> {
    let number = |name: &str| match action.get(name) {
        None => Ok(None),
        Some(value) => value.as_u64().map(Some).ok_or_else(|| format!("{name} is no number")),
    };
    let sessions = action.get("reuseSessions").map(|mode| session_mode(mode.as_str().unwrap_or_default()));
    let sessions = sessions.transpose()?;
    let (age, size, timeout) = (number("sessionMaxAge")?, number("poolSize")?, number("poolTimeout")?);
    settings.sessions = sessions.unwrap_or(settings.sessions);
    settings.session_idle = age.map_or(settings.session_idle, Duration::from_secs);
    settings.pool_timeout = timeout.map_or(settings.pool_timeout, Duration::from_secs);
    settings.pool_size = size.map_or(settings.pool_size, |size| usize::try_from(size).unwrap_or(usize::MAX));
    settings.published = action.get("enable").and_then(Value::as_bool).unwrap_or(settings.published);
    Ok(json!({}))
}

fn session_mode(name: &str) -> Result<SessionMode, String> {
    match name {
        "dontuse" => Ok(SessionMode::DontUse),
        "autouse" => Ok(SessionMode::AutoUse),
        "use" => Ok(SessionMode::Use),
        other => Err(format!("sessions cannot be reused as {other}")),
    }
}

/// Loads obmen's extension, or takes it out with all its registers hold.
fn extend(base: &mut Base, settings: &mut Settings, action: &Value) -> Result<Value, String> {
    let is = |name: &str, usual: bool| action.get(name).and_then(Value::as_bool).unwrap_or(usual);
    if is("installed", true) {
        let attached =
            Attached { safe_mode: is("safe_mode", false), default_roles: is("default_roles", true) };
        settings.extension = Some(attached);
    } else {
        settings.extension = None;
        base.kept = Kept::default();
    }
    Ok(json!({}))
}

/// Leaves so many licences to the interface; no number is as many as one likes.
fn license(settings: &mut Settings, action: &Value) -> Result<Value, String> {
    settings.licences = match action.get("free") {
        None | Some(Value::Null) => None,
        Some(free) => {
            let free = free.as_u64().and_then(|free| usize::try_from(free).ok());
            Some(free.ok_or("\"free\" is no number of licences")?)
        }
    };
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
