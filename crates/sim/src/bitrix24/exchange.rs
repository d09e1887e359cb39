//! Loading and dumping.
//!
//! Loading keeps given ids and dates, and everything loaded comes out of the dump again. Not responsible for what
//! people do at the screen.

use jiff::tz::Offset;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::crm::{Crm, ids, new_link};
use super::dates::{format_instant, parse_instant};
use super::multifield;
use super::php::{Key, Php};
use super::schema::{Column, Kind, Multi, UserField};
use super::table::{Record, Row, Stored};
use super::timeline::{self, Comment};
use super::userfield::loaded_options;
use super::values::{classic_row, to_stored};

/// Adds one line of the load format.
pub(crate) fn load(crm: &mut Crm, line: &Value, offset: Offset) -> Result<(), String> {
    let record = to_php(line)?;
    let entity = record.get("entity").and_then(Php::as_text).unwrap_or_default().into_owned();
    match entity.as_str() {
        "user" => load_user(crm, record),
        "userfield" => load_userfield(crm, &record),
        "comment" => load_comment(crm, &record, offset),
        "lead" => load_lead(crm, &record),
        other => match Kind::from_word(other) {
            Some(kind) => load_record(crm, kind, &record, offset),
            None => Err(format!(
                "unknown entity {other:?}: expected user, userfield, comment, lead or a kind of record"
            )),
        },
    }
}

/// Contacts, companies and requisites, as they stand in the dump.
pub(crate) fn cards(crm: &Crm, offset: Offset) -> Value {
    let table = |kind: Kind| -> Vec<Value> {
        crm.table(kind).rows().iter().map(|(id, record)| dump_record(kind, *id, record, offset)).collect()
    };
    json!({
        "contacts": table(Kind::Contact),
        "companies": table(Kind::Company),
        "requisites": table(Kind::Requisite),
    })
}

/// Everything, in the shape the checker reads.
pub(crate) fn dump(crm: &Crm, offset: Offset) -> Value {
    let in_bin = crm.bin.iter().flat_map(|bin| bin.cards.values()).flat_map(|binned| &binned.removed);
    let in_bin = in_bin.map(|(kind, id, record)| {
        let mut card = dump_record(*kind, *id, record, offset);
        card["entity"] = json!(kind.word());
        card
    });
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
        "leads": crm.leads.rows().iter().map(|(id, record)| dump_record(Kind::Contact, *id, record, offset)).collect::<Vec<_>>(),
        "comments": crm.comments().map(|(id, comment)| to_json(&timeline::wire(id, comment, offset))).collect::<Vec<_>>(),
        "recycle_bin": in_bin.collect::<Vec<_>>(),
    })
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
    let field =
        UserField { id, name: name.clone(), user_type, multiple, options: loaded_options(crm, record) };
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
                    record.fields.insert(name.as_ref(), stored);
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

/// A lead is a name and rows for the duplicate search.
fn load_lead(crm: &mut Crm, line: &Php) -> Result<(), String> {
    let mut record = Record { created: DEFAULT_DATE, modified: DEFAULT_DATE, ..Record::default() };
    record.set_text("TITLE", line.get("TITLE").and_then(Php::as_text).unwrap_or_default());
    for multi in Multi::ALL {
        load_rows(crm, &mut record, multi, line.get(multi.name()).unwrap_or(&Php::Null))?;
    }
    crm.leads.put(id_of(line)?, record);
    Ok(())
}

fn load_comment(crm: &mut Crm, line: &Php, offset: Offset) -> Result<(), String> {
    let text = |key: &str| line.get(key).and_then(Php::as_text).unwrap_or_default().into_owned();
    let owner = timeline::owner_of(crm, line).ok_or("a comment needs a card that is loaded already")?;
    let author = u64::try_from(line.get("AUTHOR_ID").map_or(0, Php::as_int)).unwrap_or(0);
    let created = parse_instant(&text("CREATED"), offset).unwrap_or(DEFAULT_DATE);
    let comment = Comment { owner, author, created, text: text("COMMENT") };
    crm.timeline.put(Some(id_of(line)?), comment);
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
            odd: None,
            value_type: value_type.as_deref().unwrap_or(multi.default_type()).into(),
            value: text("VALUE").into(),
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

pub(crate) fn dump_record(kind: Kind, id: u64, record: &Record, offset: Offset) -> Value {
    let mut out = Map::new();
    out.insert("ID".to_owned(), json!(id.to_string()));
    out.insert("DATE_CREATE".to_owned(), json!(format_instant(record.created, offset)));
    out.insert("DATE_MODIFY".to_owned(), json!(format_instant(record.modified, offset)));
    if record.category != 0 {
        out.insert("CATEGORY_ID".to_owned(), json!(record.category.to_string()));
    }
    for (name, stored) in record.fields.iter() {
        let value = match stored {
            Stored::One(value) => json!(value.as_str()),
            Stored::Many(values) => values.iter().map(|value| json!(value.as_str())).collect(),
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
