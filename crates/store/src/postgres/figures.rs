//! Figures for `status`: how much there is of everything.
//!
//! What there is none of is missing from the maps.

use std::collections::BTreeMap;

use obmen_engine::ports::StoreError;
use obmen_engine::store::Figures;

use super::rows::Fields;
use super::statement::Scope;
use crate::statements::{DIRTY_FIGURES, INTENT_FIGURES, LINK_FIGURES, REVIEW_FIGURES, SEEN_FIGURES};

/// Counts everything of a pair.
pub(crate) async fn count(scope: &Scope<'_>) -> Result<Figures, StoreError> {
    let side_and_kind = |row: &Fields<'_>| Ok(format!("{}:{}", row.side(1)?.word(), row.kind(2)?.word()));
    Ok(Figures {
        seen: counts(scope, SEEN_FIGURES, side_and_kind).await?,
        links: counts(scope, LINK_FIGURES, |row| Ok(row.kind(1)?.word().to_owned())).await?,
        dirty: counts(scope, DIRTY_FIGURES, |row| row.get(1)).await?,
        reviews: counts(scope, REVIEW_FIGURES, |row| row.get(1)).await?,
        intents: scope.one(INTENT_FIGURES, &[&scope.pair], |row| row.count(0)).await?.unwrap_or(0),
    })
}

async fn counts(
    scope: &Scope<'_>,
    sql: &'static str,
    name: impl Fn(&Fields<'_>) -> Result<String, StoreError>,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let counts = scope.all(sql, &[&scope.pair], |row| Ok((name(row)?, row.count(0)?))).await?;
    Ok(counts.into_iter().collect())
}
