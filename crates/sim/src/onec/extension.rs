//! The HTTP service of obmen's extension, `/hs/obmen/v1`, where one is installed.
//!
//! Written from `docs/onec-contract.md`, never from our client or from the extension's own sources. Not responsible for who is let in
//! (see the parent), for the scheduled job, which nobody sets up here, or for cards that users have open. Invariant: an item that is not done
//! changes nothing.

mod about;
mod body;
mod condition;
mod item;
mod kept;
mod links;
mod outbox;
mod question;
mod sets;
mod values;

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::http::{Request, Response};

use super::access::Access;
use super::counters::Counters;
use super::objects::Base;
use super::render::typed;
use super::settings::Settings;

pub(crate) use kept::Kept;
pub(crate) use outbox::Event;
pub(crate) use sets::noted;

/// What the methods of the contract are called, and by which verb each is asked.
const METHODS: [(&str, &str); 8] = [
    ("info", "GET"),
    ("schema", "GET"),
    ("find", "POST"),
    ("get", "POST"),
    ("write", "POST"),
    ("changes", "POST"),
    ("acknowledge", "POST"),
    ("links", "POST"),
];
const QUESTIONS: usize = 50;
const PAGE: usize = 5000;
const REFERENCES: usize = 1000;
const ITEMS: usize = 500;
const ROWS: usize = 1000;
const KEY_DAYS: i64 = 7;

/// What a request touches.
pub(crate) struct Extension<'a> {
    pub(crate) base: &'a mut Base,
    pub(crate) settings: &'a Settings,
    pub(crate) access: Access<'a>,
    pub(crate) counters: &'a mut Counters,
    pub(crate) now: Timestamp,
}

/// Why a request fails as a whole.
#[derive(Debug)]
struct Failure {
    status: u16,
    code: &'static str,
    words: String,
}

/// Why a question or an item is not answered or done.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Complaint {
    code: &'static str,
    words: String,
}

impl Complaint {
    fn new(code: &'static str, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }
}

/// An object by its set and reference.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Name {
    set: String,
    #[serde(rename = "ref")]
    reference: String,
}

impl Name {
    fn json(&self) -> Json {
        json!({ "set": self.set, "ref": self.reference })
    }
}

#[derive(Deserialize)]
struct FindBody {
    pair: Option<String>,
    questions: Vec<Json>,
}

#[derive(Deserialize)]
struct GetBody {
    pair: Option<String>,
    wanted: Vec<question::Wanted>,
}

#[derive(Deserialize)]
struct ChangesBody {
    limit: Option<usize>,
}

#[derive(Deserialize)]
struct AcknowledgeBody {
    rows: Vec<outbox::Receipt>,
}

/// What the target asks of the service; `None` where it lies elsewhere.
pub(crate) fn method_of<'t>(settings: &Settings, target: &'t str) -> Option<&'t str> {
    let publication = settings.base_path.strip_suffix("/odata/standard.odata").unwrap_or(&settings.base_path);
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    path.strip_prefix(publication)?.strip_prefix("/hs/obmen/v1/")
}

impl Extension<'_> {
    pub(crate) fn answer(&mut self, method: &str, request: &Request) -> Response {
        let Some((name, verb)) = METHODS.iter().find(|(name, _)| *name == method) else {
            return typed(404, "text/html;charset=utf-8", b"<html><body>Not Found</body></html>".to_vec());
        };
        if *verb != request.method {
            return typed(405, "text/html;charset=utf-8", b"<html><body>Not Allowed</body></html>".to_vec());
        }
        self.counters.call(&format!("hs/obmen/v1/{name}"), &request.method);
        match self.dispatch(name, request) {
            Ok((body, took)) => json_response(200, &body, took),
            Err(Failure { status, code, words }) => {
                let body = json!({ "error": { "code": code, "words": words } });
                json_response(status, &body, self.settings.read_cost)
            }
        }
    }

    /// The answer, and how long the work took.
    fn dispatch(&mut self, method: &str, request: &Request) -> Result<(Json, Duration), Failure> {
        match method {
            "info" => Ok((self.info(), self.settings.read_cost)),
            "schema" => Ok((self.schema(), self.settings.read_cost)),
            "find" => {
                let body: FindBody = body_of(request)?;
                at_most(body.questions.len(), QUESTIONS)?;
                let mut reading = self.reading(body.pair.as_deref());
                let answers: Vec<Json> = body.questions.iter().map(|one| reading.answer(one)).collect();
                Ok((json!({ "answers": answers }), self.cost_of(reading.shown())))
            }
            "get" => {
                let body: GetBody = body_of(request)?;
                at_most(body.wanted.len(), QUESTIONS)?;
                at_most(body.wanted.iter().map(|one| one.refs.len()).sum(), REFERENCES)?;
                let mut reading = self.reading(body.pair.as_deref());
                let found: Vec<Json> = body.wanted.iter().map(|one| reading.by_reference(one)).collect();
                Ok((json!({ "found": found }), self.cost_of(reading.shown())))
            }
            "write" => {
                let body: item::WriteBody = body_of(request)?;
                at_most(body.items.len(), ITEMS)?;
                Ok(self.write(&body))
            }
            "changes" => {
                let body: ChangesBody = body_of(request)?;
                let limit = body.limit.unwrap_or(ROWS).clamp(1, ROWS);
                let rows = self.base.kept.outbox.oldest(limit);
                let more = self.base.kept.outbox.len() > rows.len();
                let took = self.cost_of(rows.len());
                Ok((json!({ "rows": rows, "more": more }), took))
            }
            "acknowledge" => {
                let body: AcknowledgeBody = body_of(request)?;
                at_most(body.rows.len(), ROWS)?;
                let outbox = &mut self.base.kept.outbox;
                let kept: Vec<Json> =
                    body.rows.iter().filter(|row| !outbox.forget(row)).map(|row| row.name.json()).collect();
                Ok((json!({ "kept": kept }), self.cost_of(body.rows.len())))
            }
            _ => {
                let body: links::LinksBody = body_of(request)?;
                if body.pair.is_empty() {
                    return Err(Failure::bad_request("в запросе нет имени пары"));
                }
                at_most(body.objects.len() + body.mutual_ids.len() + body.put.len(), REFERENCES)?;
                Ok((self.links(&body), self.cost_of(body.objects.len() + body.put.len())))
            }
        }
    }

    fn reading<'r>(&'r self, pair: Option<&str>) -> question::Reading<'r> {
        question::Reading::new(self.base, &self.access, pair)
    }

    fn cost_of(&self, rows: usize) -> Duration {
        self.settings.read_cost + self.settings.row_cost * u32::try_from(rows).unwrap_or(u32::MAX)
    }
}

impl Failure {
    fn bad_request(words: &str) -> Self {
        Self { status: 400, code: "bad-request", words: words.to_owned() }
    }
}

fn at_most(count: usize, limit: usize) -> Result<(), Failure> {
    match count > limit {
        true => Err(Failure { status: 413, code: "too-many", words: format!("больше {limit}") }),
        false => Ok(()),
    }
}

fn body_of<T: DeserializeOwned>(request: &Request) -> Result<T, Failure> {
    let body = request.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&request.body);
    serde_json::from_slice(body).map_err(|error| Failure::bad_request(&error.to_string()))
}

fn json_response(status: u16, body: &Json, took: Duration) -> Response {
    let headers = vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())];
    Response { status, headers, body: body.to_string().into_bytes(), took }
}
