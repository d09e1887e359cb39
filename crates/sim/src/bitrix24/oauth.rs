//! Installed applications, their tokens, and the vendor's authorisation server at `/oauth/token/`.
//!
//! Tokens are counted, not drawn, so that the same requests give the same tokens. Not responsible for what an
//! application may call. Invariant: a refresh token works once, and what an application had ends with it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::php::Php;
use super::plan::State;
use super::settings::Settings;
use crate::http::Request;

/// Life of an access token.
const ACCESS_SECONDS: i64 = 3600;
/// Life of a refresh token.
const REFRESH_SECONDS: i64 = 180 * 24 * 3600;
/// Life of the code that a browser brings back.
const CODE_SECONDS: i64 = 30;

/// Calls by tokens out of events that may follow each other before the portal falls silent.
pub(crate) const HOPS: u8 = 7;

/// On whose behalf a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The application's client id; a webhook has none.
    pub(crate) client: Option<String>,
    /// The user whose rights hold.
    pub(crate) user: u64,
    /// How many events in a row may still come of what this caller does.
    pub(crate) hops: u8,
}

/// All applications of the portal.
#[derive(Debug, Default)]
pub(crate) struct Apps {
    apps: BTreeMap<String, App>,
    /// Secrets of removed applications, and the tokens they had.
    removed: BTreeMap<String, String>,
    orphans: BTreeSet<String>,
    issued: u64,
}

#[derive(Debug)]
struct App {
    secret: String,
    application_token: String,
    /// Whether its installation is complete; an application with an interface says so in a browser.
    is_installed: bool,
    /// Each code with the second in which it ends, and its user.
    codes: BTreeMap<String, (i64, u64)>,
    access: BTreeMap<String, Access>,
    refresh: BTreeMap<String, (i64, u64)>,
}

#[derive(Debug, Clone, Copy)]
struct Access {
    ends: i64,
    user: u64,
    hops: u8,
}

/// Why a token does not open the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenFault {
    Unknown,
    Expired,
    /// Its application is not installed any more.
    Removed,
}

/// The addresses that an answer names.
pub(crate) struct Endpoints {
    pub(crate) client: String,
    pub(crate) server: String,
}

impl Endpoints {
    /// A simulator that is called by its own address names that; otherwise the portal has its public name.
    pub(crate) fn of(request: &Request, settings: &Settings) -> Self {
        let scheme = request.scheme();
        match request
            .header("host")
            .filter(|host| host.starts_with("127.0.0.1") || host.starts_with("localhost"))
        {
            Some(host) => {
                let own = format!("{scheme}://{host}/rest/");
                Self { client: own.clone(), server: own }
            }
            None => Self {
                client: format!("https://{}/rest/", settings.domain),
                server: "https://oauth.bitrix.info/rest/".to_owned(),
            },
        }
    }
}

impl Apps {
    /// Installs an application, or installs it again, and gives what its handler would get; and a code, as the
    /// browser would bring it. One with an interface is complete when [`Apps::finish`] says so.
    pub(crate) fn install(
        &mut self,
        client: &str,
        secret: &str,
        has_interface: bool,
        now: i64,
        settings: &Settings,
    ) -> Value {
        self.uninstall(client);
        self.removed.remove(client);
        let application_token = self.next("app");
        let app = App {
            secret: secret.to_owned(),
            application_token: application_token.clone(),
            is_installed: !has_interface,
            codes: BTreeMap::new(),
            access: BTreeMap::new(),
            refresh: BTreeMap::new(),
        };
        self.apps.insert(client.to_owned(), app);
        let code = self.code(client, settings.user, now).unwrap_or_default();
        let (access, refresh) = self.pair(client, settings.user, now);
        json!({
            "code": code,
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": ACCESS_SECONDS,
            "application_token": application_token,
            "member_id": settings.member_id,
            "domain": settings.domain,
        })
    }

    /// Removes an application; whether there was one.
    pub(crate) fn uninstall(&mut self, client: &str) -> bool {
        let Some(app) = self.apps.remove(client) else {
            return false;
        };
        self.removed.insert(client.to_owned(), app.secret);
        self.orphans.extend(app.access.into_keys());
        true
    }

    /// Completes the installation of an application with an interface; whether there is one.
    pub(crate) fn finish(&mut self, client: &str) -> bool {
        self.apps.get_mut(client).map(|app| app.is_installed = true).is_some()
    }

    /// Whether an application's installation is complete.
    pub(crate) fn is_installed(&self, client: &str) -> bool {
        self.apps.get(client).is_some_and(|app| app.is_installed)
    }

