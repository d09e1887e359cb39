//! The desk: everything the engine waits for lies here until the scheduler answers it.
//!
//! Leaf futures register themselves, keep their waker here and complete when the scheduler says so; there is no other
//! way for them to complete. Not responsible for choosing what happens (see `run`).

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jiff::Timestamp;
use obmen_domain::record::Side;
use obmen_engine::ports::{HttpResponse, TransportError};
use obmen_engine::store::Change;
use obmen_sim::http::{Request, Response};

/// What a request ends in.
pub(crate) type Reply = Result<HttpResponse, TransportError>;

/// The scheduler's table; clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Desk(Arc<Mutex<Table>>);

/// What lies on it.
#[derive(Debug)]
pub(crate) struct Table {
    /// The simulated time.
    pub(crate) now: Timestamp,
    /// Requests without a reply, by the order of sending.
    pub(crate) calls: BTreeMap<u64, Call>,
    /// Timers and commits that wait, by the order of registering.
    pub(crate) pauses: BTreeMap<u64, Pause>,
    /// Requests whose sender is gone and that had not arrived.
    pub(crate) orphans: Vec<Call>,
    /// Values that were replaced and never shown.
    pub(crate) unseen: BTreeSet<String>,
    /// Changes that the store committed since they were last taken.
    pub(crate) committed: Vec<Vec<Change>>,
    /// How many acts of people there were.
    pub(crate) acts: u64,
    /// How many of them there were when the run last began to plan or to look somebody up.
    pub(crate) looked_at: u64,
    /// Whether sides are being asked who holds the keys of those about to be created.
    pub(crate) is_looking_up: bool,
    /// How many answers have come back.
    pub(crate) answers: u64,
    /// Bells that have rung and were not heard yet.
    pub(crate) rung: BTreeSet<Bell>,
    /// What the process is about, each with how often at once.
    pub(crate) at_work: BTreeMap<Work, usize>,
    /// What the process met, to be counted.
    pub(crate) met: Vec<&'static str>,
    /// Failures as the log tells them.
    pub(crate) failures: Vec<String>,
    /// When the last walk over ids began, and when the next one begins.
    pub(crate) walk: Option<(Timestamp, Timestamp)>,
    last: u64,
}

/// What wakes the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bell {
    /// There are records to look at.
    Records,
    /// A side is to be asked.
    Side(Side),
}

/// What a process that serves is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Work {
    /// A round.
    Round,
    /// A full reading of both sides.
    Look,
    /// A poll of the portal.
    Poll,
    /// A scan of the infobase.
    Scan,
    /// A walk over the portal's ids.
    Ids,
}

/// As long as it lives, the process is about something.
#[derive(Debug)]
pub(crate) struct AtWork {
    desk: Desk,
    work: Work,
}

/// What a run knew when it sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Knew {
    /// How many acts of people there were when it began to plan.
    pub(crate) acts: u64,
    /// How many answers had come back.
    pub(crate) answers: u64,
}

/// A request that is under way.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) side: Side,
    pub(crate) request: Request,
    pub(crate) is_write: bool,
    pub(crate) sent_at: Timestamp,
    pub(crate) timeout: Duration,
    /// What the run knew when it was sent.
    pub(crate) knew: Knew,
    pub(crate) stage: Stage,
    waker: Option<Waker>,
}

/// How far a request is.
#[derive(Debug)]
pub(crate) enum Stage {
    /// On its way.
    Sent,
    /// Nothing will be heard of it.
    Silent,
    /// It took effect; the answer is there at this moment. With it go the values that it replaced and that no answer
    /// had shown before: whoever reads this one knows them.
    Handled(Timestamp, Response, BTreeSet<String>),
    /// The reply has come back.
    Replied(Reply),
}

/// Something that waits without a request.
#[derive(Debug)]
pub(crate) struct Pause {
    pub(crate) what: Wait,
    pub(crate) is_over: bool,
    waker: Option<Waker>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// A moment.
    Until(Timestamp),
    /// Leave to commit.
    BeforeCommit,
    /// Leave to go on after a commit.
    AfterCommit,
    /// A bell.
    Rung(Bell),
}

