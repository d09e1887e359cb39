//! Copies that a create made after its source had been deleted.
//!
//! A create whose id we chose may be sent again at once, so nobody waits for the first one; where the source is deleted meanwhile nothing
//! is sent again, and the first one may take effect all the same. Its copy names a record that is gone, and would be somebody new.
//! Invariant: nobody who was deleted comes back without a person.

use std::collections::BTreeSet;

use obmen_domain::record::{Record, RecordId, Side};

use crate::store::{Change, DirtyReason};
use crate::surroundings::partners;
use crate::sync::{Engine, EngineError, dirty_now};

impl Engine {
    /// Among records of a side that are about to be copied, those that we had made of records which are gone: each is linked with its
    /// source, which is looked at, and asked about as any that was deleted. Returns whether there was any.
    pub(crate) async fn link_late_copies(
        &self,
        side: Side,
        records: Vec<Record>,
    ) -> Result<bool, EngineError> {
        let made: Vec<(RecordId, Record)> = records
            .into_iter()
            .filter_map(|record| Some((record.names(record.id.kind)?, record)))
            .filter(|(source, record)| self.side(side).derived_id(source).as_ref() == Some(&record.id.id))
            .collect();
        if made.is_empty() {
            return Ok(false);
        }
        let sources: Vec<RecordId> = made.iter().map(|(source, _)| source.clone()).collect();
        let seen = self.store.seen(&sources).await?;
        let there: BTreeSet<RecordId> = seen.into_iter().map(|record| record.id).collect();
        let linked = partners(self.store.as_ref(), &sources).await?;
        let mut changes: Vec<Change> = Vec::new();
        for (source, record) in made {
            if !there.contains(&source) && !linked.contains_key(&source) {
                changes.extend(self.created(&source, None, record));
                changes.push(dirty_now(source, DirtyReason::Signal, self.clock.now()));
            }
        }
        let any = !changes.is_empty();
        self.commit(changes).await?;
        Ok(any)
    }
}
