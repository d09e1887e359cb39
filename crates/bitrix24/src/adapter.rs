//! The portal behind the engine's ports.
//!
//! Only hands over: rooms of this crate do the work. Invariant: facts about the portal are found out before the first
//! call that depends on them, and once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use obmen_domain::key::Key;
use obmen_domain::party::{Field, UserId};
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side};
use obmen_domain::rules::Capacity;
use obmen_domain::stay::Tie;
use obmen_engine::doctor::{Doctor, Finding};
use obmen_engine::ports::{
    BoxFuture, Clock, Cursor, Memory, Outcome, Portion, Reader, SentCreate, SideError, Transport, User,
    Write, WriteSort, Writer,
};
use obmen_engine::watch::{Bookmark, News, Receipt, Stamps, Waiting};
use serde_json::{Value, json};

use crate::call::{Command, unexpected};
use crate::comment::{Comment, Commented};
use crate::further::requisite_of;
use crate::gauge::Gauge;
use crate::limiter::Usage;
use crate::offline::Queue;
use crate::portal::{Portal, questions, read_facts};
use crate::read::{PAGE, fetch};
use crate::sender::Sender;
use crate::settings::Settings;
use crate::wire::{flag, into_rows, member};
use crate::write::create::{IMPORT, IMPORTED, create, none_made};
use crate::write::denied::{check_caller, tell_denied};
use crate::write::further::head_of;
use crate::write::mark::{MARKED, mark};
use crate::write::sorted::Sorted;
use crate::write::update::update;
use crate::{address, comment, doctor, find, further, gone, news, stamps, sweep, ties, write};

/// Writes under way at once. The portal's vendor discourages more from one address.
const PARALLEL: usize = 4;
/// Updates in one call: what fits into a batch beside the lists around them.
const UPDATES: usize = 44;

/// A Bitrix24 portal.
pub struct Bitrix24 {
    settings: Arc<Settings>,
    sender: Sender,
    portal: Mutex<Option<Arc<Portal>>>,
    queue: Queue,
    /// Whether the user was no administrator any more when that was last seen: what it writes then, it writes blindly.
    has_lost_rights: AtomicBool,
}

impl Bitrix24 {
    /// A portal nobody has spoken to yet.
    pub fn new(
        settings: Settings,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        memory: Arc<dyn Memory>,
    ) -> Self {
        let gauge = Arc::new(Gauge::new(Arc::clone(&memory)));
        Self::sharing(gauge, settings, transport, clock, memory)
    }

    /// As [`Bitrix24::new`], with limits that others use up as well.
    pub fn sharing(
        gauge: Arc<Gauge>,
        settings: Settings,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        memory: Arc<dyn Memory>,
    ) -> Self {
        let settings = Arc::new(settings);
        let sender = Sender::new(Arc::clone(&settings), transport, clock, memory, gauge);
        Self {
            settings,
            sender,
            portal: Mutex::new(None),
            queue: Queue::default(),
            has_lost_rights: AtomicBool::new(false),
        }
    }

