//! Applying a plan: no choices are made here, every step is safe to repeat.
//!
//! Links and questions are commits of our own. Creates and updates travel in batches, companies before contacts,
//! both sides at once. Before a batch is sent, what it is about to do is stored; after it, what it did.

mod alarm;
pub(crate) mod creates;
mod failing;
mod halves;
mod patience;
mod undo;
mod updates;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jiff::Timestamp;
use obmen_domain::party::Field;
use obmen_domain::plan::{Creation, LinkReason, Revision, Step};
use obmen_domain::record::{Kind, Record, RecordId, Side};
use obmen_domain::ruling::Rulings;

use crate::draft::Leaf;
use crate::id_set::IdSet;
use crate::planner::{KINDS, PairPlan, plan_pair};
use crate::planning::Round;
use crate::ports::{BoxFuture, SideError};
use crate::progress::{Stage, Wrote};
use crate::report::Tally;
use crate::rows::{Row, Rows};
use crate::store::{Change, DirtyReason, Event, Link};
use crate::surroundings::partners;
use crate::sync::{COMPANY_WAIT, Engine, EngineError, Extent, dirty_now, is_question};
use failing::{Postponed, Trouble};

/// Our own commits carry at most so many changes.
const COMMIT: usize = 500;
/// A record is given up and shown after so many attempts: in a whole batch, in half of one, then three times alone.
const ATTEMPTS: u32 = 5;

/// What happened while a plan was applied.
#[derive(Debug, Default)]
pub(crate) struct Course {
    tally: Tally,
    /// Rows that stay: when they fall due, and why.
    postponed: BTreeMap<RecordId, Postponed>,
    /// Bitrix24 records of pairs that were written to.
    touched: BTreeSet<RecordId>,
    /// Records whose data were refused: a person has to look, no retry mends it.
    refused: BTreeSet<RecordId>,
    /// Source records whose copies were made.
    copied: BTreeSet<RecordId>,
    /// People of companies that were made, and who were not made themselves.
    arrived: IdSet,
    /// Records with a step that the limit cut off.
    left_out: IdSet,
    /// Records that we had made and that are gone.
    removed: BTreeSet<RecordId>,
    /// Writes that had their effect and were not told yet.
    wrote: Vec<Wrote>,
    /// An error that ends the run once everything is written down.
    fatal: Option<SideError>,
}

impl Course {
    fn absorb(&mut self, other: Self) {
        self.tally.linked += other.tally.linked;
        self.tally.created_bitrix24 += other.tally.created_bitrix24;
        self.tally.created_onec += other.tally.created_onec;
        self.tally.updated_bitrix24 += other.tally.updated_bitrix24;
        self.tally.updated_onec += other.tally.updated_onec;
        self.tally.unlinked += other.tally.unlinked;
        self.tally.marked_bitrix24 += other.tally.marked_bitrix24;
        self.tally.marked_onec += other.tally.marked_onec;
        for (class, count) in other.tally.failures {
            *self.tally.failures.entry(class).or_default() += count;
        }
        self.tally.pairs += other.tally.pairs;
        self.refused.extend(other.refused);
        self.wrote.extend(other.wrote);
        self.postponed.extend(other.postponed);
        self.touched.extend(other.touched);
        self.copied.extend(other.copied);
        self.removed.extend(other.removed);
        self.fatal = self.fatal.take().or(other.fatal);
    }
}

/// The writes of one kind, by side.
#[derive(Default)]
struct Work {
    creates: BTreeMap<Side, Vec<Creation>>,
    updates: BTreeMap<Side, Vec<Revision>>,
}

impl Engine {
    /// Applies a round's plan portion by portion, and finishes its rows.
    pub(crate) async fn apply(&self, round: Round, extent: Extent) -> Result<Tally, EngineError> {
        let Round { mut draft, rows } = round;
        let mut course = Course::default();
        let mut left = extent.limit;
        for kind in KINDS {
            self.progress.begin(stage_of(kind), Some(draft.writes(kind)));
        }
        draft.rewind()?;
        while course.fatal.is_none() {
            let leaves = draft.next_portion(self.portion)?;
            if leaves.is_empty() {
                break;
            }
            self.apply_portion(leaves, &rows, &mut left, &mut course).await?;
        }
        for kind in KINDS {
            self.progress.finish(stage_of(kind));
        }
        match course.fatal {
            Some(error) => Err(error.into()),
            None => Ok(course.tally),
        }
    }

