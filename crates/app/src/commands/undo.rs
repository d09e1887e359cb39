//! `obmen undo`: takes a run back, as far as nobody changed anything since.

use obmen_domain::plan::PlanCounts;
use obmen_domain::stay::Stay;
use obmen_engine::report::UndoReport;
use obmen_engine::sync::EngineError;
use obmen_engine::undo::{Undo, is_undo, name_of_undo};
use serde_json::{Value, json};

use super::steps::{Excerpt, Known, STEPS, Section, Users, show};
use super::sync::ask;
use crate::cli::UndoArgs;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::gate;
use crate::report::figures_table;
use crate::screen::wait_for;
use crate::wiring::{self, Accept, Joined};

/// So many exceptions are shown to people.
const SHOWN: usize = 50;

/// Takes a run back.
pub(crate) async fn run(args: UndoArgs, context: &Context) -> Result<Ending, Failure> {
    if is_undo(&args.run) {
        return Err(Failure::Said { id: "undo-of-undo", details: vec![("run", args.run)] });
    }
    let joined = wiring::join(context).await?;
    if joined.known.store.written(&args.run, None, 1).await?.is_empty() {
        return Err(Failure::Said { id: "journal-no-run", details: vec![("run", args.run)] });
    }
    gate::pass(&joined, false).await?;
    let report = apply(&joined, &args, context).await?;
    if context.global.json {
        context.print_json(&document(&report, &joined));
    } else {
        show_report(&report, context);
    }
    Ok(if report.stays.is_empty() { Ending::Done } else { Ending::Waiting })
}

async fn apply(joined: &Joined, args: &UndoArgs, context: &Context) -> Result<UndoReport, Failure> {
    let engine = joined
        .engine(context.screen.progress(&context.words), name_of_undo(&args.run), Accept::default())
        .await?;
    let mut refusal = None;
    let approve = |undo: &mut Undo| match approve(undo, joined, args, context) {
        Ok(approved) => approved,
        Err(failure) => {
            refusal = Some(failure);
            false
        }
    };
    let ended = engine.undo(&args.run, approve).await;
    match refusal {
        Some(failure) => Err(failure),
        None => Ok(ended?),
    }
}

/// Shows what would be done, and asks where nobody said yes beforehand.
fn approve(undo: &mut Undo, joined: &Joined, args: &UndoArgs, context: &Context) -> Result<bool, Failure> {
    let title = context.say_with("undo-title", &[("run", args.run.as_str().into())]);
    context.print(&figures_table(&title, &count_rows(&undo.plan.counts(), undo.stays.len(), context)));
    let mut excerpt = Excerpt::new(STEPS);
    let told = undo.plan.each_step(|step| {
        excerpt.add(step);
        Ok(())
    });
    told.map_err(EngineError::from)?;
    let (store, users) = (joined.known.store.as_ref(), Users::default());
    let known = wait_for(Known::read(store, &users, excerpt.first(STEPS).into_iter(), std::iter::empty()))?;
    show(&excerpt, &Section::OF_UNDO, &known, context);
    show_stays(&undo.stays, context);
    if args.yes || context.global.json {
        return Ok(true);
    }
    if !context.screen.terminal().asks {
        return Err(Failure::said("undo-needs-yes"));
    }
    ask(context)
}

fn count_rows(counts: &PlanCounts, stays: usize, context: &Context) -> Vec<(String, String)> {
    let rows = [
        ("plan-mark-bitrix24", counts.mark_bitrix24),
        ("plan-mark-onec", counts.mark_onec),
        ("undo-update-bitrix24", counts.update_bitrix24),
        ("undo-update-onec", counts.update_onec),
        ("plan-unlink", counts.unlink),
        ("undo-stays", stays),
    ];
    rows.map(|(id, count)| (context.say(id), count.to_string())).into()
}

fn show_report(report: &UndoReport, context: &Context) {
    let rows = [
        ("undo-marked-bitrix24", report.marked_bitrix24),
        ("undo-marked-onec", report.marked_onec),
        ("undo-updated-bitrix24", report.updated_bitrix24),
        ("undo-updated-onec", report.updated_onec),
        ("undo-unlinked", report.unlinked),
        ("undo-stays", report.stays.len() as u64),
    ];
    let rows = rows.map(|(id, count)| (context.say(id), count.to_string()));
    context.print(&figures_table(&context.say("report-title"), &rows));
    show_stays(&report.stays, context);
    let args = [("run", report.run.as_str().into()), ("digest", report.plan_digest.as_str().into())];
    context.print(&context.say_with("report-run", &args));
}

fn show_stays(stays: &[Stay], context: &Context) {
    if stays.is_empty() {
        return;
    }
    let args = [("title", context.say("undo-stays").into()), ("count", stays.len().into())];
    context.print(&format!("\n{}", context.say_with("plan-section", &args)));
    for stay in stays.iter().take(SHOWN) {
        let fields: Vec<&str> = stay.fields.iter().map(|field| field.word()).collect();
        let fields = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join(", ")) };
        let reason = context.say(&format!("stay-{}", stay.reason.word()));
        context.print(&format!("  {} {}{fields}: {reason}", stay.record.side.word(), stay.record.mutual()));
    }
    if stays.len() > SHOWN {
        let more = [("count", (stays.len() - SHOWN).into())];
        context.print(&format!("  {}", context.say_with("plan-more", &more)));
    }
}

fn document(report: &UndoReport, joined: &Joined) -> Value {
    let exceptions: Vec<Value> = report
        .stays
        .iter()
        .map(|stay| {
            json!({
                "record": stay.record.mutual(), "side": stay.record.side.word(),
                "fields": stay.fields.iter().map(|field| field.word()).collect::<Vec<_>>(),
                "reason": stay.reason.word(),
            })
        })
        .collect();
    let (to_bitrix24, to_onec) = joined.requests();
    json!({
        "run": report.run, "undone": report.undone, "plan_digest": report.plan_digest,
        "seconds": report.seconds, "unlinked": report.unlinked,
        "updated_bitrix24": report.updated_bitrix24, "updated_onec": report.updated_onec,
        "marked_bitrix24": report.marked_bitrix24, "marked_onec": report.marked_onec,
        "requests_bitrix24": to_bitrix24, "requests_onec": to_onec, "exceptions": exceptions,
    })
}
