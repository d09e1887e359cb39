//! One rule: for which requests, how often, what goes wrong.
//!
//! A rule is what a player writes as JSON. Not responsible for counting (see the parent) or for closing connections.

use std::time::Duration;

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::http::Request;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The connection is refused: no effect.
    Refuse,
    /// An answer of status 500 with an HTML body: no effect.
    Error500,
    /// An answer of the rule's 4xx or 5xx status with an HTML body, as of a proxy, a firewall or a server: no effect.
    Status,
    /// An HTML page with status 200, as of a login or a gateway: no effect.
    Html,
    /// The connection is closed after the request was sent: no effect.
    ResetBefore,
    /// The request takes effect, then the connection is closed without a reply.
    ResetAfter,
    /// The request takes effect, and the connection is closed in the middle of the answer's body.
    Cut,
    /// The request takes effect at once and is answered some time later.
    Slow,
    /// The connection is closed at once, and the request takes effect some time later.
    Late,
    /// A list is answered without its rows.
    EmptyPage,
}

/// A fault for some requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Text that the request's target or body contains, as sent. Empty: every request.
    #[serde(default, rename = "match")]
    pub pattern: String,
    /// The HTTP verb; without one, every verb.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What goes wrong.
    pub kind: Kind,
    /// How many requests meet it at most. Without a number: one, or without end if there is a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// How many matching requests pass before.
    #[serde(default)]
    pub after: u64,
    /// The share of matching requests that meet it, from 0 to 1; without one, each does.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "read_share")]
    pub share: Option<f64>,
    /// What the share is drawn from.
    #[serde(default)]
    pub seed: u64,
    /// Simulated seconds until a late request takes effect or a slow one is answered.
    #[serde(default = "one_second", deserialize_with = "read_seconds")]
    pub seconds: f64,
    /// The status of [`Kind::Status`].
    #[serde(default = "unavailable", deserialize_with = "read_status")]
    pub status: u16,
}

impl Rule {
    /// How many requests may still meet it; `None`: without end.
    pub(super) fn left(&self) -> Option<u64> {
        self.times.or(if self.share.is_some() { None } else { Some(1) })
    }

    pub(super) fn matches(&self, request: &Request) -> bool {
        let pattern = self.pattern.as_bytes();
        let is_method =
            self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&request.method));
        is_method
            && (pattern.is_empty()
                || request.target.contains(&self.pattern)
                || request.body.windows(pattern.len()).any(|window| window == pattern))
    }

    pub(super) fn verdict(&self) -> Verdict {
        let by = Duration::try_from_secs_f64(self.seconds).unwrap_or_default();
        match self.kind {
            Kind::Refuse => Verdict::Refuse,
            Kind::Error500 => Verdict::Page(500),
            Kind::Status => Verdict::Page(self.status),
            Kind::Html => Verdict::Page(200),
            Kind::ResetBefore => Verdict::ResetBefore,
            Kind::ResetAfter => Verdict::ResetAfter,
            Kind::Cut => Verdict::Cut,
            Kind::Slow => Verdict::Slow(by),
            Kind::Late => Verdict::Late(by),
            Kind::EmptyPage => Verdict::EmptyPage,
        }
    }
}

fn one_second() -> f64 {
    1.0
}

fn unavailable() -> u16 {
    503
}

fn read_share<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    let share = f64::deserialize(from)?;
    if (0.0..=1.0).contains(&share) {
        Ok(Some(share))
    } else {
        Err(D::Error::custom("share is not from 0 to 1"))
    }
}

fn read_seconds<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let seconds = f64::deserialize(from)?;
    let fits = Duration::try_from_secs_f64(seconds).is_ok();
    if fits { Ok(seconds) } else { Err(D::Error::custom("seconds are not a length of time")) }
}

fn read_status<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    let status = u16::deserialize(from)?;
    if (400..600).contains(&status) {
        Ok(status)
    } else {
        Err(D::Error::custom("status is not from 400 to 599"))
    }
}
