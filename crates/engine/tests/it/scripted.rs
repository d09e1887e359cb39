//! A side that tells portions of records, and counts what of it is in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::task::Poll;
use std::time::Duration;

use jiff::Timestamp;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::key::Key;
use obmen_domain::party::{Party, Person};
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side, Standing};
use obmen_domain::rules::Capacity;
use obmen_domain::stay::Tie;
use obmen_engine::ports::{
    BoxFuture, Clock, Cursor, Outcome, Portion, Reader, Records, SentCreate, SideError, User, Write,
    WriteSort, Writer,
};
use obmen_engine::progress::{Progress, Stage};
use obmen_engine::watch::Stamps;

/// How much of a walk is in memory.
#[derive(Debug, Default)]
pub(super) struct Held {
    made: AtomicU64,
    kept: AtomicU64,
    most_records: AtomicU64,
    portions: AtomicU64,
    most_portions: AtomicU64,
}

impl Held {
    /// Records made and not kept yet, at most.
    pub(super) fn most_records(&self) -> u64 {
        self.most_records.load(SeqCst)
    }

    /// Portions asked for and not used up yet, at most.
    pub(super) fn most_portions(&self) -> u64 {
        self.most_portions.load(SeqCst)
    }

    /// Records kept, as a watcher was told.
    pub(super) fn kept(&self) -> u64 {
        self.kept.load(SeqCst)
    }

    fn make_record(&self) {
        let made = self.made.fetch_add(1, SeqCst) + 1;
        self.most_records.fetch_max(made - self.kept().min(made), SeqCst);
    }

    fn begin_portion(&self) {
        let portions = self.portions.fetch_add(1, SeqCst) + 1;
        self.most_portions.fetch_max(portions, SeqCst);
    }
}

/// Counts a portion until it is used up.
struct Outstanding(Arc<Held>);

impl Drop for Outstanding {
    fn drop(&mut self) {
        self.0.portions.fetch_sub(1, SeqCst);
    }
}

/// Hears how many records were kept.
#[derive(Debug)]
pub(super) struct Watcher(pub(super) Arc<Held>);

impl Progress for Watcher {
    fn begin(&self, _: Stage, _: Option<u64>) {}

    fn advance(&self, stage: Stage, by: u64) {
        if stage == Stage::SweepBitrix24 {
            self.0.kept.fetch_add(by, SeqCst);
        }
    }

    fn finish(&self, _: Stage) {}
}

/// A clock that stands still.
pub(super) struct Always;

impl Clock for Always {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn sleep_until(&self, _: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(pending())
    }
}

/// A side with so many people in each portion of a walk.
pub(super) struct Scripted {
    side: Side,
    sizes: Vec<u64>,
    /// So many records of each portion stand in another one too.
    again: u64,
    held: Arc<Held>,
}

impl Scripted {
    pub(super) fn new(side: Side, sizes: &[u64], held: &Arc<Held>) -> Self {
        Self { side, sizes: sizes.to_vec(), again: 0, held: Arc::clone(held) }
    }

    pub(super) fn again(self, again: u64) -> Self {
        Self { again, ..self }
    }

    fn portion(&self, place: usize) -> Portion {
        let before: u64 = self.sizes[..place].iter().sum();
        let (side, held) = (self.side, Arc::clone(&self.held));
        held.begin_portion();
        let outstanding = Outstanding(Arc::clone(&held));
        let records = (before..before + self.sizes[place]).map(move |number| {
            let _ = &outstanding;
            held.make_record();
            person(side, number)
        });
        Portion { records: Records::made_by(records), again: self.again, ..Portion::default() }
    }
}

impl Reader for Scripted {
    fn side(&self) -> Side {
        self.side
    }

    fn capacity(&self, _: Catalog) -> Capacity {
        Capacity {
            fields: BTreeSet::new(),
            phones: 1,
            emails: 1,
            companies: 1,
            lengths: BTreeMap::new(),
            sorts: BTreeMap::new(),
            mutual_id: true,
        }
    }

    fn sweep(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Portion, SideError>> {
        let Some(Cursor(place)) = cursor else {
            let places = if kind == Kind::Contact { 0..self.sizes.len() } else { 0..0 };
            let next = places.map(|place| Cursor(place.to_string())).collect();
            return Box::pin(ready(Ok(Portion { next, ..Portion::default() })));
        };
        let portion = self.portion(place.parse().expect("places are our own"));
        Box::pin(async move {
            on_the_way().await;
            Ok(portion)
        })
    }

    fn stamps(&self, _: Kind, _: Option<Cursor>) -> BoxFuture<'_, Result<Stamps, SideError>> {
        Box::pin(ready(Ok(Stamps::default())))
    }

    fn fetch<'a>(&'a self, _: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn find<'a>(&'a self, _: Kind, _: &'a [Key]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn find_created<'a>(
        &'a self,
        _: &'a [SentCreate],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, Record)>, SideError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn ties<'a>(&'a self, _: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<(RecordId, Tie)>, SideError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn users(&self) -> BoxFuture<'_, Result<Vec<User>, SideError>> {
        Box::pin(ready(Ok(Vec::new())))
    }
}

impl Writer for Scripted {
    fn room(&self, _: WriteSort) -> usize {
        1
    }

    fn parallel(&self) -> usize {
        1
    }

    fn settle_after(&self) -> Duration {
        Duration::ZERO
    }

    fn derived_id(&self, _: &RecordId) -> Option<String> {
        None
    }

    fn write(&self, _: Vec<Write>) -> BoxFuture<'_, Vec<Outcome>> {
        panic!("nobody writes while looking")
    }
}

/// Not answered at once, so that others are asked meanwhile.
async fn on_the_way() {
    let mut is_asked = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut is_asked, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn person(side: Side, number: u64) -> Record {
    let name = PersonName::from_parts("Белова", "Анна", &number.to_string());
    Record {
        id: RecordId { side, kind: Kind::Contact, id: (number + 1).to_string() },
        catalog: Catalog::Bitrix24,
        version: "1".to_owned(),
        party: Party::Person(Person { name, ..Person::default() }),
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: BTreeSet::new(),
        attributes: BTreeMap::new(),
        brought: BTreeSet::new(),
    }
}
