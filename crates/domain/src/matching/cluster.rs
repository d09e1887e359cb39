//! Clusters: records that the evidence makes one party, and the questions between clusters.

use std::collections::BTreeMap;

use super::evidence::{Evidence, Verdict, compare, evidence_of, names_agree};
use super::{Neighbourhood, catalog_rank, is_linked, review};
use crate::forms::person_name::NameAgreement;
use crate::forms::tax::Inn;
use crate::key::{Key, keys_of};
use crate::party::Party;
use crate::plan::LinkReason;
use crate::record::{Catalog, Record, RecordId, Side, Standing};
use crate::review::{AskReason, Review, ReviewKind};
use crate::ruling::Ruling;

/// The records that take part, joined into parties.
pub(super) struct Clusters<'a> {
    records: Vec<&'a Record>,
    root: Vec<usize>,
    verdicts: BTreeMap<(usize, usize), Verdict>,
}

impl<'a> Clusters<'a> {
    pub(super) fn find(records: &[&'a Record], neighbourhood: &Neighbourhood) -> Self {
        let mut clusters =
            Self { records: records.to_vec(), root: (0..records.len()).collect(), verdicts: BTreeMap::new() };
        let holders = InnHolders::count(records);
        for a in 0..records.len() {
            for b in a + 1..records.len() {
                let ruling = neighbourhood.rulings.of(&records[a].id, &records[b].id);
                let verdict = match ruling {
                    Some(Ruling::Same) => Verdict::Same(LinkReason::Decision),
                    Some(Ruling::Apart | Ruling::Ended) => Verdict::Different,
                    None if clusters.are_linked(a, b, neighbourhood) => Verdict::Same(LinkReason::Decision),
                    None => {
                        let sole = holders.are_sole(records[a]);
                        compare(records[a], records[b], neighbourhood, sole)
                    }
                };
                if matches!(verdict, Verdict::Same(_)) {
                    clusters.join(a, b);
                }
                clusters.verdicts.insert((a, b), verdict);
            }
        }
        clusters
    }

    /// The members of each cluster, in the order of their first ids.
    pub(super) fn groups(&self) -> Vec<Vec<&'a Record>> {
        let mut groups: BTreeMap<usize, Vec<&Record>> = BTreeMap::new();
        for position in 0..self.records.len() {
            groups.entry(self.root_of(position)).or_default().push(self.records[position]);
        }
        groups.into_values().collect()
    }

    /// Why a cluster is none: it holds two records that cannot be one party, and at least one of its records has no link.
    pub(super) fn contradiction(
        &self,
        members: &[&Record],
        neighbourhood: &Neighbourhood,
    ) -> Option<AskReason> {
        let linked = |record: &Record| is_linked(record, neighbourhood);
        if members.iter().all(|record| linked(record)) {
            return None;
        }
        let pairs = members
            .iter()
            .enumerate()
            .flat_map(|(position, a)| members[position + 1..].iter().map(move |b| (*a, *b)));
        pairs.filter(|(a, b)| !(linked(a) && linked(b))).find_map(|(a, b)| {
            match neighbourhood.rulings.of(&a.id, &b.id) {
                Some(Ruling::Same) => None,
                Some(Ruling::Apart | Ruling::Ended) => Some(AskReason::DecidedApart),
                None => contradict(a, b).then_some(AskReason::TaxNumbersContradict),
            }
        })
    }

