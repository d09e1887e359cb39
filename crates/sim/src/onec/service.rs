//! The standard interface: what each method does on each address.
//!
//! Not responsible for who may come in (see the parent) or for the bytes of entities (see `render`).

mod exchange;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::http::{Request, Response};

use super::address::{Address, Key, Slice};
use super::counters::Counters;
use super::error::Refusal;
use super::filter::field;
use super::gate::write_fault;
use super::objects::{Base, Object, reference, text};
use super::query::{Query, decode};
use super::read::{Page, count, count_of, page, page_of, target};
use super::records::{canonical, named_key, named_record, record_key};
use super::render::{self, Format, Level, Part, View, format_of};
use super::rows::{row_of, rows_of};
use super::schema::{EntitySet, Nature};
use super::select::Selection;
use super::settings::{IfMatch, Settings};
use super::slices::slice;
use super::write::{Manner, change, create, delete, unbound};

/// The parts of an infobase that a request touches.
pub(crate) struct Service<'a> {
    pub(crate) base: &'a mut Base,
    pub(crate) settings: &'a Settings,
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
        let root = root(self.settings, request);
        match (request.method.as_str(), &address) {
            ("GET", Address::Set(_)) if is_rows(set) => self.list_rows(set, query, format, &root),
            ("GET", Address::Count(_)) if is_rows(set) => {
                let rows = rows_of(self.base, set);
                let rows = rows.iter().map(|(key, row)| (*key, row));
                let counted = count_of(self.base, self.settings, set, rows, query)?;
                Ok(taking(render::count(counted), self.settings.read_cost))
            }
            ("GET", Address::Entity(_, Key::Record(parts))) if is_rows(set) => {
                let key = named_key(set, parts)?;
                let row = row_of(self.base, set, &key);
                let row = row.ok_or_else(|| Refusal::no_instance(set.name, record_key(set, &key)))?;
                let selection = Selection::parse(self.base.configuration, set, query)?;
                let response = self.show(200, set, &row, &selection, format, &root);
                Ok(taking(response, self.settings.read_cost + self.settings.row_cost))
            }
            ("GET", Address::Set(_)) => self.list(set, query, format, &root),
            ("GET", Address::Count(_)) => {
                let counted = count(self.base, self.settings, set, query)?;
                Ok(taking(render::count(counted), self.settings.read_cost))
            }
            ("GET", Address::Entity(_, key)) => self.get(set, key_of(set, key)?, query, format, &root),
            ("GET", Address::Slice(_, wanted)) => self.slice(set, wanted, query, format, &root),
            ("GET", Address::Property(_, key, name)) => {
                self.part(set, key_of(set, key)?, name, query, format, &root)
            }
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

    fn list(
        &self,
        set: &'static EntitySet,
        query: &Query,
        format: Format,
        root: &str,
    ) -> Result<Response, Refusal> {
        let selection = Selection::parse(self.base.configuration, set, query)?;
        let page = page(self.base, self.settings, set, query)?;
        let moment = self.now.to_string();
        let view = View {
            base: self.base,
            settings: self.settings,
            root,
            set,
            selection: &selection,
            moment: &moment,
        };
        Ok(taking(render::feed(format, &view, &page), self.cost_of(&page)))
    }

    fn list_rows(
        &self,
        set: &'static EntitySet,
        query: &Query,
        format: Format,
        root: &str,
    ) -> Result<Response, Refusal> {
        let selection = Selection::parse(self.base.configuration, set, query)?;
        let rows = rows_of(self.base, set);
        let rows = rows.iter().map(|(key, row)| (*key, row));
        let page = page_of(self.base, self.settings, set, rows, query)?;
        let moment = self.now.to_string();
        let view = View {
            base: self.base,
            settings: self.settings,
            root,
            set,
            selection: &selection,
            moment: &moment,
        };
        Ok(taking(render::feed(format, &view, &page), self.cost_of(&page)))
    }

    /// `SliceLast` and `SliceFirst`; the condition may stand in the query too.
    fn slice(
        &self,
        set: &'static EntitySet,
        wanted: &Slice,
        query: &Query,
        format: Format,
        root: &str,
    ) -> Result<Response, Refusal> {
        let selection = Selection::parse(self.base.configuration, set, query)?;
        let rows = slice(self.base, set, wanted, query)?;
        let page = page_of(self.base, self.settings, set, rows.into_iter(), query)?;
        let moment = self.now.to_string();
        let view = View {
            base: self.base,
            settings: self.settings,
            root,
            set,
            selection: &selection,
            moment: &moment,
        };
        Ok(taking(render::feed(format, &view, &page), self.cost_of(&page)))
    }

    fn cost_of(&self, page: &Page<'_>) -> Duration {
        let rows = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        self.settings.read_cost + self.settings.row_cost * rows
    }

    fn get(
        &self,
        set: &'static EntitySet,
        key: Uuid,
        query: &Query,
        format: Format,
        root: &str,
    ) -> Result<Response, Refusal> {
        let selection = Selection::parse(self.base.configuration, set, query)?;
        let object = self.visible(set, key)?;
        let response = self.show(200, set, object, &selection, format, root);
        Ok(taking(response, self.settings.read_cost + self.settings.row_cost))
    }

    /// A property, a tabular section, or the entity behind a reference.
    fn part(
        &self,
        set: &'static EntitySet,
        key: Uuid,
        name: &str,
        query: &Query,
        format: Format,
        root: &str,
    ) -> Result<Response, Refusal> {
        let object = self.visible(set, key)?;
        let cost = self.settings.read_cost + self.settings.row_cost;
        if let Some(property) = set.properties.iter().find(|property| property.navigation() == Some(name)) {
            let found = target(self.base, self.settings, &field(object, property));
            let (set, found) =
                found.ok_or_else(|| Refusal::no_instance(name, reference(object, property.name)))?;
            let selection = Selection::parse(self.base.configuration, set, query)?;
            return Ok(taking(self.show(200, set, found, &selection, format, root), cost));
        }
        let part = match (set.property(name), set.section(name)) {
            (Some(property), _) => Part::Property(property),
            (None, Some(section)) => Part::Section(section),
            (None, None) => return Err(Refusal::no_property(name)),
        };
        let selection = Selection::default();
        let moment = self.now.to_string();
        let view = View {
            base: self.base,
            settings: self.settings,
            root,
            set,
            selection: &selection,
            moment: &moment,
        };
        Ok(taking(render::part(format, &view, object, part), cost))
    }

    fn post(
        &mut self,
        set: &'static EntitySet,
        format: Format,
        root: &str,
        request: &Request,
    ) -> Result<Response, Refusal> {
        let body = body_of(request)?;
        let moment = self.moment();
        let manner = self.manner(request, &moment);
        let key = create(self.base, self.settings, set, &body, manner)?;
        self.counters.write();
        // A created entity is answered without its version: readers have to ask again.
        let mut selection = Selection::everything(set);
        selection.properties.retain(|property| property.name != "DataVersion");
        let object = self.base.object(set.name, key).ok_or_else(|| Refusal::no_instance(set.name, key))?;
        let mut response = self.show(201, set, object, &selection, format, root);
        let location = format!("{root}/{}", encoded(&canonical(set, object)));
        response.headers.push(("Location".to_owned(), location));
        Ok(taking(response, self.settings.write_cost))
    }

    fn patch(
        &mut self,
        set: &'static EntitySet,
        key: Uuid,
        format: Format,
        root: &str,
        request: &Request,
    ) -> Result<Response, Refusal> {
        self.write_to(set, key, &body_of(request)?, format, root, request)
    }

    fn put(
        &mut self,
        set: &'static EntitySet,
        key: Uuid,
        format: Format,
        root: &str,
        request: &Request,
    ) -> Result<Response, Refusal> {
        self.write_to(set, key, &unbound(set, &body_of(request)?)?, format, root, request)
    }

    fn write_to(
        &mut self,
        set: &'static EntitySet,
        key: Uuid,
        body: &Object,
        format: Format,
        root: &str,
        request: &Request,
    ) -> Result<Response, Refusal> {
        self.check_version(set, key, request)?;
        let moment = self.moment();
        let manner = self.manner(request, &moment);
        change(self.base, self.settings, set, key, body, manner)?;
        self.counters.write();
        let object = self.base.object(set.name, key).ok_or_else(|| Refusal::no_instance(set.name, key))?;
        let response = self.show(200, set, object, &Selection::everything(set), format, root);
        Ok(taking(response, self.settings.write_cost))
    }

    fn delete(&mut self, set: &'static EntitySet, key: Uuid, request: &Request) -> Result<Response, Refusal> {
        self.check_version(set, key, request)?;
        delete(self.base, set, key, &self.now.to_string())?;
        self.counters.write();
        let response =
            Response { status: 204, headers: vec![], body: vec![], took: self.settings.write_cost };
        Ok(response)
    }

    fn show(
        &self,
        status: u16,
        set: &'static EntitySet,
        object: &Object,
        selection: &Selection,
        format: Format,
        root: &str,
    ) -> Response {
        let moment = self.now.to_string();
        let view = View { base: self.base, settings: self.settings, root, set, selection, moment: &moment };
        render::entity(status, format, &view, object)
    }

    /// The object, unless it is absent or hidden by rights.
    fn visible(&self, set: &EntitySet, key: Uuid) -> Result<&Object, Refusal> {
        let object = self.base.object(set.name, key).ok_or_else(|| Refusal::no_instance(set.name, key))?;
        if self.settings.hidden.contains(&key) { Err(Refusal::denied()) } else { Ok(object) }
    }

    fn check_version(&self, set: &EntitySet, key: Uuid, request: &Request) -> Result<(), Refusal> {
        let object = self.visible(set, key)?;
        let Some(wanted) = request.header("If-Match").filter(|_| self.settings.if_match == IfMatch::Honoured)
        else {
            return Ok(());
        };
        let wanted = wanted.trim().trim_start_matches("W/").trim_matches('"');
        if wanted == "*" || wanted == text(object, "DataVersion") {
            return Ok(());
        }
        Err(Refusal::new(412, 0, "Версия данных не совпадает"))
    }

    fn manner<'m>(&self, request: &Request, moment: &'m str) -> Manner<'m> {
        let header = request.header("1C_OData-DataLoadMode");
        Manner {
            moment,
            load_mode: header.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")),
            honours_key: self.settings.honours_ref_key,
        }
    }

    fn moment(&self) -> String {
        wall_clock(self.settings, self.now)
    }
}

