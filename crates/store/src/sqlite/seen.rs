//! Records as last read, with the keys and employers under which they are found.
//!
//! Invariant: keys and employers are always those of the record as it stands in `seen`.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::key::{Key, keys_of_record};
use obmen_domain::matching::obvious::Place;
use obmen_domain::record::{Kind, Record, RecordId, Side};
use obmen_engine::ports::StoreError;
use obmen_engine::store::Holders;
use rusqlite::params;

use super::columns::{read_count, read_record_id};
use super::statement::{Question, Scope};
use crate::columns::{key_text, kind_code, limit as rows, number, side_code, standing_word, writable};
use crate::documents::{from_json, to_json};
use crate::statements::SEEN_KNOWN;

/// Replaces what was seen of a record.
pub(crate) fn replace(scope: &Scope<'_>, record: &Record) -> Result<(), StoreError> {
    const REPLACE: &str = "/* seen.replace */
        insert into seen (pair, kind, side, id, number, version, digest, catalog, standing, mutual_id, record)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        on conflict (pair, kind, side, id) do update set
            version = excluded.version, digest = excluded.digest, catalog = excluded.catalog,
            standing = excluded.standing, mutual_id = excluded.mutual_id, record = excluded.record
        returning seen";
    let id = &record.id;
    let values = params![
        scope.pair,
        kind_code(id.kind),
        side_code(id.side),
        id.id,
        number(id),
        writable(&record.version),
        record.digest().0,
        record.catalog.word(),
        standing_word(&record.standing)?,
        writable(&record.mutual_id),
        to_json(REPLACE, record)?,
    ];
    let seen = scope.one(REPLACE, values, |row| row.get(0))?;
    let seen = seen.ok_or_else(|| StoreError::Failed("seen.replace: no row came back".to_owned()))?;
    replace_keys(scope, record, seen)?;
    replace_employers(scope, record, seen)
}

/// Forgets a record; its keys and employers go with it.
pub(crate) fn remove(scope: &Scope<'_>, id: &RecordId) -> Result<(), StoreError> {
    const REMOVE: &str = "/* seen.remove */
        delete from seen where pair = ?1 and kind = ?2 and side = ?3 and id = ?4";
    scope.execute(REMOVE, params![scope.pair, kind_code(id.kind), side_code(id.side), id.id])?;
    Ok(())
}

/// Records as last seen, in the order they are asked for.
pub(crate) fn find(scope: &Scope<'_>, ids: &[RecordId]) -> Result<Vec<Record>, StoreError> {
    const FIND: &str = "/* seen.find */
        select record from seen where pair = ?1 and kind = ?2 and side = ?3 and id = ?4";
    let mut question = scope.prepare(FIND)?;
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        let values = params![scope.pair, kind_code(id.kind), side_code(id.side), id.id];
        if let Some(document) = question.one(values, |row| row.get::<_, String>(0))? {
            records.push(from_json(FIND, &document)?);
        }
    }
    Ok(records)
}

/// Where records stand, in the order they are asked for.
pub(crate) fn places(scope: &Scope<'_>, ids: &[RecordId]) -> Result<Vec<Option<Place>>, StoreError> {
    const PLACES: &str = "/* seen.place */
        select seen from seen where pair = ?1 and kind = ?2 and side = ?3 and id = ?4";
    let mut question = scope.prepare(PLACES)?;
    let place = |id: &RecordId| {
        let values = params![scope.pair, kind_code(id.kind), side_code(id.side), id.id];
        question.one(values, |row| read_count(row, 0))
    };
    ids.iter().map(place).collect()
}

/// The records that stand at these places, in the order they are asked for.
pub(crate) fn at(scope: &Scope<'_>, places: &[Place]) -> Result<Vec<Option<RecordId>>, StoreError> {
    const AT: &str = "/* seen.at */ select kind, side, id from seen where pair = ?1 and seen = ?2";
    let mut question = scope.prepare(AT)?;
    places
        .iter()
        .map(|place| question.one(params![scope.pair, place], |row| read_record_id(row, 0)))
        .collect()
}

/// The versions of records as last seen.
pub(crate) fn versions(scope: &Scope<'_>, ids: &[RecordId]) -> Result<Vec<(RecordId, String)>, StoreError> {
    const VERSION: &str = "/* seen.version */
        select version from seen where pair = ?1 and kind = ?2 and side = ?3 and id = ?4";
    let mut question = scope.prepare(VERSION)?;
    let mut versions = Vec::with_capacity(ids.len());
    for id in ids {
        let values = params![scope.pair, kind_code(id.kind), side_code(id.side), id.id];
        versions.extend(question.one(values, |row| Ok((id.clone(), row.get(0)?)))?);
    }
    Ok(versions)
}

/// The records of a side and kind, in the order of their ids as texts.
pub(crate) fn known(
    scope: &Scope<'_>,
    side: Side,
    kind: Kind,
    after: Option<&RecordId>,
    limit: usize,
) -> Result<Vec<RecordId>, StoreError> {
    let after = after.map_or("", |id| id.id.as_str());
    let values = params![scope.pair, kind_code(kind), side_code(side), after, rows(limit)];
    scope.all(SEEN_KNOWN, values, |row| read_record_id(row, 0))
}

