//! Undo: what taking a run back comes to, record by record.
//!
//! Pure: from the journal, the links and the records as they stand to steps, and to what stays with a reason. What the
//! journal of the undo itself holds counts as done, so that one that was cut off goes on where it stopped. Invariants: a
//! value that somebody changed since is not touched; a record that the run had made goes only while it is as the run
//! left it, and nothing else stands on it.

mod gather;
mod scene;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::party::{Field, Party, Value};
use obmen_domain::plan::{Plan, Revision, Step};
use obmen_domain::record::{RecordId, Standing};
use obmen_domain::stay::{Stay, StayReason};

use self::scene::Scene;
pub(crate) use self::scene::mentioned;
use self::values::common;
use crate::store::Link;

/// What the name of an undo begins with; the name of the run it takes back follows.
const PREFIX: &str = "undo:";

/// The name under which the journal keeps the undo of a run.
pub fn name_of_undo(run: &str) -> String {
    format!("{PREFIX}{run}")
}

/// Whether a run is an undo.
pub fn is_undo(run: &str) -> bool {
    run.starts_with(PREFIX)
}

/// What taking a run back comes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Undo {
    /// The steps.
    pub plan: Plan,
    /// What stays, sorted.
    pub stays: Vec<Stay>,
    /// Records that go, each with the one it was made from: that one is changed once its copy is gone.
    pub made_from: BTreeMap<RecordId, RecordId>,
    /// Links that stay: the Bitrix24 record and the state both sides agreed on before the run, so that nobody takes a
    /// value that comes back for an edit.
    pub bases: BTreeMap<RecordId, Party>,
}

/// Collects an undo, a record of the run after the other.
#[derive(Debug, Default)]
pub(crate) struct Taker {
    undo: Undo,
    done: BTreeSet<RecordId>,
    /// Fields in which a base was set back, by the Bitrix24 record of the link.
    rebased: BTreeSet<(RecordId, Field)>,
}

impl Taker {
    /// Adds what is to be done about a record of the run, and about its partner.
    pub(crate) fn take_back(&mut self, id: &RecordId, scene: &Scene) {
        if !self.done.insert(id.clone()) {
            return;
        }
        let copy = scene.source(id).map(|source| (id.clone(), source.clone())).or_else(|| {
            let copies = scene.mentioned(id).into_iter();
            copies.filter(|copy| scene.source(copy) == Some(id)).map(|copy| (copy, id.clone())).next()
        });
        let pair = copy.clone().or_else(|| Some((id.clone(), scene.linked_by_run(id)?.clone())));
        if let Some((one, other)) = &pair {
            self.done.extend([one.clone(), other.clone()]);
            if [one, other].into_iter().any(|id| scene.unlinked_by_run(id)) {
                self.stays(one, StayReason::Decided);
                return;
            }
        } else if scene.unlinked_by_run(id) {
            self.stays(id, StayReason::Decided);
            return;
        }
        match (copy, pair) {
            (Some((copy, source)), _) => self.remove(&copy, &source, scene),
            (None, Some((bitrix24, onec))) => self.part(&bitrix24, &onec, scene),
            (None, None) => self.restore_linked(id, scene),
        }
    }

    /// The finished undo.
    pub(crate) fn finish(mut self) -> Undo {
        self.undo.stays.sort();
        self.undo.stays.dedup();
        self.undo
    }

    /// Records that go, as planned so far.
    pub(crate) fn going(&self) -> &BTreeMap<RecordId, RecordId> {
        &self.undo.made_from
    }

    /// The companies that people belong to once this is done, where that changes.
    pub(crate) fn employers_planned(&self) -> BTreeMap<RecordId, Vec<RecordId>> {
        let updates = self.undo.plan.steps.iter().filter_map(|step| match step {
            Step::Update(revision) => Some(revision),
            _ => None,
        });
        let planned = updates.filter_map(|revision| {
            let change = revision.changes.iter().find(|change| change.field == Field::Company)?;
            match &change.after {
                Value::Employers(employers) => Some((revision.record.id.clone(), employers.clone())),
                _ => None,
            }
        });
        planned.collect()
    }

