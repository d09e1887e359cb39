//! `obmen diff`: what is not the same on both sides, and what explains it. Nothing is written to either side.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::record::{RecordId, Side};
use obmen_engine::compare::{Comparison, Difference, What, Why};
use obmen_engine::ports::StoreError;
use obmen_engine::store::Store;
use obmen_engine::sync::{Engine, EngineError};
use serde_json::{Value, json};

use super::evidence;
use super::steps::{Known, Users, label, text};
use crate::cli::DiffArgs;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::gate;
use crate::report::figures_table;
use crate::wiring;
use crate::words::Words;

/// So many differences of one explanation are shown to people; `--json` has them all.
const SHOWN: usize = 50;

/// Compares both sides.
pub(crate) async fn run(args: DiffArgs, context: &Context) -> Result<Ending, Failure> {
    let joined = wiring::join_for_run(args.accept(), context).await?;
    gate::pass(&joined, args.partial_rights).await?;
    let engine =
        joined.engine(context.screen.progress(&context.words), context.run_name(), args.accept()).await?;
    if !args.seen {
        engine.look().await?;
    }
    let found = if context.global.json {
        print_document(&joined.known.pair, &engine, context).await?
    } else {
        show(&joined.known.pair, &engine, context).await?
    };
    Ok(ending(&found))
}

fn ending(found: &Comparison) -> Ending {
    match (found.unexplained(), found.total()) {
        (0, 0) => Ending::Done,
        (0, _) => Ending::Waiting,
        _ => Ending::Failed,
    }
}

async fn print_document(pair: &str, engine: &Engine, context: &Context) -> Result<Comparison, EngineError> {
    let mut document = context.begin_list(&[("pair", pair)], "differences");
    let found = engine.compare(&mut |difference| document.row(&row(difference))).await?;
    document.end_with(&json!({
        "at": found.at, "looked_at": found.looked_at, "records": found.records, "pairs": found.pairs,
        "equal": found.equal, "counts": found.differences, "unexplained": found.unexplained(),
        "digest": found.digest,
    }));
    Ok(found)
}

fn row(difference: &Difference) -> Value {
    let records: Vec<String> = difference.what.records().into_iter().map(RecordId::mutual).collect();
    let mut row = json!({ "what": difference.what.word(), "records": records, "why": difference.why.word() });
    if let What::Field { field, left, right, .. } = &difference.what {
        row["field"] = json!(field.word());
        row["bitrix24"] = json!(left.to_string());
        row["onec"] = json!(right.to_string());
    }
    match &difference.why {
        Why::Review { id, kind } => {
            row["review"] = json!(id);
            row["kind"] = json!(kind.word());
        }
        Why::Failed { id } => row["review"] = json!(id),
        Why::Decided(ruling) => row["ruling"] = json!(ruling),
        Why::Leads(side) => row["leader"] = json!(side.word()),
        Why::Withheld(reason) => row["withheld"] = json!(reason),
        Why::Facet(main) => row["main"] = json!(main.mutual()),
        Why::Due
        | Why::Unsettled
        | Why::WaitsForCompany
        | Why::DeletionIgnored
        | Why::Nameless
        | Why::Individual
        | Why::Unexplained => {}
    }
    row
}

async fn show(pair: &str, engine: &Engine, context: &Context) -> Result<Comparison, EngineError> {
    let mut excerpt: BTreeMap<&str, Vec<Difference>> = BTreeMap::new();
    let found = engine
        .compare(&mut |difference| {
            let of_one = excerpt.entry(difference.why.word()).or_default();
            if of_one.len() < SHOWN {
                of_one.push(difference.clone());
            }
        })
        .await?;
    let known = known(engine.store.as_ref(), excerpt.values().flatten()).await?;
    let title = context.say_with("diff-title", &[("pair", pair.into())]);
    context.print(&figures_table(&title, &rows(&found, context)));
    for word in Why::WORDS {
        let Some(of_one) = excerpt.get(word) else { continue };
        let count = found.differences.get(word).copied().unwrap_or(0);
        let title = context.say(&format!("diff-{word}"));
        let args = [("title", title.into()), ("count", count.into())];
        context.print(&format!("\n{}", context.say_with("plan-section", &args)));
        for difference in of_one {
            context.print(&format!("  {}", line(difference, &known, &context.words)));
        }
        let more = count.saturating_sub(of_one.len() as u64);
        if more > 0 {
            context.print(&format!("  {}", context.say_with("plan-more", &[("count", more.into())])));
        }
    }
    let verdict = match (found.unexplained(), found.total()) {
        (0, 0) => "diff-none",
        (0, _) => "diff-all-explained",
        _ => "diff-some-unexplained",
    };
    let args = [("count", found.total().into()), ("unexplained", found.unexplained().into())];
    context.print(&format!("\n{}", context.say_with(verdict, &args)));
    context.print(&context.say_with("diff-digest", &[("digest", found.digest.as_str().into())]));
    Ok(found)
}

