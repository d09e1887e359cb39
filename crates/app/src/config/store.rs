//! `[store]`: where obmen keeps what it knows.

use std::path::PathBuf;

use serde::Deserialize;

use super::complaint::Complaints;

/// The section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StoreConfig {
    /// `sqlite:FILE`.
    url: String,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { url: "sqlite:obmen.db".to_owned() }
    }
}

impl StoreConfig {
    /// The file of the embedded database, as written.
    pub(crate) fn file(&self) -> PathBuf {
        PathBuf::from(self.url.strip_prefix("sqlite:").unwrap_or(&self.url))
    }

    pub(crate) fn validate(&self, complaints: &mut Complaints) {
        if self.url.starts_with("postgres://") || self.url.starts_with("postgresql://") {
            complaints.add("store/url", "config-postgres-later", Vec::new());
        } else if self.url.strip_prefix("sqlite:").is_none_or(str::is_empty) {
            complaints.add("store/url", "config-store-url", Vec::new());
        }
    }
}
