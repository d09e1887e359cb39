//! The trace: every event in order, as a running hash and, where wanted, as text.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

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
