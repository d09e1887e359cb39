//! Loading, dumping, and what people do at the portal's own screen.
//!
//! Loading keeps given ids and dates, and everything loaded comes out of the dump again. A person's change
//! moves DATE_MODIFY but costs nothing and meets no limit.

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::crm::{Author, Crm, Fail, Mode, ids, new_link};
use super::dates::{format_instant, parse_instant};
use super::multifield;
use super::php::{Key, Php};
use super::schema::{Column, Kind, Multi, UserField};
use super::settings::Settings;
use super::table::{Record, Row, Stored};
use super::userfield::loaded_options;
use super::values::{classic_row, to_stored};

/// Adds one line of the load format.
pub(crate) fn load(crm: &mut Crm, line: &Value, offset: Offset) -> Result<(), String> {
    let record = to_php(line)?;
    let entity = record.get("entity").and_then(Php::as_text).unwrap_or_default().into_owned();
    match entity.as_str() {
        "user" => load_user(crm, record),
        "userfield" => load_userfield(crm, &record),
        other => match kind_of(other) {
            Some(kind) => load_record(crm, kind, &record, offset),
            None => Err(format!("unknown entity {other:?}: expected user, userfield or a kind of record")),
        },
    }
}

/// The kind of record that a line or an action calls by this name.
fn kind_of(entity: &str) -> Option<Kind> {
    Some(match entity {
        "contact" => Kind::Contact,
        "company" => Kind::Company,
        "requisite" => Kind::Requisite,
        "bankdetail" => Kind::BankDetail,
        "address" => Kind::Address,
        _ => return None,
    })
}

/// Everything, in the shape the checker reads.
pub(crate) fn dump(crm: &Crm, offset: Offset) -> Value {
    let table = |kind: Kind| -> Vec<Value> {
        crm.table(kind).rows().iter().map(|(id, record)| dump_record(kind, *id, record, offset)).collect()
    };
    let userfields: Vec<Value> = [Kind::Contact, Kind::Company, Kind::Requisite]
        .into_iter()
        .flat_map(|kind| crm.schema(kind).userfields.values().map(move |field| dump_userfield(kind, field)))
        .collect();
    json!({
        "contacts": table(Kind::Contact),
        "companies": table(Kind::Company),
        "requisites": table(Kind::Requisite),
        "bankdetails": table(Kind::BankDetail),
        "addresses": table(Kind::Address),
        "users": crm.users.values().map(to_json).collect::<Vec<_>>(),
        "userfields": userfields,
    })
}

/// Does what a person would do: `{"do": "update", "entity": "contact", "id": "12", "fields": {…}}`, `create`
/// or `delete`. Multi-field rows follow the rules of a REST update. A `user` field names the person.
pub(crate) fn act(
    crm: &mut Crm,
    now: Timestamp,
    action: &Value,
    settings: &Settings,
) -> Result<Value, String> {
    let action = to_php(action)?;
    let text = |key: &str| action.get(key).and_then(Php::as_text).unwrap_or_default().into_owned();
    let id = u64::try_from(action.get("id").map_or(0, Php::as_int)).unwrap_or(0);
    let entity = text("entity");
    if entity == "userfield" && text("do") == "delete" {
        return delete_userfield(crm, id);
    }
    let kind = kind_of(&entity).ok_or_else(|| format!("unknown entity {entity:?}"))?;
    let author = Author {
        user: action.get("user").and_then(|user| u64::try_from(user.as_int()).ok()).unwrap_or(settings.user),
        seconds: now.as_second(),
        offset: settings.offset,
        mode: Mode::Hand,
    };
    let nothing = Php::empty();
    let fields = action.get("fields").unwrap_or(&nothing);
    let done = match text("do").as_str() {
        "create" => crm.create(kind, fields, Vec::new(), author),
        "update" => crm.update(kind, id, fields, Vec::new(), author, false).map(|()| id),
        "delete" => crm.delete(kind, id).map(|()| id),
        other => {
            return Err(format!("unknown action {other:?}: expected create, update or delete"));
        }
    };
    let id = done.map_err(|fail| match fail {
        Fail::NotFound => format!("there is no {entity} {id}"),
        Fail::Required(names) => format!("{} must be filled", names.join(" or ")),
        Fail::BadEmail(value) => format!("{value:?} is no valid mailbox"),
        Fail::AddressExists => "the owner has an address of this type".to_owned(),
        Fail::BadDate => "the dates are out of order".to_owned(),
    })?;
    Ok(json!({ "id": id.to_string() }))
}

