//! The portal: address, rights, limits and envelope around the methods.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::act;
use super::batch::{self, BatchEnd};
use super::counters::Counters;
use super::crm::Crm;
use super::emptied;
use super::envelope::{html_response, json_bytes, json_response, refuse, time_block};
use super::events::{Events, Writer};
use super::exchange;
use super::limits::{LeakyBucket, Operating, Reading};
use super::methods::{Answer, Call, Method, Refusal, find_method, is_for_applications};
use super::oauth::{Apps, Caller, Endpoints, HOPS, TokenFault};
use super::php::Php;
use super::plan::Tariff;
use super::query::{parse_multipart, parse_str};
use super::schema::Kind;
use super::settings::Settings;
use super::shown;
use crate::http::{Delivery, Request, Response};
use crate::world::{RecordQuery, World};

/// A simulated portal.
#[derive(Debug)]
pub struct Portal {
    pub(crate) settings: Settings,
    pub(crate) crm: Crm,
    pub(super) apps: Apps,
    pub(super) events: Events,
    /// Host names that the portal had, and the one that replaced each.
    pub(super) renamed: BTreeMap<String, String>,
    /// What a robot sets in each card of a kind that is made or changed.
    pub(super) robots: BTreeMap<Kind, Php>,
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
            robots: BTreeMap::new(),
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

