//! What both simulated systems have in common: one state machine a system.
//!
//! A world is plain state behind `handle(now, request)`. It reads no clock, opens no socket and draws no random
//! number of its own; whoever owns it (the HTTP face, a test, the simulation scheduler) brings time and requests.

use jiff::Timestamp;
use serde_json::Value;

use crate::http::{Delivery, Request, Response};

/// Which records a person wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordQuery {
    /// Where: `contact`, `company`, …, or the name of a catalog.
    pub set: String,
    /// A text that they contain; empty: all.
    pub find: String,
    /// How many of them to leave out.
    pub skip: usize,
    /// How many to show.
    pub limit: usize,
}

/// A simulated system: state, requests, and the controls of whoever plays with it.
pub trait World: Send {
    /// Answers one request. Its effect is complete when this returns; `Response::took` says how long a real
    /// server would have worked on it.
    fn handle(&mut self, now: Timestamp, request: &Request) -> Response;

    /// The answer to a list as if it had no rows; every other answer as it is. A fault asks for this.
    fn without_rows(&self, request: &Request, response: Response) -> Response;

    /// Adds one record in the load format (a line of a JSONL file). Time and counters do not move.
    ///
    /// # Errors
    /// A sentence saying what is wrong with the line.
    fn load(&mut self, line: &Value) -> Result<(), String>;

    /// Everything the system holds, in its dump format.
    fn dump(&self) -> Value;

    /// Records as a person's list shows them: `system`, the `sets` with their sizes, and of the wanted set the `fields` of
    /// a form, how many are found (`total`) and the wanted `rows`, each with `id`, `title`, `phones`, `emails`, `deleted`
    /// and the `record` in the dump format.
    ///
    /// # Errors
    /// There is no such set.
    fn records(&self, wanted: &RecordQuery) -> Result<Value, String>;

    /// What the system sends to its listeners and what is due by now. Each delivery is given out once; whether it
    /// arrives is the caller's business.
    fn take_deliveries(&mut self, _now: Timestamp) -> Vec<Delivery> {
        Vec::new()
    }

    /// Requests, calls by method, writes, refusals by limit, since the start or the last `reset_counters`.
    fn counters(&self) -> Value;

    /// Sets all counters to zero.
    fn reset_counters(&mut self);

    /// Does what a person at the system's own screen would do (edit, create, delete, mark).
    ///
    /// # Errors
    /// A sentence saying why the action cannot be done.
    fn act(&mut self, now: Timestamp, action: &Value) -> Result<Value, String>;
}
