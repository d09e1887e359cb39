//! Dirty rows: which records need a look, and when.
//!
//! Invariant: no generation is given twice to a record, also not after its row went, so that a look that took long never
//! cleans a later signal away.

use std::collections::BTreeMap;

use jiff::Timestamp;
use obmen_domain::record::{Kind, RecordId};
use obmen_engine::ports::StoreError;
use obmen_engine::store::{Dirty, DirtyReason};
use tokio_postgres::types::ToSql;

use super::links;
use super::rows::{Fields, Ids};
use super::statement::Scope;
use crate::columns::{kind_code, limit as rows, micros, number, side_code, walk_from};
use crate::documents::{from_word, to_word};
use crate::share::{ROWS_EACH, chosen};
use crate::statements::{DIRTY_DUE, DIRTY_FIND, DIRTY_LATEST, DIRTY_LONGEST, DIRTY_NEXT_DUE};

/// What a row that is made or moved on gets.
#[derive(Debug)]
pub(crate) struct Signal<'a> {
    pub(crate) id: &'a RecordId,
    pub(crate) reason: DirtyReason,
    pub(crate) since: Timestamp,
    pub(crate) due: Timestamp,
}

/// What a row that is put off gets.
#[derive(Debug)]
pub(crate) struct PutOff<'a> {
    pub(crate) id: &'a RecordId,
    pub(crate) reason: DirtyReason,
    pub(crate) attempts: u32,
    pub(crate) due: Timestamp,
}

/// Signals: make the records' rows, or move them on.
pub(crate) async fn signal(scope: &Scope<'_>, signals: &[Signal<'_>]) -> Result<(), StoreError> {
    const SIGNAL: &str = "/* dirty.signal */
        insert into dirty (pair, kind, side, number, id, generation, due, reason, attempts, since)
        select $1::integer, new.kind, new.side, new.number, new.id, $2::bigint - $10::bigint + new.place, new.due,
            new.reason, 0, new.since
        from unnest($3::smallint[], $4::smallint[], $5::bigint[], $6::text[], $7::bigint[], $8::text[], $9::bigint[])
            with ordinality as new (kind, side, number, id, due, reason, since, place)
        on conflict (pair, kind, side, number, id) do update set
            generation = excluded.generation, due = least(dirty.due, excluded.due),
            since = least(dirty.since, excluded.since),
            reason = case when excluded.reason = 'swept' and dirty.reason = 'signal' then dirty.reason
                else excluded.reason end,
            attempts = case excluded.reason when 'settled' then dirty.attempts else 0 end";
    let last = move_on(scope, signals.len()).await?;
    let ids = Ids::of(signals.iter().map(|signal| signal.id));
    let due: Vec<i64> = signals.iter().map(|signal| micros(signal.due)).collect();
    let since: Vec<i64> = signals.iter().map(|signal| micros(signal.since)).collect();
    let reasons = words(SIGNAL, signals.iter().map(|signal| signal.reason))?;
    let (kinds, sides, numbers, ids) = (ids.kinds, ids.sides, ids.numbers, ids.ids);
    let values: [&(dyn ToSql + Sync); 10] =
        [&scope.pair, &last, &kinds, &sides, &numbers, &ids, &due, &reasons, &since, &rows(signals.len())];
    scope.execute(SIGNAL, &values).await?;
    Ok(())
}

/// A signal for every record seen. A row that is there keeps its reason.
pub(crate) async fn signal_all(scope: &Scope<'_>, due: Timestamp) -> Result<(), StoreError> {
    const SIGNAL_ALL: &str = "/* dirty.signal_all */
        insert into dirty (pair, kind, side, number, id, generation, due, reason, attempts, since)
        select pair, kind, side, number, id, $2::bigint, $3::bigint, $4::text, 0, $3::bigint from seen where pair = $1
        on conflict (pair, kind, side, number, id) do update set
            generation = excluded.generation, due = least(dirty.due, excluded.due), attempts = 0";
    let generation = move_on(scope, 1).await?;
    let reason = to_word(SIGNAL_ALL, &DirtyReason::Swept)?;
    scope.execute(SIGNAL_ALL, &[&scope.pair, &generation, &micros(due), &reason]).await?;
    Ok(())
}

/// Moves the generation of the pair on by so many; answers where it is then.
async fn move_on(scope: &Scope<'_>, by: usize) -> Result<Option<i64>, StoreError> {
    const MOVE_ON: &str = "/* pair.move_generation_on */
        update pair set generation = generation + $2 where id = $1 returning generation";
    scope.one(MOVE_ON, &[&scope.pair, &rows(by)], |row| row.get(0)).await
}

/// Takes rows away where no signal came since.
pub(crate) async fn clean(scope: &Scope<'_>, looks: &[(&RecordId, i64)]) -> Result<(), StoreError> {
    const CLEAN: &str = "/* dirty.clean */
        delete from dirty
        using unnest($2::smallint[], $3::smallint[], $4::bigint[], $5::text[], $6::bigint[])
            as old (kind, side, number, id, generation)
        where dirty.pair = $1 and dirty.kind = old.kind and dirty.side = old.side and dirty.number = old.number
            and dirty.id = old.id and dirty.generation = old.generation";
    let ids = Ids::of(looks.iter().map(|look| look.0));
    let generations: Vec<i64> = looks.iter().map(|look| look.1).collect();
    scope
        .execute(CLEAN, &[&scope.pair, &ids.kinds, &ids.sides, &ids.numbers, &ids.ids, &generations])
        .await?;
    Ok(())
}

