//! `[pair.create]`: what is created on each side.

use obmen_domain::create_rule::{CreateRule, NotARule};
use obmen_domain::record::Kind;
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
}

impl Default for CreateConfig {
    fn default() -> Self {
        Self { bitrix24: "all".to_owned(), onec: "all".to_owned() }
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
            let rule = value.parse::<CreateRule>();
            let is_about_attributes =
                |rule: &CreateRule| Kind::ALL.iter().any(|kind| !rule.attributes(*kind).is_empty());
            if rule.as_ref().is_ok_and(is_about_attributes) {
                let details = vec![("expected", "all, with-inn, none".to_owned()), ("rest", value.clone())];
                complaints.add(format!("{path}/{key}"), "config-create", details);
            }
            if let Err(NotARule { expected, rest, .. }) = rule {
                let (id, details) = match rest.as_str() {
                    "" => ("config-create-ends", vec![("expected", expected.to_owned())]),
                    _ => ("config-create", vec![("expected", expected.to_owned()), ("rest", rest)]),
                };
                complaints.add(format!("{path}/{key}"), id, details);
            }
        }
    }
}
