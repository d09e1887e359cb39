//! Health, readiness and metrics, for whoever watches.
//!
//! Not responsible for what is counted elsewhere; the figures of the store are counted when they are asked for.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use jiff::Timestamp;
use obmen_domain::record::Side;
use obmen_engine::ports::StoreError;
use obmen_engine::store::Store;

use crate::{Pair, Server};

/// How long a store may think about a simple question.
const PATIENCE: Duration = Duration::from_secs(5);

/// `GET /healthz`: the process answers.
pub(crate) async fn health() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: hooks can be taken, since every store answers.
pub(crate) async fn readiness(State(server): State<Arc<Server>>) -> (StatusCode, String) {
    for (name, pair) in &server.pairs {
        if in_time(pair.store.recall("ready")).await.is_none() {
            return (StatusCode::SERVICE_UNAVAILABLE, format!("the store of {name} does not answer\n"));
        }
    }
    (StatusCode::OK, "ready\n".to_owned())
}

/// `GET /metrics`: the text format of Prometheus.
pub(crate) async fn metrics(State(server): State<Arc<Server>>) -> impl IntoResponse {
    let now = server.clock.now();
    for (name, pair) in &server.pairs {
        if in_time(count(name, pair, now)).await.is_none() {
            tracing::warn!(pair = name, "server.metrics cannot count what the store holds");
        }
    }
    server.metrics.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], server.metrics.render())
}

/// What a store answers in time.
async fn in_time<T>(asked: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()
}

async fn count(name: &str, pair: &Pair, now: Timestamp) -> Result<(), StoreError> {
    let figures = pair.store.figures().await?;
    let tell = |metric: &'static str, label: &'static str, value: &str, count: f64| {
        let labels = [("pair", name.to_owned()), (label, value.to_owned())];
        metrics::gauge!(metric, &labels).set(count);
    };
    for reason in REASONS {
        tell("obmen_dirty_rows", "reason", reason, float(figures.dirty.get(reason).copied().unwrap_or(0)));
    }
    for (records, count) in &figures.seen {
        tell("obmen_records", "records", records, float(*count));
    }
    for (kind, count) in &figures.links {
        tell("obmen_links", "kind", kind, float(*count));
    }
    for kind in REVIEWS {
        tell("obmen_open_reviews", "kind", kind, float(figures.reviews.get(kind).copied().unwrap_or(0)));
    }
    let pair_alone = [("pair", name.to_owned())];
    metrics::gauge!("obmen_open_writes", &pair_alone).set(float(figures.intents));
    metrics::gauge!("obmen_overdue_seconds", &pair_alone).set(overdue(pair.store.as_ref(), now).await?);
    for side in [Side::Bitrix24, Side::Onec] {
        tell("obmen_silence_seconds", "side", side.word(), pair.heard.silence(side, now));
    }
    Ok(())
}

/// Kinds of reviews, and reasons of dirty rows: one that is gone is told as none.
const REVIEWS: [&str; 5] = ["match", "twins", "conflict", "refused", "deletion"];
const REASONS: [&str; 6] = ["swept", "signal", "waits-for-company", "retry", "settled", "related"];

/// How long the row that is due longest has been due.
async fn overdue(store: &dyn Store, now: Timestamp) -> Result<f64, StoreError> {
    let first = store.next_due(Timestamp::MIN).await?;
    Ok(first.map_or(0.0, |due| now.duration_since(due).as_secs_f64().max(0.0)))
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_store_that_never_answers_is_not_waited_for_longer_than_that() {
        let begun = Instant::now();
        assert_eq!(in_time(std::future::pending::<Result<(), StoreError>>()).await, None);
        assert_eq!(begun.elapsed(), PATIENCE);
        assert_eq!(in_time(std::future::ready(Ok(7))).await, Some(7));
    }
}
