//! The last requests of a world: what was asked, what a fault made of it, what was answered.
//!
//! Bounded in number and in bytes; the oldest go first. Not responsible for the controls, which are not requests.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http::{Request, Response};

/// How many requests are remembered.
const KEPT: usize = 10_000;
/// How many bytes of bodies are remembered, when they are remembered whole.
const KEPT_BYTES: usize = 256 << 20;
/// How many bytes of a body are remembered otherwise.
const EXCERPT: usize = 300;
/// How many requests are shown to whoever names no number.
const SHOWN: usize = 100;

/// The requests remembered.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    last: u64,
    bytes: usize,
    keeps_bodies: bool,
}

#[derive(Debug, Serialize)]
struct Entry {
    number: u64,
    at: Timestamp,
    method: String,
    target: String,
    body: String,
    body_bytes: usize,
    /// What the client saw; nothing, if it saw no more than a closed connection.
    status: Option<u16>,
    /// The fault, `pass` without one.
    verdict: &'static str,
    /// Simulated seconds of work.
    took: f64,
    answer: String,
    answer_bytes: usize,
}

/// Which requests are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// A text of the target or the body, as sent.
    #[serde(default, rename = "match")]
    pattern: String,
    /// A status, or `closed`.
    status: Option<String>,
    /// The word of a fault, or `pass`.
    verdict: Option<String>,
    /// Only requests with a greater number.
    #[serde(default)]
    since: u64,
    /// At most so many, the last ones.
    limit: Option<usize>,
}

/// What is to be remembered.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Switch {
    /// Whole bodies in place of excerpts, from the next request on.
    bodies: bool,
}

impl Log {
    /// Remembers a request; `reply` is what was answered, whether or not the client saw it.
    pub(super) fn note(
        &mut self,
        at: Timestamp,
        request: &Request,
        verdict: &'static str,
        reply: Option<&Response>,
        is_seen: bool,
    ) {
        self.last += 1;
        let answer = reply.map_or(&[][..], |reply| &reply.body);
        let entry = Entry {
            number: self.last,
            at,
            method: request.method.clone(),
            target: request.target.clone(),
            body: self.kept(&request.body),
            body_bytes: request.body.len(),
            status: reply.filter(|reply| is_seen && !reply.is_cut()).map(|reply| reply.status),
            verdict,
            took: reply.map_or(0.0, |reply| reply.took.as_secs_f64()),
            answer: self.kept(answer),
            answer_bytes: answer.len(),
        };
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        while self.entries.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.bytes();
        }
    }

    /// The wanted requests, the oldest first, and the number of the last of all.
    pub(super) fn show(&self, wanted: &Wanted) -> Value {
        let limit = wanted.limit.unwrap_or(SHOWN);
        let found = self.entries.iter().rev().take_while(|entry| entry.number > wanted.since);
        let mut found: Vec<&Entry> = found.filter(|entry| wanted.takes(entry)).take(limit).collect();
        found.reverse();
        json!({ "last": self.last, "bodies": self.keeps_bodies, "requests": found })
    }

    pub(super) fn switch(&mut self, switch: Switch) {
        self.keeps_bodies = switch.bodies;
    }

    /// Forgets all requests. Numbers go on, so that whoever asks for what is new misses nothing.
    pub(super) fn reset(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    fn kept(&self, body: &[u8]) -> String {
        if self.keeps_bodies || body.len() <= EXCERPT {
            return String::from_utf8_lossy(body).into_owned();
        }
        // A character that was cut in two goes whole.
        let excerpt = String::from_utf8_lossy(&body[..EXCERPT]);
        format!("{}…", excerpt.trim_end_matches(char::REPLACEMENT_CHARACTER))
    }
}

impl Entry {
    fn bytes(&self) -> usize {
        self.target.len() + self.body.len() + self.answer.len()
    }
}

impl Wanted {
    fn takes(&self, entry: &Entry) -> bool {
        let has_status = self.status.as_ref().is_none_or(|status| match entry.status {
            Some(seen) => *status == seen.to_string(),
            None => status == "closed",
        });
        has_status
            && self.verdict.as_ref().is_none_or(|verdict| verdict == entry.verdict)
            && (entry.target.contains(&self.pattern) || entry.body.contains(&self.pattern))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_oldest_requests_are_forgotten_and_numbers_go_on() {
        let mut log = Log::default();
        for _ in 0..KEPT + 5 {
            note(&mut log, "/a", "");
        }
        let all = log.show(&Wanted { limit: Some(usize::MAX), ..Wanted::default() });
        assert_eq!(all["requests"].as_array().unwrap().len(), KEPT);
        assert_eq!((&all["requests"][0]["number"], &all["last"]), (&json!(6), &json!(KEPT + 5)));
        log.reset();
        note(&mut log, "/b", "");
        let one = log.show(&Wanted::default());
        assert_eq!((&one["requests"][0]["number"], &one["requests"][1]), (&json!(KEPT + 6), &Value::Null));
    }

    #[test]
    fn a_long_body_is_kept_in_part_unless_it_is_wanted_whole() {
        let mut log = Log::default();
        let body = format!("x{}", "я".repeat(EXCERPT));
        note(&mut log, "/a", &body);
        log.switch(Switch { bodies: true });
        note(&mut log, "/a", &body);
        let shown = log.show(&Wanted::default());
        let excerpt = shown["requests"][0]["body"].as_str().unwrap();
        assert_eq!(excerpt, format!("x{}…", "я".repeat(EXCERPT / 2 - 1)));
        assert_eq!(shown["requests"][0]["body_bytes"], body.len());
        assert_eq!(shown["requests"][1]["body"], body);
    }

    #[test]
    fn whole_bodies_have_a_bound_in_bytes() {
        let mut log = Log::default();
        log.switch(Switch { bodies: true });
        let body = "b".repeat(KEPT_BYTES / 2);
        for _ in 0..3 {
            note(&mut log, "/a", &body);
        }
        assert_eq!(log.entries.len(), 1, "two bodies and their targets are over the bound");
    }

    fn note(log: &mut Log, target: &str, body: &str) {
        let request = Request {
            method: "POST".to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        let reply = Response { status: 200, headers: vec![], body: vec![], took: Duration::ZERO };
        log.note(Timestamp::UNIX_EPOCH, &request, "pass", Some(&reply), true);
    }
}
