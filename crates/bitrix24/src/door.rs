//! The way in at present: the address that requests go to, and the token they carry.
//!
//! A token lives for an hour and is renewed when the portal says that it is over. The key to the next one is replaced with
//! each renewal and works once, so the new pair is kept before it is used. A portal that was renamed answers under its old
//! name with the new one; where it has gone is kept as well. Not responsible for sending commands. Invariant: no token and
//! no key is in words or a debug output.

use std::sync::Arc;
use std::time::Duration;

use futures_util::lock::Mutex;
use obmen_domain::record::Side;
use obmen_engine::ports::{HttpRequest, Memory, SideError, Transport, TransportError};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::access::{Access, App, at_origin, origin};
use crate::call::{unavailable, unexpected};
use crate::wire::member;

/// The name under which tokens are kept.
pub const TOKENS: &str = "oauth/bitrix24";
/// The name under which whoever listens keeps a key that an installation brought. Whether it is one shows when it is used.
pub const OFFERED: &str = "oauth/bitrix24/offered";
/// The name under which it is kept where a renamed portal has gone.
const MOVED: &str = "moved/bitrix24";
/// How long the authorisation server may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where requests go, and with which token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Way {
    /// The address before a method's name, without a slash.
    pub(crate) base: String,
    /// The token of an application.
    pub(crate) token: Option<String>,
}

/// What is kept of an application.
#[derive(Clone, Serialize, Deserialize)]
struct Tokens {
    access: String,
    refresh: String,
    base: String,
    /// The portal's identity, which stays when it is renamed.
    member: String,
}

/// Where a renamed portal has gone.
#[derive(Serialize, Deserialize)]
struct Moved {
    from: String,
    to: String,
}

/// Why the authorisation server gives no token.
enum Refused {
    /// The key is used up, too old, or was never one.
    Key(String),
    Other(SideError),
}

/// The way into one portal.
pub(crate) struct Door {
    access: Access,
    transport: Arc<dyn Transport>,
    memory: Arc<dyn Memory>,
    way: Mutex<Option<Way>>,
}

impl Door {
    pub(crate) fn new(access: Access, transport: Arc<dyn Transport>, memory: Arc<dyn Memory>) -> Self {
        Self { access, transport, memory, way: Mutex::new(None) }
    }

    /// The way in at present.
    pub(crate) async fn way(&self) -> Result<Way, SideError> {
        let mut slot = self.way.lock().await;
        if let Some(way) = slot.as_ref() {
            return Ok(way.clone());
        }
        let way = match &self.access {
            Access::Webhook(url) => self.by_webhook(url).await?,
            Access::App(app) => match self.kept().await? {
                Some(tokens) => Way::of(&tokens),
                None => self.let_in(app, None).await?,
            },
        };
        *slot = Some(way.clone());
        Ok(way)
    }

    /// Gets another token in place of one that the portal does not take any more. Whoever comes second finds it renewed.
    pub(crate) async fn renew(&self, used: &Way) -> Result<(), SideError> {
        let mut slot = self.way.lock().await;
        let Access::App(app) = &self.access else { return Ok(()) };
        if slot.as_ref().is_some_and(|way| way.token != used.token) {
            return Ok(());
        }
        *slot = None;
        *slot = Some(self.let_in(app, self.kept().await?).await?);
        Ok(())
    }

    /// Follows a portal to another name. Returns whether there is one.
    pub(crate) async fn follow(&self, used: &Way, location: &str) -> Result<bool, SideError> {
        let mut slot = self.way.lock().await;
        let (Some(from), Some(to)) = (origin(&used.base), origin(location)) else { return Ok(false) };
        let is_weaker = from.starts_with("https://") && !to.starts_with("https://");
        if from == to || is_weaker {
            return Ok(false);
        }
        let way = Way { base: at_origin(&used.base, to), token: used.token.clone() };
        match &self.access {
            Access::Webhook(url) => {
                let from = origin(url).unwrap_or_default().to_owned();
                self.keep(MOVED, &Moved { from, to: to.to_owned() }).await?;
            }
            Access::App(_) => {
                if let Some(tokens) = self.kept().await? {
                    self.keep(TOKENS, &Tokens { base: way.base.clone(), ..tokens }).await?;
                }
            }
        }
        *slot = Some(way);
        Ok(true)
    }

