//! Commands beside a running `obmen serve`: they are carried out by it, and look as if they were alone.
//!
//! The server owns the store and the limits of the portal, so it does the work: whoever types a command sends it over a
//! socket that stands beside the store, and prints what comes back. Not responsible for what commands do. Invariants: only
//! the user who runs the server (and root) gets in; where nobody listens the command opens the store itself.

#[cfg(unix)]
mod client;
#[cfg(unix)]
mod place;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::screen::Terminal;
use crate::words::Lang;

#[cfg(unix)]
pub(crate) use client::hand_over;
#[cfg(unix)]
pub(crate) use place::Place;

/// A line of a request takes so many bytes at most.
pub(crate) const LONGEST: u64 = 1 << 20;

/// What is asked of the server: the first line.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The version of whoever asks; another one may mean something else.
    pub(crate) version: String,
    /// What was typed, the name of the program first.
    pub(crate) arguments: Vec<String>,
    /// The language of whoever asks.
    pub(crate) lang: Lang,
    /// What they sit at.
    pub(crate) terminal: Terminal,
    /// Where they are: relative paths that they type are meant from here.
    pub(crate) folder: PathBuf,
    /// A fingerprint of the configuration file as they read it.
    pub(crate) configuration: u64,
}

/// What is said to the server afterwards, a line each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Word {
    /// The answer to a question.
    Answer(String),
    /// Stop what goes on, as Ctrl-C would.
    Interrupt,
}

/// The version of this program.
pub(crate) fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// A fingerprint of a configuration file.
pub(crate) fn fingerprint(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Elsewhere commands stand alone.
#[cfg(not(unix))]
pub(crate) async fn hand_over(
    _: &crate::cli::Command,
    _: &crate::context::Context,
) -> Result<Option<u8>, crate::failure::Failure> {
    Ok(None)
}
