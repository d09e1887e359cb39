//! The pairs that a running server holds open, for commands that are carried out by it.
//!
//! Invariant: of a pair, one round or one command that changes something goes on at a time; whoever comes later waits, and
//! says so. Questions do not wait.

use std::collections::BTreeMap;
use std::sync::Arc;

use obmen_server::Bell;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::config::Loaded;
use crate::context::Context;
use crate::failure::Failure;
use crate::wiring::Joined;

/// Whose turn it is.
pub(crate) type Turns = Arc<Mutex<()>>;

/// What a server holds open.
pub(crate) struct Host {
    loaded: Arc<Loaded>,
    seats: BTreeMap<String, Seat>,
}

/// A pair that is served.
pub(crate) struct Seat {
    /// It, with its clients.
    pub(crate) joined: Arc<Joined>,
    /// Rounds take turns with commands.
    pub(crate) turns: Turns,
    /// Rings for the rounds.
    pub(crate) bell: Arc<Bell>,
}

/// The turn of a command. When it is over, rounds hear of it: there may be something for them to do.
pub(crate) struct Turn {
    bell: Arc<Bell>,
    _held: OwnedMutexGuard<()>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.bell.ring();
    }
}

impl Host {
    pub(crate) fn new(loaded: Arc<Loaded>, seats: BTreeMap<String, Seat>) -> Self {
        Self { loaded, seats }
    }

    /// The text of the configuration that is served.
    pub(crate) fn configuration(&self) -> &str {
        self.loaded.document.text()
    }

    /// The pair that a command means.
    pub(crate) fn seat(&self, context: &Context) -> Result<&Seat, Failure> {
        let (_, pair) = self.loaded.pair(context.global.pair.as_deref())?;
        let not_served = || Failure::Said { id: "beside-pair", details: vec![("pair", pair.name.clone())] };
        self.seats.get(&pair.name).ok_or_else(not_served)
    }
}

impl Seat {
    /// Waits until no round and no other command is under way.
    pub(crate) async fn turn(&self, context: &Context) -> Turn {
        let bell = Arc::clone(&self.bell);
        if let Ok(held) = Arc::clone(&self.turns).try_lock_owned() {
            return Turn { bell, _held: held };
        }
        context.aside(&context.say("beside-waits"));
        Turn { bell, _held: Arc::clone(&self.turns).lock_owned().await }
    }
}