/// Puts rows off where no signal came since the generation that was looked at.
pub(crate) async fn postpone(scope: &Scope<'_>, looks: &[(i64, PutOff<'_>)]) -> Result<(), StoreError> {
    const POSTPONE: &str = "/* dirty.postpone */
        update dirty set reason = new.reason, attempts = new.attempts, due = new.due
        from unnest($2::smallint[], $3::smallint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::bigint[],
            $9::bigint[]) as new (kind, side, number, id, generation, reason, attempts, due)
        where dirty.pair = $1 and dirty.kind = new.kind and dirty.side = new.side and dirty.number = new.number
            and dirty.id = new.id and dirty.generation = new.generation";
    let ids = Ids::of(looks.iter().map(|look| look.1.id));
    let generations: Vec<i64> = looks.iter().map(|look| look.0).collect();
    let reasons = words(POSTPONE, looks.iter().map(|look| look.1.reason))?;
    let attempts: Vec<i64> = looks.iter().map(|look| look.1.attempts.into()).collect();
    let due: Vec<i64> = looks.iter().map(|look| micros(look.1.due)).collect();
    let (kinds, sides, numbers, ids) = (ids.kinds, ids.sides, ids.numbers, ids.ids);
    scope
        .execute(
            POSTPONE,
            &[&scope.pair, &kinds, &sides, &numbers, &ids, &generations, &reasons, &attempts, &due],
        )
        .await?;
    Ok(())
}

/// Due rows of a kind, in the order of record ids.
pub(crate) async fn due(
    scope: &Scope<'_>,
    kind: Kind,
    now: Timestamp,
    after: Option<&RecordId>,
    limit: usize,
) -> Result<Vec<Dirty>, StoreError> {
    let Some((side, number, id)) = walk_from(kind, after) else { return Ok(Vec::new()) };
    let (kind, now, limit) = (kind_code(kind), micros(now), rows(limit));
    scope.all(DIRTY_DUE, &[&scope.pair, &kind, &side, &number, &id, &now, &limit], read_row).await
}

/// Due rows: those due longest, those signalled last, and those of the records linked with them.
pub(crate) async fn share(
    scope: &Scope<'_>,
    now: Timestamp,
    longest: usize,
    latest: usize,
) -> Result<Vec<Dirty>, StoreError> {
    const OF_PARTNERS: &str = "/* dirty.of_partners */
        select dirty.kind, dirty.side, dirty.id, generation, due, attempts, reason, since
        from unnest($2::smallint[], $3::smallint[], $4::bigint[], $5::text[]) as asked (kind, side, number, id)
        join dirty on dirty.pair = $1 and dirty.kind = asked.kind and dirty.side = asked.side
            and dirty.number = asked.number and dirty.id = asked.id
        where due <= $6";
    let now = micros(now);
    let first = rows(ROWS_EACH * longest);
    let first = scope.all(DIRTY_LONGEST, &[&scope.pair, &now, &first], read_row).await?;
    let last = rows(ROWS_EACH * (longest + latest));
    let last = scope.all(DIRTY_LATEST, &[&scope.pair, &now, &last], read_row).await?;
    let mut found = chosen(first, last, (longest, latest));
    let ids: Vec<RecordId> = found.iter().map(|row| row.id.clone()).collect();
    let links = links::of(scope, &ids).await?;
    let asked = Ids::of(links.iter().flat_map(|link| [&link.bitrix24, &link.onec]));
    let values: [&(dyn ToSql + Sync); 6] =
        [&scope.pair, &asked.kinds, &asked.sides, &asked.numbers, &asked.ids, &now];
    found.extend(scope.all(OF_PARTNERS, &values, read_row).await?);
    let each: BTreeMap<RecordId, Dirty> = found.into_iter().map(|row| (row.id.clone(), row)).collect();
    Ok(each.into_values().collect())
}

/// Whether a record has a row, due or not.
pub(crate) async fn is_dirty(scope: &Scope<'_>, id: &RecordId) -> Result<bool, StoreError> {
    let values = (kind_code(id.kind), side_code(id.side), number(id));
    let found =
        scope.one(DIRTY_FIND, &[&scope.pair, &values.0, &values.1, &values.2, &id.id], |_| Ok(())).await?;
    Ok(found.is_some())
}

/// When the next row falls due after `now`.
pub(crate) async fn next_due(scope: &Scope<'_>, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    scope.one(DIRTY_NEXT_DUE, &[&scope.pair, &micros(now)], |row| row.moment(0)).await
}

fn words(sql: &str, reasons: impl Iterator<Item = DirtyReason>) -> Result<Vec<String>, StoreError> {
    reasons.map(|reason| to_word(sql, &reason)).collect()
}

fn read_row(row: &Fields<'_>) -> Result<Dirty, StoreError> {
    Ok(Dirty {
        id: row.record_id(0)?,
        generation: row.get(3)?,
        due: row.moment(4)?,
        attempts: row.count(5)?,
        reason: from_word(row.sql, row.get(6)?)?,
        since: row.moment(7)?,
    })
}
