//! The standard OData interface of 1C: objects as JSON without metadata.
//!
//! Not responsible for sending (see `caller`) and for what the objects mean. Invariant: a read that nobody answered is
//! repeated, a write never.

mod query;

use futures_util::future::try_join_all;
use obmen_engine::ports::SideError;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::caller::{Call, Caller};
use crate::condition::Condition;
use crate::fault::{CallError, read_answer, without_mark};
use crate::settings::Settings;
use crate::wire::{REF, guid};
use query::{encode_path, or_filters};

pub(crate) use query::Query;
#[cfg(test)]
pub(crate) use query::filter as spelled;

/// A JSON object of an interface.
pub(crate) type Object = Map<String, Value>;

/// A client of one published infobase.
pub(crate) struct Odata {
    base: String,
    caller: Caller,
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
    pub(crate) fn new(settings: &Settings, caller: Caller) -> Self {
        Self {
            base: query::encode_base(settings.url.trim_end_matches('/')),
            caller,
            allowed_only: settings.allowed_only,
        }
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
        self.rows_with(query, &query::filter(&query.filter)).await
    }

    async fn rows_with(&self, query: &Query<'_>, filter: &str) -> Result<Vec<Object>, SideError> {
        let body = self
            .get(query.path(self.allowed_only, filter), "application/json")
            .await
            .map_err(|e| e.into_side(query.set))?;
        let document = parse_object(&body).map_err(|error| error.into_side(query.set))?;
        drop(body);
        match into_value(document, "value") {
            Some(Value::Array(rows)) => Ok(rows.into_iter().filter_map(into_object).collect()),
            _ => Err(CallError::Unexpected("an answer without rows".to_owned()).into_side(query.set)),
        }
    }

    /// The rows of a set that follow a reference, and the last of them where more may follow.
    pub(crate) async fn page(
        &self,
        query: &Query<'_>,
        after: Option<Uuid>,
        size: usize,
    ) -> Result<(Vec<Object>, Option<Uuid>), SideError> {
        let query = Query { top: Some(size), ..query.clone() };
        let rows = self.rows_with(&query, &query::behind(after, query::filter(&query.filter))).await?;
        let last = rows.last().and_then(|row| guid(row, REF)).filter(|_| rows.len() >= size);
        Ok((rows, last))
    }

    /// Rows that meet one of the conditions, in as many requests as the length of an address needs.
    pub(crate) async fn rows_of_any(
        &self,
        query: &Query<'_>,
        conditions: &[Condition],
    ) -> Result<Vec<Object>, SideError> {
        let room =
            query::LONGEST_URL.saturating_sub(self.base.len() + query.path(self.allowed_only, "").len());
        let filters = or_filters(conditions.iter().map(query::condition), room);
        let answers = filters.iter().map(|filter| self.rows_with(query, filter));
        Ok(try_join_all(answers).await?.into_iter().flatten().collect())
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
        let answer =
            self.caller.once(self.call("POST", &target, accept, Vec::new())).await.and_then(read_answer);
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
        let mut call = self.call(method, &target, "application/json", body);
        call.headers.extend(headers);
        let response = self.caller.once(call).await?;
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
        let call = Call { is_write: false, ..self.call("GET", &target, accept, Vec::new()) };
        self.caller.patiently(call, read_answer, CallError::may_pass).await
    }

    fn call(&self, method: &'static str, target: &str, accept: &str, body: Vec<u8>) -> Call {
        let headers = vec![("Accept".to_owned(), accept.to_owned())];
        Call { method, url: self.base.clone() + target, headers, body, is_write: true }
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
