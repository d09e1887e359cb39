//! Cases for a person, found by the records they concern.
//!
//! Invariant: a case has one row, whether it is open or over; when it comes up again it opens again.

use std::collections::BTreeMap;

use obmen_domain::record::RecordId;
use obmen_domain::review::Review;
use obmen_engine::ports::StoreError;
use rusqlite::params;

use super::statement::Scope;
use crate::columns::{kind_code, side_code};
use crate::documents::{from_json, to_json};
use crate::statements::{REVIEW_ALL_OPEN, REVIEW_FIND_OPEN};

/// Opens a case. An open one stays as it is.
pub(crate) fn open(scope: &Scope<'_>, review: &Review) -> Result<(), StoreError> {
    const OPEN: &str = "/* review.open */
        insert into review (pair, id, kind, open, document) values (?1, ?2, ?3, 1, ?4)
        on conflict (pair, id) do update set open = 1, document = excluded.document where open = 0";
    const CONCERN: &str = "/* review_record.add */
        insert into review_record (pair, kind, side, id, review) values (?1, ?2, ?3, ?4, ?5)
        on conflict do nothing";
    let id = review.id();
    let opened = scope.execute(OPEN, params![scope.pair, id, review.kind.word(), to_json(OPEN, review)?])?;
    if opened == 0 {
        return Ok(());
    }
    for record in &review.records {
        let values = params![scope.pair, kind_code(record.kind), side_code(record.side), record.id, id];
        scope.execute(CONCERN, values)?;
    }
    Ok(())
}

/// Closes a case.
pub(crate) fn close(scope: &Scope<'_>, id: &str) -> Result<(), StoreError> {
    const CLOSE: &str = "/* review.close */ update review set open = 0 where pair = ?1 and id = ?2";
    scope.execute(CLOSE, params![scope.pair, id])?;
    Ok(())
}

/// The open case of an id.
pub(crate) fn find_open(scope: &Scope<'_>, id: &str) -> Result<Option<Review>, StoreError> {
    let document = scope.one(REVIEW_FIND_OPEN, params![scope.pair, id], |row| row.get::<_, String>(0))?;
    document.map(|document| from_json(REVIEW_FIND_OPEN, &document)).transpose()
}

/// Open cases, in the order of their ids.
pub(crate) fn all_open(scope: &Scope<'_>) -> Result<Vec<Review>, StoreError> {
    let documents = scope.all(REVIEW_ALL_OPEN, [scope.pair], |row| row.get::<_, String>(0))?;
    documents.iter().map(|document| from_json(REVIEW_ALL_OPEN, document)).collect()
}

/// Open cases that concern any of these records, each once, in the order of their ids.
pub(crate) fn of(scope: &Scope<'_>, ids: &[RecordId]) -> Result<Vec<Review>, StoreError> {
    const OF: &str = "/* review.of */
        select review.id, review.document
        from review_record join review on review.pair = review_record.pair and review.id = review_record.review
        where review_record.pair = ?1 and review_record.kind = ?2 and review_record.side = ?3
            and review_record.id = ?4 and review.open = 1";
    let mut question = scope.prepare(OF)?;
    let mut documents = BTreeMap::new();
    for id in ids {
        let values = params![scope.pair, kind_code(id.kind), side_code(id.side), id.id];
        documents
            .extend(question.all(values, |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?);
    }
    documents.values().map(|document| from_json(OF, document)).collect()
}
