//! What a side says of its own accord: that somebody should look at its records.
//!
//! A side's crate reads its own messages; whoever listens asks it, compares the secret and keeps signals. Nothing else a
//! message says is believed. Not responsible for sockets, secrets or the store.

use obmen_domain::record::RecordId;
use thiserror::Error;

/// A message as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// What the sender says the body is.
    pub content_type: &'a str,
    /// The secret in the header for it, empty where there is none.
    pub secret: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// What a message says.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Notice {
    /// The secret by which the sender is known; empty where there is none.
    pub secret: String,
    /// Records to look at. One that takes part as nobody knows what yet may be named once for each kind.
    pub records: Vec<RecordId>,
    /// Whether something changed whose record the message does not name: the side has to be asked.
    pub is_elsewhere: bool,
    /// A key to the side that the sender offers; whoever uses it finds out whether it is one.
    pub offer: Option<String>,
}

/// Without the secret and the key.
impl std::fmt::Debug for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notice")
            .field("records", &self.records)
            .field("is_elsewhere", &self.is_elsewhere)
            .finish_non_exhaustive()
    }
}

/// A message that its side does not send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("understand the message: {0}")]
pub struct Nonsense(pub &'static str);

/// Reads the messages of one side.
pub trait Interpreter: Send + Sync {
    /// What a message says.
    ///
    /// # Errors
    /// Where it is none of this side's.
    fn read(&self, message: &Message<'_>) -> Result<Notice, Nonsense>;
}
