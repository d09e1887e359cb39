//! `obmen demo`: both simulators in process with a made-up, overlapping base, one sync, and a comparison with the
//! truth that only the generator knows.
//!
//! The sync is the real one: real HTTP on 127.0.0.1, a configuration file, a store. Only limits and clocks run faster.

mod board;
mod live;
mod score;
mod summary;
mod users;
mod worlds;

use std::path::Path;
use std::sync::Arc;

use obmen_engine::report::Report;
use obmen_sim::population::{Recipe, generate};
use serde::Serialize;
use tokio::net::TcpListener;

use crate::cli::{DemoArgs, SyncArgs};
use crate::commands::sync;
use crate::config::{LimitsConfig, Loaded};
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::gate;
use crate::output::print_json;
use crate::report::{figures_table, report_rows};
use crate::wiring::{self, Joined};
use score::Score;
use summary::Summary;
use worlds::{Before, Refused, Worlds};

/// How many times faster than real everything runs.
const FACTOR: f64 = 20.0;
const CONFIGURATION: &str = "obmen.toml";

/// What `demo --json` prints: the report of the sync with what only a demo knows.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    report: &'a Report,
    before: &'a Before,
    refused_by_limits: Refused,
    truth: Score,
    time_factor: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<&'a Summary>,
}

/// Runs the demo. Reviews that wait are part of the show: the exit code of the first sync is 0 all the same.
pub(crate) async fn run(args: DemoArgs, context: &Context) -> Result<Ending, Failure> {
    let recipe = Recipe { seed: args.seed, ..Recipe::new(args.people, args.companies) };
    context.print(&context.say_with(
        "demo-sizes",
        &[
            ("people", u64::from(args.people).into()),
            ("companies", u64::from(args.companies).into()),
            ("factor", format!("{FACTOR}").into()),
        ],
    ));
    let bases = generate(&recipe);
    let before = Before::of(&bases);
    let worlds = Worlds::start(&bases, FACTOR, context).await.map_err(|error| failed(&error))?;
    let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| failed(&error))?;
    let joined = join(&worlds, &listener, folder.path(), context).await?;
    let report = first_sync(&joined, context).await?;
    let (portal, infobase) = worlds.dump();
    let score = Score::of(&bases.truth, &portal, &infobase);
    let refused = worlds.refused();
    if !context.global.json {
        show(&report, &before, refused, &score, context);
    }
    let summary = match args.once {
        true => None,
        false => Some(live(&worlds, Arc::new(joined), listener, &args, folder.path(), context).await?),
    };
    if context.global.json {
        let document = Document {
            report: &report,
            before: &before,
            refused_by_limits: refused,
            truth: score,
            time_factor: FACTOR,
            live: summary.as_ref(),
        };
        print_json(&document);
    } else if let Some(summary) = &summary {
        summary.show(context);
    }
    Ok(if summary.is_some_and(|summary| !summary.is_well()) { Ending::Failed } else { Ending::Done })
}

/// A configuration that reaches both, and what it joins. The hooks are taken at the address of the listener.
async fn join(
    worlds: &Worlds,
    listener: &TcpListener,
    folder: &Path,
    context: &Context,
) -> Result<Joined, Failure> {
    let address = listener.local_addr().map_err(|error| failed(&error))?.to_string();
    let hook = format!("http://{address}/hooks/bitrix24/demo");
    let token = worlds.listen(&hook).map_err(|error| failed(&error))?;
    let path = folder.join(CONFIGURATION);
    let text = worlds.configuration(&LimitsConfig::default().faster(FACTOR), &address, &token);
    std::fs::write(&path, &text).map_err(|error| failed(&error))?;
    wiring::join_loaded(Loaded::parse(&path, text)?, context).await
}

/// Check, set-up and sync, as a person would do them one after the other.
async fn first_sync(joined: &Joined, context: &Context) -> Result<Report, Failure> {
    gate::set_up(joined).await;
    gate::pass(joined, false).await?;
    let args =
        SyncArgs { limit: None, yes: true, accept_large: true, partial_rights: false, accept_fewer: false };
    context.until_stopped(sync::apply(joined, &args, context)).await
}

/// People work on both sides until they are to stop; then both sides are compared.
async fn live(
    worlds: &Worlds,
    joined: Arc<Joined>,
    listener: TcpListener,
    args: &DemoArgs,
    folder: &Path,
    context: &Context,
) -> Result<Summary, Failure> {
    let addresses = [("bitrix24", worlds.bitrix24_url().into()), ("onec", worlds.onec_url().into())];
    context.print(&context.say_with("demo-addresses", &addresses));
    let path = folder.join(CONFIGURATION).display().to_string();
    context.print(&context.say_with("demo-configuration", &[("path", path.into())]));
    context.print(&context.say("demo-live"));
    let twins_before = summary::twins(worlds);
    let lived = live::run(worlds, joined, listener, args.seed, &args.live, context).await?;
    Summary::of(lived, worlds, twins_before).await
}

fn show(report: &Report, before: &Before, refused: Refused, score: &Score, context: &Context) {
    let words = &context.words;
    let mut rows = vec![
        (words.say("demo-contacts"), before.contacts.to_string()),
        (words.say("demo-companies"), before.companies.to_string()),
    ];
    for (set, count) in &before.onec {
        rows.push((words.say_with("demo-objects", &[("set", set.as_str().into())]), count.to_string()));
    }
    context.print(&figures_table(&words.say("demo-before"), &rows));
    let mut rows = report_rows(report, words);
    rows.push((words.say("demo-refused"), refused.total().to_string()));
    context.print(&figures_table(&words.say("report-title"), &rows));
    let of = [("count", score.right.to_string().into()), ("total", score.pairs.to_string().into())];
    let rows = [
        (words.say("demo-right"), words.say_with("demo-of", &of)),
        (words.say("demo-wrong"), score.wrong.to_string()),
        (words.say("demo-missed"), score.missed.to_string()),
        (words.say("demo-twins"), score.twins.to_string()),
    ];
    context.print(&figures_table(&words.say("demo-truth"), &rows));
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::Said { id: "demo-failed", details: vec![("words", error.to_string())] }
}
