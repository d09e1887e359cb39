//! One request from its arrival to its answer: the fault that befalls it, the world, the time it takes.
//!
//! Requests reach the world one by one at the moment they arrive; their answers wait as long as the server would have
//! worked, so that waiting overlaps. Not responsible for bytes on the wire.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Path, State};
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse as _;
use jiff::Timestamp;

use super::clock::later;
use super::connection::Connection;
use super::{Shared, page, wire};
use crate::faults::{self, Verdict};
use crate::http::{Request, Response};
use crate::world::World;

/// What a late request is called in the log when it takes effect.
const LANDED: &str = "landed";

/// The address of the server itself: a page for browsers, whatever the world says for all others.
pub(super) async fn front<W: World + 'static>(
    shared: State<Arc<Shared<W>>>,
    connection: ConnectInfo<Connection>,
    request: axum::extract::Request,
) -> axum::response::Response {
    if request.method() == Method::GET && page::is_wanted(request.headers()) {
        return page::index(request.headers());
    }
    respond(shared, connection, request).await
}

/// A file of the page.
pub(super) async fn page_file(Path(name): Path<String>) -> axum::response::Response {
    page::file(&name).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

pub(super) async fn respond<W: World + 'static>(
    State(shared): State<Arc<Shared<W>>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: axum::extract::Request,
) -> axum::response::Response {
    let Some(request) = wire::read(request, &connection).await else {
        return connection.cut();
    };
    let verdict = shared.faults().decide(&request);
    let (now, response) = match verdict {
        Verdict::Refuse | Verdict::ResetBefore => {
            shared.note(shared.clock.now(), &request, verdict.word(), None, false);
            return connection.cut();
        }
        Verdict::Late(by) => {
            shared.note(shared.clock.now(), &request, verdict.word(), None, false);
            shared.postpone(request, by);
            return connection.cut();
        }
        Verdict::Page(status) => {
            let (now, page) = (shared.clock.now(), faults::page(status));
            shared.note(now, &request, verdict.word(), Some(&page), true);
            (now, page)
        }
        Verdict::Pass | Verdict::Slow(_) | Verdict::Cut | Verdict::ResetAfter | Verdict::EmptyPage => {
            shared.handle(&request, verdict)
        }
    };
    shared.wait(now, response.took).await;
    match verdict {
        Verdict::Slow(by) => shared.clock.reach(later(now, by)).await,
        Verdict::Cut => return wire::write_half(response, &connection),
        Verdict::ResetAfter => return connection.cut(),
        _ => {}
    }
    if response.is_cut() { connection.cut() } else { wire::write(response) }
}

fn writes(world: &impl World) -> u64 {
    world.counters()["writes"].as_u64().unwrap_or_default()
}

impl<W: World + 'static> Shared<W> {
    /// Lets a request take effect.
    fn handle(&self, request: &Request, verdict: Verdict) -> (Timestamp, Response) {
        let mut world = self.world();
        let now = self.clock.now();
        let befalls = !self.befalls().is_empty();
        let before = if befalls { writes(&*world) } else { 0 };
        let mut response = world.handle(now, request);
        if befalls {
            for act in self.befalls().take_due(writes(&*world).saturating_sub(before)) {
                // Whether it could be done shows in the world.
                let _ = world.act(now, &act);
            }
        }
        if verdict == Verdict::EmptyPage {
            response = world.without_rows(request, response);
        }
        // Noted before the next request reaches the world, so that the log has their order.
        self.note(now, request, verdict.word(), Some(&response), verdict != Verdict::ResetAfter);
        (now, response)
    }

    /// Lets a request take effect later, when nobody waits for its answer any more.
    fn postpone(self: &Arc<Self>, request: Request, by: Duration) {
        let until = later(self.clock.now(), by);
        self.faults().hold(until, request);
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            shared.clock.reach(until).await;
            let due = shared.faults().take_due(until);
            for (at, request) in due {
                let mut world = shared.world();
                let response = world.handle(at, &request);
                shared.note(at, &request, LANDED, Some(&response), false);
            }
        });
    }

    async fn wait(&self, begun: Timestamp, took: Duration) {
        if !took.is_zero() {
            self.clock.work(later(begun, took)).await;
        }
        let way = self.ways().next();
        if !way.is_zero() {
            tokio::time::sleep(way).await;
        }
    }

    fn note(
        &self,
        at: Timestamp,
        request: &Request,
        verdict: &'static str,
        reply: Option<&Response>,
        is_seen: bool,
    ) {
        self.log().note(at, request, verdict, reply, is_seen);
    }
}
