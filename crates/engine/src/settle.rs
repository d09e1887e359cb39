//! Writes whose outcome is unknown: what happened to them is found out before anything else is done about their
//! records.
//!
//! A create that had an id of our choosing may be sent again at once: «exists» means done. Any other write is left
//! alone until it cannot take effect any more; then the side is searched. So is the create of a person: whoever changes
//! employers meanwhile goes to another table, where the same id is nobody yet.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use obmen_domain::brought::{recall_copy, recall_copy_of};
use obmen_domain::key::Key;
use obmen_domain::party::Party;
use obmen_domain::plan::LinkReason;
use obmen_domain::record::{Kind, Record, RecordId, Side, Standing};
use obmen_domain::ruling::{Ruled, Ruling, Rulings};

use crate::apply::creates::created;
use crate::ports::SentCreate;
use crate::rows::Rows;
use crate::store::{Change, DirtyReason, Entry, Event, Intent, IntentAction};
use crate::surroundings::{HOLDERS, partners};
use crate::sync::{Engine, EngineError, dirty_now};

impl Engine {
    /// Settles every open write whose time has come. Returns whether there was any.
    pub(crate) async fn settle(&self) -> Result<bool, EngineError> {
        let now = self.clock.now();
        let due: Vec<Intent> =
            self.store.intents().await?.into_iter().filter(|intent| self.settles_at(intent) <= now).collect();
        let mut creates: BTreeMap<Side, Vec<SentCreate>> = BTreeMap::new();
        let mut updates: BTreeMap<Side, Vec<RecordId>> = BTreeMap::new();
        let mut marks: BTreeMap<Side, BTreeMap<RecordId, RecordId>> = BTreeMap::new();
        let mut changes = Vec::new();
        let mut wrote = Vec::new();
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
                IntentAction::Mark { source } => {
                    marks
                        .entry(intent.record.side)
                        .or_default()
                        .insert(intent.record.clone(), source.clone());
                }
            }
        }
        for (side, ids) in updates {
            changes.extend(self.witness(side, &ids).await?);
        }
        for (side, sent) in marks {
            let ids: Vec<RecordId> = sent.keys().cloned().collect();
            let mut found: BTreeMap<RecordId, Record> = self
                .side(side)
                .fetch(&ids)
                .await?
                .into_iter()
                .map(|record| (record.id.clone(), record))
                .collect();
            let hidden: Vec<RecordId> = ids.into_iter().filter(|id| !found.contains_key(id)).collect();
            self.check_gone(side, &hidden).await?;
            for (id, source) in sent {
                match found.remove(&id) {
                    Some(record) if record.standing != Standing::Marked => {
                        changes.extend(self.settled(&id, now))
                    }
                    record => changes.extend(self.marked(&id, &source, record)),
                }
            }
        }
        for (side, sent) in creates {
            let mut found: BTreeMap<RecordId, Record> =
                self.side(side).find_created(&sent).await?.into_iter().collect();
            let sent = self.without_gone(side, sent, &found).await?;
            let sources: Vec<RecordId> = sent.iter().map(|create| create.source.clone()).collect();
            let rulings: Rulings = self.store.rulings(&sources).await?.into_iter().collect();
            let seen = self.store.seen(&sources).await?;
            let found_ids: Vec<RecordId> = found.values().map(|record| record.id.clone()).collect();
            let linked = partners(self.store.as_ref(), &found_ids).await?;
            for create in sent {
                // A copy that was taken back takes part again only when its mark is gone. Any other that is marked was made, and
                // marked by people since.
                let is_taken_back = |record: &Record| {
                    record.standing == Standing::Marked
                        && rulings.taken_back(&create.source) == Some(&record.id)
                };
                // People have merged the copy into a card of somebody's: who the source is decides matching.
                let is_anothers =
                    |record: &Record| linked.get(&record.id).is_some_and(|partner| *partner != create.source);
                let made = found.remove(&create.source);
                let made = made.filter(|record| !is_taken_back(record) && !is_anothers(record));
                if let Some(record) = made {
                    let pair = [create.source.clone(), record.id.clone()];
                    changes.extend(self.people_of(&pair, &Rows::default()).await?);
                    changes.extend(self.answered_refusals(std::slice::from_ref(&create.source)).await?);
                    wrote.push(created(&record.id, &create.source, now));
                    let source = seen.iter().find(|source| source.id == create.source);
                    let told = source.map(|source| &source.party);
                    changes.extend(self.created(&create.source, told, record));
                }
                changes.extend(self.settled(&create.source, now));
            }
        }
        let any = !changes.is_empty();
        if any {
            self.store.apply(changes).await?;
        }
        wrote.iter().for_each(|write| self.progress.wrote(write));
        Ok(any)
    }

    /// Creates without those whose copy had been seen and is gone: people deleted it before the create was settled, so the
    /// create had taken effect, and nobody is made a second time.
    async fn without_gone(
        &self,
        side: Side,
        sent: Vec<SentCreate>,
        found: &BTreeMap<RecordId, Record>,
    ) -> Result<Vec<SentCreate>, EngineError> {
        let lost: Vec<&SentCreate> =
            sent.iter().filter(|create| !found.contains_key(&create.source)).collect();
        let copies = self.copies_seen(side, &lost).await?;
        if copies.is_empty() {
            return Ok(sent);
        }
        let records = self.side(side).fetch(&copies).await?;
        let is_there = |id: &RecordId| records.iter().any(|record| record.id == *id);
        let missing = copies.iter().filter(|id| !is_there(id)).cloned().collect();
        self.take_in(records).await?;
        self.missed(side, missing).await?;
        let intents = self.store.intents().await?;
        let is_open = |create: &SentCreate| intents.iter().any(|intent| intent.record == create.source);
        Ok(sent.into_iter().filter(is_open).collect())
    }

    /// Records without a link that were seen, and that our creates from these sources may have made.
    async fn copies_seen(&self, side: Side, sent: &[&SentCreate]) -> Result<Vec<RecordId>, EngineError> {
        let mut copies = Vec::new();
        for kind in Kind::ALL {
            let of_kind = || sent.iter().filter(|create| create.source.kind == kind);
            let names: Vec<Key> = of_kind().map(|create| Key::Id(create.source.clone())).collect();
            let holders = self.store.holders(kind, &names, HOLDERS).await?;
            let naming = holders.into_iter().flat_map(|holders| holders.records);
            let mut ids: BTreeSet<RecordId> = naming.filter(|id| id.side == side).collect();
            let derived = of_kind().filter_map(|create| create.derived_id.clone());
            ids.extend(derived.map(|id| RecordId { side, kind, id }));
            let ids: Vec<RecordId> = ids.into_iter().collect();
            let linked = partners(self.store.as_ref(), &ids).await?;
            let seen = self.store.seen(&ids).await?.into_iter().map(|record| record.id);
            copies.extend(seen.filter(|id| !linked.contains_key(id)));
        }
        Ok(copies)
    }

    /// Reads records with an update of unknown outcome as they stand now that it cannot take effect any more. What it
    /// replaced of the state seen meanwhile goes to the journal.
    async fn witness(&self, side: Side, ids: &[RecordId]) -> Result<Vec<Change>, EngineError> {
        let records = self.side(side).fetch(ids).await?;
        Ok(self.keep(self.beside_known(records).await?))
    }

    /// Those who belong to companies that are being linked are looked at again; to be committed with the links. Rows of
    /// this round are answered by the round itself.
    pub(crate) async fn people_of(
        &self,
        linked: &[RecordId],
        rows: &Rows,
    ) -> Result<Vec<Change>, EngineError> {
        let people = self.employed_by(linked).await?;
        let now = self.clock.now();
        let others = people.into_iter().filter(|id| !rows.contains(id));
        Ok(others.map(|id| dirty_now(id, DirtyReason::Related, now)).collect())
    }

    /// The people who belong to those among some records that are companies.
    pub(crate) async fn employed_by(&self, records: &[RecordId]) -> Result<Vec<RecordId>, EngineError> {
        let companies: Vec<RecordId> =
            records.iter().filter(|id| id.kind == Kind::Company).cloned().collect();
        if companies.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.store.employed_by(&companies).await?)
    }

    /// When the outcome of a write can be found out.
    pub(crate) fn settles_at(&self, intent: &Intent) -> Timestamp {
        match &intent.action {
            IntentAction::Create { derived_id: Some(_) } if intent.record.kind == Kind::Company => {
                intent.sent_at
            }
            IntentAction::Create { .. } => {
                intent.sent_at + self.side(intent.record.side.other()).settle_after()
            }
            IntentAction::Update { .. } | IntentAction::Mark { .. } => {
                intent.sent_at + self.side(intent.record.side).settle_after()
            }
        }
    }

    /// What becomes known when a record was created by us from a source that told this.
    pub(crate) fn created(&self, source: &RecordId, told: Option<&Party>, mut record: Record) -> Vec<Change> {
        match told {
            Some(party) => recall_copy_of(&mut record, party),
            None => recall_copy(&mut record),
        }
        let (bitrix24, onec) = match source.side {
            Side::Bitrix24 => (source.clone(), record.id.clone()),
            Side::Onec => (record.id.clone(), source.clone()),
        };
        let party = Some(Box::new(record.party.clone()));
        let entry = self.entry(record.id.clone(), Event::Created { source: source.clone(), party });
        vec![
            Change::Seen(Box::new(record)),
            Change::Link { bitrix24, onec, reason: LinkReason::Copy },
            entry,
            Change::Settled { record: source.clone() },
        ]
    }

    /// What becomes known when a record that we had made is gone, or marked: its link ends, and its source is looked at.
    pub(crate) fn marked(&self, id: &RecordId, source: &RecordId, record: Option<Record>) -> Vec<Change> {
        let (bitrix24, onec) = match id.side {
            Side::Bitrix24 => (id.clone(), source.clone()),
            Side::Onec => (source.clone(), id.clone()),
        };
        let mut changes = vec![
            self.entry(id.clone(), Event::Marked { source: source.clone() }),
            self.entry(source.clone(), Event::Unlinked { with: id.clone(), kept: Vec::new() }),
            Change::Unlink { bitrix24, onec },
            Change::Settled { record: id.clone() },
            dirty_now(source.clone(), DirtyReason::Signal, self.clock.now()),
        ];
        match record {
            Some(record) => changes.extend([
                Change::Seen(Box::new(record)),
                Change::Rule(Ruled::new(id.clone(), source.clone(), Ruling::TakenBack)),
            ]),
            None => changes.push(Change::Gone(id.clone())),
        }
        changes
    }

    /// A journal entry of this run.
    pub(crate) fn entry(&self, record: RecordId, event: Event) -> Change {
        Change::Journal(Box::new(Entry { at: self.clock.now(), run: self.run.clone(), record, event }))
    }

    fn settled(&self, record: &RecordId, now: Timestamp) -> [Change; 2] {
        [Change::Settled { record: record.clone() }, dirty_now(record.clone(), DirtyReason::Settled, now)]
    }
}