/// Who holds these keys; one answer a key, in the order they are asked for.
pub(crate) fn holders(
    scope: &Scope<'_>,
    kind: Kind,
    keys: &[Key],
    limit: usize,
) -> Result<Vec<Holders>, StoreError> {
    const FIRST: &str = "/* seen_key.first */
        select kind, side, id from seen_key
        where pair = ?1 and kind = ?2 and key = ?3 order by side, number, id limit ?4";
    let mut first = scope.prepare(FIRST)?;
    keys.iter().map(|key| holders_of(scope, &mut first, kind, key, limit)).collect()
}

/// The people of these companies, in the order of their ids.
pub(crate) fn employed_by(scope: &Scope<'_>, companies: &[RecordId]) -> Result<Vec<RecordId>, StoreError> {
    const EMPLOYED: &str = "/* seen.employed_by */
        select seen.kind, seen.side, seen.id
        from seen_employer join seen on seen.seen = seen_employer.seen
        where seen_employer.pair = ?1 and seen_employer.kind = ?2 and seen_employer.side = ?3
            and seen_employer.id = ?4";
    let mut people = BTreeSet::new();
    for company in companies {
        let values = params![scope.pair, kind_code(company.kind), side_code(company.side), company.id];
        people.extend(scope.all(EMPLOYED, values, |row| read_record_id(row, 0))?);
    }
    Ok(people.into_iter().collect())
}

fn replace_keys(scope: &Scope<'_>, record: &Record, seen: i64) -> Result<(), StoreError> {
    const REMOVE: &str = "/* seen_key.remove */ delete from seen_key where seen = ?1";
    const ADD: &str = "/* seen_key.add */
        insert into seen_key (pair, kind, key, side, number, id, seen) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        on conflict do nothing";
    scope.execute(REMOVE, [seen])?;
    let id = &record.id;
    for key in keys_of_record(record) {
        let values = params![
            scope.pair,
            kind_code(id.kind),
            key_text(&key),
            side_code(id.side),
            number(id),
            id.id,
            seen
        ];
        scope.execute(ADD, values)?;
    }
    Ok(())
}

fn replace_employers(scope: &Scope<'_>, record: &Record, seen: i64) -> Result<(), StoreError> {
    const REMOVE: &str = "/* seen_employer.remove */ delete from seen_employer where seen = ?1";
    const ADD: &str = "/* seen_employer.add */
        insert into seen_employer (pair, kind, side, id, seen) values (?1, ?2, ?3, ?4, ?5)
        on conflict do nothing";
    scope.execute(REMOVE, [seen])?;
    for employer in record.party.belongs_to() {
        let values =
            params![scope.pair, kind_code(employer.kind), side_code(employer.side), employer.id, seen];
        scope.execute(ADD, values)?;
    }
    Ok(())
}

fn holders_of(
    scope: &Scope<'_>,
    question: &mut Question<'_>,
    kind: Kind,
    key: &Key,
    limit: usize,
) -> Result<Holders, StoreError> {
    let mut holders = Holders { key: key.clone(), records: Vec::new(), count: BTreeMap::new() };
    let index = key_text(key);
    // Few records hold most keys: one question shows all of them.
    let values = params![scope.pair, kind_code(kind), index, rows(limit)];
    let first: Vec<RecordId> = question.all(values, |row| read_record_id(row, 0))?;
    if first.len() < limit {
        for id in &first {
            *holders.count.entry(id.side).or_default() += 1;
        }
        holders.records = first;
        return Ok(holders);
    }
    for side in [Side::Bitrix24, Side::Onec] {
        let (first, count) = holders_on(scope, kind, &index, side, limit)?;
        if count > 0 {
            holders.count.insert(side, count);
        }
        holders.records.extend(first);
    }
    Ok(holders)
}

/// The first holders of a key on a side, and how many there are.
fn holders_on(
    scope: &Scope<'_>,
    kind: Kind,
    index: &str,
    side: Side,
    limit: usize,
) -> Result<(Vec<RecordId>, usize), StoreError> {
    const FIRST: &str = "/* seen_key.first_of_side */
        select kind, side, id from seen_key
        where pair = ?1 and kind = ?2 and key = ?3 and side = ?4 order by number, id limit ?5";
    const COUNT: &str = "/* seen_key.count */
        select count(*) from seen_key where pair = ?1 and kind = ?2 and key = ?3 and side = ?4";
    let values = params![scope.pair, kind_code(kind), index, side_code(side), rows(limit)];
    let first: Vec<RecordId> = scope.all(FIRST, values, |row| read_record_id(row, 0))?;
    if first.len() < limit {
        let count = first.len();
        return Ok((first, count));
    }
    let values = params![scope.pair, kind_code(kind), index, side_code(side)];
    let count = scope.one(COUNT, values, |row| read_count(row, 0))?.unwrap_or(0);
    Ok((first, count))
}
