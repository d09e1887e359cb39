//! The commands, a file each. What they share is wiring, words and reports; none knows another's options.

mod backup;
mod demo;
mod diff;
mod evidence;
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

use crate::cli::Command;
use crate::context::Context;
use crate::failure::{Ending, Failure};

/// Does what was typed.
pub(crate) async fn run(command: Command, context: &Context) -> Result<Ending, Failure> {
    match command {
        Command::Demo(args) => demo::run(args, context).await,
        Command::Check => findings::check(context).await,
        Command::Setup => findings::setup(context).await,
        Command::Plan(args) => plan::run(args, context).await,
        Command::Sync(args) => sync::run(args, context).await,
        Command::Serve(args) => serve::run(args, context).await,
        Command::Diff(args) => diff::run(args, context).await,
        Command::Status => status::run(context).await,
        Command::Review(command) => review::run(command, context).await,
        Command::Retry(args) => retry::run(args, context).await,
        Command::Why(args) => why::run(args, context).await,
        Command::Store(command) => store::run(command, context).await,
        Command::Backup(args) => backup::run(args, context).await,
        Command::Journal(args) => journal::run(args, context).await,
        Command::Undo(args) => undo::run(args, context).await,
        Command::Sim(command) => sim::run(command, context).await,
    }
}
