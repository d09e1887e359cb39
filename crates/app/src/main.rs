//! The `obmen` binary: reads what was typed, prepares words, logs and the runtime, and runs one command.

mod beside;
mod cli;
mod clock;
mod commands;
mod config;
mod context;
mod failure;
mod forecast;
mod gate;
mod host;
mod managers;
mod notified;
mod output;
mod progress;
mod report;
mod screen;
mod telemetry;
mod transport;
mod wiring;
mod words;
mod workers;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;

use cli::{Cli, Command};
use clock::{PACE, SystemClock};
use context::Context;
use failure::{Ending, Failure};
use mimalloc::MiMalloc;
use screen::Screen;
use words::{Lang, Words};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // What runs on and on tells what it does.
    let least = u8::from(matches!(cli.command, Command::Serve(_)));
    telemetry::start(cli.global.verbose.max(least), cli.global.log_format);
    // An error says that a provider is there already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let lang = cli.global.lang.unwrap_or_else(Lang::of_environment);
    let clock = SystemClock::of_environment();
    let context = Context {
        global: cli.global,
        words: Arc::new(Words::new(lang)),
        clock: Arc::new(clock.unwrap_or_default()),
        screen: Screen::Own,
        host: None,
        folder: PathBuf::new(),
    };
    let ended = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(error.into()))
        .and_then(|runtime| match clock {
            Some(_) => runtime.block_on(run(cli.command, &context)),
            None => Err(Failure::Said { id: "clock-unread", details: vec![("name", PACE.to_owned())] }),
        });
    ExitCode::from(ended.unwrap_or_else(|failure| context.tell_failure(&failure)))
}

/// Has the command carried out by the server that owns the store, else carries it out alone.
async fn run(command: Command, context: &Context) -> Result<u8, Failure> {
    match beside::hand_over(&command, context).await? {
        Some(code) => Ok(code),
        None => commands::run(command, context).await.map(Ending::code),
    }
}
