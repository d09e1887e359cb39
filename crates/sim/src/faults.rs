//! Faults of the network and of servers, decided request by request.
//!
//! Rules are explicit: the same rules over the same requests give the same faults, whether a rule counts requests or
//! draws a share of them from its seed. Nothing here closes a connection or reads a clock; whoever carries requests asks
//! for a [`Verdict`] and obeys it.
//!
//! Invariant: a fault without effect never reaches the world, a fault with effect reaches it exactly once.

mod rule;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::http::{Request, Response};

pub use rule::{Kind, Rule};

/// What is to happen to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing goes wrong.
    Pass,
    /// Refuse the connection.
    Refuse,
    /// Answer with the [`page`] of this status.
    Page(u16),
    /// Close the connection without effect.
    ResetBefore,
    /// Let the world handle it, then close the connection.
    ResetAfter,
    /// Let the world handle it, then close the connection in the middle of the answer's body.
    Cut,
    /// Let the world handle it, and answer so much later.
    Slow(Duration),
    /// Close the connection and give the request to [`Faults::hold`].
    Late(Duration),
    /// Let the world handle it, and take the rows out of a list.
    EmptyPage,
}

impl Verdict {
    /// The word by which a log knows it: that of the rule's kind, and `pass`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Refuse => "refuse",
            Self::Page(200) => "html",
            Self::Page(_) => "status",
            Self::ResetBefore => "reset_before",
            Self::ResetAfter => "reset_after",
            Self::Cut => "cut",
            Self::Slow(_) => "slow",
            Self::Late(_) => "late",
            Self::EmptyPage => "empty_page",
        }
    }
}

/// The rules still in force, and the requests that are under way late.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Armed>,
    held: VecDeque<(Timestamp, Request)>,
}

/// A rule as far as it is not used up, and the stream of its draws.
#[derive(Debug)]
struct Armed {
    rule: Rule,
    draws: ChaCha8Rng,
}

impl Faults {
    /// Replaces all rules; their draws begin anew. Late requests stay under way.
    pub fn set_rules(&mut self, rules: Vec<Rule>) {
        // Rules of one seed draw from streams of their own.
        self.rules = (0..).zip(rules).map(|(place, rule)| Armed::new(rule, place)).collect();
        self.rules.retain(Armed::is_in_force);
    }

    /// Rules as far as they are not used up.
    pub fn rules(&self) -> Vec<&Rule> {
        self.rules.iter().map(|armed| &armed.rule).collect()
    }

    /// Decides about a request and counts it. The first rule that strikes wins, and those after it do not see the
    /// request.
    pub fn decide(&mut self, request: &Request) -> Verdict {
        let Some(struck) = self.rules.iter_mut().find_map(|armed| armed.strike(request)) else {
            return Verdict::Pass;
        };
        self.rules.retain(Armed::is_in_force);
        struck
    }

    /// Keeps a late request until its time.
    pub fn hold(&mut self, until: Timestamp, request: Request) {
        let at = self.held.partition_point(|(time, _)| *time <= until);
        self.held.insert(at, (until, request));
    }

    /// When the next late request is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.held.front().map(|(until, _)| *until)
    }

    /// Takes the late requests whose time has come, with the times at which they take effect.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<(Timestamp, Request)> {
        let due = self.held.partition_point(|(until, _)| *until <= now);
        self.held.drain(..due).collect()
    }
}

impl Armed {
    fn new(rule: Rule, place: u64) -> Self {
        let mut draws = ChaCha8Rng::seed_from_u64(rule.seed);
        draws.set_stream(place);
        Self { rule, draws }
    }

    fn is_in_force(&self) -> bool {
        self.rule.left() != Some(0)
    }

    /// What the rule does to this request, if it does anything.
    fn strike(&mut self, request: &Request) -> Option<Verdict> {
        if !self.rule.matches(request) {
            return None;
        }
        if self.rule.after > 0 {
            self.rule.after -= 1;
            return None;
        }
        if self.rule.share.is_some_and(|share| self.draws.random::<f64>() >= share) {
            return None;
        }
        self.rule.times = self.rule.left().map(|left| left - 1);
        Some(self.rule.verdict())
    }
}

/// A page as a web server, a gateway or a login shows it in place of an answer.
pub fn page(status: u16) -> Response {
    let title = match status {
        200 => "Please wait",
        403 => "403 Forbidden",
        413 => "413 Request Entity Too Large",
        500 => "500 Internal Server Error",
        502 => "502 Bad Gateway",
        503 => "503 Service Unavailable",
        504 => "504 Gateway Time-out",
        _ => "Server error",
    };
    let body = format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
    Response {
        status,
        headers: vec![("Content-Type".to_owned(), "text/html; charset=utf-8".to_owned())],
        body: body.into_bytes(),
        took: Duration::ZERO,
    }
}
