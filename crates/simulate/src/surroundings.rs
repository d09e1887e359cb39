//! The engine's surroundings: clock, transport, progress and the store's crash points, all on the desk.
//!
//! Not responsible for what happens to a request. Invariant: nothing here completes by itself.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;
use obmen_domain::record::Side;
use obmen_engine::ports::{
    BoxFuture, Clock, Crew, HttpRequest, HttpResponse, StoreError, Transport, TransportError,
};
use obmen_engine::progress::{Progress, Stage};
use obmen_engine::store::{Change, Store};
use obmen_sim::http::Request;

use crate::desk::{Desk, Wait};
use crate::twist::StoreTwist;

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
        let mut table = self.0.table();
        // Both sides are looked up one after the other; what is done meanwhile may come too late for either.
        if stage == Stage::Planning || stage == Stage::LookingUp && !table.is_looking_up {
            table.looked_at = table.acts;
        }
        if matches!(stage, Stage::Planning | Stage::LookingUp) {
            table.is_looking_up = stage == Stage::LookingUp;
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

impl StoreTwist for DeskStore {
    fn inner(&self) -> &Arc<dyn Store> {
        &self.inner
    }

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
    // What the extension is asked goes by POST as well.
    const QUESTIONS: [&str; 3] = ["/v1/find", "/v1/get", "/v1/changes"];
    match side {
        Side::Onec => {
            request.method != "GET" && !QUESTIONS.iter().any(|question| request.target.ends_with(question))
        }
        Side::Bitrix24 => names_a_write(request.target.as_bytes()) || names_a_write(&request.body),
    }
}

fn names_a_write(text: &[u8]) -> bool {
    const VERBS: [&[u8]; 5] = [b".add", b".update", b".set", b".batchImport", b".delete"];
    let mut dots = text.iter().enumerate().filter(|(_, byte)| **byte == b'.');
    dots.any(|(at, _)| VERBS.iter().any(|verb| text[at..].starts_with(verb)))
}
