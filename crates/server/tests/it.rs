//! Requests through the router, without a socket, over a store on a disk.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

#[path = "it/hooks.rs"]
mod hooks;
#[path = "it/stage.rs"]
mod stage;
#[path = "it/watching.rs"]
mod watching;
