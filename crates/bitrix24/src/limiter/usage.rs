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
    /// The methods that were called, the most used one first.
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

/// How far limits are used up, by the text that was kept of them; only methods that have used some up.
pub fn usage(limits: Limits, kept: &str, now: Timestamp) -> Usage {
    let mut usage = Limiter::restore(limits, kept, now).usage(now);
    usage.methods.retain(|method| method.used > 0.0);
    usage
}

impl Limiter {
    /// How far the limits are used up.
    pub fn usage(&mut self, now: Timestamp) -> Usage {
        self.drain(now);
        let budget = self.limits.execution_seconds;
        let mut methods: Vec<MethodUsage> = self
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
                    left: (budget - used).max(0.0),
                }
            })
            .collect();
        methods.sort_by(|a, b| b.used.total_cmp(&a.used).then_with(|| a.method.cmp(&b.method)));
        Usage {
            requests: self.limits.burst,
            requests_used: self.state.level,
            refused_until: self.state.blocked_until.filter(|until| *until > now),
            seconds: budget,
            methods,
        }
    }
}