    /// A fresh code for an installed application, on behalf of a user.
    pub(crate) fn code(&mut self, client: &str, user: u64, now: i64) -> Option<String> {
        let code = self.next("code");
        let app = self.apps.get_mut(client)?;
        app.codes.insert(code.clone(), (now + CODE_SECONDS, user));
        Some(code)
    }

    /// Lets all access tokens of an application end; whether it is installed.
    pub(crate) fn expire(&mut self, client: &str, now: i64) -> bool {
        let Some(app) = self.apps.get_mut(client) else {
            return false;
        };
        app.access.values_mut().for_each(|access| access.ends = access.ends.min(now));
        true
    }

    /// Whom a token lets in.
    pub(crate) fn caller(&self, token: &str, now: i64) -> Result<Caller, TokenFault> {
        if self.orphans.contains(token) {
            return Err(TokenFault::Removed);
        }
        let found = self.apps.iter().find_map(|(client, app)| Some((client, *app.access.get(token)?)));
        match found {
            None => Err(TokenFault::Unknown),
            Some((_, access)) if access.ends <= now => Err(TokenFault::Expired),
            Some((client, access)) => {
                Ok(Caller { client: Some(client.clone()), user: access.user, hops: access.hops })
            }
        }
    }

    /// The token by which an application recognises the portal's own requests.
    pub(crate) fn application_token(&self, client: &str) -> Option<&str> {
        self.apps.get(client).map(|app| app.application_token.as_str())
    }

    /// An access token alone, as it comes with an event.
    pub(crate) fn access(&mut self, client: &str, user: u64, hops: u8, now: i64) -> Option<String> {
        let token = self.next("access");
        let access = Access { ends: now + ACCESS_SECONDS, user, hops };
        self.apps.get_mut(client)?.access.insert(token.clone(), access);
        Some(token)
    }

    /// A refresh token beside those there are, as it comes with the ping of an offline queue.
    pub(crate) fn refresh(&mut self, client: &str, user: u64, now: i64) -> Option<String> {
        let token = self.next("refresh");
        self.apps.get_mut(client)?.refresh.insert(token.clone(), (now + REFRESH_SECONDS, user));
        Some(token)
    }

    /// A token that no application has.
    pub(crate) fn next(&mut self, kind: &str) -> String {
        self.issued += 1;
        format!("{kind}{:0width$}", self.issued, width = 32 - kind.len())
    }

    /// `/oauth/token/`: status and body of the answer.
    pub(crate) fn token(
        &mut self,
        params: &Php,
        now: i64,
        endpoints: &Endpoints,
        settings: &Settings,
    ) -> (u16, Value) {
        let text = |key: &str| params.get(key).and_then(Php::as_text).unwrap_or_default().into_owned();
        let refused = |status: u16, code: &str, text: &str| {
            (status, json!({ "error": code, "error_description": text }))
        };
        let (client, grant) = (text("client_id"), text("grant_type"));
        if self.removed.get(&client).is_some_and(|secret| *secret == text("client_secret")) {
            return refused(401, "NOT_INSTALLED", "Application not installed");
        }
        let Some(app) = self.apps.get_mut(&client).filter(|app| app.secret == text("client_secret")) else {
            // The one error that comes with status 200.
            return refused(200, "wrong_client", "Wrong client");
        };
        if settings.state == State::PaymentRequired {
            return refused(401, "PAYMENT_REQUIRED", "Payment required");
        }
        let granted = match grant.as_str() {
            "authorization_code" => app.codes.remove(&text("code")),
            "refresh_token" => app.refresh.remove(&text("refresh_token")),
            _ => {
                let text = "The request is malformed or grant_type is not supported";
                return refused(400, "invalid_request", text);
            }
        };
        let Some((_, user)) = granted.filter(|(ends, _)| now < *ends) else {
            return refused(400, "invalid_grant", "Invalid grant");
        };
        let (access, refresh) = self.pair(&client, user, now);
        // `expires` may be absent after a code, says the documentation; the vendor's own SDK insists on it.
        let answer = json!({
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": ACCESS_SECONDS,
            "expires": now + ACCESS_SECONDS,
            "client_endpoint": endpoints.client,
            "server_endpoint": endpoints.server,
            "domain": "oauth.bitrix.info",
            "member_id": settings.member_id,
            "scope": settings.scope_list(),
            "status": "L",
            "user_id": user,
        });
        (200, answer)
    }

    fn pair(&mut self, client: &str, user: u64, now: i64) -> (String, String) {
        let access = self.access(client, user, HOPS, now).unwrap_or_default();
        let refresh = self.refresh(client, user, now).unwrap_or_default();
        (access, refresh)
    }
}
