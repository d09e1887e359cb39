//! Clusters: records that the evidence makes one party.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Common, Verdict, compare, name_each_other};
use super::scene::{Candidate, Scene};
use super::{catalog_rank, fullness, is_linked};
use crate::forms::person_name::NameAgreement;
use crate::forms::tax::{Inn, Kpp};
use crate::key::Key;
use crate::party::Party;
use crate::plan::LinkReason;
use crate::record::{Record, RecordId, Side};
use crate::review::AskReason;
use crate::ruling::Ruling;

/// The records that take part, joined into parties. A record is named by its position.
pub(super) struct Clusters<'a> {
    pub(super) candidates: &'a [Candidate<'a>],
    pub(super) scene: &'a Scene<'a>,
    root: Vec<usize>,
    verdicts: BTreeMap<(usize, usize), Verdict>,
}

impl<'a> Clusters<'a> {
    pub(super) fn find(candidates: &'a [Candidate<'a>], scene: &'a Scene<'a>) -> Self {
        let mut clusters = Self { candidates, scene, root: Vec::new(), verdicts: BTreeMap::new() };
        for (a, b) in neighbours(candidates, scene) {
            let verdict = clusters.judge(a, b);
            clusters.verdicts.insert((a, b), verdict);
        }
        clusters.join_all();
        if clusters.doubt_bridges() {
            clusters.join_all();
        }
        clusters
    }

    fn join_all(&mut self) {
        self.root = (0..self.candidates.len()).collect();
        let same = self.verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Same(_)));
        let pairs: Vec<(usize, usize)> = same.map(|(pair, _)| *pair).collect();
        for (a, b) in pairs {
            self.join(a, b);
        }
    }

    /// In a cluster of people who cannot be one, a shortened name fits more than one of them: what it joins is in doubt,
    /// unless so much is common that the name does not matter.
    /// Returns whether there was any.
    fn doubt_bridges(&mut self) -> bool {
        let torn: BTreeSet<usize> = self
            .groups()
            .into_iter()
            .filter(|(_, members)| self.first_contradiction(members, false).is_some())
            .map(|(root, _)| root)
            .collect();
        let is_bridge = |(a, b): (usize, usize), verdict: &Verdict| {
            let [x, y] = [a, b].map(|position| &self.candidates[position]);
            matches!(verdict, Verdict::Same(LinkReason::Email | LinkReason::Phone))
                && torn.contains(&self.root_of(a))
                && x.names.agree(&y.names) != NameAgreement::Same
                && !Common::of(x, y, self.scene).is_beyond_chance()
        };
        let bridges: Vec<(usize, usize)> = self
            .verdicts
            .iter()
            .filter(|(pair, verdict)| is_bridge(**pair, verdict))
            .map(|(pair, _)| *pair)
            .collect();
        for pair in &bridges {
            self.verdicts.insert(*pair, Verdict::Doubtful(AskReason::NamesDoubtful));
        }
        !bridges.is_empty()
    }

    fn judge(&self, a: usize, b: usize) -> Verdict {
        let (x, y) = (&self.candidates[a], &self.candidates[b]);
        match self.scene.around.rulings.of(&x.record.id, &y.record.id) {
            Some(Ruling::Same) => Verdict::Same(LinkReason::Decision),
            Some(Ruling::Apart | Ruling::Ended) => Verdict::Different,
            Some(Ruling::TakenBack) | None if self.are_linked(x.record, y.record) => {
                Verdict::Same(LinkReason::Decision)
            }
            Some(Ruling::TakenBack) | None => compare(x, y, self.scene, self.scene.is_sole_holder(x)),
        }
    }

    /// The clusters by their roots, in the order of their first ids.
    pub(super) fn groups(&self) -> BTreeMap<usize, Vec<&'a Record>> {
        let mut groups: BTreeMap<usize, Vec<&Record>> = BTreeMap::new();
        for (position, candidate) in self.candidates.iter().enumerate() {
            groups.entry(self.root_of(position)).or_default().push(candidate.record);
        }
        groups
    }

    /// The positions that the evidence makes one party with this one, itself included.
    pub(super) fn members(&self, position: usize) -> impl Iterator<Item = usize> {
        let root = self.root_of(position);
        (0..self.candidates.len()).filter(move |other| self.root_of(*other) == root)
    }

    /// Why a cluster is none: it holds two records that cannot be one party, and at least one of its records has no link.
    pub(super) fn contradiction(&self, members: &[&Record]) -> Option<AskReason> {
        self.first_contradiction(members, true)
    }

    /// The same; what links have settled is left out, or not.
    fn first_contradiction(&self, members: &[&Record], beside_links: bool) -> Option<AskReason> {
        let around = self.scene.around;
        let linked = |record: &Record| is_linked(record, around);
        if members.iter().all(|record| linked(record)) {
            return None;
        }
        let pairs = members
            .iter()
            .enumerate()
            .flat_map(|(position, a)| members[position + 1..].iter().map(move |b| (*a, *b)));
        pairs.filter(|(a, b)| !(beside_links && linked(a) && linked(b))).find_map(|(a, b)| {
            match around.rulings.of(&a.id, &b.id) {
                Some(Ruling::Same) => None,
                Some(Ruling::Apart | Ruling::Ended) => Some(AskReason::DecidedApart),
                Some(Ruling::TakenBack) | None if self.reason(a, b).is_some() => None,
                Some(Ruling::TakenBack) | None => {
                    self.contradict(a, b).then_some(AskReason::TaxNumbersContradict)
                }
            }
        })
    }

    /// The best pair across the sides: stored ids, main catalog, strongest evidence, fullest records.
    pub(super) fn best_pair(
        &self,
        lefts: &[&'a Record],
        rights: &[&'a Record],
    ) -> Option<(&'a Record, &'a Record, LinkReason)> {
        let mut pairs = Vec::new();
        for (x, left) in lefts.iter().enumerate() {
            for (y, right) in rights.iter().enumerate() {
                if let Some(reason) = self.reason(left, right) {
                    pairs.push((!name_each_other(left, right), catalog_rank(right.catalog), reason, x, y));
                }
            }
        }
        let (_, _, reason, x, y) = pairs.into_iter().min()?;
        Some((lefts[x], rights[y], reason))
    }

    /// A marked record that would have been the match of this one.
    pub(super) fn marked_match<'m>(&self, record: &Record, marked: &[&'m Record]) -> Option<&'m Record> {
        self.marked_one(record, marked, record.id.side.other(), Some)
    }

    /// The partner of a marked record of the same side that would have been this one: its party stands on both sides already.
    pub(super) fn partner_of_marked(&self, record: &Record, marked: &[&Record]) -> Option<&'a Record> {
        let around = self.scene.around;
        self.marked_one(record, marked, record.id.side, |dead| {
            let link = around.links.iter().find(|(left, right)| [left, right].contains(&&dead.id))?;
            let partner = if link.0 == dead.id { &link.1 } else { &link.0 };
            let is_open = around.rulings.of(&record.id, partner).is_none();
            around.records.get(partner).filter(|_| is_open)
        })
    }

    /// What is found with the first marked record of a side that may be this one.
    fn marked_one<'m, T>(
        &self,
        record: &Record,
        marked: &[&'m Record],
        side: Side,
        found: impl Fn(&'m Record) -> Option<T>,
    ) -> Option<T> {
        if marked.is_empty() {
            return None;
        }
        let living = Candidate::within(record, self.scene.around);
        let is_one = |dead: &&Record| {
            dead.id.side == side
                && self.scene.around.rulings.of(&record.id, &dead.id).is_none()
                && matches!(
                    compare(&living, &Candidate::of(dead), self.scene, true),
                    Verdict::Same(_) | Verdict::Doubtful(_)
                )
        };
        marked.iter().copied().filter(is_one).find_map(found)
    }

    /// Pairs of different clusters about which the evidence is in doubt.
    pub(super) fn doubtful(&self) -> impl Iterator<Item = (usize, usize, &AskReason)> {
        self.verdicts.iter().filter_map(|((a, b), verdict)| match verdict {
            Verdict::Doubtful(reason) if self.root_of(*a) != self.root_of(*b) => Some((*a, *b, reason)),
            _ => None,
        })
    }

    /// Whether a record's party stands on a side, or is linked.
    pub(super) fn has(&self, position: usize, side: Side) -> bool {
        self.members(position).any(|other| {
            let record = self.candidates[other].record;
            record.id.side == side || is_linked(record, self.scene.around)
        })
    }

    /// Which of two parties would be brought first: one that stands on both sides, then the one that says more.
    pub(super) fn rank(&self, position: usize) -> impl Ord + use<> {
        let side = self.candidates[position].record.id.side;
        let fullest = self.members(position).map(|other| fullness(self.candidates[other].record)).max();
        (self.has(position, side.other()), fullest, std::cmp::Reverse(self.root_of(position)))
    }

    /// Whether two records share a mailbox or phone that at most one more on a side holds.
    pub(super) fn share_rarely(&self, a: usize, b: usize) -> bool {
        let (x, y) = (&self.candidates[a], &self.candidates[b]);
        x.addresses().any(|key| y.keys.contains(key) && self.scene.holders(key) <= 2)
    }

    pub(super) fn root_of(&self, mut position: usize) -> usize {
        while self.root[position] != position {
            position = self.root[position];
        }
        position
    }

    fn reason(&self, a: &Record, b: &Record) -> Option<LinkReason> {
        let (x, y) = (self.position(a)?, self.position(b)?);
        match self.verdicts.get(&(x.min(y), x.max(y))) {
            Some(Verdict::Same(reason)) => Some(*reason),
            _ => None,
        }
    }

    fn position(&self, record: &Record) -> Option<usize> {
        self.candidates.iter().position(|one| one.record.id == record.id)
    }

    fn contradict(&self, a: &Record, b: &Record) -> bool {
        let [Some(x), Some(y)] = [a, b].map(|record| Some(&self.candidates[self.position(record)?])) else {
            return false;
        };
        let numbers = matches!((&x.inn, &y.inn), (Some(x), Some(y)) if x != y);
        let is_person = matches!(a.party, Party::Person(_));
        numbers || is_person && x.names.agree(&y.names) == NameAgreement::Different || branches(a, b)
    }

    fn are_linked(&self, a: &Record, b: &Record) -> bool {
        let (x, y): (&RecordId, &RecordId) = (&a.id, &b.id);
        let pair = if x.side == Side::Bitrix24 { (x.clone(), y.clone()) } else { (y.clone(), x.clone()) };
        self.scene.around.links.contains(&pair)
    }

    fn join(&mut self, a: usize, b: usize) {
        let (x, y) = (self.root_of(a), self.root_of(b));
        let (low, high) = (x.min(y), x.max(y));
        self.root[high] = low;
    }
}

