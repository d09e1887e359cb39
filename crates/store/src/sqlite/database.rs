//! The database behind all handles: where questions run, where changes are committed.
//!
//! Invariant: the fields are dropped in their order, so that the lock goes last, after every connection is closed.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use obmen_engine::ports::StoreError;
use obmen_engine::store::Change;
use rusqlite::Connection;

use super::lock::FileLock;
use super::readers::Readers;
use super::statement::{Scope, execute};
use super::writer::{Job, Writer, commit_group};
use super::{Threading, connection};
use crate::open_error::OpenError;

/// An open database.
#[derive(Debug)]
pub(crate) struct Database {
    backend: Backend,
    /// None for a database in memory, or of another process.
    _lock: Option<FileLock>,
}

#[derive(Debug)]
enum Backend {
    Inline(Mutex<Connection>),
    Threaded {
        writer: Writer,
        readers: Readers,
    },
    /// Another process owns the file.
    Beside {
        readers: Readers,
    },
}

impl Database {
    /// Takes the file's lock, then opens it.
    pub(crate) fn open(path: &Path, threading: Threading) -> Result<Self, OpenError> {
        let lock = FileLock::take(path)?;
        let connection = connection::open_writer(path)?;
        let backend = match threading {
            Threading::Inline => Backend::Inline(Mutex::new(connection)),
            Threading::WriterThread => {
                let writer = Writer::start(connection).map_err(|source| OpenError::Thread { source })?;
                Backend::Threaded { writer, readers: Readers::of(path) }
            }
        };
        Ok(Self { backend, _lock: Some(lock) })
    }

    /// Opens the file of another process for questions alone.
    pub(crate) fn open_beside(path: &Path) -> Self {
        Self { backend: Backend::Beside { readers: Readers::of(path) }, _lock: None }
    }

    /// Opens a database in memory, called inline.
    pub(crate) fn in_memory() -> Result<Self, OpenError> {
        Ok(Self { backend: Backend::Inline(Mutex::new(connection::open_in_memory()?)), _lock: None })
    }

    /// Asks within one transaction, so that all parts of an answer are of one moment.
    pub(crate) fn read<T>(
        &self,
        pair: &str,
        ask: impl FnOnce(&Scope<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match &self.backend {
            // A panic while the mutex was held has rolled its transaction back: the connection is whole.
            Backend::Inline(connection) => {
                ask_within(&connection.lock().unwrap_or_else(PoisonError::into_inner), pair, ask)
            }
            Backend::Threaded { readers, .. } | Backend::Beside { readers } => {
                readers.with(|connection| ask_within(connection, pair, ask))
            }
        }
    }

    /// Commits changes of a pair, all or none.
    pub(crate) async fn write(&self, pair: &str, changes: Vec<Change>) -> Result<(), StoreError> {
        let job = Job { pair: pair.to_owned(), changes };
        match &self.backend {
            Backend::Inline(connection) => {
                let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                commit_group(&mut connection, &[job]).pop().expect("a group of one job has one answer")
            }
            Backend::Threaded { writer, .. } => writer.write(job).await,
            Backend::Beside { .. } => {
                Err(StoreError::Failed("it is another process's, and open for questions alone".to_owned()))
            }
        }
    }
}

fn ask_within<T>(
    connection: &Connection,
    pair: &str,
    ask: impl FnOnce(&Scope<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let reading = Reading::begin(connection)?;
    ask(&Scope::find(reading.0, pair)?)
}

/// A transaction for questions alone; it ends with the value. Its own statements are prepared once a connection as well.
struct Reading<'a>(&'a Connection);

impl<'a> Reading<'a> {
    fn begin(connection: &'a Connection) -> Result<Self, StoreError> {
        const BEGIN: &str = "/* read.begin */ begin deferred";
        execute(connection, BEGIN, [])?;
        Ok(Self(connection))
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        const END: &str = "/* read.end */ rollback";
        // Nothing was changed that could be lost, and a connection that is broken says so to the next question.
        let _ = execute(self.0, END, []);
    }
}
