//! Twists: a store, or a side, of which one thing is done in another way and everything else as the inner one does it.
//!
//! The scheduler's store is one, and so is every part that is spoilt on purpose.

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
use obmen_engine::watch::{Bookmark, News, Receipt, Stamps, Waiting};

/// What a store does in another way.
pub trait StoreTwist: Send + Sync {
    /// The store that does everything else.
    fn inner(&self) -> &Arc<dyn Store>;

    /// As [`Store::apply`].
    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner().apply(changes)
    }

    /// As [`Store::intents`].
    fn intents(&self) -> BoxFuture<'_, Result<Vec<Intent>, StoreError>> {
        self.inner().intents()
    }

    /// As [`Memory::recall`].
    fn recall<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        self.inner().recall(name)
    }

    /// As [`Store::rulings`].
    fn rulings<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Ruled>, StoreError>> {
        self.inner().rulings(ids)
    }
}

/// A store with a twist.
pub struct TwistedStore<T>(pub T);

/// What a side does in another way.
pub trait SideTwist: Send + Sync {
    /// The side that does everything else.
    fn inner(&self) -> &Arc<dyn SideAccess>;

    /// As [`Reader::stamps`].
    fn stamps(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Stamps, SideError>> {
        self.inner().stamps(kind, cursor)
    }

    /// As [`Reader::fetch`].
    fn fetch<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        self.inner().fetch(ids)
    }

    /// As [`Reader::gone`].
    fn gone<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<RecordId>, SideError>> {
        self.inner().gone(ids)
    }

    /// As [`Reader::find_created`].
    fn find_created<'a>(
        &'a self,
        sent: &'a [SentCreate],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, Record)>, SideError>> {
        self.inner().find_created(sent)
    }

    /// As [`Writer::settle_after`].
    fn settle_after(&self) -> Duration {
        self.inner().settle_after()
    }

    /// As [`Writer::write`].
    fn write(&self, writes: Vec<Write>) -> BoxFuture<'_, Vec<Outcome>> {
        self.inner().write(writes)
    }

    /// As [`Writer::derived_id`].
    fn derived_id(&self, source: &RecordId) -> Option<String> {
        self.inner().derived_id(source)
    }
}

/// A side with a twist.
pub struct TwistedSide<T>(pub T);

impl<T: StoreTwist> Memory for TwistedStore<T> {
    fn recall<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        self.0.recall(name)
    }

    fn keep<'a>(&'a self, name: &'a str, text: String) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.inner().keep(name, text)
    }
}

