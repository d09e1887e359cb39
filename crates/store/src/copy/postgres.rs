//! A PostgreSQL database at one end of a copy.

use std::pin::pin;

use deadpool_postgres::Object;
use obmen_engine::ports::StoreError;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use super::cell::Cell;
use super::tables::{TABLES, Table};
use crate::open_error::OpenError;
use crate::postgres::PostgresStore;
use crate::postgres::statement::failed;

/// The database, its lock held. Dropped before it is committed, it is as before.
pub(super) struct PostgresEnd {
    /// In a transaction of the copy; dropped before the store, so it never serves anybody else.
    client: Option<Object>,
    store: PostgresStore,
}

impl PostgresEnd {
    pub(super) async fn open(url: &str) -> Result<Self, OpenError> {
        Ok(Self { client: None, store: PostgresStore::open(url).await? })
    }

    pub(super) fn shown(&self) -> String {
        self.store.database.shown().to_owned()
    }

    pub(super) async fn begin(&mut self) -> Result<(), StoreError> {
        self.client = Some(self.store.database.client().await?);
        self.run("/* copy.begin */ begin isolation level repeatable read").await
    }

    pub(super) async fn rows(
        &self,
        table: &Table,
        after: Option<&[Cell]>,
        limit: usize,
    ) -> Result<Vec<Vec<Cell>>, StoreError> {
        let sql = table.question(after.is_none(), limit);
        let ask = async {
            let values: Vec<&(dyn ToSql + Sync)> =
                after.unwrap_or_default().iter().map(|cell| cell as &(dyn ToSql + Sync)).collect();
            let rows = self.client().query(&self.client().prepare_cached(&sql).await?, &values).await?;
            rows.iter()
                .map(|row| (0..table.columns.len()).map(|at| row.try_get(at)).collect())
                .collect::<Result<Vec<_>, _>>()
        };
        ask.await.map_err(|error| failed(&sql, &error))
    }

    pub(super) async fn add(&self, table: &Table, rows: &[Vec<Cell>]) -> Result<(), StoreError> {
        let (name, columns) = (table.name, table.list());
        let types = format!("/* {name}.types */ select {columns} from {name} limit 0");
        let sql = format!("/* {name}.add */ copy {name} ({columns}) from stdin binary");
        let add = async {
            let types = self.client().prepare_cached(&types).await?;
            let types: Vec<Type> = types.columns().iter().map(|column| column.type_().clone()).collect();
            let mut writer = pin!(BinaryCopyInWriter::new(self.client().copy_in(&sql).await?, &types));
            for row in rows {
                writer.as_mut().write_raw(row).await?;
            }
            writer.finish().await
        };
        add.await.map(drop).map_err(|error| failed(&sql, &error))
    }

    /// Commits, as long as the store is ours; numbers of rows go on where those of the copy end.
    pub(super) async fn commit(&self) -> Result<(), StoreError> {
        for table in TABLES.iter().filter(|table| table.is_numbered) {
            let (name, number) = (table.name, table.columns[0]);
            self.run(&format!(
                "/* {name}.go_on */ select setval(pg_get_serial_sequence('{name}', '{number}'), max({number})) from {name}"
            ))
            .await?;
        }
        self.store.database.compare_token(self.client()).await?;
        self.run("/* copy.commit */ commit").await
    }

    fn client(&self) -> &Object {
        self.client.as_ref().expect("a copy begins before it does anything else")
    }

    async fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.client().batch_execute(sql).await.map_err(|error| failed(sql, &error))
    }
}
