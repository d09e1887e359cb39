//! The outbox: one row an object that was written or deleted, until that very row is acknowledged.
//!
//! Not responsible for which objects are watched (see `sets`). Invariant: a row that was written again is not forgotten by
//! an acknowledgement of the earlier one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::Name;
use super::sets::name_of;

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Written,
    Deleted,
}

/// The register.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Whether subscriptions put rows in, and what time it is.
    watched: Option<Timestamp>,
    rows: BTreeMap<Place, Row>,
    last: u64,
    /// Rows as they stood before the transaction that is open.
    before: Option<Vec<(Place, Option<Row>)>>,
}

type Place = (&'static str, Uuid);

#[derive(Debug, Clone)]
struct Row {
    event: Event,
    number: u64,
    at: Timestamp,
}

/// A row that somebody was given.
#[derive(Debug, Deserialize)]
pub(super) struct Receipt {
    #[serde(flatten)]
    pub(super) name: Name,
    version: String,
}

impl Outbox {
    /// From here on rows are put in, or not.
    pub(crate) fn watch(&mut self, watched: Option<Timestamp>) {
        self.watched = watched;
    }

    /// Puts a row in, or overwrites the one that stands there.
    pub(crate) fn note(&mut self, set: &'static str, key: Uuid, event: Event) {
        let Some(at) = self.watched else { return };
        self.last += 1;
        let row = Row { event, number: self.last, at };
        let old = self.rows.insert((set, key), row);
        if let Some(before) = &mut self.before {
            before.push(((set, key), old));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The oldest rows.
    pub(super) fn oldest(&self, limit: usize) -> Vec<Json> {
        let mut rows: Vec<(&Place, &Row)> = self.rows.iter().collect();
        rows.sort_by_key(|(_, row)| row.number);
        rows.into_iter().take(limit).map(|(place, row)| shown(place, row)).collect()
    }

    /// The moments of the oldest and of the newest row, empty where there is none.
    pub(super) fn span(&self) -> (String, String) {
        let moments = || self.rows.values().map(|row| row.at);
        let show = |moment: Option<Timestamp>| moment.map(super::about::utc).unwrap_or_default();
        (show(moments().min()), show(moments().max()))
    }

    /// Deletes the row that was given out; `false` where another stands there by now.
    pub(super) fn forget(&mut self, receipt: &Receipt) -> bool {
        let key = Uuid::try_parse(&receipt.name.reference).ok();
        let Some(place) = name_of(&receipt.name.set).zip(key).filter(|place| self.rows.contains_key(place))
        else {
            return true;
        };
        let is_same = self.rows.get(&place).is_some_and(|row| version(&place, row) == receipt.version);
        if is_same {
            self.rows.remove(&place);
        }
        is_same
    }

    pub(crate) fn begin(&mut self) {
        self.before = Some(Vec::new());
    }

    pub(crate) fn commit(&mut self) {
        self.before = None;
    }

    pub(crate) fn roll_back(&mut self) {
        for (place, old) in self.before.take().into_iter().flatten().rev() {
            match old {
                Some(row) => self.rows.insert(place, row),
                None => self.rows.remove(&place),
            };
        }
    }
}

fn shown(place: &Place, row: &Row) -> Json {
    let event = match row.event {
        Event::Written => "written",
        Event::Deleted => "deleted",
    };
    json!({
        "set": place.0, "ref": place.1.to_string(), "event": event,
        "version": version(place, row), "at": super::about::utc(row.at),
    })
}

/// A version that no other row ever has.
fn version((set, key): &Place, row: &Row) -> String {
    Uuid::new_v5(key, format!("{set}:{}", row.number).as_bytes()).to_string()
}
