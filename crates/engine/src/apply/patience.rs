//! Waiting for a side's limits with a batch in hand.
//!
//! To plan the rows of such a batch anew would ask both sides for everybody again, in every window of the limits. So the
//! batch waits, without an intent, and is looked at again just before it is sent: what it was planned on may be old by
//! then. Not responsible for what an outcome means.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use obmen_domain::key::{Key, keys_of};
use obmen_domain::record::{Kind, RecordId, Side};

use super::{Course, Postponed};
use crate::ports::{Outcome, SideError, Write};
use crate::store::{Change, DirtyReason, Intent, IntentAction};
use crate::sync::{Engine, EngineError};

/// A batch waits no longer; then its rows do.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// What was looked at so long ago is looked at again.
const FRESH: Duration = Duration::from_secs(5 * 60);

impl Engine {
    /// Stores the intents and writes, as soon as the side's limits let the batch in. `None` where the records are others
    /// by then: nothing was written, and they have to be planned anew.
    pub(super) async fn write_patiently(
        &self,
        side: Side,
        intents: Vec<(RecordId, IntentAction)>,
        writes: Vec<Write>,
    ) -> Result<Option<Vec<Outcome>>, EngineError> {
        let began = self.clock.now();
        let mut looked = began;
        loop {
            let now = self.clock.now();
            let stored = intents.iter().map(|(record, action)| {
                Change::Intent(Intent { record: record.clone(), action: action.clone(), sent_at: now })
            });
            self.store.apply(stored.collect()).await?;
            let outcomes = self.side(side).write(writes.clone()).await;
            let Some(until) = refused_until(&outcomes).filter(|until| *until < began + LONGEST) else {
                return Ok(Some(outcomes));
            };
            let settled = intents.iter().map(|(record, _)| Change::Settled { record: record.clone() });
            self.store.apply(settled.collect()).await?;
            self.clock.sleep_until(until).await;
            if self.clock.now() < looked + FRESH {
                continue;
            }
            looked = self.clock.now();
            match self.have_changed(side, &writes).await {
                Ok(false) => {}
                Ok(true) | Err(EngineError::Side(_)) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether somebody holds a key of a record to be created who did not before, or a record to be updated has moved.
    async fn have_changed(&self, side: Side, writes: &[Write]) -> Result<bool, EngineError> {
        let mut keys: BTreeMap<Kind, BTreeSet<Key>> = BTreeMap::new();
        let mut versions: BTreeMap<RecordId, &str> = BTreeMap::new();
        for write in writes {
            match write {
                Write::Create { source, party, .. } => {
                    keys.entry(source.kind)
                        .or_default()
                        .extend(keys_of(party).into_iter().filter(Key::is_strong));
                }
                Write::Mark { record } | Write::Update { record, .. } => {
                    versions.insert(record.id.clone(), &record.version);
                }
            }
        }
        let mut holders = Vec::new();
        for (kind, keys) in keys {
            let keys: Vec<Key> = keys.into_iter().collect();
            holders.extend(self.side(side).find(kind, &keys).await?);
        }
        let has_come = self.take_in(holders).await?;
        if versions.is_empty() {
            return Ok(has_come);
        }
        let ids: Vec<RecordId> = versions.keys().cloned().collect();
        let records = self.side(side).fetch(&ids).await?;
        let stood_still =
            records.iter().filter(|record| versions.get(&record.id) == Some(&record.version.as_str()));
        let has_moved = stood_still.count() < versions.len();
        self.take_in(records).await?;
        Ok(has_come || has_moved)
    }
}

impl Course {
    /// Leaves records to the next round.
    pub(super) fn plan_anew(&mut self, records: Vec<RecordId>, now: Timestamp) {
        let wait = Postponed::waits(DirtyReason::Retry, now);
        self.postponed.extend(records.into_iter().map(|id| (id, wait)));
    }
}

/// When to ask again, where a limit let none of the writes in.
fn refused_until(outcomes: &[Outcome]) -> Option<Timestamp> {
    let until = |outcome: &Outcome| match outcome {
        Outcome::NotDone(SideError::LimitReached { until, .. }) => Some(*until),
        _ => None,
    };
    let all: Option<Vec<Timestamp>> = outcomes.iter().map(until).collect();
    all?.into_iter().max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_waits_only_where_none_of_it_was_let_in() {
        let refused = |second| {
            let until = Timestamp::from_second(second).unwrap();
            Outcome::NotDone(SideError::LimitReached { side: Side::Bitrix24, until })
        };
        assert_eq!(refused_until(&[refused(5), refused(9)]), Timestamp::from_second(9).ok());
        assert_eq!(refused_until(&[refused(5), Outcome::Missing]), None);
        assert_eq!(refused_until(&[Outcome::Unknown]), None);
        assert_eq!(refused_until(&[]), None);
    }
}
