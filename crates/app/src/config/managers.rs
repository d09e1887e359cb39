//! `[pair.managers]`: who answers for whom.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::complaint::Complaints;

const FALLBACK: &str = "fallback_bitrix24";

/// The section: Bitrix24 user ids and their 1C users, and the fallback user.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct ManagersConfig(BTreeMap<String, String>);

impl ManagersConfig {
    /// Bitrix24 user ids with the `Ref_Key`, mailbox or unique name of the 1C user.
    pub(crate) fn table(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter(|(key, _)| *key != FALLBACK).map(|(id, user)| (id.as_str(), user.as_str()))
    }

    /// The Bitrix24 user for records without a known manager.
    pub(crate) fn fallback_bitrix24(&self) -> Option<&str> {
        self.0.get(FALLBACK).map(String::as_str)
    }

    pub(crate) fn validate(&self, path: &str, complaints: &mut Complaints) {
        let is_id = |text: &str| text.parse::<u64>().is_ok_and(|id| id > 0);
        for (id, user) in self.table() {
            if !is_id(id) {
                complaints.add(format!("{path}/{id}"), "config-manager-id", vec![("value", id.to_owned())]);
            }
            if user.trim().is_empty() {
                complaints.add(format!("{path}/{id}"), "config-empty", vec![("key", id.to_owned())]);
            }
        }
        if let Some(fallback) = self.fallback_bitrix24().filter(|id| !is_id(id)) {
            let details = vec![("value", fallback.to_owned())];
            complaints.add(format!("{path}/{FALLBACK}"), "config-manager-id", details);
        }
    }
}
