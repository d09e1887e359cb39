#![doc = include_str!("../README.md")]

mod bell;
mod heard;
mod hooks;
mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use metrics_exporter_prometheus::PrometheusHandle;
use obmen_engine::notice::Interpreter;
use obmen_engine::ports::Clock;
use obmen_engine::store::Store;
use secrecy::SecretString;

pub use bell::Bell;
pub use heard::Heard;

/// A pair that is listened for.
pub struct Pair {
    /// What is known about it.
    pub store: Arc<dyn Store>,
    /// How long a record is left alone after a signal.
    pub settle: Duration,
    /// What the portal posts.
    pub bitrix24: Hook,
    /// What the infobase posts.
    pub onec: Hook,
    /// The last part of the address at which the portal says that the queue of an application has something; without one it
    /// has no such address.
    pub ring: Option<SecretString>,
    /// Rung when there is something to do.
    pub bell: Arc<Bell>,
    /// When both sides last posted something.
    pub heard: Heard,
}

/// Where one side posts to.
pub struct Hook {
    /// Reads the side's messages.
    pub interpreter: Arc<dyn Interpreter>,
    /// The secret by which its messages are known; without one none is taken.
    pub secret: Option<SecretString>,
    /// The name under which a key that a message offers is kept; without one none is.
    pub offers: Option<&'static str>,
}

/// Everything that requests are answered with.
pub struct Server {
    /// The pairs, by name.
    pub pairs: BTreeMap<String, Pair>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The metrics of this process.
    pub metrics: PrometheusHandle,
}

/// The addresses that are answered.
pub fn router(server: Server) -> Router {
    Router::new()
        .route("/hooks/bitrix24/{pair}", post(hooks::bitrix24))
        .route("/hooks/bitrix24/{pair}/queue/{secret}", post(hooks::queue))
        .route("/hooks/onec/{pair}", post(hooks::onec))
        .route("/healthz", get(watch::health))
        .route("/readyz", get(watch::readiness))
        .route("/metrics", get(watch::metrics))
        .with_state(Arc::new(server))
}
