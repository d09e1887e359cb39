//! Ports: the few traits behind which everything outside lives.
//!
//! The engine names no runtime: a port returns a boxed `Send` future, concurrency is `futures-util`. The same code
//! is driven by tokio and real HTTP, and by a seeded scheduler with simulated systems.

mod portion;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use obmen_domain::key::Key;
use obmen_domain::party::{Field, Party, UserId};
use obmen_domain::plan::FieldChange;
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side};
use obmen_domain::rules::Capacity;
use obmen_domain::stay::Tie;
use thiserror::Error;

use crate::watch::{Bookmark, News, Receipt, Stamps, Waiting};
pub use portion::{Cursor, Portion, Records};

/// What every port returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Time, as an argument.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
    /// Completes at `deadline`, at once when it has passed.
    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()>;
}

/// Who does work in parts that need nothing of each other.
pub trait Crew: Send + Sync {
    /// Into how many parts work is worth splitting.
    fn hands(&self) -> usize;
    /// Does all of these jobs, and completes with the last of them. A panic of a job is passed on.
    fn work(&self, jobs: Vec<BoxFuture<'static, ()>>) -> BoxFuture<'_, ()>;
}

/// A crew of one, who does job after job.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alone;

impl Crew for Alone {
    fn hands(&self) -> usize {
        1
    }

    fn work(&self, jobs: Vec<BoxFuture<'static, ()>>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            for job in jobs {
                job.await;
            }
        })
    }
}

/// Sends HTTP requests. Redirects are not followed, nothing is retried.
pub trait Transport: Send + Sync {
    /// Sends one request and waits for the whole answer.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>>;
}

/// A request to a vendor's system.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, `POST`, `PATCH`.
    pub method: &'static str,
    /// Absolute URL, percent-encoded. It may hold a secret: never log it.
    pub url: String,
    /// Headers as name and value.
    pub headers: Vec<(String, String)>,
    /// The body, empty where there is none.
    pub body: Vec<u8>,
    /// After how long without the whole answer the outcome counts as unknown.
    pub timeout: Duration,
}

/// Without address, headers and body: they hold secrets and personal data.
impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// An answer of a vendor's system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The first header of this name (given in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransportError {
    /// The request certainly did not arrive (refused, no such host, TLS failure).
    #[error("reach the server: {0}")]
    NotSent(String),
    /// The request may have arrived; no whole answer came back.
    #[error("get an answer: {0}")]
    NoReply(String),
}

/// Small named texts that survive a restart: a client keeps its limiter's state there before it sends.
pub trait Memory: Send + Sync {
    /// The text kept under a name.
    fn recall<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>>;
    /// Keeps a text durably.
    fn keep<'a>(&'a self, name: &'a str, text: String) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// The store could not do what was asked; its own words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// It cannot, or refuses.
    #[error("use the store: {0}")]
    Failed(String),
    /// There is no room left where it stands; what was to be kept is not kept.
    #[error("find room for the store: {0}")]
    Full(String),
    /// Its server is not reached, or the connection broke: changes under way are committed as a whole or not at all,
    /// which of both is unknown. A later call connects anew.
    #[error("reach the store: {0}")]
    Unreachable(String),
}

/// Reads one side. The planner's surroundings get this half only.
pub trait Reader: Send + Sync {
    /// Which side it is.
    fn side(&self) -> Side;

    /// What a catalog can hold, by what was found when the connection was opened.
    fn capacity(&self, catalog: Catalog) -> Capacity;