/// Pairs that share a key, be it a name, or that a stored id, a link or a ruling joins: nothing speaks for any others.
fn neighbours(candidates: &[Candidate<'_>], scene: &Scene<'_>) -> BTreeSet<(usize, usize)> {
    let mut holders: BTreeMap<&Key, Vec<usize>> = BTreeMap::new();
    let mut positions: BTreeMap<&RecordId, usize> = BTreeMap::new();
    for (position, candidate) in candidates.iter().enumerate() {
        positions.insert(&candidate.record.id, position);
        for key in &candidate.keys {
            holders.entry(key).or_default().push(position);
        }
    }
    let by_key = holders.values().flat_map(|held| {
        held.iter().enumerate().flat_map(|(at, a)| held[at + 1..].iter().map(move |b| (*a, *b)))
    });
    let find = |a: &RecordId, b: &RecordId| Some((*positions.get(a)?, *positions.get(b)?));
    let named =
        candidates.iter().filter_map(|one| find(&one.record.id, &one.record.names(one.record.id.kind)?));
    let linked = scene.around.links.iter().filter_map(|(a, b)| find(a, b));
    let ruled = scene.around.rulings.pairs().filter_map(|(a, b)| find(a, b));
    by_key.chain(named).chain(linked).chain(ruled).map(|(a, b)| (a.min(b), a.max(b))).collect()
}

/// Two records of one side with one INN and two KPP are branches, not twins.
fn branches(a: &Record, b: &Record) -> bool {
    let kpp = |record: &Record| match &record.party {
        Party::Organization(organization) => Kpp::parse(&organization.kpp),
        Party::Person(_) => None,
    };
    let inn = Inn::parse(a.party.inn());
    a.id.side == b.id.side
        && inn.is_some()
        && inn == Inn::parse(b.party.inn())
        && matches!((kpp(a), kpp(b)), (Some(x), Some(y)) if x != y)
}
