//! Why a store does not open.

use thiserror::Error;

/// Why a store does not open. A store is told by its file or address, without a password.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process works with it.
    #[error(
        "open {store}: {owner} has it open; stop that one first, or let a running `obmen serve` do the work"
    )]
    InUse {
        /// The store.
        store: String,
        /// The process that has it, as far as it could be told.
        owner: String,
    },
    /// The lock file beside the database cannot be made or locked.
    #[error("lock {store}; the folder must exist and be writable")]
    Lock {
        /// The lock file.
        store: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// SQLite does not open the file, or it is no database.
    #[error("open {store} as a database")]
    Sqlite {
        /// The database file.
        store: String,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The schema cannot be brought to the one this program works with; a newer program may have written it.
    #[error("bring {store} to the schema of this version")]
    Migrate {
        /// The store.
        store: String,
        /// Which migration, and why.
        source: refinery::Error,
    },
    /// The writer thread does not start.
    #[error("start the store's writer thread")]
    Thread {
        /// What the system says.
        source: std::io::Error,
    },
    /// The address of a PostgreSQL store is not understood.
    #[error("understand the address of the store: {words}")]
    Address {
        /// What is wrong with it.
        words: String,
    },
    /// The server is not reached, or does not let us in.
    #[error("connect to {store}: {words}")]
    Connect {
        /// The store.
        store: String,
        /// What was seen.
        words: String,
    },
    /// The database cannot hold every letter.
    #[error("use {store}: the database has the encoding {encoding}, and UTF8 is needed")]
    Encoding {
        /// The store.
        store: String,
        /// The encoding it has.
        encoding: String,
    },
}

impl OpenError {
    /// Whether it does not open because the disk takes no more.
    pub fn is_full(&self) -> bool {
        let is_of_system = |error: &std::io::Error| {
            use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
            matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
        };
        match self {
            Self::Lock { source, .. } => is_of_system(source),
            Self::Sqlite { source, .. } => crate::sqlite::statement::is_full(source),
            Self::Migrate { source, .. } => {
                let source = std::error::Error::source(source);
                source
                    .and_then(|source| source.downcast_ref::<rusqlite::Error>())
                    .is_some_and(crate::sqlite::statement::is_full)
            }
            _ => false,
        }
    }
}