    /// One portion of a walk over all records of a kind. `None` begins the walk; the places in `next` may be visited
    /// in any order and at once, and the walk has ended when none is left.
    fn sweep(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Portion, SideError>>;

    /// What may have changed since a bookmark; without one nothing, and the bookmark of this moment. `None` where the side
    /// cannot tell, and has to be scanned.
    fn news<'a>(&'a self, _since: Option<&'a Bookmark>) -> BoxFuture<'a, Result<Option<News>, SideError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// What waits next in a queue that the side keeps for us; `None` where nothing does, or it keeps none. The same again until it
    /// is confirmed.
    fn waiting(&self) -> BoxFuture<'_, Result<Option<Waiting>, SideError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Confirms what waited: its signals are kept.
    fn confirm<'a>(&'a self, _receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SideError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// One portion of a walk over the same records as [`Reader::sweep`] shows, by their ids and versions alone.
    fn stamps(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Stamps, SideError>>;

    /// Reads records by id. What does not exist is missing from the answer; others may stand in it that were read along.
    fn fetch<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, SideError>>;

    /// Of records that [`Reader::fetch`] did not show, those that do not exist: each is asked for by itself, where the side
    /// can be asked so. A record that is only hidden is an error, since others may be hidden too.
    fn gone<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<RecordId>, SideError>> {
        Box::pin(async move {
            let shown: BTreeSet<RecordId> =
                self.fetch(ids).await?.into_iter().map(|record| record.id).collect();
            Ok(ids.iter().filter(|id| !shown.contains(id)).cloned().collect())
        })
    }

    /// Asks the side itself who holds these keys right now. Every returned record holds one of them (verified).
    fn find<'a>(&'a self, kind: Kind, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Record>, SideError>>;

    /// Looks for records that our own creates of unknown outcome made. Each answer is the source and what was made
    /// from it (verified).
    fn find_created<'a>(
        &'a self,
        sent: &'a [SentCreate],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, Record)>, SideError>>;

    /// Business of the side's own that stands on these records: of each that has any, one piece of it. What the side does
    /// not have or show is not asked for.
    fn ties<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<(RecordId, Tie)>, SideError>>;

    /// The users that can be responsible managers.
    fn users(&self) -> BoxFuture<'_, Result<Vec<User>, SideError>>;
}

/// Writes one side. No write is repeated here: what happened is said, what to do about it is the engine's business.
pub trait Writer: Send + Sync {
    /// How many creates or updates one call of [`Writer::write`] carries at most.
    fn room(&self, sort: WriteSort) -> usize;

    /// How many calls of [`Writer::write`] are worth having under way at once.
    fn parallel(&self) -> usize;

    /// How long after sending a write of unknown outcome may still take effect.
    fn settle_after(&self) -> Duration;

    /// The id a new record will have, where the side lets the writer choose it.
    fn derived_id(&self, source: &RecordId) -> Option<String>;

    /// Sends writes of one sort; answers one outcome a write, in the same order.
    fn write(&self, writes: Vec<Write>) -> BoxFuture<'_, Vec<Outcome>>;
}

/// A user of a side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id on that side.
    pub id: UserId,
    /// Family name, first name and patronymic in one line.
    pub name: String,
    /// Lower-case mailbox, empty where unknown.
    pub email: String,
    /// Whether the user still works there.
    pub active: bool,
}

/// A create whose outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentCreate {
    /// The record it was made from.
    pub source: RecordId,
    /// The id it was given, where the side lets the writer choose.
    pub derived_id: Option<String>,
}

/// Creates, updates and marks travel apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WriteSort {
    /// New records.
    Create,
    /// Changes of records.
    Update,
    /// Records that go.
    Mark,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// A new record. Employers are in the terms of the side written to.
    Create {
        /// The table it goes to.
        catalog: Catalog,
        /// The record it is made from: its id is stored in the new record, and tells it again after a lost reply.
        source: RecordId,
        /// Its content.
        party: Box<Party>,
        /// A marked record that takes part again with this content, in place of a new one.
        revives: Option<Box<Record>>,
    },
    /// A record that we had made goes: into the recycle bin, or marked for deletion. Only one that stands in this version,
    /// and on which no business of the side's own stands.
    Mark {
        /// The record as last seen.
        record: Box<Record>,
    },
    /// Changes of a record.
    Update {
        /// The record as last seen; its version is the one the change was planned on.
        record: Box<Record>,
        /// What changes. Employers are in the terms of the side written to.
        changes: Vec<FieldChange>,
        /// The other side's id to be kept in the record, where it is to be written.
        mutual_id: Option<String>,
    },
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It has taken effect.
    Done {
        /// The record as read back.
        record: Box<Record>,
        /// The record as it stood just before the write, where its version was not the planned one.
        overwrote: Option<Box<Record>>,
    },
    /// The record does not exist; after a mark, where its side shows no record that went.
    Missing,
    /// It was made, and was not there any more when it was to be read back.
    Vanished(RecordId),
    /// Business of the side's own stands on the record; nothing was written.
    Tied(Tie),
    /// The record stands there in another version than planned on; nothing was written.
    Moved {
        /// The record as it stands.
        record: Box<Record>,
    },
    /// It certainly had no effect, and may be sent again later (limit, refused connection, server busy).
    NotDone(SideError),
    /// The side refuses this data.
    Refused {
        /// The side's own words.
        words: String,
        /// The field it is about, where that is known.
        field: Option<Field>,
        /// What it does not like about the data.
        fault: DataFault,
    },
    /// Sent, no answer: it may have taken effect, or may still.
    Unknown,
}

