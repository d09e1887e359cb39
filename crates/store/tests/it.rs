//! The store as its users see it: the contract on each way to run it, and what is SQLite's own.

#[cfg(test)]
#[path = "it/contract.rs"]
mod contract;
#[cfg(test)]
#[path = "it/inputs.rs"]
mod inputs;
#[cfg(test)]
#[path = "it/sqlite.rs"]
mod sqlite;
