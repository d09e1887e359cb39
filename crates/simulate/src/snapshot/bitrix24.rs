//! The portal's dump.

use obmen_domain::record::{Catalog, Kind, RecordId};
use serde_json::Value;

use super::{Entry, Row};

pub(crate) const CONTACT_ID: &str = "UF_CRM_1C_CONTACT_ID";
pub(crate) const COMPANY_ID: &str = "UF_CRM_1C_COMPANY_ID";
pub(crate) const INN: &str = "UF_CRM_INN";

/// The records of a portal.
pub(super) fn entries(dump: &Value) -> Vec<Entry> {
    let list = |name: &str| dump.get(name).and_then(Value::as_array).into_iter().flatten();
    let requisites: Vec<&Value> = list("requisites").collect();
    let contacts = list("contacts").map(|contact| entry(contact, Kind::Contact, &requisites));
    let companies = list("companies").map(|company| entry(company, Kind::Company, &requisites));
    contacts.chain(companies).collect()
}

fn entry(record: &Value, kind: Kind, requisites: &[&Value]) -> Entry {
    let (owner_type, names, mutual): (&str, &[&str], &str) = match kind {
        Kind::Contact => ("3", &["LAST_NAME", "NAME", "SECOND_NAME"], CONTACT_ID),
        Kind::Company => ("4", &["TITLE"], COMPANY_ID),
    };
    let id = text(record, "ID");
    let requisite = requisites.iter().find(|requisite| {
        text(requisite, "ENTITY_TYPE_ID") == owner_type
            && text(requisite, "ENTITY_ID") == id
            && !text(requisite, "RQ_INN").is_empty()
    });
    let (inn, inn_requisite) = match requisite {
        Some(requisite) => (text(requisite, "RQ_INN"), Some(text(requisite, "ID").to_owned())),
        None => (text(record, INN), None),
    };
    let companies = record.get("COMPANY_IDS").and_then(Value::as_array).into_iter().flatten();
    let parts: Vec<&str> =
        names.iter().map(|name| text(record, name)).filter(|part| !part.is_empty()).collect();
    Entry {
        id: RecordId::bitrix24(kind, id),
        catalog: Catalog::Bitrix24,
        parties: Vec::new(),
        name: parts.join(" "),
        phones: rows(record, "PHONE"),
        emails: rows(record, "EMAIL"),
        inn: inn.to_owned(),
        inn_requisite,
        companies: companies
            .filter_map(Value::as_str)
            .map(|company| RecordId::bitrix24(Kind::Company, company))
            .collect(),
        is_marked: false,
        is_forbidden: false,
        partner: None,
        version: String::new(),
        mutual_id: text(record, mutual).to_owned(),
    }
}

fn rows(record: &Value, name: &str) -> Vec<Row> {
    let rows = record.get(name).and_then(Value::as_array).into_iter().flatten();
    rows.map(|row| Row { key: text(row, "ID").to_owned(), text: text(row, "VALUE").to_owned() }).collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
