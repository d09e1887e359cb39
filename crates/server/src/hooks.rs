//! The hooks: a message in, signals into the store, an answer when they are committed.
//!
//! 200 kept, or nothing in it for us; 400 nonsense; 403 the secret is wrong; 404 no such pair; 413 too long; 503 the store
//! cannot keep it. Invariant: what was answered with 200 is durable, and no answer waits for the exchange.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use obmen_domain::record::Side;
use obmen_engine::notice::{Message, Nonsense, Notice};
use obmen_engine::store::{Change, DirtyReason};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use crate::{Pair, Server};

/// The header in which a side may send its secret.
const SECRET: &str = "x-obmen-secret";
/// The longest message: an event of the portal has half a kilobyte, a list of 1C's a hundred bytes an event.
const LONGEST: usize = 256 << 10;
/// How long a message may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

type Shared = State<Arc<Server>>;

/// `POST /hooks/bitrix24/<pair>`.
pub(crate) async fn bitrix24(
    State(server): Shared,
    Path(pair): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> StatusCode {
    receive(&server, Side::Bitrix24, &pair, &headers, body).await
}

/// `POST /hooks/onec/<pair>`.
pub(crate) async fn onec(
    State(server): Shared,
    Path(pair): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> StatusCode {
    receive(&server, Side::Onec, &pair, &headers, body).await
}

/// `POST /hooks/bitrix24/<pair>/queue/<secret>`: what the portal keeps for an application is to be collected. What else is said
/// is not read.
pub(crate) async fn queue(State(server): Shared, Path((name, secret)): Path<(String, String)>) -> StatusCode {
    let Some(pair) = server.pairs.get(&name) else { return StatusCode::NOT_FOUND };
    let is_known = pair.ring.as_ref().is_some_and(|expected| is_same(expected, &secret));
    let answer = if is_known { StatusCode::OK } else { StatusCode::FORBIDDEN };
    count(Side::Bitrix24, &name, answer);
    if is_known {
        pair.heard.note(Side::Bitrix24, server.clock.now());
        pair.bell.ring_for(Side::Bitrix24);
    }
    answer
}

async fn receive(server: &Server, side: Side, name: &str, headers: &HeaderMap, body: Body) -> StatusCode {
    let Some(pair) = server.pairs.get(name) else { return StatusCode::NOT_FOUND };
    let answer = match tokio::time::timeout(PATIENCE, to_bytes(body, LONGEST)).await {
        Ok(Ok(body)) => keep(server, side, pair, headers, &body).await,
        Ok(Err(_)) => StatusCode::PAYLOAD_TOO_LARGE,
        Err(_) => StatusCode::REQUEST_TIMEOUT,
    };
    count(side, name, answer);
    answer
}

/// Counts a message by its answer.
fn count(side: Side, pair: &str, answer: StatusCode) {
    let labels =
        [("pair", pair.to_owned()), ("side", side.word().to_owned()), ("status", answer.as_str().to_owned())];
    metrics::counter!("obmen_hooks_total", &labels).increment(1);
    // Whoever floods the hook with nonsense does not flood the log.
    tracing::debug!(pair, side = side.word(), status = answer.as_u16(), "server.hook");
}

async fn keep(server: &Server, side: Side, pair: &Pair, headers: &HeaderMap, body: &[u8]) -> StatusCode {
    let hook = match side {
        Side::Bitrix24 => &pair.bitrix24,
        Side::Onec => &pair.onec,
    };
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let message = Message { content_type: text(header::CONTENT_TYPE.as_str()), secret: text(SECRET), body };
    let Notice { secret, records, is_elsewhere, offer } = match hook.interpreter.read(&message) {
        Ok(notice) => notice,
        Err(Nonsense(_)) => return StatusCode::BAD_REQUEST,
    };
    if let (Some(key), Some(name)) = (offer, hook.offers) {
        // Nobody knows the sender yet. Whether it is a key shows when it is used.
        return keep_offer(pair, side, name, key).await;
    }
    if !hook.secret.as_ref().is_some_and(|expected| is_same(expected, &secret)) {
        return StatusCode::FORBIDDEN;
    }
    let since = server.clock.now();
    pair.heard.note(side, since);
    let due = since + pair.settle;
    let signal = |id| Change::Dirty { id, reason: DirtyReason::Signal, since, due };
    let changes: Vec<Change> = records.into_iter().map(signal).collect();
    if !changes.is_empty() {
        if let Err(error) = pair.store.apply(changes).await {
            tracing::error!(error = %error, "server.hook cannot keep a signal");
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        pair.bell.ring();
    }
    // Where to begin to ask is durable already.
    if is_elsewhere {
        pair.bell.ring_for(side);
    }
    StatusCode::OK
}

async fn keep_offer(pair: &Pair, side: Side, name: &str, key: String) -> StatusCode {
    if let Err(error) = pair.store.keep(name, key).await {
        tracing::error!(error = %error, "server.hook cannot keep a key");
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    pair.bell.ring_for(side);
    StatusCode::OK
}

/// Takes as long whether the first or the last letter differs.
fn is_same(expected: &SecretString, given: &str) -> bool {
    let expected = expected.expose_secret();
    !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(given.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_secret_counts_and_an_empty_one_is_nobodys() {
        let is_let_in = |expected: &str, given: &str| is_same(&expected.to_owned().into(), given);
        assert!(is_let_in("geheim", "geheim"));
        for given in ["", "g", "gehei", "geheim2", "Geheim", "geheiM"] {
            assert!(!is_let_in("geheim", given), "{given}");
        }
        assert!(!is_let_in("", "") && !is_let_in("", "geheim"));
    }
}