    /// Applies some leaves of a plan; `left` says how many steps may still be taken.
    async fn apply_portion(
        &self,
        leaves: Vec<Leaf>,
        rows: &Rows,
        left: &mut Option<usize>,
        course: &mut Course,
    ) -> Result<(), EngineError> {
        let now = self.clock.now();
        let mut work: BTreeMap<Kind, Work> = BTreeMap::new();
        let mut own = Vec::new();
        let (mut joined, mut parted) = (Vec::new(), Vec::new());
        let mut looked_at = Vec::new();
        for leaf in leaves {
            let Leaf { row, mut steps, waiting, withheld: _, settled, closed, released, made_from: _ } = leaf;
            looked_at.extend(row);
            let waits = |id| (id, Postponed::waits(DirtyReason::WaitsForCompany, now + COMPANY_WAIT));
            course.postponed.extend(waiting.into_iter().map(waits));
            cut_off(&mut steps, left).iter().for_each(|id| course.left_out.insert(id));
            for step in steps {
                let of_kind = work.entry(step.kind()).or_default();
                match step {
                    Step::Link { bitrix24, onec, reason } => {
                        joined.extend([bitrix24.clone(), onec.clone()]);
                        own.extend(self.linked(bitrix24, onec, reason));
                        course.tally.linked += 1;
                    }
                    Step::Unlink { bitrix24, onec, kept } => {
                        parted.extend([bitrix24.clone(), onec.clone()]);
                        own.extend(self.unlinked(bitrix24, onec, &kept));
                    }
                    Step::Ask(review) => own.push(Change::Review(Box::new(review))),
                    // No planner of a sync takes a copy away.
                    Step::Mark(_) => {}
                    Step::Create(creation) => {
                        of_kind.creates.entry(creation.side).or_default().push(*creation);
                    }
                    Step::Update(revision) => {
                        of_kind.updates.entry(revision.record.id.side).or_default().push(*revision);
                    }
                }
            }
            own.extend(closed.into_iter().map(|id| Change::ReviewClosed { id }));
            let unplanned = released.into_iter().filter(|id| !rows.contains(id));
            own.extend(unplanned.map(|id| dirty_now(id, DirtyReason::Related, now)));
            // A link that was cut off has no base either.
            let settled = settled.into_iter().filter(|(bitrix24, _)| !course.left_out.contains(bitrix24));
            let agreed = |(bitrix24, party)| Change::Base { bitrix24, party: Box::new(party) };
            own.extend(settled.map(agreed));
        }
        own.extend(self.people_of(&joined, rows).await?);
        own.extend(self.parted(parted, rows, course).await?);
        self.commit(own).await?;

        for kind in KINDS {
            let Some(work) = work.remove(&kind) else { continue };
            self.apply_kind(kind, work, rows, course).await?;
            if course.fatal.is_some() {
                break;
            }
        }
        self.finish_rows(looked_at, rows, course).await
    }

    /// Whose link has ended is looked at again, and so are the people of a company: what their companies are to the other side
    /// is another thing now. Committed with the ends of the links: no row of theirs would be left after a crash.
    async fn parted(
        &self,
        mut parted: Vec<RecordId>,
        rows: &Rows,
        course: &mut Course,
    ) -> Result<Vec<Change>, EngineError> {
        parted.extend(self.employed_by(&parted).await?);
        let now = self.clock.now();
        let (planned, others): (Vec<_>, Vec<_>) = parted.into_iter().partition(|id| rows.contains(id));
        let again = |id| (id, Postponed::waits(DirtyReason::Retry, now));
        course.postponed.extend(planned.into_iter().map(again));
        Ok(others.into_iter().map(|id| dirty_now(id, DirtyReason::Retry, now)).collect())
    }

    async fn apply_kind(
        &self,
        kind: Kind,
        work: Work,
        rows: &Rows,
        course: &mut Course,
    ) -> Result<(), EngineError> {
        let stage = stage_of(kind);
        let Work { mut creates, mut updates } = work;
        let mut take =
            |side| (creates.remove(&side).unwrap_or_default(), updates.remove(&side).unwrap_or_default());
        let (left, right) = (take(Side::Bitrix24), take(Side::Onec));
        let (left, right) = future::join(
            self.write_side(Side::Bitrix24, left.0, left.1, rows, stage),
            self.write_side(Side::Onec, right.0, right.1, rows, stage),
        )
        .await;
        course.absorb(left?);
        course.absorb(right?);
        // After an error that ends the run the pairs just made stay dirty, and the next run writes their ids back.
        let follow_ups =
            if course.fatal.is_some() { Vec::new() } else { self.follow_ups(kind, course).await? };
        let (left, right): (Vec<Revision>, Vec<Revision>) =
            follow_ups.into_iter().partition(|revision| revision.record.id.side == Side::Bitrix24);
        let (left, right) = future::join(
            self.write_side(Side::Bitrix24, Vec::new(), left, rows, stage),
            self.write_side(Side::Onec, Vec::new(), right, rows, stage),
        )
        .await;
        course.absorb(left?);
        course.absorb(right?);
        self.agree(course).await
    }

