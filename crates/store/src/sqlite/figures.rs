//! Figures for `status`: how much there is of everything.
//!
//! What there is none of is missing from the maps.

use std::collections::BTreeMap;

use obmen_engine::ports::StoreError;
use obmen_engine::store::Figures;
use rusqlite::Row;

use super::columns::{read_count, read_kind, read_side};
use super::statement::Scope;
use crate::statements::{DIRTY_FIGURES, INTENT_FIGURES, LINK_FIGURES, REVIEW_FIGURES, SEEN_FIGURES};

/// Counts everything of a pair.
pub(crate) fn count(scope: &Scope<'_>) -> Result<Figures, StoreError> {
    let side_and_kind =
        |row: &Row<'_>| Ok(format!("{}:{}", read_side(row, 1)?.word(), read_kind(row, 2)?.word()));
    Ok(Figures {
        seen: counts(scope, SEEN_FIGURES, side_and_kind)?,
        links: counts(scope, LINK_FIGURES, |row| Ok(read_kind(row, 1)?.word().to_owned()))?,
        dirty: counts(scope, DIRTY_FIGURES, |row| row.get(1))?,
        reviews: counts(scope, REVIEW_FIGURES, |row| row.get(1))?,
        intents: scope.one(INTENT_FIGURES, [scope.pair], |row| read_count(row, 0))?.unwrap_or(0),
    })
}

fn counts(
    scope: &Scope<'_>,
    sql: &'static str,
    name: impl Fn(&Row<'_>) -> rusqlite::Result<String>,
) -> Result<BTreeMap<String, u64>, StoreError> {
    Ok(scope.all(sql, [scope.pair], |row| Ok((name(row)?, read_count(row, 0)?)))?.into_iter().collect())
}
