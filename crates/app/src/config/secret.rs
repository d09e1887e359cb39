//! Secrets: given as text, by the name of an environment variable, or in a file.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, de};

/// Where a secret comes from.
#[derive(Clone)]
pub(crate) enum Secret {
    /// It stands in the configuration itself.
    Text(SecretString),
    /// In an environment variable.
    Env(String),
    /// In a file, without the line break at its end.
    File(PathBuf),
}

/// Why a secret cannot be read: a message of the locales.
#[derive(Debug)]
pub(crate) struct Unrevealed {
    /// The message's name.
    pub(crate) id: &'static str,
    /// Its arguments.
    pub(crate) details: Vec<(&'static str, String)>,
}

impl Secret {
    /// Reads the value; relative paths are relative to `folder`.
    pub(crate) fn reveal(&self, folder: &Path) -> Result<SecretString, Unrevealed> {
        let value = match self {
            Self::Text(text) => return Ok(text.clone()),
            Self::Env(name) => std::env::var(name).map_err(|_| Unrevealed {
                id: "config-env-missing",
                details: vec![("name", name.clone())],
            })?,
            Self::File(path) => {
                let path = folder.join(path);
                std::fs::read_to_string(&path).map_err(|error| Unrevealed {
                    id: "config-secret-file",
                    details: vec![("file", path.display().to_string()), ("words", error.to_string())],
                })?
            }
        };
        Ok(SecretString::from(value.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(***)"),
            Self::Env(name) => write!(f, "Env({name})"),
            Self::File(path) => write!(f, "File({})", path.display()),
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

struct SecretVisitor;

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"text\", { env = \"NAME\" } or { file = \"PATH\" }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::Text(SecretString::from(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
        let Some(key) = map.next_key::<String>()? else {
            return Err(de::Error::missing_field("env"));
        };
        let secret = match key.as_str() {
            "env" => Secret::Env(map.next_value()?),
            "file" => Secret::File(map.next_value()?),
            other => return Err(de::Error::unknown_field(other, &["env", "file"])),
        };
        match map.next_key::<String>()? {
            None => Ok(secret),
            Some(second) => Err(de::Error::unknown_field(&second, &[])),
        }
    }
}
