//! Dirty rows that fall due by a moment, page by page: there may be a million of them.

use jiff::Timestamp;
use obmen_domain::record::{Kind, RecordId};

use crate::ports::StoreError;
use crate::store::{Dirty, Store};

/// A walk over the due rows of a kind, in the order of their records. Rows that are finished on the way disturb nothing.
pub(crate) struct DueRows<'a> {
    store: &'a dyn Store,
    kind: Kind,
    by: Timestamp,
    page: usize,
    after: Option<RecordId>,
}

impl<'a> DueRows<'a> {
    /// Before the first row; so many are read at once.
    pub(crate) fn of(store: &'a dyn Store, kind: Kind, by: Timestamp, page: usize) -> Self {
        Self { store, kind, by, page, after: None }
    }

    /// The next rows; none at the end.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn next_page(&mut self) -> Result<Option<Vec<Dirty>>, StoreError> {
        let page = self.store.dirty(self.kind, self.by, self.after.as_ref(), self.page).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = Some(last.id.clone());
        Ok(Some(page))
    }
}
