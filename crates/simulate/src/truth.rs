//! The truth: what people did, and what the product said about it. The invariants are judged against this.
//!
//! Not responsible for judging. Invariant: only people add to `entered` and `removed`.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::record::{RecordId, Side};

use crate::cast::{Cast, PartyId};
use crate::shown::Shown;

/// What is true.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) cast: Cast,
    /// Values that people entered, as `phone …`, `email …`, `inn …`.
    pub(crate) entered: BTreeSet<String>,
    /// By which act each of them was entered.
    pub(crate) entered_by: BTreeMap<String, u64>,
    /// Records that people merged others into: the portal keeps what is spelled differently beside each other.
    pub(crate) merged: BTreeSet<RecordId>,
    /// Values that people took out or replaced.
    pub(crate) removed: BTreeSet<String>,
    /// Who made each record.
    pub(crate) births: BTreeMap<RecordId, Birth>,
    /// Acts of people with the party they were about, by their number.
    pub(crate) touches: Vec<(u64, PartyId)>,
    /// Parties that had a value taken from them: their records need not share a key any more.
    pub(crate) disturbed: BTreeSet<PartyId>,
    /// What the product was shown.
    pub(crate) shown: Shown,
    /// Records that the product has read or linked, and written that down.
    pub(crate) known: BTreeSet<RecordId>,
    /// How often people took a value of each party out: a contact person has room for another phone then.
    pub(crate) taken_out: BTreeMap<PartyId, u64>,
    /// How often a person decided about each party.
    pub(crate) decided: BTreeMap<PartyId, u64>,
    /// How often the product's requests changed or made a record of each party.
    pub(crate) written: BTreeMap<PartyId, u64>,
    /// How often they wrote nothing to a record that tells of its party: the other side's id, its companies.
    pub(crate) noted: u64,
    /// How often a write may have been left unfinished: requests that met a fault, processes that ended.
    pub(crate) cut_off: u64,
    /// How many links there ever were.
    pub(crate) linked: u64,
    /// Links committed so far, both ways.
    pub(crate) links: BTreeMap<RecordId, RecordId>,
    /// The source of each copy, by the link that it was made with.
    pub(crate) copied: BTreeMap<RecordId, RecordId>,
    /// Links that a person ended, both ways, with the number of that act.
    pub(crate) ended: BTreeMap<(RecordId, RecordId), u64>,
}

/// How a record came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Birth {
    /// Whether the product made it.
    pub(crate) by_us: bool,
    /// Whom it was made for.
    pub(crate) party: Option<PartyId>,
    /// For a record made by people: the number of the act. For one of ours: how many acts the run knew of that made it.
    pub(crate) acts: u64,
}

impl Truth {
    /// Whether a record made by people stands on this side for a party.
    pub(crate) fn made_by_people(&self, id: &RecordId) -> bool {
        self.births.get(id).is_some_and(|birth| !birth.by_us)
    }

    /// Whether a person ended a link of this record.
    pub(crate) fn is_ended(&self, id: &RecordId) -> bool {
        self.ended.keys().any(|(a, _)| a == id)
    }

    /// Whether the product made a record as the copy of another one after a person had ended a link of that one. One that people merged
    /// its source into goes on with the copy.
    pub(crate) fn made_after_end(&self, made: &RecordId, id: &RecordId) -> bool {
        let Some(birth) = self.births.get(made).filter(|birth| birth.by_us) else { return false };
        if self.copied.get(made).is_some_and(|source| source != id) {
            return false;
        }
        self.ended.iter().any(|((a, _), act)| a == id && birth.acts >= *act)
    }

    /// How many records of a party were ever made on a side, by us or by people.
    pub(crate) fn made(&self, party: PartyId, side: Side, by_us: bool) -> usize {
        let births = self.births.iter().filter(|(id, birth)| id.side == side && birth.by_us == by_us);
        births.filter(|(_, birth)| birth.party == Some(party)).count()
    }

    /// Whether anybody touched a party after so many acts.
    pub(crate) fn touched_after(&self, party: PartyId, acts: u64) -> bool {
        self.touches.iter().any(|(at, who)| *who == party && *at > acts)
    }

    /// All links once, the Bitrix24 record first.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&RecordId, &RecordId)> {
        self.links.iter().filter(|(id, _)| id.side == Side::Bitrix24)
    }
}
