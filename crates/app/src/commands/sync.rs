//! `obmen sync`: applies the plan, and goes on until nothing is left to do.

use obmen_domain::plan::PlanCounts;
use obmen_domain::record::Side;
use obmen_engine::draft::Draft;
use obmen_engine::report::Report;
use obmen_engine::store::Figures;
use obmen_engine::sync::Extent;

use super::{backup, letters};
use crate::cli::SyncArgs;
use crate::commands::plan::{counts_table, headline};
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::gate;
use crate::report::{figures_table, report_rows};
use crate::screen::wait_for;
use crate::wiring::{self, Joined};

/// Runs a sync.
pub(crate) async fn run(args: SyncArgs, context: &Context) -> Result<Ending, Failure> {
    let joined = wiring::join_for_run(args.accept(), context).await?;
    backup::tell_age(joined.known.store.as_ref(), context).await?;
    gate::pass(&joined, args.partial_rights).await?;
    let report = apply(&joined, &args, context).await?;
    if args.limit.is_none() {
        backup::forget_age(joined.known.store.as_ref()).await?;
    }
    if context.global.json {
        context.print_json(&report);
    } else {
        show(&report, context);
        letters::show(&letters::causes(joined.known.store.as_ref(), context).await?, context);
    }
    Ok(if report.reviews > 0 || report.failed > 0 { Ending::Waiting } else { Ending::Done })
}

/// The run itself, with both connections open.
pub(crate) async fn apply(joined: &Joined, args: &SyncArgs, context: &Context) -> Result<Report, Failure> {
    let engine =
        joined.engine(context.screen.progress(&context.words), context.run_name(), args.accept()).await?;
    let extent = Extent { limit: args.limit.and_then(|limit| usize::try_from(limit).ok()) };
    let mut refusal = None;
    let approve = |plan: &Draft| match approve(plan, joined, args, context) {
        Ok(approved) => approved,
        Err(failure) => {
            refusal = Some(failure);
            false
        }
    };
    let ended = engine.sync(extent, approve).await;
    if let Some(failure) = refusal {
        return Err(failure);
    }
    let mut report = ended?;
    joined.count_requests(&mut report);
    Ok(report)
}

/// Asks before the first write, where there is a terminal and nobody said yes beforehand.
fn approve(plan: &Draft, joined: &Joined, args: &SyncArgs, context: &Context) -> Result<bool, Failure> {
    let counts = plan.counts();
    if !context.screen.terminal().asks || context.global.json {
        return Ok(true);
    }
    if !args.accept_large {
        refuse_large(&counts, &wait_for(joined.known.store.figures())?)?;
    }
    if args.yes {
        return Ok(true);
    }
    context.aside(&headline(&counts, &context.words));
    context.aside(&counts_table(&counts, context));
    ask(context)
}

/// Asks on the terminal whether to go on.
pub(super) fn ask(context: &Context) -> Result<bool, Failure> {
    let answer = wait_for(context.screen.ask(&context.say("sync-question")))?.trim().to_lowercase();
    let yes = [context.say("yes-word"), context.say("yes-letter"), "yes".to_owned(), "y".to_owned()];
    Ok(yes.contains(&answer))
}

/// Changes of more than a tenth of what a side holds need a word of their own.
fn refuse_large(counts: &PlanCounts, figures: &Figures) -> Result<(), Failure> {
    for (side, changes) in [
        (Side::Bitrix24, counts.create_bitrix24 + counts.update_bitrix24),
        (Side::Onec, counts.create_onec + counts.update_onec),
    ] {
        let prefix = format!("{}:", side.word());
        let seen = figures.seen.iter().filter(|(name, _)| name.starts_with(&prefix));
        let records: u64 = seen.map(|(_, count)| count).sum();
        if records > 0 && changes as u64 * 10 > records {
            return Err(Failure::Said {
                id: "sync-large",
                details: vec![
                    ("side", side.word().to_owned()),
                    ("changes", changes.to_string()),
                    ("records", records.to_string()),
                ],
            });
        }
    }
    Ok(())
}

fn show(report: &Report, context: &Context) {
    let words = &context.words;
    context.print(&figures_table(&words.say("report-title"), &report_rows(report, words)));
    let args = [("run", report.run.as_str().into()), ("digest", report.plan_digest.as_str().into())];
    context.print(&words.say_with("report-run", &args));
    if report.reviews > 0 {
        context.print(&words.say("report-next-review"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_a_tenth_of_a_side_is_refused() {
        let counts = PlanCounts { update_onec: 11, ..PlanCounts::default() };
        let mut figures = Figures::default();
        figures.seen.insert("onec:contact".to_owned(), 100);
        assert!(matches!(refuse_large(&counts, &figures), Err(Failure::Said { id: "sync-large", .. })));
        figures.seen.insert("onec:company".to_owned(), 10);
        assert!(refuse_large(&counts, &figures).is_ok());
    }
}
