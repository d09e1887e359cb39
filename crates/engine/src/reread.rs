//! Asking once more what was not answered: how often, and after how long.
//!
//! Reads only: no write is ever repeated by a client. Not responsible for limits, which say themselves when to come back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Milliseconds, two minutes in all: a lost packet, then a web server that restarts, a router that comes back, 1C that lets
/// go of a lock.
const OF_A_KNOWN_SIDE: [u64; 8] = [200, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];
/// A side that never answered may have another address: whoever typed it should not wait for that.
const OF_AN_UNKNOWN_SIDE: [u64; 3] = [200, 1_000, 2_000];

/// The pauses of one client.
#[derive(Debug, Default)]
pub struct Reread {
    answered: AtomicBool,
}

impl Reread {
    /// The side has answered: from now on a silence is taken for a passing one.
    pub fn answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// How long to wait after the read has failed `failures` times before; `None` where it is time to give up.
    pub fn pause(&self, failures: usize) -> Option<Duration> {
        let pauses: &[u64] =
            if self.answered.load(Ordering::Relaxed) { &OF_A_KNOWN_SIDE } else { &OF_AN_UNKNOWN_SIDE };
        pauses.get(failures).copied().map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(reread: &Reread) -> u64 {
        (0..).map_while(|failures| reread.pause(failures)).map(|pause| pause.as_secs()).sum()
    }

    #[test]
    fn a_side_that_has_answered_is_waited_for_longer() {
        let reread = Reread::default();
        assert_eq!(seconds(&reread), 3);
        reread.answered();
        assert_eq!(seconds(&reread), 120);
    }
}
