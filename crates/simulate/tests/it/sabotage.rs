//! Proofs that the simulation can fail: a part of the product is taken away, and a seed must notice.
//!
//! What is taken away stands in wrappers here; the product has no switch for it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use obmen_domain::key::{Key, Stretch};
use obmen_domain::matching::obvious::Place;
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side};
use obmen_domain::review::Review;
use obmen_domain::rules::Capacity;
use obmen_domain::ruling::Ruled;
use obmen_domain::stay::Tie;
use obmen_engine::ports::{
    BoxFuture, Cursor, Memory, Outcome, Portion, Reader, SentCreate, SideError, StoreError, User, Write,
    WriteSort, Writer,
};
use obmen_engine::store::{
    Change, Dirty, Entry, Figures, Holders, Intent, Link, Run, Store, ToldKey, ToldPlace,
};
use obmen_engine::sync::SideAccess;
use obmen_engine::watch::Stamps;
use obmen_simulate::{Options, Wiring, ops_of, run};

#[test]
fn a_store_that_forgets_intents_makes_somebody_exist_twice() {
    let wiring = Wiring { store: |inner| Arc::new(Forgetful(inner)), ..Wiring::default() };
    assert!(makes_twins(wiring));
}

#[test]
fn not_looking_for_creates_of_unknown_outcome_makes_somebody_exist_twice() {
    let wiring = Wiring { side: |inner| Arc::new(Careless(inner)), ..Wiring::default() };
    assert!(makes_twins(wiring));
}

/// Whether one of a thousand seeds finds a second record of one party.
fn makes_twins(wiring: Wiring) -> bool {
    let options = Options { wiring, ..Options::default() };
    let mut verdicts = (1..=1000).map(|seed| run(seed, &ops_of(seed, 60), options));
    verdicts.any(|verdict| verdict.violations.iter().any(|violation| violation.invariant == 1))
}

/// A store that keeps no intents.
struct Forgetful(Arc<dyn Store>);

impl Memory for Forgetful {
    fn recall<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        self.0.recall(name)
    }

    fn keep<'a>(&'a self, name: &'a str, text: String) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.keep(name, text)
    }
}

impl Store for Forgetful {
    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.apply(changes.into_iter().filter(|change| !matches!(change, Change::Intent(_))).collect())
    }

    fn intents(&self) -> BoxFuture<'_, Result<Vec<Intent>, StoreError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn seen<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        self.0.seen(ids)
    }

    fn versions<'a>(
        &'a self,
        ids: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, String)>, StoreError>> {
        self.0.versions(ids)
    }

    fn known<'a>(
        &'a self,
        side: Side,
        kind: Kind,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.0.known(side, kind, after, limit)
    }

    fn holders<'a>(
        &'a self,
        kind: Kind,
        keys: &'a [Key],
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Holders>, StoreError>> {
        self.0.holders(kind, keys, limit)
    }

    fn each_key<'a>(
        &'a self,
        kind: Kind,
        stretch: Stretch,
        told: ToldKey<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.each_key(kind, stretch, told)
    }

    fn each_entangled<'a>(
        &'a self,
        kind: Kind,
        told: ToldPlace<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.each_entangled(kind, told)
    }

    fn places<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Option<Place>>, StoreError>> {
        self.0.places(ids)
    }

    fn at<'a>(&'a self, places: &'a [Place]) -> BoxFuture<'a, Result<Vec<Option<RecordId>>, StoreError>> {
        self.0.at(places)
    }

    fn links<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Link>, StoreError>> {
        self.0.links(ids)
    }

    fn employed_by<'a>(
        &'a self,
        companies: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.0.employed_by(companies)
    }

    fn dirty<'a>(
        &'a self,
        kind: Kind,
        now: Timestamp,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Dirty>, StoreError>> {
        self.0.dirty(kind, now, after, limit)
    }

    fn is_dirty<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.0.is_dirty(id)
    }

    fn next_due(&self, now: Timestamp) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>> {
        self.0.next_due(now)
    }

    fn reviews(&self) -> BoxFuture<'_, Result<Vec<Review>, StoreError>> {
        self.0.reviews()
    }

    fn review<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Review>, StoreError>> {
        self.0.review(id)
    }

    fn reviews_of<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Review>, StoreError>> {
        self.0.reviews_of(ids)
    }

    fn rulings<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Ruled>, StoreError>> {
        self.0.rulings(ids)
    }

    fn journal<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<Vec<Entry>, StoreError>> {
        self.0.journal(id)
    }

    fn busy<'a>(
        &'a self,
        ids: &'a [RecordId],
        since: Timestamp,
        least: u32,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.0.busy(ids, since, least)
    }

    fn runs(&self, limit: usize) -> BoxFuture<'_, Result<Vec<Run>, StoreError>> {
        self.0.runs(limit)
    }

    fn written<'a>(
        &'a self,
        run: &'a str,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.0.written(run, after, limit)
    }

    fn figures(&self) -> BoxFuture<'_, Result<Figures, StoreError>> {
        self.0.figures()
    }
}

/// A side that does not look for what its creates of unknown outcome made, and does not wait for them either.
struct Careless(Arc<dyn SideAccess>);

impl Reader for Careless {
    fn side(&self) -> Side {
        self.0.side()
    }

    fn capacity(&self, catalog: Catalog) -> Capacity {
        self.0.capacity(catalog)
    }

    fn sweep(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Portion, SideError>> {
        self.0.sweep(kind, cursor)
    }

    fn stamps(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Stamps, SideError>> {
        self.0.stamps(kind, cursor)
    }

    fn fetch<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        self.0.fetch(ids)
    }

    fn find<'a>(&'a self, kind: Kind, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        self.0.find(kind, keys)
    }

    fn find_created<'a>(
        &'a self,
        _: &'a [SentCreate],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, Record)>, SideError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn ties<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<(RecordId, Tie)>, SideError>> {
        self.0.ties(ids)
    }

    fn users(&self) -> BoxFuture<'_, Result<Vec<User>, SideError>> {
        self.0.users()
    }
}

impl Writer for Careless {
    fn room(&self, sort: WriteSort) -> usize {
        self.0.room(sort)
    }

    fn parallel(&self) -> usize {
        self.0.parallel()
    }

    fn settle_after(&self) -> Duration {
        Duration::ZERO
    }

    fn derived_id(&self, _: &RecordId) -> Option<String> {
        None
    }

    fn write(&self, writes: Vec<Write>) -> BoxFuture<'_, Vec<Outcome>> {
        self.0.write(writes)
    }
}