    /// Creates, then updates of one side, several batches under way at once.
    async fn write_side(
        &self,
        side: Side,
        creates: Vec<Creation>,
        updates: Vec<Revision>,
        rows: &Rows,
        stage: Stage,
    ) -> Result<Course, EngineError> {
        let mut course = Course::default();
        self.create_all(side, creates, rows, stage, &mut course).await?;
        if course.fatal.is_none() {
            self.update_all(side, updates, rows, stage, &mut course).await?;
        }
        Ok(course)
    }

    /// The ids to be written back to the sources of what was just created, and what else the copies lack.
    async fn follow_ups(&self, kind: Kind, course: &Course) -> Result<Vec<Revision>, EngineError> {
        let copied: Vec<RecordId> = course.copied.iter().filter(|id| id.kind == kind).cloned().collect();
        let mut revisions = Vec::new();
        for chunk in copied.chunks(COMMIT) {
            for pair in self.pairs(chunk).await? {
                revisions.extend(self.pair_plan(&pair).await?.revisions);
            }
        }
        Ok(revisions)
    }

    /// Pairs that were written to and are equal now keep that state as their base; others stay dirty, and so do those
    /// in which a conflict came to light: the next round asks about it.
    async fn agree(&self, course: &mut Course) -> Result<(), EngineError> {
        let touched: Vec<RecordId> = std::mem::take(&mut course.touched).into_iter().collect();
        for chunk in touched.chunks(COMMIT) {
            self.agree_of(chunk, course).await?;
        }
        Ok(())
    }

    async fn agree_of(&self, touched: &[RecordId], course: &mut Course) -> Result<(), EngineError> {
        let mut changes = Vec::new();
        let now = self.clock.now();
        let rulings: Rulings = self.store.rulings(touched).await?.into_iter().collect();
        let pairs = self.pairs(touched).await?;
        // A link that has ended goes once nothing is left to be taken back, though one of both may be gone by then.
        let is_whole = |link: &Link| pairs.iter().any(|pair| pair.link.bitrix24 == link.bitrix24);
        for link in self.store.links(touched).await? {
            let is_put_off = [&link.bitrix24, &link.onec].iter().any(|id| course.postponed.contains_key(*id));
            if rulings.part(&link.bitrix24, &link.onec) && !is_whole(&link) && !is_put_off {
                let both = [link.bitrix24, link.onec].into_iter();
                let left = both.filter(|id| touched.contains(id));
                changes.extend(left.map(|id| dirty_now(id, DirtyReason::Related, now)));
            }
        }
        for pair in pairs {
            if rulings.part(&pair.link.bitrix24, &pair.link.onec) {
                let bitrix24 = pair.link.bitrix24.clone();
                course.postponed.entry(bitrix24).or_insert(Postponed::waits(DirtyReason::Retry, now));
                continue;
            }
            let PairPlan { merged, revisions, held } = self.pair_plan(&pair).await?;
            let agreed = merged.agreed;
            course.tally.pairs += 1;
            if held.is_some() {
                continue;
            }
            // Of an object that was marked while we wrote, and of a conflict that came to light, the next round asks.
            let has_conflict = revisions.is_empty() && !merged.conflicts.is_empty();
            if self.rules.rests(&pair.right) || has_conflict {
                let bitrix24 = pair.link.bitrix24.clone();
                course.postponed.entry(bitrix24).or_insert(Postponed::waits(DirtyReason::Retry, now));
            }
            if revisions.is_empty() {
                if pair.link.base.as_ref() != Some(&agreed) {
                    let bitrix24 = pair.link.bitrix24.clone();
                    changes.push(Change::Base { bitrix24, party: Box::new(agreed) });
                }
                continue;
            }
            let Link { bitrix24, onec, .. } = pair.link;
            let explained = |id| {
                course.postponed.contains_key(id)
                    || course.refused.contains(id)
                    || course.left_out.contains(id)
            };
            if !explained(&bitrix24) && !explained(&onec) {
                let again = if course.fatal.is_some() {
                    Postponed::waits(DirtyReason::Retry, now)
                } else {
                    Postponed::failed(Trouble::does_not_stay(&revisions), now + Duration::from_secs(1))
                };
                course.postponed.insert(bitrix24, again);
            }
        }
        self.commit(changes).await
    }

