//! Creates, changes and deletes objects: validation, the configuration's handlers, then the store.
//!
//! Used by the interface and by the actions of a 1C user alike. Invariant: a refused write changes nothing.

mod put;
mod records;

use std::collections::BTreeSet;

use uuid::Uuid;

use super::accept::take;
use super::access::Access;
use super::error::Refusal;
use super::handlers::{Occasion, after_delete, after_write, before_write, cascade, companions, versions};
use super::objects::{Base, Object, flag, text};
use super::schema::{EntitySet, Nature};
use super::settings::Settings;
use super::value::Value;

use records::{change_record, create_record};

pub(crate) use put::unbound;

/// How a write is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner<'a> {
    /// The server's wall clock.
    pub(crate) moment: &'a str,
    /// Handlers and numbering are skipped.
    pub(crate) load_mode: bool,
    /// Whether a key in the body is taken.
    pub(crate) honours_key: bool,
    /// Sets of which versions are kept, and the name of who writes.
    pub(crate) versions: (&'a BTreeSet<String>, &'a str),
    /// The rights of the user, where it is not somebody who may do everything.
    pub(crate) access: Option<&'a Access<'a>>,
}

impl Manner<'_> {
    /// Refuses to write what the user could not see afterwards.
    fn check(&self, base: &Base, set: &EntitySet, key: Uuid, object: &Object) -> Result<(), Refusal> {
        match self.access {
            Some(access) if !access.shows(base, set, key, object) => Err(Refusal::denied()),
            _ => Ok(()),
        }
    }
}

/// Creates an object from a body and gives its reference.
pub(crate) fn create(
    base: &mut Base,
    settings: &Settings,
    set: &'static EntitySet,
    body: &Object,
    manner: Manner<'_>,
) -> Result<Uuid, Refusal> {
    if set.nature != Nature::Objects {
        return create_record(base, settings, set, body, manner);
    }
    let key = match given_key(body)?.filter(|_| manner.honours_key) {
        Some(key) => key,
        None => base.new_key(set.name),
    };
    if base.object(set.name, key).is_some() {
        return Err(Refusal::exists(set.name, key));
    }
    let mut object = Object::new();
    take(set, body, settings.over_long, &mut object)?;
    if let Some(code) = set.code {
        let given = text(&object, "Code").trim().to_owned();
        if !given.is_empty() {
            check_code(base, set, key, &given, manner)?;
        } else if code.auto && !manner.load_mode {
            object.insert("Code".to_owned(), Value::from(base.new_code(set.name, code)));
        }
    }
    store(base, set, key, object, manner)?;
    Ok(key)
}

/// Changes the properties that the body names.
pub(crate) fn change(
    base: &mut Base,
    settings: &Settings,
    set: &'static EntitySet,
    key: Uuid,
    body: &Object,
    manner: Manner<'_>,
) -> Result<(), Refusal> {
    if set.nature != Nature::Objects {
        return change_record(base, settings, set, key, body, manner);
    }
    let old = base.object(set.name, key).ok_or_else(|| Refusal::no_instance(set.name, key))?.clone();
    if given_key(body)?.is_some_and(|given| given != key) {
        return Err(Refusal::read_only("Ref_Key"));
    }
    let mut object = old.clone();
    take(set, body, settings.over_long, &mut object)?;
    if flag(&object, "IsFolder") != flag(&old, "IsFolder") {
        return Err(Refusal::read_only("IsFolder"));
    }
    let code = text(&object, "Code").to_owned();
    if !code.is_empty() && code != text(&old, "Code") {
        check_code(base, set, key, &code, manner)?;
    }
    store(base, set, key, object, manner)
}

/// Deletes an object physically; `moment` is in UTC.
pub(crate) fn delete(
    base: &mut Base,
    set: &'static EntitySet,
    key: Uuid,
    moment: &str,
) -> Result<(), Refusal> {
    let old = base.object(set.name, key).ok_or_else(|| Refusal::no_instance(set.name, key))?.clone();
    base.remove(set.name, key, moment);
    after_delete(base, set, key, &old, moment);
    Ok(())
}

fn given_key(body: &Object) -> Result<Option<Uuid>, Refusal> {
    match body.get("Ref_Key") {
        None => Ok(None),
        Some(value) => {
            let key = value.as_str().and_then(|text| Uuid::try_parse(text).ok());
            let key = key.ok_or_else(|| Refusal::value("Ref_Key"))?;
            Ok(Some(key).filter(|key| !key.is_nil()))
        }
    }
}

/// The platform's own check that no other object has this code.
fn check_code(
    base: &Base,
    set: &EntitySet,
    key: Uuid,
    code: &str,
    manner: Manner<'_>,
) -> Result<(), Refusal> {
    let objects = base.table(set.name).into_iter().flat_map(|table| table.ordered());
    let mut others = objects.filter(|(other, _)| **other != key);
    match manner.load_mode || !others.any(|(_, object)| text(object, "Code") == code) {
        true => Ok(()),
        false => Err(Refusal::exception("Значение поля \"Код\" не уникально")),
    }
}

/// Writes an object as it is to be, with all that its handlers do.
pub(crate) fn store(
    base: &mut Base,
    set: &'static EntitySet,
    key: Uuid,
    object: Object,
    manner: Manner<'_>,
) -> Result<(), Refusal> {
    if manner.load_mode {
        manner.check(base, set, key, &object)?;
        base.write(set.name, key, object);
        return Ok(());
    }
    let mut prepared = Vec::new();
    prepare(base, (set, key, object), manner.moment, &mut prepared)?;
    if let Some(write) = prepared.first() {
        manner.check(base, set, key, &write.object)?;
    }
    for write in prepared {
        base.write(write.set.name, write.key, write.object);
        after_write(base, write.set, write.key, write.old.as_ref());
        versions::keep(base, manner, write.set, write.key);
        for (set, mut companion) in write.companions {
            let key = base.new_key(set);
            if let Some(code) = base.configuration.set(set).and_then(|set| set.code) {
                companion.insert("Code".to_owned(), Value::from(base.new_code(set, code)));
            }
            base.write(set, key, companion);
        }
    }
    Ok(())
}

/// A write that no handler refused.
struct Prepared {
    set: &'static EntitySet,
    key: Uuid,
    old: Option<Object>,
    object: Object,
    companions: Vec<(&'static str, Object)>,
}

/// Lets the handlers look at a write and at those it brings with it, before the first is done.
fn prepare(
    base: &Base,
    (set, key, mut object): (&'static EntitySet, Uuid, Object),
    moment: &str,
    prepared: &mut Vec<Prepared>,
) -> Result<(), Refusal> {
    let old = base.object(set.name, key);
    let occasion = Occasion { base, set, key, old, moment };
    before_write(&occasion, &mut object)?;
    let further = cascade(&occasion, &object);
    let companions = companions(&occasion, &object);
    prepared.push(Prepared { set, key, old: old.cloned(), object, companions });
    for (name, key, object) in further {
        let set = base.configuration.set(name).expect("handlers write to sets of their configuration");
        prepare(base, (set, key, object), moment, prepared)?;
    }
    Ok(())
}
