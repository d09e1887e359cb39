//! The plan as files: `plan.json` for programs, `plan.csv` for spreadsheets, `plan.html` for reading.
//!
//! JSON and CSV are written portion by portion, so that memory stays bounded. The files hold personal data: only their
//! owner may read them.

mod rows;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use obmen_engine::draft::Draft;
use obmen_engine::store::Store;
use serde_json::json;

use self::rows::{StepDocument, Table};
use super::page::{self, Told};
use crate::commands::steps::{Known, Users};
use crate::failure::Failure;
use crate::words::Words;

/// So many bytes of a plan are in memory while its steps are written.
const PORTION: usize = 1 << 20;

/// Writes the three files; returns their paths.
pub(super) async fn write(
    folder: &Path,
    told: &Told<'_>,
    plan: &mut Draft,
    store: &dyn Store,
    users: &Users,
    words: &Words,
) -> Result<Vec<String>, Failure> {
    let failed = |error: io::Error| Failure::Said {
        id: "plan-not-written",
        details: vec![("folder", folder.display().to_string()), ("words", error.to_string())],
    };
    let files = Files::create(folder).map_err(failed)?;
    let Files { paths, mut json, csv, mut html } = files;
    page::write(&mut html, told, words).and_then(|()| html.flush()).map_err(failed)?;
    let mut table = Table::begin(csv, words).map_err(failed)?;
    begin_json(&mut json, told, plan).map_err(failed)?;
    plan.rewind().map_err(failed)?;
    let mut comma = "";
    while let Some(steps) = plan.next_steps(PORTION).map_err(failed)? {
        let known = Known::read(store, users, steps.iter(), std::iter::empty()).await?;
        for step in &steps {
            let document = StepDocument::of(step, &known).map_err(failed)?;
            write_step(&mut json, comma, &document).and_then(|()| table.add(step, &known)).map_err(failed)?;
            comma = ",";
        }
    }
    json.write_all(b"\n]}\n").and_then(|()| json.flush()).and_then(|()| table.finish()).map_err(failed)?;
    Ok(paths.map(|path| path.display().to_string()).into())
}

/// The three files, empty.
struct Files {
    paths: [PathBuf; 3],
    json: BufWriter<File>,
    csv: BufWriter<File>,
    html: BufWriter<File>,
}

impl Files {
    fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let paths = ["plan.json", "plan.csv", "plan.html"].map(|name| folder.join(name));
        let [json, csv, html] = paths.each_ref().map(|path| create_private(path).map(BufWriter::new));
        Ok(Self { json: json?, csv: csv?, html: html?, paths })
    }
}

/// Everything before the steps.
fn begin_json(out: &mut impl Write, told: &Told<'_>, plan: &mut Draft) -> io::Result<()> {
    let counts = serde_json::to_string(&told.counts)?;
    let pair = serde_json::to_string(told.pair)?;
    write!(out, "{{\"pair\":{pair},\"digest\":\"{}\",\"counts\":{counts},\"waiting\":[", told.digest)?;
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
    out.write_all(b"],\"steps\":[")
}

fn write_step(out: &mut impl Write, comma: &str, step: &StepDocument) -> io::Result<()> {
    writeln!(out, "{comma}")?;
    Ok(serde_json::to_writer(out, step)?)
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // One that stood there before keeps its rights otherwise.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

#[cfg(test)]
mod tests;
