//! The one flow: look, plan, apply, look again.
//!
//! The initial sync, a later reconciliation and the live exchange differ only in how rows become dirty. A run may be
//! cut off anywhere: what it had committed stands, what it had sent is settled by the next one.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future;
use jiff::Timestamp;
use obmen_domain::plan::Step;
use obmen_domain::record::{Catalog, Kind, RecordId, Side};
use obmen_domain::rules::Rules;
use thiserror::Error;

use crate::draft::{Draft, Drafting, Leaf};
use crate::heed::Fall;
use crate::id_set::IdSet;
use crate::planner::{Capacities, KINDS, Planner};
use crate::ports::{Clock, Crew, Reader, SideError, StoreError, Writer};
use crate::progress::{Progress, Stage};
use crate::report::Report;
use crate::rows::{Row, Rows};
use crate::store::{Change, Dirty, DirtyReason, Store};
use crate::surroundings;
use crate::weighing::{Case, Weighing};

/// Dirty rows are read in pages of this many: what is known of all of them is in memory at once.
const PAGE: usize = 2000;
/// What [`Engine::portion`] is unless something speaks for another: about ten thousand steps, so that waiting for the last
/// batch of a portion weighs nothing.
pub const PORTION: usize = 16 << 20;
/// What [`Engine::many`] is unless something speaks for another: a few of them are decided without a walk over all keys.
pub const MANY: usize = 500;
/// One record of so many has to be due for a walk over all keys.
const WALKED: u64 = 20;
/// How often a plan is made anew because the sides held somebody we had not seen.
const LOOK_UPS: usize = 3;
/// How long a run waits for something that falls due.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// A run ends after so many rounds; what is still dirty then is left to the next one.
const ROUNDS: usize = 40;
/// A contact that waits for its company is looked at again after this long, or when the company is linked.
pub(crate) const COMPANY_WAIT: Duration = Duration::from_secs(60 * 60);

/// Both halves of a side.
pub trait SideAccess: Reader + Writer {}

impl<T: Reader + Writer> SideAccess for T {}

/// The engine of one pair.
pub struct Engine {
    /// The rules of the pair.
    pub rules: Rules,
    /// What is known about the pair.
    pub store: Arc<dyn Store>,
    /// The portal.
    pub bitrix24: Arc<dyn SideAccess>,
    /// The infobase.
    pub onec: Arc<dyn SideAccess>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Who shares the work of deciding.
    pub crew: Arc<dyn Crew>,
    /// Who watches.
    pub progress: Arc<dyn Progress>,
    /// The run's name for the journal.
    pub run: String,
    /// Whether far fewer records than before are taken for the truth.
    pub accept_fewer: bool,
    /// So many rows that are due are many, see [`MANY`].
    pub many: usize,
    /// So many bytes of a plan are in memory and applied at once, see [`PORTION`].
    pub portion: usize,
}

/// How far a run may go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// Apply so many steps at most, and one round only.
    pub limit: Option<usize>,
}

/// Why a run ended early. What was committed stands; the next run goes on from there.
#[derive(Debug, Error)]
pub enum EngineError {
    /// A side does not do what is needed.
    #[error(transparent)]
    Side(#[from] SideError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever was asked did not approve of the plan; nothing was written.
    #[error("get the plan approved")]
    NotApproved,
    /// There is no room for the plan, or it cannot be read again.
    #[error("put the plan aside: {0}")]
    Aside(#[from] io::Error),
    /// Far fewer records were read than before; nothing was written.
    #[error("read as many records as before")]
    Fewer(Vec<Fall>),
}

/// A plan, and the dirty rows it answers.
pub(crate) struct Round {
    pub(crate) draft: Draft,
    pub(crate) rows: Rows,
}

/// What was read at the beginning of a plan.
#[derive(Default)]
struct Fresh {
    /// The rows it was read for, eight bytes each.
    rows: HashSet<u64>,
    /// Records that said something else than before.
    changed: IdSet,
}

impl Fresh {
    /// Whether a row's record was read for it. What was signalled since is left to the next plan.
    fn holds(&self, row: &Dirty) -> bool {
        row.reason == DirtyReason::Swept || self.rows.contains(&Self::short(row))
    }

    fn short(row: &Dirty) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&row.id, row.generation).hash(&mut hasher);
        hasher.finish()
    }
}

/// A plan that is being made.
struct Making<'a> {
    planner: Planner<'a>,
    drafting: Drafting,
}

impl Engine {
    /// Looks at both sides and says what would be done. Nothing is written to either side.
    ///
    /// # Errors
    /// Where a side or the store fails.
    pub async fn preview(&self) -> Result<Draft, EngineError> {
        self.look().await?;
        Ok(self.plan().await?.draft)
    }

