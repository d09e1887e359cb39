//! The journal: every write, in the order it was written down.
//!
//! Invariant: entries are only ever added.

use obmen_domain::record::RecordId;
use obmen_engine::ports::StoreError;
use obmen_engine::store::Entry;
use rusqlite::params;

use super::columns::{kind_code, micros, read_moment, side_code};
use super::statement::{Scope, from_json, to_json};

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
    const OF: &str = "/* journal.of */
        select at, run, event from journal
        where pair = ?1 and kind = ?2 and side = ?3 and id = ?4 order by seq";
    let values = params![scope.pair, kind_code(id.kind), side_code(id.side), id.id];
    let rows = scope.all(OF, values, |row| {
        Ok((read_moment(row, 0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    rows.into_iter()
        .map(|(at, run, event)| Ok(Entry { at, run, record: id.clone(), event: from_json(OF, &event)? }))
        .collect()
}
