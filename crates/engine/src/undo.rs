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
use std::io;

use obmen_domain::party::{Field, Party, Value};
use obmen_domain::plan::{Revision, Step};
use obmen_domain::record::{Kind, RecordId, Standing};
use obmen_domain::stay::{Stay, StayReason};

use self::scene::Scene;
pub(crate) use self::scene::mentioned;
use self::values::common;
use crate::draft::{Draft, Drafting, Leaf};
use crate::id_set::IdSet;
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
#[derive(Debug)]
pub struct Undo {
    /// The steps, put aside: what belongs to one record, or to two that the run had joined, is one leaf.
    pub plan: Draft,
    /// What stays, sorted.
    pub stays: Vec<Stay>,
}

/// Collects an undo, a record of the run after the other.
#[derive(Debug)]
pub(crate) struct Taker {
    drafting: Drafting,
    /// What is to be done about the record at hand and its partner.
    leaf: Leaf,
    stays: Vec<Stay>,
    done: IdSet,
    /// Records that go.
    going: IdSet,
    companies_going: Vec<RecordId>,
    /// The companies that people belong to once this is done, where that changes.
    employers: BTreeMap<RecordId, Vec<RecordId>>,
    /// Links that stay: the Bitrix24 record and the state both sides agreed on before the run, so that nobody takes a
    /// value that comes back for an edit.
    bases: BTreeMap<RecordId, Party>,
    /// Fields in which a base was set back, by the Bitrix24 record of the link.
    rebased: BTreeSet<(RecordId, Field)>,
}

impl Taker {
    pub(crate) fn new() -> Self {
        Self {
            drafting: Drafting::new(),
            leaf: Leaf::default(),
            stays: Vec::new(),
            done: IdSet::default(),
            going: IdSet::default(),
            companies_going: Vec::new(),
            employers: BTreeMap::new(),
            bases: BTreeMap::new(),
            rebased: BTreeSet::new(),
        }
    }

    /// Adds what is to be done about a record of the run, and about its partner.
    pub(crate) fn take_back(&mut self, id: &RecordId, scene: &Scene) -> io::Result<()> {
        if self.done.contains(id) {
            return Ok(());
        }
        self.done.insert(id);
        self.consider(id, scene);
        let leaf = std::mem::take(&mut self.leaf);
        if leaf.steps.is_empty() { Ok(()) } else { self.drafting.add(&leaf) }
    }

    fn consider(&mut self, id: &RecordId, scene: &Scene) {
        let copy = scene.source(id).map(|source| (id.clone(), source.clone())).or_else(|| {
            let copies = scene.mentioned(id).into_iter();
            copies.filter(|copy| scene.source(copy) == Some(id)).map(|copy| (copy, id.clone())).next()
        });
        let pair = copy.clone().or_else(|| Some((id.clone(), scene.linked_by_run(id)?.clone())));
        if let Some((one, other)) = &pair {
            self.done.insert(one);
            self.done.insert(other);
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

    /// The finished undo, in which these copies stay, with all that goes along.
    pub(crate) fn finish(mut self, kept: &BTreeSet<RecordId>, reason: StayReason) -> io::Result<Undo> {
        let (mut plan, _) = self.drafting.finish()?;
        if kept.iter().any(|copy| self.going.contains(copy)) {
            let mut drafting = Drafting::new();
            plan.rewind()?;
            while let Some(mut leaf) = plan.next_leaf()? {
                let (staying, going) = leaf.made_from.into_iter().partition(|(copy, _)| kept.contains(copy));
                leaf.made_from = going;
                for (copy, source) in staying {
                    leaf.steps.retain(|step| match step {
                        Step::Mark(record) => record.id != copy,
                        Step::Update(revision) => revision.record.id != source,
                        _ => true,
                    });
                    self.stays.push(Stay { record: copy, fields: Vec::new(), reason });
                }
                if !leaf.steps.is_empty() {
                    drafting.add(&leaf)?;
                }
            }
            plan = drafting.finish()?.0;
        }
        self.stays.sort();
        self.stays.dedup();
        Ok(Undo { plan, stays: self.stays })
    }

    /// Whether a record goes, as planned so far.
    pub(crate) fn goes(&self, id: &RecordId) -> bool {
        self.going.contains(id)
    }

    /// Companies that go, as planned so far.
    pub(crate) fn companies_going(&self) -> &[RecordId] {
        &self.companies_going
    }

    /// The companies that a person belongs to once this is done, where that changes.
    pub(crate) fn employers_planned(&self, person: &RecordId) -> Option<&[RecordId]> {
        self.employers.get(person).map(Vec::as_slice)
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
        self.going.insert(copy);
        if copy.kind == Kind::Company {
            self.companies_going.push(copy.clone());
        }
        self.leaf.made_from.push((copy.clone(), source.clone()));
        self.leaf.steps.push(Step::Mark(Box::new(record.clone())));
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
        self.restore(id, scene);
        let Some(Step::Update(revision)) = self.leaf.steps.first() else { return };
        let Some(link) = scene.links.iter().find(|link| link.bitrix24 == *id || link.onec == *id) else {
            return;
        };
        let known = self.bases.get(&link.bitrix24).cloned();
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
        self.bases.insert(link.bitrix24.clone(), base.clone());
        self.leaf.settled.push((link.bitrix24.clone(), base));
    }

    /// Gives a record the values back that it had before the run. Returns the fields that keep what it had brought.
    fn restore(&mut self, id: &RecordId, scene: &Scene) -> BTreeSet<Field> {
        let Some(record) = scene.records.get(id) else { return BTreeSet::new() };
        let (changes, kept) = scene.reversal(record);
        for (reason, fields) in &kept {
            let fields = fields.iter().copied().collect();
            self.stays.push(Stay { record: id.clone(), fields, reason: *reason });
        }
        if !changes.is_empty() {
            if scene.refused.contains(id) {
                let fields = changes.iter().map(|change| change.field).collect();
                self.stays.push(Stay { record: id.clone(), fields, reason: StayReason::Refused });
            } else {
                let employers = changes.iter().find(|change| change.field == Field::Company);
                if let Some(Value::Employers(employers)) = employers.map(|change| &change.after) {
                    self.employers.insert(id.clone(), employers.clone());
                }
                let revision = Revision { record: record.clone(), changes };
                self.leaf.steps.push(Step::Update(Box::new(revision)));
            }
        }
        kept.into_values().flatten().collect()
    }

    fn unlink(&mut self, link: &Link, kept: Vec<Field>) {
        let (bitrix24, onec) = (link.bitrix24.clone(), link.onec.clone());
        self.leaf.steps.push(Step::Unlink { bitrix24, onec, kept });
    }

    fn stays(&mut self, id: &RecordId, reason: StayReason) {
        self.stays.push(Stay { record: id.clone(), fields: Vec::new(), reason });
    }
}

#[cfg(test)]
mod tests;
