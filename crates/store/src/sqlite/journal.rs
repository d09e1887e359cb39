//! The journal: every write, in the order it was written down, and by its run.
//!
//! Invariant: entries are only ever added.

use std::collections::BTreeMap;

use jiff::Timestamp;
use obmen_domain::record::RecordId;
use obmen_engine::ports::StoreError;
use obmen_engine::store::{Entry, Run};
use rusqlite::params;

use super::columns::{read_count, read_moment, read_record_id, read_side};
use super::statement::Scope;
use crate::columns::{kind_code, limit as rows, micros, side_code};
use crate::documents::{from_json, to_json};
use crate::statements::{JOURNAL_OF, JOURNAL_RUNS};

/// Adds an entry.
pub(crate) fn write(scope: &Scope<'_>, entry: &Entry) -> Result<(), StoreError> {
    const WRITE: &str = "/* journal.write */
        insert into journal (pair, at, run, kind, side, id, event) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let id = &entry.record;
    let values = params![
        scope.pair,
        micros(entry.at),
        entry.run,
        kind_code(id.kind),
        side_code(id.side),
        id.id,
        to_json(WRITE, &entry.event)?,
    ];
    scope.execute(WRITE, values)?;
    Ok(())
}

/// The entries of a record, the oldest first.
pub(crate) fn of(scope: &Scope<'_>, id: &RecordId) -> Result<Vec<Entry>, StoreError> {
    let values = params![scope.pair, kind_code(id.kind), side_code(id.side), id.id];
    let rows = scope.all(JOURNAL_OF, values, |row| {
        Ok((read_moment(row, 0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    rows.into_iter()
        .map(|(at, run, event)| {
            Ok(Entry { at, run, record: id.clone(), event: from_json(JOURNAL_OF, &event)? })
        })
        .collect()
}

/// Of these records, those with at least so many entries since a moment.
pub(crate) fn busy(
    scope: &Scope<'_>,
    ids: &[RecordId],
    since: Timestamp,
    least: u32,
) -> Result<Vec<RecordId>, StoreError> {
    const COUNT: &str = "/* journal.busy */
        select count(*) from journal where pair = ?1 and kind = ?2 and side = ?3 and id = ?4 and at >= ?5";
    let mut busy = Vec::new();
    for id in ids {
        let values = params![scope.pair, kind_code(id.kind), side_code(id.side), id.id, micros(since)];
        let counts: Vec<u64> = scope.all(COUNT, values, |row| read_count(row, 0))?;
        if counts.first().is_some_and(|count| *count >= u64::from(least)) {
            busy.push(id.clone());
        }
    }
    Ok(busy)
}

/// The runs, the latest first. An event is a JSON object with one member, whose name says what was done.
pub(crate) fn runs(scope: &Scope<'_>, limit: usize) -> Result<Vec<Run>, StoreError> {
    const COUNTS: &str = "/* journal.counts */
        select count(*), substr(event, 3, instr(substr(event, 3), '\"') - 1) as what, side from journal
        where pair = ?1 and run = ?2 group by what, side";
    let found = scope.all(JOURNAL_RUNS, params![scope.pair, rows(limit)], |row| {
        let (began, ended) = (read_moment(row, 1)?, read_moment(row, 2)?);
        Ok(Run { name: row.get(0)?, began, ended, counts: BTreeMap::new() })
    })?;
    found
        .into_iter()
        .map(|run| {
            let counts = scope.all(COUNTS, params![scope.pair, run.name], |row| {
                let what = format!("{}:{}", row.get::<_, String>(1)?, read_side(row, 2)?.word());
                Ok((what, read_count(row, 0)?))
            })?;
            Ok(Run { counts: counts.into_iter().collect(), ..run })
        })
        .collect()
}

/// Records that a run wrote, each once, those after `after` only.
pub(crate) fn written(
    scope: &Scope<'_>,
    run: &str,
    after: Option<&RecordId>,
    limit: usize,
) -> Result<Vec<RecordId>, StoreError> {
    const WRITTEN: &str = "/* journal.written */
        select distinct kind, side, id from journal indexed by journal_run
        where pair = ?1 and run = ?2 and (kind, side, id) > (?3, ?4, ?5) order by kind, side, id limit ?6";
    let (kind, side, id) =
        after.map_or((-1, -1, ""), |id| (kind_code(id.kind), side_code(id.side), id.id.as_str()));
    let values = params![scope.pair, run, kind, side, id, rows(limit)];
    scope.all(WRITTEN, values, |row| read_record_id(row, 0))
}

#[cfg(test)]
mod tests {
    use crate::sqlite::connection::open_in_memory;

    #[test]
    fn the_walk_over_what_a_run_wrote_sorts_nothing() {
        let connection = open_in_memory().unwrap();
        let question = "explain query plan select distinct kind, side, id from journal indexed by journal_run \
            where pair = 1 and run = 'a' and (kind, side, id) > (0, 1, '5') order by kind, side, id limit 10";
        let mut statement = connection.prepare(question).unwrap();
        let plan: Vec<String> =
            statement.query_map([], |row| row.get(3)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
        assert_eq!(plan.len(), 1, "{plan:?}");
        assert!(plan[0].starts_with("SEARCH journal USING COVERING INDEX journal_run"), "{plan:?}");
    }
}
