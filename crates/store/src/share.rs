//! Which due rows make a share, counted by objects: one of 1C may be a company or a person and has a row for each, of which one
//! says nothing.

use std::collections::BTreeSet;

use obmen_domain::record::{Kind, Side};
use obmen_engine::store::Dirty;

/// So many rows an object has at most.
pub(crate) const ROWS_EACH: usize = 2;

/// The rows of so many objects that are due longest, and of so many others that were signalled last; both come in this order,
/// and a row may come twice.
pub(crate) fn chosen(longest: Vec<Dirty>, latest: Vec<Dirty>, counts: (usize, usize)) -> Vec<Dirty> {
    let mut taken = BTreeSet::new();
    let mut rows = Vec::new();
    for (from, count) in [(longest, counts.0), (latest, counts.1)] {
        let most = taken.len() + count;
        for row in from {
            let object = object(&row);
            if taken.contains(&object) || taken.len() < most {
                taken.insert(object);
                rows.push(row);
            }
        }
    }
    rows
}

/// What a row is about; a number of the portal is that of a contact or of a company.
fn object(row: &Dirty) -> (Side, Option<Kind>, String) {
    let kind = (row.id.side == Side::Bitrix24).then_some(row.id.kind);
    (row.id.side, kind, row.id.id.clone())
}
