//! How long to wait after a failure: longer each time, never quite the same, and as long as a limit says.

use std::time::Duration;

use jiff::Timestamp;
use obmen_engine::ports::SideError;

use crate::failure::Failure;

/// The longest wait for what comes back by itself.
const LONGEST: Duration = Duration::from_secs(60);
/// The longest wait for what somebody has to mend.
const LONGEST_FOR_PEOPLE: Duration = Duration::from_secs(5 * 60);

/// The waits of one loop.
#[derive(Debug, Default)]
pub(super) struct Pause {
    failures: u32,
}

impl Pause {
    /// Something succeeded.
    pub(super) fn over(&mut self) {
        self.failures = 0;
    }

    /// Until when to wait after this failure.
    pub(super) fn after(&mut self, failure: &Failure, now: Timestamp) -> Timestamp {
        if let Failure::Side(SideError::LimitReached { until, .. }) = failure {
            return (*until).max(now);
        }
        let longest = if needs_people(failure) { LONGEST_FOR_PEOPLE } else { LONGEST };
        let seconds = Duration::from_secs(1 << self.failures.min(16)).min(longest);
        self.failures += 1;
        now + seconds.mul_f64(0.75 + spread(now) / 2.0)
    }
}

/// Whether it passes by itself.
fn needs_people(failure: &Failure) -> bool {
    match failure {
        Failure::Side(error) => !error.is_outage(),
        Failure::Findings(_) | Failure::Fewer(_) | Failure::Config(_) => true,
        Failure::Said { .. } | Failure::Other(_) => false,
    }
}

/// A number from 0 up to 1 that differs from moment to moment, so that several who wait do not come back at once.
fn spread(now: Timestamp) -> f64 {
    let fraction = u64::from(now.subsec_nanosecond().unsigned_abs());
    let mixed = fraction.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    f64::from(u32::try_from(mixed).unwrap_or(0)) / f64::from(1_u32 << 24)
}

#[cfg(test)]
mod tests {
    use obmen_domain::record::Side;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn away() -> Failure {
        Failure::Side(SideError::Unavailable { side: Side::Onec, words: String::new() })
    }

    #[test]
    fn waits_grow_up_to_a_minute_and_begin_anew_after_a_success() {
        let mut pause = Pause::default();
        let waits: Vec<f64> = (0..9)
            .map(|failure| {
                let now = at(0) + Duration::from_millis(failure * 137);
                pause.after(&away(), now).duration_since(now).as_secs_f64()
            })
            .collect();
        for (number, wait) in waits.iter().enumerate() {
            let middle = f64::from(1_u32 << number).min(60.0);
            assert!((middle * 0.75..=middle * 1.25).contains(wait), "{waits:?}");
        }
        pause.over();
        assert!(pause.after(&away(), at(0)) <= at(2));
    }

    #[test]
    fn whoever_fails_at_another_moment_waits_for_another_time() {
        let waits = [0, 1, 2].map(|number| {
            let now = at(0) + Duration::from_millis(number * 137);
            Pause { failures: 5 }.after(&away(), now).duration_since(now)
        });
        assert!(waits[0] != waits[1] && waits[1] != waits[2] && waits[0] != waits[2], "{waits:?}");
    }

    #[test]
    fn a_limit_says_itself_when_it_ends_and_people_are_given_time() {
        let until = at(500);
        let limit = Failure::Side(SideError::LimitReached { side: Side::Bitrix24, until });
        let mut pause = Pause::default();
        assert_eq!(pause.after(&limit, at(0)), until);
        assert_eq!(pause.after(&limit, at(900)), at(900));
        let locked_out = Failure::Side(SideError::Unauthorized { side: Side::Onec, words: String::new() });
        let longest = (0..20).map(|_| pause.after(&locked_out, at(0))).max();
        assert!(longest > Some(at(200)) && longest < Some(at(400)), "{longest:?}");
    }

    #[test]
    fn the_spread_stays_within_its_bounds() {
        let spreads: Vec<f64> =
            (0..1000).map(|n| spread(at(0) + Duration::from_nanos(n * 999_983))).collect();
        assert!(spreads.iter().all(|spread| (0.0..1.0).contains(spread)));
        assert!(spreads.iter().any(|spread| *spread < 0.1) && spreads.iter().any(|spread| *spread > 0.9));
    }
}
