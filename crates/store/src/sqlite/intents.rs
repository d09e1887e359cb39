//! Writes whose outcome is not settled.
//!
//! Invariant: one a record; a later one takes the place of an earlier.

use obmen_domain::record::RecordId;
use obmen_engine::ports::StoreError;
use obmen_engine::store::Intent;
use rusqlite::params;

use super::columns::{read_moment, read_record_id};
use super::statement::Scope;
use crate::columns::{kind_code, micros, number, side_code};
use crate::documents::{from_json, to_json};
use crate::statements::INTENT_ALL;

/// Keeps an intent.
pub(crate) fn keep(scope: &Scope<'_>, intent: &Intent) -> Result<(), StoreError> {
    const KEEP: &str = "/* intent.keep */
        insert into intent (pair, kind, side, number, id, action, sent_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        on conflict (pair, kind, side, number, id) do update set
            action = excluded.action, sent_at = excluded.sent_at";
    let id = &intent.record;
    let values = params![
        scope.pair,
        kind_code(id.kind),
        side_code(id.side),
        number(id),
        id.id,
        to_json(KEEP, &intent.action)?,
        micros(intent.sent_at),
    ];
    scope.execute(KEEP, values)?;
    Ok(())
}

/// Forgets the intent of a record.
pub(crate) fn settle(scope: &Scope<'_>, record: &RecordId) -> Result<(), StoreError> {
    const SETTLE: &str = "/* intent.settle */
        delete from intent where pair = ?1 and kind = ?2 and side = ?3 and number = ?4 and id = ?5";
    let values =
        params![scope.pair, kind_code(record.kind), side_code(record.side), number(record), record.id];
    scope.execute(SETTLE, values)?;
    Ok(())
}

/// All intents, in the order of record ids.
pub(crate) fn all(scope: &Scope<'_>) -> Result<Vec<Intent>, StoreError> {
    let rows = scope.all(INTENT_ALL, [scope.pair], |row| {
        Ok((read_record_id(row, 0)?, read_moment(row, 3)?, row.get::<_, String>(4)?))
    })?;
    rows.into_iter()
        .map(|(record, sent_at, action)| {
            Ok(Intent { record, action: from_json(INTENT_ALL, &action)?, sent_at })
        })
        .collect()
}
