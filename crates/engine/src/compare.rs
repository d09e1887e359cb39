//! Comparing both sides as they were last seen: what is not the same, and what explains it.
//!
//! It walks over all records and links, a page at a time, and asks neither side: [`Engine::look`] comes before where that is
//! wanted. What is the same is told by merging, under the rules of the pair and under such as prefer nobody. Nothing is
//! written, nothing becomes due. Invariant: the digest is that of what was compared, in whatever order.

mod alone;
mod difference;
mod fields;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use obmen_domain::record::{Digest, Kind, Record, RecordId, Side, Standing};
use obmen_domain::review::Review;
use obmen_domain::ruling::Rulings;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use self::alone::{Plainly, why_alone};
pub use self::difference::{Difference, What, Why};
use self::fields::{Comparer, Known, of_side};
use crate::planner::KINDS;
use crate::ports::StoreError;
use crate::progress::Stage;
use crate::store::{Link, Store};
use crate::surroundings::{in_flight, partners};
use crate::sync::{Engine, EngineError};
use crate::weighing::Weighing;

/// Records compared at once.
const PAGE: usize = 1000;

/// Is told each difference.
pub type ToldDifference<'a> = &'a mut (dyn FnMut(&Difference) + Send);

/// What a comparison comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// When it began.
    pub at: Timestamp,
    /// When both sides were last read in full, where they ever were.
    pub looked_at: Option<Timestamp>,
    /// Records seen, by side and kind, as `bitrix24:contact`.
    pub records: BTreeMap<String, u64>,
    /// Links.
    pub pairs: u64,
    /// Links between two records that are the same.
    pub equal: u64,
    /// Differences by what explains them, see [`Why::word`].
    pub differences: BTreeMap<&'static str, u64>,
    /// The same where the same records, links and differences were found.
    pub digest: String,
}

impl Comparison {
    /// How many differences nothing explains.
    pub fn unexplained(&self) -> u64 {
        self.differences.get(Why::Unexplained.word()).copied().unwrap_or(0)
    }

    /// How many differences there are.
    pub fn total(&self) -> u64 {
        self.differences.values().sum()
    }
}

/// A digest of lines in whatever order: the sum of their fingerprints.
#[derive(Debug, Default)]
struct Sum([u128; 2]);

impl Sum {
    fn add(&mut self, line: &str) {
        let digest: [u8; 32] = Sha256::digest(line).into();
        for (half, bytes) in self.0.iter_mut().zip(digest.chunks_exact(16)) {
            *half = half.wrapping_add(bytes.iter().fold(0, |number, byte| number << 8 | u128::from(*byte)));
        }
    }

    fn finish(&self) -> Digest {
        let [high, low] = self.0.map(u128::to_be_bytes);
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&high);
        bytes[16..].copy_from_slice(&low);
        Digest(bytes)
    }
}

/// A comparison under way.
struct Comparing<'a, 't> {
    engine: &'a Engine,
    comparer: Comparer<'a>,
    in_flight: BTreeSet<RecordId>,
    told: ToldDifference<'t>,
    found: Comparison,
    sum: Sum,
}

impl Engine {
    /// Compares both sides as they were last seen, and tells each difference.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn compare(&self, told: ToldDifference<'_>) -> Result<Comparison, EngineError> {
        let mut comparing = Comparing {
            engine: self,
            comparer: Comparer::new(&self.rules, self.capacities()),
            in_flight: in_flight(self.store.as_ref()).await?,
            told,
            found: Comparison {
                at: self.clock.now(),
                looked_at: self.looked_at().await?,
                records: BTreeMap::new(),
                pairs: 0,
                equal: 0,
                differences: BTreeMap::new(),
                digest: String::new(),
            },
            sum: Sum::default(),
        };
        self.progress.begin(Stage::Comparing, None);
        for kind in KINDS {
            for side in [Side::Bitrix24, Side::Onec] {
                comparing.walk(side, kind).await?;
            }
        }
        self.progress.finish(Stage::Comparing);
        comparing.found.digest = comparing.sum.finish().to_string();
        Ok(comparing.found)
    }
}

