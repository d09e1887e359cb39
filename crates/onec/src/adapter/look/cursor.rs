//! Where a walk stands: a catalog, and behind which of its objects the next page begins.
//!
//! Invariant: a cursor survives a restart; one that names a catalog no longer in the walk is an error, not a new walk.

use obmen_domain::record::Side;
use obmen_engine::ports::{Cursor, SideError};

use crate::facts::Table;

/// A place in a walk.
pub(super) struct Position<'a> {
    pub(super) table: &'a Table,
    pub(super) after: Option<String>,
    index: usize,
}

impl<'a> Position<'a> {
    /// The place of a cursor; `None` where the walk is empty.
    pub(super) fn of(cursor: Option<&Cursor>, walk: &[&'a Table]) -> Result<Option<Self>, SideError> {
        let Some(cursor) = cursor else {
            return Ok(walk.first().map(|table| Self { table, after: None, index: 0 }));
        };
        let (word, after) = cursor.0.split_once(':').unwrap_or((&cursor.0, ""));
        let index = walk.iter().position(|table| table.catalog.word() == word).ok_or_else(|| {
            let words = format!("the walk has no catalog {word}");
            SideError::Unexpected { side: Side::Onec, words }
        })?;
        Ok(Some(Self {
            table: walk[index],
            after: Some(after.to_owned()).filter(|after| !after.is_empty()),
            index,
        }))
    }

    /// Where the walk goes on after a page: behind it where more may follow, else in the next catalog.
    pub(super) fn next(&self, last: Option<String>, walk: &[&Table]) -> Option<Cursor> {
        match last {
            Some(last) => Some(Cursor(format!("{}:{last}", self.table.catalog.word()))),
            None => walk.get(self.index + 1).map(|table| Cursor(format!("{}:", table.catalog.word()))),
        }
    }
}
