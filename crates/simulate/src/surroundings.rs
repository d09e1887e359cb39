//! The engine's surroundings: clock, transport, progress and the store's crash points, all on the desk.
//!
//! Not responsible for what happens to a request. Invariant: nothing here completes by itself.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;
use obmen_domain::key::{Key, Stretch};
use obmen_domain::matching::obvious::Place;
use obmen_domain::record::{Kind, RecordId, Side};
use obmen_domain::review::Review;
use obmen_domain::ruling::Ruled;
use obmen_engine::ports::{
    BoxFuture, Clock, Crew, HttpRequest, HttpResponse, Memory, StoreError, Transport, TransportError,
};
use obmen_engine::progress::{Progress, Stage};
use obmen_engine::store::{
    Change, Dirty, Entry, Figures, Holders, Intent, Link, Run, Store, ToldKey, ToldPlace,
};
use obmen_sim::http::Request;

use crate::desk::{Desk, Wait};

/// The simulated clock.
pub(crate) struct DeskClock(pub(crate) Desk);

impl Clock for DeskClock {
    fn now(&self) -> Timestamp {
        self.0.table().now
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
        if self.now() >= deadline {
            return Box::pin(std::future::ready(()));
        }
        Box::pin(self.0.pause(Wait::Until(deadline)))
    }
}

/// Two hands that work in turns, as far as the store lets them.
pub(crate) struct InTurns;

impl Crew for InTurns {
    fn hands(&self) -> usize {
        2
    }

    fn work(&self, jobs: Vec<BoxFuture<'static, ()>>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            join_all(jobs).await;
        })
    }
}

/// The way to one side.
pub(crate) struct DeskTransport {
    pub(crate) desk: Desk,
    pub(crate) side: Side,
}

impl Transport for DeskTransport {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            let timeout = request.timeout;
            let request = on_the_wire(request);
            let is_write = is_write(self.side, &request);
            self.desk.call(self.side, request, is_write, timeout).await
        })
    }
}

/// Notes when a run begins to plan: what people do later it cannot know.
pub(crate) struct DeskProgress(pub(crate) Desk);

impl Progress for DeskProgress {
    fn begin(&self, stage: Stage, _: Option<u64>) {
        if matches!(stage, Stage::Planning | Stage::LookingUp) {
            let mut table = self.0.table();
            table.looked_at = table.acts;
        }
    }

    fn advance(&self, _: Stage, _: u64) {}

    fn finish(&self, _: Stage) {}
}

/// A store whose commits are points where the process may die.
pub(crate) struct DeskStore {
    pub(crate) desk: Desk,
    pub(crate) inner: Arc<dyn Store>,
}

impl Memory for DeskStore {
    fn recall<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        self.inner.recall(name)
    }

    fn keep<'a>(&'a self, name: &'a str, text: String) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.keep(name, text)
    }
}

impl Store for DeskStore {
    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.desk.pause(Wait::BeforeCommit).await;
            let known = changes.clone();
            self.inner.apply(changes).await?;
            self.desk.table().committed.push(known);
            self.desk.pause(Wait::AfterCommit).await;
            Ok(())
        })
    }

    fn seen<'a>(
        &'a self,
        ids: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<obmen_domain::record::Record>, StoreError>> {
        self.inner.seen(ids)
    }

    fn versions<'a>(
        &'a self,
        ids: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, String)>, StoreError>> {
        self.inner.versions(ids)
    }

    fn known<'a>(
        &'a self,
        side: Side,
        kind: Kind,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.inner.known(side, kind, after, limit)
    }

    fn holders<'a>(
        &'a self,
        kind: Kind,
        keys: &'a [Key],
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Holders>, StoreError>> {
        self.inner.holders(kind, keys, limit)
    }

    fn each_key<'a>(
        &'a self,
        kind: Kind,
        stretch: Stretch,
        told: ToldKey<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.each_key(kind, stretch, told)
    }

    fn each_entangled<'a>(
        &'a self,
        kind: Kind,
        told: ToldPlace<'a>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.each_entangled(kind, told)
    }

    fn places<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Option<Place>>, StoreError>> {
        self.inner.places(ids)
    }

    fn at<'a>(&'a self, places: &'a [Place]) -> BoxFuture<'a, Result<Vec<Option<RecordId>>, StoreError>> {
        self.inner.at(places)
    }

    fn links<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Link>, StoreError>> {
        self.inner.links(ids)
    }

    fn employed_by<'a>(
        &'a self,
        companies: &'a [RecordId],
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.inner.employed_by(companies)
    }

    fn dirty<'a>(
        &'a self,
        kind: Kind,
        now: Timestamp,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Dirty>, StoreError>> {
        self.inner.dirty(kind, now, after, limit)
    }

    fn is_dirty<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.inner.is_dirty(id)
    }

    fn next_due(&self, now: Timestamp) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>> {
        self.inner.next_due(now)
    }

    fn intents(&self) -> BoxFuture<'_, Result<Vec<Intent>, StoreError>> {
        self.inner.intents()
    }

    fn reviews(&self) -> BoxFuture<'_, Result<Vec<Review>, StoreError>> {
        self.inner.reviews()
    }

    fn review<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Review>, StoreError>> {
        self.inner.review(id)
    }

    fn reviews_of<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Review>, StoreError>> {
        self.inner.reviews_of(ids)
    }

    fn rulings<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Ruled>, StoreError>> {
        self.inner.rulings(ids)
    }

    fn journal<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<Vec<Entry>, StoreError>> {
        self.inner.journal(id)
    }

    fn busy<'a>(
        &'a self,
        ids: &'a [RecordId],
        since: Timestamp,
        least: u32,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.inner.busy(ids, since, least)
    }

    fn runs(&self, limit: usize) -> BoxFuture<'_, Result<Vec<Run>, StoreError>> {
        self.inner.runs(limit)
    }

    fn written<'a>(
        &'a self,
        run: &'a str,
        after: Option<&'a RecordId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<RecordId>, StoreError>> {
        self.inner.written(run, after, limit)
    }

    fn figures(&self) -> BoxFuture<'_, Result<Figures, StoreError>> {
        self.inner.figures()
    }
}

/// The request as a server sees it.
fn on_the_wire(request: HttpRequest) -> Request {
    let rest = request.url.split_once("://").map_or(request.url.as_str(), |(_, rest)| rest);
    let (host, target) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let mut headers = vec![("Host".to_owned(), host.to_owned())];
    headers.extend(request.headers);
    Request { method: request.method.to_owned(), target: target.to_owned(), headers, body: request.body }
}

/// Whether the request may change something, told by its method or by the methods it calls.
pub(crate) fn is_write(side: Side, request: &Request) -> bool {
    const VERBS: [&[u8]; 5] = [b".add", b".update", b".set", b"batchImport", b".delete"];
    match side {
        Side::Onec => request.method != "GET",
        Side::Bitrix24 => VERBS
            .iter()
            .any(|verb| contains(request.target.as_bytes(), verb) || contains(&request.body, verb)),
    }
}

fn contains(text: &[u8], pattern: &[u8]) -> bool {
    text.windows(pattern.len()).any(|window| window == pattern)
}
