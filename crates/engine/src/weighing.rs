//! Who is who among the rows of a plan: told by the keys alone where that is enough, else weighed among their surroundings.
//!
//! Not responsible for what follows from a decision. Invariant: every record is decided about once in a plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use obmen_domain::key::Stretch;
use obmen_domain::matching::Decision;
use obmen_domain::matching::obvious::{ByKeys, Decided, Obvious, Place};
use obmen_domain::plan::LinkReason;
use obmen_domain::record::{Kind, Record, RecordId, Side};

use crate::glance::Glance;
use crate::id_set::IdSet;
use crate::planner::{Surroundings, decisions};
use crate::ports::{BoxFuture, Crew, StoreError};
use crate::shared_out::{parts_of, share_out};
use crate::store::Store;
use crate::surroundings::{HOLDERS, apart, gather};

/// So many records are compared at once, each perhaps with a group of others.
const COMPARED: usize = 512;
/// So many records are weighed in one job, and so many jobs shared out at once: however many hands there are, so that what is
/// decided does not hang on them. Each record may bring hundreds along.
const TOGETHER: usize = 32;
const JOBS: usize = 8;
/// A job that holds more records looks at no further one: the rest comes later, when most of it may have an answer.
const HELD: usize = 1000;

/// Who is told of a case, by the record it was looked at for.
pub type Told<'a> = &'a mut (dyn FnMut(RecordId, Case) + Send);

/// Cases of compared records, and who is left to be weighed.
type Comparing = BoxFuture<'static, Result<(Vec<(RecordId, Case)>, Vec<RecordId>), StoreError>>;

/// What a plan decides about the records of one kind.
pub struct Weighing<'a> {
    store: Arc<dyn Store>,
    crew: Arc<dyn Crew>,
    kind: Kind,
    /// Records with a write of unknown outcome: they are looked at again when it is settled.
    in_flight: &'a BTreeSet<RecordId>,
    by_keys: Arc<Decided>,
    /// Records that the plan has an answer for, be it that nothing is to be done.
    answered: IdSet,
}

/// What was decided, and all that was known for it.
#[derive(Debug)]
pub struct Case {
    /// The records, and what is known of them.
    pub around: Surroundings,
    /// What matching says.
    pub decisions: Vec<Decision>,
}

/// A record of which the keys tell who has to do with it.
#[derive(Debug)]
struct Plain {
    id: RecordId,
    /// Everybody it has to do with, itself not among them.
    others: Vec<RecordId>,
    /// Why it and the only other one are one party, where the keys decide that too.
    link: Option<LinkReason>,
}

impl Plain {
    fn all(&self) -> impl Iterator<Item = &RecordId> {
        std::iter::once(&self.id).chain(&self.others)
    }

    fn decisions(&self, around: &Surroundings) -> Vec<Decision> {
        match (self.link, self.others.as_slice()) {
            (Some(reason), [other]) => {
                let (one, other) = (self.id.clone(), other.clone());
                let (bitrix24, onec) = if one.side == Side::Bitrix24 { (one, other) } else { (other, one) };
                vec![Decision::Link { bitrix24, onec, reason }]
            }
            _ => decisions(around),
        }
    }
}

impl<'a> Weighing<'a> {
    /// Before any record, of which every one is to be weighed.
    pub fn new(
        store: Arc<dyn Store>,
        crew: Arc<dyn Crew>,
        kind: Kind,
        in_flight: &'a BTreeSet<RecordId>,
    ) -> Self {
        Self { store, crew, kind, in_flight, by_keys: Arc::default(), answered: IdSet::default() }
    }

