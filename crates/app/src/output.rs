//! The standard output: text for people, or one JSON document.
//!
//! A closed pipe is no failure: whoever reads has seen enough.

use std::io::Write as _;

use serde::Serialize;

/// Prints a line for people.
pub(crate) fn print_line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints a line on the standard error, for people too.
pub(crate) fn print_aside(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints the one JSON document of a command.
pub(crate) fn print_json(document: &impl Serialize) {
    let text = serde_json::to_string(document).expect("documents are plain data with text keys");
    let mut stdout = std::io::stdout();
    let _ = writeln!(stdout, "{text}");
    let _ = stdout.flush();
}
