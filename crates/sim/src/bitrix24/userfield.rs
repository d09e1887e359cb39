//! `crm.contact.userfield.*` and its likes for companies and requisites.
//!
//! Making, changing and deleting a field needs an administrator. Not responsible for the values of user fields.

mod labels;
mod shape;

use super::classic::fields_of;
use super::crm::Crm;
use super::events::{Change, FieldWhat};
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::{Key, Php};
use super::plain;
use super::schema::{Kind, UserField};
use labels::{LABELS, in_all_languages, in_language, spelled_out};

pub(crate) use labels::label;
pub(crate) use shape::{default_values, knows_item};

const PREFIX: &str = "UF_CRM_";
const MAX_NAME: usize = 50;
const TYPES: &[&str] = &[
    "string",
    "integer",
    "double",
    "boolean",
    "datetime",
    "date",
    "money",
    "url",
    "address",
    "enumeration",
    "file",
    "employee",
    "crm_status",
    "iblock_section",
    "iblock_element",
    "crm",
];
/// What requisites can have.
const REQUISITE_TYPES: &[&str] = &["string", "boolean", "double", "datetime"];
/// What `update` changes as it is sent, with the default of a new field.
const OPTIONS: &[(&str, &str)] = &[
    ("XML_ID", ""),
    ("SORT", "100"),
    ("MANDATORY", "N"),
    ("SHOW_FILTER", "N"),
    ("SHOW_IN_LIST", "N"),
    ("EDIT_IN_LIST", "Y"),
    ("IS_SEARCHABLE", "N"),
];

/// `….userfield.list`: labels come only if the filter names a language.
pub(crate) fn list(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let filter = params.param("filter").cloned().unwrap_or_default();
    let language = filter.get("LANG").and_then(Php::as_text).map(std::borrow::Cow::into_owned);
    let mut fields: Vec<_> = call.crm.schema(kind).userfields.values().collect();
    fields.sort_by_key(|field| field.id);
    let order = params.param("order").and_then(|order| order.entries().first());
    if order.is_some_and(|(_, direction)| super::classic::is_descending(direction)) {
        fields.reverse();
    }
    let rows = fields.into_iter().map(|field| {
        let mut row = wire_field(kind, field);
        if let Some(language) = &language {
            LABELS.iter().for_each(|name| row.set(*name, in_language(field, name, language)));
        }
        row
    });
    let rows = plain::matching(rows.collect(), &filter);
    let total = rows.len() as i64;
    Ok(Answer::of_list(Php::list(rows), total, None))
}

/// `….userfield.get`: with the labels of all languages.
pub(crate) fn get(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let name = known_field(call, kind, params)?;
    let field = &call.crm.schema(kind).userfields[&name];
    let mut row = wire_field(kind, field);
    LABELS.iter().for_each(|name| row.set(*name, in_all_languages(field, name)));
    Ok(Answer::new(row))
}

/// `….userfield.add`: the new id.
pub(crate) fn add(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    check_admin(call)?;
    let fields = fields_of(params)?;
    let name = forced_name(&text(fields, "FIELD_NAME"));
    let user_type = text(fields, "USER_TYPE_ID");
    let types = if kind == Kind::Requisite { REQUISITE_TYPES } else { TYPES };
    let mut problems = Vec::new();
    if !is_name(&name) {
        problems.push(format!("Недопустимое имя поля: {name}."));
    }
    if !types.contains(&user_type.as_str()) {
        problems.push("Указан неверный тип пользовательского поля.".to_owned());
    }
    if call.crm.schema(kind).userfields.contains_key(&name) {
        problems.push(format!("Поле {name} для объекта {} уже существует.", kind.userfield_entity()));
    }
    if !problems.is_empty() {
        return Err(Refusal::business("ERROR_CORE", problems.join("\n")));
    }
    call.crm.last_userfield += 1;
    let id = call.crm.last_userfield;
    // A yes or no is never multiple.
    let multiple = text(fields, "MULTIPLE") == "Y" && user_type != "boolean";
    let mut field = UserField { id, name: name.clone(), user_type, multiple, options: Vec::new() };
    for (key, default) in OPTIONS {
        field.set_option(key, fields.get(key).cloned().unwrap_or_else(|| Php::text(*default)));
    }
    edit(call.crm, &mut field, fields);
    tell(call.crm, kind, FieldWhat::Add, &field, fields);
    call.crm.schema_mut(kind).userfields.insert(name, field);
    call.writes += 1;
    Ok(Answer::new(Php::Int(id as i64)))
}

/// `….userfield.update`: name, type and multiplicity are not among what it changes.
pub(crate) fn update(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    check_admin(call)?;
    let name = known_field(call, kind, params)?;
    let fields = fields_of(params)?;
    let mut field = call.crm.schema(kind).userfields[&name].clone();
    for (key, _) in OPTIONS {
        if let Some(value) = fields.get(key) {
            field.set_option(key, value.clone());
        }
    }
    edit(call.crm, &mut field, fields);
    tell(call.crm, kind, FieldWhat::Update, &field, fields);
    call.crm.schema_mut(kind).userfields.insert(name, field);
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}

/// `….userfield.delete`: with all values.
pub(crate) fn delete(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    check_admin(call)?;
    let name = known_field(call, kind, params)?;
    remove_userfield(call.crm, kind, &name);
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}

