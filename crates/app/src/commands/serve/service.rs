//! A running service: hooks, health and metrics on one address, and the exchange of each pair beside them.
//!
//! Not responsible for how it is asked to end. Invariant: whoever ends it loses nothing, see the parent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use obmen_engine::ports::Clock as _;
use obmen_engine::progress::Progress;
use obmen_server::{Bell, Heard, Pair, Server, router};
use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use super::exchange::Exchange;
use super::tasks::Tasks;
use crate::context::Context;
use crate::failure::Failure;
use crate::host::{Seat, Turns};
use crate::wiring::{Accept, Joined, groups};

/// Upper bounds of the classes in which times are counted, in seconds.
const CLASSES: [f64; 13] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0];
/// How long answers that are under way may take at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// Hooks that are taken, and exchanges under way.
pub(crate) struct Service {
    /// The pairs, in the order of the file.
    pub(super) exchanges: Vec<Arc<Exchange>>,
    seats: BTreeMap<String, Seat>,
    ends: CancellationToken,
    tasks: Tasks,
    listening: JoinHandle<std::io::Result<()>>,
}

impl Service {
    /// Begins to take hooks and to exchange. `watching` says who watches a pair.
    pub(crate) fn start(
        listener: TcpListener,
        pairs: Vec<Arc<Joined>>,
        accept: Accept,
        watching: impl Fn(&str) -> Arc<dyn Progress>,
        context: &Context,
    ) -> Result<Self, Failure> {
        let ends = CancellationToken::new();
        let mut exchanges = Vec::new();
        let (mut hooks, mut seats) = (BTreeMap::new(), BTreeMap::new());
        let neighbours: Vec<_> = pairs.iter().map(|joined| joined.known.neighbours()).collect();
        let groups = groups(&neighbours);
        drop(neighbours);
        // Of pairs that share a portal or an infobase one looks and writes at a time: what two would create there at once would
        // stand there twice.
        let mut turns: BTreeMap<usize, Turns> = BTreeMap::new();
        for (joined, group) in pairs.into_iter().zip(groups) {
            let bell = Arc::new(Bell::default());
            let pair = joined.known.pair.clone();
            hooks.insert(pair.clone(), listened_for(&joined, Arc::clone(&bell), context)?);
            let seat = Seat { joined, turns: Arc::clone(turns.entry(group).or_default()), bell };
            exchanges.push(Arc::new(Exchange::new(&seat, accept, ends.clone(), watching(&pair), context)?));
            seats.insert(pair, seat);
        }
        let server = Server { pairs: hooks, clock: Arc::clone(&context.clock) as _, metrics: recorder()? };
        let listening =
            axum::serve(listener, router(server)).with_graceful_shutdown(ends.clone().cancelled_owned());
        let listening = tokio::spawn(listening.into_future());
        // Tasks of their own: deciding about many records keeps a thread busy, and whoever asks to end is heard meanwhile.
        let mut tasks = Tasks::new(ends.clone());
        for exchange in exchanges.iter().map(Arc::clone) {
            tasks.add(exchange.pair().to_owned(), tokio::spawn(async move { exchange.run().await }));
        }
        Ok(Self { exchanges, seats, ends, tasks, listening })
    }

    /// The pairs, for commands that are carried out beside the exchange; once.
    pub(super) fn seats(&mut self) -> BTreeMap<String, Seat> {
        std::mem::take(&mut self.seats)
    }

    /// What is cancelled when the process is to end.
    pub(super) fn ends(&self) -> &CancellationToken {
        &self.ends
    }

    /// Completes when the exchanges have ended, which they do by themselves only when they are asked to.
    ///
    /// # Errors
    /// No hooks are taken any more.
    pub(crate) async fn ended(&mut self) -> Result<(), Failure> {
        tokio::select! {
            () = self.tasks.all() => Ok(()),
            ended = &mut self.listening => Err(stopped_listening(ended)),
        }
    }

    /// Takes no more hooks, and finishes what is under way; `in_a_hurry` completes when whoever waits does not want to.
    ///
    /// # Errors
    /// The exchange of a pair broke off.
    pub(crate) async fn end(mut self, in_a_hurry: impl Future<Output = ()>) -> Result<(), Failure> {
        self.ends.cancel();
        tokio::select! {
            () = self.tasks.all() => {}
            // What was sent is settled at the next start.
            () = in_a_hurry => {}
        }
        // Answers that take longer are cut off with the process.
        let _ = tokio::time::timeout(LAST_ANSWERS, &mut self.listening).await;
        self.tasks.ended()
    }
}

fn listened_for(joined: &Joined, bell: Arc<Bell>, context: &Context) -> Result<Pair, Failure> {
    let known = &joined.known;
    Ok(Pair {
        store: Arc::clone(&known.store),
        settle: Duration::from_secs(known.config().settle_seconds.into()),
        bitrix24: known.bitrix24_hook()?,
        onec: known.onec_hook()?,
        ring: known.ring()?,
        bell,
        heard: Heard::since(context.clock.now()),
    })
}

fn recorder() -> Result<PrometheusHandle, Failure> {
    let built = PrometheusBuilder::new().set_buckets(&CLASSES).and_then(PrometheusBuilder::install_recorder);
    built.map_err(|error| Failure::Other(error.into()))
}

fn stopped_listening(ended: Result<std::io::Result<()>, JoinError>) -> Failure {
    let words = match ended {
        Ok(Ok(())) => "the listener has ended".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    Failure::Said { id: "serve-stopped", details: vec![("words", words)] }
}
