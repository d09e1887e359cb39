//! Records as last read, with the keys and employers under which they are found.
//!
//! Invariant: keys and employers are always those of the record as it stands in `seen`.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::key::{Key, keys_of_record};
use obmen_domain::matching::obvious::Place;
use obmen_domain::record::{Kind, Record, RecordId, Side};
use obmen_engine::ports::StoreError;
use obmen_engine::store::Holders;

use super::rows::Ids;
use super::statement::{Scope, Values};
use crate::columns::{key_text, kind_code, limit as rows, side_code, standing_word, writable};
use crate::documents::{from_json, to_json};
use crate::statements::SEEN_KNOWN;

/// Replaces what was seen of records.
pub(crate) async fn replace(scope: &Scope<'_>, records: &[&Record]) -> Result<(), StoreError> {
    const REPLACE: &str = "/* seen.replace */
        insert into seen (pair, kind, side, id, number, version, digest, catalog, standing, mutual_id, record)
        select $1::integer, new.*
        from unnest($2::smallint[], $3::smallint[], $4::text[], $5::bigint[], $6::text[], $7::bytea[], $8::text[],
            $9::text[], $10::text[], $11::text[]) as new
        on conflict (pair, kind, side, id) do update set
            version = excluded.version, digest = excluded.digest, catalog = excluded.catalog,
            standing = excluded.standing, mutual_id = excluded.mutual_id, record = excluded.record
        returning kind, side, id, seen";
    let ids = Ids::of(records.iter().map(|record| &record.id));
    let versions: Vec<_> = records.iter().map(|record| writable(&record.version)).collect();
    let digests: Vec<Vec<u8>> = records.iter().map(|record| record.digest().0.to_vec()).collect();
    let catalogs: Vec<&str> = records.iter().map(|record| record.catalog.word()).collect();
    let standings: Vec<String> =
        records.iter().map(|record| standing_word(&record.standing)).collect::<Result<_, _>>()?;
    let mutual_ids: Vec<_> = records.iter().map(|record| writable(&record.mutual_id)).collect();
    let documents: Vec<String> =
        records.iter().map(|record| to_json(REPLACE, record)).collect::<Result<_, _>>()?;
    let Ids { kinds, sides, numbers, ids } = ids;
    let replaced = scope
        .all(
            REPLACE,
            &[
                &scope.pair,
                &kinds,
                &sides,
                &ids,
                &numbers,
                &versions,
                &digests,
                &catalogs,
                &standings,
                &mutual_ids,
                &documents,
            ],
            |row| Ok((row.record_id(0)?, row.get(3)?)),
        )
        .await?;
    let rows: BTreeMap<RecordId, i64> = replaced.into_iter().collect();
    let row_of = |record: &Record| {
        rows.get(&record.id)
            .copied()
            .ok_or_else(|| StoreError::Failed("seen.replace: a row did not come back".to_owned()))
    };
    let records: Vec<(&Record, i64)> =
        records.iter().map(|record| Ok((*record, row_of(record)?))).collect::<Result<_, StoreError>>()?;
    replace_keys(scope, &records).await?;
    replace_employers(scope, &records).await
}

/// Forgets records; their keys and employers go with them.
pub(crate) async fn remove(scope: &Scope<'_>, ids: &[&RecordId]) -> Result<(), StoreError> {
    const REMOVE: &str = "/* seen.remove */
        delete from seen using unnest($2::smallint[], $3::smallint[], $4::text[]) as gone (kind, side, id)
        where seen.pair = $1 and seen.kind = gone.kind and seen.side = gone.side and seen.id = gone.id";
    let ids = Ids::of(ids.iter().copied());
    scope.execute(REMOVE, &[&scope.pair, &ids.kinds, &ids.sides, &ids.ids]).await?;
    Ok(())
}

/// Records as last seen, in the order they are asked for.
pub(crate) async fn find(scope: &Scope<'_>, ids: &[RecordId]) -> Result<Vec<Record>, StoreError> {
    const FIND: &str = "/* seen.find */
        select seen.record
        from unnest($2::smallint[], $3::smallint[], $4::text[]) with ordinality as asked (kind, side, id, place)
        join seen on seen.pair = $1 and seen.kind = asked.kind and seen.side = asked.side and seen.id = asked.id
        order by asked.place";
    let ids = Ids::of(ids);
    scope
        .all(FIND, &[&scope.pair, &ids.kinds, &ids.sides, &ids.ids], |row| from_json(FIND, row.get(0)?))
        .await
}

