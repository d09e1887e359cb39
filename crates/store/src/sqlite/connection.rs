//! Connections as the store needs them, and the schema.
//!
//! Invariant: every connection that comes from here syncs each commit and checks foreign keys.

use std::path::Path;
use std::time::Duration;

use refinery::{Migration, Runner};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::open_error::OpenError;

/// More than there are statements, so that each is prepared once a connection.
const STATEMENTS: usize = 128;
/// So much of the file the writer keeps in memory: the upper pages of every index of a million records.
const WRITERS_CACHE_KIBIBYTES: i64 = 32 << 10;
/// And each connection for questions, of which there are several: what it has not, the system's cache has.
const READERS_CACHE_KIBIBYTES: i64 = 8 << 10;
/// The file has one owner, so that only a checkpoint is ever waited for.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection that may write, to a file whose schema is up to date.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, OpenError> {
    super::lock::private()
        .open(path)
        .map_err(|source| OpenError::Lock { store: path.display().to_string(), source })?;
    let connection = Connection::open(path).map_err(|source| failed(path, source))?;
    prepare(&connection, WRITERS_CACHE_KIBIBYTES).map_err(|source| failed(path, source))?;
    migrated(connection, path)
}

/// A connection for questions alone.
pub(crate) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    prepare(&connection, READERS_CACHE_KIBIBYTES)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// A database of its own in memory.
pub(crate) fn open_in_memory() -> Result<Connection, OpenError> {
    let path = Path::new(":memory:");
    let connection = Connection::open_in_memory().map_err(|source| failed(path, source))?;
    prepare(&connection, WRITERS_CACHE_KIBIBYTES).map_err(|source| failed(path, source))?;
    migrated(connection, path)
}

fn prepare(connection: &Connection, cache_kibibytes: i64) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Else a statement is prepared anew for each value bound, in case another plan suits it better.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "cache_size", -cache_kibibytes)?;
    Ok(())
}

fn migrated(mut connection: Connection, path: &Path) -> Result<Connection, OpenError> {
    let failed = |source| OpenError::Migrate { store: path.display().to_string(), source };
    let migrations = [
        Migration::unapplied("V1__initial", include_str!("../../migrations/sqlite/V1__initial.sql")),
        Migration::unapplied("V2__rulings", include_str!("../../migrations/sqlite/V2__rulings.sql")),
        Migration::unapplied("V3__journal_run", include_str!("../../migrations/sqlite/V3__journal_run.sql")),
        Migration::unapplied("V4__entangled", include_str!("../../migrations/sqlite/V4__entangled.sql")),
        Migration::unapplied("V5__dirty_since", include_str!("../../migrations/sqlite/V5__dirty_since.sql")),
    ];
    let migrations = migrations.into_iter().collect::<Result<Vec<_>, _>>().map_err(failed)?;
    Runner::new(&migrations).run(&mut connection).map_err(failed)?;
    Ok(connection)
}

fn failed(path: &Path, source: rusqlite::Error) -> OpenError {
    OpenError::Sqlite { store: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_ahead_synced_in_full_and_checked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("obmen.db");
        for connection in [open_writer(&path).unwrap(), open_reader(&path).unwrap()] {
            let pragma =
                |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
            let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
            assert_eq!((mode.as_str(), pragma("synchronous"), pragma("foreign_keys")), ("wal", 2, 1));
        }
    }

    #[test]
    fn a_reader_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("obmen.db");
        drop(open_writer(&path).unwrap());
        let refused = open_reader(&path).unwrap().execute("insert into pair (name) values ('main')", []);
        assert!(refused.is_err());
    }

    #[test]
    fn a_schema_of_a_newer_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("obmen.db");
        let newer = "insert into refinery_schema_history \
                     select max(version) + 1, 'newer', applied_on, checksum from refinery_schema_history";
        open_writer(&path).unwrap().execute(newer, []).unwrap();
        assert!(matches!(open_writer(&path), Err(OpenError::Migrate { .. })));
    }
}
