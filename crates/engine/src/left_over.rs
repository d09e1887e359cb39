//! Rows that an earlier run had looked at and not answered: it was stopped, killed, or limited.
//!
//! What was seen of their records is as old as that run. A walk refreshes whoever still stands there; whoever it does not
//! show is asked for by id, since a record that was deleted or merged away meanwhile would come back as a copy of what was
//! once seen. Invariant: no step is planned from a sight that is older than the run.

use std::sync::{Mutex, PoisonError};

use obmen_domain::record::{Record, RecordId, Side};

use crate::due_rows::DueRows;
use crate::id_set::IdSet;
use crate::planner::KINDS;
use crate::ports::StoreError;
use crate::store::{Dirty, DirtyReason};
use crate::sync::{Engine, EngineError};

/// Rows read at once.
const PAGE: usize = 500;

/// Records of such rows that no walk has shown so far.
#[derive(Debug, Default)]
pub(crate) struct LeftOver(Mutex<IdSet>);

impl LeftOver {
    /// Takes note of what a walk shows.
    pub(crate) fn shown(&self, records: &[Record]) {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !ids.is_empty() {
            records.iter().for_each(|record| ids.remove(&record.id));
        }
    }
}

impl Engine {
    /// Rows that are there before the walks begin.
    pub(crate) async fn left_over(&self) -> Result<LeftOver, EngineError> {
        let mut ids = IdSet::default();
        for kind in KINDS {
            let mut due = DueRows::of(self.store.as_ref(), kind, self.clock.now(), PAGE);
            while let Some(page) = swept(&mut due).await? {
                page.iter().for_each(|id| ids.insert(id));
            }
        }
        Ok(LeftOver(Mutex::new(ids)))
    }

    /// Asks for those that the walks did not show.
    pub(crate) async fn look_for(&self, left_over: LeftOver) -> Result<(), EngineError> {
        let unseen = left_over.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        if unseen.is_empty() {
            return Ok(());
        }
        for kind in KINDS {
            let mut due = DueRows::of(self.store.as_ref(), kind, self.clock.now(), PAGE);
            while let Some(mut page) = swept(&mut due).await? {
                page.retain(|id| unseen.contains(id));
                for side in [Side::Bitrix24, Side::Onec] {
                    self.look_at(side, page.iter().filter(|id| id.side == side).cloned().collect()).await?;
                }
            }
        }
        Ok(())
    }
}

/// The next rows whose record a walk has seen, as they are taken.
async fn swept(due: &mut DueRows<'_>) -> Result<Option<Vec<RecordId>>, StoreError> {
    let page = due.next_page().await?;
    let swept = |page: Vec<Dirty>| page.into_iter().filter(|row| row.reason == DirtyReason::Swept);
    Ok(page.map(|page| swept(page).map(|row| row.id).collect()))
}
