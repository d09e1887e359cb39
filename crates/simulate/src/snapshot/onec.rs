//! The infobase's dump: counterparties, in УТ with their partners, and contact persons.

use std::collections::BTreeMap;

use obmen_domain::record::{Catalog, Kind, RecordId};
use serde_json::Value;

use super::{Entry, Row};

pub(crate) const COUNTERPARTIES: &str = "Catalog_Контрагенты";
pub(crate) const PARTNERS: &str = "Catalog_Партнеры";
pub(crate) const CONTACT_PERSONS: &str = "Catalog_КонтактныеЛица";
pub(crate) const PERSONS_OF_PARTNERS: &str = "Catalog_КонтактныеЛицаПартнеров";
/// Whose contact persons people are, in УНФ.
pub(crate) const EMPLOYMENTS: &str = "InformationRegister_СвязиКонтрагентКонтакт";
pub(crate) const USERS: &str = "Catalog_Пользователи";
pub(crate) const KINDS: &str = "Catalog_ВидыКонтактнойИнформации";
pub(crate) const ATTRIBUTES: &str = "ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения";
pub(crate) const ID_ATTRIBUTE: &str = "ИдентификаторБитрикс24";

/// The sets of which records are read; no configuration has them all.
pub(super) const SETS: [&str; 7] =
    [COUNTERPARTIES, PARTNERS, CONTACT_PERSONS, PERSONS_OF_PARTNERS, EMPLOYMENTS, KINDS, ATTRIBUTES];

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
    let partners: BTreeMap<&str, &Value> =
        objects(PARTNERS).map(|partner| (text(partner, "Ref_Key"), partner)).collect();
    let clients: Vec<&Value> =
        objects(COUNTERPARTIES).filter(|it| !flag(it, "IsFolder") && !flag(it, "Predefined")).collect();
    let employments: Vec<&Value> = objects(EMPLOYMENTS).collect();
    let counterparties = clients.iter().map(|object| {
        let partner = partners.get(text(object, "Партнер_Key")).copied();
        counterparty(object, partner, &kinds, attribute)
    });
    let persons = objects(CONTACT_PERSONS).chain(objects(PERSONS_OF_PARTNERS)).map(|object| {
        let companies = employers(object, &clients, &employments);
        Entry { companies, ..entry(object, Kind::Contact, Catalog::ContactPerson, &kinds, attribute) }
    });
    counterparties.chain(persons).collect()
}

fn counterparty(
    object: &Value,
    partner: Option<&Value>,
    kinds: &BTreeMap<&str, &str>,
    attribute: &str,
) -> Entry {
    let kind = if is_person(object) { Kind::Contact } else { Kind::Company };
    let mut entry = entry(object, kind, Catalog::Counterparty, kinds, attribute);
    if let Some(partner) = partner {
        entry.phones.extend(rows(partner, "Телефон", kinds));
        entry.emails.extend(rows(partner, "АдресЭлектроннойПочты", kinds));
        entry.partner = Some([text(partner, "Ref_Key").to_owned(), text(partner, "DataVersion").to_owned()]);
    }
    entry
}

fn is_person(object: &Value) -> bool {
    let is = |name: &str, kind: &str| text(object, name) == kind;
    let is_entrepreneur = flag(object, "ИндивидуальныйПредприниматель")
        || is("ВидКонтрагента", "ИндивидуальныйПредприниматель");
    !is_entrepreneur && (is("ЮридическоеФизическоеЛицо", "ФизическоеЛицо") || is("ЮрФизЛицо", "ФизЛицо"))
}

/// The companies of a contact person: its owner, the counterparties of its partner, or those that a register tells.
fn employers(object: &Value, clients: &[&Value], employments: &[&Value]) -> Vec<RecordId> {
    let own = text(object, "Ref_Key");
    let owner = text(object, "ОбъектВладелец");
    let partner = text(object, "Owner_Key");
    let of_partner = clients
        .iter()
        .filter(|client| !partner.is_empty() && text(client, "Партнер_Key") == partner && !is_person(client))
        .map(|client| text(client, "Ref_Key"));
    let of_register = employments
        .iter()
        .filter(|link| text(link, "Контакт_Key") == own && !flag(link, "СвязьНедействительна"))
        .map(|link| text(link, "Контрагент_Key"));
    let references = Some(owner).into_iter().chain(of_partner).chain(of_register);
    references.filter(|it| !it.is_empty()).map(|it| RecordId::onec(Kind::Company, it)).collect()
}

/// Phones or mailboxes of an object.
fn rows(object: &Value, of_type: &str, kinds: &BTreeMap<&str, &str>) -> Vec<Row> {
    section(object, "КонтактнаяИнформация")
        .filter(|row| text(row, "Тип") == of_type)
        .map(|row| Row {
            key: kinds.get(text(row, "Вид_Key")).copied().unwrap_or_default().to_owned(),
            text: text(row, "Представление").to_owned(),
        })
        .collect()
}

fn entry(
    object: &Value,
    kind: Kind,
    catalog: Catalog,
    kinds: &BTreeMap<&str, &str>,
    attribute: &str,
) -> Entry {
    let mutual_id = section(object, "ДополнительныеРеквизиты")
        .find(|row| text(row, "Свойство_Key") == attribute)
        .map_or("", |row| text(row, "Значение"));
    Entry {
        id: RecordId::onec(kind, text(object, "Ref_Key")),
        catalog,
        parties: Vec::new(),
        name: text(object, "Description").to_owned(),
        phones: rows(object, "Телефон", kinds),
        emails: rows(object, "АдресЭлектроннойПочты", kinds),
        inn: text(object, "ИНН").to_owned(),
        inn_requisite: None,
        companies: Vec::new(),
        is_marked: flag(object, "DeletionMark"),
        is_forbidden: false,
        version: text(object, "DataVersion").to_owned(),
        partner: None,
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