/// Labels, settings and items, which add and update treat alike.
fn edit(crm: &mut Crm, field: &mut UserField, fields: &Php) {
    for (name, texts) in spelled_out(fields) {
        field.set_option(&name, texts);
    }
    let settings = shape::settings(&field.user_type, field.option("SETTINGS"), fields.get("SETTINGS"));
    field.set_option("SETTINGS", settings);
    if field.user_type == "enumeration" {
        let present = field.option("LIST").cloned().unwrap_or_default();
        let sent = fields.get("LIST").cloned().unwrap_or_default();
        let items = shape::edited_items(&present, &sent, field.multiple, &mut crm.last_list_item);
        field.set_option("LIST", items);
    }
}

/// Keeps a change for whoever listens; values of a list that were sent are a change of their own.
fn tell(crm: &mut Crm, kind: Kind, what: FieldWhat, field: &UserField, sent: &Php) {
    crm.untold.push(Change::of_userfield(kind, what, field));
    if field.user_type == "enumeration" && sent.get("LIST").is_some() {
        crm.untold.push(Change::of_userfield(kind, FieldWhat::SetEnumValues, field));
    }
}

/// Removes a user field with all its values.
pub(crate) fn remove_userfield(crm: &mut Crm, kind: Kind, name: &str) {
    if let Some(field) = crm.schema_mut(kind).userfields.remove(name) {
        crm.untold.push(Change::of_userfield(kind, FieldWhat::Delete, &field));
    }
    let rows = crm.table(kind).rows().iter();
    let holders: Vec<u64> =
        rows.filter(|(_, record)| record.fields.contains_key(name)).map(|(id, _)| *id).collect();
    for holder in holders {
        if let Some(mut record) = crm.table(kind).get(holder).cloned() {
            record.fields.remove(name);
            crm.table_mut(kind).put(holder, record);
        }
    }
}

fn wire_field(kind: Kind, field: &UserField) -> Php {
    let option = |key: &str, default: &str| field.option(key).cloned().unwrap_or_else(|| Php::text(default));
    let mut row = Php::map([
        ("ID", Php::text(field.id.to_string())),
        ("ENTITY_ID", Php::text(kind.userfield_entity())),
        ("FIELD_NAME", Php::text(&field.name)),
        ("USER_TYPE_ID", Php::text(&field.user_type)),
        ("MULTIPLE", Php::text(if field.multiple { "Y" } else { "N" })),
    ]);
    for (key, default) in OPTIONS {
        row.set(*key, option(key, default));
    }
    row.set("SETTINGS", field.option("SETTINGS").cloned().unwrap_or_else(Php::empty));
    if field.user_type == "enumeration" {
        row.set("LIST", field.option("LIST").cloned().unwrap_or_else(Php::empty));
    }
    row
}

fn check_admin(call: &Call<'_>) -> Result<(), Refusal> {
    if call.is_admin() { Ok(()) } else { Err(access_denied()) }
}

/// The name of the field that the id names.
fn known_field(call: &Call<'_>, kind: Kind, params: &Php) -> Result<String, Refusal> {
    let id = params.param("id").map_or(0, Php::as_int);
    if id <= 0 {
        return Err(Refusal::business("", "ID is not defined or invalid."));
    }
    let has = |field: &&UserField| field.id as i64 == id;
    if let Some(field) = call.crm.schema(kind).userfields.values().find(has) {
        return Ok(field.name.clone());
    }
    let others = [Kind::Contact, Kind::Company, Kind::Requisite].into_iter();
    if others.flat_map(|kind| call.crm.schema(kind).userfields.values()).any(|field| has(&field)) {
        return Err(access_denied());
    }
    Err(Refusal::business("ERROR_NOT_FOUND", format!("The entity with ID '{id}' is not found.")))
}

fn access_denied() -> Refusal {
    Refusal::business("", "Access denied.")
}

/// The portal forces its prefix: `1C_ID` and `UF_1C_ID` both become `UF_CRM_1C_ID`.
fn forced_name(given: &str) -> String {
    let name = given.trim().to_uppercase();
    if name.starts_with(PREFIX) {
        return name;
    }
    format!("{PREFIX}{}", name.strip_prefix("UF_").unwrap_or(&name))
}

fn is_name(name: &str) -> bool {
    name.len() > PREFIX.len()
        && name.len() <= MAX_NAME
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn text(fields: &Php, key: &str) -> String {
    fields.get(key).and_then(Php::as_text).unwrap_or_default().into_owned()
}

/// The options of a loaded field: everything the record says beyond its identity. Items without an id get one.
pub(crate) fn loaded_options(crm: &mut Crm, record: &Php) -> Vec<(Key, Php)> {
    let own = ["entity", "ID", "ENTITY_ID", "FIELD_NAME", "USER_TYPE_ID", "MULTIPLE"];
    let is_own = |key: &str| own.contains(&key);
    let mut options: Vec<_> = record.entries().iter().filter(|(key, _)| !is_own(key)).cloned().collect();
    for (_, items) in options.iter_mut().filter(|(key, _)| key == "LIST") {
        let Php::Map(items) = items else { continue };
        for (_, item) in items {
            match item.get("ID").map(Php::as_int).and_then(|id| u64::try_from(id).ok()) {
                Some(id) => crm.last_list_item = crm.last_list_item.max(id),
                None => {
                    crm.last_list_item += 1;
                    item.set("ID", Php::text(crm.last_list_item.to_string()));
                }
            }
        }
    }
    options
}