/// The server's wall clock, to the second and without a zone.
pub(crate) fn wall_clock(settings: &Settings, now: Timestamp) -> String {
    let offset = jiff::tz::Offset::from_hours(settings.utc_offset_hours).unwrap_or(jiff::tz::Offset::UTC);
    offset.to_datetime(now).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn body_of(request: &Request) -> Result<Object, Refusal> {
    let content_type = request.header("Content-Type").unwrap_or("application/json").to_ascii_lowercase();
    if !content_type.contains("json") {
        return Err(Refusal::representation(&content_type));
    }
    let body = request.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&request.body);
    match serde_json::from_slice(body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(Refusal::bad_format("ожидается объект JSON")),
        Err(error) => Err(Refusal::bad_format(&error.to_string())),
    }
}

fn root(settings: &Settings, request: &Request) -> String {
    format!("http://{}{}", request.header("Host").unwrap_or("localhost"), settings.base_path)
}

fn is_rows(set: &EntitySet) -> bool {
    matches!(set.nature, Nature::Rows { .. })
}

/// The key of the address, for this set.
fn key_of(set: &EntitySet, key: &Key) -> Result<Uuid, Refusal> {
    match (key, &set.nature) {
        (Key::Reference(key), Nature::Objects) => Ok(*key),
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
