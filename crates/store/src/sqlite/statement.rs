//! Running a named statement: prepared once a connection, its failures told by name.
//!
//! Each statement begins with its name as a comment: `/* dirty.due */`. Invariant: an error holds the statement's name
//! and the words of SQLite or a position in a document, never a value that was bound or read.

use obmen_engine::ports::StoreError;
use rusqlite::{CachedStatement, Connection, ErrorCode, OptionalExtension as _, Params, Row, ffi};

use crate::documents::name_of;
use crate::statements::PAIR_FIND;

/// One pair of a database, over one connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The connection, within a transaction.
    pub(crate) connection: &'a Connection,
    /// The pair's id, zero for one that has none yet.
    pub(crate) pair: i64,
}

impl<'a> Scope<'a> {
    /// The scope of a pair for questions.
    pub(crate) fn find(connection: &'a Connection, name: &str) -> Result<Self, StoreError> {
        let pair = one(connection, PAIR_FIND, [name], |row| row.get(0))?;
        Ok(Self { connection, pair: pair.unwrap_or(0) })
    }

    /// The scope of a pair for changes; the pair comes into being with the first of them.
    pub(crate) fn find_or_add(connection: &'a Connection, name: &str) -> Result<Self, StoreError> {
        const ADD: &str = "/* pair.add */ insert into pair (name) values (?1)";
        let found = Self::find(connection, name)?;
        if found.pair != 0 {
            return Ok(found);
        }
        execute(connection, ADD, [name])?;
        Ok(Self { connection, pair: connection.last_insert_rowid() })
    }

    /// Runs a statement; answers how many rows it changed.
    pub(crate) fn execute(&self, sql: &'static str, params: impl Params) -> Result<usize, StoreError> {
        execute(self.connection, sql, params)
    }

    /// The first row of a question.
    pub(crate) fn one<T>(
        &self,
        sql: &'static str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        one(self.connection, sql, params, read)
    }

    /// A question that is asked many times.
    pub(crate) fn prepare(&self, sql: &'static str) -> Result<Question<'a>, StoreError> {
        let statement = self.connection.prepare_cached(sql).map_err(|error| failed(sql, &error))?;
        Ok(Question { sql, statement })
    }

    /// All rows of a question.
    pub(crate) fn all<T>(
        &self,
        sql: &'static str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.prepare(sql)?.all(params, read)
    }

    /// Tells each row of a question, none of which is kept.
    pub(crate) fn each(
        &self,
        sql: &'static str,
        params: impl Params,
        mut told: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(|error| failed(sql, &error))?;
        let mut rows = statement.query(params).map_err(|error| failed(sql, &error))?;
        while let Some(row) = rows.next().map_err(|error| failed(sql, &error))? {
            told(row).map_err(|error| failed(sql, &error))?;
        }
        Ok(())
    }
}

/// A question that is asked many times: it is looked up once.
pub(crate) struct Question<'a> {
    sql: &'static str,
    statement: CachedStatement<'a>,
}

impl Question<'_> {
    /// The first row.
    pub(crate) fn one<T>(
        &mut self,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let answer = self.statement.query_row(params, read).optional();
        answer.map_err(|error| failed(self.sql, &error))
    }

    /// All rows.
    pub(crate) fn all<T>(
        &mut self,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.statement.query_map(params, read).map_err(|error| failed(self.sql, &error))?;
        rows.collect::<rusqlite::Result<_>>().map_err(|error| failed(self.sql, &error))
    }
}

/// A failure of a statement, by its name.
pub(crate) fn failed(sql: &str, error: &rusqlite::Error) -> StoreError {
    let words = format!("{}: {error}", name_of(sql));
    if is_full(error) { StoreError::Full(words) } else { StoreError::Failed(words) }
}

/// Whether the disk takes no more: full, over a quota, or a file as large as it may become.
pub(crate) fn is_full(error: &rusqlite::Error) -> bool {
    // A quota or a limit of size is no full disk to SQLite, but a write that the system refuses.
    const WRITES: [i32; 4] = [
        ffi::SQLITE_IOERR_WRITE,
        ffi::SQLITE_IOERR_TRUNCATE,
        ffi::SQLITE_IOERR_FSYNC,
        ffi::SQLITE_IOERR_SHMSIZE,
    ];
    error
        .sqlite_error()
        .is_some_and(|error| error.code == ErrorCode::DiskFull || WRITES.contains(&error.extended_code))
}

/// Runs a statement; answers how many rows it changed.
pub(crate) fn execute(
    connection: &Connection,
    sql: &'static str,
    params: impl Params,
) -> Result<usize, StoreError> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute(params))
        .map_err(|error| failed(sql, &error))
}

fn one<T>(
    connection: &Connection,
    sql: &'static str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row(params, read).optional())
        .map_err(|error| failed(sql, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_statement_and_no_value() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("create table one (value text unique)").unwrap();
        const ADD: &str = "/* one.add */ insert into one (value) values (?1)";
        execute(&connection, ADD, ["Иванов"]).unwrap();
        let words = execute(&connection, ADD, ["Иванов"]).unwrap_err().to_string();
        assert!(words.starts_with("use the store: one.add: UNIQUE constraint failed"), "{words}");
        assert!(!words.contains("Иванов"), "{words}");
    }
}
