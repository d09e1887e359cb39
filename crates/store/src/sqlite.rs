//! The store on one SQLite file: opening it, and handing out a handle for each pair.
//!
//! Not responsible for what is asked and changed; the modules below are, one for each table.
//! Invariant: while a `SqliteStore` or a handle of it lives, no other process changes the file.

pub(crate) mod apply;
pub(crate) mod columns;
pub(crate) mod connection;
pub(crate) mod database;
pub(crate) mod dirty;
pub(crate) mod figures;
pub(crate) mod intents;
pub(crate) mod journal;
pub(crate) mod keys;
pub(crate) mod links;
pub(crate) mod lock;
pub(crate) mod pair_store;
pub(crate) mod readers;
pub(crate) mod reviews;
pub(crate) mod rulings;
pub(crate) mod seen;
pub(crate) mod statement;
pub(crate) mod texts;
pub(crate) mod writer;

use std::path::Path;
use std::sync::Arc;

use self::database::Database;
use self::pair_store::PairStore;
use crate::open_error::OpenError;

/// A SQLite file (or memory) with what is known about one or many pairs. Clones share it; the last one closes it.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    database: Arc<Database>,
}

/// Where the store's work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threading {
    /// In the calling thread, under a mutex; futures are ready at once. Repeats exactly: for the simulation, for short
    /// commands.
    Inline,
    /// Changes on a writer thread of its own, which commits in groups; questions on connections of their own.
    WriterThread,
}

impl SqliteStore {
    /// Opens the file, or makes it; brings its schema up to date.
    ///
    /// # Errors
    /// When another process has it open, the folder is not writable, or it is no database of this version.
    pub fn open(path: impl AsRef<Path>, threading: Threading) -> Result<Self, OpenError> {
        let database = Database::open(path.as_ref(), threading)?;
        Ok(Self { database: Arc::new(database) })
    }

    /// Opens a file that another process owns, for questions alone: nothing can be changed through it.
    pub fn open_beside(path: impl AsRef<Path>) -> Self {
        Self { database: Arc::new(Database::open_beside(path.as_ref())) }
    }

    /// A store in memory, called inline; it is gone with the last handle.
    ///
    /// # Errors
    /// When SQLite has no memory for it.
    pub fn in_memory() -> Result<Self, OpenError> {
        Ok(Self { database: Arc::new(Database::in_memory()?) })
    }

    /// The handle of a pair. Cheap; a pair that nothing was ever applied to is just empty.
    pub fn pair(&self, name: &str) -> PairStore {
        PairStore::new(Arc::clone(&self.database), name)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bundled_sqlite_does_not_lose_committed_pages_of_the_log() {
        assert!(rusqlite::version_number() >= 3_051_003, "found {}", rusqlite::version());
    }
}
