//! Where a walk stands: a stretch of records and what is left to read of it.
//!
//! Pure. A long walk is cut into stretches that are read side by side, a batch each. A stretch begins at a position, which
//! only the portal can turn into an id, since ids lie unevenly; from there on pages follow ids. Invariant: stretches
//! overlap by a page, so that records deleted while they are read open no gap, and the last one goes on to the end.

use obmen_engine::ports::Cursor;

use crate::batch::MAX_COMMANDS;
use crate::read::{Beside, PAGE};

/// Records asked for beyond those expected in the last stretch: some are new.
const SPARE: f64 = 0.02;

/// A stretch of records in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Where it begins.
    pub(super) start: Start,
    /// Records to be expected.
    pub(super) expected: u64,
    /// Whether everything behind it belongs to it.
    pub(super) is_last: bool,
    /// What some record of the kind has.
    pub(super) has: Beside,
}

/// The beginning of a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Above an id.
    Above(u64),
    /// Behind so many records.
    Behind(u64),
}

/// What is known of a kind before its records are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// How many records there are.
    pub(super) total: u64,
    /// What some record has.
    pub(super) has: Beside,
}

impl Extent {
    /// The stretches of a walk, where one batch reads so many pages.
    pub(super) fn cut(self, pages: usize) -> Vec<Place> {
        let Self { total, has } = self;
        let page = PAGE as u64;
        let room = pages as u64 * page;
        // A single batch also sees that nothing follows.
        if total < room {
            return vec![Place { start: Start::Above(0), expected: total, is_last: true, has }];
        }
        let step = room.saturating_sub(page).max(page);
        let stretches = total.div_ceil(step);
        let place = |number: u64| Place {
            start: if number == 0 { Start::Above(0) } else { Start::Behind(number * step) },
            expected: room.min(total.saturating_sub(number * step)),
            is_last: number + 1 == stretches,
            has,
        };
        (0..stretches).map(place).collect()
    }
}

impl Place {
    /// Pages to ask for, of those that fit into a batch.
    pub(super) fn pages(self, fitting: usize) -> usize {
        if !self.is_last {
            return fitting;
        }
        let pages = with_spare(self.expected) / PAGE as u64 + 1;
        usize::try_from(pages).unwrap_or(MAX_COMMANDS).min(fitting).clamp(1, MAX_COMMANDS)
    }

    /// What is left once all pages were full up to this id, with so many records.
    pub(super) fn rest(self, last: u64, read: u64) -> Option<Self> {
        let expected = self.expected.saturating_sub(read);
        self.is_last.then_some(Self { start: Start::Above(last), expected, ..self })
    }

    /// How many of its records the stretch before has too.
    pub(super) fn overlap(self) -> u64 {
        match self.start {
            Start::Above(_) => 0,
            Start::Behind(_) => PAGE as u64,
        }
    }

    pub(super) fn read(cursor: &Cursor) -> Option<Self> {
        let mut parts = cursor.0.split(':');
        let start = match parts.next()? {
            "above" => Start::Above(parts.next()?.parse().ok()?),
            "behind" => Start::Behind(parts.next()?.parse().ok()?),
            _ => return None,
        };
        let mut next = || parts.next()?.parse::<u64>().ok();
        let (expected, is_last, requisites, addresses) = (next()?, next()?, next()?, next()?);
        let has = Beside { requisites: requisites == 1, addresses: addresses == 1 };
        Some(Self { start, expected, is_last: is_last == 1, has })
    }

    pub(super) fn write(self) -> Cursor {
        let Self { start, expected, is_last, has } = self;
        let (word, number) = match start {
            Start::Above(id) => ("above", id),
            Start::Behind(records) => ("behind", records),
        };
        let [is_last, requisites, addresses] = [is_last, has.requisites, has.addresses].map(u8::from);
        Cursor(format!("{word}:{number}:{expected}:{is_last}:{requisites}:{addresses}"))
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

    fn cut(total: u64, pages: usize) -> Vec<Place> {
        Extent { total, has: Beside::default() }.cut(pages)
    }

    #[test]
    fn a_short_walk_is_one_stretch_to_the_end() {
        let whole = Place { start: Start::Above(0), expected: 730, is_last: true, has: Beside::default() };
        assert_eq!(cut(730, 50), [whole]);
        assert_eq!((whole.pages(50), whole.pages(4)), (15, 4));
        assert_eq!(cut(0, 50), [Place { expected: 0, ..whole }]);
        assert_eq!(Place { expected: 0, ..whole }.pages(50), 1);
    }

    #[test]
    fn fifty_thousand_records_are_read_in_twenty_one_batches() {
        let places = cut(50_000, 50);
        assert_eq!(places.len(), 21);
        assert_eq!((places[1].start, places[20].start), (Start::Behind(2450), Start::Behind(49_000)));
        assert_eq!((places[1].pages(50), places[20].pages(50)), (50, 21));
        assert_eq!(places.iter().filter(|place| place.is_last).count(), 1);
        let read: u64 = places.iter().map(|place| place.expected - place.overlap()).sum();
        assert_eq!(read, 50_000);
    }

    #[test]
    fn a_million_records_need_little_more_batches_than_they_fill() {
        assert_eq!(cut(1_000_000, 50).len(), 409);
    }

    #[test]
    fn stretches_of_a_single_page_do_not_overlap() {
        let starts: Vec<Start> = cut(120, 1).into_iter().map(|place| place.start).collect();
        assert_eq!(starts, [Start::Above(0), Start::Behind(50), Start::Behind(100)]);
    }

    #[test]
    fn only_the_last_stretch_goes_on() {
        let has = Beside { requisites: true, addresses: false };
        let last = Place { start: Start::Behind(2450), expected: 900, is_last: true, has };
        let rest = Place { start: Start::Above(4711), expected: 0, ..last };
        assert_eq!(last.rest(4711, 950), Some(rest));
        assert_eq!(Place { is_last: false, ..last }.rest(4711, 2500), None);
    }

    #[test]
    fn places_are_read_back() {
        let has = Beside { requisites: false, addresses: true };
        let place = Place { start: Start::Above(70), expected: 50, is_last: true, has };
        for place in
            [place, Place { start: Start::Behind(120), is_last: false, has: Beside::default(), ..place }]
        {
            assert_eq!(Place::read(&place.write()), Some(place));
        }
        assert_eq!(Place::read(&Cursor("x".to_owned())), None);
    }
}
