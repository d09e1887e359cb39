//! `obmen serve`: the live exchange. Takes what both sides say, asks them for what they did not say, and carries it over.
//!
//! One process owns the store, and serves all pairs of the file. Not responsible for what is exchanged and how. Invariant:
//! whoever stops it loses nothing: what was taken is in the store, what was sent is settled at the next start.

mod exchange;
mod pause;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use obmen_server::{Bell, Pair, Server, router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::ServeArgs;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::output::print_json;
use crate::wiring::{self, Accept, Joined};
use exchange::Exchange;

/// Upper bounds of the classes in which times are counted, in seconds.
const CLASSES: [f64; 13] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0];
/// How long answers that are under way may take at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// Serves until the process is asked to end.
pub(crate) async fn run(args: ServeArgs, context: &Context) -> Result<Ending, Failure> {
    let accept = Accept { partial_rights: args.partial_rights, fewer: false };
    let (loaded, pairs) = wiring::join_all(accept, context).await?;
    for joined in &pairs {
        refuse_unsynced(joined, context).await?;
    }
    let address = loaded.config.server.listen.as_str();
    let listener = TcpListener::bind(address).await.map_err(|error| Failure::Said {
        id: "serve-address",
        details: vec![("address", address.to_owned()), ("words", error.to_string())],
    })?;
    let url = listener.local_addr().map(|address| format!("http://{address}"));
    let url = url.map_err(|error| Failure::Other(error.into()))?;

    let ends = CancellationToken::new();
    let mut exchanges = Vec::new();
    let mut hooks = BTreeMap::new();
    for joined in pairs {
        let bell = Arc::new(Bell::default());
        hooks.insert(joined.known.pair.clone(), listened_for(&joined, Arc::clone(&bell))?);
        exchanges.push(Arc::new(Exchange::new(joined, bell, accept, ends.clone(), context)));
    }
    let server = Server { pairs: hooks, clock: Arc::clone(&context.clock) as _, metrics: recorder()? };
    let listening =
        axum::serve(listener, router(server)).with_graceful_shutdown(ends.clone().cancelled_owned());
    let mut listening = tokio::spawn(listening.into_future());
    tell(&url, loaded.config.server.public_url.as_deref(), &exchanges, context);

    // Tasks of their own: deciding about many records keeps a thread busy, and whoever asks to end is heard meanwhile.
    let tasks = exchanges.iter().map(Arc::clone);
    let mut exchanging = join_all(tasks.map(|exchange| tokio::spawn(async move { exchange.run().await })));
    tokio::select! {
        _ = &mut exchanging => {}
        ended = &mut listening => return Err(stopped_listening(ended)),
        () = asked_to_end() => {
            tracing::info!("serve.end: finishing what is under way");
            ends.cancel();
            tokio::select! {
                _ = &mut exchanging => {}
                // Whoever asks twice does not want to wait; what was sent is settled at the next start.
                () = asked_to_end() => {}
            }
        }
    }
    ends.cancel();
    // Answers that take longer are cut off with the process.
    let _ = tokio::time::timeout(LAST_ANSWERS, listening).await;
    Ok(Ending::Done)
}

/// Without a first sync everything would be new on both sides, and nobody had seen the plan.
async fn refuse_unsynced(joined: &Joined, context: &Context) -> Result<(), Failure> {
    if obmen_engine::watch::is_synced(joined.known.store.as_ref()).await? {
        return Ok(());
    }
    let pair = joined.known.pair.clone();
    let config = context.global.config.display().to_string();
    Err(Failure::Said { id: "serve-unsynced", details: vec![("pair", pair), ("config", config)] })
}

fn listened_for(joined: &Joined, bell: Arc<Bell>) -> Result<Pair, Failure> {
    let known = &joined.known;
    Ok(Pair {
        store: Arc::clone(&known.store),
        settle: Duration::from_secs(known.config().settle_seconds.into()),
        bitrix24: known.bitrix24_hook()?,
        onec: known.onec_hook()?,
        bell,
    })
}

fn recorder() -> Result<PrometheusHandle, Failure> {
    let built = PrometheusBuilder::new().set_buckets(&CLASSES).and_then(PrometheusBuilder::install_recorder);
    built.map_err(|error| Failure::Other(error.into()))
}

fn tell(url: &str, public_url: Option<&str>, exchanges: &[Arc<Exchange>], context: &Context) {
    let pairs: Vec<&str> = exchanges.iter().map(|exchange| exchange.pair()).collect();
    if context.global.json {
        print_json(&json!({ "url": url, "pairs": pairs }));
        return;
    }
    context.print(&context.say_with("serve-listens", &[("url", url.into())]));
    let url = public_url.unwrap_or(url).trim_end_matches('/');
    for exchange in exchanges {
        for (side, has_secret) in exchange.hooks() {
            let args = [
                ("address", format!("{url}/hooks/{}/{}", side.word(), exchange.pair()).into()),
                ("key", exchange.secret_key(side).into()),
            ];
            let id = if has_secret { "serve-hook" } else { "serve-hook-without-secret" };
            context.print(&context.say_with(id, &args));
        }
    }
}

fn stopped_listening(ended: Result<std::io::Result<()>, tokio::task::JoinError>) -> Failure {
    let words = match ended {
        Ok(Ok(())) => "the listener has ended".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    Failure::Said { id: "serve-stopped", details: vec![("words", words)] }
}

/// Completes when the process is asked to end, by Ctrl-C or by the service manager.
async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminated.recv() => {}
                () = super::sim::interrupted() => {}
            }
            return;
        }
    }
    super::sim::interrupted().await;
}
