//! A step as programs and spreadsheets read it.
//!
//! Programs get the words of the domain and values as it prints them; a spreadsheet gets the same words for sorting, and
//! names, values and reasons as people read them. Invariant: no cell of the table begins like a formula.

use std::collections::BTreeMap;
use std::io::{self, Write};

use obmen_domain::party::{Field, Value};
use obmen_domain::plan::{ChangeReason, Step};
use obmen_domain::record::{RecordId, Side};
use serde::Serialize;

use crate::commands::steps::{Known, Section, records_of, text};
use crate::commands::{evidence, review};
use crate::words::Words;

/// What stands above the columns, whatever the language.
const HEADER: [&str; 10] =
    ["sort", "kind", "bitrix24", "onec", "name_bitrix24", "name_onec", "field", "before", "after", "reason"];
/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A step as programs read it.
#[derive(Serialize)]
pub(super) struct StepDocument {
    sort: &'static str,
    kind: &'static str,
    bitrix24: Vec<String>,
    onec: Vec<String>,
    /// Names by record, where they are known.
    names: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "serde_json::Value::is_null")]
    reason: serde_json::Value,
    fields: Vec<FieldDocument>,
    /// The line that the digest covers.
    text: String,
}

#[derive(Serialize)]
struct FieldDocument {
    field: Field,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ChangeReason>,
}

impl StepDocument {
    pub(super) fn of(step: &Step, known: &Known) -> io::Result<Self> {
        let names = records_of(step).into_iter().map(|id| (id.mutual(), name(id, step, known)));
        let reason = match step {
            Step::Link { reason, .. } => serde_json::to_value(reason)?,
            Step::Ask(review) => serde_json::to_value(&review.reason)?,
            Step::Create(_) | Step::Update(_) | Step::Unlink { .. } | Step::Mark(_) => {
                serde_json::Value::Null
            }
        };
        let fields = fields_of(step).into_iter().map(|row| FieldDocument {
            field: row.field,
            before: row.before.map(|value| value.to_string()),
            after: row.after.map(|value| value.to_string()),
            reason: row.reason,
        });
        Ok(Self {
            sort: Section::of(step).word(),
            kind: step.kind().word(),
            bitrix24: ids(step, Side::Bitrix24),
            onec: ids(step, Side::Onec),
            names: names.filter(|(_, name)| !name.is_empty()).collect(),
            reason,
            fields: fields.collect(),
            text: step.to_string(),
        })
    }
}

/// The table of a spreadsheet: a row a step, and a row a field where fields are written.
pub(super) struct Table<'a, W: Write> {
    rows: csv::Writer<W>,
    words: &'a Words,
}

impl<'a, W: Write> Table<'a, W> {
    /// Writes the header. The mark at the beginning tells spreadsheets the encoding.
    pub(super) fn begin(mut out: W, words: &'a Words) -> io::Result<Self> {
        out.write_all("\u{feff}".as_bytes())?;
        let separator = words.say("csv-separator").bytes().next().unwrap_or(b',');
        let mut rows =
            csv::WriterBuilder::new().delimiter(separator).terminator(csv::Terminator::CRLF).from_writer(out);
        rows.write_record(HEADER)?;
        Ok(Self { rows, words })
    }

    pub(super) fn add(&mut self, step: &Step, known: &Known) -> io::Result<()> {
        let names = |side: Side| {
            let of_side = records_of(step).into_iter().filter(|id| id.side == side);
            of_side.map(|id| name(id, step, known)).collect::<Vec<_>>().join("\n")
        };
        let [left, right] = [Side::Bitrix24, Side::Onec].map(|side| ids(step, side).join("\n"));
        let (left_name, right_name) = (names(Side::Bitrix24), names(Side::Onec));
        let mut add = |field: &str, before: &str, after: &str, reason: &str| {
            let start =
                [Section::of(step).word(), step.kind().word(), &left, &right, &left_name, &right_name];
            let cells = start.into_iter().chain([field, before, after, reason]).map(harmless);
            self.rows.write_record(cells)
        };
        let reason = match step {
            Step::Link { reason, .. } => evidence::link_reason(*reason, self.words),
            Step::Ask(review) => review::reason(&review.reason, &review.fields, self.words),
            Step::Create(_) | Step::Update(_) | Step::Unlink { .. } | Step::Mark(_) => String::new(),
        };
        let fields = fields_of(step);
        if fields.is_empty() {
            add("", "", "", &reason)?;
        }
        for row in fields {
            let shown =
                |value: Option<&Value>| value.map(|value| text(value, known, self.words)).unwrap_or_default();
            let reason =
                row.reason.map_or(reason.clone(), |reason| evidence::change_reason(reason, self.words));
            add(row.field.word(), &shown(row.before.as_ref()), &shown(row.after.as_ref()), &reason)?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

/// A field that is written, or in question.
struct FieldRow {
    field: Field,
    before: Option<Value>,
    after: Option<Value>,
    reason: Option<ChangeReason>,
}

fn fields_of(step: &Step) -> Vec<FieldRow> {
    let bare = |field: &Field| FieldRow { field: *field, before: None, after: None, reason: None };
    match step {
        Step::Create(creation) => {
            creation.shown().map(|(field, after)| FieldRow { after: Some(after), ..bare(&field) }).collect()
        }
        Step::Update(revision) => revision
            .changes
            .iter()
            .map(|change| FieldRow {
                field: change.field,
                before: Some(change.before.clone()),
                after: Some(change.after.clone()),
                reason: Some(change.reason),
            })
            .collect(),
        Step::Unlink { kept, .. } => kept.iter().map(bare).collect(),
        Step::Ask(review) => review.fields.iter().map(bare).collect(),
        Step::Link { .. } | Step::Mark(_) => Vec::new(),
    }
}

fn ids(step: &Step, side: Side) -> Vec<String> {
    records_of(step).into_iter().filter(|id| id.side == side).map(RecordId::mutual).collect()
}

/// The name of a record that a step names; the step itself knows those it writes.
fn name(id: &RecordId, step: &Step, known: &Known) -> String {
    match step {
        Step::Update(revision) => revision.record.party.display_name(),
        Step::Mark(record) => record.party.display_name(),
        Step::Create(creation) => creation.party.display_name(),
        Step::Link { .. } | Step::Unlink { .. } | Step::Ask(_) => known.name(id),
    }
}

/// A text that no spreadsheet computes: an apostrophe before it says that it is one.
fn harmless(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}