/// What a side does not like about data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataFault {
    /// A value, or something that only its own words tell.
    Value,
    /// A field that it requires is empty.
    Unfilled,
}

impl SideError {
    /// Whether the whole side is the matter, and it comes back by itself: nothing that is sent would be taken before.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Locked { .. } | Self::NoLicence { .. })
    }
}

/// What a side says when it does not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SideError {
    /// Wrong password, wrong secret, dismissed user.
    #[error("be let in by {side}: {words}", side = .side.word())]
    Unauthorized {
        /// The side.
        side: Side,
        /// Its own words.
        words: String,
    },
    /// An application has no token that the portal takes: it is not installed, or its key is used up.
    #[error("be let in by Bitrix24 as an application: {words}")]
    NotInstalled {
        /// What was seen.
        words: String,
    },
    /// A right is missing.
    #[error("get the right to {what} in {side}", side = .side.word())]
    MissingRight {
        /// The side.
        side: Side,
        /// What is not allowed.
        what: String,
    },
    /// 1C shows no such set: it is not in the composition of the OData interface, or absent in this configuration.
    #[error("find {set} in the OData composition of 1C")]
    ClosedComposition {
        /// The entity set.
        set: String,
    },
    /// The extension in 1C that was to be spoken to is not there, or not one that can be used.
    #[error("find the extension of obmen in 1C: {words}")]
    NoExtension {
        /// What was seen.
        words: String,
    },
    /// A field that must be there is not.
    #[error("find the field {field} in {side}", side = .side.word())]
    MissingField {
        /// The side.
        side: Side,
        /// The field's name there.
        field: String,
    },
    /// The side does not answer, or answers that it is busy or broken.
    #[error("reach {side}: {words}", side = .side.word())]
    Unavailable {
        /// The side.
        side: Side,
        /// What was seen.
        words: String,
    },
    /// The side lets nobody in for a while: an update, a backup, a night of closing.
    #[error("be let into {side} while it is locked: {words}", side = .side.word())]
    Locked {
        /// The side.
        side: Side,
        /// Its own words.
        words: String,
    },
    /// All licences of the side are taken at present.
    #[error("get a licence of {side}: {words}", side = .side.word())]
    NoLicence {
        /// The side.
        side: Side,
        /// Its own words.
        words: String,
    },
    /// The subscription of the side is over.
    #[error("use {side}, which is not paid for: {words}", side = .side.word())]
    Unpaid {
        /// The side.
        side: Side,
        /// Its own words.
        words: String,
    },
    /// The record is held by somebody else, or by work of the side's own.
    #[error("get hold of the record in {side}: {words}", side = .side.word())]
    Busy {
        /// The side.
        side: Side,
        /// Its own words.
        words: String,
    },
    /// A request was refused as a whole, without effect; which of the records in it is to blame is not said.
    #[error("have a request taken by {side}: {words}", side = .side.word())]
    Rejected {
        /// The side.
        side: Side,
        /// What was seen, without personal data.
        words: String,
    },
    /// The limits do not allow a call before this moment.
    #[error("call {side} before {until}", side = .side.word())]
    LimitReached {
        /// The side.
        side: Side,
        /// When it is worth calling again.
        until: Timestamp,
    },
    /// An answer that the vendor's documentation does not know.
    #[error("understand the answer of {side}: {words}", side = .side.word())]
    Unexpected {
        /// The side.
        side: Side,
        /// What was seen, without personal data.
        words: String,
    },
    /// The client's own store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
