//! Looking: what is kept of what was read, reads of single records, and the look-up just before a create.
//!
//! What was read replaces what was seen; only changed content makes a row dirty. A failed or partial read changes
//! nothing, and nothing is ever taken for deleted because a walk (`sweep.rs`) did not show it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use obmen_domain::brought::recall;
use obmen_domain::key::{Key, keys_of_record};
use obmen_domain::plan::{FieldChange, LinkReason, Step};
use obmen_domain::record::{Kind, Record, RecordId, Side};
use obmen_domain::review::{AskReason, Review, ReviewKind};
use obmen_domain::rules::OnDelete;
use obmen_domain::ruling::Rulings;

use crate::draft::Draft;
use crate::ports::SideError;
use crate::progress::Stage;
use crate::store::{Change, Dirty, DirtyReason, Event, IntentAction};
use crate::surroundings::partners;
use crate::sync::{Engine, EngineError, dirty_now};

/// Keys looked up at once.
const KEYS: usize = 1000;
/// So many keys are looked up on the side of their holders too: no more than one request takes.
const FEW_KEYS: usize = 40;
/// The keys of so many sources are in memory, so that most of those that several records hold are asked for once.
const SOURCES: usize = 40_000;
/// Sources whose keys are read at once.
const SOURCES_AT_ONCE: usize = 1000;

impl Engine {
    /// Reads the records of rows whose last sight is not fresh. Returns those that say something else than before.
    pub(crate) async fn refresh(&self, rows: &[Dirty]) -> Result<BTreeSet<RecordId>, EngineError> {
        let mut changed = BTreeSet::new();
        for side in [Side::Bitrix24, Side::Onec] {
            let ids: Vec<RecordId> = rows
                .iter()
                .filter(|row| row.reason != DirtyReason::Swept && row.id.side == side)
                .map(|row| row.id.clone())
                .collect();
            changed.extend(self.look_at(side, ids).await?);
        }
        Ok(changed)
    }

