//! Links: two records that are one party, and the state both sides last agreed on.
//!
//! Invariant: within a pair and a kind a record stands in one link at most.

use std::collections::BTreeMap;

use obmen_domain::party::Party;
use obmen_domain::plan::LinkReason;
use obmen_domain::record::{RecordId, Side};
use obmen_engine::ports::StoreError;
use obmen_engine::store::Link;
use rusqlite::{Row, params};

use super::columns::read_kind;
use super::statement::Scope;
use crate::columns::kind_code;
use crate::documents::{from_json, from_word, to_json, to_word};

/// Links two records. The very same link again changes nothing.
pub(crate) fn link(
    scope: &Scope<'_>,
    bitrix24: &RecordId,
    onec: &RecordId,
    reason: LinkReason,
) -> Result<(), StoreError> {
    const FIND: &str = "/* link.find_either */
        select bitrix24, onec from link
        where pair = ?1 and kind = ?2 and (bitrix24 = ?3 or onec = ?4)";
    const ADD: &str = "/* link.add */
        insert into link (pair, kind, bitrix24, onec, reason) values (?1, ?2, ?3, ?4, ?5)";
    if (bitrix24.side, onec.side) != (Side::Bitrix24, Side::Onec) || bitrix24.kind != onec.kind {
        return Err(StoreError::Failed(format!("link.add: {bitrix24} and {onec} cannot be one party")));
    }
    let kind = kind_code(bitrix24.kind);
    let values = params![scope.pair, kind, bitrix24.id, onec.id];
    let standing = scope.all(FIND, values, |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    if standing.iter().any(|link| (&link.0, &link.1) != (&bitrix24.id, &onec.id)) {
        return Err(StoreError::Failed(format!(
            "link.add: {bitrix24} or {onec} is linked with another record"
        )));
    }
    if standing.is_empty() {
        scope.execute(ADD, params![scope.pair, kind, bitrix24.id, onec.id, to_word(ADD, &reason)?])?;
    }
    Ok(())
}

/// Ends a link. One that does not exist changes nothing.
pub(crate) fn unlink(scope: &Scope<'_>, bitrix24: &RecordId, onec: &RecordId) -> Result<(), StoreError> {
    const UNLINK: &str = "/* link.remove */
        delete from link where pair = ?1 and kind = ?2 and bitrix24 = ?3 and onec = ?4";
    scope.execute(UNLINK, params![scope.pair, kind_code(bitrix24.kind), bitrix24.id, onec.id])?;
    Ok(())
}

/// Keeps the state both sides agree on.
pub(crate) fn set_base(scope: &Scope<'_>, bitrix24: &RecordId, party: &Party) -> Result<(), StoreError> {
    const SET: &str = "/* link.set_base */
        update link set base = ?4 where pair = ?1 and kind = ?2 and bitrix24 = ?3";
    let values = params![scope.pair, kind_code(bitrix24.kind), bitrix24.id, to_json(SET, party)?];
    match scope.execute(SET, values)? {
        0 => Err(StoreError::Failed(format!("link.set_base: {bitrix24} is not linked"))),
        _ => Ok(()),
    }
}

/// The links of these records, each once, in the order of their Bitrix24 ids.
pub(crate) fn of(scope: &Scope<'_>, ids: &[RecordId]) -> Result<Vec<Link>, StoreError> {
    const BY_BITRIX24: &str = "/* link.by_bitrix24 */
        select kind, bitrix24, onec, reason, base from link where pair = ?1 and kind = ?2 and bitrix24 = ?3";
    const BY_ONEC: &str = "/* link.by_onec */
        select kind, bitrix24, onec, reason, base from link where pair = ?1 and kind = ?2 and onec = ?3";
    let (mut by_bitrix24, mut by_onec) = (scope.prepare(BY_BITRIX24)?, scope.prepare(BY_ONEC)?);
    let mut links = BTreeMap::new();
    for id in ids {
        let (sql, question) = match id.side {
            Side::Bitrix24 => (BY_BITRIX24, &mut by_bitrix24),
            Side::Onec => (BY_ONEC, &mut by_onec),
        };
        if let Some(row) = question.one(params![scope.pair, kind_code(id.kind), id.id], read_row)? {
            let link = row.into_link(sql)?;
            links.insert(link.bitrix24.clone(), link);
        }
    }
    Ok(links.into_values().collect())
}

struct LinkRow {
    bitrix24: RecordId,
    onec: RecordId,
    reason: String,
    base: Option<String>,
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<LinkRow> {
    let kind = read_kind(row, 0)?;
    Ok(LinkRow {
        bitrix24: RecordId { side: Side::Bitrix24, kind, id: row.get(1)? },
        onec: RecordId { side: Side::Onec, kind, id: row.get(2)? },
        reason: row.get(3)?,
        base: row.get(4)?,
    })
}

impl LinkRow {
    fn into_link(self, sql: &str) -> Result<Link, StoreError> {
        Ok(Link {
            bitrix24: self.bitrix24,
            onec: self.onec,
            reason: from_word(sql, &self.reason)?,
            base: self.base.map(|document| from_json(sql, &document)).transpose()?,
        })
    }
}
