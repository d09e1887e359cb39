//! Gathers what the planner may know about a dirty record: everything that shares keys with it, transitively.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use obmen_domain::key::{Key, keys_of_record};
use obmen_domain::record::{Kind, Record, RecordId, Side, Standing};
use obmen_domain::review::ReviewKind;
use obmen_domain::ruling::Ruling;

use crate::glance::Known;
use crate::planner::{Questioned, Surroundings};
use crate::ports::StoreError;
use crate::store::{Entry, Event, IntentAction, Link, Store};

/// Beyond so many records nothing further is gathered: what is joined by that many keys is no party.
const MOST_RECORDS: usize = 256;
/// So many holders of a key are asked for, a side. What more records hold, such as a reception's phone, gathers nobody.
pub(crate) const HOLDERS: usize = 8;

/// Gathers the surroundings of one record.
///
/// # Errors
/// Where the store fails.
pub(crate) async fn gather<K: Known + ?Sized>(
    store: &K,
    start: &RecordId,
) -> Result<Surroundings, StoreError> {
    let mut around = Surroundings::default();
    let mut asked: BTreeSet<Key> = BTreeSet::new();
    let mut wanted: BTreeSet<RecordId> = BTreeSet::from([start.clone()]);
    // Records that are gone are named by links, rulings and stored ids, and never found.
    let mut looked_for: BTreeSet<RecordId> = BTreeSet::new();
    while !wanted.is_empty() && around.neighbourhood.records.len() < MOST_RECORDS {
        let ids: Vec<RecordId> = std::mem::take(&mut wanted).into_iter().collect();
        looked_for.extend(ids.iter().cloned());
        let records = store.seen(&ids).await?;
        let links = store.links(&ids).await?;
        for ruled in store.rulings(&ids).await? {
            if matches!(ruled.ruling, Ruling::Same | Ruling::TakenBack) {
                wanted.extend([ruled.first.clone(), ruled.second.clone()]);
            }
            around.neighbourhood.rulings.insert(ruled);
        }
        let mut keys = Vec::new();
        for record in records {
            // Whose stored id names this record shares nothing else with it, perhaps.
            let its_own = std::iter::once(Key::Id(record.id.clone()));
            keys.extend(
                keys_of_record(&record).into_iter().chain(its_own).filter(|key| asked.insert(key.clone())),
            );
            around.neighbourhood.records.insert(record.id.clone(), record);
        }
        for holders in store.holders(start.kind, &keys, HOLDERS).await? {
            let most = holders.count.values().copied().max().unwrap_or(0);
            if most <= HOLDERS {
                wanted.extend(holders.records);
            }
            around.neighbourhood.holders.insert(holders.key, most);
        }
        for link in links {
            wanted.extend([link.bitrix24.clone(), link.onec.clone()]);
            let pair = (link.bitrix24.clone(), link.onec.clone());
            if around.neighbourhood.links.insert(pair) {
                around.links.push(link);
            }
        }
        wanted.extend(mutual_ids(&around.neighbourhood.records, start.kind));
        wanted.retain(|id| !looked_for.contains(id));
    }
    // A partner that was not gathered for the number of the others is not gone.
    let partners = around.links.iter().flat_map(|link| [&link.bitrix24, &link.onec]);
    let left_out: Vec<RecordId> = partners.filter(|id| wanted.contains(*id)).cloned().collect();
    let left_out = store.seen(&left_out).await?.into_iter();
    around.neighbourhood.records.extend(left_out.map(|record| (record.id.clone(), record)));
    around.links.sort_by(|a, b| a.bitrix24.cmp(&b.bitrix24));
    companies(store, &mut around).await?;
    histories(store, &mut around).await?;
    let ids: Vec<RecordId> = around.neighbourhood.records.keys().cloned().collect();
    around.reviews = store.reviews_of(&ids).await?;
    Ok(around)
}

/// The surroundings of records without links that have to do with nobody else; keys that are widespread are told by their text
/// in the index.
///
/// # Errors
/// Where the store fails.
pub(crate) async fn apart<K: Known + ?Sized>(
    store: &K,
    ids: &[RecordId],
    widespread: &HashMap<String, usize>,
) -> Result<Surroundings, StoreError> {
    let mut around = Surroundings::default();
    let records = store.seen(ids).await?.into_iter();
    around.neighbourhood.records = records.map(|record| (record.id.clone(), record)).collect();
    // A pair of two sides holds each key once a side.
    if ids.len() > 2 || !widespread.is_empty() {
        around.neighbourhood.holders = holders(around.neighbourhood.records.values(), widespread);
    }
    companies(store, &mut around).await?;
    around.reviews = store.reviews_of(ids).await?;
    Ok(around)
}

