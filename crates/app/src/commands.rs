//! The commands, a file each. What they share is wiring, words and reports; none knows another's options.

mod backup;
mod demo;
mod diff;
mod evidence;
mod extension;
pub(crate) mod findings;
mod journal;
mod letters;
mod plan;
mod retry;
mod review;
mod serve;
mod sim;
mod status;
mod steps;
mod store;
mod sync;
mod undo;
mod why;

use obmen_engine::ports::BoxFuture;

use crate::cli::{Command, PairCommand};
use crate::context::Context;
use crate::failure::{Ending, Failure};

pub(crate) use sim::interrupted;

/// Does what was typed.
pub(crate) async fn run(command: Command, context: &Context) -> Result<Ending, Failure> {
    match command {
        Command::Demo(args) => demo::run(args, context).await,
        Command::OnPair(command) => run_on_pair(command, context).await,
        Command::Serve(args) => serve::run(args, context).await,
        Command::Backup(args) => backup::run(args, context).await,
        Command::Store(command) => store::run(command, context).await,
        Command::Sim(command) => sim::run(command, context).await,
    }
}

/// Does what was typed about one pair, until whoever typed it stops it; a running server does it too, beside its exchange.
pub(crate) async fn run_on_pair(command: PairCommand, context: &Context) -> Result<Ending, Failure> {
    context.until_stopped(carry_out(command, context)).await
}

fn carry_out(command: PairCommand, context: &Context) -> BoxFuture<'_, Result<Ending, Failure>> {
    match command {
        PairCommand::Check => Box::pin(findings::check(context)),
        PairCommand::Setup(args) => Box::pin(async move {
            match &args.extension {
                Some(folder) => extension::write(folder, context),
                None => findings::setup(context).await,
            }
        }),
        PairCommand::Plan(args) => Box::pin(plan::run(args, context)),
        PairCommand::Sync(args) => Box::pin(sync::run(args, context)),
        PairCommand::Status => Box::pin(status::run(context)),
        PairCommand::Diff(args) => Box::pin(diff::run(args, context)),
        PairCommand::Review(command) => Box::pin(review::run(command, context)),
        PairCommand::Retry(args) => Box::pin(retry::run(args, context)),
        PairCommand::Why(args) => Box::pin(why::run(args, context)),
        PairCommand::Journal(args) => Box::pin(journal::run(args, context)),
        PairCommand::Undo(args) => Box::pin(undo::run(args, context)),
    }
}
