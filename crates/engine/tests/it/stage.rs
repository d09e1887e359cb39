//! An engine, its store, a clock that is set by hand, and a side that is told what to show.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::ready;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_executor::block_on;
use jiff::Timestamp;
use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::key::Key;
use obmen_domain::party::{Email, Field, Party, Person, Point, Value};
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side, Standing};
use obmen_domain::rules::{Capacity, Rules};
use obmen_domain::stay::Tie;
use obmen_engine::ports::{
    Alone, BoxFuture, Clock, Cursor, Outcome, Portion, Reader, SentCreate, SideError, User, Write, WriteSort,
    Writer,
};
use obmen_engine::progress::Unwatched;
use obmen_engine::share::ROUND;
use obmen_engine::store::{Change, DirtyReason, Intent, IntentAction, Store};
use obmen_engine::sync::{Engine, MANY, PORTION};
use obmen_engine::watch::{Bookmark, News, Receipt, Stamp, Stamps, Waiting};
use obmen_store::{SqliteStore, Threading};

pub(crate) struct Stage {
    pub(crate) engine: Engine,
    /// Bitrix24.
    pub(crate) side: Arc<Shown>,
    pub(crate) onec: Arc<Shown>,
    pub(crate) store: Arc<dyn Store>,
    clock: Arc<SetClock>,
}

/// A portion: contacts by id, with their versions where they show one.
type Versions = Vec<(String, Option<String>)>;

/// What a side shows.
#[derive(Default)]
pub(crate) struct Shown {
    /// Contacts by id and version, a portion each.
    pub(crate) portions: Mutex<Vec<Versions>>,
    /// After so many portions the side is away.
    pub(crate) fails_after: Mutex<Option<usize>>,
    /// Ids that changed.
    pub(crate) news: Mutex<Vec<String>>,
    /// With which bookmarks it was asked for news.
    pub(crate) asked: Mutex<Vec<Option<String>>>,
    /// Messages of ids that it keeps for us, the next one first; «?» stands for something elsewhere.
    pub(crate) queue: Mutex<VecDeque<Vec<&'static str>>>,
    /// How many rows were there when each message was confirmed.
    pub(crate) confirmed: Mutex<Vec<usize>>,
    /// What the engine keeps, to be looked at when it confirms.
    store: Mutex<Option<Arc<dyn Store>>>,
    /// Ids that exist, though no list shows them.
    pub(crate) left_out: Mutex<BTreeSet<&'static str>>,
    /// How often it was swept.
    pub(crate) sweeps: Mutex<usize>,
    /// Contacts that carry the mark of our create from a source.
    pub(crate) made: Mutex<Vec<(RecordId, &'static str)>>,
    /// Contacts that stand there when they are asked for by their ids.
    pub(crate) stands: Mutex<BTreeSet<String>>,
    /// Ids that were asked for, a question each.
    pub(crate) fetched: Mutex<Vec<Vec<String>>>,
    /// The side is locked, and after how long it says so to whoever writes, a write each.
    pub(crate) locked: Mutex<Option<Duration>>,
    pub(crate) attempts: Mutex<usize>,
    /// Somebody who can be found by the keys of contact 1, and from when on.
    pub(crate) turns_up: Mutex<Option<(Timestamp, Record)>>,
    /// How often somebody was looked for by keys.
    pub(crate) looked_up: Mutex<usize>,
    /// Each create takes effect.
    pub(crate) makes: Mutex<bool>,
    /// Each write takes effect, and meets this state in place of the one it was planned on.
    pub(crate) overwrites: Mutex<Option<Record>>,
    /// Until then a limit lets no write in.
    pub(crate) limited_until: Mutex<Option<Timestamp>>,
    /// After how long the outcome of a write can be found out.
    pub(crate) settles_after: Mutex<Duration>,
}

struct SetClock(Mutex<Timestamp>);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
        let mut now = self.0.lock().unwrap();
        *now = deadline.max(*now);
        Box::pin(ready(()))
    }
}

