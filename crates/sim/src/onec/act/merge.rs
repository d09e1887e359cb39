//! «Поиск и удаление дублей» and «Удаление помеченных объектов».
//!
//! Merging puts the original into the place of its duplicate everywhere and marks the duplicate; what the duplicate
//! itself holds stays on it, a foreign id among it. Invariant: nothing that somebody refers to is purged.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::onec::objects::{Base, Object, flag};
use crate::onec::records::record_key;
use crate::onec::references::{of_object, replace};
use crate::onec::schema::{EntitySet, Nature};
use crate::onec::settings::Settings;
use crate::onec::write::{Manner, change, delete, store};

use super::{reference_of, shown};

/// Replaces the `duplicates` of `ref` by it and marks them, or deletes them at once if `delete` says so.
pub(super) fn merge(
    base: &mut Base,
    settings: &Settings,
    set: &'static EntitySet,
    action: &Json,
    (now, manner): (Timestamp, Manner<'_>),
) -> Result<Json, String> {
    let original = reference_of(action)?;
    let duplicates = action.get("duplicates").and_then(Json::as_array).ok_or("\"duplicates\" is no list")?;
    let mut keys = Vec::with_capacity(duplicates.len());
    for text in duplicates {
        let key = text.as_str().and_then(|text| Uuid::try_parse(text).ok());
        keys.push(key.filter(|key| *key != original).ok_or_else(|| format!("{text} is no duplicate"))?);
    }
    if let Some(key) = keys.iter().chain([&original]).find(|key| base.object(set.name, **key).is_none()) {
        return Err(format!("there is no {} {key}", set.name));
    }
    let deletes = action.get("delete").and_then(Json::as_bool).unwrap_or(false);
    for key in keys {
        replace_everywhere(base, (set.name, key, original), manner)?;
        let done = if deletes {
            delete(base, set, key, &now.to_string())
        } else {
            let mark = Object::from_iter([("DeletionMark", true)]);
            change(base, settings, set, key, &mark, manner)
        };
        done.map_err(|refusal| refusal.message)?;
    }
    Ok(shown(base, set, original))
}

/// Writes every object that refers to the duplicate, with the original in its place; the duplicate itself stays.
fn replace_everywhere(
    base: &mut Base,
    (name, duplicate, original): (&'static str, Uuid, Uuid),
    manner: Manner<'_>,
) -> Result<(), String> {
    for set in &base.configuration.sets {
        let objects = base.table(set.name).into_iter().flat_map(|table| table.ordered());
        let others = objects.filter(|(key, _)| set.name != name || **key != duplicate);
        let changed = others.filter_map(|(key, object)| {
            let mut object = object.clone();
            replace(set, &mut object, (name, duplicate, original)).then_some((*key, object))
        });
        let changed: Vec<(Uuid, Object)> = changed.collect();
        for (key, object) in changed {
            if set.nature == Nature::Objects {
                store(base, set, key, object, manner).map_err(|refusal| refusal.message)?;
                continue;
            }
            let new_key = record_key(set, &object);
            if new_key != key {
                base.remove(set.name, key, "");
            }
            if new_key == key || base.object(set.name, new_key).is_none() {
                base.write(set.name, new_key, object);
            }
        }
    }
    Ok(())
}

/// Deletes the marked objects that nobody refers to but marked ones which go too; records of registers hold nothing
/// back and go with what they name.
pub(super) fn purge(base: &mut Base, now: Timestamp) -> Result<Json, String> {
    let sets = || base.configuration.sets.iter().filter(|set| set.nature == Nature::Objects);
    let mut going: BTreeSet<(&'static str, Uuid)> = BTreeSet::new();
    let mut referring = Vec::new();
    for set in sets() {
        for (key, object) in base.table(set.name).into_iter().flat_map(|table| table.ordered()) {
            if flag(object, "DeletionMark") {
                going.insert((set.name, *key));
            }
            referring.push(((set.name, *key), of_object(set, object)));
        }
    }
    let marked = going.len();
    loop {
        let staying = referring.iter().filter(|(who, _)| !going.contains(who));
        let held: BTreeSet<(&str, Uuid)> =
            staying.flat_map(|(_, named)| named).map(|(set, key)| (set.as_str(), *key)).collect();
        let before = going.len();
        going.retain(|(set, key)| !held.contains(&(*set, *key)));
        if going.len() == before {
            break;
        }
    }
    for (name, key) in &going {
        forget_records(base, name, *key);
        let set = base.configuration.set(name).expect("marked objects stand in sets of the configuration");
        delete(base, set, *key, &now.to_string()).map_err(|refusal| refusal.message)?;
    }
    let deleted: Vec<Json> =
        going.iter().map(|(set, key)| json!({"set": set, "ref": key.to_string()})).collect();
    Ok(json!({"deleted": deleted, "kept": marked - going.len()}))
}

fn forget_records(base: &mut Base, name: &str, gone: Uuid) {
    for set in &base.configuration.sets {
        if set.nature != Nature::Objects && !set.is_constant() {
            let records = base.table(set.name).into_iter().flat_map(|table| table.ordered());
            let naming = records.filter(|(_, record)| {
                of_object(set, record).iter().any(|(of, key)| of == name && *key == gone)
            });
            let keys: Vec<Uuid> = naming.map(|(key, _)| *key).collect();
            for key in keys {
                base.remove(set.name, key, "");
            }
        }
    }
}
