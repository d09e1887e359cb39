//! A simulated 1C infobase with its standard OData interface.
//!
//! A state machine behind [`World`]: requests, data, and what a 1C user does at the screen. Written from the vendor's
//! documentation and reports of practice, never from our client; the service of obmen's extension from its contract. Not
//! responsible for sockets or lost replies. Invariant: the same requests at the same times give the same answers, byte for byte.

mod accept;
mod access;
mod act;
mod address;
mod administration;
mod changes;
mod contact_rows;
mod counters;
mod emptied;
mod error;
mod extension;
mod filter;
mod furnish;
mod gate;
mod handlers;
mod index;
mod objects;
mod query;
mod read;
mod records;
mod references;
mod render;
mod rows;
mod schema;
mod select;
mod service;
mod session;
mod settings;
mod shown;
mod slices;
mod value;
mod write;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::http::{Request, Response};
use crate::world::{RecordQuery, World};

use access::Access;
use counters::Counters;
use extension::{Extension, method_of};
use objects::Base;
use schema::Configuration;
use service::{Service, split_target};
use session::Sessions;

pub use settings::{
    Attached, Composition, Fault, IfMatch, OverLong, Product, Right, Rights, SessionMode, Settings,
    UnknownField, WebServer,
};

/// One infobase, published and empty at first.
#[derive(Debug)]
pub struct Infobase {
    settings: Settings,
    base: Base,
    sessions: Sessions,
    counters: Counters,
}

impl Infobase {
    /// An infobase without objects.
    pub fn new(settings: Settings) -> Self {
        let base = Base::new(Configuration::of(settings.configuration), settings.seed);
        Self { settings, base, sessions: Sessions::default(), counters: Counters::default() }
    }

    /// An infobase as it is on its first day: with predefined elements and contact kinds.
    pub fn furnished(settings: Settings) -> Self {
        let mut infobase = Self::new(settings);
        furnish::furnish(&mut infobase.base);
        infobase
    }

    /// The settings, to be changed between requests: a fault begins, rights change. The configuration and the seed
    /// stay what they were at the start.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// The objects of some sets alone, as they stand in the dump: for whoever looks after each write.
    pub fn objects_of(&self, sets: &[&str]) -> Value {
        self.base.dump_of(sets)
    }

    /// Whether subscriptions of the extension see what is written from here on.
    fn watch(&mut self, now: Timestamp) {
        let attached = self.settings.extension.filter(|how| !how.safe_mode || how.default_roles);
        self.base.kept.outbox.watch(attached.map(|_| now));
    }

    fn answer(&mut self, now: Timestamp, request: &Request) -> Response {
        if let Some(response) = gate::fault(&self.settings) {
            return response;
        }
        if let Some(response) = gate::web_server(&self.settings, request) {
            return response;
        }
        let published = split_target(&self.settings, &request.target).filter(|_| self.settings.published);
        let method = method_of(&self.settings, &request.target).filter(|_| self.settings.extension.is_some());
        if published.is_none() && method.is_none() {
            return render::typed(
                404,
                "text/html;charset=utf-8",
                b"<html><body>Not Found</body></html>".to_vec(),
            );
        }
        if let Some(response) = gate::stranger(&self.settings, request) {
            return response;
        }
        let admission = match self.sessions.admit(now, &self.settings, gate::wish(request)) {
            Ok(admission) => admission,
            Err(turned) => {
                let mut response = gate::turned_away(turned);
                if turned == session::Turned::PoolExhausted {
                    response.took = self.settings.pool_timeout;
                }
                return response;
            }
        };
        let access = Access::of(self.base.configuration, &self.settings);
        let (base, settings, counters) = (&mut self.base, &self.settings, &mut self.counters);
        let mut response = match (published, method) {
            (Some((path, query)), _) => {
                Service { base, settings, access, counters, now }.answer(&path, &query, request)
            }
            (None, method) => Extension { base, settings, access, counters, now }
                .answer(method.unwrap_or_default(), request),
        };
        response.took += admission.delay;
        if let (true, Some(id)) = (admission.shown, admission.session) {
            response
                .headers
                .push(("Set-Cookie".to_owned(), format!("ibsession={id}; path={}", self.settings.base_path)));
        }
        self.sessions.release(&admission, after(now, response.took));
        response
    }
}

impl World for Infobase {
    fn handle(&mut self, now: Timestamp, request: &Request) -> Response {
        self.watch(now);
        self.counters.request();
        let mut response = self.answer(now, request);
        if response.status >= 400 {
            self.counters.error();
        }
        if self.settings.json_bom
            && method_of(&self.settings, &request.target).is_none()
            && response.header("Content-Type").is_some_and(|kind| kind.starts_with("application/json"))
        {
            response.body.splice(0..0, *b"\xef\xbb\xbf");
        }
        response
    }

    fn without_rows(&self, _request: &Request, response: Response) -> Response {
        emptied::without_rows(response)
    }

    fn load(&mut self, line: &Value) -> Result<(), String> {
        let set = line.get("entity").and_then(Value::as_str).ok_or("the line has no \"entity\"")?;
        let object = line.get("object").and_then(Value::as_object).ok_or("the line has no \"object\"")?;
        self.base.load(set, object)
    }

    fn dump(&self) -> Value {
        self.base.dump()
    }

    fn records(&self, wanted: &RecordQuery) -> Result<Value, String> {
        shown::records(&self.base, wanted)
    }

    fn counters(&self) -> Value {
        self.counters.show(self.sessions.started())
    }

    fn reset_counters(&mut self) {
        self.counters = Counters::default();
        self.sessions.reset_counter();
    }

    fn act(&mut self, now: Timestamp, action: &Value) -> Result<Value, String> {
        self.watch(now);
        act::act(&mut self.base, &mut self.settings, now, action)
    }
}

fn after(now: Timestamp, took: Duration) -> Timestamp {
    let span = SignedDuration::try_from(took).unwrap_or(SignedDuration::ZERO);
    now.checked_add(span).unwrap_or(Timestamp::MAX)
}
