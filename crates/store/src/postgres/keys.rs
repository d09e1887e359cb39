//! A walk over the whole index of keys, and the records about which more than their keys speaks.

use obmen_domain::key::Stretch;
use obmen_domain::record::{Kind, Side};
use obmen_engine::ports::StoreError;
use obmen_engine::store::{ToldKey, ToldPlace};

use super::rows::Fields;
use super::statement::Scope;
use crate::columns::{id_keys, kind_code, side_code};

/// Tells every key of a kind in a stretch of the index with each of its holders.
pub(crate) async fn each(
    scope: &Scope<'_>,
    kind: Kind,
    stretch: Stretch,
    told: ToldKey<'_>,
) -> Result<(), StoreError> {
    const EACH: &str = "/* seen_key.each */
        select key, side, seen from seen_key where pair = $1 and kind = $2 and key >= $3 and key < $4
        order by key, side, number, id";
    scope
        .each(EACH, &[&scope.pair, &kind_code(kind), &stretch.from, &stretch.behind], |row| {
            told(row.get(0)?, row.side(1)?, row.count(2)?);
            Ok(())
        })
        .await
}

/// Tells the records of a kind that are linked, ruled or named, hold a stored id or do not take part.
pub(crate) async fn each_entangled(
    scope: &Scope<'_>,
    kind: Kind,
    told: ToldPlace<'_>,
) -> Result<(), StoreError> {
    const UNUSUAL: &str = "/* seen.unusual */
        select seen from seen where pair = $1 and kind = $2 and (standing <> 'takes-part' or mutual_id <> '')";
    const NAMED: &str = "/* seen.named */
        select seen.seen from seen_key
        join seen on seen.pair = $1 and seen.kind = $2 and seen.side = $3
            and seen.id = substr(seen_key.key, length($4::text) + 1)
        where seen_key.pair = $1 and seen_key.kind = $2 and seen_key.key >= $4 and seen_key.key < $5";
    const LINKED: &str = "/* seen.linked */
        select seen.seen from link
        join seen on seen.pair = $1 and seen.kind = $2 and seen.side = $3
            and seen.id = case $3 when 0 then bitrix24 else onec end
        where link.pair = $1 and link.kind = $2";
    const RULED: &str = "/* seen.ruled */
        select seen.seen from ruling
        join seen on seen.pair = $1 and seen.kind = $2
            and ((seen.side = first_side and seen.id = first) or (seen.side = second_side and seen.id = second))
        where ruling.pair = $1 and ruling.kind = $2";
    let code = kind_code(kind);
    let mut tell = |row: &Fields<'_>| {
        told(row.count(0)?);
        Ok(())
    };
    scope.each(UNUSUAL, &[&scope.pair, &code], &mut tell).await?;
    scope.each(RULED, &[&scope.pair, &code], &mut tell).await?;
    for side in [Side::Bitrix24, Side::Onec] {
        let ((first, behind), side) = (id_keys(side, kind), side_code(side));
        scope.each(LINKED, &[&scope.pair, &code, &side], &mut tell).await?;
        scope.each(NAMED, &[&scope.pair, &code, &side, &first, &behind], &mut tell).await?;
    }
    Ok(())
}
