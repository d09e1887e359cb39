//! What is wrong with a configuration, and where.
//!
//! A problem is a message of the locales with its arguments; it becomes a sentence only when it is shown.

use std::ops::Range;
use std::path::Path;

use super::document::Document;

/// Everything that is wrong with a file.
#[derive(Debug)]
pub(crate) struct ConfigError {
    /// The file's name as given.
    pub(crate) file: String,
    /// Its text with secrets masked, byte for byte as long as the original.
    pub(crate) excerpt: String,
    /// What is wrong, in the order of the file.
    pub(crate) problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The bytes it is about; none when the file as a whole is meant.
    pub(crate) span: Option<Range<usize>>,
    /// The message's name in the locales; its remedy is the attribute `remedy`.
    pub(crate) id: &'static str,
    /// Arguments of the message.
    pub(crate) details: Vec<(&'static str, String)>,
}

/// Complaints about values, by their path (`pair/0/onec/url`); the empty path is the whole file.
#[derive(Debug, Default)]
pub(crate) struct Complaints(Vec<(String, Problem)>);

impl ConfigError {
    pub(crate) fn new(document: &Document, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.span.as_ref().map_or(0, |span| span.start));
        Self { file: document.name(), excerpt: document.masked(), problems }
    }

    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let id = if error.kind() == std::io::ErrorKind::NotFound {
            "config-missing-file"
        } else {
            "config-unreadable-file"
        };
        let file = path.display().to_string();
        let details = vec![("file", file.clone()), ("words", error.to_string())];
        Self { file, excerpt: String::new(), problems: vec![Problem { span: None, id, details }] }
    }
}

impl Problem {
    /// What the TOML reader says, in our own words where its sentence is known.
    pub(crate) fn of_toml(error: &toml::de::Error) -> Self {
        let message = error.message();
        let (id, details) = match split_message(message) {
            Some(("unknown field", key, expected)) => {
                ("config-unknown-key", vec![("key", key), ("expected", expected)])
            }
            Some(("unknown variant", value, expected)) => {
                ("config-unknown-value", vec![("value", value), ("expected", expected)])
            }
            Some(("missing field", key, _)) => ("config-missing-key", vec![("key", key)]),
            _ => match message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
            {
                Some((found, expected)) => {
                    let details = vec![("found", found.to_owned()), ("expected", expected.to_owned())];
                    ("config-wrong-type", details)
                }
                None => ("config-syntax", vec![("words", message.to_owned())]),
            },
        };
        Self { span: error.span(), id, details }
    }
}

impl Complaints {
    pub(crate) fn add(
        &mut self,
        path: impl Into<String>,
        id: &'static str,
        details: Vec<(&'static str, String)>,
    ) {
        self.0.push((path.into(), Problem { span: None, id, details }));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_problems(self, document: &Document) -> Vec<Problem> {
        self.0
            .into_iter()
            .map(|(path, problem)| Problem { span: document.locate(&path), ..problem })
            .collect()
    }
}

/// Takes apart "unknown field `a`, expected one of `b`, `c`".
fn split_message(message: &str) -> Option<(&str, String, String)> {
    let (head, rest) = message.split_once(" `")?;
    let (name, rest) = rest.split_once('`')?;
    let expected = rest.strip_prefix(", expected ").unwrap_or(rest).trim_start_matches("one of ");
    Some((head, name.to_owned(), expected.replace('`', "")))
}