impl Comparing<'_, '_> {
    async fn walk(&mut self, side: Side, kind: Kind) -> Result<(), EngineError> {
        let store = self.engine.store.as_ref();
        let mut after: Option<RecordId> = None;
        loop {
            let page = store.known(side, kind, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.clone());
            let records: BTreeMap<RecordId, Record> =
                store.seen(&page).await?.into_iter().map(|record| (record.id.clone(), record)).collect();
            *self.found.records.entry(format!("{}:{}", side.word(), kind.word())).or_default() +=
                records.len() as u64;
            for record in records.values() {
                self.sum.add(&format!("{} {}", record.id, record.digest()));
            }
            let links = store.links(&page).await?;
            let linked: BTreeSet<RecordId> = links.iter().map(|link| of_side(link, side).clone()).collect();
            self.pairs(side, &records, links).await?;
            let alone = records
                .into_values()
                .filter(|record| !linked.contains(&record.id) && record.standing == Standing::TakesPart);
            self.lone(kind, alone.collect()).await?;
            self.engine.progress.advance(Stage::Comparing, page.len() as u64);
        }
    }

    /// Links of a page of one side. Two records that are both there are compared from Bitrix24.
    async fn pairs(
        &mut self,
        side: Side,
        here: &BTreeMap<RecordId, Record>,
        links: Vec<Link>,
    ) -> Result<(), EngineError> {
        let store = self.engine.store.as_ref();
        let others: Vec<RecordId> = links.iter().map(|link| of_side(link, side.other()).clone()).collect();
        let there: BTreeMap<RecordId, Record> =
            store.seen(&others).await?.into_iter().map(|record| (record.id.clone(), record)).collect();
        let employers: BTreeSet<RecordId> = here
            .values()
            .chain(there.values())
            .flat_map(|record| record.party.employers())
            .cloned()
            .collect();
        let companies = partners(store, &employers.into_iter().collect::<Vec<_>>()).await?;
        for link in links {
            let (own, other) = (of_side(&link, side), of_side(&link, side.other()));
            let Some(record) = here.get(own) else { continue };
            let Some(partner) = there.get(other) else {
                self.count(&link);
                let known = known_of(store, &link, &self.in_flight).await?;
                let what = What::Gone { gone: other.clone(), left: own.clone() };
                self.tell(&Difference { what, why: self.comparer.why_gone(&link, &known) });
                continue;
            };
            if side == Side::Onec {
                continue;
            }
            self.count(&link);
            let unequal = self.comparer.unequal(record, partner, link.base.as_ref(), &companies);
            if unequal.is_empty() {
                self.found.equal += 1;
                continue;
            }
            let known = known_of(store, &link, &self.in_flight).await?;
            for one in unequal {
                let why = self.comparer.why(&one, &link, &known);
                let what = What::Field {
                    bitrix24: link.bitrix24.clone(),
                    onec: link.onec.clone(),
                    field: one.field,
                    left: one.left,
                    right: one.right,
                };
                self.tell(&Difference { what, why });
            }
        }
        Ok(())
    }

    fn count(&mut self, link: &Link) {
        self.found.pairs += 1;
        self.sum.add(&format!("{} = {}", link.bitrix24, link.onec));
    }

