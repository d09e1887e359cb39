//! What the code of the configuration and of its library does around a write.
//!
//! Not run for writes in load mode. The helper columns of contact information (`НомерТелефона`, `АдресЭП`, …) are
//! not recalculated: only forms do that, and an outside client must bring them right.

mod checks;

use serde_json::Value;
use uuid::Uuid;

use super::objects::{Base, Object, flag, reference, text};
use super::schema::EntitySet;

pub(crate) const COUNTERPARTIES: &str = "Catalog_Контрагенты";
pub(crate) const CONTACT_PERSONS: &str = "Catalog_КонтактныеЛица";
pub(crate) const CONTACT_INFORMATION: &str = "КонтактнаяИнформация";
const COUNTRIES: &str = "Catalog_СтраныМира";

/// Changes the object before it is stored.
pub(crate) fn before_write(
    base: &Base,
    set: &EntitySet,
    key: Uuid,
    old: Option<&Object>,
    object: &mut Object,
    moment: &str,
) {
    if set.name == COUNTERPARTIES && !flag(object, "IsFolder") {
        counterparty(base, key, old.is_none(), object, moment);
    }
    if set.section(CONTACT_INFORMATION).is_some() {
        contact_information(object);
    }
}

/// The further objects that a write changes: their set, reference and new state.
pub(crate) fn cascade(
    base: &Base,
    set: &EntitySet,
    key: Uuid,
    old: Option<&Object>,
    object: &Object,
) -> Vec<(&'static str, Uuid, Object)> {
    if set.name != COUNTERPARTIES {
        return Vec::new();
    }
    let mut changed = Vec::new();
    let was_marked = old.is_some_and(|old| flag(old, "DeletionMark"));
    if flag(object, "DeletionMark") && !was_marked {
        changed.extend(marked_contact_persons(base, key));
    }
    let is_head = !flag(object, "ОбособленноеПодразделение");
    if is_head && old.is_some_and(|old| text(old, "ИНН") != text(object, "ИНН")) {
        changed.extend(renumbered_branches(base, key, text(object, "ИНН")));
    }
    changed
}

fn counterparty(base: &Base, key: Uuid, is_new: bool, object: &mut Object, moment: &str) {
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
    let inn = text(object, "ИНН").trim_end().to_owned();
    let is_person = text(object, "ЮридическоеФизическоеЛицо") == "ФизическоеЛицо";
    let inn_is_right = checks::is_inn(&inn, is_person);
    let kpp_is_right = checks::is_kpp(text(object, "КПП"));
    if object.contains_key("ИНН") {
        put(object, "ИНН", inn);
    }
    object.insert("ИННВведенКорректно".to_owned(), Value::Bool(inn_is_right));
    object.insert("КППВведенКорректно".to_owned(), Value::Bool(kpp_is_right));
}

/// Drops rows without a kind and marks the first row of each kind for lists.
fn contact_information(object: &mut Object) {
    let Some(Value::Array(rows)) = object.get_mut(CONTACT_INFORMATION) else {
        return;
    };
    rows.retain(|row| row.as_object().is_some_and(|row| !reference(row, "Вид_Key").is_nil()));
    let mut kinds = Vec::new();
    for (at, row) in rows.iter_mut().filter_map(Value::as_object_mut).enumerate() {
        let kind = reference(row, "Вид_Key");
        let listed = if kinds.contains(&kind) { Uuid::nil() } else { kind };
        kinds.push(kind);
        put(row, "ВидДляСписка_Key", listed.to_string());
        put(row, "LineNumber", (at + 1).to_string());
    }
}

fn russia(base: &Base) -> Option<Uuid> {
    let countries = base.table(COUNTRIES)?.ordered();
    let found = countries.iter().find(|(_, country)| {
        text(country, "PredefinedDataName") == "Россия" || text(country, "Code") == "643"
    });
    found.map(|(key, _)| *key)
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

fn renumbered_branches(base: &Base, head: Uuid, inn: &str) -> Vec<(&'static str, Uuid, Object)> {
    let all = base.table(COUNTERPARTIES).into_iter().flat_map(|table| table.ordered());
    let branches = all.filter(|(key, branch)| {
        **key != head
            && flag(branch, "ОбособленноеПодразделение")
            && reference(branch, "ГоловнойКонтрагент_Key") == head
            && text(branch, "ИНН") != inn
    });
    let renumber = |(key, branch): (&Uuid, &Object)| {
        let mut branch = branch.clone();
        put(&mut branch, "ИНН", inn.to_owned());
        (COUNTERPARTIES, *key, branch)
    };
    branches.map(renumber).collect()
}

fn put(object: &mut Object, name: &str, value: String) {
    object.insert(name.to_owned(), Value::String(value));
}
