//! Handlers of «Управление торговлей»: little happens outside of forms, which also check for duplicates alone.

use uuid::Uuid;

use crate::onec::filter::EMPTY_DATE;
use crate::onec::objects::{Object, flag, reference, text};

use super::{COUNTERPARTIES, Further, HEAD, Occasion, PARTNERS, put, put_flag};

const PARTNERS_ARE_COUNTERPARTIES: &str = "Constant_ИспользоватьПартнеровКакКонтрагентов";

pub(super) fn before_write(occasion: &Occasion<'_>, object: &mut Object) {
    match occasion.set.name {
        COUNTERPARTIES => counterparty(occasion.key, object),
        PARTNERS if text(object, "ЮрФизЛицо") == "Компания" => {
            put(object, "Пол", String::new());
            put(object, "ДатаРождения", EMPTY_DATE.to_owned());
        }
        _ => {}
    }
}

/// The legal type of reports follows from the legal type of the form.
fn counterparty(key: Uuid, object: &mut Object) {
    let derived = match text(object, "ЮрФизЛицо") {
        "ЮрЛицо" | "ЮрЛицоНеРезидент" => Some("ЮридическоеЛицо"),
        "ФизЛицо" | "ИндивидуальныйПредприниматель" => {
            Some("ФизическоеЛицо")
        }
        _ => None,
    };
    if let Some(derived) = derived {
        put(object, "ЮридическоеФизическоеЛицо", derived.to_owned());
    }
    if reference(object, HEAD).is_nil() && !flag(object, "ОбособленноеПодразделение")
    {
        put(object, HEAD, key.to_string());
    }
}

/// Where partners are used as counterparties, a partner's mark is the mark of its only counterparty.
pub(super) fn cascade(occasion: &Occasion<'_>, object: &Object) -> Further {
    let (Some(old), PARTNERS) = (occasion.old, occasion.set.name) else {
        return Vec::new();
    };
    let marked = flag(object, "DeletionMark");
    if !occasion.base.is_switched_on(PARTNERS_ARE_COUNTERPARTIES) || marked == flag(old, "DeletionMark") {
        return Vec::new();
    }
    let all = occasion.base.table(COUNTERPARTIES).into_iter().flat_map(|table| table.ordered());
    let owned: Vec<(&Uuid, &Object)> =
        all.filter(|(_, one)| reference(one, "Партнер_Key") == occasion.key).collect();
    match owned.as_slice() {
        [(key, one)] if flag(one, "DeletionMark") != marked => {
            let mut one = (*one).clone();
            put_flag(&mut one, "DeletionMark", marked);
            vec![(COUNTERPARTIES, **key, one)]
        }
        _ => Vec::new(),
    }
}