/// How many records of a side hold a key of these, where they are more than one.
fn holders<'r>(
    records: impl Iterator<Item = &'r Record>,
    widespread: &HashMap<String, usize>,
) -> BTreeMap<Key, usize> {
    let mut counts: BTreeMap<Key, [usize; 2]> = BTreeMap::new();
    for record in records {
        for key in keys_of_record(record) {
            counts.entry(key).or_default()[usize::from(record.id.side == Side::Onec)] += 1;
        }
    }
    let most = counts.into_iter().map(|(key, [left, right])| {
        let elsewhere = if widespread.is_empty() { None } else { widespread.get(&key.index()) };
        (key, elsewhere.copied().unwrap_or(left.max(right)))
    });
    most.filter(|(_, most)| *most > 1).collect()
}

/// The journals of records whose link a person ended, since they were linked.
async fn histories<K: Known + ?Sized>(store: &K, around: &mut Surroundings) -> Result<(), StoreError> {
    for link in &around.links {
        if !around.neighbourhood.rulings.part(&link.bitrix24, &link.onec) {
            continue;
        }
        let left = store.journal(&link.bitrix24).await?;
        let is_linking =
            |entry: &&Entry| matches!(&entry.event, Event::Linked { with, .. } if *with == link.onec);
        // What one record was made of the other has no history of its own before.
        let Some(since) = left.iter().rev().find(is_linking).map(|entry| entry.at) else { continue };
        for id in [&link.bitrix24, &link.onec] {
            let mut entries = store.journal(id).await?;
            entries.retain(|entry| entry.at >= since);
            around.histories.insert(id.clone(), entries);
        }
    }
    Ok(())
}

/// Records with a write of unknown outcome: those to be written, the sources of those to be created, and what such a create
/// makes where its id is known before.
///
/// # Errors
/// Where the store fails.
pub(crate) async fn in_flight(store: &dyn Store) -> Result<BTreeSet<RecordId>, StoreError> {
    let mut in_flight = BTreeSet::new();
    for intent in store.intents().await? {
        if let IntentAction::Create { derived_id: Some(id) } = intent.action {
            in_flight.insert(match intent.record.side {
                Side::Bitrix24 => RecordId::onec(intent.record.kind, &id),
                Side::Onec => RecordId::bitrix24(intent.record.kind, id),
            });
        }
        in_flight.insert(intent.record);
    }
    Ok(in_flight)
}

/// The partners of linked records, both ways.
///
/// # Errors
/// Where the store fails.
pub(crate) async fn partners<K: Known + ?Sized>(
    store: &K,
    ids: &[RecordId],
) -> Result<BTreeMap<RecordId, RecordId>, StoreError> {
    let mut partners = BTreeMap::new();
    if ids.is_empty() {
        return Ok(partners);
    }
    for Link { bitrix24, onec, .. } in store.links(ids).await? {
        partners.insert(bitrix24.clone(), onec.clone());
        partners.insert(onec, bitrix24);
    }
    Ok(partners)
}

/// The links of the companies that the people here belong to, both ways, and the companies still to be decided: those without a
/// link, and those that are gone on one side.
async fn companies<K: Known + ?Sized>(store: &K, around: &mut Surroundings) -> Result<(), StoreError> {
    let employers: Vec<RecordId> = around
        .neighbourhood
        .records
        .values()
        .flat_map(|record| record.party.stands_beside())
        .cloned()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    if employers.is_empty() {
        return Ok(());
    }
    around.companies = partners(store, &employers).await?;
    let mut questioned = Questioned::new();
    for review in store.reviews_of(&employers).await? {
        for id in review.records {
            questioned.entry(id).or_default().insert(review.kind);
        }
    }
    let (linked, open): (Vec<RecordId>, Vec<RecordId>) =
        employers.into_iter().partition(|employer| around.companies.contains_key(employer));
    // Of a linked company one question alone is of interest: whether it is still there on both sides.
    for company in linked {
        let kinds = questioned.remove(&company).unwrap_or_default();
        if kinds.contains(&ReviewKind::Deletion) {
            around.questioned_companies.insert(company.clone(), BTreeSet::from([ReviewKind::Deletion]));
            around.undecided_companies.insert(company);
        }
    }
    if open.is_empty() {
        return Ok(());
    }
    for company in store.seen(&open).await? {
        if company.standing != Standing::TakesPart {
            continue;
        }
        if let Some(kinds) = questioned.remove(&company.id) {
            around.questioned_companies.insert(company.id.clone(), kinds);
            around.undecided_companies.insert(company.id.clone());
        } else if store.is_dirty(&company.id).await? {
            around.undecided_companies.insert(company.id.clone());
        }
        around.lone_companies.insert(company.id.clone(), company);
    }
    Ok(())
}

fn mutual_ids(records: &BTreeMap<RecordId, Record>, kind: Kind) -> Vec<RecordId> {
    records.values().filter_map(|record| record.names(kind)).collect()
}
