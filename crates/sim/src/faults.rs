//! Faults of the network and of servers, decided request by request.
//!
//! Rules are explicit and counted: the same rules over the same requests give the same faults. Nothing here
//! closes a connection or reads a clock; whoever carries requests asks for a [`Verdict`] and obeys it.
//!
//! Invariant: a fault without effect never reaches the world, a fault with effect reaches it exactly once.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::http::{Request, Response};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The connection is refused: no effect.
    Refuse,
    /// A 5xx answer with an HTML body: no effect.
    Error500,
    /// The connection is closed after the request was sent: no effect.
    ResetBefore,
    /// The request takes effect, then the connection is closed without a reply.
    ResetAfter,
    /// The connection is closed at once, and the request takes effect some time later.
    Late,
}

/// A fault for requests that contain a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Text that the request's target or body contains, as sent. Empty: every request.
    #[serde(default, rename = "match")]
    pub pattern: String,
    /// What goes wrong.
    pub kind: Kind,
    /// How many requests meet it.
    #[serde(default = "once")]
    pub times: u64,
    /// How many matching requests pass before.
    #[serde(default)]
    pub after: u64,
    /// Simulated seconds until a late request takes effect.
    #[serde(default = "one_second")]
    pub seconds: f64,
}

fn once() -> u64 {
    1
}

fn one_second() -> f64 {
    1.0
}

/// What is to happen to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing goes wrong.
    Pass,
    /// Refuse the connection.
    Refuse,
    /// Answer with [`error_page`].
    Error500,
    /// Close the connection without effect.
    ResetBefore,
    /// Let the world handle it, then close the connection.
    ResetAfter,
    /// Close the connection and give the request to [`Faults::hold`].
    Late(Duration),
}

/// The rules still in force, and the requests that are under way late.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
    held: VecDeque<(Timestamp, Request)>,
}

impl Faults {
    /// Replaces all rules. Late requests stay under way.
    pub fn set_rules(&mut self, rules: Vec<Rule>) {
        self.rules = rules;
    }

    /// Rules as far as they are not used up.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Decides about a request and counts it. The first rule that is due wins.
    pub fn decide(&mut self, request: &Request) -> Verdict {
        let mut verdict = Verdict::Pass;
        for rule in &mut self.rules {
            if rule.times == 0 || !rule.matches(request) {
                continue;
            }
            if rule.after > 0 {
                rule.after -= 1;
                continue;
            }
            rule.times -= 1;
            verdict = rule.verdict();
            break;
        }
        self.rules.retain(|rule| rule.times > 0);
        verdict
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

/// The body and status of [`Verdict::Error500`].
pub fn error_page() -> Response {
    Response {
        status: 500,
        headers: vec![("Content-Type".to_owned(), "text/html; charset=utf-8".to_owned())],
        body: b"<html><head><title>500 Internal Server Error</title></head><body><h1>500</h1></body></html>"
            .to_vec(),
        took: Duration::ZERO,
    }
}

impl Rule {
    fn matches(&self, request: &Request) -> bool {
        let pattern = self.pattern.as_bytes();
        request.target.contains(&self.pattern)
            || pattern.is_empty()
            || request.body.windows(pattern.len()).any(|window| window == pattern)
    }

    fn verdict(&self) -> Verdict {
        match self.kind {
            Kind::Refuse => Verdict::Refuse,
            Kind::Error500 => Verdict::Error500,
            Kind::ResetBefore => Verdict::ResetBefore,
            Kind::ResetAfter => Verdict::ResetAfter,
            Kind::Late => Verdict::Late(Duration::try_from_secs_f64(self.seconds).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_lets_some_pass_then_strikes_and_is_used_up() {
        let mut faults = Faults::default();
        faults.set_rules(rules(r#"[{"match":"add","kind":"reset_after","after":1,"times":2}]"#));
        let verdicts: Vec<_> = ["/add", "/list", "/add", "/add", "/add"]
            .map(|target| faults.decide(&request(target, "")))
            .into();
        let expected =
            [Verdict::Pass, Verdict::Pass, Verdict::ResetAfter, Verdict::ResetAfter, Verdict::Pass];
        assert_eq!(verdicts, expected);
        assert!(faults.rules().is_empty());
    }

    #[test]
    fn a_rule_looks_into_the_body_too() {
        let mut faults = Faults::default();
        faults.set_rules(rules(r#"[{"match":"crm.item.batchImport","kind":"late","seconds":2.5}]"#));
        assert_eq!(faults.decide(&request("/batch", "crm.item.add")), Verdict::Pass);
        let verdict = faults.decide(&request("/batch", r#"{"cmd":["crm.item.batchImport?x"]}"#));
        assert_eq!(verdict, Verdict::Late(Duration::from_millis(2500)));
    }

    #[test]
    fn late_requests_come_out_in_the_order_of_their_times() {
        let mut faults = Faults::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        for (second, target) in [(30, "/c"), (10, "/a"), (20, "/b")] {
            faults.hold(at(second), request(target, ""));
        }
        assert_eq!(faults.next_due(), Some(at(10)));
        let due: Vec<_> = faults.take_due(at(20)).into_iter().map(|(_, request)| request.target).collect();
        assert_eq!(due, ["/a", "/b"]);
        assert_eq!(faults.next_due(), Some(at(30)));
    }

    #[test]
    fn a_misspelt_rule_is_refused() {
        assert!(serde_json::from_str::<Vec<Rule>>(r#"[{"kind":"late","second":1}]"#).is_err());
    }

    fn rules(text: &str) -> Vec<Rule> {
        serde_json::from_str(text).unwrap()
    }

    fn request(target: &str, body: &str) -> Request {
        Request {
            method: "POST".to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        }
    }
}
