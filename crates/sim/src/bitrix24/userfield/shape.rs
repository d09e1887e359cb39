//! The settings of user fields by type, the items of lists, and the values that a new card gets from both.
//!
//! Of all settings only the default values have an effect; the others are kept for whoever draws forms. Not responsible
//! for labels and names.

use std::collections::BTreeMap;

use crate::bitrix24::crm::Author;
use crate::bitrix24::dates::format_instant;
use crate::bitrix24::php::Php;
use crate::bitrix24::schema::UserField;

/// The settings of a field: what is sent over what there was over the defaults of the type. Unknown keys are dropped.
pub(crate) fn settings(user_type: &str, present: Option<&Php>, sent: Option<&Php>) -> Php {
    let mut merged = Php::empty();
    for (key, default) in defaults(user_type) {
        let value = sent.and_then(|sent| sent.get(key)).map(|value| allowed(user_type, key, value, &default));
        let value = value.or_else(|| present.and_then(|present| present.get(key)).cloned());
        merged.set(key, value.unwrap_or(default));
    }
    let is_free = |key: &str| merged.get(key).and_then(Php::as_text).is_none_or(|flag| flag != "Y");
    if user_type == "crm" && CRM_KINDS.into_iter().all(is_free) {
        merged.set("LEAD", Php::text("Y"));
    }
    merged
}

const CRM_KINDS: [&str; 4] = ["LEAD", "CONTACT", "COMPANY", "DEAL"];

fn defaults(user_type: &str) -> Vec<(&'static str, Php)> {
    let text = |key: &'static str, value: &str| (key, Php::text(value));
    let int = |key: &'static str, value: i64| (key, Php::Int(value));
    let sizes = [int("SIZE", 20), int("MIN_VALUE", 0), int("MAX_VALUE", 0), text("DEFAULT_VALUE", "")];
    match user_type {
        "string" => vec![
            int("SIZE", 20),
            int("ROWS", 1),
            text("REGEXP", ""),
            int("MIN_LENGTH", 0),
            int("MAX_LENGTH", 0),
            text("DEFAULT_VALUE", ""),
        ],
        "integer" => sizes.to_vec(),
        "double" => [int("PRECISION", 2)].into_iter().chain(sizes).collect(),
        "boolean" => vec![int("DEFAULT_VALUE", 0), text("DISPLAY", "CHECKBOX")],
        "date" | "datetime" => {
            vec![("DEFAULT_VALUE", Php::map([("TYPE", Php::text("NONE")), ("VALUE", Php::text(""))]))]
        }
        "enumeration" => vec![text("DISPLAY", "LIST"), int("LIST_HEIGHT", 1)],
        "iblock_section" | "iblock_element" => vec![
            text("IBLOCK_TYPE_ID", ""),
            text("IBLOCK_ID", "0"),
            text("DEFAULT_VALUE", ""),
            text("DISPLAY", "LIST"),
            int("LIST_HEIGHT", 1),
            text("ACTIVE_FILTER", "N"),
        ],
        "crm_status" => vec![text("ENTITY_TYPE", "")],
        "crm" => CRM_KINDS.into_iter().map(|kind| text(kind, "N")).collect(),
        "money" | "url" => vec![text("DEFAULT_VALUE", "")],
        _ => Vec::new(),
    }
}

/// A sent setting within its bounds.
fn allowed(user_type: &str, key: &str, value: &Php, default: &Php) -> Php {
    match (user_type, key) {
        ("string", "ROWS") => Php::Int(value.as_int().clamp(1, 50)),
        ("boolean", "DEFAULT_VALUE") => Php::Int(value.as_int().clamp(0, 1)),
        ("double", "PRECISION") if value.as_int() < 0 => default.clone(),
        ("date" | "datetime", "DEFAULT_VALUE") => {
            let kind = value.get("TYPE").and_then(Php::as_text).unwrap_or_default();
            if ["NONE", "NOW", "FIXED"].contains(&kind.as_ref()) { value.clone() } else { default.clone() }
        }
        (_, "LIST_HEIGHT") => Php::Int(value.as_int().max(1)),
        _ => value.clone(),
    }
}

