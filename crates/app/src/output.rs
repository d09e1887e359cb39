//! The standard output: text for people, or one JSON document.
//!
//! A closed pipe is no failure: whoever reads has seen enough.

use std::io::{BufWriter, Write};

use serde::Serialize;

/// Prints a line for people.
pub(crate) fn print_line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints a line on the standard error, for people too.
pub(crate) fn print_aside(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A document in one line.
pub(crate) fn document_text(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("documents are plain data with text keys")
}

/// Prints the one JSON document of a command.
pub(crate) fn print_json(document: &impl Serialize) {
    let text = document_text(document);
    let mut stdout = std::io::stdout();
    let _ = writeln!(stdout, "{text}");
    let _ = stdout.flush();
}

/// Prints a document with one long list in it, a row after the other, so that no more than a row is in memory.
pub(crate) struct ListPrinter<W: Write = BufWriter<Box<dyn Write + Send>>> {
    out: W,
    separator: &'static str,
}

impl ListPrinter {
    /// Begins the document: texts by name, then the list of this name.
    pub(crate) fn begin(out: Box<dyn Write + Send>, texts: &[(&str, &str)], list: &str) -> Self {
        Self::begin_in(BufWriter::new(out), texts, list)
    }
}

impl<W: Write> ListPrinter<W> {
    fn begin_in(mut out: W, texts: &[(&str, &str)], list: &str) -> Self {
        let texts: String =
            texts.iter().map(|(name, text)| format!("{}:{},", quoted(name), quoted(text))).collect();
        let _ = write!(out, "{{{texts}{}:[", quoted(list));
        Self { out, separator: "" }
    }

    /// Prints the next row.
    pub(crate) fn row(&mut self, row: &impl Serialize) {
        let text = document_text(row);
        let _ = write!(self.out, "{}{text}", self.separator);
        self.separator = ",";
    }

    /// Ends the document, with further fields after the list.
    pub(crate) fn end_with(mut self, further: &serde_json::Value) {
        let text = further.to_string();
        let _ = writeln!(self.out, "],{}", text.trim_start_matches('{'));
        let _ = self.out.flush();
    }

    /// Ends the document.
    pub(crate) fn end(mut self) {
        let _ = writeln!(self.out, "]}}");
        let _ = self.out.flush();
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn fields_after_a_list_stand_in_the_same_document() {
        let mut out = Vec::new();
        let mut printer = ListPrinter::begin_in(&mut out, &[], "rows");
        printer.row(&1);
        printer.end_with(&json!({"count": {"a": 1}}));
        let document: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(document, json!({"rows": [1], "count": {"a": 1}}));
    }

    #[test]
    fn a_list_printed_row_by_row_is_one_document() {
        for rows in [vec![], vec![json!({"a": "\"x\""})], vec![json!(1), json!([2]), json!(null)]] {
            let mut out = Vec::new();
            let mut printer = ListPrinter::begin_in(&mut out, &[("run", "a \"b\"")], "rows");
            rows.iter().for_each(|row| printer.row(row));
            printer.end();
            let document: Value = serde_json::from_slice(&out).unwrap();
            assert_eq!(document, json!({"run": "a \"b\"", "rows": rows}));
            assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 1);
        }
    }
}