    /// Finds out about rights, user fields and presets. Calls that need the facts do it themselves where it was not
    /// done; doing it again takes changes in.
    ///
    /// # Errors
    /// What the portal says instead of answering.
    pub async fn connect(&self) -> Result<Arc<Portal>, SideError> {
        let answers = self.sender.read(&questions(&self.settings)).await?;
        let answers: Vec<_> = answers.into_iter().map(|answer| (answer.value, answer.total)).collect();
        let mut portal = read_facts(&answers, &self.settings);
        for directory in portal.configured.directories() {
            let filter = json!({ "ENTITY_ID": directory });
            let statuses = self.all_rows("crm.status.list", &json!({ "filter": filter })).await?;
            portal.configured.learn(&directory, &statuses);
        }
        let portal = Arc::new(portal);
        if portal.knows_connectors {
            self.sender.mark_writes();
        }
        *self.portal.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&portal));
        Ok(portal)
    }

    /// How much of the portal's limits is used up; nothing before the first request.
    pub async fn usage(&self) -> Option<Usage> {
        self.sender.usage().await
    }

    /// The address of a record's card in the portal, without the secret; `None` for records of the other side, and where the
    /// webhook's address is of no known shape.
    pub fn card(&self, id: &RecordId) -> Option<String> {
        self.settings.card(id)
    }

    /// Writes comments beside cards; answers what became of each.
    pub async fn comment(&self, comments: &[Comment]) -> Vec<Commented> {
        comment::comment(comments, &self.sender).await
    }

    fn known(&self) -> Option<Arc<Portal>> {
        self.portal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn portal(&self) -> Result<Arc<Portal>, SideError> {
        match self.known() {
            Some(portal) => Ok(portal),
            None => self.connect().await,
        }
    }

    async fn fetch_all(&self, ids: &[RecordId]) -> Result<Vec<Record>, SideError> {
        let portal = self.portal().await?;
        let mut records = Vec::with_capacity(ids.len());
        for kind in Kind::ALL {
            let mut wanted: Vec<String> = ids
                .iter()
                .filter(|id| id.side == Side::Bitrix24 && id.kind == kind)
                .map(|id| id.id.clone())
                .collect();
            wanted.sort();
            wanted.dedup();
            let requisite_of = |id: &String| requisite_of(id).map(str::to_owned);
            let requisites: Vec<String> = wanted.iter().filter_map(requisite_of).collect();
            wanted.retain(|id| requisite_of(id).is_none());
            let (sender, settings) = (&self.sender, &self.settings);
            records.extend(match further::are_read(kind, settings) {
                true => further::fetch_whole(&wanted, &requisites, sender, settings, &portal).await?,
                false => fetch(kind, &wanted, sender, settings, &portal).await?,
            });
        }
        Ok(records)
    }

    /// All rows of a list that comes in pages.
    async fn all_rows(&self, method: &'static str, params: &Value) -> Result<Vec<Value>, SideError> {
        let page = |start: usize| {
            let mut params = params.clone();
            params["start"] = json!(start);
            Command::new(method, params)
        };
        let first = self.sender.read(&[page(0)]).await?.into_iter().next();
        let first = first.ok_or_else(|| unexpected(format!("no answer to {method}")))?;
        let total = usize::try_from(first.total.unwrap_or_default()).unwrap_or_default();
        let further: Vec<Command> = (PAGE..total).step_by(PAGE).map(page).collect();
        let mut pages = vec![first.value];
        pages.extend(self.sender.read_values(&further).await?);
        Ok(pages.into_iter().flat_map(into_rows).collect())
    }

    async fn all_users(&self) -> Result<Vec<User>, SideError> {
        let rows =
            self.all_rows("user.get", &json!({"sort": "ID", "order": "ASC", "ADMIN_MODE": "Y"})).await?;
        let mut users = BTreeMap::new();
        for row in &rows {
            let parts = [member(row, "LAST_NAME"), member(row, "NAME"), member(row, "SECOND_NAME")];
            let name = parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ");
            let user = User {
                id: UserId(member(row, "ID")),
                name,
                email: member(row, "EMAIL").to_lowercase(),
                active: row.get("ACTIVE").is_some_and(flag),
            };
            users.insert(user.id.clone(), user);
        }
        Ok(users.into_values().collect())
    }

    async fn write_all(&self, writes: Vec<Write>) -> Vec<Outcome> {
        let portal = match self.portal().await {
            Ok(portal) => portal,
            Err(error) => return none_made(writes.len(), &error),
        };
        if let Some(error) = portal.lost() {
            return none_made(writes.len(), &error);
        }
        if self.has_lost_rights.load(Ordering::Relaxed)
            && let Err(error) = self.noted(check_caller(&self.sender, &portal).await)
        {
            return none_made(writes.len(), &error);
        }
        let mut outcomes: Vec<Outcome> = vec![Outcome::Unknown; writes.len()];
        let (mut cards, mut of_further) = (Sorted::default(), Sorted::default());
        for (place, write) in writes.into_iter().enumerate() {
            let sorted = if self.is_of_further(&write) { &mut of_further } else { &mut cards };
            sorted.add(place, write);
        }
        let (sender, settings) = (&self.sender, &*self.settings);
        let of_cards = [
            create(&cards.creations, sender, settings, &portal).await,
            update(&cards.revisions, sender, settings, &portal).await,
            mark(&cards.goers, sender, settings, &portal).await,
        ];
        let of_requisites = [
            write::further::create(&of_further.creations, sender, settings, &portal).await,
            write::further::update(&of_further.revisions, sender, settings, &portal).await,
            write::further::delete(&of_further.goers, sender, settings, &portal).await,
        ];
        for (place, outcome) in cards.placed(of_cards).chain(of_further.placed(of_requisites)) {
            outcomes[place] = outcome;
        }
        tell_denied(&mut outcomes, &self.sender, &portal).await;
        outcomes
    }

    /// Whether a write concerns a requisite that is a record of its own.
    fn is_of_further(&self, write: &Write) -> bool {
        match write {
            Write::Create { party, .. } => {
                further::are_read(party.kind(), &self.settings) && head_of(party).is_some()
            }
            Write::Update { record, .. } | Write::Mark { record } => requisite_of(&record.id.id).is_some(),
        }
    }

    /// Takes note of an answer of which it was asked who is calling.
    fn noted<T>(&self, answer: Result<T, SideError>) -> Result<T, SideError> {
        match &answer {
            Ok(_) => self.has_lost_rights.store(false, Ordering::Relaxed),
            Err(SideError::MissingRight { .. }) => self.has_lost_rights.store(true, Ordering::Relaxed),
            Err(_) => {}
        }
        answer
    }
}

