//! Installed applications, their tokens, and the vendor's authorisation server at `/oauth/token/`.
//!
//! Tokens are counted, not drawn, so that the same requests give the same tokens. Not responsible for what an
//! application may call. Invariant: at any time one refresh token of an application works, and using it ends it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::php::Php;
use super::settings::Settings;

/// Life of an access token.
const ACCESS_SECONDS: i64 = 3600;
/// Life of a refresh token.
const REFRESH_SECONDS: i64 = 180 * 24 * 3600;
/// Life of the code that a browser brings back.
const CODE_SECONDS: i64 = 30;

/// On whose behalf a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    Webhook,
    /// An application, by its client id.
    Application(String),
}

impl Caller {
    /// The client id, where there is one.
    pub(crate) fn client(&self) -> Option<&str> {
        match self {
            Self::Webhook => None,
            Self::Application(client) => Some(client),
        }
    }
}

/// All applications of the portal.
#[derive(Debug, Default)]
pub(crate) struct Apps {
    apps: BTreeMap<String, App>,
    issued: u64,
}

#[derive(Debug)]
struct App {
    secret: String,
    application_token: String,
    /// Each code and the second in which it ends.
    codes: BTreeMap<String, i64>,
    access: BTreeMap<String, i64>,
    refresh: Option<(String, i64)>,
}

/// Why a token does not open the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenFault {
    Unknown,
    Expired,
}

/// The addresses that an answer names.
pub(crate) struct Endpoints {
    pub(crate) client: String,
    pub(crate) server: String,
}

impl Endpoints {
    /// A simulator that is called by its own address names that; otherwise the portal has its public name.
    pub(crate) fn of_host(host: Option<&str>, settings: &Settings) -> Self {
        match host.filter(|host| host.starts_with("127.0.0.1") || host.starts_with("localhost")) {
            Some(host) => {
                Self { client: format!("http://{host}/rest/"), server: format!("http://{host}/rest/") }
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
    /// browser would bring it.
    pub(crate) fn install(&mut self, client: &str, secret: &str, now: i64, settings: &Settings) -> Value {
        let application_token = self.next("app");
        let app = App {
            secret: secret.to_owned(),
            application_token: application_token.clone(),
            codes: BTreeMap::new(),
            access: BTreeMap::new(),
            refresh: None,
        };
        self.apps.insert(client.to_owned(), app);
        let code = self.code(client, now).unwrap_or_default();
        let (access, refresh) = self.pair(client, now);
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
        self.apps.remove(client).is_some()
    }

    /// A fresh code for an installed application.
    pub(crate) fn code(&mut self, client: &str, now: i64) -> Option<String> {
        let code = self.next("code");
        let app = self.apps.get_mut(client)?;
        app.codes.insert(code.clone(), now + CODE_SECONDS);
        Some(code)
    }

    /// Lets all access tokens of an application end; whether it is installed.
    pub(crate) fn expire(&mut self, client: &str, now: i64) -> bool {
        let Some(app) = self.apps.get_mut(client) else {
            return false;
        };
        app.access.values_mut().for_each(|end| *end = (*end).min(now));
        true
    }

    /// Whom a token lets in.
    pub(crate) fn caller(&self, token: &str, now: i64) -> Result<Caller, TokenFault> {
        let found = self.apps.iter().find_map(|(client, app)| Some((client, *app.access.get(token)?)));
        match found {
            None => Err(TokenFault::Unknown),
            Some((_, end)) if end <= now => Err(TokenFault::Expired),
            Some((client, _)) => Ok(Caller::Application(client.clone())),
        }
    }

    /// The token by which an application recognises the portal's own requests.
    pub(crate) fn application_token(&self, client: &str) -> Option<&str> {
        self.apps.get(client).map(|app| app.application_token.as_str())
    }

    /// An access token alone, as it comes with an event.
    pub(crate) fn access(&mut self, client: &str, now: i64) -> Option<String> {
        let token = self.next("access");
        self.apps.get_mut(client)?.access.insert(token.clone(), now + ACCESS_SECONDS);
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
        let (client, grant) = (text("client_id"), text("grant_type"));
        let Some(app) = self.apps.get_mut(&client).filter(|app| app.secret == text("client_secret")) else {
            // The one error that comes with status 200.
            return (200, json!({ "error": "wrong_client", "error_description": "Wrong client" }));
        };
        let is_granted = match grant.as_str() {
            "authorization_code" => app.codes.remove(&text("code")).is_some_and(|end| now < end),
            "refresh_token" => {
                let token = text("refresh_token");
                app.refresh.take_if(|(known, _)| *known == token).is_some_and(|(_, end)| now < end)
            }
            _ => {
                let text = "The request is malformed or grant_type is not supported";
                return (400, json!({ "error": "invalid_request", "error_description": text }));
            }
        };
        if !is_granted {
            return (400, json!({ "error": "invalid_grant", "error_description": "Invalid grant" }));
        }
        let (access, refresh) = self.pair(&client, now);
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
            "user_id": settings.user,
        });
        (200, answer)
    }

    fn pair(&mut self, client: &str, now: i64) -> (String, String) {
        let (access, refresh) = (self.next("access"), self.next("refresh"));
        if let Some(app) = self.apps.get_mut(client) {
            app.access.insert(access.clone(), now + ACCESS_SECONDS);
            app.refresh = Some((refresh.clone(), now + REFRESH_SECONDS));
        }
        (access, refresh)
    }
}
