//! The standard interface: what each method does on each address.
//!
//! Not responsible for who may come in (see the parent) or for the bytes of entities (see `render`).

mod exchange;
mod reading;
mod writing;

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::http::{Request, Response};

use super::access::Access;
use super::address::{Address, Key};
use super::counters::Counters;
use super::error::Refusal;
use super::gate::write_fault;
use super::objects::Base;
use super::query::{Query, decode};
use super::records::named_record;
use super::render::{self, Format, Level, format_of};
use super::schema::{EntitySet, Nature};
use super::settings::{Right, Settings};

/// The parts of an infobase that a request touches.
pub(crate) struct Service<'a> {
    pub(crate) base: &'a mut Base,
    pub(crate) settings: &'a Settings,
    pub(crate) access: Access<'a>,
    pub(crate) counters: &'a mut Counters,
    pub(crate) now: Timestamp,
}

impl Service<'_> {
    /// Answers a request whose path lies below the interface; `took` is the work alone.
    pub(crate) fn answer(&mut self, path: &str, raw_query: &str, request: &Request) -> Response {
        let query = Query::parse(raw_query);
        let format = match &query {
            Ok(query) => format_of(query, request),
            Err(_) => format_of(&Query::default(), request),
        };
        let shown = format.clone().unwrap_or(Format::Json(Level::Minimal));
        let answered = query.and_then(|query| self.dispatch(path, &query, format?, request));
        answered.unwrap_or_else(|refusal| {
            let mut response = render::refusal(shown, &refusal);
            response.took = self.settings.read_cost;
            response
        })
    }

    fn dispatch(
        &mut self,
        path: &str,
        query: &Query,
        format: Format,
        request: &Request,
    ) -> Result<Response, Refusal> {
        let address = Address::parse(path)?;
        let is_expandable =
            request.method == "GET" && matches!(address, Address::Set(_) | Address::Slice(..));
        if query.get("$expand").is_some() && !is_expandable {
            return Err(Refusal::not_supported("$expand одной сущности"));
        }
        if let Some(refusal) = write_fault(self.settings).filter(|_| request.method != "GET") {
            return Err(refusal);
        }
        if let Address::Set(function) = &address
            && (function == exchange::SELECT || function == exchange::CONFIRM)
        {
            return self.exchange(function, query, request);
        }
        let Some(name) = address.set() else {
            return self.describe(&address, format, request);
        };
        let set = self.set(name, request)?;
        self.counters.call(set.name, &request.method);
        self.access.check(right_of(&request.method), set)?;
        let root = root(self.settings, request);
        match (request.method.as_str(), &address) {
            ("GET", Address::Set(_)) => self.list(set, query, format, &root),
            ("GET", Address::Count(_)) => self.count(set, query),
            ("GET", Address::Entity(_, Key::Record(parts))) if is_rows(set) => {
                self.row(set, parts, query, format, &root)
            }
            ("GET", Address::Entity(_, key)) => self.get(set, key_of(set, key)?, query, format, &root),
            ("GET", Address::Slice(_, wanted)) => self.slice(set, wanted, query, format, &root),
            ("GET", Address::Path(_, key, path)) => {
                self.part(set, key_of(set, key)?, path, query, format, &root)
            }
            (method @ ("POST" | "DELETE"), _) if set.is_constant() => Err(Refusal::method(method)),
            ("POST", Address::Set(_)) => self.post(set, format, &root, request),
            ("PATCH", Address::Entity(_, key)) => self.patch(set, key_of(set, key)?, format, &root, request),
            ("DELETE", Address::Entity(_, key)) => self.delete(set, key_of(set, key)?, request),
            ("PUT", Address::Entity(_, key)) => self.put(set, key_of(set, key)?, format, &root, request),
            ("MERGE", Address::Entity(..)) => Err(Refusal::not_supported(&request.method)),
            (method, _) => Err(Refusal::method(method)),
        }
    }

    /// The service document and the schema.
    fn describe(&self, address: &Address, format: Format, request: &Request) -> Result<Response, Refusal> {
        if request.method != "GET" {
            return Err(Refusal::method(&request.method));
        }
        let sets =
            self.base.configuration.sets.iter().filter(|set| self.settings.composition.contains(set.name));
        let sets: Vec<&EntitySet> = sets.collect();
        let response = match (address, format) {
            (Address::Metadata, Format::Json(_)) => return Err(Refusal::representation("$metadata в JSON")),
            (Address::Metadata, Format::Atom) => {
                let document = render::metadata(self.base.configuration, &sets);
                render::typed(200, "application/xml;charset=utf-8", document)
            }
            _ => {
                let names: Vec<&str> = sets.iter().map(|set| set.name).collect();
                render::service(format, &root(self.settings, request), &names)
            }
        };
        Ok(taking(response, self.settings.read_cost))
    }

    /// The set of this name, if the administrator opened it. Rows of a tabular section are a set that no one writes.
    fn set(&self, name: &str, request: &Request) -> Result<&'static EntitySet, Refusal> {
        let configuration = self.base.configuration;
        let visible = |set: &EntitySet| self.settings.composition.contains(set.name);
        if let Some(set) = configuration.set(name).filter(|set| visible(set)) {
            return Ok(set);
        }
        let shown = |set: &&EntitySet| match set.nature {
            Nature::Rows { owner, .. } => self.settings.composition.contains(owner),
            _ => false,
        };
        match (configuration.row_set(name).filter(shown), request.method.as_str()) {
            (Some(rows), "GET") => Ok(rows),
            (Some(_), _) => {
                Err(Refusal::new(400, 13, "Строки табличной части нельзя создавать непосредственно"))
            }
            (None, _) => Err(Refusal::no_set(name)),
        }
    }
}

