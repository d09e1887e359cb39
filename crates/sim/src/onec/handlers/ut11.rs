//! Handlers of «Управление торговлей»: little happens outside of forms, which also check for duplicates alone.

use crate::onec::objects::{Object, text};

use super::put;

/// The legal type of reports follows from the legal type of the form.
pub(super) fn counterparty(object: &mut Object) {
    let derived = match text(object, "ЮрФизЛицо") {
        "ЮрЛицо" | "ЮрЛицоНеРезидент" => "ЮридическоеЛицо",
        "ФизЛицо" | "ИндивидуальныйПредприниматель" => "ФизическоеЛицо",
        _ => return,
    };
    put(object, "ЮридическоеФизическоеЛицо", derived.to_owned());
}
