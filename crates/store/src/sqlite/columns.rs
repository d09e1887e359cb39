//! Reading sides, kinds, ids and moments from a row.

use jiff::Timestamp;
use obmen_domain::record::{Kind, RecordId, Side};
use rusqlite::Row;

use crate::columns::{kind_of, moment_of, side_of};

/// Reads a kind.
pub(crate) fn read_kind(row: &Row<'_>, column: usize) -> rusqlite::Result<Kind> {
    read(row, column, kind_of)
}

/// Reads a side.
pub(crate) fn read_side(row: &Row<'_>, column: usize) -> rusqlite::Result<Side> {
    read(row, column, side_of)
}

/// Reads a record id from three columns: kind, side, id.
pub(crate) fn read_record_id(row: &Row<'_>, column: usize) -> rusqlite::Result<RecordId> {
    Ok(RecordId {
        kind: read_kind(row, column)?,
        side: read_side(row, column + 1)?,
        id: row.get(column + 2)?,
    })
}

/// Reads a count.
pub(crate) fn read_count<T: TryFrom<i64>>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    read(row, column, |count| T::try_from(count).ok())
}

/// Reads a moment.
pub(crate) fn read_moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    read(row, column, moment_of)
}

fn read<T>(row: &Row<'_>, column: usize, meaning: impl Fn(i64) -> Option<T>) -> rusqlite::Result<T> {
    let number = row.get(column)?;
    meaning(number).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, number))
}
