//! The register `НаличиеДублейУКонтрагентов`: counterparties with equal INN and KPP.
//!
//! Written around a write that sets or changes the numbers; nothing is refused because of it. Invariant: after such a
//! write the register names all or none of the counterparties that have the numbers before and after it.

use uuid::Uuid;

use crate::onec::objects::{Base, Object, flag, reference, text};
use crate::onec::records::record_key;
use crate::onec::settings::Product;
use crate::onec::value::Value;

use super::{COUNTERPARTIES, checks, put, russia};

const REGISTER: &str = "InformationRegister_НаличиеДублейУКонтрагентов";

/// INN and KPP.
type Numbers = (String, String);

/// Whether another counterparty has these numbers, which is when the object shows them anew.
pub(super) fn exist(base: &Base, key: Uuid, object: &Object) -> bool {
    are_right(base, object) && holders(base, &numbers(object)).iter().any(|holder| *holder != key)
}

pub(super) fn after_write(base: &mut Base, key: Uuid, old: Option<&Object>) {
    let before = old.map(numbers);
    let Some(after) = base.object(COUNTERPARTIES, key).map(numbers) else {
        return;
    };
    if before.as_ref() == Some(&after) {
        return;
    }
    for numbers in before.iter().chain([&after]) {
        settle(base, numbers, "");
    }
}

pub(super) fn after_delete(base: &mut Base, _key: Uuid, old: &Object, moment: &str) {
    settle(base, &numbers(old), moment);
}

fn settle(base: &mut Base, numbers: &Numbers, moment: &str) {
    let Some(set) = base.configuration.set(REGISTER) else {
        return;
    };
    let mut wanted = holders(base, numbers);
    let is_told = |key: &Uuid| base.object(COUNTERPARTIES, *key).is_some_and(|one| are_right(base, one));
    if wanted.len() < 2 || !wanted.iter().any(is_told) {
        wanted.clear();
    }
    let records = base.table(REGISTER).into_iter().flat_map(|table| table.ordered());
    let named =
        records.filter(|(_, record)| text(record, "ИНН") == numbers.0 && text(record, "КПП") == numbers.1);
    let named: Vec<(Uuid, Uuid)> =
        named.map(|(record, one)| (*record, reference(one, "Контрагент_Key"))).collect();
    for (record, _) in named.iter().filter(|(_, holder)| !wanted.contains(holder)) {
        base.remove(REGISTER, *record, moment);
    }
    wanted.retain(|holder| !named.iter().any(|(_, known)| known == holder));
    for holder in wanted {
        let mut record = Object::new();
        put(&mut record, "ИНН", numbers.0.clone());
        put(&mut record, "КПП", numbers.1.clone());
        put(&mut record, "Контрагент_Key", holder.to_string());
        base.write(REGISTER, record_key(set, &record), record);
    }
}

fn numbers(object: &Object) -> Numbers {
    (text(object, "ИНН").trim().to_owned(), text(object, "КПП").trim().to_owned())
}

/// The counterparties of Russia with these numbers.
fn holders(base: &Base, numbers: &Numbers) -> Vec<Uuid> {
    let table = base.table(COUNTERPARTIES);
    let found = table.and_then(|table| table.index().find(None, "ИНН", &numbers.0));
    let is_meant = |key: &Uuid| {
        base.object(COUNTERPARTIES, *key).is_some_and(|one| {
            !flag(one, "IsFolder") && self::numbers(one) == *numbers && !is_foreign(base, one)
        })
    };
    found.into_iter().flatten().filter(is_meant).collect()
}

fn is_foreign(base: &Base, object: &Object) -> bool {
    let country = reference(object, "СтранаРегистрации_Key");
    !country.is_nil() && Some(country) != russia(base)
}

/// Whether the numbers are such that duplicates are looked for.
fn are_right(base: &Base, object: &Object) -> bool {
    let is_legal = text(object, "ЮридическоеФизическоеЛицо") == "ЮридическоеЛицо";
    let (inn, kpp) = numbers(object);
    let kpp_is_right = match base.configuration.product {
        Product::Bp30 => checks::is_kpp_of_office(&kpp),
        _ => checks::is_kpp(&kpp),
    };
    checks::is_inn(&inn, !is_legal) && (!is_legal || kpp_is_right || is_foreign(base, object))
}

/// The numbers as the fields for lists show them.
pub(super) fn show(object: &mut Object) {
    for (shown, column) in [("РасширенноеПредставлениеИНН", "ИНН"), ("РасширенноеПредставлениеКПП", "КПП")]
    {
        let number = object.get(column).cloned().unwrap_or_else(|| Value::from(""));
        object.insert(shown.to_owned(), number);
    }
}
