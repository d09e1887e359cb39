//! The plan as files: `plan.json` for programs, `plan.csv` for spreadsheets, `plan.html` for reading.
//!
//! JSON and CSV are streamed step by step. The files hold personal data: only their owner may read them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use obmen_domain::plan::{PlanCounts, Step};
use obmen_domain::record::{RecordId, Side};
use obmen_engine::draft::Draft;
use serde::Serialize;
use serde_json::json;

use super::section::{Excerpt, Section};
use crate::commands::evidence;
use crate::failure::Failure;
use crate::words::Words;

/// So many rows of a section stand in the page.
const ROWS: usize = 200;

/// Writes the three files; returns their paths.
pub(super) fn write(
    folder: &Path,
    pair: &str,
    plan: &mut Draft,
    words: &Words,
) -> Result<Vec<String>, Failure> {
    write_all(folder, pair, plan, words).map_err(|error| Failure::Said {
        id: "plan-not-written",
        details: vec![("folder", folder.display().to_string()), ("words", error.to_string())],
    })
}

fn write_all(folder: &Path, pair: &str, plan: &mut Draft, words: &Words) -> io::Result<Vec<String>> {
    fs::create_dir_all(folder)?;
    let mut written = Vec::new();
    let mut write_file = |name: &str, fill: &mut dyn FnMut(&mut BufWriter<File>) -> io::Result<()>| {
        let path = folder.join(name);
        let mut file = BufWriter::new(create_private(&path)?);
        fill(&mut file)?;
        file.flush()?;
        written.push(path.display().to_string());
        Ok::<(), io::Error>(())
    };
    write_file("plan.json", &mut |file| write_json(file, pair, plan))?;
    write_file("plan.csv", &mut |file| write_csv(file, plan))?;
    write_file("plan.html", &mut |file| write_html(file, pair, plan, words))?;
    Ok(written)
}

/// A step as programs read it.
#[derive(Serialize)]
struct StepDocument {
    sort: &'static str,
    kind: &'static str,
    bitrix24: Vec<String>,
    onec: Vec<String>,
    text: String,
}

impl StepDocument {
    fn of(step: &Step) -> Self {
        let records = records_of(step);
        let of_side = |side| records.iter().filter(|id| id.side == side).map(|id| id.mutual()).collect();
        Self {
            sort: Section::of(step).word(),
            kind: step.kind().word(),
            bitrix24: of_side(Side::Bitrix24),
            onec: of_side(Side::Onec),
            text: step.to_string(),
        }
    }
}

fn records_of(step: &Step) -> Vec<&RecordId> {
    match step {
        Step::Link { bitrix24, onec, .. } | Step::Unlink { bitrix24, onec, .. } => vec![bitrix24, onec],
        Step::Create(creation) => vec![&creation.source],
        Step::Update(revision) => vec![&revision.record.id],
        Step::Mark(record) => vec![&record.id],
        Step::Ask(review) => review.records.iter().collect(),
    }
}

fn write_json(out: &mut impl Write, pair: &str, plan: &mut Draft) -> io::Result<()> {
    let counts = serde_json::to_string(&plan.counts())?;
    let pair = serde_json::to_string(pair)?;
    write!(out, "{{\"pair\":{pair},\"digest\":\"{}\",\"counts\":{counts},\"waiting\":[", plan.digest())?;
    let mut comma = "";
    plan.each_waiting(|id| {
        write!(out, "{comma}{}", serde_json::to_string(&id.to_string())?)?;
        comma = ",";
        Ok(())
    })?;
    out.write_all(b"],\"withheld\":[")?;
    comma = "";
    plan.each_withheld(|id, reason| {
        write!(out, "{comma}{}", json!({ "record": id.to_string(), "reason": reason }))?;
        comma = ",";
        Ok(())
    })?;
    out.write_all(b"],\"steps\":[")?;
    comma = "";
    plan.each_step(|step| {
        writeln!(out, "{comma}")?;
        serde_json::to_writer(&mut *out, &StepDocument::of(step))?;
        comma = ",";
        Ok(())
    })?;
    out.write_all(b"\n]}\n")
}

fn write_csv(out: &mut impl Write, plan: &mut Draft) -> io::Result<()> {
    out.write_all("\u{feff}sort,kind,bitrix24,onec,text\r\n".as_bytes())?;
    plan.each_step(|step| {
        let step = StepDocument::of(step);
        let (left, right) = (step.bitrix24.join(" "), step.onec.join(" "));
        let fields = [step.sort, step.kind, &left, &right, &step.text].map(csv_field);
        write!(out, "{}\r\n", fields.join(","))
    })
}

fn csv_field(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn write_html(out: &mut impl Write, pair: &str, plan: &mut Draft, words: &Words) -> io::Result<()> {
    let title = escape(&words.say_with("status-title", &[("pair", pair.into())]));
    let digest = escape(&words.say_with("plan-digest", &[("digest", plan.digest().to_string().into())]));
    write!(
        out,
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<style>body{{font:15px/1.5 \
         sans-serif;max-width:70em;margin:2em auto;padding:0 1em}}li{{overflow-wrap:anywhere}}</style>\n\
         <h1>{title}</h1>\n<p>{digest}</p>\n"
    )?;
    let mut excerpt = Excerpt::new(ROWS);
    plan.each_step(|step| {
        excerpt.add(step);
        Ok(())
    })?;
    for section in Section::ALL {
        let (steps, count) = excerpt.of(section);
        writeln!(out, "<h2>{}: {count}</h2>\n<ol>", escape(&words.say(section.title())))?;
        for step in steps {
            writeln!(out, "<li>{}</li>", escape(step))?;
        }
        out.write_all(b"</ol>\n")?;
        write_more(out, count, words)?;
    }
    let PlanCounts { waiting, withheld, .. } = plan.counts();
    writeln!(out, "<h2>{}: {waiting}</h2>", escape(&words.say("plan-waiting")))?;
    writeln!(out, "<h2>{}: {withheld}</h2>\n<ol>", escape(&words.say("plan-withheld")))?;
    let mut left = ROWS;
    plan.each_withheld(|id, reason| {
        if left == 0 {
            return Ok(());
        }
        left -= 1;
        writeln!(out, "<li>{id}: {}</li>", escape(&evidence::withheld(reason, words)))
    })?;
    out.write_all(b"</ol>\n")?;
    write_more(out, withheld, words)
}

/// How many rows of a section are not shown.
fn write_more(out: &mut impl Write, rows: usize, words: &Words) -> io::Result<()> {
    if rows <= ROWS {
        return Ok(());
    }
    let more = words.say_with("plan-more", &[("count", (rows - ROWS).into())]);
    writeln!(out, "<p>{}</p>", escape(&more))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests;
