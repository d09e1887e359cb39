//! Two linked records beside each other: which of their fields are not the same, and what merging does about it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::create_rule::Withheld;
use obmen_domain::party::{Field, Party, Value};
use obmen_domain::plan::Revision;
use obmen_domain::record::{Record, RecordId, Side};
use obmen_domain::review::{AskReason, Review, ReviewKind};
use obmen_domain::rules::{OnDelete, Rules};
use obmen_domain::ruling::Rulings;

use super::difference::Why;
use crate::planner::{Capacities, plan_pair};
use crate::store::Link;

/// A field whose values are not the same, within what both records can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unequal {
    pub(super) field: Field,
    pub(super) left: Value,
    pub(super) right: Value,
    pub(super) fate: Fate,
    /// The condition by which nothing is carried.
    pub(super) held: Option<Withheld>,
}

/// What merging does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// One of them is written.
    Written,
    /// A person is asked.
    Asked,
    /// Both stay as they are.
    Kept,
}

/// What the store says of two linked records that are not equal.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) reviews: Vec<Review>,
    pub(super) rulings: Rulings,
    /// Whether one of them is to be looked at.
    pub(super) is_due: bool,
    /// Whether a write to one of them is not settled.
    pub(super) is_unsettled: bool,
}

/// Compares records under the rules of their pair.
pub(super) struct Comparer<'a> {
    rules: &'a Rules,
    impartial: Rules,
    capacities: Capacities,
}

impl<'a> Comparer<'a> {
    pub(super) fn new(rules: &'a Rules, capacities: Capacities) -> Self {
        Self { rules, impartial: rules.impartial(), capacities }
    }

    /// What each catalog can hold.
    pub(super) fn capacities(&self) -> &Capacities {
        &self.capacities
    }

    /// The fields in which two linked records are not the same, sorted. `companies` are partners of linked companies, both
    /// ways.
    pub(super) fn unequal(
        &self,
        left: &Record,
        right: &Record,
        base: Option<&Party>,
        companies: &BTreeMap<RecordId, RecordId>,
    ) -> Vec<Unequal> {
        let plan = |rules: &Rules, base| plan_pair(left, right, base, rules, &self.capacities, companies);
        let (planned, apart) = (plan(self.rules, base), plan(&self.impartial, None));
        let mut fates = BTreeMap::new();
        let changes = |revisions: &[Revision]| -> BTreeSet<Field> {
            revisions.iter().flat_map(|revision| &revision.changes).map(|change| change.field).collect()
        };
        let differing = changes(&apart.revisions).into_iter().chain(apart.merged.conflicts);
        fates.extend(differing.map(|field| (field, Fate::Kept)));
        fates.extend(changes(&planned.revisions).into_iter().map(|field| (field, Fate::Written)));
        fates.extend(planned.merged.conflicts.iter().map(|field| (*field, Fate::Asked)));
        let value = |record: &Record, field| match field {
            Field::MutualId => Value::Text(record.mutual_id.clone()),
            field => record.party.value(field).unwrap_or_else(|| Value::Text(String::new())),
        };
        fates
            .into_iter()
            .map(|(field, fate)| Unequal {
                field,
                left: value(left, field),
                right: value(right, field),
                fate,
                held: planned.held.clone(),
            })
            .collect()
    }

    /// What explains that a field is not the same.
    pub(super) fn why(&self, unequal: &Unequal, link: &Link, known: &Known) -> Why {
        let Unequal { field, fate, held, .. } = unequal;
        if let Some(held) = held {
            return Why::Withheld(held.clone());
        }
        if *fate == Fate::Kept
            && let Some(leader) = self.rules.field(*field).direction.leader()
        {
            return Why::Leads(leader);
        }
        if let Some(review) = known.reviews.iter().find(|review| asks_about(review, *field)) {
            return Why::Review { id: review.id(), kind: review.kind };
        }
        if let Some(letter) = known.reviews.iter().find(|review| review.is_dead_letter()) {
            return Why::Failed { id: letter.id() };
        }
        match known.rulings.of(&link.bitrix24, &link.onec) {
            Some(ruling) if known.rulings.part(&link.bitrix24, &link.onec) => Why::Decided(ruling),
            _ if known.is_unsettled => Why::Unsettled,
            _ if known.is_due => Why::Due,
            _ => Why::Unexplained,
        }
    }

    /// What explains that one of two linked records is gone.
    pub(super) fn why_gone(&self, link: &Link, known: &Known) -> Why {
        let asked = known.reviews.iter().find(|review| review.kind == ReviewKind::Deletion);
        match (asked, known.rulings.of(&link.bitrix24, &link.onec)) {
            (Some(review), _) => Why::Review { id: review.id(), kind: review.kind },
            (None, Some(ruling)) if known.rulings.part(&link.bitrix24, &link.onec) => Why::Decided(ruling),
            _ if known.is_unsettled => Why::Unsettled,
            _ if known.is_due => Why::Due,
            _ if self.rules.on_delete == OnDelete::Ignore => Why::DeletionIgnored,
            _ => Why::Unexplained,
        }
    }
}

/// Whether a person who answers a review decides about a field.
fn asks_about(review: &Review, field: Field) -> bool {
    match review.kind {
        ReviewKind::Conflict => review.fields.contains(&field),
        ReviewKind::Refused => field == Field::Company && review.reason == AskReason::CompanyUndecided,
        ReviewKind::Deletion => true,
        ReviewKind::Match | ReviewKind::Twins => false,
    }
}

/// The record of a link on this side.
pub(super) fn of_side(link: &Link, side: Side) -> &RecordId {
    match side {
        Side::Bitrix24 => &link.bitrix24,
        Side::Onec => &link.onec,
    }
}
