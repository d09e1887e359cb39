//! Handlers of «Бухгалтерия предприятия».
//!
//! Invariant: a counterparty that is no branch is its own head.

use serde_json::Value;
use uuid::Uuid;

use crate::onec::objects::{Base, Object, flag, reference, text};

use super::{CONTACT_PERSONS, COUNTERPARTIES, check_numbers, put, renumbered_branches, russia};

pub(super) fn counterparty(base: &Base, key: Uuid, is_new: bool, object: &mut Object, moment: &str) {
    if reference(object, "ГоловнойКонтрагент_Key").is_nil() {
        put(object, "ГоловнойКонтрагент_Key", key.to_string());
    }
    if reference(object, "СтранаРегистрации_Key").is_nil()
        && let Some(russia) = russia(base)
    {
        put(object, "СтранаРегистрации_Key", russia.to_string());
    }
    if is_new && text(object, "ДатаСоздания").is_empty() {
        put(object, "ДатаСоздания", moment.to_owned());
    }
    let head = reference(object, "ГоловнойКонтрагент_Key");
    if flag(object, "ОбособленноеПодразделение")
        && head != key
        && let Some(head) = base.object(COUNTERPARTIES, head)
        && !text(head, "ИНН").is_empty()
    {
        put(object, "ИНН", text(head, "ИНН").to_owned());
    }
    let is_person = text(object, "ЮридическоеФизическоеЛицо") == "ФизическоеЛицо";
    check_numbers(object, is_person);
}

/// A mark reaches the contact persons, a head's new INN its branches.
pub(super) fn cascade(
    base: &Base,
    key: Uuid,
    old: Option<&Object>,
    object: &Object,
) -> Vec<(&'static str, Uuid, Object)> {
    let mut changed = Vec::new();
    let was_marked = old.is_some_and(|old| flag(old, "DeletionMark"));
    if flag(object, "DeletionMark") && !was_marked {
        changed.extend(marked_contact_persons(base, key));
    }
    let is_head = !flag(object, "ОбособленноеПодразделение");
    if is_head && old.is_some_and(|old| text(old, "ИНН") != text(object, "ИНН")) {
        let branches = renumbered_branches(base, key, text(object, "ИНН"));
        changed.extend(branches.into_iter().filter(|(.., branch)| flag(branch, "ОбособленноеПодразделение")));
    }
    changed
}

fn marked_contact_persons(base: &Base, owner: Uuid) -> Vec<(&'static str, Uuid, Object)> {
    let persons = base.table(CONTACT_PERSONS).into_iter().flat_map(|table| table.ordered());
    let owned = persons.filter(|(_, person)| {
        reference(person, "ОбъектВладелец") == owner
            && text(person, "ОбъектВладелец_Type").ends_with(COUNTERPARTIES)
            && !flag(person, "DeletionMark")
    });
    let mark = |(key, person): (&Uuid, &Object)| {
        let mut person = person.clone();
        person.insert("DeletionMark".to_owned(), Value::Bool(true));
        (CONTACT_PERSONS, *key, person)
    };
    owned.map(mark).collect()
}
