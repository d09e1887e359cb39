//! Where a walk stands: a stretch of ids and what is left to read of it.
//!
//! Pure. A long walk is cut into stretches that are read side by side, each of about as many records as one batch reads.
//! Where ids lie unevenly a stretch takes more than one. Invariant: stretches touch and never overlap, and the last one
//! is open, so that every id stands in exactly one.

use obmen_engine::ports::Cursor;

use crate::batch::MAX_COMMANDS;
use crate::read::PAGE;

/// Pages asked for beyond those expected: records are never spread quite evenly.
const SPARE: f64 = 0.02;

/// A stretch of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Ids above this one.
    pub(super) after: u64,
    /// Ids up to this one; all that there are where it is open.
    pub(super) upto: Option<u64>,
    /// Records still to be expected.
    pub(super) expected: u64,
    /// Whether any record of the kind has requisites.
    pub(super) requisites: bool,
}

/// What is known of a kind before its records are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// How many records there are.
    pub(super) total: u64,
    /// The lowest id.
    pub(super) first: u64,
    /// The highest id.
    pub(super) last: u64,
    /// Whether any record has requisites.
    pub(super) requisites: bool,
}

impl Extent {
    /// The stretches of a walk, where one batch reads so many pages.
    pub(super) fn cut(self, pages: usize) -> Vec<Place> {
        let Self { total, first, last, requisites } = self;
        let room = (pages * PAGE) as u64;
        // A single batch also sees that nothing follows.
        let stretches = if total < room { 1 } else { with_spare(total).div_ceil(room) };
        let before = first.saturating_sub(1);
        let bound = |at: u64| {
            let part = u128::from(last.saturating_sub(before)) * u128::from(at) / u128::from(stretches);
            before + u64::try_from(part).unwrap_or(u64::MAX)
        };
        let place = |at: u64| Place {
            after: if at == 0 { 0 } else { bound(at) },
            upto: (at + 1 < stretches).then(|| bound(at + 1)),
            expected: total.div_ceil(stretches),
            requisites,
        };
        (0..stretches).map(place).filter(|place| place.upto != Some(place.after)).collect()
    }
}

impl Place {
    /// Pages to ask for, of those that fit into a batch.
    pub(super) fn pages(self, fitting: usize) -> usize {
        let mut pages = with_spare(self.expected) / PAGE as u64 + 1;
        if let Some(upto) = self.upto {
            pages = pages.min(upto.saturating_sub(self.after).div_ceil(PAGE as u64));
        }
        usize::try_from(pages).unwrap_or(MAX_COMMANDS).min(fitting).clamp(1, MAX_COMMANDS)
    }

    /// What is left once all pages were full up to this id, with so many records.
    pub(super) fn rest(self, last: u64, read: u64) -> Option<Self> {
        let expected = match self.upto {
            Some(upto) if last >= upto => return None,
            // As dense as what was read.
            Some(upto) => (upto - last).saturating_mul(read) / last.saturating_sub(self.after).max(1),
            None => self.expected.saturating_sub(read),
        };
        Some(Self { after: last, expected, ..self })
    }

    pub(super) fn read(cursor: &Cursor) -> Option<Self> {
        let mut parts = cursor.0.split(':').map(str::parse::<u64>);
        let mut next = || parts.next()?.ok();
        let (after, upto, expected, requisites) = (next()?, next()?, next()?, next()?);
        Some(Self { after, upto: (upto > 0).then_some(upto), expected, requisites: requisites == 1 })
    }

    pub(super) fn write(self) -> Cursor {
        let Self { after, upto, expected, requisites } = self;
        Cursor(format!("{after}:{}:{expected}:{}", upto.unwrap_or(0), u8::from(requisites)))
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of records stay far below 2^53"
)]
fn with_spare(records: u64) -> u64 {
    (records as f64 * (1.0 + SPARE)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(total: u64, first: u64, last: u64) -> Extent {
        Extent { total, first, last, requisites: false }
    }

    #[test]
    fn a_short_walk_is_one_open_stretch() {
        let whole = Place { after: 0, upto: None, expected: 730, requisites: false };
        assert_eq!(extent(730, 3, 2190).cut(50), [whole]);
        assert_eq!((whole.pages(50), whole.pages(20)), (15, 15));
        assert_eq!(extent(0, 0, 0).cut(50), [Place { expected: 0, ..whole }]);
        assert_eq!(Place { expected: 0, ..whole }.pages(50), 1);
    }

    #[test]
    fn fifty_thousand_records_are_read_in_twenty_one_batches() {
        let places = extent(50_000, 101, 100_100).cut(50);
        assert_eq!(places.len(), 21);
        assert_eq!((places[0].after, places[20].upto), (0, None));
        for pair in places.windows(2) {
            assert_eq!(pair[0].upto, Some(pair[1].after), "stretches touch");
        }
        assert!(places.iter().all(|place| place.pages(50) <= 50 && place.pages(50) * PAGE >= 2400));
    }

    #[test]
    fn a_million_records_need_little_more_batches_than_they_fill() {
        assert_eq!(extent(1_000_000, 1, 1_000_000).cut(50).len(), 408);
    }

    #[test]
    fn no_more_pages_are_asked_for_than_a_stretch_has_ids() {
        let dense = Place { after: 100, upto: Some(2600), expected: 2500, requisites: false };
        assert_eq!(dense.pages(50), 50);
        assert_eq!(Place { upto: Some(160), ..dense }.pages(50), 2);
    }

    #[test]
    fn what_a_batch_left_is_read_by_the_next_one() {
        let place = Place { after: 0, upto: Some(10_000), expected: 2400, requisites: true };
        let rest = Place { after: 5000, expected: 2500, ..place };
        assert_eq!(place.rest(5000, 2500), Some(rest));
        assert_eq!(place.rest(10_000, 2500), None, "the bound itself was read");
        let open = Place { upto: None, ..place };
        assert_eq!(open.rest(5000, 2500), Some(Place { after: 5000, expected: 0, ..open }));
    }

    #[test]
    fn places_are_read_back() {
        let place = Place { after: 70, upto: Some(120), expected: 50, requisites: true };
        for place in [place, Place { upto: None, requisites: false, ..place }] {
            assert_eq!(Place::read(&place.write()), Some(place));
        }
        assert_eq!(Place::read(&Cursor("x".to_owned())), None);
    }
}
