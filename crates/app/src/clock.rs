//! Real time behind the engine's port. The one place of the product that reads the system's clock.

use std::time::Duration;

use jiff::Timestamp;
use obmen_engine::ports::{BoxFuture, Clock};

/// The system's clock, and tokio's timers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the injected clock comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // A timer counts monotonic time; the wall clock may have been set meanwhile, so it is asked again.
            while let Ok(left) = Duration::try_from(deadline.duration_since(self.now())) {
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(Duration::from_secs(60))).await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_past_deadline_completes_at_once() {
        let clock = SystemClock;
        clock.sleep_until(clock.now()).await;
        clock.sleep_until(Timestamp::UNIX_EPOCH).await;
        assert!(clock.now() > Timestamp::UNIX_EPOCH);
    }
}
