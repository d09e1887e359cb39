//! `[pair.bitrix24]`: the portal.

use serde::Deserialize;

use super::complaint::Complaints;
use super::secret::Secret;
use super::server::is_http_url;

/// The section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bitrix24Config {
    /// The address of the incoming webhook; it is a secret.
    pub(crate) webhook_url: Option<Secret>,
    /// The application, in place of a webhook.
    pub(crate) oauth: Option<OauthConfig>,
    /// The token by which events of the outgoing webhook are known.
    pub(crate) application_token: Option<Secret>,
    /// The user field that keeps the 1C reference of a contact.
    #[serde(default = "default_contact_id_field")]
    pub(crate) contact_id_field: String,
    /// The user field that keeps the 1C reference of a company.
    #[serde(default = "default_company_id_field")]
    pub(crate) company_id_field: String,
    /// A user field with the tax number, besides requisites.
    #[serde(default = "default_inn_field")]
    pub(crate) inn_field: String,
    /// How often the portal is asked for changes.
    #[serde(default = "default_poll_seconds")]
    pub(crate) poll_seconds: u32,
    /// Whether failures are told beside the cards.
    #[serde(default)]
    pub(crate) comment_failures: bool,
    /// The portal's limits.
    #[serde(default)]
    pub(crate) limits: LimitsConfig,
    /// Whether creates may start the portal's robots.
    #[serde(default)]
    pub(crate) allow_automation: bool,
}

/// An application of the portal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OauthConfig {
    /// The portal's address.
    pub(crate) portal: String,
    /// The application's id.
    pub(crate) client_id: String,
    /// Its secret.
    pub(crate) client_secret: Secret,
    /// A token to begin with, where none comes by the installation.
    pub(crate) refresh_token: Option<Secret>,
    /// The vendor's authorisation server.
    #[serde(default = "default_auth_url")]
    pub(crate) auth_url: String,
}

/// The portal's limits.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsConfig {
    /// How many requests leak out of the bucket in a second.
    pub(crate) per_second: f64,
    /// How many requests the bucket holds.
    pub(crate) burst: u32,
    /// How many seconds of execution a method has per window.
    pub(crate) execution_seconds: f64,
    /// The window of the execution limit.
    pub(crate) window_seconds: f64,
    /// How long the portal may work on one request.
    pub(crate) request_seconds: f64,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            per_second: 2.0,
            burst: 50,
            execution_seconds: 480.0,
            window_seconds: 600.0,
            request_seconds: 60.0,
        }
    }
}

impl LimitsConfig {
    /// The limits of a portal that runs `factor` times faster: waiting shrinks, amounts of work stay. The time of a
    /// request stays too, since the work put into a batch is weighed against it.
    pub(crate) fn faster(self, factor: f64) -> Self {
        Self { per_second: self.per_second * factor, window_seconds: self.window_seconds / factor, ..self }
    }
}

impl Bitrix24Config {
    pub(crate) fn validate(&self, path: &str, complaints: &mut Complaints) {
        let fields = [
            ("contact_id_field", &self.contact_id_field),
            ("company_id_field", &self.company_id_field),
            ("inn_field", &self.inn_field),
        ];
        for (key, value) in fields {
            let known = value.strip_prefix("UF_CRM_").is_some_and(|rest| {
                !rest.is_empty()
                    && rest.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            });
            if !known {
                complaints.add(format!("{path}/{key}"), "config-user-field", vec![("value", value.clone())]);
            }
        }
        if self.webhook_url.is_some() == self.oauth.is_some() {
            complaints.add(path, "config-webhook-or-oauth", Vec::new());
        }
        if let Some(oauth) = &self.oauth {
            for (key, value) in [("portal", &oauth.portal), ("auth_url", &oauth.auth_url)] {
                if !is_http_url(value) {
                    complaints.add(
                        format!("{path}/oauth/{key}"),
                        "config-url",
                        vec![("value", value.clone())],
                    );
                }
            }
            if oauth.client_id.trim().is_empty() {
                let details = vec![("key", "client_id".to_owned())];
                complaints.add(format!("{path}/oauth/client_id"), "config-empty", details);
            }
        }
        if self.poll_seconds == 0 {
            complaints.add(
                format!("{path}/poll_seconds"),
                "config-positive",
                vec![("key", "poll_seconds".into())],
            );
        }
        let limits = &self.limits;
        for (key, value) in [
            ("per_second", limits.per_second),
            ("burst", f64::from(limits.burst)),
            ("execution_seconds", limits.execution_seconds),
            ("window_seconds", limits.window_seconds),
            ("request_seconds", limits.request_seconds),
        ] {
            if !value.is_finite() || value <= 0.0 {
                complaints.add(format!("{path}/limits/{key}"), "config-positive", vec![("key", key.into())]);
            }
        }
    }
}

fn default_contact_id_field() -> String {
    "UF_CRM_1C_CONTACT_ID".to_owned()
}

fn default_company_id_field() -> String {
    "UF_CRM_1C_COMPANY_ID".to_owned()
}

fn default_inn_field() -> String {
    "UF_CRM_INN".to_owned()
}

fn default_auth_url() -> String {
    "https://oauth.bitrix.info".to_owned()
}

fn default_poll_seconds() -> u32 {
    10
}