/// The items of a list after an edit: an item with the id of an old one changes it, or deletes it with `DEL`; every other is
/// new. Items without a value are ignored. The items of the whole portal share their ids.
pub(crate) fn edited_items(present: &Php, sent: &Php, multiple: bool, last_id: &mut u64) -> Php {
    let text = |item: &Php, key: &str| item.get(key).and_then(Php::as_text).unwrap_or_default().into_owned();
    let mut items: Vec<Php> = present.entries().iter().map(|(_, item)| item.clone()).collect();
    for (_, edit) in sent.entries() {
        let id = text(edit, "ID");
        if let Some(at) = items.iter().position(|item| !id.is_empty() && text(item, "ID") == id) {
            if text(edit, "DEL") == "Y" {
                items.remove(at);
                continue;
            }
            for key in ["VALUE", "SORT", "DEF", "XML_ID"] {
                if let Some(value) = edit.get(key).and_then(Php::as_text) {
                    items[at].set(key, Php::text(value));
                }
            }
        } else if !text(edit, "VALUE").is_empty() {
            *last_id += 1;
            let or = |key: &str, default: &str| {
                Php::Text(
                    Some(text(edit, key)).filter(|it| !it.is_empty()).unwrap_or_else(|| default.to_owned()),
                )
            };
            items.push(Php::map([
                ("ID", Php::text(last_id.to_string())),
                ("SORT", or("SORT", "0")),
                ("VALUE", Php::Text(text(edit, "VALUE"))),
                ("DEF", or("DEF", "N")),
                ("XML_ID", or("XML_ID", &format!("item{last_id}"))),
            ]));
        }
    }
    let mut seen = false;
    for item in &mut items {
        let is_default = text(item, "DEF") == "Y" && (multiple || !seen);
        seen |= is_default;
        item.set("DEF", Php::text(if is_default { "Y" } else { "N" }));
    }
    items.sort_by_key(|item| item.get("SORT").map_or(0, Php::as_int));
    Php::list(items)
}

/// Whether a list has an item of this id. Fields of other types have no items to ask about.
pub(crate) fn knows_item(field: &UserField, id: &str) -> bool {
    field.user_type != "enumeration"
        || field.option("LIST").is_some_and(|items| {
            items
                .entries()
                .iter()
                .any(|(_, item)| item.get("ID").and_then(Php::as_text).as_deref() == Some(id))
        })
}

/// The values that fields give to a new card which says nothing about them.
pub(crate) fn default_values(
    fields: &BTreeMap<String, UserField>,
    author: Author,
) -> impl Iterator<Item = (&UserField, Php)> {
    fields.values().filter_map(move |field| Some((field, default_value(field, author)?)))
}

fn default_value(field: &UserField, author: Author) -> Option<Php> {
    if field.user_type == "enumeration" {
        let items = field.option("LIST")?.entries().iter();
        let chosen = items.filter(|(_, item)| item.get("DEF").and_then(Php::as_text).as_deref() == Some("Y"));
        let ids: Vec<Php> = chosen.filter_map(|(_, item)| item.get("ID").cloned()).collect();
        return if field.multiple {
            (!ids.is_empty()).then(|| Php::list(ids))
        } else {
            ids.into_iter().next()
        };
    }
    let default = field.option("SETTINGS")?.get("DEFAULT_VALUE")?;
    if matches!(field.user_type.as_str(), "date" | "datetime") {
        let now = || Php::Text(format_instant(author.seconds, author.offset));
        return match default.get("TYPE").and_then(Php::as_text).as_deref() {
            Some("NOW") => Some(now()),
            Some("FIXED") => default.get("VALUE").cloned(),
            _ => None,
        };
    }
    (!default.is_map() && default.truthy()).then(|| default.clone())
}
