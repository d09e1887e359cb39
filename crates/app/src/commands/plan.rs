//! `obmen plan`: what a sync would do, and how long it would take. Nothing is written to either side.

mod files;
mod section;

use std::collections::BTreeMap;
use std::sync::Arc;

use obmen_domain::plan::{Plan, PlanCounts};
use serde_json::json;

use super::evidence;
use crate::cli::PlanArgs;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::forecast::{Forecast, forecast};
use crate::gate;
use crate::output::print_json;
use crate::progress::Display;
use crate::report::figures_table;
use crate::wiring;
pub(super) use section::Section;

/// So many steps of a section are shown.
const SHOWN: usize = 20;

/// Makes and shows the plan.
pub(crate) async fn run(args: PlanArgs, context: &Context) -> Result<Ending, Failure> {
    let joined = wiring::join_for_run(args.accept(), context).await?;
    gate::pass(&joined, args.partial_rights).await?;
    let progress = Arc::new(Display::new(Arc::clone(&context.words)));
    let engine = joined.engine(progress, context.run_name(), args.accept()).await?;
    let plan = tokio::select! {
        plan = engine.preview() => plan?,
        () = super::sim::interrupted() => return Err(Failure::said("interrupted")),
    };
    let figures = joined.known.store.figures().await?;
    let config = joined.known.config();
    let forecast = forecast(&plan, &figures, &config.bitrix24.limits, config.onec.parallel);
    let written = match &args.out {
        Some(folder) => files::write(folder, &joined.known.pair, &plan, &context.words)?,
        None => Vec::new(),
    };
    if context.global.json {
        print_json(&json!({
            "pair": joined.known.pair, "digest": plan.digest().to_string(), "counts": plan.counts(),
            "forecast": forecast, "files": written,
        }));
    } else {
        show(&plan, &forecast, &written, context);
    }
    Ok(Ending::Done)
}

/// The counts of a plan as a table.
pub(crate) fn counts_table(counts: &PlanCounts, context: &Context) -> String {
    let rows = [
        ("plan-link", counts.link),
        ("plan-create-bitrix24", counts.create_bitrix24),
        ("plan-create-onec", counts.create_onec),
        ("plan-update-bitrix24", counts.update_bitrix24),
        ("plan-update-onec", counts.update_onec),
        ("plan-unlink", counts.unlink),
        ("plan-ask", counts.ask),
        ("plan-waiting", counts.waiting),
        ("plan-withheld", counts.withheld),
    ]
    .map(|(id, count)| (context.say(id), count.to_string()));
    figures_table(&context.say("plan-counts"), &rows)
}

fn show(plan: &Plan, forecast: &Forecast, written: &[String], context: &Context) {
    let counts = plan.counts();
    context.print(&counts_table(&counts, context));
    show_steps(plan, &Section::ALL, context);
    if plan.is_empty() {
        context.print(&context.say("plan-empty"));
    }
    show_withheld(plan, context);
    context.print("");
    context.print(&context.say_with("plan-digest", &[("digest", plan.digest().to_string().into())]));
    context.print(&forecast_line(forecast, context));
    if !written.is_empty() {
        context.print(&context.say_with("plan-written", &[("files", written.join(", ").into())]));
    }
}

/// The first steps of each section.
pub(super) fn show_steps(plan: &Plan, sections: &[Section], context: &Context) {
    for section in sections {
        let steps: Vec<_> = plan.steps.iter().filter(|step| Section::of(step) == *section).collect();
        if steps.is_empty() {
            continue;
        }
        let args = [("title", context.say(section.title()).into()), ("count", steps.len().into())];
        context.print(&format!("\n{}", context.say_with("plan-section", &args)));
        for step in steps.iter().take(SHOWN) {
            context.print(&format!("  {step}"));
        }
        if steps.len() > SHOWN {
            context.print(&format!(
                "  {}",
                context.say_with("plan-more", &[("count", (steps.len() - SHOWN).into())])
            ));
        }
    }
}

/// How many records are not created, a line a reason.
fn show_withheld(plan: &Plan, context: &Context) {
    if plan.withheld.is_empty() {
        return;
    }
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for (_, reason) in &plan.withheld {
        *reasons.entry(evidence::withheld(reason, &context.words)).or_default() += 1;
    }
    let args = [("title", context.say("plan-withheld").into()), ("count", plan.withheld.len().into())];
    context.print(&format!("\n{}", context.say_with("plan-section", &args)));
    for (reason, count) in reasons {
        context.print(&format!("  {reason}: {count}"));
    }
}

fn forecast_line(forecast: &Forecast, context: &Context) -> String {
    let whole = |seconds: f64| format!("{:.0}", seconds.ceil());
    context.say_with(
        "plan-forecast",
        &[
            ("seconds", whole(forecast.seconds).into()),
            ("requests", forecast.requests.to_string().into()),
            ("execution", whole(forecast.execution_seconds).into()),
            ("onec", whole(forecast.onec_seconds).into()),
            ("binding", forecast.binding.word().into()),
        ],
    )
}
