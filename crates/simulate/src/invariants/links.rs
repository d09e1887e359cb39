//! 4: links are one to one, stand between existing records of one party, and are never lost. Both records carry the
//! other's id where they can.

use std::collections::BTreeSet;

use obmen_domain::record::{Catalog, Kind, RecordId};
use obmen_domain::review::ReviewKind;

use super::{Case, Violation};

pub(super) fn check(case: &Case<'_>, violations: &mut Vec<Violation>) {
    let mut wrong = |words: String| violations.push(Violation { invariant: 4, words });
    let mut taken = BTreeSet::new();
    for link in &case.links {
        let (left, right) = (&link.bitrix24, &link.onec);
        if !taken.insert(left) || !taken.insert(right) {
            wrong(format!("{left} or {right} stands in two links"));
        }
        let (Some(a), Some(b)) = (case.snapshot.find(left), case.snapshot.find(right)) else {
            if !is_asked_about(case, left) {
                wrong(format!("{left} and {right} are linked, and one of them does not exist"));
            }
            continue;
        };
        if a.parties != b.parties {
            wrong(format!("{left} of {:?} is linked to {right} of {:?}", a.parties, b.parties));
        }
        if a.is_marked || b.is_marked {
            if !is_asked_about(case, left) {
                wrong(format!("{right} is marked for deletion, and nobody is asked about its link"));
            }
            continue;
        }
        let is_held = is_refused(case, left) || is_refused(case, right);
        if a.mutual_id != right.id && !is_held && !case.is_under_review(left) {
            wrong(format!("{left} keeps «{}», not the reference of {right}", a.mutual_id));
        }
        let expected =
            format!("{}:{}", if a.id.kind == Kind::Contact { "contact" } else { "company" }, left.id);
        let is_kept = b.catalog != Catalog::Counterparty || b.mutual_id == expected;
        if !is_kept && !is_held && !case.is_under_review(right) {
            wrong(format!("{right} keeps «{}», not {expected}", b.mutual_id));
        }
    }
    for link in &case.links {
        let truth = &case.session.truth;
        for (id, with) in [(&link.bitrix24, &link.onec), (&link.onec, &link.bitrix24)] {
            if truth.ended.contains_key(&(id.clone(), with.clone())) {
                wrong(format!("{id} is linked again with {with}, which a person had ended"));
            } else if truth.made_after_end(with, id) {
                wrong(format!("{id} has a copy again, {with}, though a person let its link end"));
            }
        }
    }
    for review in case.reviews.iter().filter(|review| review.kind == ReviewKind::Deletion) {
        let is_there = |id| case.snapshot.find(id).is_some_and(|entry| !entry.is_marked);
        if review.records.iter().all(is_there) {
            wrong(format!("{:?} are taken for deleted, and are there", review.records));
        }
    }
    for (left, right) in case.session.truth.pairs() {
        if !case.links.iter().any(|link| link.bitrix24 == *left && link.onec == *right) {
            wrong(format!("the link of {left} and {right} is lost"));
        }
    }
}

/// Whether a write of a record was refused: nothing is written to its pair until a person has looked, no id either.
fn is_refused(case: &Case<'_>, id: &RecordId) -> bool {
    case.reviews.iter().any(|review| review.is_dead_letter() && review.records.contains(id))
}

/// Whether a person is asked about the deletion of a record, or of its partner.
fn is_asked_about(case: &Case<'_>, id: &RecordId) -> bool {
    case.reviews.iter().any(|review| review.kind == ReviewKind::Deletion && review.records.contains(id))
}