impl Desk {
    /// An empty desk.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Table {
            now,
            calls: BTreeMap::new(),
            pauses: BTreeMap::new(),
            orphans: Vec::new(),
            unseen: BTreeSet::new(),
            committed: Vec::new(),
            acts: 0,
            looked_at: 0,
            is_looking_up: false,
            answers: 0,
            rung: BTreeSet::new(),
            at_work: BTreeMap::new(),
            met: Vec::new(),
            failures: Vec::new(),
            walk: None,
            last: 0,
        })))
    }

    /// The table, for as long as the guard lives.
    pub(crate) fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().expect("one thread alone uses the desk, and it does not panic while it holds it")
    }

    /// Waits for the scheduler.
    pub(crate) fn pause(&self, what: Wait) -> Pausing {
        let mut table = self.table();
        let id = table.next_id();
        table.pauses.insert(id, Pause { what, is_over: false, waker: None });
        Pausing { desk: self.clone(), id }
    }

    /// Notes what the process is about from now on.
    pub(crate) fn begin(&self, work: Work) -> AtWork {
        *self.table().at_work.entry(work).or_default() += 1;
        AtWork { desk: self.clone(), work }
    }

    /// Sends a request and waits for its reply.
    pub(crate) fn call(&self, side: Side, request: Request, is_write: bool, timeout: Duration) -> Calling {
        let mut table = self.table();
        let id = table.next_id();
        let (sent_at, knew) = (table.now, Knew { acts: table.looked_at, answers: table.answers });
        let call = Call { side, request, is_write, sent_at, timeout, knew, stage: Stage::Sent, waker: None };
        table.calls.insert(id, call);
        Calling { desk: self.clone(), id }
    }
}

impl Table {
    /// Ends a pause.
    pub(crate) fn end(&mut self, id: u64) {
        if let Some(pause) = self.pauses.get_mut(&id) {
            if let Wait::Rung(bell) = pause.what {
                self.rung.remove(&bell);
            }
            pause.is_over = true;
            wake(&mut pause.waker);
        }
    }

    /// Brings a reply back. An answer that was on its way is lost with it.
    pub(crate) fn reply(&mut self, id: u64, reply: Reply) {
        if let Some(call) = self.calls.get_mut(&id) {
            if let Stage::Handled(_, _, values) = std::mem::replace(&mut call.stage, Stage::Replied(reply)) {
                self.unseen.extend(values);
            }
            wake(&mut call.waker);
        }
    }

    fn next_id(&mut self) -> u64 {
        self.last += 1;
        self.last
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

/// Waits for the end of a pause.
#[derive(Debug)]
pub(crate) struct Pausing {
    desk: Desk,
    id: u64,
}

impl Future for Pausing {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut table = self.desk.table();
        let Some(pause) = table.pauses.get_mut(&self.id) else { return Poll::Ready(()) };
        if pause.is_over {
            table.pauses.remove(&self.id);
            return Poll::Ready(());
        }
        pause.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Pausing {
    fn drop(&mut self) {
        self.desk.table().pauses.remove(&self.id);
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let mut table = self.desk.table();
        match table.at_work.get_mut(&self.work) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                table.at_work.remove(&self.work);
            }
        }
    }
}

/// Waits for a reply.
#[derive(Debug)]
pub(crate) struct Calling {
    desk: Desk,
    id: u64,
}

impl Future for Calling {
    type Output = Reply;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Reply> {
        let mut table = self.desk.table();
        let call = table.calls.remove(&self.id).expect("a call lies on the desk until its future is gone");
        match call.stage {
            Stage::Replied(reply) => Poll::Ready(reply),
            stage => {
                let waker = Some(context.waker().clone());
                table.calls.insert(self.id, Call { stage, waker, ..call });
                Poll::Pending
            }
        }
    }
}

impl Drop for Calling {
    fn drop(&mut self) {
        let mut table = self.desk.table();
        let Some(call) = table.calls.remove(&self.id) else { return };
        match call.stage {
            Stage::Sent => table.orphans.push(call),
            Stage::Handled(_, _, values) => table.unseen.extend(values),
            Stage::Silent | Stage::Replied(_) => {}
        }
    }
}
