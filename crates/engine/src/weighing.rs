//! Who is who among the rows of a plan: told by the keys alone where that is enough, else weighed among their surroundings.
//!
//! Not responsible for what follows from a decision. Invariant: every record is decided about once in a plan.

use std::collections::BTreeSet;

use obmen_domain::matching::Decision;
use obmen_domain::matching::obvious::{ByKeys, Decided, Obvious, Place};
use obmen_domain::record::{Kind, RecordId, Side};

use crate::glance::Glance;
use crate::id_set::IdSet;
use crate::planner::{Surroundings, decisions};
use crate::ports::StoreError;
use crate::store::Store;
use crate::surroundings::{HOLDERS, apart, gather};

/// What a plan decides about the records of one kind.
pub struct Weighing<'a> {
    store: &'a dyn Store,
    kind: Kind,
    /// Records with a write of unknown outcome: they are looked at again when it is settled.
    in_flight: &'a BTreeSet<RecordId>,
    by_keys: Decided,
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

/// A record that the keys alone decide about.
#[derive(Debug)]
pub struct Plain {
    id: RecordId,
    obvious: Obvious,
    /// The only record that it has to do with.
    partner: Option<RecordId>,
}

impl Plain {
    /// Whether nothing but its keys is needed, else it is compared with its partner.
    pub fn is_decided(&self) -> bool {
        !matches!(self.obvious, Obvious::Beside(_))
    }
}

impl<'a> Weighing<'a> {
    /// Before any record, of which every one is to be weighed.
    pub fn new(store: &'a dyn Store, kind: Kind, in_flight: &'a BTreeSet<RecordId>) -> Self {
        Self { store, kind, in_flight, by_keys: Decided::default(), answered: IdSet::default() }
    }

    /// Walks over all keys, so that most records need not be weighed. Worth it where many are due.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn walk_keys(&mut self) -> Result<(), StoreError> {
        let mut keys = ByKeys::new(self.kind, HOLDERS);
        self.store.each_key(self.kind, &mut |key, side, place| keys.hold(key, side, place)).await?;
        self.store.each_entangled(self.kind, &mut |place| keys.leave(place)).await?;
        self.by_keys = keys.finish();
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

    /// Parts records that have no answer yet: those that the keys decide about, and those to be weighed.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn part(&self, ids: &[RecordId]) -> Result<(Vec<Plain>, Vec<RecordId>), StoreError> {
        let open: Vec<RecordId> = ids.iter().filter(|id| !self.answered.contains(id)).cloned().collect();
        if self.by_keys.is_empty() {
            return Ok((Vec::new(), open));
        }
        let places = self.store.places(&open).await?;
        let told: Vec<Option<Obvious>> = places.into_iter().map(|place| self.by_keys.about(place?)).collect();
        let partner = |obvious: &Obvious| match obvious {
            Obvious::Alone => None,
            Obvious::Beside(place) | Obvious::Linked(place, _) => Some(*place),
        };
        let places: Vec<Place> = told.iter().flatten().filter_map(partner).collect();
        let mut partners = self.store.at(&places).await?.into_iter();
        let (mut plain, mut weighed) = (Vec::new(), Vec::new());
        for (id, obvious) in open.into_iter().zip(told) {
            match obvious {
                None => weighed.push(id),
                Some(obvious) => {
                    let partner = partner(&obvious).and_then(|_| partners.next().flatten());
                    plain.push(Plain { id, obvious, partner });
                }
            }
        }
        Ok((plain, weighed))
    }

    /// Decides about records by their keys. One that another has brought along, or whose write is under way, is passed over.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn take(&mut self, plain: Vec<Plain>) -> Result<Vec<(RecordId, Case)>, StoreError> {
        let mut ids = Vec::with_capacity(plain.len() * 2);
        for one in &plain {
            ids.push(one.id.clone());
            ids.extend(one.partner.clone());
        }
        let glance = Glance::apart(self.store, self.kind, ids).await?;
        let mut cases = Vec::with_capacity(plain.len());
        for Plain { id, obvious, partner } in plain {
            let both: Vec<RecordId> = std::iter::once(id.clone()).chain(partner.clone()).collect();
            if both.iter().any(|id| self.answered.contains(id) || self.in_flight.contains(id)) {
                continue;
            }
            let around = apart(&glance, &both).await?;
            both.iter().for_each(|id| self.answered.insert(id));
            let decisions = match (obvious, partner) {
                (Obvious::Linked(_, reason), Some(partner)) => {
                    let (bitrix24, onec) =
                        if id.side == Side::Bitrix24 { (id.clone(), partner) } else { (partner, id.clone()) };
                    vec![Decision::Link { bitrix24, onec, reason }]
                }
                _ => decisions(&around),
            };
            cases.push((id, Case { around, decisions }));
        }
        Ok(cases)
    }

    /// Weighs records among all that share keys with them; where who is who has been decided, pairs alone.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn weigh(
        &mut self,
        ids: Vec<RecordId>,
        pairs_alone: bool,
    ) -> Result<Vec<(RecordId, Case)>, StoreError> {
        let glance = Glance::around(self.store, self.kind, &ids, HOLDERS).await?;
        let mut cases = Vec::with_capacity(ids.len());
        for id in ids {
            if self.answered.contains(&id) {
                continue;
            }
            let mut around = gather(&glance, &id).await?;
            if pairs_alone {
                around.keep_pair_of(&id);
            }
            if around.neighbourhood.records.keys().any(|id| self.in_flight.contains(id)) {
                continue;
            }
            around.forget(&self.answered);
            around.neighbourhood.records.keys().for_each(|id| self.answered.insert(id));
            let decisions = decisions(&around);
            cases.push((id, Case { around, decisions }));
        }
        Ok(cases)
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
