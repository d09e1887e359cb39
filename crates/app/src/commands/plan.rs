//! `obmen plan`: what a sync would do, and how long it would take. Nothing is written to either side.

mod files;
mod section;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use obmen_domain::plan::PlanCounts;
use obmen_engine::draft::Draft;
use obmen_engine::sync::EngineError;
use serde_json::json;

use super::{backup, evidence};
use crate::cli::PlanArgs;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::forecast::{Forecast, forecast};
use crate::gate;
use crate::output::print_json;
use crate::progress::Display;
use crate::report::figures_table;
use crate::wiring;
pub(super) use section::{Excerpt, Section};

/// So many steps of a section are shown.
pub(super) const SHOWN: usize = 20;

/// Makes and shows the plan.
pub(crate) async fn run(args: PlanArgs, context: &Context) -> Result<Ending, Failure> {
    let joined = wiring::join_for_run(args.accept(), context).await?;
    backup::tell_age(joined.known.store.as_ref(), context).await?;
    gate::pass(&joined, args.partial_rights).await?;
    let progress = Arc::new(Display::new(Arc::clone(&context.words)));
    let engine = joined.engine(progress, context.run_name(), args.accept()).await?;
    let mut plan = tokio::select! {
        plan = engine.preview() => plan?,
        () = super::sim::interrupted() => return Err(Failure::said("interrupted")),
    };
    let figures = joined.known.store.figures().await?;
    let config = joined.known.config();
    let forecast = forecast(&mut plan, &figures, &config.bitrix24.limits, config.onec.parallel)
        .map_err(EngineError::from)?;
    let written = match &args.out {
        Some(folder) => files::write(folder, &joined.known.pair, &mut plan, &context.words)?,
        None => Vec::new(),
    };
    if context.global.json {
        print_json(&json!({
            "pair": joined.known.pair, "digest": plan.digest().to_string(), "counts": plan.counts(),
            "forecast": forecast, "files": written,
        }));
    } else {
        show(&mut plan, &forecast, &written, context).map_err(EngineError::from)?;
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

fn show(plan: &mut Draft, forecast: &Forecast, written: &[String], context: &Context) -> io::Result<()> {
    let counts = plan.counts();
    context.print(&counts_table(&counts, context));
    let mut excerpt = Excerpt::new(SHOWN);
    plan.each_step(|step| {
        excerpt.add(step);
        Ok(())
    })?;
    show_steps(&excerpt, &Section::ALL, context);
    if plan.is_empty() {
        context.print(&context.say("plan-empty"));
    }
    show_withheld(plan, context)?;
    context.print("");
    context.print(&context.say_with("plan-digest", &[("digest", plan.digest().to_string().into())]));
    context.print(&forecast_line(forecast, context));
    if !written.is_empty() {
        context.print(&context.say_with("plan-written", &[("files", written.join(", ").into())]));
    }
    Ok(())
}

/// The first steps of each section.
pub(super) fn show_steps(excerpt: &Excerpt, sections: &[Section], context: &Context) {
    for section in sections {
        let (steps, count) = excerpt.of(*section);
        if count == 0 {
            continue;
        }
        let args = [("title", context.say(section.title()).into()), ("count", count.into())];
        context.print(&format!("\n{}", context.say_with("plan-section", &args)));
        for step in steps {
            context.print(&format!("  {step}"));
        }
        if count > steps.len() {
            let args = [("count", (count - steps.len()).into())];
            context.print(&format!("  {}", context.say_with("plan-more", &args)));
        }
    }
}

/// How many records are not created, a line a reason.
fn show_withheld(plan: &mut Draft, context: &Context) -> io::Result<()> {
    let count = plan.counts().withheld;
    if count == 0 {
        return Ok(());
    }
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    plan.each_withheld(|_, reason| {
        *reasons.entry(evidence::withheld(reason, &context.words)).or_default() += 1;
        Ok(())
    })?;
    let args = [("title", context.say("plan-withheld").into()), ("count", count.into())];
    context.print(&format!("\n{}", context.say_with("plan-section", &args)));
    for (reason, count) in reasons {
        context.print(&format!("  {reason}: {count}"));
    }
    Ok(())
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
