//! The store in a PostgreSQL database: opening it, and handing out a handle for each pair.
//!
//! The futures of a handle may be polled by anybody; what they wait for is driven by the runtime in which the store was
//! opened. Not responsible for what is asked and changed; the modules below are, one for each table.
//! Invariant: while a `PostgresStore` or a handle of it lives, no other process changes anything in the database.

pub(crate) mod address;
pub(crate) mod apply;
pub(crate) mod connect;
pub(crate) mod database;
pub(crate) mod dirty;
pub(crate) mod figures;
pub(crate) mod intents;
pub(crate) mod journal;
pub(crate) mod keys;
pub(crate) mod links;
pub(crate) mod owner;
pub(crate) mod pair_store;
pub(crate) mod reviews;
pub(crate) mod rows;
pub(crate) mod rulings;
pub(crate) mod runs;
pub(crate) mod seen;
pub(crate) mod statement;
pub(crate) mod texts;

use std::sync::Arc;

use self::address::Address;
use self::database::Database;
use self::pair_store::PostgresPair;
use crate::open_error::OpenError;

/// A PostgreSQL database with what is known about one or many pairs. Clones share it; the last one closes it.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pub(crate) database: Arc<Database>,
}

impl PostgresStore {
    /// Whether a text is the address of a PostgreSQL database that [`PostgresStore::open`] understands.
    ///
    /// # Errors
    /// When it is not; the error never quotes the address.
    pub fn check_address(url: &str) -> Result<(), OpenError> {
        Address::parse(url).map(drop)
    }

    /// Takes the database for this process; brings its schema up to date. To be called within a tokio runtime, which
    /// then drives its connections.
    ///
    /// # Errors
    /// When the server is not reached or does not let us in, another process has the store open, or the database is
    /// none of this version.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let database = Database::open(Address::parse(url)?).await?;
        Ok(Self { database: Arc::new(database) })
    }

    /// The handle of a pair. Cheap; a pair that nothing was ever applied to is just empty.
    pub fn pair(&self, name: &str) -> PostgresPair {
        PostgresPair::new(Arc::clone(&self.database), name)
    }
}