    /// Looks at both sides, asks `approve` about the plan, applies it, and goes on until nothing is left to do.
    ///
    /// # Errors
    /// Where a side or the store fails, or the plan is not approved.
    pub async fn sync(
        &self,
        extent: Extent,
        approve: impl FnOnce(&Draft) -> bool + Send,
    ) -> Result<Report, EngineError> {
        let began = self.clock.now();
        self.look().await?;
        let first = self.plan().await?;
        let mut report = Report {
            run: self.run.clone(),
            plan_digest: first.draft.digest().to_string(),
            ..Report::default()
        };
        if !first.draft.is_empty() && !approve(&first.draft) {
            return Err(EngineError::NotApproved);
        }
        report.add(&self.apply(first, extent).await?);
        if extent.limit.is_none() {
            self.finish_rounds(&mut report).await?;
            self.note_synced().await?;
        }
        self.fill_in(&mut report, began).await?;
        Ok(report)
    }

    /// Settles what is open and answers every row that is due, once. Returns what was done; nothing where there was
    /// nothing to do.
    ///
    /// # Errors
    /// Where a side or the store fails.
    pub async fn run_once(&self) -> Result<Option<Report>, EngineError> {
        let began = self.clock.now();
        let settled = self.settle().await?;
        let round = self.plan().await?;
        if round.draft.rows() == 0 && !settled {
            return Ok(None);
        }
        let plan_digest = round.draft.digest().to_string();
        let mut report = Report { run: self.run.clone(), plan_digest, ..Report::default() };
        report.add(&self.apply(round, Extent::default()).await?);
        report.seconds = self.clock.now().duration_since(began).as_secs_f64();
        Ok(Some(report))
    }

    /// Settles open writes and refreshes what was seen of both sides.
    ///
    /// # Errors
    /// Where a side or the store fails, or far fewer records were read than before.
    pub async fn look(&self) -> Result<(), EngineError> {
        self.heed_rules().await?;
        self.settle().await?;
        let bookmarks = self.bookmarks().await?;
        let left_over = self.left_over().await?;
        let walks =
            future::join(self.sweep(Side::Bitrix24, &left_over), self.sweep(Side::Onec, &left_over)).await;
        let (mut counts, right) = (walks.0?, walks.1?);
        counts.extend(right);
        self.heed_counts(&counts).await?;
        self.look_for(left_over).await?;
        self.note_looked(bookmarks).await
    }

    pub(crate) fn side(&self, side: Side) -> &dyn SideAccess {
        match side {
            Side::Bitrix24 => self.bitrix24.as_ref(),
            Side::Onec => self.onec.as_ref(),
        }
    }

    pub(crate) fn capacities(&self) -> Capacities {
        let mut catalogs = self.rules.persons.clone();
        catalogs.insert(Catalog::Counterparty);
        let mut capacities: Capacities =
            catalogs.into_iter().map(|catalog| (catalog, self.onec.capacity(catalog))).collect();
        capacities.insert(Catalog::Bitrix24, self.bitrix24.capacity(Catalog::Bitrix24));
        capacities
    }

    /// Plans for every row that is due. The sides are asked for the people about to be created; whoever turns up
    /// there is seen, and the plan is made anew.
    pub(crate) async fn plan(&self) -> Result<Round, EngineError> {
        let mut round = self.plan_as_seen().await?;
        for _ in 1..LOOK_UPS {
            if !self.look_up(&mut round.draft).await? {
                break;
            }
            round = self.plan_as_seen().await?;
        }
        Ok(round)
    }

    async fn plan_as_seen(&self) -> Result<Round, EngineError> {
        self.progress.begin(Stage::Planning, None);
        let capacities = self.capacities();
        let mut making =
            Making { planner: Planner::new(&self.rules, &capacities), drafting: Drafting::new() };
        let in_flight = surroundings::in_flight(self.store.as_ref()).await?;
        let now = self.clock.now();
        for kind in KINDS {
            // Before anybody is decided about: who is read later would be missing from the walk, and from earlier pages.
            let fresh = self.refresh_due(kind, now).await?;
            let mut weighing =
                Weighing::new(Arc::clone(&self.store), Arc::clone(&self.crew), kind, &in_flight);
            if self.is_worth_a_walk(kind, now).await? {
                weighing.walk_keys().await?;
            }
            // Rows without news come last: others may be decided together with them.
            let mut told = IdSet::default();
            for is_last in [false, true] {
                if is_last && told.is_empty() {
                    break;
                }
                let mut after: Option<RecordId> = None;
                loop {
                    let mut page = self.store.dirty(kind, now, after.as_ref(), PAGE).await?;
                    let Some(last) = page.last() else { break };
                    after = Some(last.id.clone());
                    page.retain(|row| fresh.holds(row));
                    if is_last {
                        page.retain(|row| told.contains(&row.id) && is_ours(row.reason));
                    } else {
                        self.progress.advance(Stage::Planning, page.len() as u64);
                        let (news, without) = self.split_by_news(page, &fresh).await?;
                        without.iter().for_each(|row| told.insert(&row.id));
                        page = news;
                    }
                    plan_page(page, is_last, &mut weighing, &mut making).await?;
                }
            }
        }
        self.progress.finish(Stage::Planning);
        let (draft, rows) = making.drafting.finish()?;
        Ok(Round { draft, rows })
    }

