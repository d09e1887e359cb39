//! The one flow: look, plan, apply, look again.
//!
//! The initial sync, a later reconciliation and the live exchange differ only in how rows become dirty. A run may be
//! cut off anywhere: what it had committed stands, what it had sent is settled by the next one.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future;
use jiff::Timestamp;
use obmen_domain::plan::Step;
use obmen_domain::record::{Catalog, RecordId, Side};
use obmen_domain::rules::Rules;
use thiserror::Error;

use crate::draft::Draft;
use crate::heed::Fall;
use crate::planner::Capacities;
use crate::ports::{Clock, Crew, Reader, SideError, StoreError, Writer};
use crate::progress::{Progress, Stage};
use crate::report::Report;
use crate::store::{Change, DirtyReason, Store};

/// What [`Engine::portion`] is unless something speaks for another: about ten thousand steps, so that waiting for the last
/// batch of a portion weighs nothing.
pub const PORTION: usize = 16 << 20;
/// What [`Engine::many`] is unless something speaks for another: a few of them are decided without a walk over all keys.
pub const MANY: usize = 500;
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
    /// So many rows a round takes where many are due, see [`ROUND`](crate::share::ROUND).
    pub round: usize,
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

impl Engine {
    /// Looks at both sides and says what would be done. Nothing is written to either side.
    ///
    /// # Errors
    /// Where a side or the store fails.
    pub async fn preview(&self) -> Result<Draft, EngineError> {
        self.look().await?;
        Ok(self.plan(None).await?.draft)
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
        let first = self.plan(None).await?;
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

    /// Settles what is open and answers the rows that are due, or its share of them, once. Returns what was done; nothing
    /// where there was nothing to do.
    ///
    /// # Errors
    /// Where a side or the store fails.
    pub async fn run_once(&self) -> Result<Option<Report>, EngineError> {
        let began = self.clock.now();
        let settled = self.settle().await?;
        let share = self.share().await?;
        let round = self.plan(share.as_deref()).await?;
        if round.draft.rows() == 0 && !settled && share.is_none() {
            return Ok(None);
        }
        self.put_off_passed_over(share, &round.rows).await?;
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
        let unseen = self.unseen().await?;
        let walks = future::join(self.sweep(Side::Bitrix24, &unseen), self.sweep(Side::Onec, &unseen)).await;
        let (mut counts, right) = (walks.0?, walks.1?);
        counts.extend(right);
        self.heed_counts(&counts).await?;
        self.look_for(unseen).await?;
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

    /// Goes on until nothing is due, waiting for limits and for writes without an answer.
    async fn finish_rounds(&self, report: &mut Report) -> Result<(), EngineError> {
        for _ in 0..ROUNDS {
            let began = self.clock.now();
            self.settle().await?;
            let round = self.plan(None).await?;
            if round.draft.rows() > 0 {
                report.add(&self.apply(round, Extent::default()).await?);
                continue;
            }
            let Some(due) = self.next_due(began).await? else { break };
            if due > self.clock.now() + PATIENCE {
                break;
            }
            self.progress.begin(Stage::Settling, None);
            self.clock.sleep_until(due).await;
            self.progress.finish(Stage::Settling);
        }
        Ok(())
    }

    /// When the next row falls due of those that a round which began then did not look at, or the next open write.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn next_due(&self, began: Timestamp) -> Result<Option<Timestamp>, EngineError> {
        let row = self.store.next_due(began).await?;
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

/// Whether a step is a question, which costs nothing and is never cut off by a limit.
pub(crate) fn is_question(step: &Step) -> bool {
    matches!(step, Step::Ask(_))
}

/// A row due at once.
pub(crate) fn dirty_now(id: RecordId, reason: DirtyReason, now: Timestamp) -> Change {
    Change::Dirty { id, reason, since: now, due: now }
}
