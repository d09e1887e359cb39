//! Real time behind the engine's port. The one place of the product that reads the system's clock.
//!
//! `OBMEN_CLOCK=20@2026-10-17T09:00:00Z` makes it run twenty times faster from that moment on, as a simulator that was
//! started then with `--time-scale 20` does: so that windows and waits of real length can be measured within minutes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use obmen_engine::ports::{BoxFuture, Clock};

/// A timer waits no shorter; rounding would make it none.
const SHORTEST: Duration = Duration::from_micros(1);
/// The name of the variable that sets the pace.
pub(crate) const PACE: &str = "OBMEN_CLOCK";

/// The system's clock, and tokio's timers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock {
    pace: Option<Pace>,
}

/// How much faster than real time goes, and since when.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pace {
    scale: f64,
    since: Timestamp,
}

impl SystemClock {
    /// The clock that the environment asks for; `None` where what it says cannot be read.
    pub(crate) fn of_environment() -> Option<Self> {
        match std::env::var(PACE) {
            Ok(text) if !text.is_empty() => Some(Self { pace: Some(Pace::read(&text)?) }),
            _ => Some(Self::default()),
        }
    }
}

impl Pace {
    fn read(text: &str) -> Option<Self> {
        let (scale, since) = text.split_once('@')?;
        let scale: f64 = scale.parse().ok()?;
        Some(Self { scale, since: since.parse().ok()? })
            .filter(|pace| pace.scale.is_finite() && pace.scale > 0.0)
    }

    fn shown(self, real: Timestamp) -> Timestamp {
        let passed = real.duration_since(self.since).as_secs_f64() * self.scale;
        let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::MAX);
        self.since.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the injected clock comes from")]
    fn now(&self) -> Timestamp {
        let real = Timestamp::now();
        self.pace.map_or(real, |pace| pace.shown(real))
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // A timer counts monotonic time; the wall clock may have been set meanwhile, so it is asked again.
            while let Ok(left) = Duration::try_from(deadline.duration_since(self.now())) {
                if left.is_zero() {
                    return;
                }
                let real = left.div_f64(self.pace.map_or(1.0, |pace| pace.scale));
                tokio::time::sleep(real.clamp(SHORTEST, Duration::from_secs(60))).await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_past_deadline_completes_at_once() {
        let clock = SystemClock::default();
        clock.sleep_until(clock.now()).await;
        clock.sleep_until(Timestamp::UNIX_EPOCH).await;
        assert!(clock.now() > Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn a_pace_is_a_factor_and_a_moment() {
        let since: Timestamp = "2026-10-17T09:00:00Z".parse().unwrap();
        let pace = Pace::read("20@2026-10-17T09:00:00Z").unwrap();
        assert_eq!(pace, Pace { scale: 20.0, since });
        assert_eq!(pace.shown(since + Duration::from_secs(3)), since + Duration::from_secs(60));
        for text in [
            "20",
            "@2026-10-17T09:00:00Z",
            "0@2026-10-17T09:00:00Z",
            "20@yesterday",
            "inf@2026-10-17T09:00:00Z",
        ] {
            assert_eq!(Pace::read(text), None, "{text}");
        }
    }
}
