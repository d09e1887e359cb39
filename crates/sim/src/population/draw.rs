//! Seeded draws: one random stream for each purpose and ordinal.
//!
//! Person 17 gets the same name whether the base holds a hundred people or a million, because nobody else's draws
//! come from the same stream. The mapping from random words to choices is ours, so that a new version of the
//! generator library cannot change a base.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

/// What a stream is for. The number is part of the output: it never changes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Shift = 1,
    UserName = 2,
    FirmName = 3,
    FirmNumbers = 4,
    FirmKnown = 5,
    FirmSpelling = 6,
    PersonName = 7,
    PersonWork = 8,
    PersonKeys = 9,
    PersonSpelling = 10,
    Place = 11,
    NoisyFirm = 20,
    NoisyPerson = 21,
    NoisyFirmCard = 22,
    NoisyPersonCard = 23,
    NoisyOther = 24,
    House = 30,
}

/// A stream of choices.
#[derive(Debug)]
pub(super) struct Draw(ChaCha8Rng);

impl Draw {
    pub(super) fn new(seed: u64, purpose: Purpose, ordinal: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8] = purpose as u8;
        let mut stream = ChaCha8Rng::from_seed(key);
        stream.set_stream(ordinal);
        Self(stream)
    }

    /// A number from 0 up to, but without, `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        let product = u128::from(self.0.next_u64()) * u128::from(end);
        u64::try_from(product >> 64).expect("the upper half of a 128-bit product fits 64 bits")
    }

    /// An index into something of `len` elements.
    pub(super) fn index(&mut self, len: usize) -> usize {
        let drawn = self.below(u64::try_from(len).expect("lengths fit 64 bits"));
        usize::try_from(drawn).expect("smaller than a length")
    }

    /// True in `per_mille` cases of a thousand.
    pub(super) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }
}

/// A position in 0..10000 that spreads evenly over neighbouring ordinals, so that shares hold in small bases too.
pub(super) fn spread(seed: u64, what: u64, ordinal: u64) -> u64 {
    /// 2^64 divided by the golden ratio: multiples of it fill the circle evenly.
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
    let start = Draw::new(seed, Purpose::Place, what).below(u64::MAX);
    let position = ordinal.wrapping_mul(STEP).wrapping_add(start);
    u64::try_from((u128::from(position) * 10_000) >> 64).expect("below 10000")
}

/// A 1C reference derived from the seed, the catalog's role and an ordinal.
pub(super) fn reference(seed: u64, role: &str, ordinal: u64) -> String {
    /// Namespace of all references of generated bases.
    const NAMESPACE: Uuid = Uuid::from_u128(0x6f62_6d65_6e00_5000_8000_706f_7075_6c61);
    Uuid::new_v5(&NAMESPACE, format!("{seed}/{role}/{ordinal}").as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_two_ordinals_are_independent() {
        let first = Draw::new(7, Purpose::PersonName, 1).below(u64::MAX);
        let second = Draw::new(7, Purpose::PersonName, 2).below(u64::MAX);
        assert_ne!(first, second);
        assert_eq!(first, Draw::new(7, Purpose::PersonName, 1).below(u64::MAX));
    }

    #[test]
    fn a_hundred_ordinals_spread_evenly() {
        let low = (0..100).filter(|&ordinal| spread(3, 1, ordinal) < 5500).count();
        assert!((53..=57).contains(&low), "{low}");
    }
}
