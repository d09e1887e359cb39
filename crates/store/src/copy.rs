//! Copying everything from one store into another, empty one, whatever the engines.
//!
//! Tables are copied row by row as they are, in portions; the rows of both stores are digested, and what was written is
//! read back before it is committed. Not responsible for the meaning of a row. Invariant: the target gets all or nothing,
//! and while the copy runs nobody else works with either store.

mod cell;
mod postgres;
mod sqlite;
mod tables;

use std::path::Path;

use obmen_engine::ports::StoreError;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use self::cell::Cell;
use self::postgres::PostgresEnd;
use self::sqlite::SqliteEnd;
use self::tables::{TABLES, Table};
use crate::open_error::OpenError;
use crate::opened::Opened;

/// Rows that are in memory at once.
const PORTION: usize = 2000;

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Tables and their rows, in the order of copying.
    pub rows: Vec<(&'static str, u64)>,
    /// SHA-256 of all rows of the store that was read.
    pub digest_from: String,
    /// The same of the store that was written, as read back.
    pub digest_to: String,
}

/// Why nothing was copied.
#[derive(Debug, Error)]
pub enum CopyError {
    /// One of them does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is nothing to be copied.
    #[error("find the store {store}")]
    Missing {
        /// The store.
        store: String,
    },
    /// The target holds something already.
    #[error("copy into {store}: it is not empty")]
    NotEmpty {
        /// The target.
        store: String,
    },
    /// One of them failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was read back is not what was written; it was not kept.
    #[error("read back what was written: the digests {digest_from} and {digest_to} differ")]
    Differs {
        /// Of the store that was read.
        digest_from: String,
        /// Of the store that was written.
        digest_to: String,
    },
}

/// One of the two stores, open for nobody else.
enum End {
    Sqlite(SqliteEnd),
    Postgres(PostgresEnd),
}

/// Copies the store at one address into the empty store at another; relative files are relative to `folder`. `told` hears
/// of each table when it is written. To be called within a tokio runtime.
///
/// # Errors
/// When one of them is in use or does not open, the target is not empty, or anything fails; the target is then as before.
pub async fn copy(
    from: &str,
    to: &str,
    folder: &Path,
    told: &mut dyn FnMut(&'static str, u64),
) -> Result<Copied, CopyError> {
    Opened::check_address(from)?;
    Opened::check_address(to)?;
    let mut source = End::open_source(from, folder).await?;
    let mut target = End::open(to, folder).await?;
    source.begin().await?;
    target.begin().await?;
    for table in TABLES {
        if !target.rows(table, None, 1).await?.is_empty() {
            return Err(CopyError::NotEmpty { store: target.shown() });
        }
    }
    let mut rows = Vec::new();
    let mut digest = Sha256::new();
    for table in TABLES {
        let mut count = 0;
        let mut after = None;
        loop {
            let portion = source.rows(table, after.as_deref(), PORTION).await?;
            let Some(last) = portion.last() else { break };
            after = Some(table.key_of(last));
            digest_rows(&mut digest, table, &portion);
            count += portion.len() as u64;
            target.add(table, &portion).await?;
        }
        told(table.name, count);
        rows.push((table.name, count));
    }
    let digest_from = hex(digest);
    let digest_to = target.digest().await?;
    if digest_from != digest_to {
        return Err(CopyError::Differs { digest_from, digest_to });
    }
    target.commit().await?;
    Ok(Copied { rows, digest_from, digest_to })
}

impl End {
    /// Opens a store that is there.
    async fn open_source(url: &str, folder: &Path) -> Result<Self, CopyError> {
        if let Some(file) = url.strip_prefix("sqlite:")
            && !folder.join(file).is_file()
        {
            return Err(CopyError::Missing { store: folder.join(file).display().to_string() });
        }
        Self::open(url, folder).await
    }

    async fn open(url: &str, folder: &Path) -> Result<Self, CopyError> {
        Ok(match url.strip_prefix("sqlite:") {
            Some(file) => Self::Sqlite(SqliteEnd::open(&folder.join(file))?),
            None => Self::Postgres(PostgresEnd::open(url).await?),
        })
    }

    fn shown(&self) -> String {
        match self {
            Self::Sqlite(end) => end.shown(),
            Self::Postgres(end) => end.shown(),
        }
    }

    async fn begin(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(end) => end.begin(),
            Self::Postgres(end) => end.begin().await,
        }
    }

    /// Rows in the order of their key, those after `after` only.
    async fn rows(
        &self,
        table: &'static Table,
        after: Option<&[Cell]>,
        limit: usize,
    ) -> Result<Vec<Vec<Cell>>, StoreError> {
        match self {
            Self::Sqlite(end) => end.rows(table, after, limit),
            Self::Postgres(end) => end.rows(table, after, limit).await,
        }
    }

    async fn add(&mut self, table: &'static Table, rows: &[Vec<Cell>]) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(end) => end.add(table, rows),
            Self::Postgres(end) => end.add(table, rows).await,
        }
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(end) => end.commit(),
            Self::Postgres(end) => end.commit().await,
        }
    }

    async fn digest(&self) -> Result<String, StoreError> {
        let mut digest = Sha256::new();
        for table in TABLES {
            let mut after = None;
            loop {
                let portion = self.rows(table, after.as_deref(), PORTION).await?;
                let Some(last) = portion.last() else { break };
                after = Some(table.key_of(last));
                digest_rows(&mut digest, table, &portion);
            }
        }
        Ok(hex(digest))
    }
}

/// Adds rows to a digest, so that no two contents look the same: each cell with its sort and its length.
fn digest_rows(digest: &mut Sha256, table: &Table, rows: &[Vec<Cell>]) {
    for row in rows {
        digest.update(table.name);
        for cell in row {
            cell.digest(digest);
        }
    }
}

fn hex(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
