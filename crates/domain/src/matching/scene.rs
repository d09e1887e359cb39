//! The scene of a decision: the records that take part, read once, and how many of them hold what.

use std::collections::{BTreeMap, BTreeSet};

use super::Neighbourhood;
use super::names::Names;
use crate::forms::person_name::NameAgreement;
use crate::forms::tax::{Inn, Kpp};
use crate::key::{Key, keys_of, keys_of_record};
use crate::party::Party;
use crate::record::{Catalog, Record, Side, Standing};

/// A key is weak where more than this many records of a side hold it.
pub const WIDESPREAD: usize = 4;

/// Whether so many holders on one side make a key weak.
pub fn is_weak(key: &Key, holders: usize) -> bool {
    key.is_strong() && !matches!(key, Key::Inn(_)) && holders > WIDESPREAD
}

/// A record with its keys.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) record: &'a Record,
    pub(super) keys: BTreeSet<Key>,
    pub(super) inn: Option<Inn>,
    pub(super) names: Names<'a>,
    /// Whether it holds a mailbox or a phone, be it from its partner.
    pub(super) has_address: bool,
}

impl<'a> Candidate<'a> {
    /// A record with all its keys.
    pub(super) fn of(record: &'a Record) -> Self {
        let keys = keys_of(&record.party);
        let has_address = keys.iter().any(Key::is_address);
        let (inn, names) = (Inn::parse(record.party.inn()), Names::of(&record.party));
        Self { record, keys, inn, names, has_address }
    }

    /// A record with the keys that it did not get from its partner here.
    pub(super) fn within(record: &'a Record, around: &Neighbourhood) -> Self {
        let mut candidate = Self::of(record);
        let got = got_from_its_partner(record, around);
        candidate.keys.retain(|key| !got.contains(key));
        candidate
    }

    /// The mailboxes and phones.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(|key| key.is_address())
    }

    /// Whether both hold a mailbox or a phone.
    pub(super) fn shares_an_address(&self, other: &Self) -> bool {
        self.addresses().any(|key| other.keys.contains(key))
    }

    /// Whether both hold a key that may identify a party.
    pub(super) fn shares_a_key(&self, other: &Self) -> bool {
        self.keys.iter().any(|key| key.is_strong() && other.keys.contains(key))
    }

    fn kpp(&self) -> Option<Kpp> {
        match &self.record.party {
            Party::Organization(organization) => Kpp::parse(&organization.kpp),
            Party::Person(_) => None,
        }
    }
}

/// The partner of a linked record, where it takes part.
fn partner<'a>(record: &Record, around: &'a Neighbourhood) -> Option<&'a Record> {
    let id = around.links.iter().find_map(|(left, right)| match &record.id {
        id if id == left => Some(right),
        id if id == right => Some(left),
        _ => None,
    })?;
    around.records.get(id).filter(|partner| partner.standing == Standing::TakesPart)
}

/// The keys that a record was brought by its partner, as far as that one holds them still. Where a link went on in another record
/// both may have been brought a key by somebody else: then both hold it.
fn got_from_its_partner(record: &Record, around: &Neighbourhood) -> BTreeSet<Key> {
    if record.brought.is_empty() {
        return BTreeSet::new();
    }
    let Some(partner) = partner(record, around) else { return BTreeSet::new() };
    let is_got = |key: &Key| record.brought.contains(key) && !partner.brought.contains(key);
    keys_of(&partner.party).into_iter().filter(is_got).collect()
}

/// Whether a record says nothing but what it got from its partner: a copy that nobody has changed.
fn is_echo(record: &Record, around: &Neighbourhood) -> bool {
    let got = got_from_its_partner(record, around);
    !got.is_empty() && keys_of(&record.party).is_subset(&got)
}

/// The partner of a record that is nothing but its copy.
pub(super) fn echo_of<'a>(record: &Record, around: &'a Neighbourhood) -> Option<&'a Record> {
    partner(record, around).filter(|partner| is_echo(partner, around))
}

/// What is known about the keys of a neighbourhood.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) around: &'a Neighbourhood,
    /// How many records of a side hold a key of their own, where others got it from their partners.
    holders: BTreeMap<Key, usize>,
    inn_holders: BTreeMap<(Inn, Catalog), usize>,
    contested: BTreeSet<Key>,
    /// Mailboxes and phones whose holders may all be one, by their names.
    undisputed: BTreeSet<Key>,
}

impl<'a> Scene<'a> {
    /// The scene of these candidates.
    pub(super) fn of(candidates: &[Candidate<'_>], around: &'a Neighbourhood) -> Self {
        let mut inn_holders = BTreeMap::new();
        for candidate in candidates {
            if let Some(inn) = &candidate.inn {
                *inn_holders.entry((inn.clone(), candidate.record.catalog)).or_insert(0) += 1;
            }
        }
        let holders = own_holders(around);
        let mut scene = Self {
            around,
            holders,
            inn_holders,
            contested: contested(candidates),
            undisputed: BTreeSet::new(),
        };
        scene.undisputed = undisputed(candidates, &scene);
        scene
    }

    /// The records of a neighbourhood that take part and say something of their own.
    pub(super) fn living(around: &Neighbourhood) -> Vec<Candidate<'_>> {
        let takes_part =
            |record: &&Record| record.standing == Standing::TakesPart && !is_echo(record, around);
        let living = around.records.values().filter(takes_part);
        living.map(|record| Candidate::within(record, around)).collect()
    }

