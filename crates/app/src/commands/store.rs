//! `obmen store`: what is done with whole stores. It needs no configuration and asks neither side.

use std::collections::BTreeMap;
use std::path::Path;

use obmen_store::{CopyError, copy};
use serde::Serialize;

use crate::cli::{StoreCommand, StoreCopyArgs};
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::output::print_json;
use crate::report::figures_table;

#[derive(Serialize)]
struct Document {
    rows: BTreeMap<&'static str, u64>,
    digest_from: String,
    digest_to: String,
}

/// Does what was typed.
pub(crate) async fn run(command: StoreCommand, context: &Context) -> Result<Ending, Failure> {
    match command {
        StoreCommand::Copy(args) => run_copy(args, context).await,
    }
}

async fn run_copy(args: StoreCopyArgs, context: &Context) -> Result<Ending, Failure> {
    let (from, to) = (address(args.from)?, address(args.to)?);
    // Tables of a large store take a while, so each is told when it is done.
    let mut told = |table: &str, rows: u64| {
        let args = [("table", table.into()), ("rows", rows.to_string().into())];
        context.print(&context.say_with("store-table", &args));
    };
    let copied = copy(&from, &to, Path::new("."), &mut told).await?;
    if context.global.json {
        let rows = copied.rows.into_iter().collect();
        print_json(&Document { rows, digest_from: copied.digest_from, digest_to: copied.digest_to });
        return Ok(Ending::Done);
    }
    let rows = [
        (context.say("store-digest-from"), copied.digest_from),
        (context.say("store-digest-to"), copied.digest_to),
    ];
    context.print(&figures_table(&context.say("store-copied"), &rows));
    Ok(Ending::Done)
}

/// An address as given, or as the variable holds it: arguments are seen by everybody on a machine.
fn address(given: String) -> Result<String, Failure> {
    match given.strip_prefix("env:") {
        None => Ok(given),
        Some(name) => std::env::var(name).map_err(|_| Failure::Said {
            id: "config-env-missing",
            details: vec![("name", name.to_owned())],
        }),
    }
}

impl From<CopyError> for Failure {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Open(error) => error.into(),
            CopyError::Store(error) => error.into(),
            CopyError::Missing { store } => {
                Self::Said { id: "store-missing", details: vec![("store", store)] }
            }
            CopyError::NotEmpty { store } => {
                Self::Said { id: "store-not-empty", details: vec![("store", store)] }
            }
            CopyError::Differs { digest_from, digest_to } => {
                Self::Said { id: "store-differs", details: vec![("from", digest_from), ("to", digest_to)] }
            }
        }
    }
}
