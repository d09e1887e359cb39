//! Waiting for a side's limits, or for a side that is away, with a batch in hand.
//!
//! To plan the rows of such a batch anew would ask both sides for everybody again, in every window of the limits. So the
//! batch waits, without an intent, and is looked at again just before it is sent: what it was planned on may be old by
//! then. A side that is away longer than a moment ends the run, however long it takes to say so: what it read for the write
//! has waited already. Not responsible for what an outcome means.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use obmen_domain::key::{Key, keys_of};
use obmen_domain::record::{Kind, RecordId, Side};

use crate::ports::{Outcome, SideError, Write};
use crate::reread::pause_of_known;
use crate::store::{Change, Intent, IntentAction};
use crate::sync::{Engine, EngineError};

/// A batch waits no longer; then its rows do.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// What was looked at so long ago is looked at again.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// What became of a batch.
pub(super) struct Written {
    /// One outcome a write.
    pub(super) outcomes: Vec<Outcome>,
    /// Why nothing more is worth sending to the side in this run.
    pub(super) stopped: Option<SideError>,
}

impl Engine {
    /// Stores the intents and writes, as soon as the side's limits let the batch in. `None` where the records are others
    /// by then: nothing was written, and they have to be planned anew.
    pub(super) async fn write_patiently(
        &self,
        side: Side,
        intents: Vec<(RecordId, IntentAction)>,
        writes: Vec<Write>,
    ) -> Result<Option<Written>, EngineError> {
        let began = self.clock.now();
        let mut looked = began;
        // Since when the side is away, and how often it was so.
        let mut silence: Option<(Timestamp, usize)> = None;
        loop {
            let now = self.clock.now();
            let stored = intents.iter().map(|(record, action)| {
                Change::Intent(Intent { record: record.clone(), action: action.clone(), sent_at: now })
            });
            self.store.apply(stored.collect()).await?;
            let outcomes = self.side(side).write(writes.clone()).await;
            let limit = refused_until(&outcomes).filter(|until| *until < began + LONGEST);
            let away = away(&outcomes);
            silence = away.as_ref().map(|_| silence.map_or((now, 0), |(since, before)| (since, before + 1)));
            let pause = silence.and_then(|(since, before)| pause_of_known(before, since, self.clock.now()));
            let Some(until) = limit.or_else(|| pause.map(|pause| self.clock.now() + pause)) else {
                return Ok(Some(Written { outcomes, stopped: away }));
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

/// When to ask again, where a limit let none of the writes in.
fn refused_until(outcomes: &[Outcome]) -> Option<Timestamp> {
    let until = |outcome: &Outcome| match outcome {
        Outcome::NotDone(SideError::LimitReached { until, .. }) => Some(*until),
        _ => None,
    };
    let all: Option<Vec<Timestamp>> = outcomes.iter().map(until).collect();
    all?.into_iter().max()
}

/// What keeps a side from taking any of the writes. A single record may be held by somebody while others are not.
fn away(outcomes: &[Outcome]) -> Option<SideError> {
    let is_away = |outcome: &Outcome| match outcome {
        Outcome::NotDone(SideError::Busy { .. }) => outcomes.len() > 1,
        Outcome::NotDone(error) => error.is_outage(),
        _ => false,
    };
    match outcomes.first() {
        Some(Outcome::NotDone(error)) if outcomes.iter().all(is_away) => Some(error.clone()),
        _ => None,
    }
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

    #[test]
    fn a_side_is_away_when_it_takes_nothing_and_a_record_is_held_alone() {
        let side = Side::Onec;
        let words = || "…".to_owned();
        let locked = || Outcome::NotDone(SideError::Locked { side, words: words() });
        let busy = || Outcome::NotDone(SideError::Busy { side, words: words() });
        let rejected = || Outcome::NotDone(SideError::Rejected { side, words: words() });
        assert!(away(&[locked()]).is_some());
        assert!(away(&[locked(), locked()]).is_some());
        assert!(away(&[busy(), busy()]).is_some(), "two locks at once are those of the base");
        assert!(away(&[busy()]).is_none());
        assert!(away(&[locked(), Outcome::Missing]).is_none());
        assert!(away(&[rejected(), rejected()]).is_none());
        assert!(away(&[]).is_none());
    }
}
