//! `crm.contact.*` and `crm.company.*`: fields, add, get, list, update, delete.
//!
//! They see category 0 only, drop unknown filter keys and count every update as a change. Not responsible for
//! the rules of changing, which `crm` holds for both APIs.

use super::crm::Mode;
use super::filter::{Filter, parse_lenient};
use super::list::Start;
use super::methods::{Answer, Call, Outcome, Refusal};
use super::php::{Key, Php};
use super::rights::{Deed, access_denied};
use super::schema::{Access, Column, Kind, Multi, Schema, Type};
use super::table::Record;
use super::{mandatory, userfield, values};

/// `….fields`.
pub(crate) fn fields(call: &mut Call<'_>, kind: Kind) -> Outcome {
    let schema = call.crm.schema(kind);
    let standard = kind.standard().iter().map(|field| {
        let is_required = matches!(
            (kind, field.name),
            (Kind::Contact, "NAME" | "SECOND_NAME" | "LAST_NAME")
                | (Kind::Company, "TITLE")
                | (Kind::Requisite, "ENTITY_TYPE_ID" | "ENTITY_ID" | "PRESET_ID" | "NAME")
                | (Kind::BankDetail, "ENTITY_ID" | "NAME")
                | (Kind::Address, "TYPE_ID" | "ENTITY_TYPE_ID" | "ENTITY_ID")
        );
        let is_multiple = field.ty == Type::MultiField || matches!(field.name, "COMPANY_IDS" | "CONTACT_ID");
        let mut meta = meta(field.ty, is_required, field.access, is_multiple, false);
        if (kind, field.name) == (Kind::Contact, "COMPANY_ID") {
            meta.set("isDeprecated", Php::Bool(true));
        }
        if field.ty == Type::Lead {
            meta.set("settings", Php::map([("parentEntityTypeId", Php::Int(1))]));
        }
        meta.set("title", Php::text(field.name));
        (Key::Borrowed(field.name), meta)
    });
    let own = schema.userfields.values().map(|field| {
        let mut meta = meta(field.ty(), false, Access::Free, field.multiple, true);
        meta.set("type", Php::text(&field.user_type));
        meta.set("title", Php::text(&field.name));
        for label in ["listLabel", "formLabel", "filterLabel"] {
            meta.set(label, userfield::label(field));
        }
        if let Some(items) = field.option("LIST") {
            let shown = ["ID", "VALUE"];
            let items = items.entries().iter().map(|(_, item)| {
                Php::map(shown.map(|key| (key, item.get(key).cloned().unwrap_or_default())))
            });
            meta.set("items", Php::list(items));
        }
        (Key::Owned(field.name.clone()), meta)
    });
    Ok(Answer::new(Php::Map(standard.chain(own).collect())))
}

/// The record that describes a field, without its title.
pub(crate) fn meta(ty: Type, is_required: bool, access: Access, is_multiple: bool, is_dynamic: bool) -> Php {
    let mut meta = Php::map([
        ("type", Php::text(ty.wire_name())),
        ("isRequired", Php::Bool(is_required)),
        ("isReadOnly", Php::Bool(matches!(access, Access::ReadOnly | Access::Import))),
        ("isImmutable", Php::Bool(access == Access::AddOnly)),
        ("isMultiple", Php::Bool(is_multiple)),
        ("isDynamic", Php::Bool(is_dynamic)),
    ]);
    if let Type::Status(entity) = ty {
        meta.set("statusType", Php::text(entity));
    }
    meta
}

/// `….add`: the new id, as an integer.
pub(crate) fn add(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let fields = fields_of(params)?;
    // Only an absent key, "0" or "" say no: the text "N" switches the import on.
    let is_import = params.param("params").and_then(|params| params.param("IMPORT")).is_some_and(Php::truthy);
    if is_import && !call.settings.allows_import(call.caller.user) {
        return Err(Refusal::business("", "Access denied."));
    }
    let mode = if is_import { Mode::Import } else { Mode::Rest };
    if !call.may_add(kind, fields) {
        return Err(access_denied());
    }
    check_mandatory(call, kind, fields, true)?;
    let author = call.author(mode);
    let id = call.crm.create(kind, fields, Vec::new(), author).map_err(|fail| Refusal::classic(&fail))?;
    call.writes += 1;
    Ok(Answer::new(Php::Int(id as i64)))
}

/// `….get`: everything readable, multi-fields included.
pub(crate) fn get(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let id = allowed_id(call, Deed::Read, kind, params)?;
    let schema = call.crm.schema(kind);
    let columns: Vec<_> = schema.standard_columns().chain(schema.user_columns()).collect();
    let record = call.crm.table(kind).get(id).ok_or_else(not_found)?;
    Ok(Answer::new(row(&columns, id, record, call)))
}

/// `….list`.
pub(crate) fn list(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let start = Start::by_page(params.param("start"));
    Ok(list_rows(call, kind, params, start))
}

