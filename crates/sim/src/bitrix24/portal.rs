//! The portal: address, rights, limits and envelope around the methods.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::{Value, json};

use super::act;
use super::batch::{self, BatchEnd};
use super::counters::Counters;
use super::crm::Crm;
use super::dates::format_instant;
use super::emptied;
use super::events::{EVENTS, Events, Owner, Writer};
use super::exchange;
use super::limits::{LeakyBucket, Operating, Reading};
use super::methods::{Answer, Call, Method, Refusal, find_method, is_for_applications};
use super::oauth::{Apps, Caller, Endpoints, TokenFault};
use super::php::{Key, Php};
use super::query::parse_str;
use super::settings::Settings;
use crate::http::{Delivery, Request, Response};
use crate::world::World;

/// A simulated portal.
#[derive(Debug)]
pub struct Portal {
    pub(crate) settings: Settings,
    pub(crate) crm: Crm,
    apps: Apps,
    events: Events,
    /// Host names that the portal had, and the one that replaced each.
    renamed: BTreeMap<String, String>,
    pub(super) bucket: LeakyBucket,
    pub(super) operating: Operating,
    counters: Counters,
}

/// What became of one call.
pub(crate) enum Executed {
    Answered {
        answer: Answer,
        cost: Duration,
        reading: Reading,
    },
    Refused {
        refusal: Refusal,
        cost: Duration,
    },
    /// The time of the request did not suffice.
    Cut,
}

impl Portal {
    /// An empty portal.
    pub fn new(settings: Settings) -> Self {
        Self {
            events: Events::new(settings.deliveries.seed),
            crm: Crm::new(settings.recycle_bin),
            settings,
            apps: Apps::default(),
            renamed: BTreeMap::new(),
            bucket: LeakyBucket::default(),
            operating: Operating::default(),
            counters: Counters::default(),
        }
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Changes rights or limits of the running portal.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// Executes one call within `remaining`, counting it for its own method.
    pub(crate) fn execute(
        &mut self,
        at: Timestamp,
        caller: &Caller,
        name: &str,
        params: &Php,
        remaining: Duration,
    ) -> Executed {
        let method = match self.admit(at, caller, name) {
            Ok(method) => method,
            Err(refusal) => {
                self.counters.errors += u64::from(refusal.status != 429);
                self.counters.limited_429 += u64::from(refusal.status == 429);
                return Executed::Refused { refusal, cost: Duration::ZERO };
            }
        };
        let cost = method.cost(params);
        if cost > remaining {
            self.counters.cut += 1;
            return Executed::Cut;
        }
        *self.counters.calls.entry(method.name.to_owned()).or_default() += 1;
        *self.counters.executed.entry(method.name).or_default() += cost;
        let mut call = Call {
            crm: &mut self.crm,
            settings: &self.settings,
            at,
            caller,
            events: &mut self.events,
            writes: 0,
        };
        let outcome = (method.run)(&mut call, params);
        self.counters.writes += call.writes;
        let connector = params.get("auth_connector").and_then(Php::as_text).unwrap_or_default().into_owned();
        self.tell_changes(at, &Writer { caller: Some(caller), connector });
        let reading = self.operating.charge(method.name, at, cost, &self.settings);
        match outcome {
            Ok(answer) => Executed::Answered { answer, cost, reading },
            Err(refusal) => {
                self.counters.errors += 1;
                Executed::Refused { refusal, cost }
            }
        }
    }

    /// The method, if it exists, is granted and has execution time left.
    fn admit(&mut self, at: Timestamp, caller: &Caller, name: &str) -> Result<&'static Method, Refusal> {
        if *caller == Caller::Webhook && is_for_applications(name) {
            let text = "Current authorization type is denied for this method";
            return Err(Refusal::new(403, "WRONG_AUTH_TYPE", text));
        }
        let Some(method) = find_method(name).filter(|method| self.settings.has(method.name)) else {
            return Err(Refusal::new(404, "ERROR_METHOD_NOT_FOUND", "Method not found!"));
        };
        if !self.settings.grants(method.scope) {
            return Err(Refusal::new(
                403,
                "insufficient_scope",
                "The request requires higher privileges than provided by the webhook token",
            ));
        }
        if self.operating.is_used_up(method.name, at, &self.settings) {
            return Err(Refusal::new(
                429,
                "OPERATION_TIME_LIMIT",
                "Method is blocked due to operation time limit.",
            ));
        }
        Ok(method)
    }

