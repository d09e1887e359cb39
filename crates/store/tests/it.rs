//! The store as its users see it: the contract on each way to run it, and what is an engine's own.

#[cfg(test)]
#[path = "it/contract.rs"]
mod contract;
#[cfg(test)]
#[path = "it/copying.rs"]
mod copying;
#[cfg(test)]
#[path = "it/inputs.rs"]
mod inputs;
#[cfg(test)]
#[path = "it/postgres.rs"]
mod postgres;
#[cfg(test)]
#[path = "it/sqlite.rs"]
mod sqlite;