    async fn pair_plan(&self, pair: &Pair) -> Result<PairPlan, EngineError> {
        let employers: Vec<RecordId> =
            pair.left.party.employers().iter().chain(pair.right.party.employers()).cloned().collect();
        let companies = partners(self.store.as_ref(), &employers).await?;
        let base = pair.link.base.as_ref();
        Ok(plan_pair(&pair.left, &pair.right, base, &self.rules, &self.capacities(), &companies))
    }

    /// The linked pairs in which these records stand, both records as last seen.
    async fn pairs(&self, ids: &[RecordId]) -> Result<Vec<Pair>, EngineError> {
        let mut links: BTreeMap<RecordId, Link> = BTreeMap::new();
        for link in self.store.links(ids).await? {
            links.insert(link.bitrix24.clone(), link);
        }
        let both: Vec<RecordId> =
            links.values().flat_map(|link| [link.bitrix24.clone(), link.onec.clone()]).collect();
        let mut records: BTreeMap<RecordId, Record> =
            self.store.seen(&both).await?.into_iter().map(|record| (record.id.clone(), record)).collect();
        let mut pairs = Vec::new();
        for link in links.into_values() {
            if let (Some(left), Some(right)) = (records.remove(&link.bitrix24), records.remove(&link.onec)) {
                pairs.push(Pair { link, left, right });
            }
        }
        Ok(pairs)
    }

    /// Ends the rows of a portion: those answered go, the others are put off; people of companies made here are
    /// looked at again. What a record without a row waits for becomes a row.
    async fn finish_rows(
        &self,
        looked_at: Vec<(RecordId, Row)>,
        rows: &Rows,
        course: &mut Course,
    ) -> Result<(), EngineError> {
        self.tell(std::mem::take(&mut course.wrote), &looked_at);
        let now = self.clock.now();
        let mut changes = Vec::new();
        let copied = std::mem::take(&mut course.copied);
        let companies: Vec<RecordId> = copied.iter().filter(|id| id.kind == Kind::Company).cloned().collect();
        if !companies.is_empty() {
            let people = self.store.employed_by(&companies).await?;
            people.iter().for_each(|id| course.arrived.insert(id));
        }
        copied.iter().for_each(|id| course.arrived.remove(id));
        course.refused.clear();
        for (id, row) in looked_at {
            let waits = course.postponed.remove(&id);
            let arrived_for = course.arrived.contains(&id);
            match waits {
                Some(Postponed { failed: Some(trouble), .. }) if row.attempts + 1 >= ATTEMPTS => {
                    changes.push(course.give_up(&id, trouble));
                    changes.push(Change::Clean { id, generation: row.generation });
                }
                Some(Postponed { reason: DirtyReason::Swept, .. }) => {}
                // An error that ends the run has left others undone.
                None if course.fatal.is_some() || course.left_out.contains(&id) => {}
                Some(waits) => {
                    let waits = if arrived_for { Postponed::waits(DirtyReason::Related, now) } else { waits };
                    changes.push(Change::Postpone {
                        id,
                        generation: row.generation,
                        reason: waits.reason,
                        attempts: row.attempts + u32::from(waits.failed.is_some()),
                        due: waits.due,
                    });
                }
                None if arrived_for => changes.push(Change::Postpone {
                    id,
                    generation: row.generation,
                    reason: DirtyReason::Related,
                    attempts: 0,
                    due: now,
                }),
                None => changes.push(Change::Clean { id, generation: row.generation }),
            }
        }
        // Whose row comes with a later portion is put off there.
        let (later, without_row): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut course.postponed).into_iter().partition(|(id, _)| rows.contains(id));
        course.postponed = later;
        changes.extend(
            without_row
                .into_iter()
                .filter(|(_, waits)| waits.reason != DirtyReason::Swept)
                .map(|(id, waits)| Change::Dirty { id, reason: waits.reason, since: now, due: waits.due }),
        );
        self.commit(changes).await
    }

    /// Tells of writes, each with when the row was made that it answers.
    fn tell(&self, wrote: Vec<Wrote>, looked_at: &[(RecordId, Row)]) {
        if wrote.is_empty() {
            return;
        }
        let since: BTreeMap<&RecordId, Timestamp> =
            looked_at.iter().map(|(id, row)| (id, row.since)).collect();
        for mut write in wrote {
            let of_source = write.source.as_ref().and_then(|source| since.get(source));
            write.since = of_source.or_else(|| since.get(&write.record)).copied();
            self.progress.wrote(&write);
        }
    }

    pub(crate) async fn commit(&self, changes: Vec<Change>) -> Result<(), EngineError> {
        let mut changes = changes.into_iter().peekable();
        while changes.peek().is_some() {
            self.store.apply(changes.by_ref().take(COMMIT).collect()).await?;
        }
        Ok(())
    }

    fn linked(&self, bitrix24: RecordId, onec: RecordId, reason: LinkReason) -> [Change; 2] {
        let entry = self.entry(bitrix24.clone(), Event::Linked { with: onec.clone(), reason });
        [Change::Link { bitrix24, onec, reason }, entry]
    }

    fn unlinked(&self, bitrix24: RecordId, onec: RecordId, kept: &[Field]) -> [Change; 3] {
        let event = |with: &RecordId| Event::Unlinked { with: with.clone(), kept: kept.to_vec() };
        let left = self.entry(bitrix24.clone(), event(&onec));
        let right = self.entry(onec.clone(), event(&bitrix24));
        [left, right, Change::Unlink { bitrix24, onec }]
    }
}

