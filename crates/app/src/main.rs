//! The `obmen` binary: reads what was typed, prepares words, logs and the runtime, and runs one command.

mod cli;
mod clock;
mod commands;
mod config;
mod context;
mod failure;
mod forecast;
mod gate;
mod managers;
mod notified;
mod output;
mod progress;
mod report;
mod telemetry;
mod transport;
mod wiring;
mod words;
mod workers;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;

use cli::Cli;
use clock::{PACE, SystemClock};
use context::Context;
use failure::Failure;
use mimalloc::MiMalloc;
use words::{Lang, Words};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // What runs on and on tells what it does.
    let least = u8::from(matches!(cli.command, cli::Command::Serve(_)));
    telemetry::start(cli.global.verbose.max(least));
    // An error says that a provider is there already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let lang = cli.global.lang.unwrap_or_else(Lang::of_environment);
    let clock = SystemClock::of_environment();
    let context = Context {
        global: cli.global,
        words: Arc::new(Words::new(lang)),
        clock: Arc::new(clock.unwrap_or_default()),
    };
    let ended = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(error.into()))
        .and_then(|runtime| match clock {
            Some(_) => runtime.block_on(commands::run(cli.command, &context)),
            None => Err(Failure::Said { id: "clock-unread", details: vec![("name", PACE.to_owned())] }),
        });
    match ended {
        Ok(ending) => ExitCode::from(ending.code()),
        Err(failure) => {
            tell(&failure, &context);
            ExitCode::from(failure.code())
        }
    }
}

/// Says on the standard error why it failed, and in a document where one is wanted.
fn tell(failure: &Failure, context: &Context) {
    output::print_aside(&failure.text(&context.words));
    if context.global.json {
        output::print_json(&failure.document(&context.words));
    }
}
