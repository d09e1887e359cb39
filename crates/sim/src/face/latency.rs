//! How long answers travel: real time, drawn for each from a seed.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// The bounds between which the way of each answer is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Latency {
    /// The shortest way.
    pub least: Duration,
    /// The longest way.
    pub most: Duration,
    /// What the ways are drawn from: the same seed gives the same ways in the same order.
    pub seed: u64,
}

impl Latency {
    /// The same for every answer.
    pub fn of(way: Duration) -> Self {
        Self { least: way, most: way, seed: 0 }
    }
}

/// A stream of ways.
#[derive(Debug)]
pub(super) struct Ways {
    latency: Latency,
    draws: ChaCha8Rng,
}

impl Ways {
    pub(super) fn new(latency: Latency) -> Self {
        Self { latency, draws: ChaCha8Rng::seed_from_u64(latency.seed) }
    }

    pub(super) fn next(&mut self) -> Duration {
        let Latency { least, most, .. } = self.latency;
        if most > least { least + (most - least).mul_f64(self.draws.random()) } else { least }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_lie_between_their_bounds_and_repeat_with_the_seed() {
        let (least, most) = (Duration::from_millis(100), Duration::from_millis(300));
        let drawn = |seed: u64| {
            let mut ways = Ways::new(Latency { least, most, seed });
            (0..100).map(|_| ways.next()).collect::<Vec<_>>()
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        assert!(drawn(1).iter().all(|way| (least..=most).contains(way)));
        assert!(drawn(1).iter().any(|way| *way < Duration::from_millis(150)));
        assert!(drawn(1).iter().any(|way| *way > Duration::from_millis(250)));
        assert_eq!(Ways::new(Latency::of(least)).next(), least);
    }
}
