//! A store by its address, whatever the engine.

use std::path::Path;
use std::sync::Arc;

use obmen_engine::store::Store;

use crate::open_error::OpenError;
use crate::postgres::PostgresStore;
use crate::sqlite::{SqliteStore, Threading};

/// An open store.
#[derive(Debug, Clone)]
pub enum Opened {
    /// A SQLite file.
    Sqlite(SqliteStore),
    /// A PostgreSQL database.
    Postgres(PostgresStore),
}

impl Opened {
    /// Whether a text is `sqlite:FILE` or the address of a PostgreSQL database.
    ///
    /// # Errors
    /// When it is neither; the error does not quote it.
    pub fn check_address(url: &str) -> Result<(), OpenError> {
        match url.strip_prefix("sqlite:") {
            Some("") => Err(OpenError::Address { words: "it names no file".to_owned() }),
            Some(_) => Ok(()),
            None => PostgresStore::check_address(url),
        }
    }

    /// Opens the store at `sqlite:FILE` or `postgres://…`; a relative file is relative to `folder`. To be called within a
    /// tokio runtime.
    ///
    /// # Errors
    /// As [`SqliteStore::open`] and [`PostgresStore::open`].
    pub async fn open(url: &str, folder: &Path) -> Result<Self, OpenError> {
        Self::check_address(url)?;
        Ok(match url.strip_prefix("sqlite:") {
            Some(file) => Self::Sqlite(SqliteStore::open(folder.join(file), Threading::WriterThread)?),
            None => Self::Postgres(PostgresStore::open(url).await?),
        })
    }

    /// As [`Opened::open`]; a SQLite file that another process owns is opened beside it, for questions alone.
    ///
    /// # Errors
    /// As [`Opened::open`].
    pub async fn open_to_read(url: &str, folder: &Path) -> Result<Self, OpenError> {
        match (Self::open(url, folder).await, url.strip_prefix("sqlite:")) {
            (Err(OpenError::InUse { .. }), Some(file)) => {
                Ok(Self::Sqlite(SqliteStore::open_beside(folder.join(file))))
            }
            (opened, _) => opened,
        }
    }

    /// The handle of a pair.
    pub fn pair(&self, name: &str) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::new(store.pair(name)),
            Self::Postgres(store) => Arc::new(store.pair(name)),
        }
    }
}
