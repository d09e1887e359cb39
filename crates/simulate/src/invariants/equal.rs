//! 8: at rest both sides are equal on mapped fields within what they can hold, or the difference is listed.
//!
//! A shorter spelling of the same name is no difference: a name changes only where its words do. A contact person of
//! БП has no tax number, and room for two phones.

use std::collections::BTreeSet;

use obmen_domain::party::Field;
use obmen_domain::record::{Catalog, RecordId, Side};
use obmen_domain::review::{Review, ReviewKind};
use obmen_sim::onec::Product;

use super::{Case, Violation};
use crate::snapshot::{Entry, words};

/// How many phones a contact person of БП holds.
const PERSON_PHONES: usize = 2;

pub(super) fn check(case: &Case<'_>, violations: &mut Vec<Violation>) {
    let mut wrong = |words: String| violations.push(Violation { invariant: case.equality(), words });
    for link in &case.links {
        let (Some(left), Some(right)) = (case.snapshot.find(&link.bitrix24), case.snapshot.find(&link.onec))
        else {
            continue;
        };
        if right.is_marked {
            continue;
        }
        for (field, difference) in differences(case, left, right) {
            let is_listed = case.reviews.iter().any(|review| lists(review, field, &left.id, &right.id));
            if !is_listed && !case.is_awaited(&[&left.id, &right.id], Some(field)) {
                wrong(format!("{} and {} differ in {field}: {difference}", left.id, right.id));
            }
        }
    }
    for entry in &case.snapshot.entries {
        let is_linked = case.links.iter().any(|link| link.bitrix24 == entry.id || link.onec == entry.id);
        let is_explained = case.is_under_review(&entry.id)
            || waits(case, entry)
            || is_facet(case, entry)
            || !case.session.setup.rules.direction.writes_to(entry.id.side.other())
            || case.session.truth.is_ended(&entry.id)
            || case.is_awaited(&[&entry.id], None);
        if !is_linked && !entry.is_marked && !is_explained {
            wrong(format!("{} «{}» is neither linked nor listed", entry.id, entry.name));
        }
    }
}

fn differences(case: &Case<'_>, left: &Entry, right: &Entry) -> Vec<(Field, String)> {
    let mut found = Vec::new();
    let (a, b) = (words(&left.name), words(&right.name));
    if !a.is_subset(&b) && !b.is_subset(&a) {
        found.push((Field::Name, format!("«{}» and «{}»", left.name, right.name)));
    }
    let leader = |field| case.session.setup.rules.field(field).direction.leader();
    let (a, b) = (set(left.phone_keys()), set(right.phone_keys()));
    let is_person = right.catalog == Catalog::ContactPerson;
    let has_room = case.session.systems.product != Product::Bp30;
    let room = if is_person && !has_room { PERSON_PHONES } else { usize::MAX };
    if !agree(&a, &b, room, leader(Field::Phone)) {
        found.push((Field::Phone, format!("{a:?} and {b:?}")));
    }
    let (a, b) = (set(left.email_keys()), set(right.email_keys()));
    if !agree(&a, &b, usize::MAX, leader(Field::Email)) {
        found.push((Field::Email, format!("{a:?} and {b:?}")));
    }
    // Where the leader has none, the follower keeps its own.
    let is_led = match leader(Field::Inn) {
        Some(Side::Bitrix24) => left.inn.is_empty(),
        Some(Side::Onec) => right.inn.is_empty(),
        None => false,
    };
    if !is_person && !is_led && left.inn != right.inn {
        found.push((Field::Inn, format!("«{}» and «{}»", left.inn, right.inn)));
    }
    let writes_companies = leader(Field::Company) != Some(Side::Bitrix24);
    if let Some(owner) = right.companies.first().filter(|_| is_person && writes_companies) {
        let counterpart = case.links.iter().find(|link| link.onec == *owner).map(|link| &link.bitrix24);
        let is_there = |company: &&RecordId| case.snapshot.find(company).is_some();
        let missing = counterpart.filter(|company| !left.companies.contains(company)).filter(is_there);
        if let Some(company) = missing {
            found.push((Field::Company, format!("{company} is not among {:?}", left.companies)));
        }
    }
    found
}

/// Whether a set of the portal and one of 1C, which has so much room, are as they should be; a follower holds what its leader
/// does, and more.
fn agree(left: &BTreeSet<String>, right: &BTreeSet<String>, room: usize, leader: Option<Side>) -> bool {
    let fits = left.len().min(room);
    match leader {
        None => right.is_subset(left) && right.len() == fits,
        Some(Side::Bitrix24) => left.intersection(right).count() >= fits,
        Some(Side::Onec) => right.is_subset(left),
    }
}

/// Whether a review excuses a difference: a conflict that of its own fields, any other case the whole record.
fn lists(review: &Review, field: Field, left: &RecordId, right: &RecordId) -> bool {
    let concerns = review.records.contains(left) || review.records.contains(right);
    concerns && (review.kind != ReviewKind::Conflict || review.fields.contains(&field))
}

/// A contact whose company is not linked waits for it.
fn waits(case: &Case<'_>, entry: &Entry) -> bool {
    entry.companies.iter().any(|company| {
        let company_waits = case.snapshot.find(company).is_some_and(|company| company.is_marked);
        company_waits || case.is_under_review(company)
    })
}

/// A further 1C object of a linked person in another catalog is known and left alone.
fn is_facet(case: &Case<'_>, entry: &Entry) -> bool {
    entry.id.side == Side::Onec
        && entry.parties.iter().flat_map(|party| case.snapshot.of(*party, Side::Onec)).any(|other| {
            other.catalog != entry.catalog && case.links.iter().any(|link| link.onec == other.id)
        })
}

fn set(values: Vec<String>) -> BTreeSet<String> {
    values.into_iter().collect()
}