    /// Whether so many rows of a kind are due that one walk over all keys is less work than a look around each of them.
    async fn is_worth_a_walk(&self, kind: Kind, now: Timestamp) -> Result<bool, EngineError> {
        if self.store.dirty(kind, now, None, self.many).await?.len() < self.many {
            return Ok(false);
        }
        let figures = self.store.figures().await?;
        let sum = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
        Ok(sum(&figures.dirty) * WALKED >= sum(&figures.seen))
    }

    /// Tells rows that may say something about who is who from those that are there for what we did ourselves: that was
    /// decided with the record's content, the values that its link brought it are no news about others, and their questions
    /// stay as they were asked.
    async fn split_by_news(
        &self,
        rows: Vec<Dirty>,
        fresh: &Fresh,
    ) -> Result<(Vec<Dirty>, Vec<Dirty>), EngineError> {
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id.clone()).collect();
        let linked = surroundings::partners(self.store.as_ref(), &ids).await?;
        Ok(rows.into_iter().partition(|row| {
            !is_ours(row.reason) || fresh.changed.contains(&row.id) || !linked.contains_key(&row.id)
        }))
    }

    /// Reads the records of all rows of a kind that are due, as far as a walk has not just read them.
    async fn refresh_due(&self, kind: Kind, now: Timestamp) -> Result<Fresh, EngineError> {
        let mut fresh = Fresh::default();
        let mut after: Option<RecordId> = None;
        loop {
            let page = self.store.dirty(kind, now, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            self.refresh(&page).await?.iter().for_each(|id| fresh.changed.insert(id));
            fresh.rows.extend(page.iter().filter(|row| row.reason != DirtyReason::Swept).map(Fresh::short));
        }
        Ok(fresh)
    }

    /// Goes on until nothing is due, waiting for limits and for writes without an answer.
    async fn finish_rounds(&self, report: &mut Report) -> Result<(), EngineError> {
        for _ in 0..ROUNDS {
            self.settle().await?;
            let round = self.plan().await?;
            if round.draft.rows() > 0 {
                report.add(&self.apply(round, Extent::default()).await?);
                continue;
            }
            let Some(due) = self.next_due().await? else { break };
            if due > self.clock.now() + PATIENCE {
                break;
            }
            self.progress.begin(Stage::Settling, None);
            self.clock.sleep_until(due).await;
            self.progress.finish(Stage::Settling);
        }
        Ok(())
    }

    /// When the next row or open write falls due after this moment.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, EngineError> {
        let row = self.store.next_due(self.clock.now()).await?;
        let intents = self.store.intents().await?;
        let write = intents.iter().map(|intent| self.settles_at(intent)).min();
        Ok(row.into_iter().chain(write).min())
    }

    async fn fill_in(&self, report: &mut Report, began: Timestamp) -> Result<(), EngineError> {
        let figures = self.store.figures().await?;
        let links: u64 = figures.links.values().sum();
        report.reviews = figures.reviews.values().sum();
        report.waiting = figures.dirty.get("waits-for-company").copied().unwrap_or(0);
        report.unchanged = links.saturating_sub(report.touched);
        report.seconds = self.clock.now().duration_since(began).as_secs_f64();
        Ok(())
    }
}

/// Plans for some rows of a kind; for pairs alone where who is who has been decided.
async fn plan_page(
    page: Vec<Dirty>,
    pairs_alone: bool,
    weighing: &mut Weighing<'_>,
    making: &mut Making<'_>,
) -> Result<(), EngineError> {
    let ids: Vec<RecordId> = page.iter().map(|row| row.id.clone()).collect();
    let (plain, weighed) = if pairs_alone { (Vec::new(), ids) } else { weighing.part(&ids).await? };
    let mut cases: BTreeMap<RecordId, Case> = weighing.take(plain).await?.into_iter().collect();
    cases.extend(weighing.weigh(weighed, pairs_alone).await?);
    for row in page {
        if let Some(Case { around, decisions }) = cases.remove(&row.id) {
            making.planner.add(decisions, &around);
        } else if !weighing.has_answered(&row.id) {
            // It is looked at again when an open write is settled.
            continue;
        }
        let kept = Row { generation: row.generation, attempts: row.attempts, since: row.since };
        making.drafting.add(&Leaf::of(row.id, kept, making.planner.take()))?;
    }
    Ok(())
}

/// Whether a row is there for what we did ourselves.
fn is_ours(reason: DirtyReason) -> bool {
    match reason {
        DirtyReason::Swept | DirtyReason::Signal | DirtyReason::Settled => false,
        DirtyReason::Related | DirtyReason::Retry | DirtyReason::WaitsForCompany => true,
    }
}

/// Whether a step is a question, which costs nothing and is never cut off by a limit.
pub(crate) fn is_question(step: &Step) -> bool {
    matches!(step, Step::Ask(_))
}

/// A row due at once.
pub(crate) fn dirty_now(id: RecordId, reason: DirtyReason, now: Timestamp) -> Change {
    Change::Dirty { id, reason, since: now, due: now }
}
