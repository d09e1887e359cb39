//! The OData interface of 1C: the one place that sends.
//!
//! Basic authentication, JSON without metadata, sessions, timeouts and the reading of refusals. Not responsible for what
//! the objects mean. Invariants: nothing is repeated, except reads that nobody answered and a request that a lost session
//! kept from being looked at; no more requests are under way than the settings allow; neither address nor content is ever logged.

mod fault;
mod query;
mod session;
mod slots;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use obmen_engine::ports::{Clock, HttpRequest, HttpResponse, SideError, Transport, TransportError};
use obmen_engine::reread::Reread;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::settings::Settings;
use crate::wire::{REF, guid};
use fault::{is_lost_session, read_answer, without_mark};
use query::encode_path;
use session::Sessions;
use slots::Slots;

pub(crate) use fault::{CallError, code};
pub(crate) use query::{Query, or_filters, quoted};

/// A JSON object of the interface.
pub(crate) type Object = Map<String, Value>;

/// A client of one published infobase.
pub(crate) struct Odata {
    base: String,
    authorization: String,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    sessions: Sessions,
    slots: Slots,
    reread: Reread,
    read_timeout: Duration,
    write_timeout: Duration,
    allowed_only: bool,
}

/// What a write brought back.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The entity as the answer shows it.
    pub(crate) entity: Option<Object>,
    /// The reference that the `Location` of a new entity names.
    pub(crate) location: Option<Uuid>,
}

impl Odata {
    pub(crate) fn new(settings: &Settings, transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        let credentials = format!("{}:{}", settings.user, settings.password.reveal());
        Self {
            base: query::encode_base(settings.url.trim_end_matches('/')),
            authorization: format!("Basic {}", STANDARD.encode(credentials)),
            transport,
            clock,
            sessions: Sessions::default(),
            slots: Slots::new(settings.parallel.max(1)),
            reread: Reread::default(),
            read_timeout: settings.read_timeout(),
            write_timeout: settings.write_timeout(),
            allowed_only: settings.allowed_only,
        }
    }

    /// How many bytes of filter a request for these fields has room for.
    pub(crate) fn filter_room(&self, query: &Query<'_>) -> usize {
        query::LONGEST_URL.saturating_sub(self.base.len() + query.path(self.allowed_only).len())
    }

    /// The entity sets that the interface shows.
    pub(crate) async fn service_document(&self) -> Result<Vec<String>, SideError> {
        let body =
            self.get("/?$format=json".to_owned(), "application/json").await.map_err(|e| e.into_side(""))?;
        let document = parse_object(&body).map_err(|e| e.into_side(""))?;
        let Some(Value::Array(sets)) = document.get("value") else {
            return Err(CallError::Unexpected("a service document without sets".to_owned()).into_side(""));
        };
        Ok(sets.iter().filter_map(|set| set.get("name")?.as_str()).map(str::to_owned).collect())
    }

    /// The schema, as XML.
    pub(crate) async fn schema(&self) -> Result<Vec<u8>, SideError> {
        self.get("/$metadata".to_owned(), "application/xml")
            .await
            .map_err(|error| error.into_side("$metadata"))
    }

    /// The rows of a set.
    pub(crate) async fn rows(&self, query: &Query<'_>) -> Result<Vec<Object>, SideError> {
        let body = self
            .get(query.path(self.allowed_only), "application/json")
            .await
            .map_err(|e| e.into_side(query.set))?;
        let document = parse_object(&body).map_err(|error| error.into_side(query.set))?;
        drop(body);
        match into_value(document, "value") {
            Some(Value::Array(rows)) => Ok(rows.into_iter().filter_map(into_object).collect()),
            _ => Err(CallError::Unexpected("an answer without rows".to_owned()).into_side(query.set)),
        }
    }

    /// All rows of a set, page by page.
    pub(crate) async fn all_rows(&self, query: &Query<'_>, page: usize) -> Result<Vec<Object>, SideError> {
        let mut found: Vec<Object> = Vec::new();
        let mut after = None;
        loop {
            let rows = self.rows(&query.page(after, page)).await?;
            let is_last = rows.len() < page;
            after = rows.last().and_then(|row| guid(row, REF));
            found.extend(rows);
            if is_last || after.is_none() {
                return Ok(found);
            }
        }
    }

    /// How many rows of a set a filter lets through.
    pub(crate) async fn count(&self, query: &Query<'_>) -> Result<u64, SideError> {
        let body = self
            .get(query.count_path(self.allowed_only), "text/plain")
            .await
            .map_err(|e| e.into_side(query.set))?;
        let text = String::from_utf8_lossy(without_mark(&body)).trim().to_owned();
        text.parse()
            .map_err(|_| CallError::Unexpected("a count that is no number".to_owned()).into_side(query.set))
    }

    /// The changes that an exchange plan registered for a node, as an Atom feed. They stay registered.
    pub(crate) async fn select_changes(
        &self,
        plan: &str,
        node: Uuid,
        number: u64,
    ) -> Result<Vec<u8>, SideError> {
        self.exchange("SelectChanges", plan, node, number).await
    }

    /// Confirms the message of this number, and those before.
    pub(crate) async fn confirm_changes(&self, plan: &str, node: Uuid, number: u64) -> Result<(), SideError> {
        self.exchange("NotifyChangesReceived", plan, node, number).await.map(drop)
    }

    async fn exchange(
        &self,
        function: &str,
        plan: &str,
        node: Uuid,
        number: u64,
    ) -> Result<Vec<u8>, SideError> {
        let point = format!("'{}/{plan}(guid'{node}')'", self.base);
        let point = query::encode_whole(&point);
        let target = format!("/{function}?DataExchangePoint={point}&MessageNo={number}");
        let accept = "application/atom+xml";
        let request = self.request("POST", &target, accept, Vec::new(), Vec::new(), self.write_timeout);
        let answer = self.send(request).await.and_then(read_answer);
        answer.map_err(|error| error.into_side(plan))
    }

