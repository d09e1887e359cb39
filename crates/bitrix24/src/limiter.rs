//! The two limits of a portal as a pure state machine: the leaky bucket of requests and the execution seconds that
//! each method has in a sliding window.
//!
//! A call is reserved before it is sent and settled when its answer is there; the state is plain text in between, so
//! that a restart forgets no call. Not responsible for waiting, sending or storing.
//!
//! Invariant: whatever the portal counts is counted here at the same time or longer. A reservation without an answer
//! counts from the latest moment at which the portal can have executed it; the bucket is taken for smaller than it is
//! by as many requests as may overtake one another on the way.

mod usage;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::settings::Limits;
pub use usage::{MethodUsage, Usage, usage};

/// The name under which the state is kept.
pub const KEPT_AS: &str = "limits/bitrix24";
/// Requests that may arrive closer together than they were sent, and one to spare.
const BUCKET_MARGIN: f64 = 5.0;
/// Share of the execution seconds that is never planned for: estimates may fall short.
const EXECUTION_MARGIN: f64 = 0.01;

/// Share of the window by which the end of spent seconds is rounded up: each slice is lost in every window, and the state
/// that is kept before each request has an entry for each.
const SLICE: f64 = 1.0 / 60.0;

/// Counts requests and execution seconds of one portal.
#[derive(Debug, Clone)]
pub struct Limiter {
    limits: Limits,
    state: State,
    next_ticket: u64,
}

/// A request that was reserved; it is settled, released or refused once.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a reservation that is never settled counts until it expires"]
pub struct Ticket(u64);

