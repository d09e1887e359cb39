//! What POST, PATCH, PUT and DELETE do to an entity.
//!
//! Invariant: a write changes nothing that the user may not see, and nothing into what he may not see.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::http::{Request, Response};
use crate::onec::error::Refusal;
use crate::onec::objects::{Object, text};
use crate::onec::records::canonical;
use crate::onec::render::Format;
use crate::onec::schema::EntitySet;
use crate::onec::select::Selection;
use crate::onec::settings::{IfMatch, Settings};
use crate::onec::write::{Manner, change, create, delete, unbound};

use super::{Service, encoded, taking, wall_clock};

impl Service<'_> {
    pub(super) fn post(
        &mut self,
        set: &'static EntitySet,
        format: Format,
        root: &str,
        request: &Request,
    ) -> Result<Response, Refusal> {
        let body = body_of(request)?;
        let moment = wall_clock(self.settings, self.now);
        let manner = Manner { access: Some(&self.access), ..manner(self.settings, request, &moment) };
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

    pub(super) fn patch(
        &mut self,
        set: &'static EntitySet,
        key: Uuid,
        format: Format,
        root: &str,
        request: &Request,
    ) -> Result<Response, Refusal> {
        self.write_to(set, key, &body_of(request)?, format, root, request)
    }

    pub(super) fn put(
        &mut self,
        set: &'static EntitySet,
        key: Uuid,
        format: Format,
        root: &str,
        request: &Request,
    ) -> Result<Response, Refusal> {
        let body = unbound(set, &body_of(request)?, &self.settings.base_path)?;
        self.write_to(set, key, &body, format, root, request)
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
        self.check_write(set, key, request)?;
        let moment = wall_clock(self.settings, self.now);
        let manner = Manner { access: Some(&self.access), ..manner(self.settings, request, &moment) };
        change(self.base, self.settings, set, key, body, manner)?;
        self.counters.write();
        let object = self.base.object(set.name, key).ok_or_else(|| Refusal::no_instance(set.name, key))?;
        let response = self.show(200, set, object, &Selection::everything(set), format, root);
        Ok(taking(response, self.settings.write_cost))
    }

    pub(super) fn delete(
        &mut self,
        set: &'static EntitySet,
        key: Uuid,
        request: &Request,
    ) -> Result<Response, Refusal> {
        self.check_write(set, key, request)?;
        delete(self.base, set, key, &self.now.to_string())?;
        self.counters.write();
        Ok(Response { status: 204, headers: vec![], body: vec![], took: self.settings.write_cost })
    }

    /// Refuses a write of what is absent or hidden, of what code forbids, and of another version than the caller's.
    fn check_write(&self, set: &EntitySet, key: Uuid, request: &Request) -> Result<(), Refusal> {
        let object = self.visible(set, key)?;
        if let Some(text) = self.settings.forbidden.get(&key) {
            return Err(Refusal::exception(text));
        }
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
}

fn manner<'m>(settings: &'m Settings, request: &Request, moment: &'m str) -> Manner<'m> {
    let header = request.header("1C_OData-DataLoadMode");
    Manner {
        moment,
        load_mode: header.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")),
        honours_key: settings.honours_ref_key,
        versions: (&settings.versioned, &settings.user),
        access: None,
    }
}

fn body_of(request: &Request) -> Result<Object, Refusal> {
    let content_type = request.header("Content-Type").unwrap_or("application/json").to_ascii_lowercase();
    if !content_type.contains("json") {
        return Err(Refusal::representation(&content_type));
    }
    let body = request.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&request.body);
    match serde_json::from_slice(body) {
        Ok(Json::Object(_)) if has_exponent(body) => Err(Refusal::unparsed("число с порядком")),
        Ok(Json::Object(body)) => Ok((&body).into()),
        Ok(_) => Err(Refusal::bad_format("ожидается объект JSON")),
        Err(error) => Err(Refusal::bad_format(&error.to_string())),
    }
}

/// Whether JSON that parsed writes a number as `1e3`, which the server does not read.
fn has_exponent(json: &[u8]) -> bool {
    let (mut is_quoted, mut is_escaped, mut last) = (false, false, b' ');
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b'e' | b'E' if !is_quoted && last.is_ascii_digit() => return true,
            _ => {}
        }
        last = *byte;
    }
    false
}
