//! Asking once more what was not answered: how often, and after how long.
//!
//! Reads, and what a side takes for the same when it comes twice: no other write is ever repeated by a client. Not
//! responsible for limits, which say themselves when to come back.
//! Invariant: all reads of a side share its two minutes. What is made of many reads, one after the other, would else wait as
//! often for a side that is away.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// Milliseconds, two minutes in all: a lost packet, then a web server that restarts, a router that comes back, 1C that lets
/// go of a lock.
const OF_A_KNOWN_SIDE: [u64; 8] = [200, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];
/// A side that never answered may have another address: whoever typed it should not wait for that.
const OF_AN_UNKNOWN_SIDE: [u64; 3] = [200, 1_000, 2_000];

/// For how long a known side is asked again.
pub const PATIENCE: Duration = Duration::from_secs(2 * 60);

/// The pauses of one client.
#[derive(Debug, Default)]
pub struct Reread(Mutex<Known>);

/// What is known of a side.
#[derive(Debug, Default)]
struct Known {
    has_answered: bool,
    /// Since when it does not answer.
    silent_since: Option<Timestamp>,
}

impl Reread {
    /// The side has answered: from now on a silence is taken for a passing one.
    pub fn answered(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Known { has_answered: true, silent_since: None };
    }

    /// How long to wait after the read has failed `failures` times before; `None` where it is time to give up.
    pub fn pause(&self, failures: usize, now: Timestamp) -> Option<Duration> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = *known.silent_since.get_or_insert(now);
        if known.has_answered {
            pause(&OF_A_KNOWN_SIDE, failures, since, now)
        } else {
            pause(&OF_AN_UNKNOWN_SIDE, failures, since, now)
        }
    }
}

/// How long to wait for a side that is known and away since then; `None` where it is time to give up.
pub(crate) fn pause_of_known(failures: usize, since: Timestamp, now: Timestamp) -> Option<Duration> {
    pause(&OF_A_KNOWN_SIDE, failures, since, now)
}

fn pause(pauses: &[u64], failures: usize, since: Timestamp, now: Timestamp) -> Option<Duration> {
    let pause = Duration::from_millis(*pauses.get(failures)?);
    let end = since + Duration::from_millis(pauses.iter().sum());
    let left = Duration::try_from(end.duration_since(now)).ok().filter(|left| !left.is_zero())?;
    Some(pause.min(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many seconds a read waits that begins so many after the first.
    fn seconds(reread: &Reread, begins: u64) -> u64 {
        let begin = Timestamp::UNIX_EPOCH + Duration::from_secs(begins);
        let mut now = begin;
        for failures in 0.. {
            let Some(pause) = reread.pause(failures, now) else { break };
            now += pause;
        }
        now.duration_since(begin).as_secs().unsigned_abs()
    }

    #[test]
    fn the_pauses_make_up_the_patience() {
        let all: u64 = OF_A_KNOWN_SIDE.iter().sum();
        assert_eq!(all / 1000, PATIENCE.as_secs());
    }

    #[test]
    fn a_side_that_has_answered_is_waited_for_longer() {
        let reread = Reread::default();
        assert_eq!(seconds(&reread, 0), 3);
        reread.answered();
        assert_eq!(seconds(&reread, 0), 120);
    }

    #[test]
    fn all_reads_of_a_side_share_its_patience() {
        let reread = Reread::default();
        reread.answered();
        assert_eq!([seconds(&reread, 0), seconds(&reread, 50), seconds(&reread, 500)], [120, 70, 0]);
        reread.answered();
        assert_eq!(seconds(&reread, 500), 120, "it had come back");
    }
}
