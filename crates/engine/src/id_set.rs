//! Many record ids in few bytes each: of numbers that stand close a bit, of references of 1C sixteen bytes and what a tree needs.
//!
//! Only ids that are written the one usual way are taken so; any other stands as it is. A tree, unlike a table of hashes, is never
//! held twice while it grows.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::record::{Kind, RecordId, Side};

/// A set of record ids.
#[derive(Debug, Default)]
pub(crate) struct IdSet {
    usual: BTreeMap<(Side, Kind), Usual>,
    others: BTreeSet<RecordId>,
}

/// Ids of one side and kind.
#[derive(Debug, Default)]
struct Usual {
    numbers: Numbers,
    references: BTreeSet<u128>,
}

/// Numbers, as one bit each of the 64 they stand among.
#[derive(Debug, Default)]
struct Numbers(BTreeMap<u64, u64>);

impl Numbers {
    fn insert(&mut self, number: u64) {
        *self.0.entry(number / 64).or_default() |= Self::bit(number);
    }

    fn remove(&mut self, number: u64) {
        if let Some(bits) = self.0.get_mut(&(number / 64)) {
            *bits &= !Self::bit(number);
            if *bits == 0 {
                self.0.remove(&(number / 64));
            }
        }
    }

    fn contains(&self, number: u64) -> bool {
        self.0.get(&(number / 64)).is_some_and(|bits| bits & Self::bit(number) != 0)
    }

    fn len(&self) -> usize {
        self.0.values().map(|bits| bits.count_ones() as usize).sum()
    }

    fn into_all(self) -> impl Iterator<Item = u64> {
        let among = |(block, bits): (u64, u64)| {
            (0..64).filter(move |at| bits >> at & 1 == 1).map(move |at| block * 64 + at)
        };
        self.0.into_iter().flat_map(among)
    }

    fn bit(number: u64) -> u64 {
        1 << (number % 64)
    }
}

/// An id without its side and kind.
enum Short {
    Number(u64),
    Reference(u128),
}

impl IdSet {
    pub(crate) fn insert(&mut self, id: &RecordId) {
        let Some(short) = Short::of(&id.id) else {
            self.others.insert(id.clone());
            return;
        };
        let usual = self.usual.entry((id.side, id.kind)).or_default();
        match short {
            Short::Number(number) => usual.numbers.insert(number),
            Short::Reference(reference) => {
                usual.references.insert(reference);
            }
        }
    }

    pub(crate) fn remove(&mut self, id: &RecordId) {
        let Some(short) = Short::of(&id.id) else {
            self.others.remove(id);
            return;
        };
        let Some(usual) = self.usual.get_mut(&(id.side, id.kind)) else { return };
        match short {
            Short::Number(number) => usual.numbers.remove(number),
            Short::Reference(reference) => {
                usual.references.remove(&reference);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        let is_none = |usual: &Usual| usual.numbers.0.is_empty() && usual.references.is_empty();
        self.others.is_empty() && self.usual.values().all(is_none)
    }

    pub(crate) fn len(&self) -> usize {
        let count = |usual: &Usual| usual.numbers.len() + usual.references.len();
        self.others.len() + self.usual.values().map(count).sum::<usize>()
    }

    /// The ids, in their order.
    pub(crate) fn into_sorted(self) -> Vec<RecordId> {
        let usual = self.usual.into_iter().flat_map(|((side, kind), usual)| {
            let numbers = usual.numbers.into_all().map(|number| number.to_string());
            let texts = numbers.chain(usual.references.into_iter().map(reference_text));
            texts.map(move |id| RecordId { side, kind, id })
        });
        let mut ids: Vec<RecordId> = usual.chain(self.others).collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn contains(&self, id: &RecordId) -> bool {
        let Some(short) = Short::of(&id.id) else { return self.others.contains(id) };
        self.usual.get(&(id.side, id.kind)).is_some_and(|usual| match short {
            Short::Number(number) => usual.numbers.contains(number),
            Short::Reference(reference) => usual.references.contains(&reference),
        })
    }
}

impl Short {
    fn of(id: &str) -> Option<Self> {
        match id.as_bytes() {
            [b'0'] => Some(Self::Number(0)),
            [b'1'..=b'9', rest @ ..] if rest.len() < 19 && rest.iter().all(u8::is_ascii_digit) => {
                id.parse().ok().map(Self::Number)
            }
            bytes if bytes.len() == 36 => reference(bytes).map(Self::Reference),
            _ => None,
        }
    }
}

/// The number that a reference of 1C in lower case stands for.
fn reference(bytes: &[u8]) -> Option<u128> {
    bytes.iter().enumerate().try_fold(0, |number: u128, (place, byte)| match (place, byte) {
        (8 | 13 | 18 | 23, b'-') => Some(number),
        (8 | 13 | 18 | 23, _) => None,
        (_, b'0'..=b'9') => Some(number << 4 | u128::from(byte - b'0')),
        (_, b'a'..=b'f') => Some(number << 4 | u128::from(byte - b'a' + 10)),
        _ => None,
    })
}

fn reference_text(number: u128) -> String {
    let digits = format!("{number:032x}");
    let (a, b, c, d, e) = (&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]);
    format!("{a}-{b}-{c}-{d}-{e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_in_and_nothing_else() {
        let reference = "0a1b2c3d-0000-11ee-a506-005056a1b2c3";
        let ids = [
            "0",
            "7",
            "64",
            "07",
            "+7",
            "",
            "a",
            "18446744073709551616",
            reference,
            &reference.replace('a', "A"),
        ];
        let ids = ids.map(|id| RecordId { side: Side::Onec, kind: Kind::Contact, id: id.to_owned() });
        for (place, id) in ids.iter().enumerate() {
            let mut set = IdSet::default();
            assert!(set.is_empty());
            set.insert(id);
            assert!(!set.is_empty());
            for (other_place, other) in ids.iter().enumerate() {
                assert_eq!(set.contains(other), place == other_place, "{id} {other}");
            }
            let elsewhere = [
                RecordId { side: Side::Bitrix24, ..id.clone() },
                RecordId { kind: Kind::Company, ..id.clone() },
            ];
            assert!(elsewhere.iter().all(|other| !set.contains(other)), "{id}");
            assert_eq!(set.len(), 1);
            set.remove(id);
            assert!(!set.contains(id), "{id}");
            set.insert(id);
            assert_eq!(set.into_sorted(), std::slice::from_ref(id));
        }
        let mut all = IdSet::default();
        ids.iter().for_each(|id| all.insert(id));
        let mut sorted = ids.to_vec();
        sorted.sort();
        assert_eq!(all.into_sorted(), sorted);
    }
}
