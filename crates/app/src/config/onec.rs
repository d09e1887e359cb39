//! `[pair.onec]`: the infobase.

use serde::Deserialize;

use super::complaint::Complaints;
use super::secret::Secret;
use super::server::is_http_url;

/// The section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnecConfig {
    /// How 1C is reached.
    #[serde(default)]
    pub(crate) kind: Interface,
    /// The address of the standard interface, or of the extension's service.
    pub(crate) url: String,
    /// The 1C user.
    pub(crate) user: String,
    /// Its password.
    pub(crate) password: Secret,
    /// The configuration's profile.
    pub(crate) configuration: String,
    /// How often 1C is asked for changes.
    poll_seconds: Option<u32>,
    /// How many requests are under way at once.
    #[serde(default = "default_parallel")]
    pub(crate) parallel: u32,
    /// How long 1C may work on a read; on a write, twice as long.
    #[serde(default = "default_request_seconds")]
    pub(crate) request_seconds: u32,
    /// Where the Bitrix24 id is kept.
    store_id: Option<StoreId>,
    /// The additional attribute that keeps it.
    #[serde(default = "default_id_attribute")]
    pub(crate) id_attribute: String,
    /// The additional attribute that names the manager, where the configuration has none of its own.
    #[serde(default)]
    pub(crate) manager_attribute: String,
    /// The secret by which events of the extension are known.
    pub(crate) hook_secret: Option<Secret>,
    /// The exchange plan by which changes are told.
    pub(crate) exchange_plan: Option<String>,
    /// Our node of it, by reference, code or name.
    pub(crate) exchange_node: Option<String>,
    /// What new objects get.
    #[serde(default)]
    pub(crate) new: NewObjects,
}

/// How 1C is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Interface {
    /// The standard OData interface.
    #[default]
    Odata,
    /// The extension's HTTP service.
    Extension,
}

/// Where the Bitrix24 id is kept in 1C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StoreId {
    /// Nowhere.
    None,
    /// In an additional attribute.
    Attribute,
    /// In a register of the extension.
    Extension,
}

/// What new 1C objects get.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NewObjects {
    /// The folder they are put into, by name; the root when empty.
    pub(crate) folder: String,
    /// The access group, by name.
    pub(crate) access_group: String,
    /// What a counterparty is to us.
    pub(crate) roles: Vec<String>,
}

impl Default for NewObjects {
    fn default() -> Self {
        Self { folder: String::new(), access_group: String::new(), roles: vec!["Клиент".to_owned()] }
    }
}

impl OnecConfig {
    /// How often 1C is asked for changes: the extension tells in a moment, a scan reads every object.
    pub(crate) fn poll_seconds(&self) -> u32 {
        self.poll_seconds.unwrap_or(match self.kind {
            Interface::Odata => 10,
            Interface::Extension => 1,
        })
    }

    /// Where the Bitrix24 id is kept.
    pub(crate) fn store_id(&self) -> StoreId {
        self.store_id.unwrap_or(match self.kind {
            Interface::Odata => StoreId::Attribute,
            Interface::Extension => StoreId::Extension,
        })
    }

    pub(crate) fn validate(&self, path: &str, complaints: &mut Complaints) {
        let mut complain = |key: &str, id: &'static str, details: Vec<(&'static str, String)>| {
            complaints.add(format!("{path}/{key}"), id, details);
        };
        if !is_http_url(&self.url) {
            complain("url", "config-url", vec![("value", self.url.clone())]);
        }
        for (key, value) in [("user", &self.user), ("configuration", &self.configuration)] {
            if value.trim().is_empty() {
                complain(key, "config-empty", vec![("key", key.to_owned())]);
            }
        }
        for (key, value) in [("poll_seconds", self.poll_seconds()), ("request_seconds", self.request_seconds)]
        {
            if value == 0 {
                complain(key, "config-positive", vec![("key", key.to_owned())]);
            }
        }
        if self.exchange_plan.is_some() != self.exchange_node.is_some() {
            let key = if self.exchange_plan.is_some() { "exchange_plan" } else { "exchange_node" };
            complain(key, "config-plan-and-node", Vec::new());
        }
        for (key, value) in [("exchange_plan", &self.exchange_plan), ("exchange_node", &self.exchange_node)] {
            if value.as_ref().is_some_and(|value| value.trim().is_empty()) {
                complain(key, "config-empty", vec![("key", key.to_owned())]);
            }
        }
        if !(1..=16).contains(&self.parallel) {
            complain("parallel", "config-parallel", vec![("value", self.parallel.to_string())]);
        }
        if self.store_id() == StoreId::Attribute && self.id_attribute.trim().is_empty() {
            complain("id_attribute", "config-empty", vec![("key", "id_attribute".to_owned())]);
        }
        if self.kind == Interface::Odata && self.store_id == Some(StoreId::Extension) {
            complain("store_id", "config-store-id-by-odata", Vec::new());
        }
        if self.kind == Interface::Extension && self.exchange_plan.is_some() {
            complain("exchange_plan", "config-plan-by-extension", Vec::new());
        }
    }
}

fn default_parallel() -> u32 {
    2
}

fn default_request_seconds() -> u32 {
    60
}

fn default_id_attribute() -> String {
    "ИдентификаторБитрикс24".to_owned()
}
