//! One process at a time: an advisory lock, and a token that fences off whoever lost it.
//!
//! The lock is held by a session of its own, so the server frees it when the process ends, however it ends. A session
//! may also end while its process lives on (a restart of the server, a broken network); then somebody else can take the
//! store. So whoever opens it moves the token of the table `owner` on, and each transaction that changes anything
//! compares it, holding the row: a process that lost the store commits nothing. One that finds its token unchanged takes
//! the lock again and goes on.

use obmen_engine::ports::StoreError;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::connect::Connector;
use super::statement::failed;
use crate::open_error::OpenError;

/// `obme`, before the schema's number.
const LOCK_SPACE: i64 = 0x6f62_6d65;

/// The lock of a schema, so that several stores have room in one database.
const KEY: &str =
    "select ($1::bigint << 32) + oid::bigint from pg_namespace where nspname = current_schema()";
/// The server's side of a process that vanished without a word is noticed within a minute; one that has just ended is
/// waited for.
const SESSION: &str = "set lock_timeout = '3s'; set tcp_keepalives_idle = 30; set tcp_keepalives_interval = 10; \
                       set tcp_keepalives_count = 3; set idle_session_timeout = 0";
const TAKE: &str = "/* owner.take */ select pg_advisory_lock($1)";
const HOLDER: &str = "/* owner.holder */
    select activity.application_name, host(activity.client_addr)
    from pg_locks as held join pg_stat_activity as activity on activity.pid = held.pid
    where held.locktype = 'advisory' and held.granted and held.objsubid = 1
        and held.database = (select oid from pg_database where datname = current_database())
        and (held.classid::bigint << 32) + held.objid::bigint = $1";
const MOVE_ON: &str = "/* owner.move_on */ update owner set token = token + 1 returning token";
const TOKEN: &str = "/* owner.token */ select token from owner";

/// The session that holds the lock.
#[derive(Debug)]
pub(crate) struct Lock {
    session: Client,
}

impl Lock {
    /// Takes the lock, waiting a moment for an owner that is just ending.
    pub(crate) async fn take(connector: &Connector) -> Result<Self, OpenError> {
        let session = connector.connect().await.map_err(|error| connector.failed(&error))?;
        match try_take(&session).await {
            Ok(None) => Ok(Self { session }),
            Ok(Some(owner)) => Err(OpenError::InUse { store: connector.address().shown.clone(), owner }),
            Err(error) => Err(connector.failed(&error)),
        }
    }

    /// The session, for what has to be done before anybody else works with the store.
    pub(crate) fn session(&mut self) -> &mut Client {
        &mut self.session
    }

    /// Whether the session has ended, and the lock with it.
    pub(crate) fn is_lost(&self) -> bool {
        self.session.is_closed()
    }

    /// Moves the token on: nobody who had the store before commits anything any more.
    pub(crate) async fn move_on(&self) -> Result<i64, tokio_postgres::Error> {
        self.session.query_one(MOVE_ON, &[]).await?.try_get(0)
    }

    /// The token as it stands.
    pub(crate) async fn token(&self) -> Result<i64, StoreError> {
        let row = self.session.query_one(TOKEN, &[]).await.map_err(|error| failed(TOKEN, &error))?;
        row.try_get(0).map_err(|error| failed(TOKEN, &error))
    }
}

/// What is told to a process that lost the store.
pub(crate) fn displaced() -> StoreError {
    StoreError::Failed("another obmen process has taken the store over meanwhile".to_owned())
}

/// Answers who has the lock, where it could not be taken.
async fn try_take(session: &Client) -> Result<Option<String>, tokio_postgres::Error> {
    session.batch_execute(SESSION).await?;
    let key: i64 = session.query_one(KEY, &[&LOCK_SPACE]).await?.try_get(0)?;
    match session.execute(TAKE, &[&key]).await {
        Ok(_) => Ok(None),
        Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
            let holder = session.query_opt(HOLDER, &[&key]).await?;
            let name = holder.as_ref().and_then(|row| row.try_get::<_, String>(0).ok());
            let host = holder.as_ref().and_then(|row| row.try_get::<_, Option<String>>(1).ok()).flatten();
            let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| "another process".to_owned());
            Ok(Some(host.map_or_else(|| name.clone(), |host| format!("{name} on {host}"))))
        }
        Err(error) => Err(error),
    }
}
