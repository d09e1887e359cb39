//! What the doctor of a side reports: findings with a code, which the interfaces put into words with a remedy.

use obmen_domain::configured::Place;

use crate::ports::BoxFuture;

/// Looks a connection over, and creates what is missing.
pub trait Doctor: Send + Sync {
    /// Looks over connection, rights, fields and limits. It writes nothing.
    fn check(&self) -> BoxFuture<'_, Vec<Finding>>;
    /// Creates what is missing and can be created over the interface, reads it back, and reports each thing done or
    /// left to a person.
    fn setup(&self) -> BoxFuture<'_, Vec<Finding>>;
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The message's name in the locales: `check-…`; its remedy is `check-….remedy`.
    pub code: &'static str,
    /// Arguments of the message.
    pub details: Vec<(&'static str, String)>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Good,
    /// It works, with a restriction.
    Warning,
    /// A sync cannot or must not run.
    Problem,
}

impl Finding {
    /// A finding that a configured field has no place on a side, with what there is to say besides.
    pub fn of_place(code: &'static str, place: &Place, further: Option<(&'static str, String)>) -> Self {
        let mut details = vec![
            ("field", place.name.to_string()),
            ("at", place.at.join(", ")),
            ("kind", place.kind.word().to_owned()),
        ];
        details.extend(further);
        Self::problem(code, details)
    }

    /// A finding that all is well.
    pub fn good(code: &'static str, details: Vec<(&'static str, String)>) -> Self {
        Self { severity: Severity::Good, code, details }
    }

    /// A finding of a restriction.
    pub fn warning(code: &'static str, details: Vec<(&'static str, String)>) -> Self {
        Self { severity: Severity::Warning, code, details }
    }

    /// A finding that stops a sync.
    pub fn problem(code: &'static str, details: Vec<(&'static str, String)>) -> Self {
        Self { severity: Severity::Problem, code, details }
    }
}
