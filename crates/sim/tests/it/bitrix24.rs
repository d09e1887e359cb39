//! The simulated portal: a bench whose clock moves one second before each request, and the stories on it.

mod addresses;
mod applications;
mod bank_details;
mod batch;
mod bin;
mod bulk;
mod business;
mod cards;
mod catch_up;
mod changes;
mod duplicates;
mod events;
mod exchange;
mod item_values;
mod items;
mod limits;
mod links;
mod lists;
mod merging;
mod multifields;
mod oauth;
mod plans;
mod queues;
mod requests;
mod requisites;
mod rights;
mod timeline;
mod userfields;
mod users;
mod volatile;
mod wire;

use jiff::{SignedDuration, Timestamp};
use obmen_sim::bitrix24::{Portal, Settings};
use obmen_sim::http::{Request, Response};
use obmen_sim::world::World;
use serde_json::{Value, json};

pub(crate) struct Bench {
    pub(crate) portal: Portal,
    pub(crate) now: Timestamp,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let now = "2026-09-21T07:00:00Z".parse().unwrap();
        Self { portal: Portal::new(settings), now }
    }

    #[expect(clippy::needless_pass_by_value, reason = "json!(…) reads better without an ampersand")]
    pub(crate) fn load(&mut self, line: Value) {
        self.portal.load(&line).unwrap();
    }

    pub(crate) fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    /// Sends any request a second later.
    pub(crate) fn send(&mut self, method: &str, target: &str, kind: &str, body: &[u8]) -> Response {
        self.pass(1);
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: body.to_vec(),
        };
        self.portal.handle(self.now, &request)
    }

    /// Posts JSON to a method.
    pub(crate) fn post(&mut self, method: &str, params: &Value) -> Response {
        let target = format!("{}{method}", self.portal.settings().path());
        self.send("POST", &target, "application/json", params.to_string().as_bytes())
    }

    /// The whole envelope of an answer with status 200.
    #[expect(clippy::needless_pass_by_value, reason = "json!(…) reads better without an ampersand")]
    pub(crate) fn envelope(&mut self, method: &str, params: Value) -> Value {
        let response = self.post(method, &params);
        let body = body(&response);
        assert_eq!(response.status, 200, "{method}: {body}");
        body
    }

    /// The result of a call that must succeed.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        let envelope = self.envelope(method, params);
        assert!(envelope.get("error").is_none(), "{method}: {envelope}");
        envelope["result"].clone()
    }

    /// Status, code and text of a call that must fail.
    #[expect(clippy::needless_pass_by_value, reason = "json!(…) reads better without an ampersand")]
    pub(crate) fn fail(&mut self, method: &str, params: Value) -> (u16, Value, String) {
        let response = self.post(method, &params);
        let body = body(&response);
        let description = body["error_description"].as_str().unwrap_or_default().to_owned();
        assert!(body.get("error").is_some(), "{method}: {body}");
        assert!(body.get("result").is_none() && body.get("time").is_none(), "{method}: {body}");
        (response.status, body["error"].clone(), description)
    }

    #[expect(clippy::needless_pass_by_value, reason = "json!(…) reads better without an ampersand")]
    pub(crate) fn contact(&mut self, fields: Value) -> i64 {
        self.call("crm.contact.add", json!({ "fields": fields })).as_i64().unwrap()
    }

    pub(crate) fn company(&mut self, title: &str) -> i64 {
        self.call("crm.company.add", json!({ "fields": { "TITLE": title } })).as_i64().unwrap()
    }

    /// What a person does at the screen; it must succeed.
    #[expect(clippy::needless_pass_by_value, reason = "json!(…) reads better without an ampersand")]
    pub(crate) fn act(&mut self, action: Value) -> Value {
        self.portal.act(self.now, &action).unwrap()
    }

    /// Event and record of each delivery that is due, in the order of arrival.
    pub(crate) fn told(&mut self) -> Vec<(String, String)> {
        let deliveries = self.portal.take_deliveries(self.now);
        let field = |body: &str, key: &str| {
            let mut pairs = form_urlencoded::parse(body.as_bytes());
            pairs.find(|(name, _)| name == key).map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        deliveries.iter().map(|d| (field(&d.body, "event"), field(&d.body, "data[FIELDS][ID]"))).collect()
    }

    /// An outgoing webhook that hears everything.
    pub(crate) fn listen(&mut self) {
        self.act(json!({ "do": "listen", "url": "http://127.0.0.1:9/hook" }));
    }

    pub(crate) fn get(&mut self, id: i64) -> Value {
        self.call("crm.contact.get", json!({ "id": id }))
    }
}

pub(crate) fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

/// An event of a record, as [`Bench::told`] gives it.
pub(crate) fn event(name: &str, id: i64) -> (String, String) {
    (name.to_owned(), id.to_string())
}

/// The ids of a list's rows as numbers.
pub(crate) fn ids(rows: &Value) -> Vec<i64> {
    rows.as_array().unwrap().iter().map(|row| row["ID"].as_str().unwrap().parse().unwrap()).collect()
}
