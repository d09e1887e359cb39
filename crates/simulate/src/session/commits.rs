//! What the store committed, as the scheduler learns it: links, how writes of unknown outcome were settled, signals.

use obmen_domain::plan::LinkReason;
use obmen_domain::record::RecordId;
use obmen_engine::store::{Change, DirtyReason, IntentAction};

use super::Session;
use crate::invariants::Violation;

impl Session {
    pub(crate) fn take_commits(&mut self) {
        let commits = std::mem::take(&mut self.desk.table().committed);
        if !commits.is_empty() {
            self.truth.shown.take_down();
        }
        for changes in commits {
            let now = self.now();
            for change in &changes {
                self.trace.add_change(now, change);
            }
            self.learn(&changes);
        }
    }

    /// What the process met, counted.
    pub(super) fn take_met(&mut self) {
        for name in std::mem::take(&mut self.desk.table().met) {
            self.coverage.hit(name);
        }
    }

    /// Takes links out of a commit, and counts how unknown outcomes were settled.
    fn learn(&mut self, changes: &[Change]) {
        let is_settling = |record| {
            changes.iter().any(|change| {
                matches!(change, Change::Dirty { id, reason: DirtyReason::Settled, .. } if id == record)
            })
        };
        for change in changes {
            match change {
                Change::Seen(record) => {
                    self.truth.known.insert(record.id.clone());
                }
                Change::Gone(id) if self.systems.records(id.side).contains_key(id) => {
                    let words = format!("{id} is taken for deleted, and is there");
                    self.wrongs.push(Violation { invariant: 4, words });
                }
                Change::Link { bitrix24, onec, reason } => {
                    if *reason == LinkReason::Copy {
                        for (id, with) in [(bitrix24, onec), (onec, bitrix24)] {
                            self.truth.copied.entry(id.clone()).or_insert_with(|| with.clone());
                        }
                    }
                    self.truth.known.extend([bitrix24.clone(), onec.clone()]);
                    let is_new = self.truth.links.get(bitrix24) != Some(onec);
                    self.truth.linked += u64::from(is_new);
                    for (id, with) in [(bitrix24, onec), (onec, bitrix24)] {
                        // Another record may stand for one that people deleted or marked.
                        let before = self.truth.links.insert(id.clone(), with.clone());
                        let is_gone = |other: &RecordId| {
                            self.systems.records(other.side).get(other).is_none_or(|entry| entry.is_marked)
                        };
                        if let Some(before) = before.filter(is_gone) {
                            self.truth.links.remove(&before);
                            self.coverage.hit("a link went on in another record");
                        }
                    }
                }
                Change::Dirty { id, reason: DirtyReason::Signal, .. } => self.signalled.push(id.clone()),
                Change::Intent(intent) => {
                    self.intents.retain(|known| known.record != intent.record);
                    self.intents.push(intent.clone());
                }
                Change::Settled { record } => {
                    let intent = self.intents.iter().position(|known| known.record == *record);
                    let Some(intent) = intent.map(|at| self.intents.remove(at)) else { continue };
                    if !is_settling(record) {
                        continue;
                    }
                    let found = changes.iter().any(|change| match change {
                        Change::Link { bitrix24, onec, .. } => bitrix24 == record || onec == record,
                        _ => false,
                    });
                    self.coverage.hit(match (&intent.action, found) {
                        (IntentAction::Create { .. }, true) => "settled: a create had taken effect",
                        (IntentAction::Create { .. }, false) => "settled: a create had no effect",
                        (IntentAction::Update { .. }, _) => "settled: an update",
                        (IntentAction::Mark { .. }, _) => "settled: a mark",
                    });
                }
                _ => {}
            }
        }
    }
}
