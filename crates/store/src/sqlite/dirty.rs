//! Dirty rows: which records need a look, and when.
//!
//! One row a record is ordering and coalescing at once. Invariant: no generation is given twice to a record, also not
//! after its row went, so that a look that took long never cleans a later signal away.

use std::collections::BTreeMap;

use jiff::Timestamp;
use obmen_domain::record::{Kind, RecordId};
use obmen_engine::ports::StoreError;
use obmen_engine::store::{Dirty, DirtyReason};
use rusqlite::{Row, params};

use super::columns::{read_moment, read_record_id};
use super::links;
use super::statement::Scope;
use crate::columns::{kind_code, limit as rows, micros, number, side_code, walk_from};
use crate::documents::{from_word, to_word};
use crate::share::{ROWS_EACH, chosen};
use crate::statements::{DIRTY_DUE, DIRTY_FIND, DIRTY_LATEST, DIRTY_LONGEST, DIRTY_NEXT_DUE};

/// A signal: makes the record's row, or moves it on.
pub(crate) fn signal(
    scope: &Scope<'_>,
    id: &RecordId,
    reason: DirtyReason,
    since: Timestamp,
    due: Timestamp,
) -> Result<(), StoreError> {
    const SIGNAL: &str = "/* dirty.signal */
        insert into dirty (pair, kind, side, number, id, generation, due, reason, attempts, since)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9)
        on conflict (pair, kind, side, number, id) do update set
            generation = excluded.generation, due = min(due, excluded.due), since = min(since, excluded.since),
            reason = case when excluded.reason = 'swept' and reason = 'signal' then reason else excluded.reason end,
            attempts = case excluded.reason when 'settled' then attempts else 0 end";
    let values = params![
        scope.pair,
        kind_code(id.kind),
        side_code(id.side),
        number(id),
        id.id,
        next_generation(scope)?,
        micros(due),
        to_word(SIGNAL, &reason)?,
        micros(since),
    ];
    scope.execute(SIGNAL, values)?;
    Ok(())
}

/// A signal for every record seen. A row that is there keeps its reason.
pub(crate) fn signal_all(scope: &Scope<'_>, due: Timestamp) -> Result<(), StoreError> {
    const SIGNAL_ALL: &str = "/* dirty.signal_all */
        insert into dirty (pair, kind, side, number, id, generation, due, reason, attempts, since)
        select pair, kind, side, number, id, ?2, ?3, ?4, 0, ?3 from seen where pair = ?1
        on conflict (pair, kind, side, number, id) do update set
            generation = excluded.generation, due = min(due, excluded.due), attempts = 0";
    let reason = to_word(SIGNAL_ALL, &DirtyReason::Swept)?;
    scope.execute(SIGNAL_ALL, params![scope.pair, next_generation(scope)?, micros(due), reason])?;
    Ok(())
}

fn next_generation(scope: &Scope<'_>) -> Result<Option<i64>, StoreError> {
    const MOVE_ON: &str = "/* pair.move_generation_on */
        update pair set generation = generation + 1 where id = ?1 returning generation";
    scope.one(MOVE_ON, [scope.pair], |row| row.get(0))
}

/// Takes the row away where no signal came since.
pub(crate) fn clean(scope: &Scope<'_>, id: &RecordId, generation: i64) -> Result<(), StoreError> {
    const CLEAN: &str = "/* dirty.clean */
        delete from dirty
        where pair = ?1 and kind = ?2 and side = ?3 and number = ?4 and id = ?5 and generation = ?6";
    let values = params![scope.pair, kind_code(id.kind), side_code(id.side), number(id), id.id, generation];
    scope.execute(CLEAN, values)?;
    Ok(())
}

/// Puts the row off where no signal came since.
pub(crate) fn postpone(
    scope: &Scope<'_>,
    id: &RecordId,
    generation: i64,
    reason: DirtyReason,
    attempts: u32,
    due: Timestamp,
) -> Result<(), StoreError> {
    const POSTPONE: &str = "/* dirty.postpone */
        update dirty set reason = ?7, attempts = ?8, due = ?9
        where pair = ?1 and kind = ?2 and side = ?3 and number = ?4 and id = ?5 and generation = ?6";
    let values = params![
        scope.pair,
        kind_code(id.kind),
        side_code(id.side),
        number(id),
        id.id,
        generation,
        to_word(POSTPONE, &reason)?,
        attempts,
        micros(due),
    ];
    scope.execute(POSTPONE, values)?;
    Ok(())
}

