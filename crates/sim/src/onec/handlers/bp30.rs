//! Handlers of «Бухгалтерия предприятия».
//!
//! Invariant: a counterparty that is no branch has a head, itself if no other.

use uuid::Uuid;

use crate::onec::error::Refusal;
use crate::onec::objects::{Base, Object, flag, reference, text};

use super::{
    CONTACT_PERSONS, COUNTERPARTIES, Further, HEAD, Occasion, checks, duplicates, history, put, put_flag,
    renumbered, russia,
};

pub(super) fn before_write(occasion: &Occasion<'_>, object: &mut Object) -> Result<(), Refusal> {
    match occasion.set.name {
        COUNTERPARTIES => counterparty(occasion, object),
        CONTACT_PERSONS => {
            contact_person(object);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn counterparty(occasion: &Occasion<'_>, object: &mut Object) -> Result<(), Refusal> {
    let is_branch = flag(object, "ОбособленноеПодразделение");
    if reference(object, HEAD).is_nil() && !is_branch {
        put(object, HEAD, occasion.key.to_string());
    }
    if reference(object, "СтранаРегистрации_Key").is_nil()
        && let Some(russia) = russia(occasion.base)
    {
        put(object, "СтранаРегистрации_Key", russia.to_string());
    }
    if object.contains_key("ИНН") {
        let inn = text(object, "ИНН").trim_end().to_owned();
        put(object, "ИНН", inn);
    }
    check_numbers(object, is_branch);
    let was = |name| occasion.old.map(|old| text(old, name));
    let is_renumbered =
        ["ИНН", "КПП"].iter().any(|name| was(name).is_none_or(|was| was != text(object, name)));
    if is_renumbered && duplicates::exist(occasion.base, occasion.key, object) {
        duplicates::show(object);
    }
    if occasion.old.is_none() {
        put(object, "ДатаСоздания", occasion.moment.to_owned());
    }
    history::settle(object)
}

/// Notes whether INN and KPP are right, of the party that the legal type says.
fn check_numbers(object: &mut Object, is_branch: bool) {
    let is_legal = text(object, "ЮридическоеФизическоеЛицо") == "ЮридическоеЛицо";
    let inn_is_right = checks::is_inn(text(object, "ИНН"), !is_legal);
    let kpp = text(object, "КПП");
    let kpp_is_right = is_legal && checks::is_kpp_of_office(kpp) && checks::is_reason_of(kpp, is_branch);
    put_flag(object, "ИННВведенКорректно", inn_is_right);
    put_flag(object, "КППВведенКорректно", kpp_is_right);
}

/// A person without a name gets one of the parts, a person's own contact belongs to its user.
fn contact_person(object: &mut Object) {
    if text(object, "Description").is_empty() {
        let parts = ["Фамилия", "Имя", "Отчество"].map(|part| text(object, part).to_owned());
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let mut name = parts.join(" ");
        if !text(object, "Должность").is_empty() {
            name = format!("{name}, {}", text(object, "Должность"));
        }
        put(object, "Description", name.chars().take(100).collect());
    }
    let is_own = text(object, "ВидКонтактногоЛица") == "ЛичныйКонтакт";
    let user = if is_own { reference(object, "ОбъектВладелец") } else { Uuid::nil() };
    put(object, "ПользовательЛичногоКонтакта_Key", user.to_string());
}

/// A mark reaches the contact persons, the INN of a head its branches.
pub(super) fn cascade(occasion: &Occasion<'_>, object: &Object) -> Further {
    let (Some(old), COUNTERPARTIES) = (occasion.old, occasion.set.name) else {
        return Vec::new();
    };
    let mut changed = Vec::new();
    let marked = flag(object, "DeletionMark");
    if marked != flag(old, "DeletionMark") {
        changed.extend(contact_persons_with_mark(occasion.base, occasion.key, marked));
    }
    let is_legal = text(object, "ЮридическоеФизическоеЛицо") == "ЮридическоеЛицо";
    if is_legal && !flag(object, "ОбособленноеПодразделение") {
        let is_meant = |branch: &Object| {
            flag(branch, "ОбособленноеПодразделение")
                && !flag(branch, "DeletionMark")
                && !flag(branch, "IsFolder")
        };
        changed.extend(renumbered(occasion.base, occasion.key, text(object, "ИНН"), is_meant));
    }
    changed
}

fn contact_persons_with_mark(base: &Base, owner: Uuid, marked: bool) -> Further {
    let persons = base.table(CONTACT_PERSONS).into_iter().flat_map(|table| table.ordered());
    let owned = persons.filter(|(_, person)| {
        reference(person, "ОбъектВладелец") == owner
            && text(person, "ОбъектВладелец_Type").ends_with(COUNTERPARTIES)
            && flag(person, "DeletionMark") != marked
    });
    let mark = |(key, person): (&Uuid, &Object)| {
        let mut person = person.clone();
        put_flag(&mut person, "DeletionMark", marked);
        (CONTACT_PERSONS, *key, person)
    };
    owned.map(mark).collect()
}
