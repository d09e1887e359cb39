//! The two limits of a portal: the leaky bucket of requests and the execution time of each method.
//!
//! Pure bookkeeping against the given time. Not responsible for what a refusal looks like on the wire.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::Settings;

/// Counts requests; drains steadily and refuses above its brim.
#[derive(Debug, Default)]
pub(crate) struct LeakyBucket {
    level: f64,
    seen: Option<Timestamp>,
}

impl LeakyBucket {
    /// Whether this request fits. A refused one leaves the level as it is.
    pub(crate) fn admit(&mut self, now: Timestamp, settings: &Settings) -> bool {
        if let Some(seen) = self.seen {
            let passed = now.duration_since(seen).as_secs_f64().max(0.0);
            self.level = (self.level - passed * settings.per_second).max(0.0);
        }
        self.seen = Some(self.seen.map_or(now, |seen| seen.max(now)));
        if self.level + 1.0 > settings.burst {
            return false;
        }
        self.level += 1.0;
        true
    }
}

/// Execution time of one method: up to ten buckets, each begun by the first call after the previous one ended.
#[derive(Debug, Default)]
struct Spent {
    buckets: Vec<(Timestamp, Duration)>,
}

/// Execution time of all methods, for each application apart; the webhook has an account of its own.
#[derive(Debug, Default)]
pub(crate) struct Operating {
    accounts: BTreeMap<Option<String>, BTreeMap<&'static str, Spent>>,
}

/// What an answer tells about its method: seconds spent, and when the oldest bucket drops out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) spent: Duration,
    pub(crate) reset_at: Timestamp,
}

impl Operating {
    /// The sum of the living buckets.
    pub(crate) fn read(
        &mut self,
        account: Option<&str>,
        method: &'static str,
        now: Timestamp,
        settings: &Settings,
    ) -> Reading {
        let window = seconds(settings.window_seconds);
        let spent = self.spent(account, method);
        spent.buckets.retain(|(start, _)| later(*start, window) > now);
        Reading {
            spent: spent.buckets.iter().map(|(_, cost)| *cost).sum(),
            reset_at: later(spent.buckets.first().map_or(now, |(start, _)| *start), window),
        }
    }

    /// Whether the method may not be called now.
    pub(crate) fn is_used_up(
        &mut self,
        account: Option<&str>,
        method: &'static str,
        now: Timestamp,
        settings: &Settings,
    ) -> bool {
        self.read(account, method, now, settings).spent >= seconds(settings.execution_seconds)
    }

    /// Adds an executed call.
    pub(crate) fn charge(
        &mut self,
        account: Option<&str>,
        method: &'static str,
        now: Timestamp,
        cost: Duration,
        settings: &Settings,
    ) -> Reading {
        let width = seconds(settings.window_seconds / 10.0);
        let spent = self.spent(account, method);
        match spent.buckets.last_mut() {
            Some((start, sum)) if later(*start, width) > now => *sum += cost,
            _ => spent.buckets.push((now, cost)),
        }
        self.read(account, method, now, settings)
    }

    fn spent(&mut self, account: Option<&str>, method: &'static str) -> &mut Spent {
        self.accounts.entry(account.map(str::to_owned)).or_default().entry(method).or_default()
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn seconds(value: f64) -> Duration {
    Duration::try_from_secs_f64(value).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    #[test]
    fn the_bucket_takes_its_burst_and_then_drains() {
        let settings = Settings::default();
        let mut bucket = LeakyBucket::default();
        let admitted = (0..60).filter(|_| bucket.admit(at(0), &settings)).count();
        assert_eq!(admitted, 50);
        let admitted = (0..60).filter(|_| bucket.admit(at(3), &settings)).count();
        assert_eq!(admitted, 6, "two drain every second, refused requests do not fill it");
    }

    #[test]
    fn the_crossing_call_succeeds_and_buckets_drop_out_one_by_one() {
        let settings = Settings { execution_seconds: 1.0, ..Settings::default() };
        let mut operating = Operating::default();
        operating.charge(None, "m", at(0), Duration::from_millis(900), &settings);
        assert!(!operating.is_used_up(None, "m", at(100), &settings));
        let reading = operating.charge(None, "m", at(100), Duration::from_millis(900), &settings);
        assert_eq!(reading.spent, Duration::from_millis(1800));
        assert_eq!(reading.reset_at, at(600));
        assert!(operating.is_used_up(None, "m", at(599), &settings));
        assert!(!operating.is_used_up(None, "m", at(600), &settings), "900 ms of the second bucket remain");
        assert!(!operating.is_used_up(None, "other", at(100), &settings));
    }
}
