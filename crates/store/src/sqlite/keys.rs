//! A walk over the whole index of keys, and the records about which more than their keys speaks.

use obmen_domain::key::Stretch;
use obmen_domain::record::{Kind, Side};
use obmen_engine::ports::StoreError;
use obmen_engine::store::{ToldKey, ToldPlace};
use rusqlite::{Row, params};

use super::columns::{read_count, read_side};
use super::statement::Scope;
use crate::columns::{id_keys, kind_code, side_code};

/// Tells every key of a kind in a stretch of the index with each of its holders.
pub(crate) fn each(
    scope: &Scope<'_>,
    kind: Kind,
    stretch: Stretch,
    told: ToldKey<'_>,
) -> Result<(), StoreError> {
    const EACH: &str = "/* seen_key.each */
        select key, side, seen from seen_key where pair = ?1 and kind = ?2 and key >= ?3 and key < ?4
        order by key, side, number, id";
    scope.each(EACH, params![scope.pair, kind_code(kind), stretch.from, stretch.behind], |row| {
        told(row.get_ref(0)?.as_str()?, read_side(row, 1)?, read_count(row, 2)?);
        Ok(())
    })
}

/// Tells the records of a kind that are linked, ruled or named, hold a stored id or do not take part.
pub(crate) fn each_entangled(scope: &Scope<'_>, kind: Kind, told: ToldPlace<'_>) -> Result<(), StoreError> {
    const UNUSUAL: &str = "/* seen.unusual */
        select seen from seen where pair = ?1 and kind = ?2 and (standing <> 'takes-part' or mutual_id <> '')";
    const NAMED: &str = "/* seen.named */
        select seen.seen
        from seen_key cross join seen
        where seen_key.pair = ?1 and seen_key.kind = ?2 and seen_key.key >= ?4 and seen_key.key < ?5
            and seen.pair = ?1 and seen.kind = ?2 and seen.side = ?3
            and seen.id = substr(seen_key.key, length(?4) + 1)";
    const LINKED: &str = "/* seen.linked */
        select seen.seen from link cross join seen
        where link.pair = ?1 and link.kind = ?2 and seen.pair = ?1 and seen.kind = ?2 and seen.side = ?3
            and seen.id = case ?3 when 0 then bitrix24 else onec end";
    const RULED: &str = "/* seen.ruled */
        select seen.seen from ruling cross join seen
        where ruling.pair = ?1 and ruling.kind = ?2 and seen.pair = ?1 and seen.kind = ?2
            and seen.side = first_side and seen.id = first
        union all
        select seen.seen from ruling cross join seen
        where ruling.pair = ?1 and ruling.kind = ?2 and seen.pair = ?1 and seen.kind = ?2
            and seen.side = second_side and seen.id = second";
    let code = kind_code(kind);
    let mut tell = |row: &Row<'_>| {
        told(read_count(row, 0)?);
        Ok(())
    };
    scope.each(UNUSUAL, params![scope.pair, code], &mut tell)?;
    scope.each(RULED, params![scope.pair, code], &mut tell)?;
    for side in [Side::Bitrix24, Side::Onec] {
        let (first, behind) = id_keys(side, kind);
        scope.each(LINKED, params![scope.pair, code, side_code(side)], &mut tell)?;
        scope.each(NAMED, params![scope.pair, code, side_code(side), first, behind], &mut tell)?;
    }
    Ok(())
}
