//! `obmen sim`: a simulator alone, until Ctrl-C, with one JSON line of its addresses when it is ready; or bases for both.

mod bases;
mod bitrix24;
mod onec;
mod start;

use crate::cli::SimCommand;
use crate::context::Context;
use crate::failure::{Ending, Failure};

pub(crate) use start::interrupted;

/// Runs a simulator, or makes bases.
pub(crate) async fn run(command: SimCommand, context: &Context) -> Result<Ending, Failure> {
    match command {
        SimCommand::Bitrix24(args) => bitrix24::run(*args, context).await,
        SimCommand::Onec(args) => onec::run(*args, context).await,
        SimCommand::Bases(args) => bases::run(&args, context),
    }
}