impl Reader for Bitrix24 {
    fn side(&self) -> Side {
        Side::Bitrix24
    }

    fn capacity(&self, _catalog: Catalog) -> Capacity {
        let has_id_field =
            |kind: Kind| self.known().is_none_or(|portal| portal.id_field(kind, &self.settings).is_some());
        let is_held = |field: &Field| *field != Field::Address || self.settings.addresses;
        let fields = Kind::ALL.into_iter().flat_map(Field::merged).copied().filter(is_held);
        let lengths = [
            (Field::Name, 255),
            (Field::LegalName, 255),
            (Field::Address, address::LENGTH),
            (Field::Position, 255),
        ];
        let portal = self.known();
        Capacity {
            fields: fields.chain([Field::MutualId]).collect(),
            phones: usize::MAX,
            emails: usize::MAX,
            companies: usize::MAX,
            lengths: lengths
                .into_iter()
                .chain(portal.iter().flat_map(|portal| portal.configured.lengths()))
                .collect(),
            sorts: portal.as_ref().map(|portal| portal.configured.sorts()).unwrap_or_default(),
            mutual_id: Kind::ALL.into_iter().all(has_id_field),
        }
    }

    fn sweep(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Portion, SideError>> {
        Box::pin(async move {
            let portal = self.portal().await?;
            sweep::sweep(kind, cursor, &self.sender, &self.settings, &portal).await
        })
    }

    fn news<'a>(&'a self, since: Option<&'a Bookmark>) -> BoxFuture<'a, Result<Option<News>, SideError>> {
        Box::pin(async move {
            let portal = self.known();
            let news = news::news(since, &self.sender, &self.settings, portal.as_deref()).await;
            let news = if portal.is_some() { self.noted(news) } else { news };
            news.map(Some)
        })
    }

    fn waiting(&self) -> BoxFuture<'_, Result<Option<Waiting>, SideError>> {
        Box::pin(async move {
            let portal = self.portal().await?;
            if !portal.keeps_queues {
                return Ok(None);
            }
            self.queue.next(&self.sender, &self.settings).await
        })
    }