    /// The best pair across the sides: main catalog, strongest evidence, fullest records.
    pub(super) fn best_pair(
        &self,
        lefts: &[&'a Record],
        rights: &[&'a Record],
    ) -> Option<(&'a Record, &'a Record, LinkReason)> {
        let mut pairs = Vec::new();
        for (x, left) in lefts.iter().enumerate() {
            for (y, right) in rights.iter().enumerate() {
                if let Some(reason) = self.reason(left, right) {
                    pairs.push((catalog_rank(right.catalog), reason, x, y));
                }
            }
        }
        let (_, reason, x, y) = pairs.into_iter().min()?;
        Some((lefts[x], rights[y], reason))
    }

    /// Questions between clusters: across the sides where each lacks what the other has, inside a side about twins.
    pub(super) fn questions(&self, neighbourhood: &Neighbourhood) -> Vec<Review> {
        let mut questions = Vec::new();
        for ((a, b), verdict) in &self.verdicts {
            let Verdict::Doubtful(reason) = verdict else {
                continue;
            };
            let (x, y) = (self.records[*a], self.records[*b]);
            if self.root_of(*a) == self.root_of(*b) {
                continue;
            }
            if x.id.side == y.id.side {
                if may_be_twins(x, y, reason) || self.share_a_partner(*a, *b, reason) {
                    questions.push(review(ReviewKind::Twins, reason.clone(), &[x, y]));
                }
                continue;
            }
            let (left, right) = if x.id.side == Side::Bitrix24 { (*a, *b) } else { (*b, *a) };
            let left_wants = !self.has(left, Side::Onec, neighbourhood);
            let right_wants = !self.has(right, Side::Bitrix24, neighbourhood);
            let ask = match reason {
                AskReason::OnlyNameCommon => left_wants && right_wants,
                _ => left_wants || right_wants,
            };
            if ask {
                questions.push(review(ReviewKind::Match, reason.clone(), &[x, y]));
            }
        }
        questions
    }

    /// Whether two records of one side have but the name in common, and a record of the other side is the same party as
    /// one of them and perhaps as the other.
    fn share_a_partner(&self, a: usize, b: usize, reason: &AskReason) -> bool {
        let [x, y] = [self.records[a], self.records[b]];
        if *reason != AskReason::OnlyNameCommon || x.catalog != y.catalog {
            return false;
        }
        let verdict = |one: usize, other: usize| self.verdicts.get(&(one.min(other), one.max(other)));
        let is_same = |one, other| matches!(verdict(one, other), Some(Verdict::Same(_)));
        let is_perhaps = |one, other| matches!(verdict(one, other), Some(Verdict::Doubtful(reason)) if *reason != AskReason::OnlyNameCommon);
        (0..self.records.len()).filter(|other| self.records[*other].id.side != x.id.side).any(|other| {
            (is_same(a, other) && is_perhaps(b, other)) || (is_same(b, other) && is_perhaps(a, other))
        })
    }

    /// A marked record that would have been the match of this one.
    pub(super) fn marked_match<'m>(
        &self,
        record: &Record,
        marked: &[&'m Record],
        neighbourhood: &Neighbourhood,
    ) -> Option<&'m Record> {
        marked.iter().copied().find(|dead| {
            let verdict = compare(record, dead, neighbourhood, true);
            dead.id.side != record.id.side
                && neighbourhood.rulings.of(&record.id, &dead.id).is_none()
                && matches!(verdict, Verdict::Same(_) | Verdict::Doubtful(_))
        })
    }

    fn reason(&self, a: &Record, b: &Record) -> Option<LinkReason> {
        let position = |record: &Record| self.records.iter().position(|other| other.id == record.id);
        let (x, y) = (position(a)?, position(b)?);
        match self.verdicts.get(&(x.min(y), x.max(y))) {
            Some(Verdict::Same(reason)) => Some(*reason),
            _ => None,
        }
    }

    fn has(&self, position: usize, side: Side, neighbourhood: &Neighbourhood) -> bool {
        let root = self.root_of(position);
        (0..self.records.len())
            .filter(|other| self.root_of(*other) == root)
            .any(|other| self.records[other].id.side == side || is_linked(self.records[other], neighbourhood))
    }

    fn are_linked(&self, a: usize, b: usize, neighbourhood: &Neighbourhood) -> bool {
        let (x, y): (&RecordId, &RecordId) = (&self.records[a].id, &self.records[b].id);
        let pair = if x.side == Side::Bitrix24 { (x.clone(), y.clone()) } else { (y.clone(), x.clone()) };
        neighbourhood.links.contains(&pair)
    }

    fn root_of(&self, mut position: usize) -> usize {
        while self.root[position] != position {
            position = self.root[position];
        }
        position
    }

    fn join(&mut self, a: usize, b: usize) {
        let (x, y) = (self.root_of(a), self.root_of(b));
        let (low, high) = (x.min(y), x.max(y));
        self.root[high] = low;
    }
}

/// How many records of each catalog hold an INN.
struct InnHolders(BTreeMap<(Inn, Catalog), usize>);

impl InnHolders {
    fn count(records: &[&Record]) -> Self {
        let mut count = BTreeMap::new();
        for record in records {
            if let Some(inn) = Inn::parse(record.party.inn()) {
                *count.entry((inn, record.catalog)).or_default() += 1;
            }
        }
        Self(count)
    }

