//! What a walk over a side brings, a portion at a time.
//!
//! Invariant: a portion that waits takes no more memory than what its side told; records are made of it when they are
//! asked for.

use std::fmt;

use obmen_domain::record::Record;

/// Where a walk goes on; only the side that made it reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// A portion of a walk.
#[derive(Debug, Default)]
pub struct Portion {
    /// The records read.
    pub records: Records,
    /// How many of them another portion of the walk has too.
    pub again: u64,
    /// Where the walk goes on: nowhere, at the next record, or at several places at once.
    pub next: Vec<Cursor>,
    /// How many records the whole walk has, where the side says so.
    pub total: Option<u64>,
}

/// The records of a portion, each made when it is asked for.
pub struct Records(Box<dyn Iterator<Item = Record> + Send>);

impl Records {
    /// Records that come into being as they are taken.
    pub fn made_by(records: impl Iterator<Item = Record> + Send + 'static) -> Self {
        Self(Box::new(records))
    }
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        self.0.next()
    }
}

impl From<Vec<Record>> for Records {
    fn from(records: Vec<Record>) -> Self {
        Self::made_by(records.into_iter())
    }
}

impl Default for Records {
    fn default() -> Self {
        Self::made_by(std::iter::empty())
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}
