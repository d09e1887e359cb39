//! Connections for questions beside the writer: taken, used in the asking thread, given back.
//!
//! Nobody waits for a connection: when all are taken a further one is opened. A few are kept.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use obmen_engine::ports::StoreError;
use rusqlite::Connection;

use super::connection::open_reader;
use super::statement::failed;

/// How many idle connections are kept.
const KEPT: usize = 4;

/// The readers of one file.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// The readers of the file at `path`; they are opened as they are needed.
    pub(crate) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::default() }
    }

    /// Asks over a connection of one's own.
    pub(crate) fn with<T>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let connection = self.take()?;
        let answer = ask(&connection);
        self.give_back(connection);
        answer
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| open_reader(&self.path), Ok).map_err(|error| failed("/* read.open */", &error))
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(connection);
        }
    }
}
