//! How ids, sides, kinds and moments stand in columns.
//!
//! Invariant: rows ordered by (kind, side, number, id) are in the order of their record ids.

use jiff::Timestamp;
use obmen_domain::record::{Kind, RecordId, Side};
use rusqlite::Row;

/// The code of a side.
pub(crate) fn side_code(side: Side) -> i64 {
    match side {
        Side::Bitrix24 => 0,
        Side::Onec => 1,
    }
}

/// The code of a kind.
pub(crate) fn kind_code(kind: Kind) -> i64 {
    match kind {
        Kind::Company => 0,
        Kind::Contact => 1,
    }
}

/// The number of an id, the greatest there is for one that is no number.
pub(crate) fn number(id: &RecordId) -> i64 {
    id.id.parse::<u64>().ok().and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX)
}

/// A moment, cut to whole microseconds.
pub(crate) fn micros(moment: Timestamp) -> i64 {
    moment.as_microsecond()
}

/// A limit, as SQLite takes one.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Reads a kind.
pub(crate) fn read_kind(row: &Row<'_>, column: usize) -> rusqlite::Result<Kind> {
    match row.get(column)? {
        0 => Ok(Kind::Company),
        1 => Ok(Kind::Contact),
        other => Err(rusqlite::Error::IntegralValueOutOfRange(column, other)),
    }
}

/// Reads a side.
pub(crate) fn read_side(row: &Row<'_>, column: usize) -> rusqlite::Result<Side> {
    match row.get(column)? {
        0 => Ok(Side::Bitrix24),
        1 => Ok(Side::Onec),
        other => Err(rusqlite::Error::IntegralValueOutOfRange(column, other)),
    }
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
    let count = row.get(column)?;
    T::try_from(count).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, count))
}

/// Reads a moment.
pub(crate) fn read_moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let micros = row.get(column)?;
    Timestamp::from_microsecond(micros).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_sort_as_record_ids_do() {
        let mut ids = vec![
            RecordId::onec(Kind::Company, "b0000000-0000-0000-0000-000000000000"),
            RecordId::bitrix24(Kind::Contact, "10"),
            RecordId::bitrix24(Kind::Contact, "9"),
            RecordId::onec(Kind::Contact, "a0000000-0000-0000-0000-000000000000"),
            RecordId::bitrix24(Kind::Company, "100"),
            RecordId::bitrix24(Kind::Company, "2"),
            RecordId::onec(Kind::Company, "10000000-0000-0000-0000-000000000000"),
        ];
        let mut by_columns = ids.clone();
        ids.sort();
        by_columns.sort_by_key(|id| (kind_code(id.kind), side_code(id.side), number(id), id.id.clone()));
        assert_eq!(ids, by_columns);
    }
}