    /// Walks over all keys, so that most records need not be weighed. Worth it where many are due.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn walk_keys(&mut self) -> Result<(), StoreError> {
        let walks = Stretch::PARTS.map(|stretch| walk(Arc::clone(&self.store), self.kind, stretch));
        let mut keys = ByKeys::new(self.kind, HOLDERS);
        for walked in share_out(self.crew.as_ref(), walks.into()).await {
            keys = walked?.and(keys);
        }
        self.store.each_entangled(self.kind, &mut |place| keys.leave(place)).await?;
        self.by_keys = Arc::new(keys.finish());
        Ok(())
    }

    /// What the keys alone decided.
    pub fn by_keys(&self) -> &Decided {
        &self.by_keys
    }

    /// Whether the plan has an answer for a record.
    pub fn has_answered(&self, id: &RecordId) -> bool {
        self.answered.contains(id)
    }

    /// Decides about records that have no answer yet, each once in a plan: those of which the keys tell who has to do with them,
    /// then the others, weighed among all that share keys with them. Where who is who has been decided, pairs alone. One whose
    /// write is under way is passed over. A case is handed over as soon as it is whole: not many of them are in memory.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn decide(
        &mut self,
        ids: &[RecordId],
        pairs_alone: bool,
        told: Told<'_>,
    ) -> Result<(), StoreError> {
        let mut open: Vec<RecordId> = ids.iter().filter(|id| !self.answered.contains(id)).cloned().collect();
        if !pairs_alone && !self.by_keys.is_empty() {
            let mut others = Vec::new();
            for group in open.chunks(COMPARED) {
                others.extend(self.compare(group.to_vec(), told).await?);
            }
            open = others;
        }
        while !open.is_empty() {
            // Who was left to another's case that was not kept is looked at again: the first of all is looked at in any case.
            let mut left = Vec::new();
            for group in open.chunks(TOGETHER * JOBS) {
                left.extend(self.weigh(group, pairs_alone, told).await?);
            }
            open = left;
        }
        Ok(())
    }

    /// Compares records of which the keys tell who has to do with them; answers the others.
    async fn compare(&mut self, ids: Vec<RecordId>, told: Told<'_>) -> Result<Vec<RecordId>, StoreError> {
        let parts = parts_of(ids, self.crew.hands()).into_iter();
        let jobs =
            parts.map(|part| compare(Arc::clone(&self.store), self.kind, part, Arc::clone(&self.by_keys)));
        let mut others = Vec::new();
        for compared in share_out(self.crew.as_ref(), jobs.collect()).await {
            let (cases, left) = compared?;
            cases.into_iter().for_each(|(id, case)| self.keep(id, case, told));
            others.extend(left);
        }
        Ok(others)
    }

    /// Weighs some records; answers those that another's case told of which was not kept.
    async fn weigh(
        &mut self,
        ids: &[RecordId],
        pairs_alone: bool,
        told: Told<'_>,
    ) -> Result<Vec<RecordId>, StoreError> {
        let open: Vec<RecordId> = ids.iter().filter(|id| !self.answered.contains(id)).cloned().collect();
        let parts = open.chunks(TOGETHER).map(<[RecordId]>::to_vec);
        let jobs = parts.map(|part| weigh(Arc::clone(&self.store), self.kind, part, pairs_alone));
        let mut looked_at = BTreeSet::new();
        for cases in share_out(self.crew.as_ref(), jobs.collect()).await {
            for (id, case) in cases? {
                looked_at.insert(id.clone());
                self.keep(id, case, told);
            }
        }
        let is_left = |id: &RecordId| !self.answered.contains(id) && !looked_at.contains(id);
        Ok(open.into_iter().filter(is_left).collect())
    }

    /// Whether a write of unknown outcome is about a record. One that names a source whose create is open is what that create
    /// made, though the source may be gone by now.
    fn is_in_flight(&self, record: &Record) -> bool {
        let names = record.names(self.kind);
        self.in_flight.contains(&record.id) || names.is_some_and(|source| self.in_flight.contains(&source))
    }

    /// Takes a case for the plan, without the records that have an answer; one that has to wait is passed over.
    fn keep(&mut self, id: RecordId, mut case: Case, told: Told<'_>) {
        if self.answered.contains(&id) || case.records().any(|record| self.is_in_flight(record)) {
            return;
        }
        if case.ids().any(|id| self.answered.contains(id)) {
            case.around.forget(&self.answered);
            case.decisions = decisions(&case.around);
        }
        case.ids().for_each(|id| self.answered.insert(id));
        told(id, case);
    }
}

/// Walks over the keys of a stretch.
fn walk(
    store: Arc<dyn Store>,
    kind: Kind,
    stretch: Stretch,
) -> BoxFuture<'static, Result<ByKeys, StoreError>> {
    Box::pin(async move {
        let mut keys = ByKeys::new(kind, HOLDERS);
        store.each_key(kind, stretch, &mut |key, side, place| keys.hold(key, side, place)).await?;
        Ok(keys)
    })
}