/// One side of the stage.
struct Half(Side, Arc<Shown>, Arc<SetClock>);

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(&SqliteStore::in_memory().unwrap())
    }

    /// The store is a file, which a test may break.
    pub(crate) fn in_file(file: &Path) -> Self {
        Self::with(&SqliteStore::open(file, Threading::Inline).unwrap())
    }

    fn with(store: &SqliteStore) -> Self {
        let store: Arc<dyn Store> = Arc::new(store.pair("main"));
        let side = Arc::new(Shown::default());
        let onec = Arc::new(Shown::default());
        *side.store.lock().unwrap() = Some(Arc::clone(&store));
        let clock = Arc::new(SetClock(Mutex::new("2026-03-02T09:00:00Z".parse().unwrap())));
        let engine = Engine {
            rules: Rules::default(),
            store: Arc::clone(&store),
            bitrix24: Arc::new(Half(Side::Bitrix24, Arc::clone(&side), Arc::clone(&clock))),
            onec: Arc::new(Half(Side::Onec, Arc::clone(&onec), Arc::clone(&clock))),
            clock: Arc::clone(&clock) as _,
            crew: Arc::new(Alone),
            progress: Arc::new(Unwatched),
            run: "test".to_owned(),
            accept_fewer: false,
            many: MANY,
            portion: PORTION,
            round: ROUND,
        };
        Self { engine, side, onec, store, clock }
    }

    /// The store has seen these contacts, in these versions.
    pub(crate) fn seen(&self, contacts: &[(&str, &str)]) {
        let see = |(id, version): &(&str, &str)| Change::Seen(Box::new(person(id, version)));
        block_on(self.store.apply(contacts.iter().map(see).collect())).unwrap();
    }

    /// The store has seen a contact whose stored id names a record of the other side.
    pub(crate) fn seen_naming(&self, contact: &str, named: &RecordId) {
        self.see(Record { mutual_id: named.mutual(), ..person(contact, "a") });
    }

    /// The store has seen a person of 1C, of the same name as all here, and with a mailbox.
    pub(crate) fn seen_in_onec(&self, id: &RecordId) {
        let mut record = Record { id: id.clone(), catalog: Catalog::Counterparty, ..person("", "a") };
        let mailbox = "vera@example.org";
        record.party.set(Field::Email, Value::Emails(emails(mailbox)));
        self.see(record);
    }

    fn see(&self, record: Record) {
        block_on(self.store.apply(vec![Change::Seen(Box::new(record))])).unwrap();
    }

    /// The side shows these contacts, in portions.
    pub(crate) fn shows(&self, portions: &[&[(&str, &str)]]) {
        let stamp = |(id, version): &(&str, &str)| ((*id).to_owned(), Some((*version).to_owned()));
        *self.side.portions.lock().unwrap() =
            portions.iter().map(|portion| portion.iter().map(stamp).collect()).collect();
    }

    /// A message tells of these contacts.
    pub(crate) fn signal(&self, contacts: &[&str]) {
        let now = self.clock.now();
        let signal = |id: &&str| Change::Dirty {
            id: RecordId::bitrix24(Kind::Contact, *id),
            reason: DirtyReason::Signal,
            since: now,
            due: now,
        };
        block_on(self.store.apply(contacts.iter().map(signal).collect())).unwrap();
    }

    /// A copy of these contacts was sent to the other side and nobody knows what became of it.
    pub(crate) fn copies_under_way(&self, contacts: &[&str]) {
        let sent_at = self.clock.now();
        let intent = |id: &&str| {
            let record = RecordId::bitrix24(Kind::Contact, *id);
            Change::Intent(Intent { record, action: IntentAction::Create { derived_id: None }, sent_at })
        };
        block_on(self.store.apply(contacts.iter().map(intent).collect())).unwrap();
    }

    pub(crate) fn pass(&self, time: Duration) {
        *self.clock.0.lock().unwrap() += time;
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The contacts that are to be looked at because of a signal.
    pub(crate) fn signalled(&self) -> Vec<String> {
        let rows = block_on(self.store.dirty(Kind::Contact, self.clock.now(), None, 1000)).unwrap();
        assert!(rows.iter().all(|row| row.reason == DirtyReason::Signal), "{rows:?}");
        rows.into_iter().map(|row| row.id.id).collect()
    }

    pub(crate) fn links(&self, contact: &str) -> usize {
        block_on(self.store.links(&[RecordId::bitrix24(Kind::Contact, contact)])).unwrap().len()
    }

    pub(crate) fn open_writes(&self) -> usize {
        block_on(self.store.intents()).unwrap().len()
    }

    pub(crate) fn bookmark(&self) -> Option<String> {
        block_on(self.store.recall("bookmark:bitrix24")).unwrap()
    }
}