/// Where records stand, in the order they are asked for.
pub(crate) async fn places(scope: &Scope<'_>, ids: &[RecordId]) -> Result<Vec<Option<Place>>, StoreError> {
    const PLACES: &str = "/* seen.place */
        select seen.seen
        from unnest($2::smallint[], $3::smallint[], $4::text[]) with ordinality as asked (kind, side, id, place)
        left join seen on seen.pair = $1 and seen.kind = asked.kind and seen.side = asked.side
            and seen.id = asked.id
        order by asked.place";
    let ids = Ids::of(ids);
    let values: Values<'_> = &[&scope.pair, &ids.kinds, &ids.sides, &ids.ids];
    scope
        .all(PLACES, values, |row| match row.get::<Option<i64>>(0)? {
            Some(_) => row.count(0).map(Some),
            None => Ok(None),
        })
        .await
}

/// The records that stand at these places, in the order they are asked for.
pub(crate) async fn at(scope: &Scope<'_>, places: &[Place]) -> Result<Vec<Option<RecordId>>, StoreError> {
    const AT: &str = "/* seen.at */
        select seen.kind, seen.side, seen.id
        from unnest($2::bigint[]) with ordinality as asked (seen, place)
        left join seen on seen.pair = $1 and seen.seen = asked.seen
        order by asked.place";
    let places: Vec<i64> = places.iter().map(|place| i64::from(*place)).collect();
    scope
        .all(AT, &[&scope.pair, &places], |row| match row.get::<Option<&str>>(2)? {
            Some(_) => row.record_id(0).map(Some),
            None => Ok(None),
        })
        .await
}

/// The versions of records as last seen.
pub(crate) async fn versions(
    scope: &Scope<'_>,
    ids: &[RecordId],
) -> Result<Vec<(RecordId, String)>, StoreError> {
    const VERSIONS: &str = "/* seen.versions */
        select seen.kind, seen.side, seen.id, seen.version
        from unnest($2::smallint[], $3::smallint[], $4::text[]) as asked (kind, side, id)
        join seen on seen.pair = $1 and seen.kind = asked.kind and seen.side = asked.side and seen.id = asked.id";
    let ids = Ids::of(ids);
    scope
        .all(VERSIONS, &[&scope.pair, &ids.kinds, &ids.sides, &ids.ids], |row| {
            Ok((row.record_id(0)?, row.get(3)?))
        })
        .await
}

/// The records of a side and kind, in the order of their ids as texts.
pub(crate) async fn known(
    scope: &Scope<'_>,
    side: Side,
    kind: Kind,
    after: Option<&RecordId>,
    limit: usize,
) -> Result<Vec<RecordId>, StoreError> {
    let after = after.map_or("", |id| id.id.as_str());
    let (kind, side, limit) = (kind_code(kind), side_code(side), rows(limit));
    scope.all(SEEN_KNOWN, &[&scope.pair, &kind, &side, &after, &limit], |row| row.record_id(0)).await
}

/// Who holds these keys; one answer a key, in the order they are asked for.
pub(crate) async fn holders(
    scope: &Scope<'_>,
    kind: Kind,
    keys: &[Key],
    limit: usize,
) -> Result<Vec<Holders>, StoreError> {
    const FIRST: &str = "/* seen_key.first */
        select asked.place - 1, held.kind, held.side, held.id
        from unnest($3::text[]) with ordinality as asked (key, place)
        cross join unnest('{0,1}'::smallint[]) as here (side)
        cross join lateral (
            select seen_key.kind, seen_key.side, seen_key.number, seen_key.id from seen_key
            where seen_key.pair = $1 and seen_key.kind = $2 and seen_key.key = asked.key and seen_key.side = here.side
            order by seen_key.number, seen_key.id limit $4
        ) as held
        order by asked.place, held.side, held.number, held.id";
    const COUNT: &str = "/* seen_key.count */
        select asked.place - 1, seen_key.side, count(*)
        from unnest($3::text[]) with ordinality as asked (key, place)
        join seen_key on seen_key.pair = $1 and seen_key.kind = $2 and seen_key.key = asked.key
        group by asked.place, seen_key.side";
    let texts: Vec<String> = keys.iter().map(key_text).collect();
    let of_none = |key: &Key| Holders { key: key.clone(), records: Vec::new(), count: BTreeMap::new() };
    let mut holders: Vec<Holders> = keys.iter().map(of_none).collect();
    let kind = kind_code(kind);
    let first = scope
        .all(FIRST, &[&scope.pair, &kind, &texts, &rows(limit)], |row| {
            Ok((row.count::<usize>(0)?, row.record_id(1)?))
        })
        .await?;
    for (place, id) in first {
        holders[place].records.push(id);
    }
    let counts = scope
        .all(COUNT, &[&scope.pair, &kind, &texts], |row| {
            Ok((row.count::<usize>(0)?, row.side(1)?, row.count(2)?))
        })
        .await?;
    for (place, side, count) in counts {
        holders[place].count.insert(side, count);
    }
    Ok(holders)
}

