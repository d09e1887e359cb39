//! `[server]`: what `obmen serve` listens on.

use std::fmt;
use std::net::SocketAddr;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, de};

use super::complaint::Complaints;

/// The section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ServerConfig {
    /// Address of hooks, API and console.
    pub(crate) listen: String,
    /// Where the console is.
    console: Console,
    /// The address under which the portal reaches the hooks.
    pub(crate) public_url: Option<String>,
}

/// Where the console is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Console {
    /// With hooks and API, or nowhere.
    On(bool),
    /// At an address of its own.
    At(String),
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8024".to_owned(), console: Console::On(true), public_url: None }
    }
}

impl ServerConfig {
    pub(crate) fn validate(&self, complaints: &mut Complaints) {
        let mut check_address = |path: &str, address: &String| {
            if address.parse::<SocketAddr>().is_err() {
                complaints.add(path, "config-address", vec![("value", address.clone())]);
            }
        };
        check_address("server/listen", &self.listen);
        if let Console::At(address) = &self.console {
            check_address("server/console", address);
        }
        if let Some(url) = &self.public_url
            && !is_http_url(url)
        {
            complaints.add("server/public_url", "config-url", vec![("value", url.clone())]);
        }
    }
}

/// Whether this is an absolute `http` or `https` address.
pub(crate) fn is_http_url(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

impl<'de> Deserialize<'de> for Console {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ConsoleVisitor;
        impl Visitor<'_> for ConsoleVisitor {
            type Value = Console;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or \"address:port\"")
            }

            fn visit_bool<E: de::Error>(self, on: bool) -> Result<Console, E> {
                Ok(Console::On(on))
            }

            fn visit_str<E: de::Error>(self, address: &str) -> Result<Console, E> {
                Ok(Console::At(address.to_owned()))
            }
        }
        deserializer.deserialize_any(ConsoleVisitor)
    }
}
