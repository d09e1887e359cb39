//! The journal: every write, in the order it was written down, and by its run.
//!
//! Invariant: entries are only ever added.

use std::collections::BTreeMap;

use jiff::Timestamp;
use obmen_domain::record::RecordId;
use obmen_engine::ports::StoreError;
use obmen_engine::store::{Entry, Run};

use super::rows::Ids;
use super::statement::Scope;
use crate::columns::{kind_code, limit as rows, micros, side_code};
use crate::documents::{from_json, to_json};
use crate::statements::{JOURNAL_OF, JOURNAL_RUNS};

/// Adds entries; their numbers rise in their order.
pub(crate) async fn write(scope: &Scope<'_>, entries: &[&Entry]) -> Result<(), StoreError> {
    const WRITE: &str = "/* journal.write */
        insert into journal (pair, at, run, kind, side, id, event)
        select $1::integer, new.at, new.run, new.kind, new.side, new.id, new.event
        from unnest($2::bigint[], $3::text[], $4::smallint[], $5::smallint[], $6::text[], $7::text[])
            with ordinality as new (at, run, kind, side, id, event, place)
        order by new.place";
    let at: Vec<i64> = entries.iter().map(|entry| micros(entry.at)).collect();
    let runs: Vec<&str> = entries.iter().map(|entry| entry.run.as_str()).collect();
    let Ids { kinds, sides, ids, .. } = Ids::of(entries.iter().map(|entry| &entry.record));
    let events: Vec<String> =
        entries.iter().map(|entry| to_json(WRITE, &entry.event)).collect::<Result<_, _>>()?;
    scope.execute(WRITE, &[&scope.pair, &at, &runs, &kinds, &sides, &ids, &events]).await?;
    Ok(())
}

/// The entries of a record, the oldest first.
pub(crate) async fn of(scope: &Scope<'_>, id: &RecordId) -> Result<Vec<Entry>, StoreError> {
    let (kind, side) = (kind_code(id.kind), side_code(id.side));
    scope
        .all(JOURNAL_OF, &[&scope.pair, &kind, &side, &id.id], |row| {
            Ok(Entry {
                at: row.moment(0)?,
                run: row.get(1)?,
                record: id.clone(),
                event: from_json(JOURNAL_OF, row.get(2)?)?,
            })
        })
        .await
}

/// Of these records, those with at least so many entries since a moment.
pub(crate) async fn busy(
    scope: &Scope<'_>,
    ids: &[RecordId],
    since: Timestamp,
    least: u32,
) -> Result<Vec<RecordId>, StoreError> {
    const BUSY: &str = "/* journal.busy */
        select asked.kind, asked.side, asked.id
        from unnest($2::smallint[], $3::smallint[], $4::text[]) as asked (kind, side, id)
        join journal on journal.pair = $1 and journal.kind = asked.kind
            and journal.side = asked.side and journal.id = asked.id and journal.at >= $5
        group by 1, 2, 3 having count(*) >= $6 order by 1, 2, 3";
    let ids = Ids::of(ids);
    let (since, least) = (micros(since), i64::from(least));
    scope
        .all(BUSY, &[&scope.pair, &ids.kinds, &ids.sides, &ids.ids, &since, &least], |row| row.record_id(0))
        .await
}

/// The runs, the latest first. An event is a JSON object with one member, whose name says what was done.
pub(crate) async fn runs(scope: &Scope<'_>, limit: usize) -> Result<Vec<Run>, StoreError> {
    const COUNTS: &str = "/* journal.counts */
        select run, split_part(event, '\"', 2), side, count(*) from journal
        where pair = $1 and run = any($2) group by 1, 2, 3";
    let mut runs = scope
        .all(JOURNAL_RUNS, &[&scope.pair, &rows(limit)], |row| {
            let (began, ended) = (row.moment(1)?, row.moment(2)?);
            Ok(Run { name: row.get(0)?, began, ended, counts: BTreeMap::new() })
        })
        .await?;
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    let counts = scope
        .all(COUNTS, &[&scope.pair, &names], |row| {
            let what = format!("{}:{}", row.get::<&str>(1)?, row.side(2)?.word());
            Ok((row.get::<String>(0)?, what, row.count(3)?))
        })
        .await?;
    for (name, what, count) in counts {
        if let Some(run) = runs.iter_mut().find(|run| run.name == name) {
            run.counts.insert(what, count);
        }
    }
    Ok(runs)
}

/// Records that a run wrote, each once, those after `after` only.
pub(crate) async fn written(
    scope: &Scope<'_>,
    run: &str,
    after: Option<&RecordId>,
    limit: usize,
) -> Result<Vec<RecordId>, StoreError> {
    const WRITTEN: &str = "/* journal.written */
        select distinct kind, side, id from journal
        where pair = $1 and run = $2 and (kind, side, id) > ($3, $4, $5) order by kind, side, id limit $6";
    let (kind, side, id) =
        after.map_or((-1, -1, ""), |id| (kind_code(id.kind), side_code(id.side), id.id.as_str()));
    let limit = rows(limit);
    scope.all(WRITTEN, &[&scope.pair, &run, &kind, &side, &id, &limit], |row| row.record_id(0)).await
}