    /// Reads records by their ids. Returns those that say something else than before; who is not there is gone.
    pub(crate) async fn look_at(&self, side: Side, ids: Vec<RecordId>) -> Result<Vec<RecordId>, EngineError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let records = self.side(side).fetch(&ids).await?;
        let found: BTreeSet<&RecordId> = records.iter().map(|record| &record.id).collect();
        let missing: Vec<RecordId> = ids.iter().filter(|id| !found.contains(id)).cloned().collect();
        self.missed(side, missing).await?;
        let sights = self.beside_known(records).await?;
        let news = sights.iter().filter(|sight| sight.is_news());
        let changed: Vec<RecordId> = news.map(|sight| sight.record.id.clone()).collect();
        let mut changes = self.corrected(&sights).await?;
        changes.extend(self.keep(sights));
        self.store.apply(changes).await?;
        Ok(changed)
    }

    /// Records of a side that a read did not show. One that does not exist any more is a question where it is linked, and its
    /// link stays. A list that was cut, or leaves out what rights hide, shows less as well: so of every record that was ever
    /// seen the side is asked by itself, and where one exists the read has failed. Where rights may hide records, nothing is
    /// known.
    pub(crate) async fn missed(&self, side: Side, ids: Vec<RecordId>) -> Result<(), EngineError> {
        if ids.is_empty() || self.rules.partial_rights {
            return Ok(());
        }
        let seen = self.store.seen(&ids).await?;
        let links = self.store.links(&ids).await?;
        let mut known: BTreeSet<&RecordId> = seen.iter().map(|record| &record.id).collect();
        known.extend(links.iter().flat_map(|link| [&link.bitrix24, &link.onec]));
        let asked: Vec<RecordId> = ids.iter().filter(|id| known.contains(id)).cloned().collect();
        self.check_gone(side, &asked).await?;
        let mut changes = Vec::new();
        let rulings: Rulings = self.store.rulings(&ids).await?.into_iter().collect();
        for link in links {
            if !rulings.part(&link.bitrix24, &link.onec) {
                changes.extend(self.deleted(link.bitrix24, link.onec));
            }
        }
        changes.extend(self.gone_copies(&seen, &ids).await?);
        changes.extend(self.released(&ids).await?);
        // Of one that was never seen nothing is known, not even that it is gone.
        changes.extend(asked.into_iter().map(Change::Gone));
        Ok(self.store.apply(changes).await?)
    }

    /// Asks for each of some records by itself that a list did not show. Fails where one of them exists: then the list has
    /// failed.
    pub(crate) async fn check_gone(&self, side: Side, ids: &[RecordId]) -> Result<(), SideError> {
        if ids.is_empty() || self.rules.partial_rights || self.side(side).gone(ids).await?.len() == ids.len()
        {
            return Ok(());
        }
        Err(SideError::Unexpected { side, words: "a list without records that exist".to_owned() })
    }

    /// Copies whose create is still of unknown outcome, and that people deleted meanwhile: the create has taken effect, and
    /// nobody is to be made a second time.
    async fn gone_copies(&self, seen: &[Record], gone: &[RecordId]) -> Result<Vec<Change>, EngineError> {
        let mut changes = Vec::new();
        let linked = partners(self.store.as_ref(), gone).await?;
        for intent in self.store.intents().await? {
            let IntentAction::Create { derived_id } = &intent.action else { continue };
            let source = intent.record;
            let is_copy = |record: &&Record| {
                let is_named = record.names(source.kind).as_ref() == Some(&source);
                let is_derived = derived_id.as_ref() == Some(&record.id.id);
                record.id.side != source.side && record.id.kind == source.kind && (is_named || is_derived)
            };
            let is_gone = |record: &&Record| gone.contains(&record.id) && !linked.contains_key(&record.id);
            let copy = seen.iter().filter(is_gone).find(is_copy);
            if let Some(copy) = copy {
                changes.extend(self.vanished(&source, copy.id.clone()));
            }
        }
        Ok(changes)
    }

    /// What becomes known when a record that we had made is gone before it was linked: a person is asked, as about any deletion.
    pub(crate) fn vanished(&self, source: &RecordId, copy: RecordId) -> Vec<Change> {
        let entry = self.entry(copy.clone(), Event::Created { source: source.clone(), party: None });
        let gone = Change::Gone(copy.clone());
        let (bitrix24, onec) = match source.side {
            Side::Bitrix24 => (source.clone(), copy),
            Side::Onec => (copy, source.clone()),
        };
        let link = Change::Link { bitrix24: bitrix24.clone(), onec: onec.clone(), reason: LinkReason::Copy };
        let mut changes = vec![gone, link, entry, Change::Settled { record: source.clone() }];
        changes.extend(self.deleted(bitrix24, onec));
        changes
    }

    /// The question about a linked record that is gone, unless nobody is to be asked.
    fn deleted(&self, bitrix24: RecordId, onec: RecordId) -> Option<Change> {
        let review = Review::of_deletion(bitrix24, onec, AskReason::Deleted);
        (self.rules.on_delete != OnDelete::Ignore).then(|| Change::Review(Box::new(review)))
    }

    /// Whoever was held by a question about records that are gone is looked at again: nothing else would answer it. A question
    /// ends with the last of its records.
    async fn released(&self, gone: &[RecordId]) -> Result<Vec<Change>, EngineError> {
        let questions = self.store.reviews_of(gone).await?.into_iter();
        let questions: Vec<Review> = questions.filter(|review| review.kind != ReviewKind::Deletion).collect();
        let others: BTreeSet<&RecordId> =
            questions.iter().flat_map(|review| &review.records).filter(|id| !gone.contains(id)).collect();
        let others: Vec<RecordId> = others.into_iter().cloned().collect();
        let left = self.store.seen(&others).await?;
        let left: BTreeSet<RecordId> = left.into_iter().map(|record| record.id).collect();
        let is_over = |review: &&Review| !review.records.iter().any(|id| left.contains(id));
        let over = questions.iter().filter(is_over);
        let mut changes: Vec<Change> = over.map(|review| Change::ReviewClosed { id: review.id() }).collect();
        let now = self.clock.now();
        changes.extend(left.into_iter().map(|id| dirty_now(id, DirtyReason::Related, now)));
        Ok(changes)
    }

    /// Asks the sides themselves who holds the keys of those about to be created; of a few, their own side as well: a record
    /// that is linked may have been given such a key a moment ago. Returns whether anybody turned up who had not been seen
    /// like that.
    pub(crate) async fn look_up(&self, draft: &mut Draft) -> Result<bool, EngineError> {
        let (mut surprises, mut total) = (false, 0);
        draft.rewind()?;
        loop {
            let sources = next_sources(draft)?;
            if sources.is_empty() {
                break;
            }
            for ((side, kind), ids) in sources {
                let (keys, has_late_copies) = self.strong_keys(side.other(), &ids).await?;
                surprises |= has_late_copies;
                let own = (keys.len() <= FEW_KEYS).then_some(side.other());
                for side in own.into_iter().chain([side]) {
                    total += keys.len() as u64;
                    self.progress.begin(Stage::LookingUp, Some(total));
                    for chunk in keys.chunks(KEYS) {
                        let records = self.side(side).find(kind, chunk).await?;
                        surprises |= self.take_in(records).await?;
                        self.progress.advance(Stage::LookingUp, chunk.len() as u64);
                    }
                }
            }
        }
        self.progress.finish(Stage::LookingUp);
        Ok(surprises)
    }

    /// The strong keys of records of a side that are about to be copied, as they stand: a copy may lack some that its source has.
    /// Links those that are late copies themselves, and says whether there was any.
    async fn strong_keys(&self, side: Side, ids: &[RecordId]) -> Result<(Vec<Key>, bool), EngineError> {
        let (mut keys, mut has_late_copies) = (BTreeSet::new(), false);
        for some in ids.chunks(SOURCES_AT_ONCE) {
            let records = self.store.seen(some).await?;
            keys.extend(records.iter().flat_map(keys_of_record).filter(Key::is_strong));
            has_late_copies |= self.link_late_copies(side, records).await?;
        }
        Ok((keys.into_iter().collect(), has_late_copies))
    }

    /// Keeps what was read; content that is new or changed makes its row dirty. Returns whether any was.
    pub(crate) async fn take_in(&self, records: Vec<Record>) -> Result<bool, EngineError> {
        let now = self.clock.now();
        let sights = self.beside_known(records).await?;
        let news = sights.iter().filter(|sight| sight.is_news()).map(|sight| &sight.record.id);
        let mut changes: Vec<Change> =
            news.map(|id| dirty_now(id.clone(), DirtyReason::Swept, now)).collect();
        let surprises = !changes.is_empty();
        changes.extend(self.corrected(&sights).await?);
        changes.extend(self.keep(sights));
        if !changes.is_empty() {
            self.store.apply(changes).await?;
        }
        Ok(surprises)
    }

    /// The cases about refused data that end since a record of the pair has changed: what is not as it was when it was refused
    /// may be taken.
    async fn corrected(&self, sights: &[Sight]) -> Result<Vec<Change>, EngineError> {
        let changed = sights.iter().filter(|sight| sight.is_news() && sight.before.is_some());
        let mut corrected: Vec<RecordId> = changed.map(|sight| sight.record.id.clone()).collect();
        let links = self.store.links(&corrected).await?;
        corrected.extend(links.into_iter().flat_map(|link| [link.bitrix24, link.onec]));
        self.answered_refusals(&corrected).await
    }

    /// What was read of records, beside what had been seen of them.
    pub(crate) async fn beside_known(&self, records: Vec<Record>) -> Result<Vec<Sight>, EngineError> {
        let ids: Vec<RecordId> = records.iter().map(|record| record.id.clone()).collect();
        let mut known: BTreeMap<RecordId, Record> =
            self.store.seen(&ids).await?.into_iter().map(|record| (record.id.clone(), record)).collect();
        let mut written = self.open_updates().await?;
        let sights = records.into_iter().map(|mut record| {
            let (before, written) = (known.remove(&record.id), written.remove(&record.id));
            if let Some(before) = &before {
                recall(&mut record, before, written.as_deref().unwrap_or_default());
            }
            Sight { record, before, is_written: written.is_some() }
        });
        Ok(sights.collect())
    }

    /// What keeps records as they were read. Where one has a write of unknown outcome and says something else than
    /// before, that write may have replaced what somebody had entered meanwhile: the journal keeps what was seen.
    pub(crate) fn keep(&self, sights: Vec<Sight>) -> Vec<Change> {
        let mut changes = Vec::new();
        for Sight { record, before, is_written } in sights {
            if before.as_ref() == Some(&record) {
                continue;
            }
            let replaced = before.filter(|before| is_written && before.party != record.party);
            changes.extend(
                replaced
                    .map(|before| self.entry(before.id, Event::Overwrote { party: Box::new(before.party) })),
            );
            changes.push(Change::Seen(Box::new(record)));
        }
        changes
    }

    /// Updates of unknown outcome, by their records.
    async fn open_updates(&self) -> Result<BTreeMap<RecordId, Vec<FieldChange>>, EngineError> {
        let intents = self.store.intents().await?.into_iter();
        let updates = intents.filter_map(|intent| match intent.action {
            IntentAction::Update { changes } => Some((intent.record, changes)),
            IntentAction::Create { .. } | IntentAction::Mark { .. } => None,
        });
        Ok(updates.collect())
    }
}

/// A record as it was read now, and as it was seen before.
pub(crate) struct Sight {
    pub(crate) record: Record,
    before: Option<Record>,
    /// Whether a write of unknown outcome is under way.
    is_written: bool,
}

impl Sight {
    /// Whether it says something else than before.
    pub(crate) fn is_news(&self) -> bool {
        self.before.as_ref().is_none_or(|before| before.digest() != self.record.digest())
    }
}

/// The sources of those about to be created, as many as memory takes at once, by the side that gets them.
fn next_sources(draft: &mut Draft) -> io::Result<BTreeMap<(Side, Kind), Vec<RecordId>>> {
    let mut sources: BTreeMap<(Side, Kind), Vec<RecordId>> = BTreeMap::new();
    let mut found = 0;
    while found < SOURCES {
        let Some(leaf) = draft.next_leaf()? else { break };
        for step in leaf.steps {
            let Step::Create(creation) = step else { continue };
            found += 1;
            sources.entry((creation.side, creation.source.kind)).or_default().push(creation.source);
        }
    }
    Ok(sources)
}
