//! The universal API `crm.item.*` for contacts (type 3) and companies (type 4), with its imports.
//!
//! Translates names and multi-fields, then follows the same rules of changing as the classic API. It refuses
//! unknown filter fields and skips updates without a change.

use super::classic::{is_descending, meta};
use super::crm::{Fail, Mode};
use super::filter::{Filter, parse_strict};
use super::item_names::{ItemField, item_fields};
use super::list::Start;
use super::methods::{Answer, Call, Outcome, Refusal};
use super::multifield::universal_edits;
use super::php::{Key, Php};
use super::rights::Deed;
use super::schema::{Access, Column, Kind, Multi};
use super::table::Record;
use super::{mandatory, userfield, values};

/// Items in one `crm.item.batchImport`.
pub(crate) const MAX_IMPORT_ITEMS: usize = 20;

/// `crm.item.fields`.
pub(crate) fn fields(call: &mut Call<'_>, params: &Php) -> Outcome {
    let (kind, names) = addressed(call, params)?;
    let schema = call.crm.schema(kind);
    let mut described = Php::empty();
    for field in names {
        let (access, multiple) = match &field.column {
            Column::Stored { access, multiple, .. } => (*access, *multiple),
            Column::PrimaryCompany => (Access::Free, false),
            Column::Companies | Column::Contacts => (Access::Free, true),
            _ => (Access::ReadOnly, false),
        };
        let own = schema.userfields.get(field.classic.as_ref());
        let mut meta = meta(field.column.ty(), false, access, multiple, own.is_some());
        if let Some(own) = own {
            meta.set("type", Php::text(&own.user_type));
        }
        meta.set("title", own.map_or_else(|| Php::text(field.classic.as_ref()), userfield::label));
        meta.set("upperName", Php::text(field.classic.as_ref()));
        described.set(field.name, meta);
    }
    let mut rows = meta(super::schema::Type::MultiField, false, Access::Free, true, false);
    rows.set("title", Php::text("FM"));
    rows.set("upperName", Php::text("FM"));
    described.set("fm", rows);
    Ok(Answer::new(Php::map([("fields", described)])))
}

/// `crm.item.list`.
pub(crate) fn list(call: &mut Call<'_>, params: &Php) -> Outcome {
    let (kind, names) = addressed(call, params)?;
    let offset = call.settings.offset;
    let column = |name: &str| {
        // The id passes in capitals too: published clients page all lists alike, by `ID`.
        let name = if name == "ID" { "id" } else { name };
        names
            .iter()
            .find(|field| field.name == name)
            .map(|field| field.column.clone())
            .filter(|column| !matches!(column, Column::Companies | Column::Contacts))
    };
    let filter = match params.get("filter") {
        Some(filter) => parse_strict(filter, &column, offset).map_err(|name| {
            invalid_argument(format!("Invalid filter: field '{name}' is not allowed in filter"))
        })?,
        None => Filter::All(Vec::new()),
    };
    let mut order = Vec::new();
    for (name, direction) in params.get("order").into_iter().flat_map(Php::entries) {
        let column = column(name).ok_or_else(|| {
            invalid_argument(format!("Invalid order: field '{name}' is not allowed in order"))
        })?;
        order.push((column, is_descending(direction)));
    }
    let table = call.crm.table(kind);
    let page = call.page(kind, &filter, &order, Start::exact(params.get("start")), false);
    let selected: Vec<_> = params
        .get("select")
        .into_iter()
        .flat_map(Php::entries)
        .filter_map(|(_, name)| name.as_text())
        .collect();
    let everything = selected.is_empty() || selected.iter().any(|name| name == "*");
    let columns: Vec<&ItemField> = names
        .iter()
        .filter(|field| everything || field.name == "id" || selected.contains(&field.name))
        .collect();
    let items = page.ids.iter().filter_map(|id| Some(item(call, *id, table.get(*id)?, &columns, everything)));
    let result = Php::map([("items", Php::list(items))]);
    Ok(Answer::of_list(result, page.total, page.next))
}

/// `crm.item.get`.
pub(crate) fn get(call: &mut Call<'_>, params: &Php) -> Outcome {
    let (kind, names) = addressed(call, params)?;
    let id = id_of(params)?;
    check(call, Deed::Read, kind, id)?;
    whole_item(call, kind, id, &names)
}

