//! The newest and the oldest records of a periodic register.
//!
//! The condition chooses the records before the slice is made, `$filter` chooses from the slice. Invariant: of records
//! that agree in their dimensions one is left.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::access::Access;
use super::address::Slice;
use super::error::Refusal;
use super::filter::{Scope, is_date, matches, parse};
use super::objects::{Base, Object, text};
use super::query::Query;
use super::schema::{EntitySet, Nature};

/// The records of the slice, ordered by their dimensions.
pub(crate) fn slice<'a>(
    base: &'a Base,
    access: &Access<'_>,
    set: &'static EntitySet,
    wanted: &Slice,
    query: &Query,
) -> Result<Vec<(Uuid, &'a Object)>, Refusal> {
    let Nature::Records { periodic: true, dimensions } = &set.nature else {
        return Err(Refusal::no_function(if wanted.last { "SliceLast" } else { "SliceFirst" }));
    };
    let asked = query.get("Condition").map(unquoted);
    let condition = wanted.condition.as_deref().or(asked).filter(|text| !text.is_empty());
    let condition = condition.map(|text| parse(access.opened(), set, text)).transpose()?;
    let asked = query.get("Period").map(|text| text.strip_prefix("datetime").map_or(text, unquoted));
    let period = wanted.period.as_deref().or(asked);
    if period.is_some_and(|period| !is_date(period)) {
        return Err(Refusal::argument("Period"));
    }
    let mut newest: BTreeMap<Vec<&str>, (Uuid, &Object)> = BTreeMap::new();
    for (key, record) in base.table(set.name).into_iter().flat_map(|table| table.ordered()) {
        let moment = text(record, "Period");
        let is_inside =
            period.is_none_or(|period| if wanted.last { moment <= period } else { moment >= period });
        let scope = Scope { base, row: record, outer: None };
        if !is_inside || !condition.as_ref().is_none_or(|condition| matches(condition, &scope)) {
            continue;
        }
        let of = dimensions.iter().map(|name| text(record, name)).collect();
        let place = newest.entry(of).or_insert((*key, record));
        let known = text(place.1, "Period");
        if if wanted.last { moment > known } else { moment < known } {
            *place = (*key, record);
        }
    }
    Ok(newest.into_values().collect())
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text)
}
