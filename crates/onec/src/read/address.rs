//! The address of an object: what the row of its kind shows.
//!
//! Not responsible for its parts. Invariant: a row that says nothing is no address.

use obmen_domain::forms::address::is_address;

use super::points::{is_outdated, shown_or_said};
use crate::facts::{ContactKind, Table};
use crate::odata::Object;
use crate::profile::ContactSection;
use crate::wire::{guid, text};

/// The address of a kind among rows of an object; empty where it has none.
pub(crate) fn read(names: &ContactSection, table: &Table, kind: ContactKind, rows: &[&Object]) -> String {
    let of_kind = rows.iter().filter(|row| is_address_row(names, kind, row));
    let current = of_kind.filter(|row| !is_outdated(names, table, rows, row));
    current.map(|row| shown_or_said(names, row)).find(|text| is_address(text)).unwrap_or_default()
}

/// Whether a row is an address of this kind.
pub(crate) fn is_address_row(names: &ContactSection, kind: ContactKind, row: &Object) -> bool {
    names.address_type.as_deref() == Some(text(row, &names.sort))
        && guid(row, &names.kind) == Some(kind.reference)
}