impl<T: StoreTwist> Store for TwistedStore<T> {
    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.apply(changes)
    }

    fn intents(&self) -> BoxFuture<'_, Result<Vec<Intent>, StoreError>> {
        self.0.intents()
    }

    fn rulings<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Ruled>, StoreError>> {
        self.0.rulings(ids)
    }

    fn seen<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        self.0.inner().seen(ids)
    }

    fn versions<'a>(
        &'a self,
        ids: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, String)>, StoreError>> {
        self.0.inner().versions(ids)
    }

    fn known<'a>(
        &'a self,
        side: Side,
        kind: Kind,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.0.inner().known(side, kind, after, limit)
    }

    fn holders<'a>(
        &'a self,
        kind: Kind,
        keys: &'a [Key],
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Holders>, StoreError>> {
        self.0.inner().holders(kind, keys, limit)
    }

    fn each_key<'a>(
        &'a self,
        kind: Kind,
        stretch: Stretch,
        told: ToldKey<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.inner().each_key(kind, stretch, told)
    }

    fn each_entangled<'a>(
        &'a self,
        kind: Kind,
        told: ToldPlace<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.inner().each_entangled(kind, told)
    }

    fn places<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Option<Place>>, StoreError>> {
        self.0.inner().places(ids)
    }

    fn at<'a>(&'a self, places: &'a [Place]) -> BoxFuture<'a, Result<Vec<Option<RecordId>>, StoreError>> {
        self.0.inner().at(places)
    }

    fn links<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Link>, StoreError>> {
        self.0.inner().links(ids)
    }

    fn employed_by<'a>(
        &'a self,
        companies: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.0.inner().employed_by(companies)
    }

    fn dirty<'a>(
        &'a self,
        kind: Kind,
        now: Timestamp,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Dirty>, StoreError>> {
        self.0.inner().dirty(kind, now, after, limit)
    }

    fn share(
        &self,
        now: Timestamp,
        longest: usize,
        latest: usize,
    ) -> BoxFuture<'_, Result<Vec<Dirty>, StoreError>> {
        self.0.inner().share(now, longest, latest)
    }

    fn is_dirty<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.0.inner().is_dirty(id)
    }

    fn next_due(&self, now: Timestamp) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>> {
        self.0.inner().next_due(now)
    }

    fn reviews(&self) -> BoxFuture<'_, Result<Vec<Review>, StoreError>> {
        self.0.inner().reviews()
    }

    fn review<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Review>, StoreError>> {
        self.0.inner().review(id)
    }

    fn reviews_of<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Review>, StoreError>> {
        self.0.inner().reviews_of(ids)
    }

    fn journal<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<Vec<Entry>, StoreError>> {
        self.0.inner().journal(id)
    }

    fn busy<'a>(
        &'a self,
        ids: &'a [RecordId],
        since: Timestamp,
        least: u32,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.0.inner().busy(ids, since, least)
    }

    fn runs(&self, limit: usize) -> BoxFuture<'_, Result<Vec<Run>, StoreError>> {
        self.0.inner().runs(limit)
    }

    fn written<'a>(
        &'a self,
        run: &'a str,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.0.inner().written(run, after, limit)
    }

    fn figures(&self) -> BoxFuture<'_, Result<Figures, StoreError>> {
        self.0.inner().figures()
    }
}

impl<T: SideTwist> Reader for TwistedSide<T> {
    fn side(&self) -> Side {
        self.0.inner().side()
    }

    fn capacity(&self, catalog: Catalog) -> Capacity {
        self.0.inner().capacity(catalog)
    }

    fn sweep(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Portion, SideError>> {
        self.0.inner().sweep(kind, cursor)
    }

    fn stamps(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Stamps, SideError>> {
        self.0.stamps(kind, cursor)
    }

    fn waiting(&self) -> BoxFuture<'_, Result<Option<Waiting>, SideError>> {
        self.0.inner().waiting()
    }

    fn confirm<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SideError>> {
        self.0.inner().confirm(receipt)
    }

    fn news<'a>(&'a self, since: Option<&'a Bookmark>) -> BoxFuture<'a, Result<Option<News>, SideError>> {
        self.0.inner().news(since)
    }

    fn fetch<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        self.0.fetch(ids)
    }

    fn gone<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<RecordId>, SideError>> {
        self.0.gone(ids)
    }

    fn find<'a>(&'a self, kind: Kind, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        self.0.inner().find(kind, keys)
    }

    fn find_created<'a>(
        &'a self,
        sent: &'a [SentCreate],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, Record)>, SideError>> {
        self.0.find_created(sent)
    }

    fn ties<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<(RecordId, Tie)>, SideError>> {
        self.0.inner().ties(ids)
    }

    fn users(&self) -> BoxFuture<'_, Result<Vec<User>, SideError>> {
        self.0.inner().users()
    }
}

impl<T: SideTwist> Writer for TwistedSide<T> {
    fn room(&self, sort: WriteSort) -> usize {
        self.0.inner().room(sort)
    }

    fn parallel(&self) -> usize {
        self.0.inner().parallel()
    }

    fn settle_after(&self) -> Duration {
        self.0.settle_after()
    }

    fn derived_id(&self, source: &RecordId) -> Option<String> {
        self.0.derived_id(source)
    }

    fn write(&self, writes: Vec<Write>) -> BoxFuture<'_, Vec<Outcome>> {
        self.0.write(writes)
    }
}
