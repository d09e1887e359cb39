//! What a page of rows will want to know, asked for at once.
//!
//! Gathering the surroundings of a record takes a dozen questions, each of which costs a transaction, or a way to a server and
//! back. A glance asks them for all rows of a page together, a layer of neighbours after the other. It decides nothing: what it
//! did not foresee is asked of the store. Invariant: its answers are those of the store at the moment of the glance.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use obmen_domain::key::{Key, keys_of_record};
use obmen_domain::record::{Kind, Record, RecordId};
use obmen_domain::review::Review;
use obmen_domain::ruling::{Ruled, Ruling};

use crate::ports::{BoxFuture, StoreError};
use crate::store::{Entry, Holders, Link, Store};

/// Neighbours of neighbours of neighbours: most surroundings end before.
const LAYERS: usize = 4;
/// Records that a glance takes in at most.
const MOST_RECORDS: usize = 3_000;

/// The questions that gathering asks, as the store answers them.
pub(crate) trait Known: Sync {
    fn seen<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, StoreError>>;
    fn links<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Link>, StoreError>>;
    fn rulings<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Ruled>, StoreError>>;
    fn reviews_of<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Review>, StoreError>>;
    fn holders<'a>(
        &'a self,
        kind: Kind,
        keys: &'a [Key],
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Holders>, StoreError>>;
    fn is_dirty<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<bool, StoreError>>;
    fn journal<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<Vec<Entry>, StoreError>>;
}

impl Known for dyn Store + '_ {
    fn seen<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        Store::seen(self, ids)
    }

    fn links<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Link>, StoreError>> {
        Store::links(self, ids)
    }

    fn rulings<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Ruled>, StoreError>> {
        Store::rulings(self, ids)
    }

    fn reviews_of<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Review>, StoreError>> {
        Store::reviews_of(self, ids)
    }

    fn holders<'a>(
        &'a self,
        kind: Kind,
        keys: &'a [Key],
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Holders>, StoreError>> {
        Store::holders(self, kind, keys, limit)
    }

    fn is_dirty<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<bool, StoreError>> {
        Store::is_dirty(self, id)
    }

    fn journal<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<Vec<Entry>, StoreError>> {
        Store::journal(self, id)
    }
}

/// What was seen at a glance: what stands here of a record or a key is all there is.
pub(crate) struct Glance<'a, K: ?Sized> {
    store: &'a K,
    kind: Kind,
    /// How many holders of a key were asked for.
    limit: usize,
    seen: HashMap<RecordId, Option<Record>>,
    links: HashMap<RecordId, Option<Link>>,
    rulings: HashMap<RecordId, Vec<Ruled>>,
    reviews: HashMap<RecordId, Vec<Review>>,
    holders: HashMap<Key, Holders>,
    dirty: HashMap<RecordId, bool>,
}

impl<'a, K: Known + ?Sized> Glance<'a, K> {
    /// Looks around some records of a kind, at so many holders of a key.
    pub(crate) async fn around(
        store: &'a K,
        kind: Kind,
        starts: &[RecordId],
        limit: usize,
    ) -> Result<Self, StoreError> {
        let mut glance = Self::nothing(store, kind, limit);
        let mut wanted: BTreeSet<RecordId> = starts.iter().cloned().collect();
        for _ in 0..LAYERS {
            wanted.retain(|id| !glance.seen.contains_key(id));
            if wanted.is_empty() || glance.seen.len() + wanted.len() > MOST_RECORDS {
                break;
            }
            let ids: Vec<RecordId> = std::mem::take(&mut wanted).into_iter().collect();
            wanted = glance.layer(&ids).await?;
        }
        glance.beside().await?;
        Ok(glance)
    }

    /// Looks at some records that have to do with nobody else.
    pub(crate) async fn apart(store: &'a K, kind: Kind, ids: Vec<RecordId>) -> Result<Self, StoreError> {
        let mut glance = Self::nothing(store, kind, 0);
        glance.seen.extend(ids.iter().map(|id| (id.clone(), None)));
        for record in store.seen(&ids).await? {
            glance.seen.insert(record.id.clone(), Some(record));
        }
        glance.beside().await?;
        Ok(glance)
    }

    fn nothing(store: &'a K, kind: Kind, limit: usize) -> Self {
        Self {
            store,
            kind,
            limit,
            seen: HashMap::new(),
            links: HashMap::new(),
            rulings: HashMap::new(),
            reviews: HashMap::new(),
            holders: HashMap::new(),
            dirty: HashMap::new(),
        }
    }

