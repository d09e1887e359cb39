//! `[store]`: where obmen keeps what it knows.

use obmen_store::{OpenError, Opened};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::complaint::Complaints;
use super::secret::Secret;

/// The section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StoreConfig {
    /// `sqlite:FILE` or `postgres://…`, which may hold a password.
    pub(super) url: Secret,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { url: Secret::Text(SecretString::from("sqlite:obmen.db")) }
    }
}

impl StoreConfig {
    pub(crate) fn validate(&self, complaints: &mut Complaints) {
        if let Secret::Text(url) = &self.url
            && let Some(words) = what_is_wrong(url)
        {
            complaints.add("store/url", "config-store-url", vec![("words", words)]);
        }
    }
}

/// Why a text is no address of a store; it does not quote the text.
pub(super) fn what_is_wrong(url: &SecretString) -> Option<String> {
    match Opened::check_address(url.expose_secret()) {
        Ok(()) => None,
        Err(OpenError::Address { words }) => Some(words),
        Err(other) => Some(other.to_string()),
    }
}
