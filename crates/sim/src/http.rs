//! The HTTP messages that both simulated systems read and write.
//!
//! Plain values without sockets: the face and the simulation scheduler carry them. Not responsible for faults
//! or for time; a simulator only says how long the server worked on its answer.

use std::time::Duration;

/// The header by which whoever ends TLS tells the server behind it how it was asked.
pub const FORWARDED_SCHEME: &str = "X-Forwarded-Proto";

/// A request as it arrives at a simulated server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, `PATCH`, … in upper case.
    pub method: String,
    /// Path and query as sent on the request line, still percent-encoded, beginning with `/`.
    pub target: String,
    /// Header names in any letter case, in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body, empty where there is none.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of this name, compared without regard to letter case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// `https` if the connection was encrypted, else `http`: how addresses in the answer begin.
    pub fn scheme(&self) -> &'static str {
        if self.header(FORWARDED_SCHEME) == Some("https") { "https" } else { "http" }
    }
}

/// An answer of a simulated server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// Headers in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body, empty where there is none.
    pub body: Vec<u8>,
    /// How long the server worked before it answered, on the simulator's own clock.
    pub took: Duration,
}

impl Response {
    /// The status that stands for "the server closed the connection without any reply". No real answer has it.
    pub const CUT: u16 = 0;

    /// A connection closed without a reply after the server had worked for `took`; what it did until then stays.
    pub fn cut(took: Duration) -> Self {
        Self { status: Self::CUT, headers: Vec::new(), body: Vec::new(), took }
    }

    /// Whether nothing is to be sent and the connection is to be closed instead.
    pub fn is_cut(&self) -> bool {
        self.status == Self::CUT
    }

    /// The first header of this name, compared without regard to letter case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// A request that a simulated system makes of its own accord: a form, posted to a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Where to.
    pub url: String,
    /// The body, `application/x-www-form-urlencoded`.
    pub body: String,
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