    fn confirm<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SideError>> {
        Box::pin(self.queue.confirm(&self.sender, receipt))
    }

    fn stamps(&self, kind: Kind, cursor: Option<Cursor>) -> BoxFuture<'_, Result<Stamps, SideError>> {
        Box::pin(async move { stamps::stamps(kind, cursor, &self.sender, &self.settings).await })
    }

    fn fetch<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        Box::pin(self.fetch_all(ids))
    }

    fn gone<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<RecordId>, SideError>> {
        Box::pin(async move {
            let portal = self.portal().await?;
            // Where further requisites are no records, they are gone as such.
            let is_read =
                |id: &&RecordId| further::are_read(id.kind, &self.settings) || requisite_of(&id.id).is_none();
            let (read, unread): (Vec<_>, Vec<_>) = ids.iter().partition(is_read);
            let read: Vec<RecordId> = read.into_iter().cloned().collect();
            let gone = self.noted(gone::gone(&read, &self.sender, &portal).await)?;
            Ok(gone.into_iter().chain(unread.into_iter().cloned()).collect())
        })
    }

    fn find<'a>(&'a self, kind: Kind, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Record>, SideError>> {
        Box::pin(async move {
            let portal = self.portal().await?;
            find::find(kind, keys, &self.sender, &self.settings, &portal).await
        })
    }

    fn find_created<'a>(
        &'a self,
        sent: &'a [SentCreate],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, Record)>, SideError>> {
        Box::pin(async move {
            let portal = self.portal().await?;
            find::find_created(sent, &self.sender, &self.settings, &portal).await
        })
    }

    fn ties<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<(RecordId, Tie)>, SideError>> {
        Box::pin(ties::ties(ids, &self.sender))
    }

    fn users(&self) -> BoxFuture<'_, Result<Vec<User>, SideError>> {
        Box::pin(self.all_users())
    }
}

impl Writer for Bitrix24 {
    fn room(&self, sort: WriteSort) -> usize {
        match sort {
            WriteSort::Update => UPDATES,
            WriteSort::Mark => MARKED,
            WriteSort::Create if self.settings.allow_automation => PAGE,
            WriteSort::Create => {
                let item = self.sender.try_estimate(IMPORT, 1.0).max(0.001);
                let items = (self.settings.limits.batch_seconds() / item) as usize;
                // Whole commands, so that none is cut off a batch.
                (items / IMPORTED * IMPORTED).clamp(items.clamp(1, IMPORTED), PAGE * IMPORTED)
            }
        }
    }

    fn parallel(&self) -> usize {
        PARALLEL
    }

    fn settle_after(&self) -> Duration {
        let limits = self.settings.limits;
        let seconds = 1.25 * limits.request_seconds + limits.patience_seconds();
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    fn derived_id(&self, _source: &RecordId) -> Option<String> {
        None
    }

    fn write(&self, writes: Vec<Write>) -> BoxFuture<'_, Vec<Outcome>> {
        Box::pin(self.write_all(writes))
    }
}

impl Doctor for Bitrix24 {
    fn check(&self) -> BoxFuture<'_, Vec<Finding>> {
        Box::pin(async move {
            let portal = self.connect().await.map(|portal| (*portal).clone());
            doctor::check(&portal, &self.settings)
        })
    }

    fn setup(&self) -> BoxFuture<'_, Vec<Finding>> {
        Box::pin(async move {
            let portal = match self.connect().await {
                Ok(portal) => portal,
                Err(error) => return doctor::check(&Err(error), &self.settings),
            };
            let mut findings = doctor::setup(&portal, &self.sender, &self.settings).await;
            if let Err(error) = self.connect().await {
                findings.extend(doctor::check(&Err(error), &self.settings));
            }
            findings
        })
    }
}