/// Due rows of a kind, in the order of record ids.
pub(crate) fn due(
    scope: &Scope<'_>,
    kind: Kind,
    now: Timestamp,
    after: Option<&RecordId>,
    limit: usize,
) -> Result<Vec<Dirty>, StoreError> {
    let Some((side, number, id)) = walk_from(kind, after) else { return Ok(Vec::new()) };
    let values = params![scope.pair, kind_code(kind), side, number, id, micros(now), rows(limit)];
    let found = scope.all(DIRTY_DUE, values, read_row)?;
    found.into_iter().map(|(row, word)| Ok(Dirty { reason: from_word(DIRTY_DUE, &word)?, ..row })).collect()
}

/// Due rows: those due longest, those signalled last, and those of the records linked with them.
pub(crate) fn share(
    scope: &Scope<'_>,
    now: Timestamp,
    longest: usize,
    latest: usize,
) -> Result<Vec<Dirty>, StoreError> {
    const OF_PARTNER: &str = "/* dirty.of_partner */
        select kind, side, id, generation, due, attempts, reason, since from dirty
        where pair = ?1 and kind = ?2 and side = ?3 and number = ?4 and id = ?5 and due <= ?6";
    let now = micros(now);
    let first = scope.all(DIRTY_LONGEST, params![scope.pair, now, rows(ROWS_EACH * longest)], read_row)?;
    let last = rows(ROWS_EACH * (longest + latest));
    let last = scope.all(DIRTY_LATEST, params![scope.pair, now, last], read_row)?;
    let mut found = chosen(with_reason(first)?, with_reason(last)?, (longest, latest));
    let ids: Vec<RecordId> = found.iter().map(|row| row.id.clone()).collect();
    let mut of_partner = scope.prepare(OF_PARTNER)?;
    for id in links::of(scope, &ids)?.into_iter().flat_map(|link| [link.bitrix24, link.onec]) {
        let values = params![scope.pair, kind_code(id.kind), side_code(id.side), number(&id), id.id, now];
        found.extend(with_reason(of_partner.one(values, read_row)?.into_iter().collect())?);
    }
    let each: BTreeMap<RecordId, Dirty> = found.into_iter().map(|row| (row.id.clone(), row)).collect();
    Ok(each.into_values().collect())
}

fn with_reason(rows: Vec<(Dirty, String)>) -> Result<Vec<Dirty>, StoreError> {
    rows.into_iter().map(|(row, word)| Ok(Dirty { reason: from_word(DIRTY_LATEST, &word)?, ..row })).collect()
}

/// Whether a record has a row, due or not.
pub(crate) fn is_dirty(scope: &Scope<'_>, id: &RecordId) -> Result<bool, StoreError> {
    let values = params![scope.pair, kind_code(id.kind), side_code(id.side), number(id), id.id];
    Ok(scope.one(DIRTY_FIND, values, |_| Ok(()))?.is_some())
}

/// When the next row falls due after `now`.
pub(crate) fn next_due(scope: &Scope<'_>, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    scope.one(DIRTY_NEXT_DUE, params![scope.pair, micros(now)], |row| read_moment(row, 0))
}

/// A row, and the word of its reason.
fn read_row(row: &Row<'_>) -> rusqlite::Result<(Dirty, String)> {
    let dirty = Dirty {
        id: read_record_id(row, 0)?,
        generation: row.get(3)?,
        reason: DirtyReason::Signal,
        due: read_moment(row, 4)?,
        attempts: row.get(5)?,
        since: read_moment(row, 7)?,
    };
    Ok((dirty, row.get(6)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::connection::open_in_memory;

    #[test]
    fn the_walk_over_due_rows_sorts_nothing() {
        let connection = open_in_memory().unwrap();
        let question = format!("explain query plan {DIRTY_DUE}");
        let mut statement = connection.prepare(&question).unwrap();
        let plan: Vec<String> = statement
            .query_map((1, 0, 0, 5, "5", 9, 10), |row| row.get(3))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        assert_eq!(plan.len(), 1, "{plan:?}");
        assert!(plan[0].starts_with("SEARCH dirty USING PRIMARY KEY"), "{plan:?}");
    }

    #[test]
    fn who_is_due_longest_is_found_without_sorting_all() {
        let connection = open_in_memory().unwrap();
        let mut statement = connection.prepare(&format!("explain query plan {DIRTY_LONGEST}")).unwrap();
        let plan: Vec<String> = statement
            .query_map((1, 9, 10), |row| row.get(3))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        assert_eq!(plan.len(), 1, "{plan:?}");
        assert!(plan[0].contains("INDEX dirty_due"), "{plan:?}");
    }
}
