//! How far the limits of a portal are used up, by what was kept of them: for people who watch.

use jiff::Timestamp;
use serde::Serialize;

use super::Limiter;
use crate::settings::Limits;

/// How far the limits of a portal are used up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Usage {
    /// How many requests the bucket holds.
    pub requests: f64,
    /// How many of them are in it.
    pub requests_used: f64,
    /// Until when the portal takes no request, since others filled its bucket beside us; where it said so.
    pub refused_until: Option<Timestamp>,
    /// How many seconds of execution each method has in a window.
    pub seconds: f64,
    /// The methods that have used some up, the most used one first.
    pub methods: Vec<MethodUsage>,
}

/// The seconds of execution that a method has used up in the window that ends now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodUsage {
    /// The method.
    pub method: String,
    /// Seconds used up or reserved, those of others among them.
    pub used: f64,
    /// Seconds that the portal counted beyond our own calls.
    pub by_others: f64,
    /// Seconds that are left.
    pub left: f64,
}

/// How far limits are used up, by the text that was kept of them.
pub fn usage(limits: Limits, kept: &str, now: Timestamp) -> Usage {
    let mut limiter = Limiter::restore(limits, kept, now);
    limiter.drain(now);
    let mut methods: Vec<MethodUsage> = limiter
        .state
        .methods
        .iter()
        .map(|(name, method)| {
            let used = method.sum(now);
            let others = method.spent.iter().filter(|spent| spent.by_others);
            MethodUsage {
                method: name.clone(),
                used,
                by_others: others.map(|spent| spent.seconds).sum(),
                left: (limits.execution_seconds - used).max(0.0),
            }
        })
        .filter(|method| method.used > 0.0)
        .collect();
    methods.sort_by(|a, b| b.used.total_cmp(&a.used).then_with(|| a.method.cmp(&b.method)));
    Usage {
        requests: limits.burst,
        requests_used: limiter.state.level,
        refused_until: limiter.state.blocked_until.filter(|until| *until > now),
        seconds: limits.execution_seconds,
        methods,
    }
}
