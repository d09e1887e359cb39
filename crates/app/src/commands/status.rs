//! `obmen status`: what obmen knows of a pair, how far the portal's limits are used up, and how soon a change is found that
//! nobody tells of. It asks neither side.

mod limits;

use std::collections::BTreeMap;

use jiff::Timestamp;
use obmen_bitrix24::limiter::Usage;
use obmen_engine::ports::Clock as _;
use obmen_engine::store::{Figures, Store};
use serde::Serialize;

use self::limits::Found;
use super::letters::{self, Cause};
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::report::figures_table;
use crate::wiring;

#[derive(Serialize)]
struct Status<'a> {
    pair: &'a str,
    #[serde(flatten)]
    figures: &'a Figures,
    lag_seconds: f64,
    limits: Option<&'a Usage>,
    found_within_seconds: Found,
    failures: &'a [Cause],
}

/// Shows the figures. Reviews that wait make exit code 3.
pub(crate) async fn run(context: &Context) -> Result<Ending, Failure> {
    let known = wiring::open_to_read(context).await?;
    let figures = known.store.figures().await?;
    let lag_seconds = lag(known.store.as_ref(), context).await?;
    let causes = letters::causes(known.store.as_ref(), context).await?;
    let usage = limits::used(&known, context).await?;
    let found = Found::of(known.config());
    let ending =
        if figures.reviews.values().any(|count| *count > 0) { Ending::Waiting } else { Ending::Done };
    if context.global.json {
        context.print_json(&Status {
            pair: &known.pair,
            figures: &figures,
            lag_seconds,
            limits: usage.as_ref(),
            found_within_seconds: found,
            failures: &causes,
        });
        return Ok(ending);
    }
    if figures.seen.is_empty() {
        context.print(&context.say("status-nothing"));
        return Ok(ending);
    }
    let title = context.say_with("status-title", &[("pair", known.pair.as_str().into())]);
    let mut rows = rows(&figures, context);
    if lag_seconds > 0.0 {
        rows.push((context.say("status-lag"), format!("{lag_seconds:.0}")));
    }
    context.print(&figures_table(&title, &rows));
    if let Some(usage) = &usage {
        limits::show(usage, context);
    }
    limits::show_found(&found, context);
    letters::show(&causes, context);
    Ok(ending)
}

/// How long the record that is due longest has been due.
async fn lag(store: &dyn Store, context: &Context) -> Result<f64, Failure> {
    let first = store.next_due(Timestamp::MIN).await?;
    let now = context.clock.now();
    Ok(first.map_or(0.0, |due| now.duration_since(due).as_secs_f64().max(0.0)))
}

fn rows(figures: &Figures, context: &Context) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut add = |id: &str, counts: &BTreeMap<String, u64>, name_of: &dyn Fn(&str) -> String| {
        for (key, count) in counts {
            rows.push((context.say_with(id, &[("name", name_of(key).into())]), count.to_string()));
        }
    };
    let named = |key: &str| context.say(&format!("name-{}", key.replace(':', "-")));
    let review = |key: &str| context.say(&format!("review-{key}"));
    add("status-seen", &figures.seen, &named);
    add("status-links", &figures.links, &named);
    add("status-dirty", &figures.dirty, &|key| context.say(&format!("dirty-{key}")));
    add("status-reviews", &figures.reviews, &review);
    if figures.intents > 0 {
        rows.push((context.say("status-intents"), figures.intents.to_string()));
    }
    rows
}
