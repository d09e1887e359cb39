//! Rulings: what people decided about two records, found by either of them.
//!
//! Invariant: two records have one ruling, the latest.

use std::collections::BTreeSet;

use obmen_domain::record::RecordId;
use obmen_domain::ruling::Ruled;
use obmen_engine::ports::StoreError;
use rusqlite::{Row, params};

use super::columns::{kind_code, read_kind, read_side, side_code};
use super::statement::{Scope, from_word, to_word};

/// Keeps a ruling.
pub(crate) fn keep(scope: &Scope<'_>, ruled: &Ruled) -> Result<(), StoreError> {
    const KEEP: &str = "/* ruling.keep */
        insert into ruling (pair, kind, first_side, first, second_side, second, ruling)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        on conflict (pair, kind, first_side, first, second_side, second) do update set ruling = excluded.ruling";
    let Ruled { first, second, ruling } = ruled;
    if first.kind != second.kind || first >= second {
        return Err(StoreError(format!("ruling.keep: nothing can be decided about {first} and {second}")));
    }
    let values = params![
        scope.pair,
        kind_code(first.kind),
        side_code(first.side),
        first.id,
        side_code(second.side),
        second.id,
        to_word(KEEP, ruling)?,
    ];
    scope.execute(KEEP, values)?;
    Ok(())
}

/// The rulings about any of these records, each once, sorted.
pub(crate) fn of(scope: &Scope<'_>, ids: &[RecordId]) -> Result<Vec<Ruled>, StoreError> {
    const BY_FIRST: &str = "/* ruling.by_first */
        select kind, first_side, first, second_side, second, ruling from ruling
        where pair = ?1 and kind = ?2 and first_side = ?3 and first = ?4";
    const BY_SECOND: &str = "/* ruling.by_second */
        select kind, first_side, first, second_side, second, ruling from ruling
        where pair = ?1 and kind = ?2 and second_side = ?3 and second = ?4";
    let mut rows = BTreeSet::new();
    for id in ids {
        for sql in [BY_FIRST, BY_SECOND] {
            let values = params![scope.pair, kind_code(id.kind), side_code(id.side), id.id];
            rows.extend(scope.all(sql, values, read_row)?);
        }
    }
    rows.into_iter()
        .map(|(first, second, word)| Ok(Ruled { first, second, ruling: from_word(BY_FIRST, &word)? }))
        .collect()
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<(RecordId, RecordId, String)> {
    let kind = read_kind(row, 0)?;
    let first = RecordId { side: read_side(row, 1)?, kind, id: row.get(2)? };
    let second = RecordId { side: read_side(row, 3)?, kind, id: row.get(4)? };
    Ok((first, second, row.get(5)?))
}
