//! The scene of a decision: the records that take part, read once, and how many of them hold what.

use std::collections::{BTreeMap, BTreeSet};

use super::Neighbourhood;
use super::evidence::names_agree;
use crate::forms::person_name::NameAgreement;
use crate::forms::tax::{Inn, Kpp};
use crate::key::{Key, keys_of};
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
}

impl<'a> Candidate<'a> {
    pub(super) fn of(record: &'a Record) -> Self {
        Self { record, keys: keys_of(&record.party), inn: Inn::parse(record.party.inn()) }
    }

    /// The mailboxes and phones.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(|key| matches!(key, Key::Email(_) | Key::Phone(_)))
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

/// What is known about the keys of a neighbourhood.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) around: &'a Neighbourhood,
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
        let undisputed = undisputed(candidates, around);
        Self { around, inn_holders, contested: contested(candidates), undisputed }
    }

    /// The records of a neighbourhood that take part.
    pub(super) fn living(around: &Neighbourhood) -> Vec<Candidate<'_>> {
        let living = around.records.values().filter(|record| record.standing == Standing::TakesPart);
        living.map(Candidate::of).collect()
    }

    /// Whether so many records of a side hold a key that it links nobody.
    pub(super) fn is_weak(&self, key: &Key) -> bool {
        is_weak(key, self.around.holders(key))
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
        self.around.holders(key) <= 1 || self.undisputed.contains(key)
    }

    /// Whether organizations of one side that are not one, by their numbers, share this mailbox or phone.
    pub(super) fn is_contested(&self, key: &Key) -> bool {
        self.contested.contains(key)
    }
}

/// Mailboxes and phones of several holders, all of them known here, of whom no two have different names. One party has
/// several cards: twins, and an individual, a contact person and a counterparty of 1C.
fn undisputed(candidates: &[Candidate<'_>], around: &Neighbourhood) -> BTreeSet<Key> {
    let mut holders: BTreeMap<&Key, Vec<&Record>> = BTreeMap::new();
    for candidate in candidates {
        for key in candidate.addresses() {
            holders.entry(key).or_default().push(candidate.record);
        }
    }
    let is_known = |key: &Key, held: &[&Record]| {
        let on = |side: Side| held.iter().filter(|record| record.id.side == side).count();
        around.holders(key) <= on(Side::Bitrix24).max(on(Side::Onec))
    };
    let agree = |a: &Record, b: &Record| {
        matches!(names_agree(&a.party, &b.party), NameAgreement::Same | NameAgreement::Compatible)
    };
    let all_agree =
        |held: &[&Record]| held.iter().enumerate().all(|(at, a)| held[at + 1..].iter().all(|b| agree(a, b)));
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
