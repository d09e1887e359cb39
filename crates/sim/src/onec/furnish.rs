//! What an infobase holds on its first day: predefined elements, folders of kinds and the kinds.
//!
//! Their references differ from infobase to infobase.

use serde_json::{Value, json};
use uuid::Uuid;

use super::objects::{Base, Object};
use super::schema::{ContactKind, EntitySet, Item};

const KINDS: &str = "Catalog_ВидыКонтактнойИнформации";

/// Fills an empty base.
pub(crate) fn furnish(base: &mut Base) {
    for set in &base.configuration.sets {
        for item in &set.items {
            let key = base.new_key(set.name);
            base.write(set.name, key, predefined(set, item));
        }
        if set.kinds.is_empty() {
            continue;
        }
        let catalog = set.name.trim_start_matches("Catalog_");
        let folder = base.new_key(KINDS);
        base.write(KINDS, folder, kind_folder(catalog));
        for kind in &set.kinds {
            let key = base.new_key(KINDS);
            base.write(KINDS, key, contact_kind(folder, kind));
        }
    }
}

fn predefined(set: &EntitySet, item: &Item) -> Object {
    let mut object = object(json!({
        "Description": item.title, "Predefined": true, "PredefinedDataName": item.name,
    }));
    for (name, value) in [("IsFolder", json!(item.is_folder)), ("Code", json!(item.code))] {
        if set.property(name).is_some() {
            object.insert(name, &value);
        }
    }
    object
}

fn kind_folder(catalog: &str) -> Object {
    let name = format!("Справочник{catalog}");
    object(json!({
        "Description": format!("Контактная информация справочника \"{catalog}\""), "IsFolder": true,
        "Predefined": true, "PredefinedDataName": name, "ИмяПредопределенногоВида": name, "Используется": true,
    }))
}

fn contact_kind(folder: Uuid, kind: &ContactKind) -> Object {
    object(json!({
        "Description": kind.name, "Parent_Key": folder.to_string(), "Тип": kind.contact_type, "Predefined": true,
        "PredefinedDataName": kind.name, "ИмяПредопределенногоВида": kind.name, "ИдентификаторДляФормул": kind.name,
        "Используется": true, "РазрешитьВводНесколькихЗначений": kind.several,
    }))
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => (&object).into(),
        _ => Object::new(),
    }
}
