//! What the portal counted since the last reset.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

/// Requests, calls and refusals.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) requests: u64,
    pub(crate) calls: BTreeMap<String, u64>,
    pub(crate) writes: u64,
    pub(crate) limited_503: u64,
    pub(crate) limited_429: u64,
    pub(crate) errors: u64,
    pub(crate) cut: u64,
    pub(crate) executed: BTreeMap<&'static str, Duration>,
}

impl Counters {
    pub(crate) fn to_json(&self) -> Value {
        let operating: BTreeMap<_, _> =
            self.executed.iter().map(|(method, spent)| (*method, spent.as_secs_f64())).collect();
        json!({
            "requests": self.requests,
            "calls": self.calls,
            "writes": self.writes,
            "limited_503": self.limited_503,
            "limited_429": self.limited_429,
            "errors": self.errors,
            "cut": self.cut,
            "operating": operating,
        })
    }
}
