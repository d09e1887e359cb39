//! Handlers of «Управление нашей фирмой».
//!
//! Invariant: the search fields hold the phones and the mailboxes of the contact information, in its order.

use uuid::Uuid;

use crate::onec::error::Refusal;
use crate::onec::objects::{Base, Object, reference, text};
use crate::onec::value::Value;

use super::{
    CONTACT_INFORMATION, CONTACT_PERSONS, COUNTERPARTIES, Further, HEAD, Occasion, checks, history, put,
    put_flag, renumbered, russia,
};

const CONTRACTS: &str = "Catalog_ДоговорыКонтрагентов";
const STAFF: &str = "Catalog_Сотрудники";
/// The length of a search field.
const SEARCHED: usize = 100;
/// The length of `ОсновныеСведения` and `СписокРолей`.
const SUMMED_UP: usize = 1024;

pub(super) fn before_write(occasion: &Occasion<'_>, object: &mut Object) -> Result<(), Refusal> {
    let summary = match occasion.set.name {
        COUNTERPARTIES => {
            reverse_phones(object);
            counterparty(object);
            history::settle(object)?;
            numbers_in_words(occasion.base, object)
        }
        CONTACT_PERSONS => {
            let roles = column(object, "Роли", "Роль").join(", ");
            put(object, "СписокРолей", cut(&roles, SUMMED_UP));
            vec![text(object, "Description").to_owned()]
        }
        _ => return Ok(()),
    };
    if occasion.old.is_none() {
        put(object, "ДатаСоздания", occasion.moment.to_owned());
    }
    search_fields(object);
    let summary = sum_up(occasion.base, object, summary);
    put(object, "ОсновныеСведения", cut(&summary, SUMMED_UP));
    Ok(())
}

/// A head's new INN reaches its branches.
pub(super) fn cascade(occasion: &Occasion<'_>, object: &Object) -> Further {
    let (Some(old), COUNTERPARTIES) = (occasion.old, occasion.set.name) else {
        return Vec::new();
    };
    let inn = text(object, "ИНН");
    match reference(object, HEAD).is_nil() && text(old, "ИНН") != inn {
        true => renumbered(occasion.base, occasion.key, inn, |_| true).collect(),
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

/// The counterparties whose main contact this person was, without it.
pub(super) fn without_main_contact(base: &Base, person: Uuid) -> Further {
    let all = base.table(COUNTERPARTIES).into_iter().flat_map(|table| table.ordered());
    let named = all.filter(|(_, one)| reference(one, "КонтактноеЛицо_Key") == person);
    let forget = |(key, one): (&Uuid, &Object)| {
        let mut one = one.clone();
        put(&mut one, "КонтактноеЛицо_Key", Uuid::nil().to_string());
        (COUNTERPARTIES, *key, one)
    };
    named.map(forget).collect()
}

fn counterparty(object: &mut Object) {
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
    let (inn, kpp) = (text(object, "ИНН").trim(), text(object, "КПП").trim());
    let inn_is_right = inn.is_empty() || checks::is_inn(inn, derived == Some("ФизическоеЛицо"));
    let kpp_is_right = kpp.is_empty() || checks::is_kpp(kpp);
    put_flag(object, "ИННВведенКорректно", inn_is_right);
    put_flag(object, "КППВведенКорректно", kpp_is_right);
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

/// Phones are searched by their helper column, mailboxes by what the user sees.
fn search_fields(object: &mut Object) {
    for (field, contact_type, column) in [
        ("НомерТелефонаДляПоиска", "Телефон", "НомерТелефона"),
        ("АдресЭПДляПоиска", "АдресЭлектроннойПочты", "Представление"),
    ] {
        let of_type = rows(object, CONTACT_INFORMATION).filter(|row| text(row, "Тип") == contact_type);
        let found: Vec<&str> = of_type.map(|row| text(row, column)).collect();
        let found = cut(&found.join(", "), SEARCHED);
        put(object, field, found);
    }
}

/// Name and numbers of a counterparty, each with its word.
fn numbers_in_words(base: &Base, object: &Object) -> Vec<String> {
    let country = reference(object, "СтранаРегистрации_Key");
    let registration = match text(object, "ВидКонтрагента") {
        "ЮридическоеЛицо" if Some(country) == russia(base) => "ОГРН ",
        "ИндивидуальныйПредприниматель" => "ОГРН ИП ",
        _ => "Регистрационный номер ",
    };
    let told = [
        ("", "НаименованиеПолное"),
        ("ИНН ", "ИНН"),
        ("КПП ", "КПП"),
        (registration, "РегистрационныйНомер"),
        ("ОКПО ", "КодПоОКПО"),
    ];
    let filled = told.into_iter().filter(|(_, name)| !text(object, name).is_empty());
    filled.map(|(word, name)| format!("{word}{}", text(object, name))).collect()
}

/// The text that lists search: what is known of the party, a line each.
fn sum_up(base: &Base, object: &Object, mut lines: Vec<String>) -> String {
    let mut shown: Vec<&Object> = rows(object, CONTACT_INFORMATION).collect();
    shown.sort_by_key(|row| reference(row, "Вид_Key"));
    lines.extend(shown.into_iter().map(|row| text(row, "Представление").to_owned()));
    lines.push(text(object, "Комментарий").to_owned());
    let manager = base.object(STAFF, reference(object, "Ответственный_Key"));
    lines.extend(manager.map(|manager| text(manager, "Description").to_owned()));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn rows<'a>(object: &'a Object, section: &str) -> impl Iterator<Item = &'a Object> {
    object.get(section).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn column<'a>(object: &'a Object, section: &str, name: &'a str) -> Vec<&'a str> {
    rows(object, section).map(|row| text(row, name)).collect()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}
