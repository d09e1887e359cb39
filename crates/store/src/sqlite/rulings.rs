//! Rulings: what people decided about two records, found by either of them.
//!
//! Invariant: two records have one ruling, the latest.

use std::collections::BTreeSet;

use obmen_domain::record::RecordId;
use obmen_domain::ruling::Ruled;
use obmen_engine::ports::StoreError;
use rusqlite::{Row, params};

use super::columns::{read_kind, read_side};
use super::statement::Scope;
use crate::columns::{kind_code, side_code};
use crate::documents::{from_word, to_json, to_word};

/// Keeps a ruling.
pub(crate) fn keep(scope: &Scope<'_>, ruled: &Ruled) -> Result<(), StoreError> {
    const KEEP: &str = "/* ruling.keep */
        insert into ruling (pair, kind, first_side, first, second_side, second, ruling)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        on conflict (pair, kind, first_side, first, second_side, second) do update set ruling = excluded.ruling";
    let Ruled { first, second, ruling } = ruled;
    if first.kind != second.kind || first >= second {
        return Err(StoreError::Failed(format!(
            "ruling.keep: nothing can be decided about {first} and {second}"
        )));
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
    const OF: &str = "/* ruling.of */
        with asked (kind, side, id) as (
            select value ->> 0, value ->> 1, value ->> 2 from json_each(?2)
        )
        select ruling.kind, first_side, first, second_side, second, ruling from asked cross join ruling
        where pair = ?1 and ruling.kind = asked.kind and first_side = asked.side and first = asked.id
        union
        select ruling.kind, first_side, first, second_side, second, ruling from asked cross join ruling
        where pair = ?1 and ruling.kind = asked.kind and second_side = asked.side and second = asked.id";
    let asked: Vec<_> = ids.iter().map(|id| (kind_code(id.kind), side_code(id.side), &id.id)).collect();
    let rows: BTreeSet<_> =
        scope.all(OF, params![scope.pair, to_json(OF, &asked)?], read_row)?.into_iter().collect();
    rows.into_iter()
        .map(|(first, second, word)| Ok(Ruled { first, second, ruling: from_word(OF, &word)? }))
        .collect()
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<(RecordId, RecordId, String)> {
    let kind = read_kind(row, 0)?;
    let first = RecordId { side: read_side(row, 1)?, kind, id: row.get(2)? };
    let second = RecordId { side: read_side(row, 3)?, kind, id: row.get(4)? };
    Ok((first, second, row.get(5)?))
}
