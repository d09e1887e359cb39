//! What an administrator of the portal, or its vendor, does at their screens: applications and webhooks, the name
//! and the plan of the portal, rights, and the road of its events.
//!
//! Not responsible for records, which people change in `exchange`. Nothing here costs time or meets a limit.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Portal;
use super::dates::parse_instant;
use super::events::{CRM_EVENTS, Owner};
use super::plan::named;

impl Portal {
    /// Does an action about the portal itself; nothing, if it is about something else.
    pub(super) fn act_on_portal(&mut self, now: Timestamp, action: &Value) -> Option<Result<Value, String>> {
        let text = |key: &str| action.get(key).and_then(Value::as_str).unwrap_or_default();
        let (client, seconds) = (text("client_id"), now.as_second());
        let unknown = || format!("there is no application {client:?}");
        let done = match text("do") {
            "install" if client.is_empty() => Err("an application needs a client_id".to_owned()),
            "install" => Ok(self.install(now, client, action)),
            "finish-install" => self.apps.finish(client).then(|| json!({})).ok_or_else(unknown),
            "authorize" => {
                let user = number(action, "user").unwrap_or(self.settings.user);
                self.apps.code(client, user, seconds).map(|code| json!({ "code": code })).ok_or_else(unknown)
            }
            "expire" => self.apps.expire(client, seconds).then(|| json!({})).ok_or_else(unknown),
            "uninstall" => {
                self.events.forget(client);
                self.apps.uninstall(client).then(|| json!({})).ok_or_else(unknown)
            }
            "rename" => self.rename(text("from"), text("domain")),
            "listen" => self.add_outgoing_webhook(action),
            "webhook" => self.edit_webhook(action),
            "portal" => self.set_plan(action),
            "rights" => self.set_rights(action),
            "robot" => self.set_robot(action),
            "deliveries" => self.set_deliveries(action),
            _ => return None,
        };
        Some(done)
    }

    /// `{"do": "install", "client_id": …, "client_secret": …}`. Handlers vanish when an application is installed
    /// anew. `handler` is the address that hears of the installation; an application with an `interface` is
    /// complete after `finish-install`.
    fn install(&mut self, now: Timestamp, client: &str, action: &Value) -> Value {
        let text = |key: &str| action.get(key).and_then(Value::as_str).unwrap_or_default();
        let has_interface = action.get("interface").and_then(Value::as_bool).unwrap_or(false);
        self.events.forget(client);
        let secret = text("client_secret");
        let installed = self.apps.install(client, secret, has_interface, now.as_second(), &self.settings);
        if !text("handler").is_empty() {
            let token = |key: &str| installed[key].as_str().unwrap_or_default().to_owned();
            let tokens = (token("access_token"), token("refresh_token"));
            self.events.tell_install(text("handler"), client, tokens, now, &self.settings);
        }
        installed
    }

    /// What an administrator sets up with an outgoing webhook: `{"do": "listen", "url": …, "events": […]}`, all
    /// events if none are named. Gives the token by which its receiver knows it.
    fn add_outgoing_webhook(&mut self, action: &Value) -> Result<Value, String> {
        let url = action.get("url").and_then(Value::as_str).unwrap_or_default();
        if !url.starts_with("http://") {
            return Err(format!("{url:?} is no address that begins with http://"));
        }
        let is_ticked = |event: &str| match action.get("events").and_then(Value::as_array) {
            Some(events) => {
                events.iter().filter_map(Value::as_str).any(|name| name.eq_ignore_ascii_case(event))
            }
            None => true,
        };
        let token = self.apps.next("hook");
        for event in CRM_EVENTS.into_iter().filter(|event| is_ticked(event)) {
            self.events.listen(event, url, Owner::Webhook { application_token: token.clone() }, 0, 0);
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

    /// An edit of the incoming webhook: `{"do": "webhook", "secret": …, "user": 2, "expires": …}`. An
    /// administrator's edit gives it another secret and owner.
    fn edit_webhook(&mut self, action: &Value) -> Result<Value, String> {
        if let Some(expires) = action.get("expires").and_then(Value::as_str) {
            let end = parse_instant(expires, self.settings.offset);
            self.settings.webhook_ends = Some(end.ok_or_else(|| format!("{expires:?} is no moment"))?);
        }
        if let Some(user) = number(action, "user") {
            self.settings.user = user;
        }
        if let Some(secret) = action.get("secret").and_then(Value::as_str) {
            secret.clone_into(&mut self.settings.secret);
        }
        Ok(json!({ "path": self.settings.path() }))
    }

    /// `{"do": "portal", "state": …, "methods": […], "tariff": …, "checks_required_fields": true}`: what is left out stays.
    fn set_plan(&mut self, action: &Value) -> Result<Value, String> {
        if let Some(state) = action.get("state").and_then(Value::as_str) {
            self.settings.state = named(state)?;
            let methods = action.get("methods").and_then(Value::as_array).into_iter().flatten();
            self.settings.confirm_methods = methods.filter_map(Value::as_str).map(str::to_owned).collect();
        }
        if let Some(checks) = action.get("checks_required_fields").and_then(Value::as_bool) {
            self.settings.checks_required_fields = checks;
        }
        if let Some(tariff) = action.get("tariff").and_then(Value::as_str) {
            let tariff: super::Tariff = named(tariff)?;
            tariff.set_limits(&mut self.settings);
        }
        Ok(json!({}))
    }

    /// `{"do": "rights", "admin": false, "contacts": "own", "companies": "all/none"}`: reading and writing.
    fn set_rights(&mut self, action: &Value) -> Result<Value, String> {
        if let Some(admin) = action.get("admin").and_then(Value::as_bool) {
            self.settings.admin = admin;
        }
        let rights = |key: &str| action.get(key).and_then(Value::as_str).map(str::parse).transpose();
        if let Some(contacts) = rights("contacts")? {
            self.settings.rights.contacts = contacts;
        }
        if let Some(companies) = rights("companies")? {
            self.settings.rights.companies = companies;
        }
        Ok(json!({}))
    }

    /// `{"do": "deliveries", "delay_seconds": 5, "loss": 0.1, …}`: what is left out becomes as it is at first.
    fn set_deliveries(&mut self, action: &Value) -> Result<Value, String> {
        let mut given = action.clone();
        if let Some(given) = given.as_object_mut() {
            given.remove("do");
        }
        let deliveries = super::DeliverySettings::deserialize(given).map_err(|error| error.to_string())?;
        self.events.reseed(deliveries.seed);
        self.settings.deliveries = deliveries;
        Ok(json!({}))
    }
}

/// A number, or a text that is one.
fn number(action: &Value, key: &str) -> Option<u64> {
    let value = action.get(key)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