/// `crm.item.add`: the whole item.
pub(crate) fn add(call: &mut Call<'_>, params: &Php) -> Outcome {
    let (kind, names) = addressed(call, params)?;
    let fields = iterable(params, "fields")?;
    let rows = universal_edits(fields.get("fm").unwrap_or(&Php::Null), &Record::default());
    let fields = translated(fields, &names)?;
    if !call.may_add(kind, &fields) {
        return Err(access_denied());
    }
    check_mandatory(call, kind, &fields, true)?;
    let author = call.author(Mode::Rest);
    let id = call.crm.create(kind, &fields, rows, author).map_err(|fail| refusal(&fail))?;
    call.crm.put_in_category(kind, id, category_of(&fields));
    call.writes += 1;
    whole_item(call, kind, id, &names)
}

/// `crm.item.update`: the whole item; without a change nothing is saved.
pub(crate) fn update(call: &mut Call<'_>, params: &Php) -> Outcome {
    let (kind, names) = addressed(call, params)?;
    let id = id_of(params)?;
    check(call, Deed::Write, kind, id)?;
    let fields = iterable(params, "fields")?;
    let record = call.crm.table(kind).get(id).ok_or_else(|| refusal(&Fail::NotFound))?;
    let rows = universal_edits(fields.get("fm").unwrap_or(&Php::Null), record);
    let fields = translated(fields, &names)?;
    check_mandatory(call, kind, &fields, false)?;
    let author = call.author(Mode::Rest);
    call.crm.update(kind, id, &fields, rows, author, true).map_err(|fail| refusal(&fail))?;
    call.writes += 1;
    whole_item(call, kind, id, &names)
}

/// `crm.item.delete`.
pub(crate) fn delete(call: &mut Call<'_>, params: &Php) -> Outcome {
    let (kind, _) = addressed(call, params)?;
    let id = id_of(params)?;
    check(call, Deed::Write, kind, id)?;
    call.crm.delete(kind, id).map_err(|fail| refusal(&fail))?;
    call.writes += 1;
    Ok(Answer::new(Php::empty()))
}

/// `crm.item.import`: the id only.
pub(crate) fn import(call: &mut Call<'_>, params: &Php) -> Outcome {
    let (kind, names) = addressed(call, params)?;
    let fields = iterable(params, "fields")?;
    import_one(call, kind, fields, &names).map(Answer::new)
}

/// `crm.item.batchImport`: results by position, errors among them.
pub(crate) fn batch_import(call: &mut Call<'_>, params: &Php) -> Outcome {
    let (kind, names) = addressed(call, params)?;
    let data = iterable(params, "data")?;
    if data.entries().len() > MAX_IMPORT_ITEMS {
        return Err(Refusal::business(
            "MAX_IMPORT_BATCH_SIZE_EXCEEDED",
            format!("Maximum batch size is {MAX_IMPORT_ITEMS} items"),
        ));
    }
    let mut items = Vec::new();
    for (_, fields) in data.entries() {
        items.push(match import_one(call, kind, fields, &names) {
            Ok(item) => item,
            Err(refusal) => refusal.to_php(),
        });
    }
    Ok(Answer::new(Php::map([("items", Php::list(items))])))
}

/// Unlike `add` it takes multi-fields under their classic names, and own dates from an administrator.
fn import_one(call: &mut Call<'_>, kind: Kind, fields: &Php, names: &[ItemField]) -> Result<Php, Refusal> {
    if !call.settings.allows_import(call.caller.user) {
        return Err(Refusal::business("ACCESS_DENIED", "Доступ запрещён"));
    }
    let mut classic = translated(fields, names)?;
    for multi in Multi::ALL {
        if let Some(rows) = fields.get(multi.name()) {
            classic.set(multi.name(), rows.clone());
        }
    }
    if !call.may_add(kind, &classic) {
        return Err(access_denied());
    }
    check_mandatory(call, kind, &classic, true)?;
    let author = call.author(if call.is_admin() { Mode::Import } else { Mode::Rest });
    let id = call.crm.create(kind, &classic, Vec::new(), author).map_err(|fail| refusal(&fail))?;
    call.crm.put_in_category(kind, id, category_of(&classic));
    call.writes += 1;
    Ok(Php::map([("item", Php::map([("id", Php::Int(id as i64))]))]))
}

