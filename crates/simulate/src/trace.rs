//! The trace: every event in order, as a running hash and, where wanted, as text.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;
use obmen_engine::store::Change;

/// Everything that happened, hashed.
#[derive(Debug)]
pub(crate) struct Trace {
    hasher: DefaultHasher,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// An empty trace; it keeps its lines where they are wanted.
    pub(crate) fn new(keep: bool) -> Self {
        Self { hasher: DefaultHasher::new(), lines: keep.then(Vec::new) }
    }

    /// Adds an event. The text is made only for the hash and the lines, so it must not depend on addresses or hashing.
    pub(crate) fn add(&mut self, line: String) {
        line.hash(&mut self.hasher);
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
    }

    /// Adds a change of the store. Nearly all it says was said by requests and answers before, so that where lines are not
    /// kept its sort and whom it is about will do.
    pub(crate) fn add_change(&mut self, now: Timestamp, change: &Change) {
        if self.is_kept() {
            return self.add(format!("{now} store {change:?}"));
        }
        now.as_nanosecond().hash(&mut self.hasher);
        std::mem::discriminant(change).hash(&mut self.hasher);
        match change {
            Change::Seen(record) => (&record.id, &record.version).hash(&mut self.hasher),
            Change::Journal(entry) => {
                (&entry.record, std::mem::discriminant(&entry.event)).hash(&mut self.hasher)
            }
            Change::Base { bitrix24, .. } => bitrix24.hash(&mut self.hasher),
            change => format!("{change:?}").hash(&mut self.hasher),
        }
    }

    /// Adds bytes to the hash alone.
    pub(crate) fn add_bytes(&mut self, bytes: &[u8]) {
        self.hasher.write(bytes);
    }

    /// Whether lines are kept.
    pub(crate) fn is_kept(&self) -> bool {
        self.lines.is_some()
    }

    /// The hash of all events, and the lines.
    pub(crate) fn finish(self) -> (u64, Vec<String>) {
        (self.hasher.finish(), self.lines.unwrap_or_default())
    }
}
