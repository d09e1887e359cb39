//! The handle of one pair: the engine's `Store` and `Memory`, in terms of the tables.
//!
//! Not responsible for any rule: each question is one function of the table's module.

use std::sync::Arc;

use jiff::Timestamp;
use obmen_domain::key::{Key, Stretch};
use obmen_domain::matching::obvious::Place;
use obmen_domain::record::{Kind, Record, RecordId, Side};
use obmen_domain::review::Review;
use obmen_domain::ruling::Ruled;
use obmen_engine::ports::{BoxFuture, Memory, StoreError};
use obmen_engine::store::{
    Change, Dirty, Entry, Figures, Holders, Intent, Link, Run, Store, ToldKey, ToldPlace,
};

use tokio_util::context::TokioContext;

use super::database::Database;
use super::{dirty, figures, intents, journal, keys, links, reviews, rulings, seen, texts};

/// What is known about one pair; clones are handles of the same.
#[derive(Debug, Clone)]
pub struct PostgresPair {
    database: Arc<Database>,
    pair: Arc<str>,
}

impl PostgresPair {
    pub(crate) fn new(database: Arc<Database>, pair: &str) -> Self {
        Self { database, pair: Arc::from(pair) }
    }

    /// Whoever polls the future: timers and new connections are of the store's runtime.
    fn within<'a, T: Send + 'a>(
        &'a self,
        future: impl Future<Output = Result<T, StoreError>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(TokioContext::new(future, self.database.runtime().clone()))
    }
}

impl Memory for PostgresPair {
    fn recall<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| texts::recall(scope, name).await))
    }

    fn keep<'a>(&'a self, name: &'a str, text: String) -> BoxFuture<'a, Result<(), StoreError>> {
        self.apply(vec![Change::Text { name: name.to_owned(), text }])
    }
}

impl Store for PostgresPair {
    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.within(async move { self.database.write(&self.pair, &changes).await })
    }

    fn seen<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| seen::find(scope, ids).await))
    }

    fn versions<'a>(
        &'a self,
        ids: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, String)>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| seen::versions(scope, ids).await))
    }

    fn known<'a>(
        &'a self,
        side: Side,
        kind: Kind,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.within(
            self.database
                .read(&self.pair, async move |scope| seen::known(scope, side, kind, after, limit).await),
        )
    }

    fn holders<'a>(
        &'a self,
        kind: Kind,
        keys: &'a [Key],
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Holders>, StoreError>> {
        self.within(
            self.database.read(&self.pair, async move |scope| seen::holders(scope, kind, keys, limit).await),
        )
    }

    fn each_key<'a>(
        &'a self,
        kind: Kind,
        stretch: Stretch,
        told: ToldKey<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.within(
            self.database.read(&self.pair, async move |scope| keys::each(scope, kind, stretch, told).await),
        )
    }

    fn each_entangled<'a>(
        &'a self,
        kind: Kind,
        told: ToldPlace<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.within(
            self.database.read(&self.pair, async move |scope| keys::each_entangled(scope, kind, told).await),
        )
    }

    fn places<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Option<Place>>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| seen::places(scope, ids).await))
    }

    fn at<'a>(&'a self, places: &'a [Place]) -> BoxFuture<'a, Result<Vec<Option<RecordId>>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| seen::at(scope, places).await))
    }

    fn links<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Link>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| links::of(scope, ids).await))
    }

    fn employed_by<'a>(
        &'a self,
        companies: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.within(
            self.database.read(&self.pair, async move |scope| seen::employed_by(scope, companies).await),
        )
    }

    fn dirty<'a>(
        &'a self,
        kind: Kind,
        now: Timestamp,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Dirty>, StoreError>> {
        self.within(
            self.database
                .read(&self.pair, async move |scope| dirty::due(scope, kind, now, after, limit).await),
        )
    }

    fn share(
        &self,
        now: Timestamp,
        longest: usize,
        latest: usize,
    ) -> BoxFuture<'_, Result<Vec<Dirty>, StoreError>> {
        self.within(
            self.database
                .read(&self.pair, async move |scope| dirty::share(scope, now, longest, latest).await),
        )
    }

    fn is_dirty<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| dirty::is_dirty(scope, id).await))
    }

    fn next_due(&self, now: Timestamp) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| dirty::next_due(scope, now).await))
    }

    fn intents(&self) -> BoxFuture<'_, Result<Vec<Intent>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| intents::all(scope).await))
    }

    fn reviews(&self) -> BoxFuture<'_, Result<Vec<Review>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| reviews::all_open(scope).await))
    }

    fn review<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Review>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| reviews::find_open(scope, id).await))
    }

    fn reviews_of<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Review>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| reviews::of(scope, ids).await))
    }

    fn rulings<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Ruled>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| rulings::of(scope, ids).await))
    }

    fn journal<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<Vec<Entry>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| journal::of(scope, id).await))
    }

    fn busy<'a>(
        &'a self,
        ids: &'a [RecordId],
        since: Timestamp,
        least: u32,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.within(
            self.database.read(&self.pair, async move |scope| journal::busy(scope, ids, since, least).await),
        )
    }

    fn runs(&self, limit: usize) -> BoxFuture<'_, Result<Vec<Run>, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| journal::runs(scope, limit).await))
    }

    fn written<'a>(
        &'a self,
        run: &'a str,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.within(
            self.database
                .read(&self.pair, async move |scope| journal::written(scope, run, after, limit).await),
        )
    }

    fn figures(&self) -> BoxFuture<'_, Result<Figures, StoreError>> {
        self.within(self.database.read(&self.pair, async move |scope| figures::count(scope).await))
    }
}