    /// Lets everybody hear of what has changed since the last time.
    fn tell_changes(&mut self, at: Timestamp, writer: &Writer<'_>) {
        for change in std::mem::take(&mut self.crm.untold) {
            self.events.tell(change, at, writer, &self.settings);
        }
    }

    /// What an administrator sets up with an outgoing webhook: `{"do": "listen", "url": …, "events": […]}`, all
    /// events if none are named. Gives the token by which its receiver knows it.
    fn add_outgoing_webhook(&mut self, action: &Value) -> Result<Value, String> {
        let url = action.get("url").and_then(Value::as_str).unwrap_or_default();
        if !url.starts_with("http://") {
            return Err(format!("{url:?} is no address that begins with http://"));
        }
        let named = |event: &str| match action.get("events").and_then(Value::as_array) {
            Some(events) => {
                events.iter().filter_map(Value::as_str).any(|name| name.eq_ignore_ascii_case(event))
            }
            None => true,
        };
        let token = self.apps.next("hook");
        for event in EVENTS.into_iter().filter(|event| named(event)) {
            self.events.listen(event, url, Owner::Webhook { application_token: token.clone() });
        }
        Ok(json!({ "application_token": token }))
    }

    /// Gives the portal another host name: `{"do": "rename", "domain": …}`. `from` names another old host than the
    /// present one, such as the simulator's own address.
    fn rename(&mut self, from: &str, domain: &str) -> Result<Value, String> {
        if domain.is_empty() {
            return Err("a renamed portal needs a domain".to_owned());
        }
        let from = if from.is_empty() { self.settings.domain.clone() } else { from.to_owned() };
        self.renamed.remove(domain);
        self.renamed.insert(from, domain.to_owned());
        domain.clone_into(&mut self.settings.domain);
        Ok(json!({}))
    }

    /// The answer under a name that the portal has no more: the same address under the new one.
    fn moved(&self, request: &Request) -> Option<Response> {
        let host = request.header("host")?;
        let name = host.split(':').next().unwrap_or_default();
        let new = self.renamed.get(name)?;
        let is_local = ["127.0.0.1", "localhost"].contains(&name);
        let (scheme, port) = if is_local { ("http", &host[name.len()..]) } else { ("https", "") };
        let mut response = html_response(302, "Found");
        response.headers.push(("Location".to_owned(), format!("{scheme}://{new}{port}{}", request.target)));
        Some(response)
    }

    /// Whom the parameter `auth` lets in.
    fn token_owner(&self, now: Timestamp, params: &Php) -> Result<Caller, Refusal> {
        let token = params.get("auth").and_then(Php::as_text).unwrap_or_default();
        if token.is_empty() {
            return Err(Refusal::new(401, "NO_AUTH_FOUND", "Wrong authorization data"));
        }
        self.apps.caller(&token, now.as_second()).map_err(|fault| match fault {
            TokenFault::Unknown => Refusal::new(401, "invalid_token", "Unable to get application by token"),
            TokenFault::Expired => {
                Refusal::new(401, "expired_token", "The access token provided has expired.")
            }
        })
    }