/// What an answer tells about one call.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The method.
    pub method: &'static str,
    /// How many units of work the call held (items of an import, else one).
    pub units: f64,
    /// Seconds it took, where the answer says so.
    pub seconds: Option<f64>,
    /// What the portal has counted for the method.
    pub operating: Option<f64>,
    /// When the portal's oldest count drops out.
    pub reset_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct State {
    level: f64,
    at: Option<Timestamp>,
    blocked_until: Option<Timestamp>,
    refusals: u32,
    methods: BTreeMap<String, Method>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Method {
    /// Learnt seconds of one unit; none before the first answer.
    unit: Option<f64>,
    spent: Vec<Spent>,
    blocked_until: Option<Timestamp>,
    reset_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Spent {
    until: Timestamp,
    seconds: f64,
    /// What the portal counts beyond our own calls: other applications use it up too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_others: bool,
    /// The reservation it belongs to. A restart forgets the reservation, never the seconds.
    #[serde(skip)]
    ticket: Option<u64>,
}

impl Limiter {
    /// A portal nobody has called for a while.
    pub fn new(limits: Limits) -> Self {
        Self { limits, state: State::default(), next_ticket: 0 }
    }

    /// Goes on from what [`Limiter::state`] gave. A text that cannot be read counts as a full bucket.
    pub fn restore(limits: Limits, text: &str, now: Timestamp) -> Self {
        let mut limiter = Self::new(limits);
        match serde_json::from_str(text) {
            Ok(state) => limiter.state = state,
            Err(_) => limiter.state = State { level: limits.burst, at: Some(now), ..State::default() },
        }
        limiter
    }

    /// The state as text, to be kept before the reserved request is sent.
    pub fn state(&self) -> String {
        serde_json::to_string(&self.state).expect("finite numbers and text keys always serialise")
    }

    /// The seconds a call is expected to take.
    pub fn estimate(&self, method: &str, units: f64) -> f64 {
        let learnt = self.state.methods.get(method).and_then(|method| method.unit);
        learnt.unwrap_or_else(|| first_estimate(method)) * units
    }

    /// The seconds of its window that a method has used up or reserved.
    pub fn spent(&self, method: &str, now: Timestamp) -> f64 {
        self.state.methods.get(method).map_or(0.0, |method| method.sum(now))
    }

    /// Reserves one request with these calls.
    ///
    /// # Errors
    /// When it is worth asking again; nothing is reserved then.
    pub fn reserve(&mut self, now: Timestamp, calls: &[(&str, f64)]) -> Result<Ticket, Timestamp> {
        self.drain(now);
        let mut wanted: BTreeMap<&str, f64> = BTreeMap::new();
        for (method, seconds) in calls {
            *wanted.entry(method).or_default() += seconds;
        }
        let mut until = self.free_in_bucket(now);
        for (method, seconds) in &mut wanted {
            *seconds = seconds.min(self.budget());
            until = until.max(self.free_for(method, *seconds, now));
        }
        if until > now {
            return Err(until);
        }
        self.next_ticket += 1;
        self.state.level += 1.0;
        let hold = later(now, self.limits.window_seconds + self.limits.answer_seconds());
        for (method, seconds) in wanted {
            let method = self.state.methods.entry(method.to_owned()).or_default();
            method.spent.push(Spent {
                until: hold,
                seconds,
                by_others: false,
                ticket: Some(self.next_ticket),
            });
        }
        Ok(Ticket(self.next_ticket))
    }

    /// The answer is there: reserved seconds give way to those the portal has spent. Says whether the state has grown
    /// beyond what was reserved and should be kept at once.
    pub fn settle(&mut self, ticket: &Ticket, now: Timestamp, observed: &[Observed]) -> bool {
        self.state.refusals = 0;
        let mut spent: BTreeMap<&str, f64> = BTreeMap::new();
        for call in observed {
            let seconds = call.seconds.unwrap_or_else(|| self.estimate(call.method, call.units));
            *spent.entry(call.method).or_default() += seconds;
        }
        for call in observed {
            self.learn(call);
        }
        let mut grown = false;
        let until = self.expiry(now);
        for (name, seconds) in spent {
            let method = self.state.methods.entry(name.to_owned()).or_default();
            let reserved: f64 =
                method.spent.iter().filter(|s| s.ticket == Some(ticket.0)).map(|s| s.seconds).sum();
            method.spent.retain(|s| s.ticket != Some(ticket.0));
            method.add(until, seconds, false);
            grown |= seconds > reserved + 1e-6;
        }
        for call in observed {
            let Some(operating) = call.operating else {
                continue;
            };
            let method = self.state.methods.entry(call.method.to_owned()).or_default();
            method.reset_at = call.reset_at.or(method.reset_at);
            let known = method.sum(now);
            if operating > known + 0.01 {
                method.add(until, operating - known, true);
                grown = true;
            }
        }
        self.release(ticket);
        grown
    }

    /// The request certainly executed nothing.
    pub fn release(&mut self, ticket: &Ticket) {
        for method in self.state.methods.values_mut() {
            method.spent.retain(|spent| spent.ticket != Some(ticket.0));
        }
    }

    /// The portal said that its bucket is full (503). Says when to ask again; the pause grows with each refusal.
    pub fn refused(&mut self, ticket: &Ticket, now: Timestamp) -> Timestamp {
        self.release(ticket);
        self.drain(now);
        self.state.refusals = (self.state.refusals + 1).min(8);
        let pause = f64::from(1_u32 << self.state.refusals) / self.limits.per_second;
        let until = later(now, pause);
        self.state.level = self.state.level.max(self.capacity());
        self.state.blocked_until = Some(until);
        until
    }

    /// The portal said that a method has used its seconds up (429). Says when to ask again.
    pub fn refused_method(&mut self, method: &str, now: Timestamp) -> Timestamp {
        let pause = later(now, self.limits.window_seconds / 10.0);
        let method = self.state.methods.entry(method.to_owned()).or_default();
        let until = method.reset_at.filter(|at| *at > now && *at < later(now, self.limits.window_seconds));
        let until = until.unwrap_or(pause);
        method.blocked_until = Some(until);
        until
    }

    fn capacity(&self) -> f64 {
        (self.limits.burst - BUCKET_MARGIN).max(1.0)
    }

    fn budget(&self) -> f64 {
        self.limits.execution_seconds * (1.0 - EXECUTION_MARGIN)
    }

    fn drain(&mut self, now: Timestamp) {
        if let Some(at) = self.state.at {
            let passed = now.duration_since(at).as_secs_f64().max(0.0);
            self.state.level = (self.state.level - passed * self.limits.per_second).max(0.0);
        }
        self.state.at = Some(self.state.at.map_or(now, |at| at.max(now)));
        for method in self.state.methods.values_mut() {
            method.spent.retain(|spent| spent.until > now);
        }
    }

    fn free_in_bucket(&self, now: Timestamp) -> Timestamp {
        let surplus = self.state.level + 1.0 - self.capacity();
        let free = if surplus > 1e-9 { later(now, surplus / self.limits.per_second + 0.001) } else { now };
        self.state.blocked_until.map_or(free, |until| until.max(free))
    }

    fn free_for(&self, method: &str, seconds: f64, now: Timestamp) -> Timestamp {
        let Some(method) = self.state.methods.get(method) else {
            return now;
        };
        let blocked = method.blocked_until.unwrap_or(now).max(now);
        let mut surplus = method.sum(now) + seconds - self.budget();
        if surplus <= 1e-9 {
            return blocked;
        }
        let mut spent: Vec<&Spent> = method.spent.iter().collect();
        spent.sort_by_key(|spent| spent.until);
        let mut free = now;
        for spent in spent {
            surplus -= spent.seconds;
            free = spent.until;
            if surplus <= 1e-9 {
                break;
            }
        }
        // Reservations under way may turn out smaller than they were taken for.
        if method.spent.iter().any(|spent| spent.ticket.is_some()) {
            free = free.min(later(now, self.limits.request_seconds / 10.0));
        }
        free.max(blocked)
    }

    /// When seconds spent until `now` stop to count, rounded up so that neighbours share an entry.
    fn expiry(&self, now: Timestamp) -> Timestamp {
        let slice = ((self.limits.window_seconds * SLICE * 1000.0) as i64).max(1);
        let until = later(now, self.limits.window_seconds).as_millisecond() + 1;
        let rounded = until.div_euclid(slice) * slice + slice;
        Timestamp::from_millisecond(rounded).unwrap_or(Timestamp::MAX)
    }

    /// Slower answers are believed at once, faster ones little by little.
    fn learn(&mut self, call: &Observed) {
        let Some(seconds) = call.seconds.filter(|_| call.units > 0.0) else {
            return;
        };
        let observed = seconds / call.units;
        let known = self.estimate(call.method, 1.0);
        let learnt = observed.max(0.8 * known + 0.2 * observed);
        self.state.methods.entry(call.method.to_owned()).or_default().unit = Some(learnt);
    }
}

impl Method {
    fn sum(&self, now: Timestamp) -> f64 {
        self.spent.iter().filter(|spent| spent.until > now).map(|spent| spent.seconds).sum()
    }

    fn add(&mut self, until: Timestamp, seconds: f64, by_others: bool) {
        let is_of_it = |spent: &&mut Spent| {
            spent.ticket.is_none() && spent.until == until && spent.by_others == by_others
        };
        match self.spent.iter_mut().find(is_of_it) {
            Some(spent) => spent.seconds += seconds,
            None => self.spent.push(Spent { until, seconds, by_others, ticket: None }),
        }
    }
}

/// What a unit of work is expected to take before the portal was heard.
fn first_estimate(method: &str) -> f64 {
    match method.rsplit('.').next().unwrap_or(method) {
        "list" => 0.08,
        "set" => 0.10,
        "delete" => 0.30,
        "add" | "import" | "batchImport" => 0.25,
        "update" => 0.20,
        "findbycomm" => 0.03,
        _ => 0.02,
    }
}

fn later(at: Timestamp, seconds: f64) -> Timestamp {
    let by = SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::MAX);
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
