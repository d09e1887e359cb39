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
pub struct Plain {
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
        let walks = Stretch::HALVES.map(|stretch| walk(Arc::clone(&self.store), self.kind, stretch));
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

    /// Parts records that have no answer yet: those of which the keys tell who has to do with them, once where that is one
    /// another, and those to be weighed.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn part(&self, ids: &[RecordId]) -> Result<(Vec<Plain>, Vec<RecordId>), StoreError> {
        let open: Vec<RecordId> = ids.iter().filter(|id| !self.answered.contains(id)).cloned().collect();
        if self.by_keys.is_empty() {
            return Ok((Vec::new(), open));
        }
        let (mut plain, mut weighed) = (Vec::new(), Vec::new());
        let (mut places, mut taken) = (Vec::new(), BTreeSet::new());
        for (id, place) in open.iter().zip(self.store.places(&open).await?) {
            let told = place.and_then(|place| Some((place, self.by_keys.about(place)?)));
            let Some((place, obvious)) = told else {
                weighed.push(id.clone());
                continue;
            };
            let others: Vec<Place> = match obvious {
                Obvious::Alone => Vec::new(),
                Obvious::Beside(other) | Obvious::Linked(other, _) => vec![other],
                Obvious::Among(group) => group.iter().copied().filter(|other| *other != place).collect(),
            };
            let link = if let Obvious::Linked(_, reason) = obvious { Some(reason) } else { None };
            if taken.insert(others.iter().copied().fold(place, Place::min)) {
                plain.push((Plain { id: id.clone(), others: Vec::new(), link }, others.len()));
                places.extend(others);
            }
        }
        let mut found = self.store.at(&places).await?.into_iter();
        for (one, others) in &mut plain {
            one.others.extend(found.by_ref().take(*others).flatten());
        }
        Ok((plain.into_iter().map(|(one, _)| one).collect(), weighed))
    }

    /// Decides about records among those that the keys name. One that another has brought along, or whose write is under way, is
    /// passed over.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn take(&mut self, mut plain: Vec<Plain>) -> Result<Vec<(RecordId, Case)>, StoreError> {
        plain.retain(|one| !one.all().any(|id| self.answered.contains(id) || self.in_flight.contains(id)));
        let parts = parts_of(plain, self.crew.hands()).into_iter();
        let jobs =
            parts.map(|part| compare(Arc::clone(&self.store), self.kind, part, Arc::clone(&self.by_keys)));
        let mut taken = Vec::new();
        for cases in share_out(self.crew.as_ref(), jobs.collect()).await {
            for (id, case) in cases? {
                case.ids().for_each(|id| self.answered.insert(id));
                taken.push((id, case));
            }
        }
        Ok(taken)
    }

    /// Weighs records among all that share keys with them; where who is who has been decided, pairs alone.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn weigh(
        &mut self,
        mut ids: Vec<RecordId>,
        pairs_alone: bool,
    ) -> Result<Vec<(RecordId, Case)>, StoreError> {
        let mut taken = Vec::new();
        let mut hands = self.crew.hands();
        ids.retain(|id| !self.answered.contains(id));
        while !ids.is_empty() {
            let parts = parts_of(ids.clone(), hands).into_iter();
            let jobs = parts.map(|part| weigh(Arc::clone(&self.store), self.kind, part, pairs_alone));
            let mut looked_at = BTreeSet::new();
            for cases in share_out(self.crew.as_ref(), jobs.collect()).await {
                for (id, case) in cases? {
                    looked_at.insert(id.clone());
                    taken.extend(self.keep(id, case));
                }
            }
            // Who was left to another's case that was not kept. One hand looks at the first of them at least.
            ids.retain(|id| !self.answered.contains(id) && !looked_at.contains(id));
            hands = 1;
        }
        Ok(taken)
    }

    /// Whether a write of unknown outcome is about a record. One that names a source whose create is open is what that create
    /// made, though the source may be gone by now.
    fn is_in_flight(&self, record: &Record) -> bool {
        let names = record.names(self.kind);
        self.in_flight.contains(&record.id) || names.is_some_and(|source| self.in_flight.contains(&source))
    }

    /// Takes a case for the plan, without the records that have an answer; none where it has to wait.
    fn keep(&mut self, id: RecordId, mut case: Case) -> Option<(RecordId, Case)> {
        if self.answered.contains(&id) || case.records().any(|record| self.is_in_flight(record)) {
            return None;
        }
        if case.ids().any(|id| self.answered.contains(id)) {
            case.around.forget(&self.answered);
            case.decisions = decisions(&case.around);
        }
        case.ids().for_each(|id| self.answered.insert(id));
        Some((id, case))
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

/// Decides about records among those that the keys name, of whom nobody is named twice.
fn compare(
    store: Arc<dyn Store>,
    kind: Kind,
    plain: Vec<Plain>,
    by_keys: Arc<Decided>,
) -> BoxFuture<'static, Result<Vec<(RecordId, Case)>, StoreError>> {
    Box::pin(async move {
        let ids = plain.iter().flat_map(Plain::all).cloned().collect();
        let glance = Glance::apart(store.as_ref(), kind, ids).await?;
        let mut cases: Vec<(RecordId, Case)> = Vec::with_capacity(plain.len());
        for one in plain {
            let all: Vec<RecordId> = one.all().cloned().collect();
            let around = apart(&glance, &all, by_keys.widespread()).await?;
            let decisions = one.decisions(&around);
            cases.push((one.id, Case { around, decisions }));
        }
        Ok(cases)
    })
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
        for id in ids {
            if told.contains(&id) {
                continue;
            }
            let mut around = gather(&glance, &id).await?;
            if pairs_alone {
                around.keep_pair_of(&id);
            }
            told.extend(around.neighbourhood.records.keys().cloned());
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
