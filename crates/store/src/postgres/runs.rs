//! Changes sorted so that many are made by one statement, with the outcome they have one by one.
//!
//! Changes of different tables do not touch each other, so each table gets its own in their order. Neighbours of one sort
//! make a run as long as none of them is about what another is about. One that is about everything stands alone, between
//! what comes before it and what comes after it.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use obmen_domain::record::RecordId;
use obmen_engine::store::Change;

/// Changes of one sort, each about something else.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    /// At least one.
    pub(crate) changes: Vec<&'a Change>,
    subjects: BTreeSet<Subject<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Table {
    Seen,
    Dirty,
    Link,
    Ruling,
    Intent,
    Review,
    Journal,
    Text,
}

/// What a change is about.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject<'a> {
    Record(&'a RecordId),
    Two(&'a RecordId, &'a RecordId),
    Name(String),
}

/// The runs, in an order in which they may be made.
pub(crate) fn runs(changes: &[Change]) -> Vec<Run<'_>> {
    let is_about_all = |change: &Change| matches!(change, Change::AllDirty { .. });
    let sections = changes.chunk_by(|one, next| !is_about_all(one) && !is_about_all(next));
    sections.flat_map(runs_of_section).collect()
}

fn runs_of_section(changes: &[Change]) -> Vec<Run<'_>> {
    let mut tables: BTreeMap<Table, Vec<Run<'_>>> = BTreeMap::new();
    for change in changes {
        let (table, subjects) = about(change);
        let runs = tables.entry(table).or_default();
        match runs.last_mut() {
            Some(run) if run.takes(change, &subjects) => run.add(change, subjects),
            _ => runs.push(Run { changes: vec![change], subjects: subjects.into_iter().collect() }),
        }
    }
    tables.into_values().flatten().collect()
}

impl<'a> Run<'a> {
    fn takes(&self, change: &Change, subjects: &[Subject<'_>]) -> bool {
        discriminant(self.changes[0]) == discriminant(change)
            && !subjects.iter().any(|subject| self.subjects.contains(subject))
    }

    fn add(&mut self, change: &'a Change, subjects: Vec<Subject<'a>>) {
        self.changes.push(change);
        self.subjects.extend(subjects);
    }
}

fn about(change: &Change) -> (Table, Vec<Subject<'_>>) {
    use Subject::{Name, Record, Two};
    match change {
        Change::Seen(record) => (Table::Seen, vec![Record(&record.id)]),
        Change::Gone(id) => (Table::Seen, vec![Record(id)]),
        Change::Dirty { id, .. } | Change::Clean { id, .. } | Change::Postpone { id, .. } => {
            (Table::Dirty, vec![Record(id)])
        }
        Change::AllDirty { .. } => (Table::Dirty, Vec::new()),
        Change::Link { bitrix24, onec, .. } | Change::Unlink { bitrix24, onec } => {
            (Table::Link, vec![Record(bitrix24), Record(onec)])
        }
        Change::Base { bitrix24, .. } => (Table::Link, vec![Record(bitrix24)]),
        Change::Rule(ruled) => (Table::Ruling, vec![Two(&ruled.first, &ruled.second)]),
        Change::Intent(intent) => (Table::Intent, vec![Record(&intent.record)]),
        Change::Settled { record } => (Table::Intent, vec![Record(record)]),
        Change::Review(review) => (Table::Review, vec![Name(review.id())]),
        Change::ReviewClosed { id } => (Table::Review, vec![Name(id.clone())]),
        Change::Journal(_) => (Table::Journal, Vec::new()),
        Change::Text { name, .. } => (Table::Text, vec![Name(name.clone())]),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use obmen_domain::record::Kind;
    use obmen_engine::store::DirtyReason;

    use super::*;

    #[test]
    fn neighbours_of_a_sort_make_a_run_until_a_record_comes_again() {
        let id = |number: &str| RecordId::bitrix24(Kind::Contact, number);
        let dirty = |number: &str| Change::Dirty {
            id: id(number),
            reason: DirtyReason::Signal,
            since: Timestamp::UNIX_EPOCH,
            due: Timestamp::UNIX_EPOCH,
        };
        let clean = |number: &str| Change::Clean { id: id(number), generation: 1 };
        let text = |name: &str| Change::Text { name: name.to_owned(), text: String::new() };
        let changes = [
            text("a"),
            dirty("1"),
            Change::Gone(id("1")),
            dirty("2"),
            Change::Gone(id("2")),
            dirty("1"),
            text("b"),
            clean("3"),
            dirty("4"),
            Change::AllDirty { due: Timestamp::UNIX_EPOCH },
            Change::Gone(id("1")),
        ];

        let made: Vec<Vec<usize>> = runs(&changes)
            .iter()
            .map(|run| {
                let place =
                    |change: &&Change| changes.iter().position(|other| std::ptr::eq(other, *change)).unwrap();
                run.changes.iter().map(place).collect()
            })
            .collect();

        assert_eq!(made, [vec![2, 4], vec![1, 3], vec![5], vec![7], vec![8], vec![0, 6], vec![9], vec![10]]);
    }
}
