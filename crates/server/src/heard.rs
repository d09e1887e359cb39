//! When a side last said something: silence for too long means that nobody posts any more.
//!
//! Not responsible for what was said. A message counts that was kept, or had nothing in it for us.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use obmen_domain::record::Side;

/// The last messages of both sides of a pair.
#[derive(Debug)]
pub struct Heard {
    bitrix24: AtomicI64,
    onec: AtomicI64,
}

impl Heard {
    /// Nothing yet; silence is counted from this moment.
    pub fn since(begin: Timestamp) -> Self {
        let begin = begin.as_microsecond();
        Self { bitrix24: begin.into(), onec: begin.into() }
    }

    pub(crate) fn note(&self, side: Side, now: Timestamp) {
        self.of(side).store(now.as_microsecond(), Ordering::Relaxed);
    }

    /// How many seconds ago a side said something.
    pub(crate) fn silence(&self, side: Side, now: Timestamp) -> f64 {
        let last = Timestamp::from_microsecond(self.of(side).load(Ordering::Relaxed)).unwrap_or(now);
        now.duration_since(last).as_secs_f64().max(0.0)
    }

    fn of(&self, side: Side) -> &AtomicI64 {
        match side {
            Side::Bitrix24 => &self.bitrix24,
            Side::Onec => &self.onec,
        }
    }
}
