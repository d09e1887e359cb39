//! 7: no value is written against the direction of its field, nobody is made where the pair may not write, and a person is
//! asked only where no rule decides.
//!
//! A name, and the company of a person, come along with a new record. Not responsible for whose value stands where both
//! changed it: tables of the merge say that.

use obmen_domain::party::Field;
use obmen_domain::record::Side;
use obmen_domain::review::ReviewKind;
use obmen_domain::rules::{Preference, Rules};

use super::{Case, Violation};
use crate::snapshot::{Entry, Row};
use crate::systems::Records;

const FIELDS: [Field; 5] = [Field::Name, Field::Phone, Field::Email, Field::Inn, Field::Company];

pub(super) fn check(case: &Case<'_>, violations: &mut Vec<Violation>) {
    let rules = &case.session.setup.rules;
    for review in case.reviews.iter().filter(|review| review.kind == ReviewKind::Conflict) {
        let is_ruled = |field: &&Field| {
            let rule = rules.field(**field);
            let is_open = rule.direction.leader().is_none()
                && matches!(rule.on_conflict, Preference::Ask | Preference::Newest);
            **field != Field::Company && !is_open
        };
        for field in review.fields.iter().filter(is_ruled) {
            let words = format!("{field} of {:?} is asked about, though a rule decides", review.records);
            violations.push(Violation { invariant: 7, words });
        }
    }
}

/// What a write of ours did on a side that no rule allows. `moved` says of which records people changed phones or mailboxes
/// within the window of the write: they stand in one table, which is written whole.
pub(crate) fn written_against(
    rules: &Rules,
    side: Side,
    before: &Records,
    after: &Records,
    moved: impl Fn(&Entry) -> bool,
) -> Vec<String> {
    let mut broken = Vec::new();
    for (id, new) in after {
        let old = before.get(id);
        if old.is_none() && !rules.direction.writes_to(side) {
            broken.push(format!("{id} is made on the side that leads"));
        }
        for field in FIELDS.into_iter().filter(|field| !rules.field(*field).direction.writes_to(side)) {
            let comes_along = old.is_none() && matches!(field, Field::Name | Field::Company);
            let is_beside = matches!(field, Field::Phone | Field::Email) && old.is_some_and(&moved);
            if !comes_along
                && !is_beside
                && old.map(|old| held(old, field)).unwrap_or_default() != held(new, field)
            {
                broken.push(format!("{field} of {id} is written against its direction"));
            }
        }
    }
    broken
}

fn held(entry: &Entry, field: Field) -> Vec<String> {
    let texts = |rows: &[Row]| rows.iter().map(|row| row.text.clone()).collect();
    match field {
        Field::Phone => texts(&entry.phones),
        Field::Email => texts(&entry.emails),
        Field::Inn => Some(entry.inn.clone()).filter(|inn| !inn.is_empty()).into_iter().collect(),
        Field::Company => entry.companies.iter().map(|company| company.id.clone()).collect(),
        _ => vec![entry.name.clone()],
    }
}
