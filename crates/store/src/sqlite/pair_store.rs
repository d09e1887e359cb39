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

use super::database::Database;
use super::statement::Scope;
use super::{dirty, figures, intents, journal, keys, links, reviews, rulings, seen, texts};

/// What is known about one pair; clones are handles of the same.
#[derive(Debug, Clone)]
pub struct PairStore {
    database: Arc<Database>,
    pair: Arc<str>,
}

impl PairStore {
    pub(crate) fn new(database: Arc<Database>, pair: &str) -> Self {
        Self { database, pair: Arc::from(pair) }
    }

    /// A question is put when its future is first polled, and answered at once.
    fn ask<'a, T: Send + 'a>(
        &'a self,
        ask: impl FnOnce(&Scope<'_>) -> Result<T, StoreError> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(async move { self.database.read(&self.pair, ask) })
    }
}

impl Memory for PairStore {
    fn recall<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        self.ask(move |scope| texts::recall(scope, name))
    }

    fn keep<'a>(&'a self, name: &'a str, text: String) -> BoxFuture<'a, Result<(), StoreError>> {
        self.apply(vec![Change::Text { name: name.to_owned(), text }])
    }
}

impl Store for PairStore {
    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.database.write(&self.pair, changes))
    }

    fn seen<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        self.ask(move |scope| seen::find(scope, ids))
    }

    fn versions<'a>(
        &'a self,
        ids: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, String)>, StoreError>> {
        self.ask(move |scope| seen::versions(scope, ids))
    }

    fn known<'a>(
        &'a self,
        side: Side,
        kind: Kind,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.ask(move |scope| seen::known(scope, side, kind, after, limit))
    }

    fn holders<'a>(
        &'a self,
        kind: Kind,
        keys: &'a [Key],
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Holders>, StoreError>> {
        self.ask(move |scope| seen::holders(scope, kind, keys, limit))
    }

    fn each_key<'a>(
        &'a self,
        kind: Kind,
        stretch: Stretch,
        told: ToldKey<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.ask(move |scope| keys::each(scope, kind, stretch, told))
    }

    fn each_entangled<'a>(
        &'a self,
        kind: Kind,
        told: ToldPlace<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.ask(move |scope| keys::each_entangled(scope, kind, told))
    }

    fn places<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Option<Place>>, StoreError>> {
        self.ask(move |scope| seen::places(scope, ids))
    }

    fn at<'a>(&'a self, places: &'a [Place]) -> BoxFuture<'a, Result<Vec<Option<RecordId>>, StoreError>> {
        self.ask(move |scope| seen::at(scope, places))
    }

    fn links<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Link>, StoreError>> {
        self.ask(move |scope| links::of(scope, ids))
    }

    fn employed_by<'a>(
        &'a self,
        companies: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.ask(move |scope| seen::employed_by(scope, companies))
    }

    fn dirty<'a>(
        &'a self,
        kind: Kind,
        now: Timestamp,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Dirty>, StoreError>> {
        self.ask(move |scope| dirty::due(scope, kind, now, after, limit))
    }

    fn share(
        &self,
        now: Timestamp,
        longest: usize,
        latest: usize,
    ) -> BoxFuture<'_, Result<Vec<Dirty>, StoreError>> {
        self.ask(move |scope| dirty::share(scope, now, longest, latest))
    }

    fn is_dirty<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.ask(move |scope| dirty::is_dirty(scope, id))
    }

    fn next_due(&self, now: Timestamp) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>> {
        self.ask(move |scope| dirty::next_due(scope, now))
    }

    fn intents(&self) -> BoxFuture<'_, Result<Vec<Intent>, StoreError>> {
        self.ask(intents::all)
    }

    fn reviews(&self) -> BoxFuture<'_, Result<Vec<Review>, StoreError>> {
        self.ask(reviews::all_open)
    }

    fn review<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Review>, StoreError>> {
        self.ask(move |scope| reviews::find_open(scope, id))
    }

    fn reviews_of<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Review>, StoreError>> {
        self.ask(move |scope| reviews::of(scope, ids))
    }

    fn rulings<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Ruled>, StoreError>> {
        self.ask(move |scope| rulings::of(scope, ids))
    }

    fn journal<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<Vec<Entry>, StoreError>> {
        self.ask(move |scope| journal::of(scope, id))
    }

    fn busy<'a>(
        &'a self,
        ids: &'a [RecordId],
        since: Timestamp,
        least: u32,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.ask(move |scope| journal::busy(scope, ids, since, least))
    }

    fn runs(&self, limit: usize) -> BoxFuture<'_, Result<Vec<Run>, StoreError>> {
        self.ask(move |scope| journal::runs(scope, limit))
    }

    fn written<'a>(
        &'a self,
        run: &'a str,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.ask(move |scope| journal::written(scope, run, after, limit))
    }

    fn figures(&self) -> BoxFuture<'_, Result<Figures, StoreError>> {
        self.ask(figures::count)
    }
}
