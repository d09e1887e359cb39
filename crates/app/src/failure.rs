//! Why a command could not be done, and how that is told.
//!
//! The one place that turns errors into sentences with remedies and into exit codes.

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};
use obmen_engine::heed::Fall;
use obmen_engine::ports::{SideError, StoreError};
use obmen_engine::sync::EngineError;
use obmen_store::OpenError;
use serde_json::json;

use crate::commands::findings;
use crate::config::{ConfigError, Problem};
use crate::gate::Found;
use crate::words::{Arg, Words, args_of};

/// Why a command could not be done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The configuration is wrong.
    Config(ConfigError),
    /// A side does not do what was asked.
    Side(SideError),
    /// The doctors found what stops a run.
    Findings(Vec<Found>),
    /// Far fewer records than before.
    Fewer(Vec<Fall>),
    /// A reason of our own, by its message.
    Said {
        /// The message's name.
        id: &'static str,
        /// Its arguments.
        details: Vec<(&'static str, String)>,
    },
    /// Anything else, with its chain of causes.
    Other(anyhow::Error),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Done.
    Done,
    /// Done, but reviews or failures wait.
    Waiting,
    /// Done what could be done, and that was not enough; everything has been said.
    Failed,
}

impl Ending {
    /// The exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Waiting => 3,
        }
    }
}

