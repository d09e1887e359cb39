//! The database behind all handles: a pool of connections, and the transaction around each question and each set of
//! changes.
//!
//! Changes of one pair are made one set after the other: each locks the pair's row first, so that they do not wait for each
//! other crosswise. Should the server still undo a transaction because it met another, it is run again: changes are a
//! value, and nothing of them has been kept. Invariant: a broken connection is never a reason to repeat changes.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use deadpool_postgres::{Object, Pool, PoolError, Runtime, Timeouts};
use obmen_engine::ports::StoreError;
use obmen_engine::store::Change;
use refinery::{Migration, Runner};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio_postgres::IsolationLevel;

use super::address::Address;
use super::apply::apply;
use super::connect::Connector;
use super::owner::{Lock, displaced};
use super::statement::{Scope, failed, note_collision};
use crate::open_error::OpenError;
use crate::statements::PAIR_FIND;

/// How many connections there are at most, beside the one that holds the lock.
const CONNECTIONS: usize = 8;
/// How long a free connection, or a new one, is waited for.
const WAIT: Duration = Duration::from_secs(30);
/// How often changes are run that the server undoes.
const ATTEMPTS: usize = 5;

/// An open database.
#[derive(Debug)]
pub(crate) struct Database {
    pool: Pool,
    connector: Connector,
    lock: Mutex<Lock>,
    token: i64,
    runtime: Handle,
}

impl Database {
    /// Takes the lock, then brings the schema up to date.
    pub(crate) async fn open(address: Address) -> Result<Self, OpenError> {
        let connector = Connector::new(address)?;
        let mut lock = Lock::take(&connector).await?;
        let shown = || connector.address().shown.clone();
        let encoding = lock.session().query_one("show server_encoding", &[]).await;
        let encoding: String =
            encoding.and_then(|row| row.try_get(0)).map_err(|error| connector.failed(&error))?;
        if encoding != "UTF8" {
            return Err(OpenError::Encoding { store: shown(), encoding });
        }
        let migrate = |source| OpenError::Migrate { store: shown(), source };
        let migrations = [
            Migration::unapplied("V1__initial", include_str!("../../migrations/postgres/V1__initial.sql")),
            Migration::unapplied(
                "V2__entangled",
                include_str!("../../migrations/postgres/V2__entangled.sql"),
            ),
            Migration::unapplied(
                "V3__dirty_since",
                include_str!("../../migrations/postgres/V3__dirty_since.sql"),
            ),
        ];
        let migrations = migrations.into_iter().collect::<Result<Vec<_>, _>>().map_err(migrate)?;
        Runner::new(&migrations).run_async(lock.session()).await.map_err(migrate)?;
        let token = lock.move_on().await.map_err(|error| connector.failed(&error))?;
        let timeouts = Timeouts { wait: Some(WAIT), create: Some(WAIT), recycle: Some(WAIT) };
        let pool = Pool::builder(connector.manager())
            .max_size(CONNECTIONS)
            .timeouts(timeouts)
            .runtime(Runtime::Tokio1)
            .build()
            .expect("a pool with a runtime takes timeouts");
        Ok(Self { pool, connector, lock: Mutex::new(lock), token, runtime: Handle::current() })
    }

    /// What drives the connections.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Asks within one transaction, so that all parts of an answer are of one moment.
    pub(crate) async fn read<T>(
        &self,
        pair: &str,
        ask: impl AsyncFnOnce(&Scope<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut client = self.client().await?;
        let transaction = client
            .build_transaction()
            .read_only(true)
            .isolation_level(IsolationLevel::RepeatableRead)
            .start()
            .await
            .map_err(|error| failed("/* read.begin */", &error))?;
        let collided = AtomicBool::new(false);
        let scope = Scope { transaction: &transaction, pair: 0, collided: &collided };
        let pair = scope.one(PAIR_FIND, &[&pair], |row| row.get(0)).await?.unwrap_or(0);
        let answer = ask(&Scope { pair, ..scope }).await?;
        transaction.commit().await.map_err(|error| failed("/* read.end */", &error))?;
        Ok(answer)
    }

    /// Commits changes of a pair, all or none.
    pub(crate) async fn write(&self, pair: &str, changes: &[Change]) -> Result<(), StoreError> {
        let mut attempt = 1;
        loop {
            let collided = AtomicBool::new(false);
            let made = self.try_write(pair, changes, &collided).await;
            if made.is_ok() || attempt == ATTEMPTS || !collided.into_inner() {
                return made;
            }
            attempt += 1;
        }
    }

    async fn try_write(
        &self,
        pair: &str,
        changes: &[Change],
        collided: &AtomicBool,
    ) -> Result<(), StoreError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| failed("/* write.begin */", &error))?;
        let scope = Scope { transaction: &transaction, pair: 0, collided };
        let pair = self.lock_pair(&scope, pair).await?;
        apply(&Scope { pair, ..scope }, changes).await?;
        transaction.commit().await.map_err(|error| {
            note_collision(collided, &error);
            failed("/* write.commit */", &error)
        })
    }

    /// Locks a pair against other changes, as long as the store is ours; the pair comes into being with its first
    /// change.
    async fn lock_pair(&self, scope: &Scope<'_>, name: &str) -> Result<i32, StoreError> {
        const LOCK: &str = "/* pair.lock */
            select pair.id from pair, owner where pair.name = $1 and owner.token = $2
            for no key update of pair for share of owner";
        const ADD: &str = "/* pair.add */
            insert into pair (name) select $1 from owner where owner.token = $2 on conflict do nothing";
        let found = scope.one(LOCK, &[&name, &self.token], |row| row.get(0)).await?;
        if let Some(pair) = found {
            return Ok(pair);
        }
        scope.execute(ADD, &[&name, &self.token]).await?;
        scope.one(LOCK, &[&name, &self.token], |row| row.get(0)).await?.ok_or_else(displaced)
    }

    /// The address, for messages.
    pub(crate) fn shown(&self) -> &str {
        &self.connector.address().shown
    }

    /// Holds the store as ours until the transaction of this connection ends.
    pub(crate) async fn compare_token(&self, client: &Object) -> Result<(), StoreError> {
        const COMPARE: &str = "/* owner.compare */ select from owner where token = $1 for share";
        let found =
            client.query_opt(COMPARE, &[&self.token]).await.map_err(|error| failed(COMPARE, &error))?;
        found.map(drop).ok_or_else(displaced)
    }

    /// A connection to a store that is still ours.
    pub(crate) async fn client(&self) -> Result<Object, StoreError> {
        self.hold_lock().await?;
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => failed("/* connect */", &error),
            other => StoreError::Unreachable(format!("connect: {other}")),
        })
    }

    /// Takes the lock again where its session has ended and nobody else has come in.
    async fn hold_lock(&self) -> Result<(), StoreError> {
        let mut lock = self.lock.lock().await;
        if !lock.is_lost() {
            return Ok(());
        }
        let again = Lock::take(&self.connector).await.map_err(|error| match error {
            OpenError::Connect { words, .. } => StoreError::Unreachable(format!("connect: {words}")),
            _ => displaced(),
        })?;
        if again.token().await? != self.token {
            return Err(displaced());
        }
        *lock = again;
        Ok(())
    }
}