pub(crate) fn person(id: &str, version: &str) -> Record {
    Record {
        id: RecordId::bitrix24(Kind::Contact, id),
        catalog: Catalog::Bitrix24,
        version: version.to_owned(),
        party: Party::Person(Person {
            name: PersonName::from_parts("Кольцова", "Вера", ""),
            inn: String::new(),
            phones: Vec::new(),
            emails: emails(&format!("n{id}@firm.example")),
            employers: Vec::new(),
            position: String::new(),
            ..Person::default()
        }),
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: BTreeSet::new(),
        attributes: BTreeMap::new(),
        brought: BTreeSet::new(),
    }
}

fn emails(text: &str) -> Vec<Email> {
    read_emails(text).into_iter().map(|key| Point::known(key, text)).collect()
}

impl Shown {
    fn away(&self) -> SideError {
        SideError::Unavailable { side: Side::Bitrix24, words: "away".to_owned() }
    }
}

impl Reader for Half {
    fn side(&self) -> Side {
        self.0
    }

    fn capacity(&self, _: Catalog) -> Capacity {
        Capacity {
            fields: Kind::ALL.into_iter().flat_map(Field::merged).copied().collect(),
            phones: 9,
            emails: 9,
            companies: 9,
            lengths: BTreeMap::new(),
            sorts: BTreeMap::new(),
            mutual_id: false,
        }
    }

    fn sweep(&self, _: Kind, _: Option<Cursor>) -> BoxFuture<'_, Result<Portion, SideError>> {
        *self.1.sweeps.lock().unwrap() += 1;
        Box::pin(ready(Ok(Portion::default())))
    }

    fn news<'a>(&'a self, since: Option<&'a Bookmark>) -> BoxFuture<'a, Result<Option<News>, SideError>> {
        if self.0 == Side::Onec {
            return Box::pin(ready(Ok(None)));
        }
        self.1.asked.lock().unwrap().push(since.map(|bookmark| bookmark.0.clone()));
        if self.1.fails_after.lock().unwrap().is_some() {
            return Box::pin(ready(Err(self.1.away())));
        }
        let ids = since.map(|_| std::mem::take(&mut *self.1.news.lock().unwrap())).unwrap_or_default();
        let ids = ids.into_iter().map(|id| RecordId::bitrix24(Kind::Contact, id)).collect();
        let bookmark = Bookmark(format!("{}", self.1.asked.lock().unwrap().len()));
        Box::pin(ready(Ok(Some(News { ids, bookmark }))))
    }

    fn waiting(&self) -> BoxFuture<'_, Result<Option<Waiting>, SideError>> {
        let message = self.1.queue.lock().unwrap().front().cloned();
        let waiting = message.map(|ids| Waiting {
            is_elsewhere: ids.contains(&"?"),
            ids: ids
                .iter()
                .filter(|id| **id != "?")
                .map(|id| RecordId::bitrix24(Kind::Contact, *id))
                .collect(),
            receipt: Receipt(ids.concat()),
        });
        Box::pin(ready(Ok(waiting)))
    }

    fn confirm<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SideError>> {
        Box::pin(async move {
            if self.1.fails_after.lock().unwrap().is_some() {
                return Err(self.1.away());
            }
            let message = self.1.queue.lock().unwrap().pop_front().unwrap();
            assert_eq!(message.concat(), receipt.0);
            let store = self.1.store.lock().unwrap().clone().unwrap();
            let rows = store.dirty(Kind::Contact, Timestamp::MAX, None, 1000).await?;
            self.1.confirmed.lock().unwrap().push(rows.len());
            Ok(())
        })
    }

    fn stamps(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Stamps, SideError>> {
        if kind == Kind::Company {
            return Box::pin(ready(Ok(Stamps::default())));
        }
        let place: usize = cursor.map_or(0, |cursor| cursor.0.parse().unwrap());
        if self.1.fails_after.lock().unwrap().is_some_and(|after| place >= after) {
            return Box::pin(ready(Err(self.1.away())));
        }
        let portions = self.1.portions.lock().unwrap();
        let shown = portions.get(place).cloned().unwrap_or_default();
        let stamp = |(id, version)| Stamp { id: RecordId::bitrix24(Kind::Contact, id), version };
        let next = (place + 1 < portions.len()).then(|| Cursor((place + 1).to_string()));
        Box::pin(ready(Ok(Stamps { stamps: shown.into_iter().map(stamp).collect(), next })))
    }

    fn fetch<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        let asked = ids.iter().map(|id| id.id.clone()).collect();
        self.1.fetched.lock().unwrap().push(asked);
        let stands = self.1.stands.lock().unwrap();
        let found = ids.iter().filter(|id| stands.contains(&id.id)).map(|id| person(&id.id, "a"));
        Box::pin(ready(Ok(found.collect())))
    }

    fn gone<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<RecordId>, SideError>> {
        let left_out = self.1.left_out.lock().unwrap();
        let gone = ids.iter().filter(|id| !left_out.contains(id.id.as_str())).cloned().collect();
        Box::pin(ready(Ok(gone)))
    }

    fn find<'a>(&'a self, _: Kind, _: &'a [Key]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        *self.1.looked_up.lock().unwrap() += 1;
        let turned_up = self.1.turns_up.lock().unwrap().clone().filter(|(since, _)| *since <= self.2.now());
        Box::pin(ready(Ok(turned_up.map(|(_, record)| record).into_iter().collect())))
    }

    fn find_created<'a>(
        &'a self,
        sent: &'a [SentCreate],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, Record)>, SideError>> {
        let made = self.1.made.lock().unwrap();
        let made = made.iter().filter(|(source, _)| sent.iter().any(|create| create.source == *source));
        Box::pin(ready(Ok(made.map(|(source, id)| (source.clone(), person(id, "a"))).collect())))
    }

    fn ties<'a>(&'a self, _: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<(RecordId, Tie)>, SideError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn users(&self) -> BoxFuture<'_, Result<Vec<User>, SideError>> {
        Box::pin(ready(Ok(Vec::new())))
    }
}

