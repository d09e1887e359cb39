//! Running a named statement: prepared once a connection, its failures told by name and by class.
//!
//! Invariant: an error holds the statement's name and the words of PostgreSQL, never a value that was bound or read. (Values
//! stand in the detail of the server's errors, which is left out.)

use std::error::Error as _;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::Transaction;
use futures_util::TryStreamExt as _;
use obmen_engine::ports::StoreError;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::rows::Fields;
use crate::documents::name_of;

/// Values to be bound.
pub(crate) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// One pair of a database, within a transaction.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The transaction.
    pub(crate) transaction: &'a Transaction<'a>,
    /// The pair's id, zero for one that has none yet.
    pub(crate) pair: i32,
    /// Becomes true when the server undoes the transaction because it met another.
    pub(crate) collided: &'a AtomicBool,
}

impl Scope<'_> {
    /// Runs a statement; answers how many rows it changed.
    pub(crate) async fn execute(&self, sql: &'static str, values: Values<'_>) -> Result<u64, StoreError> {
        let run = async {
            let statement = self.transaction.prepare_cached(sql).await?;
            self.transaction.execute(&statement, values).await
        };
        run.await.map_err(|error| self.failed(sql, &error))
    }

    /// The first row of a question.
    pub(crate) async fn one<T>(
        &self,
        sql: &'static str,
        values: Values<'_>,
        read: impl Fn(&Fields<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.all(sql, values, read).await?.into_iter().next())
    }

    /// All rows of a question.
    pub(crate) async fn all<T>(
        &self,
        sql: &'static str,
        values: Values<'_>,
        read: impl Fn(&Fields<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let ask = async {
            let statement = self.transaction.prepare_cached(sql).await?;
            self.transaction.query(&statement, values).await
        };
        let rows = ask.await.map_err(|error| self.failed(sql, &error))?;
        rows.iter().map(|row| read(&Fields { sql, row })).collect()
    }

    /// Tells each row of a question, none of which is kept.
    pub(crate) async fn each(
        &self,
        sql: &'static str,
        values: Values<'_>,
        mut told: impl FnMut(&Fields<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let ask = async {
            let statement = self.transaction.prepare_cached(sql).await?;
            self.transaction.query_raw(&statement, values.iter().copied()).await
        };
        let mut rows = pin!(ask.await.map_err(|error| self.failed(sql, &error))?);
        while let Some(row) = rows.try_next().await.map_err(|error| self.failed(sql, &error))? {
            told(&Fields { sql, row: &row })?;
        }
        Ok(())
    }

    fn failed(&self, sql: &str, error: &tokio_postgres::Error) -> StoreError {
        note_collision(self.collided, error);
        failed(sql, error)
    }
}

/// A failure of a statement, by its name and class.
pub(crate) fn failed(sql: &str, error: &tokio_postgres::Error) -> StoreError {
    let words = format!("{}: {}", name_of(sql), words_of(error));
    if error.code() == Some(&SqlState::DISK_FULL) {
        StoreError::Full(words)
    } else if is_lost(error) {
        StoreError::Unreachable(words)
    } else {
        StoreError::Failed(words)
    }
}

/// Notes that the same changes may succeed when they are tried again at once.
pub(crate) fn note_collision(collided: &AtomicBool, error: &tokio_postgres::Error) {
    let undone = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
    if error.code().is_some_and(|code| undone.contains(code)) {
        collided.store(true, Ordering::Relaxed);
    }
}

/// What the server says and its code, or what was seen of the connection.
pub(crate) fn words_of(error: &tokio_postgres::Error) -> String {
    if let Some(said) = error.as_db_error() {
        return format!("{} ({})", said.message(), said.code().code());
    }
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// Whether the server, or the way to it, is the matter.
fn is_lost(error: &tokio_postgres::Error) -> bool {
    let Some(code) = error.code() else {
        return error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>());
    };
    // Classes of connections, of what an operator ends, and of a server that has no room.
    ["08", "57P", "53"].iter().any(|class| code.code().starts_with(class))
}
