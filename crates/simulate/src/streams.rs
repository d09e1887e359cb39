//! Randomness: one stream per purpose, all of one seed, so that a further draw for one purpose moves no other.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// What is drawn for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// Settings of both systems and the start state.
    Setup = 1,
    /// The list of operations.
    Operations = 2,
    /// Which of the things that may happen now happens.
    Schedule = 3,
    /// How long a request travels.
    Latency = 4,
    /// What becomes of requests whose sender died.
    Orphans = 5,
    /// The operations of the live exchange.
    Live = 6,
    /// What becomes of messages.
    Messages = 7,
    /// The rules of the pair.
    Rules = 8,
}

/// A stream of random numbers.
#[derive(Debug)]
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream of a seed for a purpose.
    pub(crate) fn new(seed: u64, purpose: Purpose) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(purpose as u64);
        Self(rng)
    }

    /// A number below `end`; zero where `end` is zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { self.0.random_range(0..end) }
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0.random_range(low..=high)
    }

    /// True so many times in a hundred.
    pub(crate) fn percent(&mut self, share: u32) -> bool {
        self.0.random_range(0..100) < share
    }

    /// Any number.
    pub(crate) fn any(&mut self) -> u32 {
        self.0.random_range(0..=u32::MAX)
    }
}
