//! Writes whose outcome is unknown: what happened to them is found out before anything else is done about their
//! records.
//!
//! A create that had an id of our choosing may be sent again at once: «exists» means done. Any other write is left
//! alone until it cannot take effect any more; then the side is searched.

use std::collections::BTreeMap;

use jiff::Timestamp;
use obmen_domain::plan::LinkReason;
use obmen_domain::record::{Kind, Record, RecordId, Side};

use crate::ports::SentCreate;
use crate::store::{Change, DirtyReason, Entry, Event, Intent, IntentAction};
use crate::sync::{Engine, EngineError, Row, dirty_now};

impl Engine {
    /// Settles every open write whose time has come. Returns whether there was any.
    pub(crate) async fn settle(&self) -> Result<bool, EngineError> {
        let now = self.clock.now();
        let due: Vec<Intent> =
            self.store.intents().await?.into_iter().filter(|intent| self.settles_at(intent) <= now).collect();
        let mut creates: BTreeMap<Side, Vec<SentCreate>> = BTreeMap::new();
        let mut updates: BTreeMap<Side, Vec<RecordId>> = BTreeMap::new();
        let mut changes = Vec::new();
        for intent in &due {
            match &intent.action {
                IntentAction::Create { derived_id } => {
                    let sent = SentCreate { source: intent.record.clone(), derived_id: derived_id.clone() };
                    creates.entry(intent.record.side.other()).or_default().push(sent);
                }
                IntentAction::Update { changes: written } => {
                    let event = Event::Unanswered { changes: written.clone() };
                    changes.push(self.entry(intent.record.clone(), event));
                    changes.extend(self.settled(&intent.record, now));
                    updates.entry(intent.record.side).or_default().push(intent.record.clone());
                }
            }
        }
        for (side, ids) in updates {
            changes.extend(self.witness(side, &ids).await?);
        }
        for (side, sent) in creates {
            let mut found: BTreeMap<RecordId, Record> =
                self.side(side).find_created(&sent).await?.into_iter().collect();
            for create in sent {
                if let Some(record) = found.remove(&create.source) {
                    let pair = [create.source.clone(), record.id.clone()];
                    changes.extend(self.people_of(&pair, &BTreeMap::new()).await?);
                    changes.extend(self.created(&create.source, record));
                }
                changes.extend(self.settled(&create.source, now));
            }
        }
        let any = !changes.is_empty();
        if any {
            self.store.apply(changes).await?;
        }
        Ok(any)
    }

    /// Reads records with an update of unknown outcome as they stand now that it cannot take effect any more. What it
    /// replaced of the state seen meanwhile goes to the journal.
    async fn witness(&self, side: Side, ids: &[RecordId]) -> Result<Vec<Change>, EngineError> {
        let seen = self.store.seen(ids).await?;
        let before: BTreeMap<&RecordId, &Record> = seen.iter().map(|record| (&record.id, record)).collect();
        let mut changes = Vec::new();
        for record in self.side(side).fetch(ids).await? {
            changes.extend(before.get(&record.id).and_then(|before| self.overwritten(before, &record)));
            changes.push(Change::Seen(Box::new(record)));
        }
        Ok(changes)
    }

    /// Those who belong to companies that are being linked are looked at again; to be committed with the links. Rows of
    /// this round are answered by the round itself.
    pub(crate) async fn people_of(
        &self,
        linked: &[RecordId],
        rows: &BTreeMap<RecordId, Row>,
    ) -> Result<Vec<Change>, EngineError> {
        let companies: Vec<RecordId> = linked.iter().filter(|id| id.kind == Kind::Company).cloned().collect();
        if companies.is_empty() {
            return Ok(Vec::new());
        }
        let people = self.store.employed_by(&companies).await?;
        let now = self.clock.now();
        let others = people.into_iter().filter(|id| !rows.contains_key(id));
        Ok(others.map(|id| dirty_now(id, DirtyReason::Related, now)).collect())
    }

    /// When the outcome of a write can be found out.
    pub(crate) fn settles_at(&self, intent: &Intent) -> Timestamp {
        match &intent.action {
            IntentAction::Create { derived_id: Some(_) } => intent.sent_at,
            IntentAction::Create { derived_id: None } => {
                intent.sent_at + self.side(intent.record.side.other()).settle_after()
            }
            IntentAction::Update { .. } => intent.sent_at + self.side(intent.record.side).settle_after(),
        }
    }

    /// What becomes known when a record was created by us.
    pub(crate) fn created(&self, source: &RecordId, record: Record) -> Vec<Change> {
        let (bitrix24, onec) = match source.side {
            Side::Bitrix24 => (source.clone(), record.id.clone()),
            Side::Onec => (record.id.clone(), source.clone()),
        };
        let entry = self.entry(record.id.clone(), Event::Created { source: source.clone() });
        vec![
            Change::Seen(Box::new(record)),
            Change::Link { bitrix24, onec, reason: LinkReason::Copy },
            entry,
            Change::Settled { record: source.clone() },
        ]
    }

    /// A journal entry of this run.
    pub(crate) fn entry(&self, record: RecordId, event: Event) -> Change {
        Change::Journal(Box::new(Entry { at: self.clock.now(), run: self.run.clone(), record, event }))
    }

    fn settled(&self, record: &RecordId, now: Timestamp) -> [Change; 2] {
        [Change::Settled { record: record.clone() }, dirty_now(record.clone(), DirtyReason::Settled, now)]
    }
}