    /// What an administrator does with applications: `{"do": "install", "client_id": …, "client_secret": …}`,
    /// `authorize`, `expire`, `uninstall`. Nothing, if the action is about something else.
    fn act_on_application(&mut self, now: Timestamp, action: &Value) -> Option<Result<Value, String>> {
        let text = |key: &str| action.get(key).and_then(Value::as_str).unwrap_or_default();
        let (client, now) = (text("client_id"), now.as_second());
        let unknown = || format!("there is no application {client:?}");
        let done = match text("do") {
            "install" if client.is_empty() => Err("an application needs a client_id".to_owned()),
            "install" => {
                // Handlers vanish when an application is installed anew.
                self.events.forget(client);
                Ok(self.apps.install(client, text("client_secret"), now, &self.settings))
            }
            "authorize" => {
                self.apps.code(client, now).map(|code| json!({ "code": code })).ok_or_else(unknown)
            }
            "expire" => self.apps.expire(client, now).then(|| json!({})).ok_or_else(unknown),
            "uninstall" => {
                self.events.forget(client);
                self.apps.uninstall(client).then(|| json!({})).ok_or_else(unknown)
            }
            "rename" => self.rename(text("from"), text("domain")),
            "listen" => self.add_outgoing_webhook(action),
            _ => return None,
        };
        Some(done)
    }

    fn answer(&mut self, now: Timestamp, caller: &Caller, method: &str, params: &Php) -> Response {
        let remaining = self.settings.request_time();
        if method.eq_ignore_ascii_case("batch") {
            *self.counters.calls.entry("batch".to_owned()).or_default() += 1;
            return match batch::run(self, now, caller, params) {
                Ok(BatchEnd::Answered { result, took }) => {
                    let time = time_block(now, took, None, self.settings.offset);
                    json_response(200, &Php::map([("result", result), ("time", time)]), took)
                }
                Ok(BatchEnd::Cut) => Response::cut(remaining),
                Err(refusal) => {
                    self.counters.errors += 1;
                    refuse(&refusal, Duration::ZERO)
                }
            };
        }
        match self.execute(now, caller, method, params, remaining) {
            Executed::Cut => Response::cut(remaining),
            Executed::Refused { refusal, cost } => refuse(&refusal, cost),
            Executed::Answered { answer, cost, reading } => {
                let mut envelope = Php::map([("result", answer.result)]);
                if let Some(next) = answer.next {
                    envelope.set("next", Php::Int(next));
                }
                if let Some(total) = answer.total {
                    envelope.set("total", Php::Int(total));
                }
                envelope.set("time", time_block(now, cost, Some(reading), self.settings.offset));
                json_response(200, &envelope, cost)
            }
        }
    }
}

impl World for Portal {
    fn handle(&mut self, now: Timestamp, request: &Request) -> Response {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        if path.trim_end_matches('/') == "/oauth/token" {
            // The vendor's server, not the portal: neither counts nor limits.
            let endpoints = Endpoints::of_host(request.header("host"), &self.settings);
            let params = parameters(query, request);
            let (status, body) = self.apps.token(&params, now.as_second(), &endpoints, &self.settings);
            return json_bytes(status, body.to_string().into_bytes(), Duration::ZERO);
        }
        self.counters.requests += 1;
        if let Some(moved) = self.moved(request) {
            return moved;
        }
        if !self.bucket.admit(now, &self.settings) {
            self.counters.limited_503 += 1;
            let refusal = Refusal::new(503, "QUERY_LIMIT_EXCEEDED", "Too many requests");
            return refuse(&refusal, Duration::ZERO);
        }
        // The web server takes slashes beside each other for one.
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let params = parameters(query, request);
        let (caller, method) = match parts.as_slice() {
            ["rest", user, secret, method] => {
                if *user != self.settings.user.to_string() || *secret != self.settings.secret {
                    self.counters.errors += 1;
                    let refusal = Refusal::new(403, "INVALID_CREDENTIALS", "Invalid request credentials");
                    return refuse(&refusal, Duration::ZERO);
                }
                (Caller::Webhook, *method)
            }
            ["rest", method] => match self.token_owner(now, &params) {
                Ok(caller) => (caller, *method),
                Err(refusal) => {
                    self.counters.errors += 1;
                    return refuse(&refusal, Duration::ZERO);
                }
            },
            _ => {
                self.counters.errors += 1;
                return html_response(404, "Not Found");
            }
        };
        let method = method.strip_suffix(".json").unwrap_or(method);
        self.answer(now, &caller, method, &params)
    }