    /// Records that were to go stay, with all that goes along.
    pub(crate) fn keep(&mut self, copies: &BTreeSet<RecordId>, reason: StayReason) {
        let mut sources = BTreeSet::new();
        for copy in copies {
            if let Some(source) = self.undo.made_from.remove(copy) {
                sources.insert(source);
                self.stays(copy, reason);
            }
        }
        self.undo.plan.steps.retain(|step| match step {
            Step::Mark(record) => !copies.contains(&record.id),
            Step::Update(revision) => !sources.contains(&revision.record.id),
            _ => true,
        });
    }

    /// A record that the run had made.
    fn remove(&mut self, copy: &RecordId, source: &RecordId, scene: &Scene) {
        let record = scene.records.get(copy).filter(|record| record.standing != Standing::Marked);
        let Some(record) = record else {
            if let Some(link) = scene.link(copy, source) {
                self.unlink(link, Vec::new());
            }
            self.restore(source, scene);
            return;
        };
        if let Some(reason) = scene.why_stays(record, source) {
            self.stays(copy, reason);
            return;
        }
        self.undo.made_from.insert(copy.clone(), source.clone());
        self.undo.plan.steps.push(Step::Mark(Box::new(record.clone())));
        self.restore(source, scene);
    }

    /// Two records that the run had linked.
    fn part(&mut self, bitrix24: &RecordId, onec: &RecordId, scene: &Scene) {
        let mut kept = self.restore(bitrix24, scene);
        kept.extend(self.restore(onec, scene));
        if let Some(link) = scene.link(bitrix24, onec) {
            self.unlink(link, kept.into_iter().collect());
        }
    }

    /// A record that the run had changed, in a link of an earlier run.
    fn restore_linked(&mut self, id: &RecordId, scene: &Scene) {
        let before = self.undo.plan.steps.len();
        self.restore(id, scene);
        let Some(Step::Update(revision)) = self.undo.plan.steps.get(before) else { return };
        let Some(link) = scene.links.iter().find(|link| link.bitrix24 == *id || link.onec == *id) else {
            return;
        };
        let known = self.undo.bases.get(&link.bitrix24).cloned();
        let Some(mut base) = known.or_else(|| link.base.clone()) else { return };
        for change in revision.changes.iter().filter(|change| change.field != Field::MutualId) {
            let after = scene.in_bitrix24_terms(change.after.clone());
            // Where a set comes back on both sides, they agreed on no more than both had.
            let is_first = self.rebased.insert((link.bitrix24.clone(), change.field));
            let value = match base.value(change.field) {
                Some(earlier) if !is_first => common(&earlier, after),
                _ => after,
            };
            base.set(change.field, value);
        }
        self.undo.bases.insert(link.bitrix24.clone(), base);
    }

    /// Gives a record the values back that it had before the run. Returns the fields that keep what it had brought.
    fn restore(&mut self, id: &RecordId, scene: &Scene) -> BTreeSet<Field> {
        let Some(record) = scene.records.get(id) else { return BTreeSet::new() };
        let (changes, kept) = scene.reversal(record);
        for (reason, fields) in &kept {
            let fields = fields.iter().copied().collect();
            self.undo.stays.push(Stay { record: id.clone(), fields, reason: *reason });
        }
        if !changes.is_empty() {
            if scene.refused.contains(id) {
                let fields = changes.iter().map(|change| change.field).collect();
                self.undo.stays.push(Stay { record: id.clone(), fields, reason: StayReason::Refused });
            } else {
                let revision = Revision { record: record.clone(), changes };
                self.undo.plan.steps.push(Step::Update(Box::new(revision)));
            }
        }
        kept.into_values().flatten().collect()
    }

    fn unlink(&mut self, link: &Link, kept: Vec<Field>) {
        let (bitrix24, onec) = (link.bitrix24.clone(), link.onec.clone());
        self.undo.plan.steps.push(Step::Unlink { bitrix24, onec, kept });
    }

    fn stays(&mut self, id: &RecordId, reason: StayReason) {
        self.undo.stays.push(Stay { record: id.clone(), fields: Vec::new(), reason });
    }
}

#[cfg(test)]
mod tests;
