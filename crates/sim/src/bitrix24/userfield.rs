//! `crm.contact.userfield.*` and `crm.company.userfield.*`.
//!
//! Making a field needs an administrator. Not responsible for the values of user fields.

use super::crm::Crm;
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::{Key, Php};
use super::plain;
use super::schema::{Kind, UserField};

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
const LABELS: &[&str] =
    &["EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL", "ERROR_MESSAGE", "HELP_MESSAGE"];

/// `….userfield.list`: labels come only if the filter names a language.
pub(crate) fn list(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let filter = params.param("filter").cloned().unwrap_or_default();
    let language = filter.get("LANG").and_then(Php::as_text).map(std::borrow::Cow::into_owned);
    let mut fields: Vec<_> = call.crm.schema(kind).userfields.values().collect();
    fields.sort_by_key(|field| field.id);
    let rows = fields.into_iter().map(|field| wire_field(kind, field, language.as_deref())).collect();
    let rows = plain::matching(rows, &filter);
    let total = rows.len() as i64;
    Ok(Answer::of_list(Php::list(rows), total, None))
}

/// `….userfield.get`.
pub(crate) fn get(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let id = params.param("id").map_or(0, Php::as_int);
    let field = call.crm.schema(kind).userfields.values().find(|field| field.id as i64 == id);
    let field =
        field.ok_or_else(|| Refusal::business("ERROR_NOT_FOUND", "The entity with ID is not found."))?;
    Ok(Answer::new(wire_field(kind, field, Some("ru"))))
}

/// `….userfield.add`: the new id.
pub(crate) fn add(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    if !call.settings.admin {
        return Err(Refusal::business("", "Access denied."));
    }
    let fields = super::classic::fields_of(params)?;
    let name = forced_name(&text(fields, "FIELD_NAME"));
    let user_type = text(fields, "USER_TYPE_ID");
    let mut problems = Vec::new();
    if !is_name(&name) {
        problems.push(format!("Недопустимое имя поля: {name}."));
    }
    if !TYPES.contains(&user_type.as_str()) {
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
    let multiple = text(fields, "MULTIPLE") == "Y";
    let own = ["ID", "FIELD_NAME", "USER_TYPE_ID", "MULTIPLE", "ENTITY_ID"];
    let options = fields.entries().iter().filter(|(key, _)| !own.contains(&key.as_ref())).cloned().collect();
    let field = UserField { id, name: name.clone(), user_type, multiple, options };
    call.crm.schema_mut(kind).userfields.insert(name, field);
    call.writes += 1;
    Ok(Answer::new(Php::Int(id as i64)))
}

/// Removes a user field with all its values.
pub(crate) fn remove_userfield(crm: &mut Crm, kind: Kind, name: &str) {
    crm.schema_mut(kind).userfields.remove(name);
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

/// The text that forms show for a field.
pub(crate) fn label(field: &UserField) -> Php {
    let options = Php::Map(field.options.clone());
    let label = options.get("EDIT_FORM_LABEL").or_else(|| options.get("LABEL"));
    label.map_or_else(|| Php::text(&field.name), |label| in_language(label, "ru"))
}

fn wire_field(kind: Kind, field: &UserField, language: Option<&str>) -> Php {
    let options = Php::Map(field.options.clone());
    let option = |key: &str, default: &str| options.get(key).cloned().unwrap_or_else(|| Php::text(default));
    let mut row = Php::map([
        ("ID", Php::text(field.id.to_string())),
        ("ENTITY_ID", Php::text(kind.userfield_entity())),
        ("FIELD_NAME", Php::text(&field.name)),
        ("USER_TYPE_ID", Php::text(&field.user_type)),
        ("XML_ID", option("XML_ID", "")),
        ("SORT", option("SORT", "100")),
        ("MULTIPLE", Php::text(if field.multiple { "Y" } else { "N" })),
        ("MANDATORY", option("MANDATORY", "N")),
        ("SHOW_FILTER", option("SHOW_FILTER", "N")),
        ("SHOW_IN_LIST", option("SHOW_IN_LIST", "Y")),
        ("EDIT_IN_LIST", option("EDIT_IN_LIST", "Y")),
        ("IS_SEARCHABLE", option("IS_SEARCHABLE", "N")),
        ("SETTINGS", options.get("SETTINGS").cloned().unwrap_or_else(Php::empty)),
    ]);
    if let Some(language) = language {
        for name in LABELS {
            let value = options.get(name).or_else(|| options.get("LABEL"));
            row.set(*name, value.map_or(Php::Null, |value| in_language(value, language)));
        }
    }
    row
}

fn in_language(label: &Php, language: &str) -> Php {
    match label {
        Php::Map(texts) => {
            let text = label.get(language).or_else(|| texts.first().map(|(_, text)| text));
            text.cloned().unwrap_or_default()
        }
        text => text.clone(),
    }
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

/// The options of a loaded field: everything the record says beyond its identity.
pub(crate) fn loaded_options(record: &Php) -> Vec<(Key, Php)> {
    let own = ["entity", "ID", "ENTITY_ID", "FIELD_NAME", "USER_TYPE_ID", "MULTIPLE"];
    record.entries().iter().filter(|(key, _)| !own.contains(&key.as_ref())).cloned().collect()
}