    fn without_rows(&self, request: &Request, mut response: Response) -> Response {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let method = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let method = method.strip_suffix(".json").unwrap_or(method);
        let params = parameters(query, request);
        if let Some(body) = emptied::without_rows(method, &params, &response.body) {
            response.body = body;
        }
        response
    }

    fn load(&mut self, line: &Value) -> Result<(), String> {
        exchange::load(&mut self.crm, line, self.settings.offset)
    }

    fn dump(&self) -> Value {
        exchange::dump(&self.crm, self.settings.offset)
    }

    fn take_deliveries(&mut self, now: Timestamp) -> Vec<Delivery> {
        self.events.take_due(now, &mut self.apps, &self.settings)
    }

    fn counters(&self) -> Value {
        self.counters.to_json()
    }

    fn reset_counters(&mut self) {
        self.counters = Counters::default();
    }

    fn act(&mut self, now: Timestamp, action: &Value) -> Result<Value, String> {
        if let Some(done) = self.act_on_application(now, action) {
            return done;
        }
        if action.get("do").and_then(Value::as_str) == Some("other_apps") {
            return self.let_others_work(now, action);
        }
        let done = act::act(&mut self.crm, now, action, &self.settings);
        self.tell_changes(now, &Writer { caller: None, connector: String::new() });
        done
    }
}

/// Query and body merged; the body wins. A body that does not decode counts as no parameters.
fn parameters(query: &str, request: &Request) -> Php {
    let mut params = parse_str(query);
    let is_json = request.header("content-type").is_some_and(|kind| kind.contains("json"));
    let body = if is_json {
        serde_json::from_slice(&request.body).unwrap_or_default()
    } else {
        parse_str(&String::from_utf8_lossy(&request.body))
    };
    if let Php::Map(entries) = body {
        for (key, value) in entries {
            params.set(key, value);
        }
    }
    params
}

/// The `time` of an answer.
pub(crate) fn time_block(begun: Timestamp, took: Duration, reading: Option<Reading>, offset: Offset) -> Php {
    let finished = begun + took;
    let seconds = |at: Timestamp| Php::Float(at.as_microsecond() as f64 / 1e6);
    let mut time: Vec<(Key, Php)> = vec![
        ("start".into(), seconds(begun)),
        ("finish".into(), seconds(finished)),
        ("duration".into(), Php::Float(took.as_secs_f64())),
        ("processing".into(), Php::Float(took.as_secs_f64())),
        ("date_start".into(), Php::Text(format_instant(begun.as_second(), offset))),
        ("date_finish".into(), Php::Text(format_instant(finished.as_second(), offset))),
    ];
    if let Some(reading) = reading {
        // Rounded up, so that whoever waits until then has waited long enough.
        let reset_at = reading.reset_at.as_second() + i64::from(reading.reset_at.subsec_nanosecond() > 0);
        time.push(("operating_reset_at".into(), Php::Int(reset_at)));
        time.push(("operating".into(), Php::Float(reading.spent.as_secs_f64())));
    }
    Php::Map(time)
}

fn refuse(refusal: &Refusal, took: Duration) -> Response {
    json_response(refusal.status, &refusal.to_php(), took)
}

fn json_response(status: u16, body: &Php, took: Duration) -> Response {
    // Room for a page of records: growing step by step costs more than writing.
    let mut bytes = Vec::with_capacity(1 << 16);
    serde_json::to_writer(&mut bytes, body).expect("a PHP value has text keys and finite numbers only");
    json_bytes(status, bytes, took)
}

fn json_bytes(status: u16, body: Vec<u8>, took: Duration) -> Response {
    let headers = vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())];
    Response { status, headers, body, took }
}

fn html_response(status: u16, title: &str) -> Response {
    let body = format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
    let headers = vec![("Content-Type".to_owned(), "text/html; charset=utf-8".to_owned())];
    Response { status, headers, body: body.into_bytes(), took: Duration::ZERO }
}