    /// Records of a page that take part and have no counterpart.
    async fn lone(&mut self, kind: Kind, records: Vec<Record>) -> Result<(), EngineError> {
        if records.is_empty() {
            return Ok(());
        }
        let store = self.engine.store.as_ref();
        let ids: Vec<RecordId> = records.iter().map(|record| record.id.clone()).collect();
        let mut twins = twins_among(store, &records).await?;
        let mut reviews: BTreeMap<RecordId, Vec<Review>> = BTreeMap::new();
        for review in store.reviews_of(&ids).await? {
            for id in &review.records {
                reviews.entry(id.clone()).or_default().push(review.clone());
            }
        }
        let mut found: BTreeMap<RecordId, Why> = BTreeMap::new();
        for id in &ids {
            let known = Plainly {
                reviews: reviews.get(id).map_or(&[][..], Vec::as_slice),
                is_due: store.is_dirty(id).await?,
                is_unsettled: self.in_flight.contains(id),
            };
            found.extend(known.why().map(|why| (id.clone(), why)));
        }
        let open: Vec<RecordId> = ids.iter().filter(|id| !found.contains_key(id)).cloned().collect();
        let nobody = BTreeSet::new();
        let mut weighing =
            Weighing::new(Arc::clone(&self.engine.store), Arc::clone(&self.engine.crew), kind, &nobody);
        let (rules, capacities) = (&self.engine.rules, self.comparer.capacities());
        let mut told = |_, case| found.extend(why_alone(&open, case, rules, capacities));
        weighing.decide(&open, false, &mut told).await?;
        for id in ids {
            let why = found.remove(&id).unwrap_or(Why::Unexplained);
            let what = match twins.remove(&id) {
                Some(linked) => What::Twin { record: id, linked },
                None => What::Alone(id),
            };
            let excuses_a_twin = matches!(
                why,
                Why::Review { .. } | Why::Failed { .. } | Why::Due | Why::Unsettled | Why::Decided(_)
            );
            let is_excused = excuses_a_twin || !matches!(what, What::Twin { .. });
            self.tell(&Difference { what, why: if is_excused { why } else { Why::Unexplained } });
        }
        Ok(())
    }

    fn tell(&mut self, difference: &Difference) {
        *self.found.differences.entry(difference.why.word()).or_default() += 1;
        self.sum.add(&difference.to_string());
        (self.told)(difference);
    }
}

/// What the store says of two linked records that are not equal.
async fn known_of(
    store: &dyn Store,
    link: &Link,
    in_flight: &BTreeSet<RecordId>,
) -> Result<Known, StoreError> {
    let both = [link.bitrix24.clone(), link.onec.clone()];
    Ok(Known {
        reviews: store.reviews_of(&both).await?,
        rulings: store.rulings(&both).await?.into_iter().collect(),
        is_due: store.is_dirty(&link.bitrix24).await? || store.is_dirty(&link.onec).await?,
        is_unsettled: both.iter().any(|id| in_flight.contains(id)),
    })
}

/// Those that name a record which is linked with another of the same catalog, and that other one.
async fn twins_among(
    store: &dyn Store,
    records: &[Record],
) -> Result<BTreeMap<RecordId, RecordId>, StoreError> {
    let named: BTreeMap<&RecordId, RecordId> =
        records.iter().filter_map(|record| Some((&record.id, record.names(record.id.kind)?))).collect();
    let linked = partners(store, &named.values().cloned().collect::<Vec<_>>()).await?;
    let pairs: Vec<(&Record, &RecordId)> = records
        .iter()
        .filter_map(|record| Some((record, linked.get(named.get(&record.id)?)?)))
        .filter(|(record, partner)| record.id != **partner)
        .collect();
    let ids: Vec<RecordId> = pairs.iter().map(|(_, partner)| (*partner).clone()).collect();
    let seen: BTreeMap<RecordId, Record> =
        store.seen(&ids).await?.into_iter().map(|record| (record.id.clone(), record)).collect();
    let rulings: Rulings = store.rulings(&ids).await?.into_iter().collect();
    let is_twin = |(record, partner): &(&Record, &RecordId)| {
        seen.get(*partner).is_some_and(|other| other.catalog == record.catalog)
            && rulings.of(&record.id, partner).is_none()
    };
    let twins = pairs.into_iter().filter(is_twin);
    Ok(twins.map(|(record, partner)| (record.id.clone(), partner.clone())).collect())
}