/// A page of rows, shared with requisites.
pub(crate) fn list_rows(call: &Call<'_>, kind: Kind, params: &Php, start: Start) -> Answer {
    let schema = call.crm.schema(kind);
    let offset = call.settings.offset;
    let filter = match params.param("filter") {
        Some(filter) => parse_lenient(filter, &|name| filterable(schema, name), offset),
        None => Filter::All(Vec::new()),
    };
    let order: Vec<_> = params
        .param("order")
        .into_iter()
        .flat_map(Php::entries)
        .filter_map(|(name, direction)| Some((filterable(schema, name)?, is_descending(direction))))
        .filter(|(column, _)| column.ty() != Type::MultiField)
        .collect();
    let table = call.crm.table(kind);
    let page = call.page(kind, &filter, &order, start, true);
    let columns = selection(schema, params.param("select"));
    let rows = page.ids.iter().filter_map(|id| Some(row(&columns, *id, table.get(*id)?, call)));
    Answer::of_list(Php::list(rows), page.total, page.next)
}

/// `….update`.
pub(crate) fn update(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let id = allowed_id(call, Deed::Write, kind, params)?;
    let fields = fields_of(params)?;
    check_mandatory(call, kind, fields, false)?;
    let author = call.author(Mode::Rest);
    call.crm.update(kind, id, fields, Vec::new(), author, false).map_err(|fail| Refusal::classic(&fail))?;
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}

/// `….delete`.
pub(crate) fn delete(call: &mut Call<'_>, kind: Kind, params: &Php) -> Outcome {
    let id = allowed_id(call, Deed::Write, kind, params)?;
    call.crm.delete(kind, id).map_err(|fail| Refusal::classic(&fail))?;
    call.writes += 1;
    Ok(Answer::new(Php::Bool(true)))
}

/// The id parameter, if it names a record that classic methods can see.
pub(crate) fn visible_id(call: &Call<'_>, kind: Kind, params: &Php) -> Result<u64, Refusal> {
    let id = params.param("id").map_or(0, Php::as_int);
    let id = u64::try_from(id).ok().filter(|id| *id > 0);
    let Some(id) = id else {
        return Err(Refusal::business("", "ID is not defined or invalid."));
    };
    match call.crm.table(kind).get(id) {
        Some(record) if record.category == 0 => Ok(id),
        _ => Err(not_found()),
    }
}

/// The same, if the calling user may do this to the record.
pub(crate) fn allowed_id(call: &Call<'_>, deed: Deed, kind: Kind, params: &Php) -> Result<u64, Refusal> {
    let id = visible_id(call, kind, params)?;
    call.check(deed, kind, id).map(|()| id)
}

/// The `fields` parameter.
pub(crate) fn fields_of(params: &Php) -> Result<&Php, Refusal> {
    params
        .param("fields")
        .filter(|fields| fields.is_map())
        .ok_or_else(|| Refusal::business("", "Parameter 'fields' must be array."))
}

/// Whether a direction of an order says descending.
pub(crate) fn is_descending(direction: &Php) -> bool {
    direction.as_text().is_some_and(|direction| direction.trim().eq_ignore_ascii_case("desc"))
}

fn check_mandatory(call: &Call<'_>, kind: Kind, fields: &Php, creating: bool) -> Result<(), Refusal> {
    match mandatory::unfilled(call, kind, fields, creating) {
        Some(text) => Err(Refusal::business("ERROR_CORE", text)),
        None => Ok(()),
    }
}

fn not_found() -> Refusal {
    Refusal::business("", "Not found")
}

/// Filters and orders know neither of the write-only link lists.
fn filterable(schema: &Schema, name: &str) -> Option<Column> {
    schema.column(name).filter(|column| !matches!(column, Column::Companies | Column::Contacts))
}

/// `*` is the standard fields, `UF_*` the user fields, multi-fields come by name.
fn selection(schema: &Schema, select: Option<&Php>) -> Vec<(Key, Column)> {
    let mut names: Vec<String> = select
        .into_iter()
        .flat_map(Php::entries)
        .filter_map(|(_, name)| Some(name.as_text()?.into_owned()))
        .collect();
    if names.is_empty() {
        names = vec!["*".to_owned(), "UF_*".to_owned()];
    }
    if names.iter().any(|name| Multi::from_name(name).is_some()) {
        names.push("ID".to_owned());
    }
    let mut columns: Vec<(Key, Column)> = Vec::new();
    let mut push = |key: Key, column: Column| {
        if !columns.iter().any(|(known, _)| *known == key) {
            columns.push((key, column));
        }
    };
    for name in names {
        match name.as_str() {
            "*" => schema
                .standard_columns()
                .filter(|(_, column)| !matches!(column, Column::Rows(_)))
                .for_each(|(key, column)| push(key, column)),
            "UF_*" => schema.user_columns().for_each(|(key, column)| push(key, column)),
            _ => {
                if let Some(column) = schema.column(&name) {
                    let standard = schema.kind.standard().iter().find(|field| field.name == name);
                    push(standard.map_or(Key::Owned(name), |field| Key::Borrowed(field.name)), column);
                }
            }
        }
    }
    columns
}

fn row(columns: &[(Key, Column)], id: u64, record: &Record, call: &Call<'_>) -> Php {
    let mut entries = Vec::with_capacity(columns.len());
    entries.extend(columns.iter().filter_map(|(key, column)| {
        Some((key.clone(), values::classic(column, id, record, call.settings.offset)?))
    }));
    Php::Map(entries)
}
