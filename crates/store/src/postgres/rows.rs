//! Reading columns of a row, and laying out record ids as arrays.

use jiff::Timestamp;
use obmen_domain::record::{Kind, RecordId, Side};
use obmen_engine::ports::StoreError;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::statement::failed;
use crate::columns::{kind_code, kind_of, moment_of, number, side_code, side_of};
use crate::documents::name_of;

/// A row of a statement.
pub(crate) struct Fields<'a> {
    /// The statement.
    pub(crate) sql: &'static str,
    /// The row.
    pub(crate) row: &'a Row,
}

impl<'a> Fields<'a> {
    /// A column as it is.
    pub(crate) fn get<T: FromSql<'a>>(&self, column: usize) -> Result<T, StoreError> {
        self.row.try_get(column).map_err(|error| failed(self.sql, &error))
    }

    /// A kind.
    pub(crate) fn kind(&self, column: usize) -> Result<Kind, StoreError> {
        self.meaning(column, kind_of(self.get::<i16>(column)?.into()))
    }

    /// A side.
    pub(crate) fn side(&self, column: usize) -> Result<Side, StoreError> {
        self.meaning(column, side_of(self.get::<i16>(column)?.into()))
    }

    /// A record id from three columns: kind, side, id.
    pub(crate) fn record_id(&self, column: usize) -> Result<RecordId, StoreError> {
        Ok(RecordId { kind: self.kind(column)?, side: self.side(column + 1)?, id: self.get(column + 2)? })
    }

    /// A count.
    pub(crate) fn count<T: TryFrom<i64>>(&self, column: usize) -> Result<T, StoreError> {
        self.meaning(column, T::try_from(self.get(column)?).ok())
    }

    /// A moment.
    pub(crate) fn moment(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.meaning(column, moment_of(self.get(column)?))
    }

    fn meaning<T>(&self, column: usize, meaning: Option<T>) -> Result<T, StoreError> {
        meaning.ok_or_else(|| {
            StoreError::Failed(format!("{}: column {column} holds what it cannot", name_of(self.sql)))
        })
    }
}

/// Record ids as the arrays that `unnest` takes.
#[derive(Debug, Default)]
pub(crate) struct Ids<'a> {
    pub(crate) kinds: Vec<i16>,
    pub(crate) sides: Vec<i16>,
    pub(crate) numbers: Vec<i64>,
    pub(crate) ids: Vec<&'a str>,
}

impl<'a> Ids<'a> {
    /// The arrays of these records, in their order.
    pub(crate) fn of(records: impl IntoIterator<Item = &'a RecordId>) -> Self {
        let mut arrays = Self::default();
        for id in records {
            arrays.kinds.push(kind_code(id.kind));
            arrays.sides.push(side_code(id.side));
            arrays.numbers.push(number(id));
            arrays.ids.push(&id.id);
        }
        arrays
    }
}
