//! Records that were known before a walk over a side, and that the walk did not show.
//!
//! What was seen of them is as old as an earlier run: one that was deleted or merged away meanwhile would stay linked, or come
//! back as a copy of what was once seen. So each is looked at by its id before anything is planned; a walk alone takes nobody
//! for gone. Invariant: no step is planned from a sight that is older than the run.

use std::sync::{Mutex, PoisonError};

use obmen_domain::record::{Record, Side};

use crate::due_rows::DueRows;
use crate::id_set::IdSet;
use crate::planner::KINDS;
use crate::store::DirtyReason;
use crate::sync::{Engine, EngineError};

/// Rows read at once.
const PAGE: usize = 500;

/// Known records that no walk has shown so far.
#[derive(Debug, Default)]
pub(crate) struct Unseen(Mutex<IdSet>);

impl Unseen {
    /// Takes note of what a walk shows.
    pub(crate) fn shown(&self, records: &[Record]) {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !ids.is_empty() {
            records.iter().for_each(|record| ids.remove(&record.id));
        }
    }
}

impl Engine {
    /// Everybody who is known before the walks begin. Where rights may hide records, those alone who are due because an earlier
    /// run had seen them and was cut off.
    pub(crate) async fn unseen(&self) -> Result<Unseen, EngineError> {
        let mut ids = IdSet::default();
        for kind in KINDS {
            if !self.rules.partial_rights {
                for side in [Side::Bitrix24, Side::Onec] {
                    self.each_known(side, kind, &mut |id| ids.insert(id)).await?;
                }
                continue;
            }
            let mut due = DueRows::of(self.store.as_ref(), kind, self.clock.now(), PAGE);
            while let Some(page) = due.next_page().await? {
                let swept = page.iter().filter(|row| row.reason == DirtyReason::Swept);
                swept.for_each(|row| ids.insert(&row.id));
            }
        }
        Ok(Unseen(Mutex::new(ids)))
    }

    /// Has those looked at that the walks did not show.
    pub(crate) async fn look_for(&self, unseen: Unseen) -> Result<(), EngineError> {
        let unseen = unseen.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.signal(unseen.into_sorted()).await
    }
}