    /// How many records of a side hold a key that they did not get from their partners.
    pub(super) fn holders(&self, key: &Key) -> usize {
        self.holders.get(key).copied().unwrap_or_else(|| self.around.holders(key))
    }

    /// Whether so many records of a side hold a key that it links nobody: others than cards of one party.
    pub(super) fn is_weak(&self, key: &Key) -> bool {
        is_weak(key, self.holders(key)) && !self.undisputed.contains(key)
    }

    /// Whether no catalog has a second holder of this candidate's INN.
    pub(super) fn is_sole_holder(&self, candidate: &Candidate<'_>) -> bool {
        candidate.inn.as_ref().is_some_and(|inn| {
            let holders = self.inn_holders.iter().filter(|((held, _), _)| held == inn);
            holders.map(|(_, count)| *count).all(|count| count <= 1)
        })
    }

    /// Whether a mailbox or phone is one party's alone: a side has one holder, or nothing tells its holders apart.
    pub(super) fn is_exclusive(&self, key: &Key) -> bool {
        self.holders(key) <= 1 || self.undisputed.contains(key)
    }

    /// Whether organizations of one side that are not one, by their numbers, share this mailbox or phone.
    pub(super) fn is_contested(&self, key: &Key) -> bool {
        self.contested.contains(key)
    }
}

/// The holders of keys that somebody here got from a partner, without those; a key of which not all holders are here keeps
/// its count.
fn own_holders(around: &Neighbourhood) -> BTreeMap<Key, usize> {
    let mut got: BTreeMap<Key, Vec<Side>> = BTreeMap::new();
    for record in around.records.values().filter(|record| record.standing == Standing::TakesPart) {
        for key in got_from_its_partner(record, around) {
            got.entry(key).or_default().push(record.id.side);
        }
    }
    if got.is_empty() {
        return BTreeMap::new();
    }
    let held: Vec<(Side, BTreeSet<Key>)> =
        around.records.values().map(|record| (record.id.side, keys_of_record(record))).collect();
    let both = [Side::Bitrix24, Side::Onec];
    let own = got.into_iter().filter_map(|(key, got)| {
        let all =
            both.map(|side| held.iter().filter(|(on, keys)| *on == side && keys.contains(&key)).count());
        let got = both.map(|side| got.iter().filter(|on| **on == side).count());
        let are_all_here = all[0].max(all[1]) >= around.holders(&key);
        are_all_here.then(|| (key, all[0].abs_diff(got[0]).max(all[1].abs_diff(got[1]))))
    });
    own.collect()
}

/// Mailboxes and phones of several holders, all of them known here, of whom no two have different names. One party has
/// several cards: twins, those that people merged among them, and an individual, a contact person and a counterparty of 1C.
fn undisputed(candidates: &[Candidate<'_>], scene: &Scene<'_>) -> BTreeSet<Key> {
    type Held<'h, 'a> = [&'h Candidate<'a>];
    let marked = scene.around.records.values().filter(|record| record.standing == Standing::Marked);
    let marked: Vec<Candidate<'_>> = marked.map(Candidate::of).collect();
    let mut holders: BTreeMap<&Key, Vec<&Candidate<'_>>> = BTreeMap::new();
    for candidate in candidates.iter().chain(&marked) {
        for key in candidate.addresses() {
            holders.entry(key).or_default().push(candidate);
        }
    }
    let is_known = |key: &Key, held: &Held<'_, '_>| {
        let on = |side: Side| held.iter().filter(|one| one.record.id.side == side).count();
        scene.holders(key) <= on(Side::Bitrix24).max(on(Side::Onec))
    };
    let agree = |a: &Candidate<'_>, b: &Candidate<'_>| {
        matches!(a.names.agree(&b.names), NameAgreement::Same | NameAgreement::Compatible)
    };
    let all_agree = |held: &Held<'_, '_>| {
        held.iter().enumerate().all(|(at, a)| held[at + 1..].iter().all(|b| agree(a, b)))
    };
    let undisputed = holders.into_iter().filter(|(key, held)| is_known(key, held) && all_agree(held));
    undisputed.map(|(key, _)| key.clone()).collect()
}

/// Mailboxes and phones that two tax numbers of one side hold, or two branches: they tell the firm, not which of them.
fn contested(candidates: &[Candidate<'_>]) -> BTreeSet<Key> {
    type Numbers = (BTreeSet<Inn>, BTreeSet<Kpp>);
    let mut numbers: BTreeMap<(Side, &Key), Numbers> = BTreeMap::new();
    for candidate in candidates {
        for key in candidate.addresses() {
            let (inns, kpps) = numbers.entry((candidate.record.id.side, key)).or_default();
            inns.extend(candidate.inn.clone());
            kpps.extend(candidate.kpp());
        }
    }
    let several = |(inns, kpps): &Numbers| inns.len() > 1 || kpps.len() > 1;
    let contested = numbers.into_iter().filter(|(_, held)| several(held));
    contested.map(|((_, key), _)| key.clone()).collect()
}