/// The server's wall clock, to the second and without a zone.
pub(crate) fn wall_clock(settings: &Settings, now: Timestamp) -> String {
    let offset = jiff::tz::Offset::from_hours(settings.utc_offset_hours).unwrap_or(jiff::tz::Offset::UTC);
    offset.to_datetime(now).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The right that a method needs.
fn right_of(method: &str) -> Right {
    match method {
        "POST" => Right::Insert,
        "PATCH" | "PUT" | "MERGE" => Right::Update,
        "DELETE" => Right::Delete,
        _ => Right::Read,
    }
}

fn root(settings: &Settings, request: &Request) -> String {
    let host = request.header("Host").unwrap_or("localhost");
    format!("{}://{host}{}", request.scheme(), settings.base_path)
}

fn is_rows(set: &EntitySet) -> bool {
    matches!(set.nature, Nature::Rows { .. })
}

/// The key of the address, for this set.
fn key_of(set: &EntitySet, key: &Key) -> Result<Uuid, Refusal> {
    match (key, &set.nature) {
        (Key::Reference(key), Nature::Objects) => Ok(*key),
        (Key::Reference(key), _) if set.is_constant() => {
            named_record(set, &[("SurrogateKey".to_owned(), key.to_string())])
        }
        (Key::Reference(_), _) => Err(Refusal::no_key_part(&set.key().join(", "))),
        (Key::Record(parts), _) => named_record(set, parts),
    }
}

/// What an address may hold as it is.
const PLAIN: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'-')
    .remove(b'(')
    .remove(b')')
    .remove(b'\'')
    .remove(b'=')
    .remove(b',')
    .remove(b':');

fn encoded(address: &str) -> String {
    percent_encoding::utf8_percent_encode(address, PLAIN).to_string()
}

fn taking(mut response: Response, took: Duration) -> Response {
    response.took = took;
    response
}

/// Splits a target into the decoded path below the interface and the raw query; `None` for other paths.
pub(crate) fn split_target(settings: &Settings, target: &str) -> Option<(String, String)> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = decode(path).ok()?;
    let rest = path.strip_prefix(settings.base_path.as_str())?;
    (rest.is_empty() || rest.starts_with('/')).then(|| (rest.to_owned(), query.to_owned()))
}
