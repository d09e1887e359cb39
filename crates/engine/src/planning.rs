//! A plan for every row that is due: read what was signalled, decide who is who, ask the sides about those to be created.
//!
//! Not responsible for a single step (`planner`) nor for the order of rounds (`sync`). Invariant: everybody due is read before
//! anybody is decided about.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use jiff::Timestamp;
use obmen_domain::record::{Kind, RecordId};

use crate::draft::{Draft, Drafting, Leaf};
use crate::due_rows::DueRows;
use crate::id_set::IdSet;
use crate::planner::{KINDS, Planned, Planner};
use crate::progress::Stage;
use crate::rows::{Row, Rows};
use crate::store::{Dirty, DirtyReason};
use crate::surroundings;
use crate::sync::{Engine, EngineError};
use crate::weighing::{Case, Weighing};

/// Dirty rows are read in pages of this many: what is known of all of them is in memory at once.
const PAGE: usize = 2000;
/// One record of so many has to be due for a walk over all keys.
const WALKED: u64 = 20;
/// How often a plan is made anew because the sides held somebody we had not seen.
const LOOK_UPS: usize = 5;

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
    /// Plans for every row that is due, or for a share of them. The sides are asked for the people about to be created;
    /// whoever turns up there is seen, and the plan is made anew: for the same rows, since nobody has asked for those who
    /// would come along with rows that fell due meanwhile.
    pub(crate) async fn plan(&self, share: Option<&[Dirty]>) -> Result<Round, EngineError> {
        let now = self.clock.now();
        let mut round = self.plan_as_seen(now, share).await?;
        for _ in 1..LOOK_UPS {
            if !self.look_up(&mut round.draft).await? {
                break;
            }
            round = self.plan_as_seen(now, share).await?;
        }
        Ok(round)
    }

    async fn plan_as_seen(&self, now: Timestamp, share: Option<&[Dirty]>) -> Result<Round, EngineError> {
        self.progress.begin(Stage::Planning, None);
        let capacities = self.capacities();
        let mut making =
            Making { planner: Planner::new(&self.rules, &capacities), drafting: Drafting::new() };
        let in_flight = surroundings::in_flight(self.store.as_ref()).await?;
        // Before anybody is decided about: who is read later would be missing from the walk, and from earlier pages.
        let fresh = self.refresh_due(now, share).await?;
        for kind in KINDS {
            let mut weighing =
                Weighing::new(Arc::clone(&self.store), Arc::clone(&self.crew), kind, &in_flight);
            if share.is_none() && self.is_worth_a_walk(kind, now).await? {
                weighing.walk_keys().await?;
            }
            // Rows without news come last: others may be decided together with them.
            let mut told = IdSet::default();
            for is_last in [false, true] {
                if is_last && told.is_empty() {
                    break;
                }
                let mut due = self.due_rows(kind, now, share);
                while let Some(mut page) = due.next_page().await? {
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

    /// The rows of a kind that are due, or a share of them.
    fn due_rows<'a>(&'a self, kind: Kind, now: Timestamp, share: Option<&'a [Dirty]>) -> DueRows<'a> {
        match share {
            None => DueRows::of(self.store.as_ref(), kind, now, PAGE),
            Some(rows) => DueRows::among(rows, kind, PAGE),
        }
    }

    /// Reads the records of all rows that are due, as far as a walk has not just read them. Those of both kinds are read
    /// together: what tells of an object of 1C does not say which of them it is.
    async fn refresh_due(&self, now: Timestamp, share: Option<&[Dirty]>) -> Result<Fresh, EngineError> {
        let mut fresh = Fresh::default();
        let mut due = KINDS.map(|kind| self.due_rows(kind, now, share));
        loop {
            let mut page = Vec::new();
            for rows in &mut due {
                page.extend(rows.next_page().await?.unwrap_or_default());
            }
            if page.is_empty() {
                return Ok(fresh);
            }
            self.refresh(&page).await?.iter().for_each(|id| fresh.changed.insert(id));
            fresh.rows.extend(page.iter().filter(|row| row.reason != DirtyReason::Swept).map(Fresh::short));
        }
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
    let Making { planner, drafting } = making;
    let mut planned: BTreeMap<RecordId, Planned> = BTreeMap::new();
    let mut told = |id, Case { around, decisions }: Case| {
        planner.add(decisions, &around);
        planned.insert(id, planner.take());
    };
    weighing.decide(&ids, pairs_alone, &mut told).await?;
    for row in page {
        let planned = planned.remove(&row.id);
        // One without an answer is looked at again when an open write is settled.
        if planned.is_some() || weighing.has_answered(&row.id) {
            let kept = Row { generation: row.generation, attempts: row.attempts, since: row.since };
            drafting.add(&Leaf::of(row.id, kept, planned.unwrap_or_default()))?;
        }
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
