//! The pace of the live exchange: how often a side is asked, and when rounds begin.
//!
//! Pure: moments come in, moments come out. Whoever serves waits for them, be it on real time or on a scheduler's. Invariant:
//! asking takes no more than its part of the time, however long an answer takes.

use std::time::Duration;

use jiff::Timestamp;

/// How often a bell that rings all the time is heard: what it tells of is to settle first.
pub const BETWEEN_RINGS: Duration = Duration::from_millis(200);
/// Nobody waits longer without a look at the clock.
pub const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// How long after the last one both sides are read in full: links between contacts and companies, and requisites that
/// went, show nowhere else.
pub const LOOK: Duration = Duration::from_secs(24 * 60 * 60);
/// How often it is asked whether that is due.
pub const BETWEEN_LOOKS: Duration = Duration::from_secs(60 * 60);
/// How often the ids of a side that tells what changed are walked over, to find who is gone.
pub const IDS: Duration = Duration::from_secs(10 * 60);

/// Rounds begin no more often while the portal has requests to spare: what somebody saved is to arrive at once.
const BETWEEN_ROUNDS: Duration = Duration::from_millis(50);
/// Rounds begin no more often while its bucket fills, so that signals that come one after the other are read together.
const BETWEEN_SPARING_ROUNDS: Duration = Duration::from_secs(2);
/// The share of the bucket from which on requests are spared.
const SPARING: f64 = 0.4;

/// How often something is asked.
#[derive(Debug, Clone, Copy)]
pub struct Beat {
    period: Duration,
    /// It takes one part in so many of the time at most.
    duty: u32,
}

/// The pause after something was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// Nobody who rings is heard before.
    pub deaf_until: Timestamp,
    /// Without a ring it ends then.
    pub until: Timestamp,
}

impl Beat {
    /// Of a walk over ids: it takes a twentieth of the time.
    pub const IDS: Self = Self { period: IDS, duty: 20 };

    /// Of a poll, or of a queue: it takes half of the time.
    pub const fn poll(period: Duration) -> Self {
        Self { period, duty: 2 }
    }

    /// Of a scan: it takes a fifth of the time.
    pub const fn scan(period: Duration) -> Self {
        Self { period, duty: 5 }
    }

    /// What follows a question that was asked from `began` to `ended`.
    pub fn after(self, began: Timestamp, ended: Timestamp) -> Rest {
        let took = ended.duration_since(began).unsigned_abs();
        let deaf_until = ended + took * (self.duty - 1);
        Rest { deaf_until, until: deaf_until.max(began + self.period) }
    }
}

/// How long to wait after a round, by the share of the portal's bucket that is used up.
pub fn between_rounds(used: Option<f64>) -> Duration {
    if used.is_some_and(|used| used > SPARING) { BETWEEN_SPARING_ROUNDS } else { BETWEEN_ROUNDS }
}

/// When a round begins that nobody rings for: when something falls due, and now and then.
pub fn next_round(due: Option<Timestamp>, now: Timestamp) -> Timestamp {
    due.map_or(now + LONGEST_WAIT, |due| due.clamp(now + BETWEEN_ROUNDS, now + LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_side_that_answers_quickly_is_asked_once_a_period() {
        let rest = Beat::poll(Duration::from_secs(10)).after(at(100), at(101));
        assert_eq!(rest, Rest { deaf_until: at(102), until: at(110) });
        assert_eq!(Beat::IDS.after(at(0), at(1)).until, at(600));
    }

    #[test]
    fn asking_takes_its_part_of_the_time_however_long_an_answer_takes() {
        let period = Duration::from_secs(10);
        for (beat, parts) in [(Beat::poll(period), 2), (Beat::scan(period), 5), (Beat::IDS, 20)] {
            let rest = beat.after(at(0), at(60));
            assert_eq!((rest.deaf_until, rest.until), (at(60 * parts), at(60 * parts)), "{beat:?}");
        }
    }

    #[test]
    fn rounds_wait_for_one_another_while_the_bucket_fills() {
        assert!(between_rounds(None) < Duration::from_secs(1));
        assert_eq!(between_rounds(Some(0.4)), between_rounds(None));
        assert_eq!(between_rounds(Some(0.5)), Duration::from_secs(2));
    }

    #[test]
    fn a_round_begins_when_something_falls_due_but_not_at_once_and_not_never() {
        assert_eq!(next_round(Some(at(30)), at(10)), at(30));
        let at_once = next_round(Some(at(5)), at(10));
        assert!(at_once > at(10) && at_once < at(11), "{at_once}");
        assert_eq!(next_round(None, at(10)), at(10) + LONGEST_WAIT);
        assert_eq!(next_round(Some(Timestamp::MAX), at(10)), at(10) + LONGEST_WAIT);
    }
}
