//! Simulated time as a function of real time, and what a player may do to it.
//!
//! The only place of this crate that reads a clock. A change of pace, a jump and a stop reach everybody who waits for a
//! simulated moment. Invariant: simulated time never goes back.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

/// Nobody tries what comes in a hundred years, and dates of the far future do not add up.
const LONGEST_ADVANCE: Duration = Duration::from_secs(100 * 366 * 86_400);

/// The clock of a face; its clones are the same clock.
#[derive(Debug, Clone)]
pub(super) struct Clock(Arc<watch::Sender<Pace>>);

/// How simulated time has run since the last change.
#[derive(Debug, Clone, Copy)]
struct Pace {
    base: Timestamp,
    since: Instant,
    scale: f64,
    is_running: bool,
}

/// What a player wants of the clock.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    advance: Option<f64>,
    scale: Option<f64>,
    #[serde(default)]
    stop: bool,
    #[serde(default)]
    go: bool,
}

impl Clock {
    pub(super) fn new(start: Timestamp, scale: f64) -> Self {
        let pace = Pace { base: start, since: Instant::now(), scale, is_running: true };
        Self(Arc::new(watch::Sender::new(pace)))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.borrow().now()
    }

    /// The time, how fast it runs, and whether it does.
    pub(super) fn show(&self) -> Value {
        let pace = *self.0.borrow();
        json!({ "now": pace.now(), "scale": pace.scale, "running": pace.is_running })
    }

    /// Changes the pace first, then jumps.
    pub(super) fn change(&self, change: Change) -> Result<(), String> {
        let Change { advance, scale, stop, go } = change;
        if stop && go {
            return Err("a clock cannot both stop and go".to_owned());
        }
        if scale.is_some_and(|scale| !scale.is_finite() || scale <= 0.0) {
            return Err("scale must be greater than zero".to_owned());
        }
        let jump = match advance.map(Duration::try_from_secs_f64) {
            None => Duration::ZERO,
            Some(Ok(jump)) if jump <= LONGEST_ADVANCE => jump,
            Some(_) => return Err("advance is from 0 seconds to 100 years".to_owned()),
        };
        if !stop && !go && scale.is_none() && advance.is_none() {
            return Err("say advance, scale, stop or go".to_owned());
        }
        self.0.send_modify(|pace| {
            *pace = Pace {
                base: later(pace.now(), jump),
                since: Instant::now(),
                scale: scale.unwrap_or(pace.scale),
                is_running: go || (pace.is_running && !stop),
            };
        });
        Ok(())
    }

    /// Completes at a simulated moment: as long as the clock is stopped before it, not at all.
    pub(super) async fn reach(&self, moment: Timestamp) {
        let mut changes = self.0.subscribe();
        while !self.has_come(moment) {
            let left = changes.borrow_and_update().real_until(moment);
            // Whichever comes first, the next turn of the loop looks at the time anew.
            let _ = match left {
                Some(left) => timeout(left, changes.changed()).await.is_ok(),
                None => changes.changed().await.is_ok(),
            };
        }
    }

    /// Completes when a server has worked until a simulated moment. On a stopped clock, work takes no time.
    pub(super) async fn work(&self, until: Timestamp) {
        let mut changes = self.0.subscribe();
        while !self.has_come(until) {
            let Some(left) = changes.borrow_and_update().real_until(until) else { return };
            let _ = timeout(left, changes.changed()).await;
        }
    }

    fn has_come(&self, moment: Timestamp) -> bool {
        self.now() >= moment
    }
}

impl Pace {
    fn now(&self) -> Timestamp {
        if !self.is_running {
            return self.base;
        }
        let passed = Duration::try_from_secs_f64(self.since.elapsed().as_secs_f64() * self.scale);
        later(self.base, passed.unwrap_or(Duration::MAX))
    }

    /// The real time until a simulated moment; `None` while the clock is stopped.
    fn real_until(&self, moment: Timestamp) -> Option<Duration> {
        let left = moment.duration_since(self.now()).as_secs_f64().max(0.0) / self.scale;
        self.is_running.then(|| Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX))
    }
}

/// A moment so much later, as far as there are moments.
pub(super) fn later(moment: Timestamp, by: Duration) -> Timestamp {
    moment.checked_add(by).unwrap_or(Timestamp::MAX)
}
