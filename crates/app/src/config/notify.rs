//! `[notify]`: where failures of records are told besides.

use serde::Deserialize;

use super::secret::Secret;

/// The section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotifyConfig {
    /// Where to post to; it may hold a secret.
    pub(crate) url: Secret,
    /// Sent in the header `X-Obmen-Secret`.
    pub(crate) secret: Option<Secret>,
}