impl Writer for Half {
    fn room(&self, _: WriteSort) -> usize {
        1
    }

    fn parallel(&self) -> usize {
        1
    }

    fn settle_after(&self) -> Duration {
        *self.1.settles_after.lock().unwrap()
    }

    fn derived_id(&self, _: &RecordId) -> Option<String> {
        None
    }

    fn write(&self, writes: Vec<Write>) -> BoxFuture<'_, Vec<Outcome>> {
        if let Some(overwrote) = self.1.overwrites.lock().unwrap().clone() {
            let outcomes = writes.into_iter().map(|write| taken(write, overwrote.clone()));
            return Box::pin(ready(outcomes.collect()));
        }
        if *self.1.makes.lock().unwrap() {
            return Box::pin(ready(writes.into_iter().map(made).collect()));
        }
        let Some(after) = *self.1.locked.lock().unwrap() else { panic!("whoever watches writes nothing") };
        *self.1.attempts.lock().unwrap() += 1;
        if let Some(until) = self.1.limited_until.lock().unwrap().filter(|until| self.2.now() < *until) {
            let limited = SideError::LimitReached { side: self.0, until };
            return Box::pin(ready(writes.iter().map(|_| Outcome::NotDone(limited.clone())).collect()));
        }
        *self.2.0.lock().unwrap() += after;
        let locked = SideError::Locked { side: self.0, words: "update".to_owned() };
        Box::pin(ready(writes.iter().map(|_| Outcome::NotDone(locked.clone())).collect()))
    }
}

/// A create that took effect.
fn made(write: Write) -> Outcome {
    let Write::Create { catalog, source, party, .. } = write else { panic!("nothing is changed here") };
    let id = RecordId { side: source.side.other(), kind: source.kind, id: "made".to_owned() };
    let record = Record { id, catalog, party: *party, ..person("", "a") };
    Outcome::Done { record: Box::new(record), overwrote: None }
}

/// An update that took effect on another state than planned.
fn taken(write: Write, overwrote: Record) -> Outcome {
    let Write::Update { mut record, changes, .. } = write else { panic!("nothing is made or marked here") };
    changes.into_iter().for_each(|change| record.party.set(change.field, change.after));
    Outcome::Done { record, overwrote: Some(Box::new(overwrote)) }
}
