//! Dirty rows that fall due by a moment, page by page: there may be a million of them.

use jiff::Timestamp;
use obmen_domain::record::{Kind, RecordId};

use crate::ports::StoreError;
use crate::store::{Dirty, Store};

/// A walk over the due rows of a kind, in the order of their records. Rows that are finished on the way disturb nothing.
pub(crate) struct DueRows<'a> {
    source: Source<'a>,
    kind: Kind,
    page: usize,
    after: Option<RecordId>,
}

enum Source<'a> {
    /// All that are due by a moment.
    Store(&'a dyn Store, Timestamp),
    /// These, in the order of their ids.
    Rows(&'a [Dirty]),
}

impl<'a> DueRows<'a> {
    /// Before the first row; so many are read at once.
    pub(crate) fn of(store: &'a dyn Store, kind: Kind, by: Timestamp, page: usize) -> Self {
        Self { source: Source::Store(store, by), kind, page, after: None }
    }

    /// Before the first of some rows, in the order of their ids.
    pub(crate) fn among(rows: &'a [Dirty], kind: Kind, page: usize) -> Self {
        Self { source: Source::Rows(rows), kind, page, after: None }
    }

    /// The next rows; none at the end.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn next_page(&mut self) -> Result<Option<Vec<Dirty>>, StoreError> {
        let after = self.after.as_ref();
        let page = match self.source {
            Source::Store(store, by) => store.dirty(self.kind, by, after, self.page).await?,
            Source::Rows(rows) => {
                let behind =
                    |row: &&Dirty| row.id.kind == self.kind && after.is_none_or(|after| row.id > *after);
                rows.iter().filter(behind).take(self.page).cloned().collect()
            }
        };
        let Some(last) = page.last() else { return Ok(None) };
        self.after = Some(last.id.clone());
        Ok(Some(page))
    }
}