fn load_user(crm: &mut Crm, mut user: Php) -> Result<(), String> {
    let id = id_of(&user)?;
    if let Php::Map(entries) = &mut user {
        entries.retain(|(key, _)| key != "entity");
    }
    user.set("ID", Php::text(id.to_string()));
    if user.get("ACTIVE").is_none() {
        user.set("ACTIVE", Php::Bool(true));
    }
    crm.users.insert(id, user);
    Ok(())
}

fn load_userfield(crm: &mut Crm, record: &Php) -> Result<(), String> {
    let text = |key: &str| record.get(key).and_then(Php::as_text).unwrap_or_default().into_owned();
    let entity = text("ENTITY_ID");
    let kind = [Kind::Contact, Kind::Company, Kind::Requisite]
        .into_iter()
        .find(|kind| kind.userfield_entity() == entity)
        .ok_or_else(|| format!("unknown ENTITY_ID {entity:?} of a user field"))?;
    let name = text("FIELD_NAME");
    if name.is_empty() {
        return Err("a user field needs a FIELD_NAME".to_owned());
    }
    let given = record.get("ID").map_or(0, Php::as_int);
    let id = u64::try_from(given).ok().filter(|id| *id > 0).unwrap_or(crm.last_userfield + 1);
    crm.last_userfield = crm.last_userfield.max(id);
    let user_type = Some(text("USER_TYPE_ID")).filter(|ty| !ty.is_empty()).unwrap_or("string".to_owned());
    let multiple = text("MULTIPLE") == "Y";
    let field = UserField { id, name: name.clone(), user_type, multiple, options: loaded_options(record) };
    crm.schema_mut(kind).userfields.insert(name, field);
    Ok(())
}

fn load_record(crm: &mut Crm, kind: Kind, line: &Php, offset: Offset) -> Result<(), String> {
    // Addresses have no id of their own.
    let id = if kind == Kind::Address { crm.addresses.next_id() } else { id_of(line)? };
    let mut record = Record::default();
    let date = |key: &str| line.get(key).and_then(|value| parse_instant(&value.as_text()?, offset));
    record.created = date("DATE_CREATE").or(date("DATE_MODIFY")).unwrap_or(DEFAULT_DATE);
    record.modified = date("DATE_MODIFY").unwrap_or(record.created);
    record.category = line.get("CATEGORY_ID").map_or(0, Php::as_int);
    for (name, value) in line.entries() {
        if name.starts_with("UF_CRM_") && crm.schema(kind).column(name).is_none() {
            declare(crm, kind, name);
        }
        match crm.schema(kind).column(name) {
            Some(Column::Rows(multi)) => load_rows(crm, &mut record, multi, value)?,
            Some(Column::Stored { ty, multiple, .. }) => {
                if let Ok(Some(stored)) = to_stored(ty, multiple, value, offset) {
                    record.fields.insert(name.clone(), stored);
                }
            }
            Some(_) => {}
            None if matches!(name.as_ref(), "entity" | "CATEGORY_ID") => {}
            // Unknown to REST, but not to be lost.
            None => record.set_text(name.clone(), value.as_text().unwrap_or_default().into_owned()),
        }
    }
    if kind == Kind::Contact {
        load_links(&mut record, line);
    }
    if kind == Kind::Address {
        crm.anchor(&mut record);
    }
    crm.table_mut(kind).put(id, record);
    Ok(())
}

/// For records that say nothing about their age.
const DEFAULT_DATE: i64 = 1_577_836_800;

fn load_rows(crm: &mut Crm, record: &mut Record, multi: Multi, value: &Php) -> Result<(), String> {
    for (_, element) in value.entries() {
        let text = |key: &str| element.get(key).and_then(Php::as_text).unwrap_or_default().into_owned();
        let id = u64::try_from(element.get("ID").map_or(0, Php::as_int)).unwrap_or(0);
        if id == 0 {
            let edits = multifield::classic_edits(multi, &Php::list([element.clone()]), true);
            multifield::apply(record, edits, &mut crm.last_row);
            continue;
        }
        crm.last_row = crm.last_row.max(id);
        let value_type = Some(text("VALUE_TYPE")).filter(|ty| !ty.is_empty());
        record.rows.push(Row {
            id,
            multi,
            value_type: value_type.unwrap_or_else(|| multi.default_type().to_owned()),
            value: text("VALUE"),
        });
    }
    Ok(())
}

