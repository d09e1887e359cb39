//! The loop alarm: a record that is written again and again is held, and a person is asked.
//!
//! No write of our own causes another by itself. But something on a side, a robot or another integration, may answer each of
//! them with a value that has to travel again, and each answer is an edit as any other. What such a loop has and work has
//! not is the number of writes. They are counted in the journal, so that a restart forgets none. Invariant: the alarm is
//! committed together with the write that raised it.

use std::time::Duration;

use jiff::Timestamp;
use obmen_domain::record::RecordId;

use super::failing::Trouble;
use crate::store::{Entry, Event};
use crate::sync::{Engine, EngineError};

/// So many writes of one record within [`WINDOW`] are no work of people: they would have to save one card every ten minutes
/// of a working day, and change something that travels each time.
pub(super) const MOST: u32 = 50;
/// The time in which writes are counted.
const WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

impl Engine {
    /// Records that were just written, once too often; the journal does not know these writes yet.
    pub(super) async fn alarms(
        &self,
        written: Vec<RecordId>,
    ) -> Result<Vec<(RecordId, Trouble)>, EngineError> {
        if written.is_empty() {
            return Ok(Vec::new());
        }
        let since = self.clock.now() - WINDOW;
        let mut alarms = Vec::new();
        for id in self.store.busy(&written, since, MOST - 1).await? {
            let times = updates_since(&self.store.journal(&id).await?, since) + 1;
            if times >= MOST {
                alarms.push((id, Trouble::runs_away(times)));
            }
        }
        Ok(alarms)
    }
}

/// How often a record was changed by us since a moment, and since a person let it go on.
fn updates_since(journal: &[Entry], since: Timestamp) -> u32 {
    let recent = journal.iter().rev().take_while(|entry| entry.event != Event::Retried {});
    let updates = recent.filter(|entry| entry.at >= since && matches!(entry.event, Event::Updated { .. }));
    u32::try_from(updates.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use obmen_domain::record::Kind;

    use super::*;

    #[test]
    fn writes_count_within_the_window_and_from_the_last_retry_on() {
        let entry = |second, event| Entry {
            at: Timestamp::from_second(second).unwrap(),
            run: String::new(),
            record: RecordId::bitrix24(Kind::Contact, "1"),
            event,
        };
        let updated = |second| entry(second, Event::Updated { changes: Vec::new() });
        let refused = entry(15, Event::Refused { words: String::new() });
        let mut journal = vec![updated(1), updated(10), refused, updated(20)];
        let count = |journal: &[Entry]| updates_since(journal, Timestamp::from_second(10).unwrap());
        assert_eq!(count(&journal), 2);
        journal.push(entry(21, Event::Retried {}));
        assert_eq!(count(&journal), 0);
        journal.push(updated(22));
        assert_eq!(count(&journal), 1);
    }
}
