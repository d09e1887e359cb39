//! The row of an address, for a wanted text.
//!
//! Invariant: a row that shows the wanted address already stays exactly as it is, and so do all rows of other kinds.

use super::dated;
use super::rows::address_row;
use crate::facts::{ContactKind, Table};
use crate::odata::Object;
use crate::read::Reading;
use crate::read::address::is_address_row;
use crate::read::points::shown_or_said;

/// The section's rows with this address of a kind, or without any where it is empty.
pub(in crate::write) fn with_address(
    reading: Reading<'_>,
    table: &Table,
    kind: ContactKind,
    rows: Vec<Object>,
    wanted: &str,
) -> Vec<Object> {
    let names = &reading.profile.contact;
    dated(reading, table, rows, |mut rows| {
        let is_ours = |row: &Object| is_address_row(names, kind, row);
        let place = rows.iter().position(is_ours);
        if place.is_some_and(|place| shown_or_said(names, &rows[place]).trim() == wanted.trim()) {
            return rows;
        }
        let row = address_row(reading, table, wanted.trim(), kind);
        match (place, row) {
            (Some(place), Some(row)) => rows[place] = row,
            (Some(place), None) => drop(rows.remove(place)),
            (None, row) => rows.extend(row),
        }
        rows
    })
}