impl Failure {
    /// A reason of our own without arguments.
    pub(crate) fn said(id: &'static str) -> Self {
        Self::Said { id, details: Vec::new() }
    }

    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Config(_) => 2,
            Self::Side(_) | Self::Findings(_) | Self::Fewer(_) | Self::Said { .. } | Self::Other(_) => 1,
        }
    }

    /// What sort of failure it is, in a word for counters.
    pub(crate) fn class(&self) -> &'static str {
        match self {
            Self::Config(_) => "config",
            Self::Side(error) => side_message(error).0,
            Self::Findings(_) => "findings",
            Self::Fewer(_) => "fewer",
            Self::Said { id, .. } => id,
            Self::Other(_) => "other",
        }
    }

    /// The text for people.
    pub(crate) fn text(&self, words: &Words) -> String {
        if let Self::Config(error) = self {
            return config_text(error, words);
        }
        if let Self::Findings(found) = self {
            let lines: Vec<String> = found.iter().map(|found| findings::text(found, words)).collect();
            return format!(
                "{}\n{}",
                lines.join("\n"),
                words.say_with("failed", &[("message", words.say("check-stops").into())])
            );
        }
        let (message, remedy) = self.sentence(words);
        let message = words.say_with("failed", &[("message", message.into())]);
        remedy.map_or_else(
            || message.clone(),
            |remedy| format!("{message}\n{}", words.say_with("remedy", &[("text", remedy.into())])),
        )
    }

    /// The document for programs.
    pub(crate) fn document(&self, words: &Words) -> serde_json::Value {
        if let Self::Config(error) = self {
            let problems: Vec<_> =
                error.problems.iter().map(|problem| problem_document(error, problem, words)).collect();
            return json!({ "error": { "file": error.file, "problems": problems } });
        }
        let (message, remedy) = self.sentence(words);
        if let Self::Findings(found) = self {
            let findings: Vec<_> = found.iter().map(|found| findings::document(found, words)).collect();
            return json!({ "error": { "message": message, "remedy": remedy, "findings": findings } });
        }
        json!({ "error": { "message": message, "remedy": remedy } })
    }

    /// What went wrong, and what to do about it.
    pub(crate) fn sentence(&self, words: &Words) -> (String, Option<String>) {
        match self {
            Self::Config(error) => (error.file.clone(), None),
            Self::Side(error) => {
                let (id, args) = side_message(error);
                (words.say_with(id, &args), words.remedy(id, &args))
            }
            Self::Fewer(falls) => {
                let falls: Vec<String> = falls.iter().map(|fall| fall_text(fall, words)).collect();
                let args = [("falls", falls.join("; ").into())];
                (words.say_with("fewer-records", &args), words.remedy("fewer-records", &args))
            }
            Self::Findings(_) => (words.say("check-stops"), words.remedy("check-stops", &[])),
            Self::Said { id, details } => {
                let args = args_of(details);
                (words.say_with(id, &args), words.remedy(id, &args))
            }
            Self::Other(error) => (format!("{error:#}"), None),
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Side(error) => Self::Side(error),
            EngineError::Store(error) => error.into(),
            EngineError::Fewer(falls) => Self::Fewer(falls),
            EngineError::NotApproved => Self::said("not-approved"),
            EngineError::Aside(error) => {
                Self::Said { id: "plan-not-kept", details: vec![("words", error.to_string())] }
            }
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<SideError> for Failure {
    fn from(error: SideError) -> Self {
        Self::Side(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let (id, words) = store_message(error);
        Self::Said { id, details: vec![("words", words)] }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::InUse { store, owner } => {
                Self::Said { id: "store-in-use", details: vec![("store", store), ("owner", owner)] }
            }
            OpenError::Address { words } => {
                Self::Said { id: "config-store-url", details: vec![("words", words)] }
            }
            OpenError::Connect { store, words } => {
                Self::Said { id: "store-unreachable", details: vec![("words", format!("{store}: {words}"))] }
            }
            other if other.is_full() => {
                Self::Said { id: "store-full", details: vec![("words", other.to_string())] }
            }
            other => Self::Other(anyhow::Error::new(other)),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

fn fall_text(fall: &Fall, words: &Words) -> String {
    let name = words.say(&format!("name-{}-{}", fall.side.word(), fall.kind.word()));
    let [before, now] = [fall.before, fall.now].map(|count| count.to_string());
    words.say_with("fewer-of", &[("name", name.into()), ("before", before.into()), ("now", now.into())])
}

/// The message for what a side said.
fn side_message(error: &SideError) -> (&'static str, Vec<(&'static str, Arg)>) {
    match error {
        SideError::Unauthorized { side, words } => {
            ("side-unauthorized", vec![("side", side.word().into()), ("words", words.as_str().into())])
        }
        SideError::NotInstalled { words } => ("side-not-installed", vec![("words", words.as_str().into())]),
        SideError::MissingRight { side, what } => {
            ("side-missing-right", vec![("side", side.word().into()), ("what", what.as_str().into())])
        }
        SideError::ClosedComposition { set } => {
            ("side-closed-composition", vec![("set", set.as_str().into())])
        }
        SideError::NoExtension { words } => ("side-no-extension", vec![("words", words.as_str().into())]),
        SideError::MissingField { side, field } => {
            ("side-missing-field", vec![("side", side.word().into()), ("field", field.as_str().into())])
        }
        SideError::Unavailable { side, words } => {
            ("side-unavailable", vec![("side", side.word().into()), ("words", words.as_str().into())])
        }
        SideError::Locked { side, words } => {
            ("side-locked", vec![("side", side.word().into()), ("words", words.as_str().into())])
        }
        SideError::NoLicence { side, words } => {
            ("side-no-licence", vec![("side", side.word().into()), ("words", words.as_str().into())])
        }
        SideError::Unpaid { side, words } => {
            ("side-unpaid", vec![("side", side.word().into()), ("words", words.as_str().into())])
        }
        SideError::Busy { side, words } => {
            ("side-busy", vec![("side", side.word().into()), ("words", words.as_str().into())])
        }
        SideError::Rejected { side, words } => {
            ("side-rejected", vec![("side", side.word().into()), ("words", words.as_str().into())])
        }
        SideError::LimitReached { side, until } => {
            ("side-limit-reached", vec![("side", side.word().into()), ("until", until.to_string().into())])
        }
        SideError::Unexpected { side, words } => {
            ("side-unexpected", vec![("side", side.word().into()), ("words", words.as_str().into())])
        }
        SideError::Store(error) => {
            let (id, words) = store_message(error.clone());
            (id, vec![("words", words.into())])
        }
    }
}

/// The message for what the store said, and its words.
fn store_message(error: StoreError) -> (&'static str, String) {
    match error {
        StoreError::Failed(words) => ("store-failed", words),
        StoreError::Full(words) => ("store-full", words),
        StoreError::Unreachable(words) => ("store-unreachable", words),
    }
}

fn config_text(error: &ConfigError, words: &Words) -> String {
    let theme =
        if std::env::var_os("NO_COLOR").is_some() || !std::io::IsTerminal::is_terminal(&std::io::stderr()) {
            GraphicalTheme::unicode_nocolor()
        } else {
            GraphicalTheme::unicode()
        };
    let handler = GraphicalReportHandler::new_themed(theme).with_context_lines(1).with_width(110);
    let shown = error.problems.iter().map(|problem| {
        let args = args_of(&problem.details);
        let mut diagnostic = MietteDiagnostic::new(words.say_with(problem.id, &args));
        diagnostic.help = words.remedy(problem.id, &args);
        if let Some(span) = &problem.span {
            let label = words.say("config-here");
            diagnostic = diagnostic.with_label(LabeledSpan::at(span.clone(), label));
        }
        let report =
            Report::new(diagnostic).with_source_code(NamedSource::new(&error.file, error.excerpt.clone()));
        let mut text = String::new();
        match handler.render_report(&mut text, report.as_ref()) {
            Ok(()) => text,
            Err(_) => report.to_string(),
        }
    });
    shown.collect::<Vec<_>>().join("\n")
}

fn problem_document(error: &ConfigError, problem: &Problem, words: &Words) -> serde_json::Value {
    let args = args_of(&problem.details);
    let place = problem.span.as_ref().map(|span| line_and_column(&error.excerpt, span.start));
    json!({
        "message": words.say_with(problem.id, &args),
        "remedy": words.remedy(problem.id, &args),
        "line": place.map(|(line, _)| line),
        "column": place.map(|(_, column)| column),
    })
}

fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
