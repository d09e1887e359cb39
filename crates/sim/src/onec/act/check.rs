//! What a form asks before it writes: filled attributes, duplicates, contacts that the kind allows.
//!
//! The interface runs none of it: `ОбработкаПроверкиЗаполнения` belongs to forms.

use uuid::Uuid;

use crate::onec::handlers::{CONTACT_INFORMATION, COUNTERPARTIES, PARTNERS};
use crate::onec::objects::{Base, Object, flag, reference, text};
use crate::onec::schema::{EntitySet, Kind, Property};
use crate::onec::settings::Product;
use crate::onec::value::Value;

const KINDS: &str = "Catalog_ВидыКонтактнойИнформации";
const ROLES: [&str; 5] = ["Клиент", "Поставщик", "Конкурент", "ПрочиеОтношения", "Перевозчик"];
/// Whether access is limited record by record.
const BY_RECORD: &str = "Constant_ОграничиватьДоступНаУровнеЗаписей";
const GROUP: &str = "ГруппаДоступа_Key";
/// The most digits of a phone.
const DIGITS: usize = 15;

/// Refuses what the form would not write; `old` is the object that it shows.
pub(super) fn check(
    base: &Base,
    set: &EntitySet,
    key: Uuid,
    old: Option<&Object>,
    body: &Object,
) -> Result<(), String> {
    let mut object = old.cloned().unwrap_or_default();
    object.extend(body.clone());
    if flag(&object, "IsFolder") {
        return Ok(());
    }
    let group = set.property(GROUP).filter(|_| base.is_switched_on(BY_RECORD));
    let wanted = set.required.iter().filter_map(|name| set.property(name)).chain(group);
    for property in wanted {
        if is_empty(&object, property) {
            return Err(format!("Поле \"{}\" не заполнено", property.name.trim_end_matches("_Key")));
        }
    }
    if base.configuration.product == Product::Ut11 {
        match set.name {
            PARTNERS => roles(&object)?,
            COUNTERPARTIES => duplicates(base, key, &object)?,
            _ => {}
        }
    }
    contacts(base, old, &object)
}

fn is_empty(object: &Object, property: &Property) -> bool {
    match property.kind {
        Kind::Reference(_) | Kind::Composite { .. } => reference(object, property.name).is_nil(),
        _ => text(object, property.name).is_empty(),
    }
}

fn roles(partner: &Object) -> Result<(), String> {
    match flag(partner, "Predefined") || ROLES.iter().any(|role| flag(partner, role)) {
        true => Ok(()),
        false => Err("Необходимо определить хотя бы один тип отношений".to_owned()),
    }
}

/// Equal INN and KPP are refused, but for a sole proprietor and a person, who are one.
fn duplicates(base: &Base, key: Uuid, object: &Object) -> Result<(), String> {
    let inn = text(object, "ИНН");
    let found = base.table(COUNTERPARTIES).and_then(|table| table.index().find(None, "ИНН", inn));
    let is_same = |other: &Uuid| {
        *other != key
            && base.object(COUNTERPARTIES, *other).is_some_and(|other| {
                text(other, "КПП") == text(object, "КПП") && !are_one_person(other, object)
            })
    };
    match found.into_iter().flatten().find(is_same) {
        None => Ok(()),
        Some(other) => Err(format!("Контрагент с таким ИНН и КПП уже есть: {other}")),
    }
}

fn are_one_person(one: &Object, other: &Object) -> bool {
    let kinds = [text(one, "ЮрФизЛицо"), text(other, "ЮрФизЛицо")];
    kinds.contains(&"ФизЛицо") && kinds.contains(&"ИндивидуальныйПредприниматель")
}

/// One row of a kind that allows no more, and phones that look like phones where the kind wants it.
fn contacts(base: &Base, old: Option<&Object>, object: &Object) -> Result<(), String> {
    for row in rows(object) {
        let key = reference(row, "Вид_Key");
        let Some(kind) = base.object(KINDS, key) else {
            continue;
        };
        let name = text(kind, "ИмяПредопределенногоВида");
        let count = of_kind(object, key);
        if count > 1
            && !flag(kind, "РазрешитьВводНесколькихЗначений")
            && old.is_none_or(|old| of_kind(old, key) < count)
        {
            return Err(format!("Вид контактной информации {name} вводится один раз"));
        }
        if flag(kind, "ПроверятьКорректность") && text(row, "Тип") == "Телефон" && !is_phone(row)
        {
            return Err(format!("{name}: телефон введен неверно"));
        }
    }
    Ok(())
}

fn is_phone(row: &Object) -> bool {
    let shown = text(row, "Представление");
    let number = shown.split(", доб.").next().unwrap_or(shown);
    let is_allowed = |one: char| one.is_ascii_digit() || "+-.,() wp".contains(one);
    number.chars().all(is_allowed) && number.chars().filter(char::is_ascii_digit).count() <= DIGITS
}

fn of_kind(object: &Object, kind: Uuid) -> usize {
    rows(object).filter(|row| reference(row, "Вид_Key") == kind).count()
}

fn rows(object: &Object) -> impl Iterator<Item = &Object> {
    object
        .get(CONTACT_INFORMATION)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}
