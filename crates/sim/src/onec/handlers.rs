//! What the code of the configuration and of its library does around a write.
//!
//! Not run for writes in load mode. The helper columns of contact information (`НомерТелефона`, `АдресЭП`, …) are
//! not recalculated: only forms do that, and an outside client must bring them right.

mod bp30;
mod checks;
mod unf;
mod ut11;

use serde_json::Value;
use uuid::Uuid;

use super::objects::{Base, Object, flag, reference, text};
use super::schema::EntitySet;
use super::settings::Product;

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
    let is_element = !flag(object, "IsFolder");
    if set.section(CONTACT_INFORMATION).is_some() {
        contact_information(set, object);
    }
    match base.configuration.product {
        Product::Bp30 if set.name == COUNTERPARTIES && is_element => {
            bp30::counterparty(base, key, old.is_none(), object, moment);
        }
        Product::Ut11 if set.name == COUNTERPARTIES => ut11::counterparty(object),
        Product::Unf if is_element => unf::before_write(base, set, key, object),
        _ => {}
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
    match base.configuration.product {
        Product::Bp30 => bp30::cascade(base, key, old, object),
        Product::Ut11 => Vec::new(),
        Product::Unf => unf::cascade(base, key, old, object),
    }
}

/// The objects that the creation of this one brings into being, without their references and codes.
pub(crate) fn companions(
    base: &Base,
    set: &EntitySet,
    key: Uuid,
    object: &Object,
) -> Vec<(&'static str, Object)> {
    match base.configuration.product {
        Product::Unf if set.name == COUNTERPARTIES && !flag(object, "IsFolder") => vec![unf::contract(key)],
        _ => Vec::new(),
    }
}

/// Drops rows without a kind and, where the section has the column, marks the first row of each kind for lists.
fn contact_information(set: &EntitySet, object: &mut Object) {
    let columns = set.section(CONTACT_INFORMATION).map_or(&[][..], |section| &section.columns);
    let has_lists = columns.iter().any(|column| column.name == "ВидДляСписка_Key");
    let Some(Value::Array(rows)) = object.get_mut(CONTACT_INFORMATION) else {
        return;
    };
    rows.retain(|row| row.as_object().is_some_and(|row| !reference(row, "Вид_Key").is_nil()));
    let mut kinds = Vec::new();
    for (at, row) in rows.iter_mut().filter_map(Value::as_object_mut).enumerate() {
        put(row, "LineNumber", (at + 1).to_string());
        if has_lists {
            let kind = reference(row, "Вид_Key");
            let listed = if kinds.contains(&kind) { Uuid::nil() } else { kind };
            kinds.push(kind);
            put(row, "ВидДляСписка_Key", listed.to_string());
        }
    }
}

fn russia(base: &Base) -> Option<Uuid> {
    let countries = base.table(COUNTRIES)?.ordered();
    let found = countries.iter().find(|(_, country)| {
        text(country, "PredefinedDataName") == "Россия" || text(country, "Code") == "643"
    });
    found.map(|(key, _)| *key)
}

/// The branches of a head that do not have its INN yet, with it.
fn renumbered_branches(base: &Base, head: Uuid, inn: &str) -> Vec<(&'static str, Uuid, Object)> {
    let all = base.table(COUNTERPARTIES).into_iter().flat_map(|table| table.ordered());
    let branches = all.filter(|(key, branch)| {
        **key != head && reference(branch, "ГоловнойКонтрагент_Key") == head && text(branch, "ИНН") != inn
    });
    let renumber = |(key, branch): (&Uuid, &Object)| {
        let mut branch = branch.clone();
        put(&mut branch, "ИНН", inn.to_owned());
        (COUNTERPARTIES, *key, branch)
    };
    branches.map(renumber).collect()
}

/// Trims the INN on the right and notes whether INN and KPP look right.
fn check_numbers(object: &mut Object, is_person: bool) {
    let inn = text(object, "ИНН").trim_end().to_owned();
    let inn_is_right = checks::is_inn(&inn, is_person);
    let kpp_is_right = checks::is_kpp(text(object, "КПП"));
    if object.contains_key("ИНН") {
        put(object, "ИНН", inn);
    }
    object.insert("ИННВведенКорректно".to_owned(), Value::Bool(inn_is_right));
    object.insert("КППВведенКорректно".to_owned(), Value::Bool(kpp_is_right));
}

fn put(object: &mut Object, name: &str, value: String) {
    object.insert(name.to_owned(), Value::String(value));
}
