//! What the product logs while a seed is lived through: its words, to be looked through for people and for secrets.
//!
//! Not responsible for judging. Invariant: what is kept does not depend on levels, since any of them may be switched on.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Everything that was logged, each line once; clones are the same log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<BTreeSet<String>>>);

impl Log {
    /// The lines.
    pub(crate) fn lines(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, fields: impl FnOnce(&mut Line)) {
        let mut line = Line::default();
        fields(&mut line);
        self.lines().insert(line.0);
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("obmen")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.keep(|line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.keep(|line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.keep(|line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The fields of an event as one line. How long something took is left out: it would make each line another one.
#[derive(Debug, Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() != "millis" {
            let _ = write!(self.0, "{}={value:?} ", field.name());
        }
    }
}
