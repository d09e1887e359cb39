//! Figures for `status`: how much there is of everything.
//!
//! What there is none of is missing from the maps.

use std::collections::BTreeMap;

use obmen_engine::ports::StoreError;
use obmen_engine::store::Figures;
use rusqlite::Row;

use super::columns::{read_count, read_kind, read_side};
use super::statement::Scope;

/// Counts everything of a pair.
pub(crate) fn count(scope: &Scope<'_>) -> Result<Figures, StoreError> {
    const SEEN: &str = "/* seen.figures */
        select count(*), side, kind from seen where pair = ?1 group by kind, side";
    const LINKS: &str = "/* link.figures */ select count(*), kind from link where pair = ?1 group by kind";
    const DIRTY: &str =
        "/* dirty.figures */ select count(*), reason from dirty where pair = ?1 group by reason";
    const REVIEWS: &str = "/* review.figures */
        select count(*), kind from review where pair = ?1 and open = 1 group by kind";
    const INTENTS: &str = "/* intent.figures */ select count(*) from intent where pair = ?1";
    let side_and_kind =
        |row: &Row<'_>| Ok(format!("{}:{}", read_side(row, 1)?.word(), read_kind(row, 2)?.word()));
    Ok(Figures {
        seen: counts(scope, SEEN, side_and_kind)?,
        links: counts(scope, LINKS, |row| Ok(read_kind(row, 1)?.word().to_owned()))?,
        dirty: counts(scope, DIRTY, |row| row.get(1))?,
        reviews: counts(scope, REVIEWS, |row| row.get(1))?,
        intents: scope.one(INTENTS, [scope.pair], |row| read_count(row, 0))?.unwrap_or(0),
    })
}

fn counts(
    scope: &Scope<'_>,
    sql: &'static str,
    name: impl Fn(&Row<'_>) -> rusqlite::Result<String>,
) -> Result<BTreeMap<String, u64>, StoreError> {
    Ok(scope.all(sql, [scope.pair], |row| Ok((name(row)?, read_count(row, 0)?)))?.into_iter().collect())
}
