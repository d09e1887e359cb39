//! Handlers of «Управление нашей фирмой».
//!
//! Invariant: the search fields hold the first phone and the first mailbox of the contact information.

use serde_json::Value;
use uuid::Uuid;

use crate::onec::objects::{Base, Object, reference, text};
use crate::onec::schema::EntitySet;

use super::{CONTACT_INFORMATION, COUNTERPARTIES, check_numbers, put, renumbered_branches};

const CONTRACTS: &str = "Catalog_ДоговорыКонтрагентов";
/// The length of a search field.
const SEARCHED: usize = 100;

pub(super) fn before_write(base: &Base, set: &EntitySet, key: Uuid, object: &mut Object) {
    if set.name == COUNTERPARTIES {
        reverse_phones(object);
        counterparty(base, key, object);
    }
    if set.property("НомерТелефонаДляПоиска").is_some() && object.contains_key(CONTACT_INFORMATION)
    {
        search_fields(object);
    }
}

/// A head's new INN reaches its branches.
pub(super) fn cascade(
    base: &Base,
    key: Uuid,
    old: Option<&Object>,
    object: &Object,
) -> Vec<(&'static str, Uuid, Object)> {
    let is_head = reference(object, "ГоловнойКонтрагент_Key").is_nil();
    match is_head && old.is_some_and(|old| text(old, "ИНН") != text(object, "ИНН")) {
        true => renumbered_branches(base, key, text(object, "ИНН")),
        false => Vec::new(),
    }
}

/// The contract that every new counterparty gets.
pub(super) fn contract(owner: Uuid) -> (&'static str, Object) {
    let mut contract = Object::new();
    put(&mut contract, "Owner_Key", owner.to_string());
    put(&mut contract, "Description", "Основной договор".to_owned());
    put(&mut contract, "ВидДоговора", "СПокупателем".to_owned());
    (CONTRACTS, contract)
}

fn counterparty(base: &Base, key: Uuid, object: &mut Object) {
    let derived = match text(object, "ВидКонтрагента") {
        "ЮридическоеЛицо" | "ГосударственныйОрган" => {
            Some("ЮридическоеЛицо")
        }
        "ФизическоеЛицо" | "ИндивидуальныйПредприниматель" => {
            Some("ФизическоеЛицо")
        }
        _ => None,
    };
    if let Some(derived) = derived {
        put(object, "ЮридическоеФизическоеЛицо", derived.to_owned());
    }
    let head = reference(object, "ГоловнойКонтрагент_Key");
    if head != key
        && let Some(head) = base.object(COUNTERPARTIES, head)
        && !text(head, "ИНН").is_empty()
    {
        put(object, "ИНН", text(head, "ИНН").to_owned());
    }
    check_numbers(object, derived == Some("ФизическоеЛицо"));
}

/// The phone as suffix search wants it: backwards, without the country.
fn reverse_phones(object: &mut Object) {
    let Some(Value::Array(rows)) = object.get_mut(CONTACT_INFORMATION) else {
        return;
    };
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        let phone = digits(text(row, "НомерТелефона"));
        let is_full = phone.len() == 11;
        let local = phone.strip_prefix(['7', '8']).filter(|_| is_full).unwrap_or(&phone);
        let reversed = local.chars().rev().collect();
        put(row, "ОбратныйНомерТелефона", reversed);
    }
}

fn search_fields(object: &mut Object) {
    let phone = first(object, "Телефон", "НомерТелефона").map(|phone| digits(&phone));
    let email = first(object, "АдресЭлектроннойПочты", "АдресЭП");
    put(object, "НомерТелефонаДляПоиска", cut(&phone.unwrap_or_default()));
    put(object, "АдресЭПДляПоиска", cut(&email.unwrap_or_default()));
}

/// The helper column of the first row of a type, or what the user sees of it.
fn first(object: &Object, contact_type: &str, column: &str) -> Option<String> {
    let rows = object.get(CONTACT_INFORMATION)?.as_array()?;
    let row = rows.iter().filter_map(Value::as_object).find(|row| text(row, "Тип") == contact_type)?;
    let found = [text(row, column), text(row, "Представление")].into_iter().find(|text| !text.is_empty());
    found.map(str::to_owned)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn cut(text: &str) -> String {
    text.chars().take(SEARCHED).collect()
}
