//! Writes whose outcome is not settled.
//!
//! Invariant: one a record; a later one takes the place of an earlier.

use obmen_domain::record::RecordId;
use obmen_engine::ports::StoreError;
use obmen_engine::store::Intent;

use super::rows::Ids;
use super::statement::Scope;
use crate::columns::micros;
use crate::documents::{from_json, to_json};
use crate::statements::INTENT_ALL;

/// Keeps intents.
pub(crate) async fn keep(scope: &Scope<'_>, intents: &[&Intent]) -> Result<(), StoreError> {
    const KEEP: &str = "/* intent.keep */
        insert into intent (pair, kind, side, number, id, action, sent_at)
        select $1::integer, new.*
        from unnest($2::smallint[], $3::smallint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[]) as new
        on conflict (pair, kind, side, number, id) do update set
            action = excluded.action, sent_at = excluded.sent_at";
    let Ids { kinds, sides, numbers, ids } = Ids::of(intents.iter().map(|intent| &intent.record));
    let actions: Vec<String> =
        intents.iter().map(|intent| to_json(KEEP, &intent.action)).collect::<Result<_, _>>()?;
    let sent: Vec<i64> = intents.iter().map(|intent| micros(intent.sent_at)).collect();
    scope.execute(KEEP, &[&scope.pair, &kinds, &sides, &numbers, &ids, &actions, &sent]).await?;
    Ok(())
}

/// Forgets the intents of records.
pub(crate) async fn settle(scope: &Scope<'_>, records: &[&RecordId]) -> Result<(), StoreError> {
    const SETTLE: &str = "/* intent.settle */
        delete from intent
        using unnest($2::smallint[], $3::smallint[], $4::bigint[], $5::text[]) as old (kind, side, number, id)
        where intent.pair = $1 and intent.kind = old.kind and intent.side = old.side
            and intent.number = old.number and intent.id = old.id";
    let Ids { kinds, sides, numbers, ids } = Ids::of(records.iter().copied());
    scope.execute(SETTLE, &[&scope.pair, &kinds, &sides, &numbers, &ids]).await?;
    Ok(())
}

/// All intents, in the order of record ids.
pub(crate) async fn all(scope: &Scope<'_>) -> Result<Vec<Intent>, StoreError> {
    scope
        .all(INTENT_ALL, &[&scope.pair], |row| {
            Ok(Intent {
                record: row.record_id(0)?,
                sent_at: row.moment(3)?,
                action: from_json(INTENT_ALL, row.get(4)?)?,
            })
        })
        .await
}
