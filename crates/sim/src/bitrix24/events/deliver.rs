//! The request that a listener gets: a form with PHP's bracket names.
//!
//! Not responsible for when it goes off and whether it arrives.

use jiff::Timestamp;

use super::Owner;
use super::change::APP_INSTALL;
use crate::bitrix24::oauth::Apps;
use crate::bitrix24::php::Php;
use crate::bitrix24::settings::Settings;
use crate::http::Delivery;

/// A message between the portal and a listener.
#[derive(Debug, Clone)]
pub(super) struct UnderWay {
    pub(super) url: String,
    pub(super) event: &'static str,
    /// The handler's id; the address of an installation is no handler.
    pub(super) handler: Option<u64>,
    pub(super) owner: Owner,
    pub(super) data: Php,
    pub(super) tokens: Tokens,
}

/// What an application may do with the message.
#[derive(Debug, Clone)]
pub(super) enum Tokens {
    Nothing,
    /// Tokens of a user, made on delivery.
    Fresh {
        user: u64,
        hops: u8,
        with_refresh: bool,
    },
    /// Tokens that were made before.
    Given {
        access: String,
        refresh: String,
    },
}

impl UnderWay {
    /// An application hears nothing before its installation is complete, except of the installation itself.
    pub(super) fn may_arrive(&self, apps: &Apps) -> bool {
        match &self.owner {
            Owner::Webhook { .. } => true,
            Owner::Application(client) => self.event == APP_INSTALL || apps.is_installed(client),
        }
    }

    /// The request as it leaves the queue server.
    pub(super) fn into_delivery(self, at: Timestamp, apps: &mut Apps, settings: &Settings) -> Delivery {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("event", self.event);
        if let Some(id) = self.handler {
            form.append_pair("event_handler_id", &id.to_string());
        }
        append(&mut form, "data", &self.data);
        form.append_pair("ts", &at.as_second().to_string())
            .append_pair("auth[domain]", &settings.domain)
            .append_pair("auth[client_endpoint]", &format!("https://{}/rest/", settings.domain))
            .append_pair("auth[server_endpoint]", "https://oauth.bitrix.info/rest/")
            .append_pair("auth[member_id]", &settings.member_id);
        let (access, refresh) = match (self.tokens, &self.owner) {
            (Tokens::Given { access, refresh }, _) => (Some(access), Some(refresh)),
            (Tokens::Fresh { user, hops, with_refresh }, Owner::Application(client)) => {
                let now = at.as_second();
                let access = apps.access(client, user, hops, now);
                (access, if with_refresh { apps.refresh(client, user, now) } else { None })
            }
            _ => (None, None),
        };
        let token = match &self.owner {
            Owner::Webhook { application_token } => application_token.as_str(),
            Owner::Application(client) => apps.application_token(client).unwrap_or_default(),
        };
        form.append_pair("auth[application_token]", token);
        if let Some(access) = access {
            form.append_pair("auth[access_token]", &access)
                .append_pair("auth[expires_in]", "3600")
                .append_pair("auth[scope]", &settings.scope_list())
                .append_pair("auth[status]", "L");
        }
        if let Some(refresh) = refresh {
            form.append_pair("auth[refresh_token]", &refresh);
        }
        Delivery { url: self.url, body: form.finish() }
    }
}

/// Appends a value under a name, and an array under the name with each of its keys in brackets.
fn append(form: &mut form_urlencoded::Serializer<'_, String>, name: &str, value: &Php) {
    match value {
        Php::Map(entries) => {
            entries.iter().for_each(|(key, value)| append(form, &format!("{name}[{key}]"), value));
        }
        scalar => {
            form.append_pair(name, &scalar.as_text().unwrap_or_default());
        }
    }
}