/// A linked pair as last seen.
struct Pair {
    link: Link,
    left: Record,
    right: Record,
}

/// Runs batches of one side, so many at once, and collects what happened.
async fn run_batches(
    mut batches: Vec<BoxFuture<'_, Result<Course, EngineError>>>,
    at_once: usize,
) -> Result<Course, EngineError> {
    batches.reverse();
    let mut under_way = FuturesUnordered::new();
    let mut all = Course::default();
    loop {
        while under_way.len() < at_once.max(1) && all.fatal.is_none() {
            let Some(batch) = batches.pop() else { break };
            under_way.push(batch);
        }
        match under_way.next().await {
            Some(course) => all.absorb(course?),
            None => return Ok(all),
        }
    }
}

/// Records of a batch that brought nothing travel in halves of it, then alone, so that a poisoned one delays only itself.
fn into_batches<T>(items: Vec<T>, room: usize, id: impl Fn(&T) -> &RecordId, rows: &Rows) -> Vec<Vec<T>> {
    let (mut fresh, mut halved, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    for item in items {
        match rows.attempts(id(&item)) {
            0 => fresh.push(item),
            1 => halved.push(item),
            _ => alone.push(item),
        }
    }
    let half = (room / 2).min(halved.len().div_ceil(2));
    let mut batches = Vec::new();
    for (items, room) in [(fresh, room), (halved, half), (alone, 1)] {
        let mut items = items.into_iter().peekable();
        while items.peek().is_some() {
            batches.push(items.by_ref().take(room.max(1)).collect());
        }
    }
    batches
}

/// Cuts the steps off at the limit; returns the records whose rows have to stay.
fn cut_off(steps: &mut Vec<Step>, left: &mut Option<usize>) -> Vec<RecordId> {
    let Some(left) = left else {
        return Vec::new();
    };
    let mut left_out = Vec::new();
    steps.retain(|step| {
        if is_question(step) {
            return true;
        }
        let is_taken = *left > 0;
        *left = left.saturating_sub(1);
        if !is_taken {
            left_out.extend(records_of(step));
        }
        is_taken
    });
    left_out
}

/// The stage in which records of a kind are written.
fn stage_of(kind: Kind) -> Stage {
    match kind {
        Kind::Company => Stage::Companies,
        Kind::Contact => Stage::Contacts,
    }
}

fn records_of(step: &Step) -> Vec<RecordId> {
    match step {
        Step::Link { bitrix24, onec, .. } | Step::Unlink { bitrix24, onec, .. } => {
            vec![bitrix24.clone(), onec.clone()]
        }
        Step::Create(creation) => vec![creation.source.clone()],
        Step::Update(revision) => vec![revision.record.id.clone()],
        Step::Mark(record) => vec![record.id.clone()],
        Step::Ask(review) => review.records.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_brought_nothing_travels_in_halves_and_then_alone() {
        let id = |number: u32| RecordId::bitrix24(Kind::Contact, number.to_string());
        let attempts = |number: u32| match number {
            0..10 => 0,
            10..15 => 1,
            _ => 2,
        };
        let items: Vec<RecordId> = (0..17).map(id).collect();
        let mut rows = Rows::default();
        (0..17).for_each(|number| {
            rows.insert(&id(number), Row { generation: 1, attempts: attempts(number), ..Row::default() })
        });
        let batches = into_batches(items, 8, |item| item, &rows);
        let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
        assert_eq!(sizes, [8, 2, 3, 2, 1, 1]);
        assert!(into_batches(Vec::<RecordId>::new(), 8, |item| item, &Rows::default()).is_empty());
    }
}
