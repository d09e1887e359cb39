//! The one flow: look, plan, apply, look again.
//!
//! The initial sync, a later reconciliation and the live exchange differ only in how rows become dirty. A run may be
//! cut off anywhere: what it had committed stands, what it had sent is settled by the next one.

use std::collections::BTreeSet;
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
use crate::glance::Glance;
use crate::heed::Fall;
use crate::id_set::IdSet;
use crate::planner::{Capacities, KINDS, Planner};
use crate::ports::{Clock, Reader, SideError, StoreError, Writer};
use crate::progress::{Progress, Stage};
use crate::report::Report;
use crate::rows::{Row, Rows};
use crate::store::{Change, Dirty, DirtyReason, Store};
use crate::surroundings::{self, HOLDERS};

/// Dirty rows are read in pages of this many.
const PAGE: usize = 500;
/// What [`Engine::portion`] is unless something speaks for another: about ten thousand steps, so that waiting for the last
/// batch of a portion weighs nothing.
pub const PORTION: usize = 16 << 20;
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
    /// Who watches.
    pub progress: Arc<dyn Progress>,
    /// The run's name for the journal.
    pub run: String,
    /// Whether far fewer records than before are taken for the truth.
    pub accept_fewer: bool,
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

/// A plan that is being made.
struct Making<'a> {
    /// Records with a write of unknown outcome.
    in_flight: BTreeSet<RecordId>,
    planner: Planner<'a>,
    drafting: Drafting,
    /// Records that the plan has an answer for, be it that nothing is to be done.
    answered: IdSet,
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
        }
        self.fill_in(&mut report, began).await?;
        Ok(report)
    }

    /// Settles what is open and answers every row that is due, once. Returns whether there was anything to do.
    ///
    /// # Errors
    /// Where a side or the store fails.
    pub async fn run_once(&self) -> Result<bool, EngineError> {
        let settled = self.settle().await?;
        let round = self.plan().await?;
        if round.draft.rows() == 0 {
            return Ok(settled);
        }
        self.apply(round, Extent::default()).await?;
        Ok(true)
    }

    /// Settles open writes and refreshes what was seen of both sides.
    ///
    /// # Errors
    /// Where a side or the store fails, or far fewer records were read than before.
    pub async fn look(&self) -> Result<(), EngineError> {
        self.heed_rules().await?;
        self.settle().await?;
        let left_over = self.left_over().await?;
        let walks =
            future::join(self.sweep(Side::Bitrix24, &left_over), self.sweep(Side::Onec, &left_over)).await;
        let (mut counts, right) = (walks.0?, walks.1?);
        counts.extend(right);
        self.heed_counts(&counts).await?;
        self.look_for(left_over).await
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
        let mut making = Making {
            in_flight: surroundings::in_flight(self.store.as_ref()).await?,
            planner: Planner::new(&self.rules, &capacities),
            drafting: Drafting::new(),
            answered: IdSet::default(),
        };
        let now = self.clock.now();
        for kind in KINDS {
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
                    if is_last {
                        page.retain(|row| told.contains(&row.id) && is_ours(row.reason));
                    } else {
                        self.progress.advance(Stage::Planning, page.len() as u64);
                        let (news, without) = self.split_by_news(page).await?;
                        without.iter().for_each(|row| told.insert(&row.id));
                        page = news;
                    }
                    self.plan_page(kind, page, is_last, &mut making).await?;
                }
            }
        }
        self.progress.finish(Stage::Planning);
        let (draft, rows) = making.drafting.finish()?;
        Ok(Round { draft, rows })
    }

    /// Plans for some rows of a kind; for pairs alone where who is who has been decided.
    async fn plan_page(
        &self,
        kind: Kind,
        page: Vec<Dirty>,
        pairs_alone: bool,
        making: &mut Making<'_>,
    ) -> Result<(), EngineError> {
        let Making { in_flight, planner, drafting, answered } = making;
        let open = page.iter().filter(|row| !answered.contains(&row.id));
        let starts = open.map(|row| row.id.clone());
        let glance = Glance::around(self.store.as_ref(), kind, starts, HOLDERS).await?;
        for row in page {
            let kept = Row { generation: row.generation, attempts: row.attempts };
            if !answered.contains(&row.id) {
                let mut around = surroundings::gather(&glance, &row.id).await?;
                if pairs_alone {
                    around.keep_pair_of(&row.id);
                }
                if around.neighbourhood.records.keys().any(|id| in_flight.contains(id)) {
                    // It is looked at again when the open write is settled.
                    continue;
                }
                around.forget(answered);
                around.neighbourhood.records.keys().for_each(|id| answered.insert(id));
                planner.add(&around);
            }
            drafting.add(&Leaf::of(row.id, kept, planner.take()))?;
        }
        Ok(())
    }

    /// Reads rows anew, and tells those that may say something about who is who from those that are there for what we did
    /// ourselves: that was decided with the record's content, the values that its link brought it are no news about
    /// others, and their questions stay as they were asked.
    async fn split_by_news(&self, rows: Vec<Dirty>) -> Result<(Vec<Dirty>, Vec<Dirty>), EngineError> {
        let changed = self.refresh(&rows).await?;
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id.clone()).collect();
        let linked = surroundings::partners(self.store.as_ref(), &ids).await?;
        Ok(rows.into_iter().partition(|row| {
            !is_ours(row.reason) || changed.contains(&row.id) || !linked.contains_key(&row.id)
        }))
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

    /// When the next row or open write falls due.
    async fn next_due(&self) -> Result<Option<Timestamp>, EngineError> {
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

impl crate::planner::Surroundings {
    /// Leaves a record with a link nothing but its partner.
    fn keep_pair_of(&mut self, id: &RecordId) {
        let Some(partner) = self.partner(id) else { return };
        if self.neighbourhood.rulings.part(id, &partner) {
            return;
        }
        let is_kept = |other: &RecordId| other == id || *other == partner;
        self.neighbourhood.records.retain(|other, _| is_kept(other));
        self.links.retain(|link| is_kept(&link.bitrix24) && is_kept(&link.onec));
        self.reviews.retain(|review| review.records.iter().all(is_kept));
    }

    /// Leaves out records that another part of the plan has answered.
    fn forget(&mut self, answered: &IdSet) {
        self.neighbourhood.records.retain(|id, _| !answered.contains(id));
        self.links.retain(|link| !answered.contains(&link.bitrix24) && !answered.contains(&link.onec));
        self.reviews.retain(|review| !review.records.iter().any(|id| answered.contains(id)));
    }
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
    Change::Dirty { id, reason, due: now }
}
