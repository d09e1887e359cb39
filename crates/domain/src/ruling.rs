//! Rulings: what a person decided about two records, so that nobody is asked again.
//!
//! A ruling outweighs all evidence. It is about a pair of records of one kind, of both sides or of one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::record::RecordId;

/// What a person decided about two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ruling {
    /// They are one party.
    Same,
    /// They are two parties: never linked, and each may have a counterpart of its own.
    Apart,
    /// A tombstone: their link has ended, since one of them was deleted or had been made from the other. Never linked, and
    /// neither is created again on the other side.
    Ended,
    /// One was made from the other, and marked for deletion when that was taken back. Not held apart: a record that is to
    /// be made from the same source takes the place of the marked one.
    TakenBack,
}

/// A ruling and the records it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruled {
    /// The lesser of both ids.
    pub first: RecordId,
    /// The greater of both ids.
    pub second: RecordId,
    /// What was decided.
    pub ruling: Ruling,
}

impl Ruled {
    /// A ruling about two records, in whatever order they are given.
    pub fn new(a: RecordId, b: RecordId, ruling: Ruling) -> Self {
        let (first, second) = if a <= b { (a, b) } else { (b, a) };
        Self { first, second, ruling }
    }
}

/// The rulings about some records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rulings(BTreeMap<(RecordId, RecordId), Ruling>);

impl Rulings {
    /// Adds a ruling; a later one about the same records replaces it.
    pub fn insert(&mut self, ruled: Ruled) {
        self.0.insert((ruled.first, ruled.second), ruled.ruling);
    }

    /// What was decided about two records.
    pub fn of(&self, a: &RecordId, b: &RecordId) -> Option<Ruling> {
        let pair = if a <= b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
        self.0.get(&pair).copied()
    }

    /// The records that rulings are about, two by two.
    pub fn pairs(&self) -> impl Iterator<Item = (&RecordId, &RecordId)> {
        self.0.keys().map(|(a, b)| (a, b))
    }

    /// Whether two records must not be one party.
    pub fn part(&self, a: &RecordId, b: &RecordId) -> bool {
        matches!(self.of(a, b), Some(Ruling::Apart | Ruling::Ended))
    }

    /// The record that was made from this one, and taken back.
    pub fn taken_back(&self, source: &RecordId) -> Option<&RecordId> {
        self.0.iter().filter(|(_, ruling)| **ruling == Ruling::TakenBack).find_map(|((a, b), _)| match source
        {
            source if a == source => Some(b),
            source if b == source => Some(a),
            _ => None,
        })
    }

    /// Whether a person ended a link of this record in a way that leaves it alone.
    pub fn leaves_alone(&self, id: &RecordId) -> bool {
        self.0.iter().any(|((a, b), ruling)| *ruling == Ruling::Ended && (a == id || b == id))
    }
}

impl FromIterator<Ruled> for Rulings {
    fn from_iter<T: IntoIterator<Item = Ruled>>(rulings: T) -> Self {
        let mut all = Self::default();
        rulings.into_iter().for_each(|ruled| all.insert(ruled));
        all
    }
}

impl std::fmt::Display for Ruling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Same => "one party",
            Self::Apart => "two parties",
            Self::Ended => "a link that has ended",
            Self::TakenBack => "a copy that was taken back",
        })
    }
}
