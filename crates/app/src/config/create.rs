//! `[pair.create]`: what is created on each side.

use obmen_domain::rules::CreateRule;
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
        read_rule(&self.bitrix24).unwrap_or_default()
    }

    /// What is created in 1C.
    pub(crate) fn in_onec(&self) -> CreateRule {
        read_rule(&self.onec).unwrap_or_default()
    }

    pub(crate) fn validate(&self, path: &str, complaints: &mut Complaints) {
        for (key, value) in [("bitrix24", &self.bitrix24), ("onec", &self.onec)] {
            if read_rule(value).is_none() {
                let details = vec![("value", value.clone())];
                complaints.add(format!("{path}/{key}"), "config-create", details);
            }
        }
    }
}

fn read_rule(word: &str) -> Option<CreateRule> {
    match word {
        "all" => Some(CreateRule::All),
        "with-inn" => Some(CreateRule::WithInn),
        "none" => Some(CreateRule::None),
        _ => None,
    }
}
