//! A copy of a SQLite store in a file of its own, as it is at one moment, also while another process works with it.
//!
//! The copy is marked with that moment, so that whoever works with it later is told how old it is. Not responsible for
//! PostgreSQL, which has tools of its own. Invariant: a file that is there already is never written over.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, params};
use thiserror::Error;

use crate::open_error::OpenError;
use crate::sqlite::{connection, lock};

/// The text of a pair that says when the copy was made that a store once was.
pub const COPIED_AT: &str = "copied-at";

/// Why there is no copy.
#[derive(Debug, Error)]
pub enum BackupError {
    /// PostgreSQL is not backed up from here.
    #[error("back up a PostgreSQL store")]
    Postgres,
    /// There is no store to copy.
    #[error("find the store {store}")]
    Missing {
        /// Its file.
        store: String,
    },
    /// The file to be made is there already.
    #[error("make the file {file}, which is there already")]
    Exists {
        /// The file.
        file: String,
    },
    /// The store or the copy cannot be opened or written.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Copies the store at `url` (a relative file is relative to `folder`) into a new file; answers its size in bytes.
///
/// # Errors
/// Where there is no such store, the file exists, or the disk does not take it; nothing is left of the copy then.
pub fn back_up(url: &str, folder: &Path, file: &Path, at: Timestamp) -> Result<u64, BackupError> {
    let store = url.strip_prefix("sqlite:").ok_or(BackupError::Postgres)?;
    let path = folder.join(store);
    if !path.is_file() {
        return Err(BackupError::Missing { store: path.display().to_string() });
    }
    let made = lock::private().create_new(true).open(file);
    made.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => BackupError::Exists { file: file.display().to_string() },
        _ => OpenError::Lock { store: file.display().to_string(), source }.into(),
    })?;
    copy(&path, file, at).inspect_err(|_| {
        // What is not whole is no backup.
        let _ = std::fs::remove_file(file);
    })
}

fn copy(store: &Path, file: &Path, at: Timestamp) -> Result<u64, BackupError> {
    let failed = |path: &Path| {
        let store = path.display().to_string();
        move |source| OpenError::Sqlite { store, source }
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(store, flags).map_err(failed(store))?;
    source.busy_timeout(connection::BUSY_TIMEOUT).map_err(failed(store))?;
    source.execute("vacuum into ?1", [file.to_string_lossy()]).map_err(failed(file))?;
    let copy = Connection::open(file).map_err(failed(file))?;
    copy.pragma_update(None, "synchronous", "full").map_err(failed(file))?;
    let mark = "insert or replace into text (pair, name, value) select id, ?1, ?2 from pair";
    copy.execute(mark, params![COPIED_AT, at.to_string()]).map_err(failed(file))?;
    drop(copy);
    let size = std::fs::metadata(file);
    Ok(size.map_err(|source| OpenError::Lock { store: file.display().to_string(), source })?.len())
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;
    use obmen_engine::ports::Memory as _;

    use super::*;
    use crate::sqlite::{SqliteStore, Threading};

    #[test]
    fn a_copy_is_made_beside_a_working_store_and_knows_its_age() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("obmen.db"), Threading::Inline).unwrap();
        block_on(store.pair("main").keep("name", "kept".to_owned())).unwrap();
        let file = folder.path().join("copy.db");
        let at: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();

        assert!(back_up("sqlite:obmen.db", folder.path(), &file, at).unwrap() > 0);

        block_on(store.pair("main").keep("name", "changed since".to_owned())).unwrap();
        let copy = SqliteStore::open(&file, Threading::Inline).unwrap().pair("main");
        assert_eq!(block_on(copy.recall("name")).unwrap().as_deref(), Some("kept"));
        assert_eq!(block_on(copy.recall(COPIED_AT)).unwrap(), Some(at.to_string()));
        assert_eq!(block_on(store.pair("main").recall(COPIED_AT)).unwrap(), None, "it is no copy itself");
    }

    #[test]
    fn nothing_is_written_over_and_what_is_missing_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("copy.db");
        let at = Timestamp::UNIX_EPOCH;
        let missing = back_up("sqlite:obmen.db", folder.path(), &file, at);
        assert!(matches!(missing, Err(BackupError::Missing { .. })), "{missing:?}");
        assert!(!file.exists());
        drop(SqliteStore::open(folder.path().join("obmen.db"), Threading::Inline).unwrap());
        std::fs::write(&file, "mine").unwrap();
        let exists = back_up("sqlite:obmen.db", folder.path(), &file, at);
        assert!(matches!(exists, Err(BackupError::Exists { .. })), "{exists:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
        let other = back_up("postgres://host/base", folder.path(), &file, at);
        assert!(matches!(other, Err(BackupError::Postgres)), "{other:?}");
    }
}