    /// Contacts, companies and requisites alone, as they stand in the dump: for whoever looks after each write.
    pub fn cards(&self) -> Value {
        exchange::cards(&self.crm, self.settings.offset)
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
            apps: &self.apps,
            events: &mut self.events,
            writes: 0,
        };
        let outcome = (method.run)(&mut call, params);
        self.counters.writes += call.writes;
        // Imports start neither robots nor workflows.
        if !method.name.to_lowercase().ends_with("import") {
            self.run_robots(at);
        }
        self.tell_changes(at, &caller.writer(params));
        let reading = self.operating.charge(caller.client.as_deref(), method.name, at, cost, &self.settings);
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
        if caller.client.is_none() && is_for_applications(name) {
            let text = "Current authorization type is denied for this method";
            return Err(Refusal::new(403, "WRONG_AUTH_TYPE", text));
        }
        let Some(method) = find_method(name).filter(|method| self.settings.has(method.name)) else {
            return Err(Refusal::new(404, "ERROR_METHOD_NOT_FOUND", "Method not found!"));
        };
        if !self.settings.grants(method.scope) {
            let token = if caller.client.is_some() { "access" } else { "webhook" };
            let text = format!("The request requires higher privileges than provided by the {token} token");
            return Err(Refusal::new(403, "insufficient_scope", text));
        }
        let unconfirmed = self.settings.state.unconfirmed();
        if let Some(refusal) = unconfirmed.filter(|_| self.settings.needs_confirmation(method.name)) {
            return Err(refusal);
        }
        if self.operating.is_used_up(caller.client.as_deref(), method.name, at, &self.settings) {
            return Err(Refusal::new(
                429,
                "OPERATION_TIME_LIMIT",
                "Method is blocked due to operation time limit.",
            ));
        }
        Ok(method)
    }

    /// Lets everybody hear of what has changed since the last time.
    fn tell_changes(&mut self, at: Timestamp, writer: &Writer) {
        for change in std::mem::take(&mut self.crm.untold) {
            self.events.tell(&change, at, writer, &self.settings);
        }
    }

    /// The answer under a name that the portal has no more: the same address under the new one.
    fn moved(&self, request: &Request) -> Option<Response> {
        let host = request.header("host")?;
        let name = host.split(':').next().unwrap_or_default();
        let new = self.renamed.get(name)?;
        let is_local = ["127.0.0.1", "localhost"].contains(&name);
        let (scheme, port) = if is_local { (request.scheme(), &host[name.len()..]) } else { ("https", "") };
        let mut response = html_response(302, "Found");
        response.headers.push(("Location".to_owned(), format!("{scheme}://{new}{port}{}", request.target)));
        Some(response)
    }

    /// Who calls by the user and secret of an address.
    fn webhook_owner(&self, now: Timestamp, user: &str, secret: &str) -> Result<Caller, Refusal> {
        let is_over = self.settings.webhook_ends.is_some_and(|end| end <= now.as_second());
        if user != self.settings.user.to_string() || secret != self.settings.secret || is_over {
            return Err(Refusal::new(403, "INVALID_CREDENTIALS", "Invalid request credentials"));
        }
        Ok(Caller { client: None, user: self.settings.user, hops: HOPS })
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
            TokenFault::Removed => Refusal::new(401, "APPLICATION_NOT_FOUND", "Application not found"),
        })
    }

    /// Whether the portal works for a caller it knows: by its plan, its state, and who the user is.
    fn let_in(&self, caller: &Caller) -> Result<(), Refusal> {
        if self.settings.tariff == Tariff::Free {
            let text = match caller.client {
                Some(_) => "REST is available only on commercial plans.",
                None => "REST is available only by subscription.",
            };
            return Err(Refusal::new(403, "ACCESS_DENIED", text));
        }
        if let Some(refusal) = self.settings.state.shut_out() {
            return Err(refusal);
        }
        let user = self.crm.users.get(&caller.user);
        let tells = |key: &str| user.and_then(|user| user.get(key));
        if tells("ACTIVE").is_some_and(|active| !active.truthy() || active.as_text().as_deref() == Some("N"))
        {
            return Err(Refusal::new(401, "authorization_error", "Unable to authorize user"));
        }
        if tells("USER_TYPE").and_then(Php::as_text).is_some_and(|kind| kind == "extranet") {
            return Err(Refusal::new(403, "allowed_only_intranet_user", "Extranet user is not allowed"));
        }
        Ok(())
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
            let endpoints = Endpoints::of(request, &self.settings);
            let params = parameters(query, request);
            let (status, body) = self.apps.token(&params, now.as_second(), &endpoints, &self.settings);
            return json_bytes(status, body.to_string().into_bytes(), Duration::ZERO);
        }
        self.counters.requests += 1;
        self.events.begin_hit();
        if let Some(moved) = self.moved(request) {
            return moved;
        }
        if !self.bucket.admit(now, &self.settings) {
            self.counters.limited_503 += 1;
            let refusal = Refusal::new(503, "QUERY_LIMIT_EXCEEDED", "Too many requests");
            return refuse(&refusal, Duration::ZERO);
        }
        if let Some(refusal) = self.settings.state.closed() {
            self.counters.errors += 1;
            return refuse(&refusal, Duration::ZERO);
        }
        // The web server takes slashes beside each other for one.
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let params = parameters(query, request);
        let known = match parts.as_slice() {
            ["rest", user, secret, method] => {
                self.webhook_owner(now, user, secret).map(|caller| (caller, *method))
            }
            ["rest", method] => self.token_owner(now, &params).map(|caller| (caller, *method)),
            _ => {
                self.counters.errors += 1;
                return html_response(404, "Not Found");
            }
        };
        let known = known.and_then(|(caller, method)| self.let_in(&caller).map(|()| (caller, method)));
        let (caller, method) = match known {
            Ok(known) => known,
            Err(refusal) => {
                self.counters.errors += 1;
                return refuse(&refusal, Duration::ZERO);
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

    fn records(&self, wanted: &RecordQuery) -> Result<Value, String> {
        shown::records(&self.crm, wanted, self.settings.offset)
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
        self.events.begin_hit();
        if let Some(done) = self.act_on_portal(now, action) {
            return done;
        }
        if action.get("do").and_then(Value::as_str) == Some("other_apps") {
            return self.let_others_work(now, action);
        }
        let done = act::act(&mut self.crm, now, action, &self.settings);
        self.run_robots(now);
        // A robot has no user, and what it does brings no tokens.
        let is_robot = action.get("robot").and_then(Value::as_bool).unwrap_or(false);
        let user = action.get("user").and_then(|user| match user {
            Value::String(user) => user.parse().ok(),
            user => user.as_u64(),
        });
        let user = (!is_robot).then(|| user.unwrap_or(self.settings.user));
        self.tell_changes(now, &Writer { client: None, connector: String::new(), user, hops: HOPS });
        done
    }
}

/// Query and body merged; the body wins. A body that does not decode counts as no parameters.
fn parameters(query: &str, request: &Request) -> Php {
    let mut params = parse_str(query);
    let kind = request.header("content-type").unwrap_or_default();
    let body = if kind.contains("json") {
        serde_json::from_slice(&request.body).unwrap_or_default()
    } else if let Some((_, boundary)) = kind.split_once("boundary=") {
        parse_multipart(boundary.split(';').next().unwrap_or_default().trim_matches('"'), &request.body)
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
