//! What the code of the configuration and of its library does around a write.
//!
//! Not run for writes in load mode, and it asks for nothing that a form wants filled in (see `act::check`). The helper
//! columns of contact information (`НомерТелефона`, `АдресЭП`, …) are not recalculated: only forms do that, and an
//! outside client must bring them right. Invariant: what a handler writes elsewhere is a write of its own, with handlers.

mod bp30;
mod checks;
mod duplicates;
mod history;
mod unf;
mod ut11;
pub(crate) mod versions;

use uuid::Uuid;

use super::error::Refusal;
use super::objects::{Base, Object, flag, reference, text};
use super::schema::EntitySet;
use super::settings::Product;
use super::value::Value;

pub(crate) const COUNTERPARTIES: &str = "Catalog_Контрагенты";
pub(crate) const CONTACT_PERSONS: &str = "Catalog_КонтактныеЛица";
pub(crate) const PARTNERS: &str = "Catalog_Партнеры";
pub(crate) const CONTACT_INFORMATION: &str = "КонтактнаяИнформация";
const COUNTRIES: &str = "Catalog_СтраныМира";
const HEAD: &str = "ГоловнойКонтрагент_Key";

/// A write that handlers look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Occasion<'a> {
    pub(crate) base: &'a Base,
    pub(crate) set: &'static EntitySet,
    pub(crate) key: Uuid,
    /// The object as it stands in the base.
    pub(crate) old: Option<&'a Object>,
    /// The server's wall clock.
    pub(crate) moment: &'a str,
}

/// Further objects that a write changes: their set, reference and new state.
pub(crate) type Further = Vec<(&'static str, Uuid, Object)>;

/// Changes the object before it is stored, or refuses to have it stored.
pub(crate) fn before_write(occasion: &Occasion<'_>, object: &mut Object) -> Result<(), Refusal> {
    if occasion.set.section(CONTACT_INFORMATION).is_some() {
        contact_information(occasion.set, object);
    }
    if flag(object, "IsFolder") {
        return Ok(());
    }
    match occasion.base.configuration.product {
        Product::Bp30 => bp30::before_write(occasion, object),
        Product::Ut11 => {
            ut11::before_write(occasion, object);
            Ok(())
        }
        Product::Unf => unf::before_write(occasion, object),
    }
}

/// What the write of this object changes elsewhere.
pub(crate) fn cascade(occasion: &Occasion<'_>, object: &Object) -> Further {
    match occasion.base.configuration.product {
        Product::Bp30 => bp30::cascade(occasion, object),
        Product::Ut11 => ut11::cascade(occasion, object),
        Product::Unf => unf::cascade(occasion, object),
    }
}

/// The objects that the creation of this one brings into being, without their references and codes.
pub(crate) fn companions(occasion: &Occasion<'_>, object: &Object) -> Vec<(&'static str, Object)> {
    let is_counterparty = occasion.set.name == COUNTERPARTIES && !flag(object, "IsFolder");
    match occasion.base.configuration.product {
        Product::Unf if is_counterparty && occasion.old.is_none() => vec![unf::contract(occasion.key)],
        _ => Vec::new(),
    }
}

/// Keeps the registers that follow an object.
pub(crate) fn after_write(base: &mut Base, set: &EntitySet, key: Uuid, old: Option<&Object>) {
    if set.name == COUNTERPARTIES {
        duplicates::after_write(base, key, old);
    }
}

/// What else changes when an object is deleted; `moment` is in UTC.
pub(crate) fn after_delete(base: &mut Base, set: &EntitySet, key: Uuid, old: &Object, moment: &str) {
    if set.name == COUNTERPARTIES {
        duplicates::after_delete(base, key, old, moment);
    }
    if set.name == CONTACT_PERSONS && base.configuration.product == Product::Unf {
        for (set, key, object) in unf::without_main_contact(base, key) {
            base.write(set, key, object);
        }
    }
}

/// What a copy at the form does not take over from the object that it was made of.
pub(crate) fn on_copy(product: Product, set: &EntitySet, key: Uuid, copy: &mut Object) {
    for name in ["Ref_Key", "DataVersion", "DeletionMark", "Code", "Predefined", "PredefinedDataName"] {
        copy.remove(name);
    }
    if set.name != COUNTERPARTIES {
        return;
    }
    let own: &[&str] = match product {
        Product::Bp30 => &["ОсновнойБанковскийСчет_Key", "ОсновноеКонтактноеЛицо_Key"],
        Product::Ut11 => &[],
        Product::Unf => &["БанковскийСчетПоУмолчанию_Key", "КонтактноеЛицо_Key"],
    };
    for name in own {
        copy.remove(name);
    }
    if reference(copy, HEAD) == key {
        copy.remove(HEAD);
    }
}

/// Drops rows without a kind and, where the section has the column, marks the first row of each kind for lists.
fn contact_information(set: &EntitySet, object: &mut Object) {
    let columns = set.section(CONTACT_INFORMATION).map_or(&[][..], |section| &section.columns);
    let has_lists = columns.iter().any(|column| column.name == "ВидДляСписка_Key");
    let Some(Value::Array(rows)) = object.get_mut(CONTACT_INFORMATION) else {
        return;
    };
    let has_kind = |row: &Value| row.as_object().is_some_and(|row| !reference(row, "Вид_Key").is_nil());
    *rows = std::mem::take(rows).into_iter().filter(has_kind).collect();
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

/// The subordinates of a head that do not have its INN, with it.
fn renumbered(
    base: &Base,
    head: Uuid,
    inn: &str,
    is_meant: fn(&Object) -> bool,
) -> impl Iterator<Item = (&'static str, Uuid, Object)> {
    let table = base.table(COUNTERPARTIES);
    let named = table.and_then(|table| table.index().find(None, HEAD, &head.to_string()));
    let named = named.into_iter().flatten().filter(move |key| *key != head);
    let branches = named.filter_map(|key| Some((key, base.object(COUNTERPARTIES, key)?)));
    let of_head = branches.filter(move |(_, branch)| reference(branch, HEAD) == head);
    let other = of_head.filter(move |(_, branch)| text(branch, "ИНН") != inn && is_meant(branch));
    let inn = inn.to_owned();
    other.map(move |(key, branch)| {
        let mut branch = branch.clone();
        put(&mut branch, "ИНН", inn.clone());
        (COUNTERPARTIES, key, branch)
    })
}

fn put(object: &mut Object, name: &str, value: String) {
    object.insert(name.to_owned(), Value::from(value));
}

fn put_flag(object: &mut Object, name: &str, value: bool) {
    object.insert(name.to_owned(), Value::Bool(value));
}