    /// Creates an entity.
    pub(crate) async fn create(&self, set: &str, body: &Object) -> Result<Written, CallError> {
        let target = format!("/{}?$format=json", encode_path(set));
        self.write("POST", target, None, body).await
    }

    /// Changes properties of an entity. The version is for servers that check it; many do not.
    pub(crate) async fn update(
        &self,
        set: &str,
        key: Uuid,
        version: &str,
        body: &Object,
    ) -> Result<Written, CallError> {
        let target = format!("/{}(guid'{key}')?$format=json", encode_path(set));
        self.write("PATCH", target, Some(version).filter(|version| !version.is_empty()), body).await
    }

    /// Changes resources of a register's record. A key is named by all its parts, in the literals of the interface.
    pub(crate) async fn update_record(
        &self,
        set: &str,
        key: &[(&str, String)],
        body: &Object,
    ) -> Result<Written, CallError> {
        let parts: Vec<String> = key.iter().map(|(name, literal)| format!("{name}={literal}")).collect();
        let key = query::encode_key(&parts.join(","));
        let target = format!("/{}({key})?$format=json", encode_path(set));
        self.write("PATCH", target, None, body).await
    }

    async fn write(
        &self,
        method: &'static str,
        target: String,
        version: Option<&str>,
        body: &Object,
    ) -> Result<Written, CallError> {
        let mut headers = vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())];
        headers.extend(version.map(|version| ("If-Match".to_owned(), version.to_owned())));
        let body = serde_json::to_vec(body).expect("a JSON object always serialises");
        let request = self.request(method, &target, "application/json", headers, body, self.write_timeout);
        let response = self.send(request).await?;
        let location = response.header("location").and_then(guid_of_url);
        let body = read_answer(response)?;
        // The write has taken effect: an answer that cannot be read only means reading the object again.
        let entity = parse_object(&body).ok().map(|object| match object.get("d") {
            Some(Value::Object(inner)) => inner.clone(),
            _ => object,
        });
        Ok(Written { entity, location })
    }

    async fn get(&self, target: String, accept: &str) -> Result<Vec<u8>, CallError> {
        let request = self.request("GET", &target, accept, Vec::new(), Vec::new(), self.read_timeout);
        let mut failures = 0;
        loop {
            let error = match self.send(request.clone()).await.and_then(read_answer) {
                Ok(body) => {
                    self.reread.answered();
                    return Ok(body);
                }
                Err(error) => error,
            };
            match self.reread.pause(failures, self.clock.now()) {
                Some(pause) if error.may_pass() => self.clock.sleep_until(self.clock.now() + pause).await,
                _ => return Err(error),
            }
            failures += 1;
        }
    }

    fn request(
        &self,
        method: &'static str,
        target: &str,
        accept: &str,
        mut headers: Vec<(String, String)>,
        body: Vec<u8>,
        timeout: Duration,
    ) -> HttpRequest {
        headers.push(("Accept".to_owned(), accept.to_owned()));
        headers.push(("Authorization".to_owned(), self.authorization.clone()));
        HttpRequest { method, url: self.base.clone() + target, headers, body, timeout }
    }

    /// Sends a request within the allowed number and within a session; once more where the session was lost, since
    /// such a request was not looked at.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, CallError> {
        let _slot = self.slots.take().await;
        let (response, had_session) = self.send_once(request.clone()).await?;
        if !(had_session && is_lost_session(&response)) {
            return Ok(response);
        }
        self.sessions.forget();
        Ok(self.send_once(request).await?.0)
    }

    async fn send_once(&self, mut request: HttpRequest) -> Result<(HttpResponse, bool), CallError> {
        let cookie = self.sessions.take();
        let had_session = cookie.is_some();
        request.headers.extend(self.sessions.headers(cookie.as_deref()));
        let method = request.method;
        let started = self.clock.now();
        let answer = self.transport.send(request).await;
        let millis = self.clock.now().duration_since(started).as_millis();
        match &answer {
            Ok(response) => tracing::debug!(method, status = response.status, millis, "onec.request"),
            Err(_) => tracing::debug!(method, millis, "onec.request without an answer"),
        }
        let response = answer.map_err(|error| match error {
            TransportError::NotSent(words) => CallError::NotSent(words),
            TransportError::NoReply(words) => CallError::NoReply(words),
        })?;
        self.sessions.give_back(&response, cookie);
        Ok((response, had_session))
    }
}

fn parse_object(body: &[u8]) -> Result<Object, CallError> {
    match serde_json::from_slice(without_mark(body)) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(CallError::Unexpected("an answer that is no JSON object".to_owned())),
    }
}

fn into_value(mut object: Object, name: &str) -> Option<Value> {
    object.remove(name)
}

fn into_object(value: Value) -> Option<Object> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn guid_of_url(url: &str) -> Option<Uuid> {
    let (_, rest) = url.split_once("guid'").or_else(|| url.split_once("guid%27"))?;
    Uuid::try_parse(rest.get(..36)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_of_a_location_is_found_plain_and_encoded() {
        let key = "6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11";
        for url in
            [format!("http://h/b/Catalog_X(guid'{key}')"), format!("http://h/b/Catalog_X(guid%27{key}%27)")]
        {
            assert_eq!(guid_of_url(&url), Uuid::try_parse(key).ok());
        }
        assert_eq!(guid_of_url("http://h/b/Catalog_X"), None);
    }
}