/// Decides about records among those that the keys name; answers who is left to be weighed.
fn compare(store: Arc<dyn Store>, kind: Kind, ids: Vec<RecordId>, by_keys: Arc<Decided>) -> Comparing {
    Box::pin(async move {
        let (plain, weighed) = part(store.as_ref(), ids, &by_keys).await?;
        let ids = plain.iter().flat_map(Plain::all).cloned().collect();
        let glance = Glance::apart(store.as_ref(), kind, ids).await?;
        let mut cases: Vec<(RecordId, Case)> = Vec::with_capacity(plain.len());
        for one in plain {
            let all: Vec<RecordId> = one.all().cloned().collect();
            let around = apart(&glance, &all, by_keys.widespread()).await?;
            let decisions = one.decisions(&around);
            cases.push((one.id, Case { around, decisions }));
        }
        Ok((cases, weighed))
    })
}

/// Parts records: those of which the keys tell who has to do with them, once where that is one another, and those to be
/// weighed.
async fn part(
    store: &dyn Store,
    ids: Vec<RecordId>,
    by_keys: &Decided,
) -> Result<(Vec<Plain>, Vec<RecordId>), StoreError> {
    let (mut plain, mut weighed) = (Vec::new(), Vec::new());
    let (mut named, mut taken) = (Vec::new(), BTreeSet::new());
    let places = store.places(&ids).await?;
    for (id, place) in ids.into_iter().zip(places) {
        let told = place.and_then(|place| Some((place, by_keys.about(place)?)));
        let Some((place, obvious)) = told else {
            weighed.push(id);
            continue;
        };
        let others: Vec<Place> = match obvious {
            Obvious::Alone => Vec::new(),
            Obvious::Beside(other) | Obvious::Linked(other, _) => vec![other],
            Obvious::Among(group) => group.iter().copied().filter(|other| *other != place).collect(),
        };
        let link = if let Obvious::Linked(_, reason) = obvious { Some(reason) } else { None };
        if taken.insert(others.iter().copied().fold(place, Place::min)) {
            plain.push((Plain { id, others: Vec::new(), link }, others.len()));
            named.extend(others);
        }
    }
    let mut found = store.at(&named).await?.into_iter();
    for (one, others) in &mut plain {
        one.others.extend(found.by_ref().take(*others).flatten());
    }
    Ok((plain.into_iter().map(|(one, _)| one).collect(), weighed))
}

/// Weighs records as if none had an answer yet, each in one case.
fn weigh(
    store: Arc<dyn Store>,
    kind: Kind,
    ids: Vec<RecordId>,
    pairs_alone: bool,
) -> BoxFuture<'static, Result<Vec<(RecordId, Case)>, StoreError>> {
    Box::pin(async move {
        let glance = Glance::around(store.as_ref(), kind, &ids, HOLDERS).await?;
        let mut cases: Vec<(RecordId, Case)> = Vec::with_capacity(ids.len());
        let mut told = BTreeSet::new();
        let mut held = 0;
        for id in ids {
            if told.contains(&id) {
                continue;
            }
            if held > HELD {
                break;
            }
            let mut around = gather(&glance, &id).await?;
            if pairs_alone {
                around.keep_pair_of(&id);
            }
            told.extend(around.neighbourhood.records.keys().cloned());
            held += around.neighbourhood.records.len();
            let decisions = decisions(&around);
            cases.push((id, Case { around, decisions }));
        }
        Ok(cases)
    })
}

impl Case {
    /// The records.
    fn records(&self) -> impl Iterator<Item = &Record> {
        self.around.neighbourhood.records.values()
    }

    /// Their ids.
    fn ids(&self) -> impl Iterator<Item = &RecordId> {
        self.around.neighbourhood.records.keys()
    }
}

impl Surroundings {
    /// Leaves a record with a link nothing but its partner.
    fn keep_pair_of(&mut self, id: &RecordId) {
        let Some(partner) = self.partner(id) else { return };
        if self.neighbourhood.rulings.part(id, &partner) {
            return;
        }
        let is_kept = |other: &RecordId| other == id || *other == partner;
        self.neighbourhood.records.retain(|other, _| is_kept(other));
        self.links.retain(|link| is_kept(&link.bitrix24) && is_kept(&link.onec));
        self.reviews.retain(|review| review.records.iter().all(is_kept));
    }

    /// Leaves out records that another part of the plan has answered.
    fn forget(&mut self, answered: &IdSet) {
        self.neighbourhood.records.retain(|id, _| !answered.contains(id));
        self.links.retain(|link| !answered.contains(&link.bitrix24) && !answered.contains(&link.onec));
        self.reviews.retain(|review| !review.records.iter().any(|id| answered.contains(id)));
    }
}
