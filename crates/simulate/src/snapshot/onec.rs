//! The infobase's dump (БП 3.0).

use std::collections::BTreeMap;

use obmen_domain::record::{Catalog, Kind, RecordId};
use serde_json::Value;

use super::{Entry, Row};

pub(crate) const COUNTERPARTIES: &str = "Catalog_Контрагенты";
pub(crate) const CONTACT_PERSONS: &str = "Catalog_КонтактныеЛица";
pub(crate) const KINDS: &str = "Catalog_ВидыКонтактнойИнформации";
pub(crate) const ATTRIBUTES: &str = "ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения";
pub(crate) const ID_ATTRIBUTE: &str = "ИдентификаторБитрикс24";

/// The sets of which records are read.
pub(super) const SETS: [&str; 4] = [COUNTERPARTIES, CONTACT_PERSONS, KINDS, ATTRIBUTES];

/// The records of an infobase.
pub(super) fn entries(dump: &Value) -> Vec<Entry> {
    let objects = |set: &str| {
        let list = dump.get("objects").and_then(|sets| sets.get(set)).and_then(Value::as_array);
        list.into_iter().flatten()
    };
    let kinds: BTreeMap<&str, &str> =
        objects(KINDS).map(|kind| (text(kind, "Ref_Key"), text(kind, "PredefinedDataName"))).collect();
    let attribute = objects(ATTRIBUTES)
        .find(|attribute| text(attribute, "Имя") == ID_ATTRIBUTE)
        .map_or("", |attribute| text(attribute, "Ref_Key"));
    let counterparties = objects(COUNTERPARTIES)
        .filter(|object| !flag(object, "IsFolder") && !flag(object, "Predefined"))
        .map(|object| counterparty(object, &kinds, attribute));
    let persons = objects(CONTACT_PERSONS).map(|object| contact_person(object, &kinds, attribute));
    counterparties.chain(persons).collect()
}

fn counterparty(object: &Value, kinds: &BTreeMap<&str, &str>, attribute: &str) -> Entry {
    let is_person = text(object, "ЮридическоеФизическоеЛицо") == "ФизическоеЛицо"
        && !flag(object, "ИндивидуальныйПредприниматель");
    let kind = if is_person { Kind::Contact } else { Kind::Company };
    entry(object, kind, Catalog::Counterparty, kinds, attribute)
}

fn contact_person(object: &Value, kinds: &BTreeMap<&str, &str>, attribute: &str) -> Entry {
    let owner = text(object, "ОбъектВладелец");
    let companies = if owner.is_empty() { Vec::new() } else { vec![RecordId::onec(Kind::Company, owner)] };
    Entry { companies, ..entry(object, Kind::Contact, Catalog::ContactPerson, kinds, attribute) }
}

fn entry(
    object: &Value,
    kind: Kind,
    catalog: Catalog,
    kinds: &BTreeMap<&str, &str>,
    attribute: &str,
) -> Entry {
    let rows = |of_type: &str| -> Vec<Row> {
        section(object, "КонтактнаяИнформация")
            .filter(|row| text(row, "Тип") == of_type)
            .map(|row| Row {
                key: kinds.get(text(row, "Вид_Key")).copied().unwrap_or_default().to_owned(),
                text: text(row, "Представление").to_owned(),
            })
            .collect()
    };
    let mutual_id = section(object, "ДополнительныеРеквизиты")
        .find(|row| text(row, "Свойство_Key") == attribute)
        .map_or("", |row| text(row, "Значение"));
    Entry {
        id: RecordId::onec(kind, text(object, "Ref_Key")),
        catalog,
        parties: Vec::new(),
        name: text(object, "Description").to_owned(),
        phones: rows("Телефон"),
        emails: rows("АдресЭлектроннойПочты"),
        inn: text(object, "ИНН").to_owned(),
        inn_requisite: None,
        companies: Vec::new(),
        is_marked: flag(object, "DeletionMark"),
        is_forbidden: false,
        version: text(object, "DataVersion").to_owned(),
        mutual_id: mutual_id.to_owned(),
    }
}

fn section<'a>(object: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    object.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or_default()
}
