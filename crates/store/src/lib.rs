#![doc = include_str!("../README.md")]

mod sqlite;

pub use sqlite::pair_store::PairStore;
pub use sqlite::{OpenError, SqliteStore, Threading};
