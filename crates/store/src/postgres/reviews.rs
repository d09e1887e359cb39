//! Cases for a person, found by the records they concern.
//!
//! Invariant: a case has one row, whether it is open or over; when it comes up again it opens again.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::record::RecordId;
use obmen_domain::review::Review;
use obmen_engine::ports::StoreError;

use super::rows::Ids;
use super::statement::Scope;
use crate::documents::{from_json, to_json};
use crate::statements::{REVIEW_ALL_OPEN, REVIEW_FIND_OPEN};

/// Opens cases. An open one stays as it is.
pub(crate) async fn open(scope: &Scope<'_>, reviews: &[&Review]) -> Result<(), StoreError> {
    const OPEN: &str = "/* review.open */
        insert into review (pair, id, kind, open, document)
        select $1::integer, new.id, new.kind, 1, new.document
        from unnest($2::text[], $3::text[], $4::text[]) as new (id, kind, document)
        on conflict (pair, id) do update set open = 1, document = excluded.document where review.open = 0
        returning id";
    const CONCERN: &str = "/* review_record.add */
        insert into review_record (pair, review, kind, side, id)
        select $1::integer, new.* from unnest($2::text[], $3::smallint[], $4::smallint[], $5::text[]) as new
        on conflict do nothing";
    let ids: Vec<String> = reviews.iter().map(|review| review.id()).collect();
    let kinds: Vec<&str> = reviews.iter().map(|review| review.kind.word()).collect();
    let documents: Vec<String> =
        reviews.iter().map(|review| to_json(OPEN, review)).collect::<Result<_, _>>()?;
    let opened =
        scope.all(OPEN, &[&scope.pair, &ids, &kinds, &documents], |row| row.get::<String>(0)).await?;
    let opened: BTreeSet<&str> = opened.iter().map(String::as_str).collect();
    let concerned: Vec<(&str, &RecordId)> = ids
        .iter()
        .zip(reviews)
        .filter(|(id, _)| opened.contains(id.as_str()))
        .flat_map(|(id, review)| review.records.iter().map(|record| (id.as_str(), record)))
        .collect();
    let of: Vec<&str> = concerned.iter().map(|(id, _)| *id).collect();
    let Ids { kinds, sides, ids, .. } = Ids::of(concerned.iter().map(|(_, record)| *record));
    scope.execute(CONCERN, &[&scope.pair, &of, &kinds, &sides, &ids]).await?;
    Ok(())
}

/// Closes cases.
pub(crate) async fn close(scope: &Scope<'_>, ids: &[&str]) -> Result<(), StoreError> {
    const CLOSE: &str = "/* review.close */ update review set open = 0 where pair = $1 and id = any($2)";
    scope.execute(CLOSE, &[&scope.pair, &ids]).await?;
    Ok(())
}

/// The open case of an id.
pub(crate) async fn find_open(scope: &Scope<'_>, id: &str) -> Result<Option<Review>, StoreError> {
    scope.one(REVIEW_FIND_OPEN, &[&scope.pair, &id], |row| from_json(REVIEW_FIND_OPEN, row.get(0)?)).await
}

/// Open cases, in the order of their ids.
pub(crate) async fn all_open(scope: &Scope<'_>) -> Result<Vec<Review>, StoreError> {
    scope.all(REVIEW_ALL_OPEN, &[&scope.pair], |row| from_json(REVIEW_ALL_OPEN, row.get(0)?)).await
}

/// Open cases that concern any of these records, each once, in the order of their ids.
pub(crate) async fn of(scope: &Scope<'_>, ids: &[RecordId]) -> Result<Vec<Review>, StoreError> {
    const OF: &str = "/* review.of */
        select review.id, review.document
        from unnest($2::smallint[], $3::smallint[], $4::text[]) as asked (kind, side, id)
        join review_record on review_record.pair = $1 and review_record.kind = asked.kind
            and review_record.side = asked.side and review_record.id = asked.id
        join review on review.pair = review_record.pair and review.id = review_record.review
        where review.open = 1";
    let ids = Ids::of(ids);
    let reviews = scope
        .all(OF, &[&scope.pair, &ids.kinds, &ids.sides, &ids.ids], |row| {
            Ok((row.get::<String>(0)?, from_json(OF, row.get(1)?)?))
        })
        .await?;
    Ok(reviews.into_iter().collect::<BTreeMap<String, Review>>().into_values().collect())
}
