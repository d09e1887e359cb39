//! `[pair.create]`: what is created on each side.

use obmen_domain::create_rule::{CreateRule, NotARule};
use obmen_domain::rules::Linked;
use serde::Deserialize;

use super::complaint::Complaints;

/// The section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CreateConfig {
    /// What is created in Bitrix24 from 1C records.
    bitrix24: String,
    /// What is created in 1C from Bitrix24 records.
    onec: String,
    /// What becomes of linked records that meet a condition no more.
    pub(crate) linked: Linked,
}

impl Default for CreateConfig {
    fn default() -> Self {
        Self { bitrix24: "all".to_owned(), onec: "all".to_owned(), linked: Linked::Carried }
    }
}

impl CreateConfig {
    /// What is created in Bitrix24.
    pub(crate) fn in_bitrix24(&self) -> CreateRule {
        self.bitrix24.parse().unwrap_or_default()
    }

    /// What is created in 1C.
    pub(crate) fn in_onec(&self) -> CreateRule {
        self.onec.parse().unwrap_or_default()
    }

    pub(crate) fn validate(&self, path: &str, complaints: &mut Complaints) {
        for (key, value) in [("bitrix24", &self.bitrix24), ("onec", &self.onec)] {
            if let Err(NotARule { expected, rest, .. }) = value.parse::<CreateRule>() {
                let (id, details) = match rest.as_str() {
                    "" => ("config-create-ends", vec![("expected", expected.to_owned())]),
                    _ => ("config-create", vec![("expected", expected.to_owned()), ("rest", rest)]),
                };
                complaints.add(format!("{path}/{key}"), id, details);
            }
        }
    }
}
