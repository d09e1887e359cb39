//! `obmen plan`: what a sync would do, and how long it would take. Nothing is written to either side.

mod files;
mod left_out;
#[cfg(test)]
mod made;
mod outlook;
mod page;

use std::io;
use std::path::Path;

use futures_util::future;
use obmen_domain::plan::PlanCounts;
use obmen_domain::record::{Catalog, RecordId, Side};
use obmen_domain::rules::Managers;
use obmen_engine::draft::Draft;
use obmen_engine::ports::{Clock as _, Reader as _};
use obmen_engine::sync::EngineError;
use serde_json::json;

use self::left_out::LeftOut;
use self::outlook::{Habits, Remark, is_new_counterparty, remarks};
use self::page::Told;
use super::backup;
use super::steps::{Excerpt, Known, Section, Users, show, show_title};
use crate::cli::PlanArgs;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::forecast::{Forecast, forecast};
use crate::gate;
use crate::report::figures_table;
use crate::wiring::{self, Joined};
use crate::words::Words;
pub(super) use outlook::headline;

/// So many rows of a section stand in the page; the terminal shows fewer.
const ROWS: usize = 200;

/// A plan with what is told about it.
struct Preview {
    plan: Draft,
    forecast: Forecast,
    excerpt: Excerpt,
    left_out: LeftOut,
    remarks: Vec<Remark>,
    users: Users,
    known: Known,
}

/// Makes and shows the plan.
pub(crate) async fn run(args: PlanArgs, context: &Context) -> Result<Ending, Failure> {
    let joined = wiring::join_for_run(args.accept(), context).await?;
    backup::tell_age(joined.known.store.as_ref(), context).await?;
    gate::pass(&joined, args.partial_rights).await?;
    let engine =
        joined.engine(context.screen.progress(&context.words), context.run_name(), args.accept()).await?;
    let plan = engine.preview().await?;
    let mut preview = Preview::of(plan, &joined, &engine.rules.managers, &context.words).await?;
    let written = match &args.out {
        Some(folder) => preview.write(&context.path(folder), &joined, context).await?,
        None => Vec::new(),
    };
    if context.global.json {
        context.print_json(&json!({
            "pair": joined.known.pair, "digest": preview.plan.digest().to_string(), "counts": preview.plan.counts(),
            "forecast": preview.forecast, "files": written,
        }));
    } else {
        preview.show(&written, context);
    }
    Ok(Ending::Done)
}

impl Preview {
    async fn of(
        mut plan: Draft,
        joined: &Joined,
        managers: &Managers,
        words: &Words,
    ) -> Result<Self, Failure> {
        let store = joined.known.store.as_ref();
        let config = joined.known.config();
        let figures = store.figures().await?;
        let forecast = forecast(&mut plan, &figures, &config.bitrix24.limits, config.onec.parallel)
            .map_err(EngineError::from)?;
        let (excerpt, new_counterparties) = read_steps(&mut plan).map_err(EngineError::from)?;
        let left_out = LeftOut::read(&mut plan, ROWS, words).map_err(EngineError::from)?;
        let habits = Habits {
            allow_automation: config.bitrix24.allow_automation,
            own_contract: joined.onec.own_contract().map(str::to_owned),
        };
        let remarks = remarks(&plan.counts(), &forecast, new_counterparties, &habits, words);
        let (left, right) = future::join(joined.bitrix24.users(), joined.onec.users()).await;
        let users = Known::users(left?, right?, managers);
        let known = Known::read(store, &users, excerpt.first(ROWS).into_iter(), left_out.records()).await?;
        Ok(Self { plan, forecast, excerpt, left_out, remarks, users, known })
    }

    async fn write(
        &mut self,
        folder: &Path,
        joined: &Joined,
        context: &Context,
    ) -> Result<Vec<String>, Failure> {
        let cards = |id: &RecordId, catalog: Option<Catalog>| match id.side {
            Side::Bitrix24 => joined.bitrix24.card(id),
            Side::Onec => joined.onec.card(id, catalog?),
        };
        let told = Told {
            pair: &joined.known.pair,
            at: context.clock.now(),
            digest: self.plan.digest().to_string(),
            counts: self.plan.counts(),
            remarks: &self.remarks,
            excerpt: &self.excerpt,
            left_out: &self.left_out,
            known: &self.known,
            cards: &cards,
        };
        let store = joined.known.store.as_ref();
        files::write(folder, &told, &mut self.plan, store, &self.users, &context.words).await
    }

    fn show(&self, written: &[String], context: &Context) {
        let counts = self.plan.counts();
        context.print(&headline(&counts, &context.words));
        context.print(&counts_table(&counts, context));
        show(&self.excerpt, &Section::ALL, &self.known, context);
        if !self.left_out.reasons.is_empty() {
            show_title(&context.say("plan-withheld"), counts.withheld, context);
            for (reason, count) in &self.left_out.reasons {
                context.print(&format!("  {reason}: {count}"));
            }
        }
        context.print("");
        for remark in &self.remarks {
            context.print(&format!("{}: {}", remark.subject, remark.sentences.join(" ")));
        }
        let digest = self.plan.digest().to_string();
        context.print(&context.say_with("plan-digest", &[("digest", digest.into())]));
        if !written.is_empty() {
            context.print(&context.say_with("plan-written", &[("files", written.join(", ").into())]));
        }
    }
}

/// The first steps of each section, and how many counterparties are new to 1C.
fn read_steps(plan: &mut Draft) -> io::Result<(Excerpt, usize)> {
    let (mut excerpt, mut new_counterparties) = (Excerpt::new(ROWS), 0);
    plan.each_step(|step| {
        excerpt.add(step);
        new_counterparties += usize::from(is_new_counterparty(step));
        Ok(())
    })?;
    Ok((excerpt, new_counterparties))
}

/// The counts of a plan, each with the message that names it.
fn count_rows(counts: &PlanCounts) -> [(&'static str, usize); 9] {
    [
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
}

/// The counts of a plan as a table.
pub(crate) fn counts_table(counts: &PlanCounts, context: &Context) -> String {
    let rows = count_rows(counts).map(|(id, count)| (context.say(id), context.words.number(count)));
    figures_table(&context.say("plan-counts"), &rows)
}