    /// Whether no catalog has a second holder of this record's INN.
    fn are_sole(&self, record: &Record) -> bool {
        Inn::parse(record.party.inn()).is_some_and(|inn| {
            self.0.iter().filter(|((held, _), _)| *held == inn).all(|(_, holders)| *holders == 1)
        })
    }
}

fn contradict(a: &Record, b: &Record) -> bool {
    let numbers = match (Inn::parse(a.party.inn()), Inn::parse(b.party.inn())) {
        (Some(x), Some(y)) => x != y,
        _ => false,
    };
    numbers
        || matches!(a.party, Party::Person(_)) && names_agree(&a.party, &b.party) == NameAgreement::Different
        || branches(a, b)
}

/// What speaks for and against two records being one party, as [`super::decide`] weighs it.
pub fn weigh(a: &Record, b: &Record, around: &Neighbourhood) -> Evidence {
    let living: Vec<&Record> =
        around.records.values().filter(|record| record.standing == Standing::TakesPart).collect();
    evidence_of(a, b, around, InnHolders::count(&living).are_sole(a))
}

/// Whether two records of one side, doubtful for this reason, are worth a question. Namesakes are many: the name alone
/// asks only about a record that has nothing else. Relatives are many too: people with other names are no twins.
fn may_be_twins(a: &Record, b: &Record, reason: &AskReason) -> bool {
    let is_bare = |record: &Record| !keys_of(&record.party).iter().any(Key::is_strong);
    let asks = match reason {
        AskReason::OnlyNameCommon => is_bare(a) || is_bare(b),
        AskReason::NamesDoubtful => {
            matches!(a.party, Party::Organization(_))
                || names_agree(&a.party, &b.party) != NameAgreement::Different
        }
        AskReason::TaxNumberDamaged => true,
        // A branch without its KPP has an address of its own; a card without any may be anybody's.
        AskReason::SeveralHolders => has_no_address(a) || has_no_address(b),
        _ => false,
    };
    asks && a.catalog == b.catalog
}

/// Neither a mailbox nor a phone.
fn has_no_address(record: &Record) -> bool {
    !keys_of(&record.party).iter().any(|key| matches!(key, Key::Email(_) | Key::Phone(_)))
}

/// Two records of one side with one INN and two KPP are branches, not twins.
fn branches(a: &Record, b: &Record) -> bool {
    let kpp = |record: &Record| match &record.party {
        Party::Organization(organization) => crate::forms::tax::Kpp::parse(&organization.kpp),
        Party::Person(_) => None,
    };
    let inn = Inn::parse(a.party.inn());
    a.id.side == b.id.side
        && inn.is_some()
        && inn == Inn::parse(b.party.inn())
        && matches!((kpp(a), kpp(b)), (Some(x), Some(y)) if x != y)
}

/// A key is weak where more than this many records of a side hold it.
pub const WIDESPREAD: usize = 4;

/// Whether so many holders on one side make a key weak.
pub fn is_weak(key: &Key, holders: usize) -> bool {
    key.is_strong() && !matches!(key, Key::Inn(_)) && holders > WIDESPREAD
}
