//! `obmen journal`: which runs there were, and what each of them wrote. It asks neither side.

use obmen_domain::record::{RecordId, Side};
use obmen_engine::store::{Entry, Run};
use serde_json::{Value, json};

use super::why::entry_lines;
use crate::cli::JournalArgs;
use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::wiring::{self, Known};

/// So many runs are told, the latest ones.
const RUNS: usize = 100;
/// Records read at once.
const PAGE: usize = 500;

/// Tells of all runs, or of one.
pub(crate) async fn run(args: JournalArgs, context: &Context) -> Result<Ending, Failure> {
    let known = wiring::open_to_read(context).await?;
    match args.run {
        None => runs(&known, context).await,
        Some(name) => one(&known, &name, context).await,
    }
}

async fn runs(known: &Known, context: &Context) -> Result<Ending, Failure> {
    let runs = known.store.runs(RUNS).await?;
    if context.global.json {
        context.print_json(&json!({ "runs": runs }));
    } else if runs.is_empty() {
        context.print(&context.say("journal-empty"));
    } else {
        let header = [
            "journal-run",
            "journal-began",
            "journal-linked",
            "journal-created",
            "journal-updated",
            "journal-marked",
        ];
        let rows: Vec<Vec<String>> = runs.iter().map(row).collect();
        context.print(&context.table(&header.map(|id| context.say(id)), &rows));
        context.print(&context.say("journal-next"));
    }
    Ok(Ending::Done)
}

fn row(run: &Run) -> Vec<String> {
    let count =
        |what: &str, side: Side| run.counts.get(&format!("{what}:{}", side.word())).copied().unwrap_or(0);
    let both = |what: &str| format!("{} / {}", count(what, Side::Bitrix24), count(what, Side::Onec));
    vec![
        run.name.clone(),
        run.began.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        count("linked", Side::Bitrix24).to_string(),
        both("created"),
        both("updated"),
        both("marked"),
    ]
}

async fn one(known: &Known, name: &str, context: &Context) -> Result<Ending, Failure> {
    let mut page = known.store.written(name, None, PAGE).await?;
    if page.is_empty() {
        return Err(Failure::Said { id: "journal-no-run", details: vec![("run", name.to_owned())] });
    }
    let mut document = context.global.json.then(|| context.begin_list(&[("run", name)], "records"));
    while let Some(last) = page.last() {
        for id in &page {
            let mut entries = known.store.journal(id).await?;
            entries.retain(|entry| entry.run == name);
            if let Some(document) = &mut document {
                document.row(&row_document(id, &entries));
            } else {
                context.print(&format!("{} {}", id.side.word(), id.mutual()));
                entries
                    .iter()
                    .flat_map(|entry| entry_lines(entry, context))
                    .for_each(|line| context.print(&line));
            }
        }
        page = known.store.written(name, Some(last), PAGE).await?;
    }
    if let Some(document) = document {
        document.end();
    }
    Ok(Ending::Done)
}

fn row_document(id: &RecordId, entries: &[Entry]) -> Value {
    let entries: Vec<Value> =
        entries.iter().map(|entry| json!({ "at": entry.at.to_string(), "event": entry.event })).collect();
    json!({ "record": id.mutual(), "side": id.side.word(), "entries": entries })
}