/// The kind of item a call is about, and its field names.
fn addressed(call: &Call<'_>, params: &Php) -> Result<(Kind, Vec<ItemField>), Refusal> {
    let Some(type_id) = params.get("entityTypeId") else {
        return Err(missing("entityTypeId"));
    };
    let Some(kind) = Kind::from_type_id(type_id.as_int()) else {
        return Err(Refusal::business("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported"));
    };
    let original = match params.get("useOriginalUfNames") {
        Some(Php::Bool(value)) => *value,
        Some(value) => value.as_text().is_some_and(|value| value == "Y"),
        None => false,
    };
    let original = original && call.settings.knows_original_uf_names;
    Ok((kind, item_fields(call.crm.schema(kind), original)))
}

fn id_of(params: &Php) -> Result<u64, Refusal> {
    let id = params.get("id").ok_or_else(|| missing("id"))?.as_int();
    u64::try_from(id).map_err(|_| refusal(&Fail::NotFound))
}

fn iterable<'a>(params: &'a Php, name: &str) -> Result<&'a Php, Refusal> {
    params.get(name).filter(|value| value.is_map()).ok_or_else(|| missing(name))
}

/// The category that the fields of a new item name.
fn category_of(fields: &Php) -> i64 {
    fields.get("CATEGORY_ID").map_or(0, Php::as_int)
}

/// Fields under their classic names; unknown ones are left out without a word.
fn translated(fields: &Php, names: &[ItemField]) -> Result<Php, Refusal> {
    let mut classic = Vec::new();
    for (name, value) in fields.entries() {
        let Some(field) = names.iter().find(|field| field.name == name.as_ref()) else {
            continue;
        };
        let is_multiple = matches!(
            field.column,
            Column::Companies | Column::Contacts | Column::Stored { multiple: true, .. }
        );
        if is_multiple && !value.is_map() && *value != Php::Null {
            return Err(Refusal::business(
                "100",
                format!("Expected iterable value for multiple field, but got scalar: '{name}'"),
            ));
        }
        classic.push((field.classic.clone(), value.clone()));
    }
    Ok(Php::Map(classic))
}

fn whole_item(call: &Call<'_>, kind: Kind, id: u64, names: &[ItemField]) -> Outcome {
    let record = call.crm.table(kind).get(id).ok_or_else(|| refusal(&Fail::NotFound))?;
    let columns: Vec<&ItemField> = names.iter().collect();
    Ok(Answer::new(Php::map([("item", item(call, id, record, &columns, true))])))
}

fn item(call: &Call<'_>, id: u64, record: &Record, columns: &[&ItemField], with_rows: bool) -> Php {
    let contacts_of = |company: u64| call.crm.contacts.with_company(company);
    // Room for the rows and their aliases too: growing step by step costs more than filling.
    let mut entries: Vec<(Key, Php)> = Vec::with_capacity(columns.len() + 8);
    entries.extend(columns.iter().filter_map(|field| {
        let value = values::universal(&field.column, id, record, &contacts_of, call.settings.offset)?;
        Some((field.name.clone(), value))
    }));
    if with_rows {
        entries.extend(values::universal_rows(record));
    }
    Php::Map(entries)
}

fn check_mandatory(call: &Call<'_>, kind: Kind, fields: &Php, creating: bool) -> Result<(), Refusal> {
    match mandatory::unfilled(call, kind, fields, creating) {
        Some(text) => Err(Refusal::business("CRM_FIELD_ERROR_REQUIRED", text)),
        None => Ok(()),
    }
}

fn check(call: &Call<'_>, deed: Deed, kind: Kind, id: u64) -> Result<(), Refusal> {
    if call.may(deed, kind, id) { Ok(()) } else { Err(access_denied()) }
}

fn access_denied() -> Refusal {
    Refusal::business("ACCESS_DENIED", "Доступ запрещен")
}

fn refusal(fail: &Fail) -> Refusal {
    match fail {
        Fail::NotFound => Refusal::business("NOT_FOUND", "Элемент не найден"),
        Fail::Required(names) => Refusal::business(
            "CRM_FIELD_ERROR_REQUIRED",
            format!("Обязательное поле не заполнено: {}", names.join(", ")),
        ),
        Fail::BadEmail(value) => {
            Refusal::business("CRM_FIELD_ERROR_VALUE_NOT_VALID", format!("Неверный e-mail: {value}"))
        }
        Fail::BadDate | Fail::AddressExists => {
            Refusal::business("CRM_FIELD_ERROR_VALUE_NOT_VALID", "Недопустимая дата создания или изменения")
        }
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::business("100", format!("Could not find value for parameter {{{name}}}"))
}

fn invalid_argument(description: String) -> Refusal {
    Refusal::business("INVALID_ARG_VALUE", description)
}