    async fn by_webhook(&self, url: &str) -> Result<Way, SideError> {
        let url = url.trim_end_matches('/');
        let kept = self.memory.recall(MOVED).await?;
        let moved = kept.and_then(|text| serde_json::from_str::<Moved>(&text).ok());
        let moved = moved.filter(|moved| origin(url) == Some(moved.from.as_str()));
        let base = moved.map_or_else(|| url.to_owned(), |moved| at_origin(url, &moved.to));
        Ok(Way { base, token: None })
    }

    async fn kept(&self) -> Result<Option<Tokens>, SideError> {
        let kept = self.memory.recall(TOKENS).await?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Tries the keys there are: what an installation brought, the next one after those kept, the one to begin with.
    async fn let_in(&self, app: &App, kept: Option<Tokens>) -> Result<Way, SideError> {
        let offered = self.memory.recall(OFFERED).await?.filter(|key| !key.is_empty());
        let next = kept.as_ref().map(|tokens| tokens.refresh.clone());
        let mut words = "there is no token yet".to_owned();
        for key in [offered.clone(), next, app.refresh_token.clone()].into_iter().flatten() {
            let is_offered = offered.as_ref() == Some(&key);
            match self.exchange(app, &key, kept.as_ref()).await {
                Ok(tokens) => {
                    self.keep(TOKENS, &tokens).await?;
                    if is_offered {
                        self.memory.keep(OFFERED, String::new()).await?;
                    }
                    return Ok(Way::of(&tokens));
                }
                Err(Refused::Key(why)) => {
                    if is_offered {
                        self.memory.keep(OFFERED, String::new()).await?;
                    }
                    words = why;
                }
                Err(Refused::Other(error)) => return Err(error),
            }
        }
        Err(SideError::NotInstalled { words })
    }

    /// Exchanges a key for tokens. That it is one of this application's on this portal shows by the answer.
    async fn exchange(&self, app: &App, key: &str, kept: Option<&Tokens>) -> Result<Tokens, Refused> {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let url = format!(
            "{}/oauth/token/?grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
            app.auth_url.trim_end_matches('/'),
            encode(&app.client_id),
            encode(&app.client_secret),
            encode(key)
        );
        let headers = vec![("accept".to_owned(), "application/json".to_owned())];
        let request = HttpRequest { method: "GET", url, headers, body: Vec::new(), timeout: PATIENCE };
        let response = self.transport.send(request).await.map_err(|error| {
            let (TransportError::NotSent(words) | TransportError::NoReply(words)) = error;
            Refused::Other(unavailable(format!("authorisation server: {}", self.access.redact(&words))))
        })?;
        let Ok(body) = serde_json::from_slice::<Value>(&response.body) else {
            let words = format!("authorisation server: status {}, no JSON", response.status);
            return Err(Refused::Other(unavailable(words)));
        };
        // An error may come with status 200.
        if body.get("error").is_some() {
            return Err(refused(&body));
        }
        let tokens = Tokens {
            access: member(&body, "access_token"),
            refresh: member(&body, "refresh_token"),
            base: member(&body, "client_endpoint").trim_end_matches('/').to_owned(),
            member: member(&body, "member_id"),
        };
        if tokens.access.is_empty() || tokens.refresh.is_empty() {
            return Err(Refused::Other(unexpected("the authorisation server gives no tokens")));
        }
        let is_known = kept.is_some_and(|kept| !kept.member.is_empty() && kept.member == tokens.member);
        if !is_known && origin(&tokens.base) != origin(&app.portal) {
            return Err(Refused::Key("the token is of another portal".to_owned()));
        }
        Ok(tokens)
    }

    async fn keep(&self, name: &str, value: &impl Serialize) -> Result<(), SideError> {
        let text = serde_json::to_string(value).expect("tokens are plain data and always serialise");
        Ok(self.memory.keep(name, text).await?)
    }
}

impl Way {
    fn of(tokens: &Tokens) -> Self {
        Self { base: tokens.base.clone(), token: Some(tokens.access.clone()) }
    }
}

/// What an error of the authorisation server means. It is documented in capital and in small letters.
fn refused(body: &Value) -> Refused {
    let side = Side::Bitrix24;
    let code = member(body, "error").to_uppercase();
    let description = member(body, "error_description");
    let words = if description.is_empty() { code.clone() } else { format!("{code}: {description}") };
    match code.as_str() {
        "INVALID_GRANT" | "NOT_INSTALLED" | "NO_AUTH_FOUND" => Refused::Key(words),
        "WRONG_CLIENT" | "INVALID_CLIENT" => Refused::Other(SideError::Unauthorized { side, words }),
        "PAYMENT_REQUIRED" => Refused::Other(SideError::Unpaid { side, words }),
        "INVALID_SCOPE" | "INSUFFICIENT_SCOPE" => {
            Refused::Other(SideError::MissingRight { side, what: "crm".to_owned() })
        }
        _ => Refused::Other(unexpected(format!("authorisation server: {words}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::sync::Mutex as Lock;

    use futures_executor::block_on;
    use obmen_engine::ports::{BoxFuture, HttpResponse, StoreError};

    use super::*;

    /// An authorisation server that gives another pair of tokens each time, and a store that may be broken.
    #[derive(Default)]
    struct Vendor {
        asked: Lock<u32>,
        is_store_broken: bool,
        kept: Lock<Option<String>>,
    }

    impl Transport for Vendor {
        fn send(&self, _: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
            let mut asked = self.asked.lock().unwrap();
            *asked += 1;
            let body = serde_json::json!({
                "access_token": format!("a{asked}"), "refresh_token": format!("r{asked}"), "member_id": "m",
                "client_endpoint": "https://demo.bitrix24.ru/rest/",
            });
            let body = body.to_string().into_bytes();
            Box::pin(ready(Ok(HttpResponse { status: 200, headers: Vec::new(), body })))
        }
    }

    impl Memory for Vendor {
        fn recall<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
            let kept = self.kept.lock().unwrap().clone().filter(|_| name == TOKENS);
            Box::pin(ready(Ok(kept)))
        }

        fn keep<'a>(&'a self, _: &'a str, text: String) -> BoxFuture<'a, Result<(), StoreError>> {
            if self.is_store_broken {
                return Box::pin(ready(Err(StoreError::Failed("broken".to_owned()))));
            }
            *self.kept.lock().unwrap() = Some(text);
            Box::pin(ready(Ok(())))
        }
    }

    fn door(vendor: &Arc<Vendor>) -> Door {
        let app = App {
            portal: "https://demo.bitrix24.ru".to_owned(),
            client_id: "local.obmen".to_owned(),
            client_secret: "geheim".to_owned(),
            refresh_token: Some("r0".to_owned()),
            auth_url: "https://oauth.bitrix.info".to_owned(),
        };
        Door::new(Access::App(app), vendor.clone(), vendor.clone())
    }

    #[test]
    fn a_token_whose_key_could_not_be_kept_is_not_used() {
        let vendor = Arc::new(Vendor { is_store_broken: true, ..Vendor::default() });
        assert!(matches!(block_on(door(&vendor).way()), Err(SideError::Store(_))));
    }

    #[test]
    fn of_two_whose_token_is_over_the_second_finds_it_renewed() {
        let vendor = Arc::new(Vendor::default());
        let door = door(&vendor);
        let used = block_on(door.way()).unwrap();
        block_on(door.renew(&used)).unwrap();
        block_on(door.renew(&used)).unwrap();
        assert_eq!(*vendor.asked.lock().unwrap(), 2, "once to come in, once to renew");
        assert_eq!(block_on(door.way()).unwrap().token.as_deref(), Some("a2"));
    }
}
