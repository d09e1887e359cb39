//! The configuration file as one typed tree, a file per section.
//!
//! Unknown keys are refused, and every complaint points at a line and a column. Not responsible for what the values
//! are used for. Invariant: a secret is read when it is needed, never printed, and masked in shown excerpts.

mod bitrix24;
mod complaint;
mod configured;
mod create;
mod document;
mod fields;
mod managers;
mod notify;
mod onec;
mod pair;
mod secret;
mod server;
mod store;

use std::path::Path;

use serde::Deserialize;

pub(crate) use bitrix24::LimitsConfig;
pub(crate) use complaint::{ConfigError, Problem};
pub(crate) use document::Document;
pub(crate) use onec::{Interface, StoreId};
pub(crate) use pair::PairConfig;
pub(crate) use secret::Secret;
pub(crate) use server::is_http_url;

use complaint::Complaints;
use notify::NotifyConfig;
use server::ServerConfig;
use store::StoreConfig;

/// A sample file in which every key is explained.
#[cfg(test)]
pub(crate) const SAMPLE: &str = include_str!("config/sample.toml");

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Where obmen keeps what it knows.
    pub(crate) store: StoreConfig,
    /// What `obmen serve` listens on.
    pub(crate) server: ServerConfig,
    /// Where failures are told besides.
    pub(crate) notify: Option<NotifyConfig>,
    /// Portals joined to infobases.
    #[serde(rename = "pair")]
    pub(crate) pairs: Vec<PairConfig>,
}

/// A configuration that was read and checked, and the text it came from.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The values.
    pub(crate) config: Config,
    /// The text, for complaints about values that are used later.
    pub(crate) document: Document,
}

impl Loaded {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::unreadable(path, &error))?;
        Self::parse(path, text)
    }

    /// Reads and checks a text.
    ///
    /// # Errors
    /// As [`Loaded::read`].
    pub(crate) fn parse(path: &Path, text: String) -> Result<Self, ConfigError> {
        let document = Document::new(path, text);
        let config: Config = toml::from_str(document.text())
            .map_err(|error| ConfigError::new(&document, vec![Problem::of_toml(&error)]))?;
        let loaded = Self { config, document };
        let complaints = loaded.config.validate();
        if complaints.is_empty() { Ok(loaded) } else { Err(loaded.complain(complaints)) }
    }

    /// The pair that is meant: the named one, or the only one.
    ///
    /// # Errors
    /// When no pair has this name, or several pairs stand in the file and none is named.
    pub(crate) fn pair(&self, name: Option<&str>) -> Result<(usize, &PairConfig), ConfigError> {
        let names = || self.config.pairs.iter().map(|pair| pair.name.as_str()).collect::<Vec<_>>().join(", ");
        let mut complaints = Complaints::default();
        match (name, self.config.pairs.as_slice()) {
            (None, [only]) => return Ok((0, only)),
            (None, _) => complaints.add("", "config-pair-needed", vec![("names", names())]),
            (Some(wanted), pairs) => match pairs.iter().enumerate().find(|(_, pair)| pair.name == wanted) {
                Some(found) => return Ok(found),
                None => {
                    let details = vec![("name", wanted.to_owned()), ("names", names())];
                    complaints.add("", "config-pair-unknown", details);
                }
            },
        }
        Err(self.complain(complaints))
    }

    /// The value of a secret that stands at `path` (`pair/0/onec/password`).
    ///
    /// # Errors
    /// When the environment variable or the file is missing or empty.
    pub(crate) fn reveal(&self, path: &str, secret: &Secret) -> Result<secrecy::SecretString, ConfigError> {
        secret.reveal(&self.document.folder()).map_err(|reason| {
            let mut complaints = Complaints::default();
            complaints.add(path, reason.id, reason.details);
            self.complain(complaints)
        })
    }

    /// A complaint about the value at `path`, found when it was used.
    pub(crate) fn complaint(
        &self,
        path: &str,
        id: &'static str,
        details: Vec<(&'static str, String)>,
    ) -> ConfigError {
        let mut complaints = Complaints::default();
        complaints.add(path, id, details);
        self.complain(complaints)
    }

    /// The address of the store.
    ///
    /// # Errors
    /// When it is a secret that cannot be read, or no address of a store.
    pub(crate) fn store_url(&self) -> Result<secrecy::SecretString, ConfigError> {
        let url = self.reveal("store/url", &self.config.store.url)?;
        match store::what_is_wrong(&url) {
            None => Ok(url),
            Some(words) => Err(self.complaint("store/url", "config-store-url", vec![("words", words)])),
        }
    }

    fn complain(&self, complaints: Complaints) -> ConfigError {
        let problems = complaints.into_problems(&self.document);
        ConfigError::new(&self.document, problems)
    }
}

impl Config {
    fn validate(&self) -> Complaints {
        let mut complaints = Complaints::default();
        self.store.validate(&mut complaints);
        self.server.validate(&mut complaints);
        if self.pairs.is_empty() {
            complaints.add("", "config-no-pair", Vec::new());
        }
        for (index, pair) in self.pairs.iter().enumerate() {
            let path = format!("pair/{index}");
            if self.pairs.iter().take(index).any(|earlier| earlier.name == pair.name) {
                complaints.add(
                    format!("{path}/name"),
                    "config-pair-twice",
                    vec![("name", pair.name.clone())],
                );
            }
            pair.validate(&path, &mut complaints);
        }
        complaints
    }
}

#[cfg(test)]
mod tests;