/// `COMPANY_ID` names the primary company, which need not stand in `COMPANY_IDS`.
fn load_links(record: &mut Record, line: &Php) {
    let primary = line.get("COMPANY_ID").and_then(|value| ids(value).next());
    let mut companies: Vec<u64> = line.get("COMPANY_IDS").into_iter().flat_map(ids).collect();
    if let Some(primary) = primary.filter(|primary| !companies.contains(primary)) {
        companies.insert(0, primary);
    }
    let mut links = Vec::new();
    for company in companies {
        let mut link = new_link(company, links.len());
        link.primary = primary == Some(company);
        links.push(link);
    }
    record.set_links(links);
}

fn declare(crm: &mut Crm, kind: Kind, name: &str) {
    crm.last_userfield += 1;
    let field = UserField {
        id: crm.last_userfield,
        name: name.to_owned(),
        user_type: "string".to_owned(),
        multiple: false,
        options: Vec::new(),
    };
    crm.schema_mut(kind).userfields.insert(name.to_owned(), field);
}

fn delete_userfield(crm: &mut Crm, id: u64) -> Result<Value, String> {
    for kind in [Kind::Contact, Kind::Company, Kind::Requisite] {
        let name = crm.schema(kind).userfields.values().find(|field| field.id == id).map(|f| f.name.clone());
        let Some(name) = name else {
            continue;
        };
        crm.schema_mut(kind).userfields.remove(&name);
        let holders: Vec<u64> = crm
            .table(kind)
            .rows()
            .iter()
            .filter(|(_, record)| record.fields.contains_key(name.as_str()))
            .map(|(id, _)| *id)
            .collect();
        for holder in holders {
            if let Some(mut record) = crm.table(kind).get(holder).cloned() {
                record.fields.remove(name.as_str());
                crm.table_mut(kind).put(holder, record);
            }
        }
        return Ok(json!({ "id": id.to_string() }));
    }
    Err(format!("there is no user field {id}"))
}

fn dump_record(kind: Kind, id: u64, record: &Record, offset: Offset) -> Value {
    let mut out = Map::new();
    out.insert("ID".to_owned(), json!(id.to_string()));
    out.insert("DATE_CREATE".to_owned(), json!(format_instant(record.created, offset)));
    out.insert("DATE_MODIFY".to_owned(), json!(format_instant(record.modified, offset)));
    if record.category != 0 {
        out.insert("CATEGORY_ID".to_owned(), json!(record.category.to_string()));
    }
    for (name, stored) in &record.fields {
        let value = match stored {
            Stored::One(value) => json!(value),
            Stored::Many(values) => json!(values),
        };
        out.insert(name.to_string(), value);
    }
    for multi in Multi::ALL {
        let rows: Vec<Value> = record.rows_of(multi).map(|row| to_json(&classic_row(row))).collect();
        if !rows.is_empty() {
            out.insert(multi.name().to_owned(), Value::Array(rows));
        }
    }
    if kind == Kind::Contact
        && let Some(primary) = record.primary_company()
    {
        let companies: Vec<String> = record.links.iter().map(|link| link.company.to_string()).collect();
        out.insert("COMPANY_ID".to_owned(), json!(primary.to_string()));
        out.insert("COMPANY_IDS".to_owned(), json!(companies));
    }
    Value::Object(out)
}

fn dump_userfield(kind: Kind, field: &UserField) -> Value {
    let own = [
        ("ID", Php::text(field.id.to_string())),
        ("ENTITY_ID", Php::text(kind.userfield_entity())),
        ("FIELD_NAME", Php::text(&field.name)),
        ("USER_TYPE_ID", Php::text(&field.user_type)),
        ("MULTIPLE", Php::text(if field.multiple { "Y" } else { "N" })),
    ];
    let own = own.map(|(key, value)| (Key::Borrowed(key), value));
    to_json(&Php::Map(own.into_iter().chain(field.options.iter().cloned()).collect()))
}

fn id_of(record: &Php) -> Result<u64, String> {
    let id = record.get("ID").map_or(0, Php::as_int);
    u64::try_from(id).ok().filter(|id| *id > 0).ok_or_else(|| "a record needs a positive ID".to_owned())
}

fn to_php(value: &Value) -> Result<Php, String> {
    Php::deserialize(value).map_err(|error| error.to_string())
}

fn to_json(value: &Php) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