/// The people of these companies, in the order of their ids.
pub(crate) async fn employed_by(
    scope: &Scope<'_>,
    companies: &[RecordId],
) -> Result<Vec<RecordId>, StoreError> {
    const EMPLOYED: &str = "/* seen.employed_by */
        select seen.kind, seen.side, seen.id
        from unnest($2::smallint[], $3::smallint[], $4::text[]) as asked (kind, side, id)
        join seen_employer on seen_employer.pair = $1 and seen_employer.kind = asked.kind
            and seen_employer.side = asked.side and seen_employer.id = asked.id
        join seen on seen.seen = seen_employer.seen";
    let ids = Ids::of(companies);
    let people =
        scope.all(EMPLOYED, &[&scope.pair, &ids.kinds, &ids.sides, &ids.ids], |row| row.record_id(0)).await?;
    Ok(people.into_iter().collect::<BTreeSet<_>>().into_iter().collect())
}

/// Keys that stay are left alone: most of what a sweep reads is what was seen before.
async fn replace_keys(scope: &Scope<'_>, records: &[(&Record, i64)]) -> Result<(), StoreError> {
    const REMOVE: &str = "/* seen_key.remove */
        delete from seen_key where seen = any($1) and not exists (
            select from unnest($2::bigint[], $3::text[]) as kept (seen, key)
            where kept.seen = seen_key.seen and kept.key = seen_key.key)";
    const ADD: &str = "/* seen_key.add */
        insert into seen_key (pair, kind, side, number, id, seen, key)
        select $1::integer, new.*
        from unnest($2::smallint[], $3::smallint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[]) as new
        on conflict do nothing";
    let all: Vec<i64> = records.iter().map(|(_, seen)| *seen).collect();
    let held: Vec<(&RecordId, i64, String)> = records
        .iter()
        .flat_map(|(record, seen)| {
            keys_of_record(record).into_iter().map(|key| (&record.id, *seen, key_text(&key)))
        })
        .collect();
    let Ids { kinds, sides, numbers, ids } = Ids::of(held.iter().map(|held| held.0));
    let seen: Vec<i64> = held.iter().map(|held| held.1).collect();
    let keys: Vec<&str> = held.iter().map(|held| held.2.as_str()).collect();
    scope.execute(REMOVE, &[&all, &seen, &keys]).await?;
    scope.execute(ADD, &[&scope.pair, &kinds, &sides, &numbers, &ids, &seen, &keys]).await?;
    Ok(())
}

async fn replace_employers(scope: &Scope<'_>, records: &[(&Record, i64)]) -> Result<(), StoreError> {
    const REMOVE: &str = "/* seen_employer.remove */
        delete from seen_employer where seen = any($1) and not exists (
            select from unnest($2::bigint[], $3::smallint[], $4::smallint[], $5::text[])
                as kept (seen, kind, side, id)
            where kept.seen = seen_employer.seen and kept.kind = seen_employer.kind
                and kept.side = seen_employer.side and kept.id = seen_employer.id)";
    const ADD: &str = "/* seen_employer.add */
        insert into seen_employer (pair, seen, kind, side, id)
        select $1::integer, new.*
        from unnest($2::bigint[], $3::smallint[], $4::smallint[], $5::text[]) as new
        on conflict do nothing";
    let all: Vec<i64> = records.iter().map(|(_, seen)| *seen).collect();
    let employed: Vec<(&RecordId, i64)> = records
        .iter()
        .flat_map(|(record, seen)| record.party.belongs_to().iter().map(|employer| (employer, *seen)))
        .collect();
    let Ids { kinds, sides, ids, .. } = Ids::of(employed.iter().map(|(employer, _)| *employer));
    let seen: Vec<i64> = employed.iter().map(|(_, seen)| *seen).collect();
    scope.execute(REMOVE, &[&all, &seen, &kinds, &sides, &ids]).await?;
    scope.execute(ADD, &[&scope.pair, &seen, &kinds, &sides, &ids]).await?;
    Ok(())
}
