//! Tables for people: two columns, a title, numbers to the right.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use obmen_engine::report::Report;

use crate::words::Words;

/// Texts are broken into lines of a cell on terminals of at least this width.
const NARROWEST: u16 = 60;

/// A table with names on the left and figures on the right.
pub(crate) fn figures_table(title: &str, rows: &[(String, String)]) -> String {
    let mut table = new_table();
    table.set_header([Cell::new(title), Cell::new("")]);
    for (name, value) in rows {
        table.add_row([Cell::new(name), Cell::new(value).set_alignment(CellAlignment::Right)]);
    }
    table.to_string()
}

/// How many columns the terminal of this process shows, where it is one.
pub(crate) fn terminal_width() -> Option<u16> {
    new_table().width()
}

/// A table with a header and rows of texts, for a terminal of this width.
pub(crate) fn text_table(header: &[String], rows: &[Vec<String>], width: Option<u16>) -> String {
    let mut table = new_table();
    if let Some(columns) = width.filter(|columns| *columns >= NARROWEST) {
        table.set_width(columns);
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    table.to_string()
}

/// The rows of a run's report.
pub(crate) fn report_rows(report: &Report, words: &Words) -> Vec<(String, String)> {
    let counts = [
        ("report-linked", report.linked),
        ("report-created-bitrix24", report.created_bitrix24),
        ("report-created-onec", report.created_onec),
        ("report-updated-bitrix24", report.updated_bitrix24),
        ("report-updated-onec", report.updated_onec),
        ("report-unchanged", report.unchanged),
        ("report-reviews", report.reviews),
        ("report-failed", report.failed),
        ("report-waiting", report.waiting),
        ("report-requests-bitrix24", report.requests_bitrix24),
        ("report-requests-onec", report.requests_onec),
    ];
    let mut rows: Vec<(String, String)> =
        counts.into_iter().map(|(id, count)| (words.say(id), count.to_string())).collect();
    rows.push((words.say("report-seconds"), format!("{:.1}", report.seconds)));
    rows
}

fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table
}