fn rows(found: &Comparison, context: &Context) -> Vec<(String, String)> {
    let moment = |at: jiff::Timestamp| at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let mut rows = vec![(context.say("diff-at"), moment(found.at))];
    rows.extend(found.looked_at.map(|at| (context.say("diff-looked-at"), moment(at))));
    for (name, count) in &found.records {
        let name = context.say(&format!("name-{}", name.replace(':', "-")));
        rows.push((context.say_with("status-seen", &[("name", name.into())]), count.to_string()));
    }
    rows.push((context.say("diff-pairs"), found.pairs.to_string()));
    rows.push((context.say("diff-equal"), found.equal.to_string()));
    rows.push((context.say("diff-differences"), found.total().to_string()));
    rows
}

/// Who the differences name.
async fn known<'a>(
    store: &dyn Store,
    differences: impl Iterator<Item = &'a Difference>,
) -> Result<Known, StoreError> {
    let ids: BTreeSet<&RecordId> = differences.flat_map(|difference| difference.what.records()).collect();
    Known::read(store, &Users::default(), std::iter::empty(), ids.into_iter()).await
}

/// A difference in one line.
fn line(difference: &Difference, known: &Known, words: &Words) -> String {
    let named = |id: &RecordId| match known.name(id) {
        name if name.is_empty() => id.mutual(),
        name => format!("{} «{name}»", id.mutual()),
    };
    let both = |a: &RecordId, b: &RecordId| [("record", named(a).into()), ("other", named(b).into())];
    let what = match &difference.what {
        What::Field { bitrix24, onec, field, left, right } => {
            let label = label(*field, bitrix24.kind, words);
            let (left, right) = (text(left, known, words), text(right, known, words));
            format!("{} = {}; {label}: «{left}» / «{right}»", named(bitrix24), onec.mutual())
        }
        What::Gone { gone, left } => words.say_with("diff-gone", &both(gone, left)),
        What::Alone(record) => words.say_with(
            "diff-alone",
            &[("record", named(record).into()), ("side", side_name(record.side, words).into())],
        ),
        What::Twin { record, linked } => words.say_with("diff-twin", &both(record, linked)),
    };
    match detail(&difference.why, &named, words) {
        Some(detail) => format!("{what} ({detail})"),
        None => what,
    }
}

/// What there is to say of an explanation beyond its title.
fn detail(why: &Why, named: &dyn Fn(&RecordId) -> String, words: &Words) -> Option<String> {
    match why {
        Why::Review { id, kind } => Some(format!("{}, {id}", words.say(&format!("review-{}", kind.word())))),
        Why::Failed { id } => Some(id.clone()),
        Why::Decided(ruling) => Some(evidence::ruling(*ruling, words)),
        Why::Leads(side) => Some(side_name(*side, words)),
        Why::Withheld(reason) => Some(evidence::withheld(reason, words)),
        Why::Facet(main) => Some(named(main)),
        Why::Due
        | Why::Unsettled
        | Why::WaitsForCompany
        | Why::DeletionIgnored
        | Why::Nameless
        | Why::Individual
        | Why::Unexplained => None,
    }
}

fn side_name(side: Side, words: &Words) -> String {
    words.say_with("side-name", &[("side", side.word().into())])
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn equal_sides_listed_differences_and_unexplained_ones_have_an_exit_code_each() {
        let code = |differences: &[(&'static str, u64)]| {
            ending(&Comparison {
                at: Timestamp::UNIX_EPOCH,
                looked_at: None,
                records: BTreeMap::new(),
                pairs: 0,
                equal: 0,
                differences: differences.iter().copied().collect(),
                digest: String::new(),
            })
            .code()
        };
        assert_eq!(code(&[]), 0);
        assert_eq!(code(&[("review", 2), ("due", 1)]), 3);
        assert_eq!(code(&[("review", 2), ("unexplained", 1)]), 1);
    }
}
