#![doc = include_str!("../README.md")]

mod backup;
mod columns;
#[cfg(feature = "postgres")]
mod copy;
mod documents;
mod open_error;
#[cfg(feature = "postgres")]
mod opened;
#[cfg(feature = "postgres")]
mod postgres;
mod share;
mod sqlite;
mod statements;

pub use backup::{BackupError, COPIED_AT, back_up};
#[cfg(feature = "postgres")]
pub use copy::{Copied, CopyError, copy};
pub use open_error::OpenError;
#[cfg(feature = "postgres")]
pub use opened::Opened;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresStore, pair_store::PostgresPair};
pub use sqlite::pair_store::PairStore;
pub use sqlite::{SqliteStore, Threading};
