//! How ids, sides, kinds, moments and keys stand in columns, whatever the engine.
//!
//! Invariant: rows ordered by (kind, side, number, id) are in the order of their record ids.

use std::borrow::Cow;

use jiff::Timestamp;
use obmen_domain::key::Key;
use obmen_domain::record::{Kind, RecordId, Side, Standing};
use obmen_engine::ports::StoreError;
use sha2::{Digest as _, Sha256};

use crate::documents::to_word;

/// An index of PostgreSQL takes rows of 2,700 bytes; a longer key stands in it by its beginning and its digest.
const KEY_BYTES: usize = 1000;

/// The code of a side.
pub(crate) fn side_code(side: Side) -> i16 {
    match side {
        Side::Bitrix24 => 0,
        Side::Onec => 1,
    }
}

/// The side of a code.
pub(crate) fn side_of(code: i64) -> Option<Side> {
    [Side::Bitrix24, Side::Onec].into_iter().find(|side| i64::from(side_code(*side)) == code)
}

/// The code of a kind.
pub(crate) fn kind_code(kind: Kind) -> i16 {
    match kind {
        Kind::Company => 0,
        Kind::Contact => 1,
    }
}

/// The kind of a code.
pub(crate) fn kind_of(code: i64) -> Option<Kind> {
    [Kind::Company, Kind::Contact].into_iter().find(|kind| i64::from(kind_code(*kind)) == code)
}

/// The number of an id, the greatest there is for one that is no number.
pub(crate) fn number(id: &RecordId) -> i64 {
    id.id.parse::<u64>().ok().and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX)
}

/// A moment, cut to whole microseconds.
pub(crate) fn micros(moment: Timestamp) -> i64 {
    moment.as_microsecond()
}

/// The moment of so many microseconds.
pub(crate) fn moment_of(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros).ok()
}

/// A limit, as a statement takes one.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// A key as the index of keys holds it.
pub(crate) fn key_text(key: &Key) -> String {
    let text = writable(&key.index()).into_owned();
    if text.len() <= KEY_BYTES {
        return text;
    }
    let digest: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    let end = (0..=KEY_BYTES - digest.len()).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}{digest}", &text[..end])
}

/// The keys of stored ids that name a record of this side and kind: the first of them, and what comes behind all.
pub(crate) fn id_keys(side: Side, kind: Kind) -> (String, String) {
    let first = key_text(&Key::Id(RecordId { side, kind, id: String::new() }));
    let behind = first.trim_end_matches(':').to_owned() + ";";
    (first, behind)
}

/// A text as every engine keeps one: PostgreSQL takes no U+0000.
pub(crate) fn writable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// The word of a standing.
pub(crate) fn standing_word(standing: &Standing) -> Result<String, StoreError> {
    match standing {
        Standing::TakesPart => Ok("takes-part".to_owned()),
        Standing::Marked => Ok("marked".to_owned()),
        Standing::Out(why) => to_word("/* seen.replace */", why),
    }
}

/// Where a walk over rows of a kind goes on after a record: behind this side, number and id. None when it is over.
pub(crate) fn walk_from(kind: Kind, after: Option<&RecordId>) -> Option<(i16, i64, &str)> {
    match after {
        Some(id) if id.kind > kind => None,
        Some(id) if id.kind == kind => Some((side_code(id.side), number(id), id.id.as_str())),
        _ => Some((-1, 0, "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_sort_as_record_ids_do() {
        let mut ids = vec![
            RecordId::onec(Kind::Company, "b0000000-0000-0000-0000-000000000000"),
            RecordId::bitrix24(Kind::Contact, "10"),
            RecordId::bitrix24(Kind::Contact, "9"),
            RecordId::onec(Kind::Contact, "a0000000-0000-0000-0000-000000000000"),
            RecordId::bitrix24(Kind::Company, "100"),
            RecordId::bitrix24(Kind::Company, "2"),
            RecordId::onec(Kind::Company, "10000000-0000-0000-0000-000000000000"),
        ];
        let mut by_columns = ids.clone();
        ids.sort();
        by_columns.sort_by_key(|id| (kind_code(id.kind), side_code(id.side), number(id), id.id.clone()));
        assert_eq!(ids, by_columns);
    }

    #[test]
    fn codes_are_read_back() {
        for kind in [Kind::Company, Kind::Contact] {
            assert_eq!(kind_of(kind_code(kind).into()), Some(kind));
        }
        for side in [Side::Bitrix24, Side::Onec] {
            assert_eq!(side_of(side_code(side).into()), Some(side));
        }
        assert_eq!((kind_of(2), side_of(-1)), (None, None));
    }

    #[test]
    fn a_long_key_keeps_its_beginning_and_stays_apart_from_others() {
        let long = |end: &str| key_text(&Key::Name(format!("{}{end}", "ж".repeat(2000))));
        assert!(long("а").len() <= KEY_BYTES && long("а").starts_with("n:жж"), "{}", long("а"));
        assert_ne!(long("а"), long("б"));
        assert_eq!(key_text(&Key::Name("а\0б".to_owned())), "n:а\u{fffd}б");
    }
}
