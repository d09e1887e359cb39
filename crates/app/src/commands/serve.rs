//! `obmen serve`: the live exchange. Takes what both sides say, asks them for what they did not say, and carries it over.
//!
//! One process owns the store, and serves all pairs of the file. Not responsible for what is exchanged and how. Invariant:
//! whoever stops it loses nothing: what was taken is in the store, what was sent is settled at the next start.

mod counted;
mod exchange;
#[cfg(unix)]
mod guests;
mod pause;
mod service;
mod tasks;
mod telling;
mod told;

use std::sync::Arc;

use serde_json::json;
use tokio::net::TcpListener;

use crate::cli::ServeArgs;
use crate::context::Context;
use crate::failure::{Ending, Failure};
#[cfg(unix)]
use crate::host::Host;
use crate::output::print_json;
use crate::wiring::{self, Accept, Joined};
use exchange::{Exchange, Taken};
#[cfg(unix)]
use guests::Door;

pub(crate) use counted::Counted;
pub(crate) use service::Service;

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
    let watching = |pair: &str| Arc::new(Counted::new(pair)) as _;
    let pairs = pairs.into_iter().map(Arc::new).collect();
    let mut service = Service::start(listener, pairs, accept, watching, context)?;
    #[cfg(unix)]
    let door = Door::open(&loaded, Host::new(Arc::clone(&loaded), service.seats()), service.ends(), context)?;
    tell(&url, loaded.config.server.public_url.as_deref(), &service.exchanges, context);
    tokio::select! {
        ended = service.ended() => ended?,
        () = asked_to_end() => tracing::info!("serve.end: finishing what is under way"),
    }
    // Whoever asks twice does not want to wait.
    let ended = service.end(asked_to_end()).await;
    #[cfg(unix)]
    if let Some(door) = door {
        door.close().await;
    }
    ended.map(|()| Ending::Done)
}

/// Without a first sync everything would be new on both sides, and nobody had seen the plan.
async fn refuse_unsynced(joined: &Joined, context: &Context) -> Result<(), Failure> {
    if obmen_engine::watch::is_synced(joined.known.store.as_ref()).await? {
        return Ok(());
    }
    if joined.known.awaits_installation().await? {
        return Ok(());
    }
    let pair = joined.known.pair.clone();
    let config = context.global.config.display().to_string();
    Err(Failure::Said { id: "serve-unsynced", details: vec![("pair", pair), ("config", config)] })
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
        for (side, hook) in exchange.hooks() {
            let args = [
                ("address", format!("{url}/hooks/{}/{}", side.word(), exchange.pair()).into()),
                ("key", exchange.secret_key(side).into()),
            ];
            let id = match hook {
                Taken::Known => "serve-hook",
                Taken::Installation => "serve-hook-of-application",
                Taken::Nothing => "serve-hook-without-secret",
            };
            context.print(&context.say_with(id, &args));
        }
    }
}

/// Completes when the process is asked to end, by Ctrl-C or by the service manager.
pub(crate) async fn asked_to_end() {
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