    /// Takes some records in; answers who is joined with them.
    async fn layer(&mut self, ids: &[RecordId]) -> Result<BTreeSet<RecordId>, StoreError> {
        let mut joined = BTreeSet::new();
        let records = self.store.seen(ids).await?;
        for link in self.links_of(ids).await? {
            joined.extend([link.bitrix24, link.onec]);
        }
        self.rulings.extend(ids.iter().map(|id| (id.clone(), Vec::new())));
        for ruled in self.store.rulings(ids).await? {
            if matches!(ruled.ruling, Ruling::Same | Ruling::TakenBack) {
                joined.extend([ruled.first.clone(), ruled.second.clone()]);
            }
            for id in [&ruled.first, &ruled.second] {
                if let Some(known) = self.rulings.get_mut(id).filter(|known| !known.contains(&ruled)) {
                    known.push(ruled.clone());
                }
            }
        }
        self.seen.extend(ids.iter().map(|id| (id.clone(), None)));
        let mut keys = BTreeSet::new();
        for record in records {
            keys.extend(keys_of_record(&record));
            keys.insert(Key::Id(record.id.clone()));
            joined.extend(record.names(self.kind));
            self.seen.insert(record.id.clone(), Some(record));
        }
        let keys: Vec<Key> = keys.into_iter().filter(|key| !self.holders.contains_key(key)).collect();
        for holders in self.store.holders(self.kind, &keys, self.limit).await? {
            if holders.count.values().all(|count| *count <= self.limit) {
                joined.extend(holders.records.iter().cloned());
            }
            self.holders.insert(holders.key.clone(), holders);
        }
        Ok(joined)
    }

    /// Takes in the companies of the people here, and the open reviews about all.
    async fn beside(&mut self) -> Result<(), StoreError> {
        let records = self.seen.values().flatten();
        let employers: BTreeSet<RecordId> =
            records.flat_map(|record| record.party.stands_beside()).cloned().collect();
        let unknown = employers.iter().filter(|id| !self.links.contains_key(*id));
        let unknown: Vec<RecordId> = unknown.cloned().collect();
        self.links_of(&unknown).await?;
        let is_lone = |id: &RecordId| self.links.get(id).is_some_and(Option::is_none);
        let open: Vec<RecordId> = unknown.into_iter().filter(is_lone).collect();
        self.seen.extend(open.iter().map(|id| (id.clone(), None)));
        for company in self.store.seen(&open).await? {
            self.seen.insert(company.id.clone(), Some(company));
        }
        for id in open {
            let is_dirty = self.store.is_dirty(&id).await?;
            self.dirty.insert(id, is_dirty);
        }
        let ids: Vec<RecordId> =
            self.seen.keys().cloned().chain(employers).collect::<BTreeSet<_>>().into_iter().collect();
        self.reviews.extend(ids.iter().map(|id| (id.clone(), Vec::new())));
        for review in self.store.reviews_of(&ids).await? {
            for id in &review.records {
                if let Some(known) = self.reviews.get_mut(id) {
                    known.push(review.clone());
                }
            }
        }
        Ok(())
    }

    async fn links_of(&mut self, ids: &[RecordId]) -> Result<Vec<Link>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let links = self.store.links(ids).await?;
        self.links.extend(ids.iter().map(|id| (id.clone(), None)));
        for link in &links {
            self.links.insert(link.bitrix24.clone(), Some(link.clone()));
            self.links.insert(link.onec.clone(), Some(link.clone()));
        }
        Ok(links)
    }
}

/// What is known of each of these, or nothing where something is not.
fn all<'a, T: Eq + Hash, V>(known: &'a HashMap<T, V>, wanted: &[T]) -> Option<Vec<&'a V>> {
    wanted.iter().map(|one| known.get(one)).collect()
}

fn at_once<'a, T: Send + 'a>(answer: T) -> BoxFuture<'a, Result<T, StoreError>> {
    Box::pin(std::future::ready(Ok(answer)))
}

impl<K: Known + ?Sized> Known for Glance<'_, K> {
    fn seen<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        match all(&self.seen, ids) {
            Some(records) => at_once(records.into_iter().flatten().cloned().collect()),
            None => self.store.seen(ids),
        }
    }

    fn links<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Link>, StoreError>> {
        let Some(links) = all(&self.links, ids) else { return self.store.links(ids) };
        let links: BTreeMap<&RecordId, &Link> =
            links.into_iter().flatten().map(|link| (&link.bitrix24, link)).collect();
        at_once(links.into_values().cloned().collect())
    }

    fn rulings<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Ruled>, StoreError>> {
        let Some(rulings) = all(&self.rulings, ids) else { return self.store.rulings(ids) };
        let mut rulings: Vec<Ruled> = rulings.into_iter().flatten().cloned().collect();
        rulings.sort_by(|a, b| (&a.first, &a.second).cmp(&(&b.first, &b.second)));
        rulings.dedup();
        at_once(rulings)
    }

    fn reviews_of<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Review>, StoreError>> {
        let Some(reviews) = all(&self.reviews, ids) else { return self.store.reviews_of(ids) };
        let reviews: BTreeMap<String, &Review> =
            reviews.into_iter().flatten().map(|review| (review.id(), review)).collect();
        at_once(reviews.into_values().cloned().collect())
    }

    fn holders<'a>(
        &'a self,
        kind: Kind,
        keys: &'a [Key],
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Holders>, StoreError>> {
        let is_foreseen = kind == self.kind && limit == self.limit;
        match all(&self.holders, keys).filter(|_| is_foreseen) {
            Some(holders) => at_once(holders.into_iter().cloned().collect()),
            None => self.store.holders(kind, keys, limit),
        }
    }

    fn is_dirty<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.dirty.get(id).map_or_else(|| self.store.is_dirty(id), |is_dirty| at_once(*is_dirty))
    }

    fn journal<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<Vec<Entry>, StoreError>> {
        self.store.journal(id)
    }
}

#[cfg(test)]
mod tests;
