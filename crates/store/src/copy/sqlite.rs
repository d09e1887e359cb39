//! A SQLite file at one end of a copy.

use std::path::{Path, PathBuf};

use obmen_engine::ports::StoreError;
use rusqlite::{Connection, params_from_iter};

use super::cell::Cell;
use super::tables::Table;
use crate::open_error::OpenError;
use crate::sqlite::connection::open_writer;
use crate::sqlite::lock::FileLock;
use crate::sqlite::statement::failed;

/// The file, its lock held. Dropped before it is committed, it is as before.
pub(super) struct SqliteEnd {
    connection: Connection,
    path: PathBuf,
    /// Given back after the connection is closed.
    _lock: FileLock,
}

impl SqliteEnd {
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let lock = FileLock::take(path)?;
        Ok(Self { connection: open_writer(path)?, path: path.to_owned(), _lock: lock })
    }

    pub(super) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) fn begin(&self) -> Result<(), StoreError> {
        self.run("/* copy.begin */ begin immediate")
    }

    pub(super) fn commit(&self) -> Result<(), StoreError> {
        self.run("/* copy.commit */ commit")
    }

    pub(super) fn rows(
        &self,
        table: &Table,
        after: Option<&[Cell]>,
        limit: usize,
    ) -> Result<Vec<Vec<Cell>>, StoreError> {
        let sql = table.question(after.is_none(), limit);
        let ask = || {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let values = params_from_iter(after.unwrap_or_default());
            let rows = statement
                .query_map(values, |row| (0..table.columns.len()).map(|at| row.get(at)).collect())?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        ask().map_err(|error| failed(&sql, &error))
    }

    pub(super) fn add(&self, table: &Table, rows: &[Vec<Cell>]) -> Result<(), StoreError> {
        let marks = vec!["?"; table.columns.len()].join(", ");
        let sql = format!(
            "/* {}.add */ insert into {} ({}) values ({marks})",
            table.name,
            table.name,
            table.list()
        );
        let add = || {
            let mut statement = self.connection.prepare_cached(&sql)?;
            rows.iter().try_for_each(|row| statement.execute(params_from_iter(row)).map(drop))
        };
        add().map_err(|error| failed(&sql, &error))
    }

    fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(|error| failed(sql, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tables::TABLES;
    use crate::sqlite::connection::open_in_memory;

    #[test]
    fn every_table_and_column_of_sqlite_is_copied() {
        let connection = open_in_memory().unwrap();
        let question = "select table_list.name, table_info.name \
            from pragma_table_list as table_list join pragma_table_info(table_list.name) as table_info \
            where table_list.schema = 'main' and table_list.name not like 'sqlite_%' and table_list.name not like 'refinery_%' \
            order by table_list.name, table_info.name";
        let mut statement = connection.prepare(question).unwrap();
        let found: Vec<(String, String)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        let mut known: Vec<(String, String)> = TABLES
            .iter()
            .flat_map(|table| {
                table.columns.iter().map(|column| (table.name.to_owned(), (*column).to_owned()))
            })
            .collect();
        known.sort();
        assert_eq!(found, known);
    }
}
