//! Rows of the contact section for wanted phones, mailboxes and addresses.
//!
//! A section is replaced as a whole, so everybody's rows travel with ours. Invariants: rows of other types, unreadable
//! rows and rows of kinds obmen does not know are kept; a row whose values are all wanted stays exactly as it is; a kind
//! for one value never gets a second; a value for which no kind has room shares the row that it shared before, or is left
//! out, as the capacity says.

mod address;
mod rows;

use std::collections::BTreeMap;

use obmen_domain::party::{Email, Phone, Point};
use uuid::Uuid;

use crate::facts::{ContactKind, Table};
use crate::odata::Object;
use crate::read::{Reading, points};
use crate::wire::{guid, put, text};
pub(super) use address::with_address;
use rows::{email_row, phone_row, rejoin_emails, rejoin_phones};

/// The section's rows with exactly the wanted phones.
pub(super) fn with_phones(
    reading: Reading<'_>,
    table: &Table,
    rows: Vec<Object>,
    wanted: &[Phone],
) -> Vec<Object> {
    let names = &reading.profile.contact;
    let sort = Sort {
        type_column: &names.sort,
        kind_column: &names.kind,
        type_name: &names.phone_type,
        kinds: &table.phones,
        read: &|row| points::phones_of_row(names, &table.phones, row, reading.phones),
        make: &|phone, kind| phone_row(names, &table.contact_columns, phone, kind),
        rejoin: &|row, text| rejoin_phones(names, row, text),
    };
    dated(reading, table, rows, |rows| merged(rows, wanted, &sort))
}

/// The section's rows with exactly the wanted mailboxes.
pub(super) fn with_emails(
    reading: Reading<'_>,
    table: &Table,
    rows: Vec<Object>,
    wanted: &[Email],
) -> Vec<Object> {
    let names = &reading.profile.contact;
    let sort = Sort {
        type_column: &names.sort,
        kind_column: &names.kind,
        type_name: &names.email_type,
        kinds: &table.emails,
        read: &|row| points::emails_of_row(names, &table.emails, row),
        make: &|email, kind| email_row(names, &table.contact_columns, email, kind),
        rejoin: &|row, text| rejoin_emails(names, row, text),
    };
    dated(reading, table, rows, |rows| merged(rows, wanted, &sort))
}

/// Leaves rows of the past where they are. A row that takes the place of a dated one is valid since the same day: a row
/// without a date would itself be one of the past.
fn dated(
    reading: Reading<'_>,
    table: &Table,
    rows: Vec<Object>,
    merge: impl FnOnce(Vec<Object>) -> Vec<Object>,
) -> Vec<Object> {
    let names = &reading.profile.contact;
    let Some(since) = names.since.as_ref().filter(|column| table.contact_columns.contains(*column)) else {
        return merge(rows);
    };
    let all: Vec<&Object> = rows.iter().collect();
    let is_past: Vec<bool> = rows.iter().map(|row| points::is_outdated(names, table, &all, row)).collect();
    let days: BTreeMap<Uuid, String> = rows
        .iter()
        .zip(&is_past)
        .filter(|(row, is_past)| !**is_past && !text(row, since).is_empty())
        .filter_map(|(row, _)| Some((guid(row, &names.kind)?, text(row, since).to_owned())))
        .collect();
    let (past, current): (Vec<_>, Vec<_>) = rows.into_iter().zip(is_past).partition(|(_, is_past)| *is_past);
    let mut rows = merge(current.into_iter().map(|(row, _)| row).collect());
    for row in &mut rows {
        let day = guid(row, &names.kind).and_then(|kind| days.get(&kind));
        if let Some(day) = day.filter(|_| !row.contains_key(since)) {
            put(row, since, day.as_str());
        }
    }
    rows.extend(past.into_iter().map(|(row, _)| row));
    rows
}

/// What differs between phones and mailboxes.
struct Sort<'a, K> {
    type_column: &'a str,
    kind_column: &'a str,
    type_name: &'a str,
    kinds: &'a [ContactKind],
    read: &'a dyn Fn(&Object) -> Vec<Point<K>>,
    make: &'a dyn Fn(&Point<K>, ContactKind) -> Option<Object>,
    rejoin: &'a dyn Fn(&mut Object, &str),
}

/// A row with the place of its first value among the wanted ones.
struct Ranked {
    rank: usize,
    row: Object,
}

fn merged<K: PartialEq>(rows: Vec<Object>, wanted: &[Point<K>], sort: &Sort<'_, K>) -> Vec<Object> {
    let mut others: Vec<Option<Object>> = Vec::new();
    let mut ours: Vec<Ranked> = Vec::new();
    let mut placed = vec![false; wanted.len()];
    let mut freed: Vec<Option<ContactKind>> = vec![None; wanted.len()];
    for row in rows {
        if text(&row, sort.type_column) != sort.type_name {
            others.push(Some(row));
            continue;
        }
        others.push(None);
        let fate = fate_of(&(sort.read)(&row), kind_of(sort, &row), wanted);
        for (place, kind) in fate.rewritten {
            freed[place] = Some(kind);
        }
        if let Some(rank) = fate.kept_at {
            fate.holds.iter().for_each(|place| placed[*place] = true);
            ours.push(Ranked { rank, row });
        }
    }
    for (rank, point) in wanted.iter().enumerate() {
        if placed[rank] || point.key.is_none() {
            continue;
        }
        let free =
            |kind: &&ContactKind| kind.several || !ours.iter().any(|one| is_of(sort, &one.row, **kind));
        let kind = freed[rank].filter(|kind| free(&kind)).or_else(|| best_kind(sort, point, free));
        // One that shared a row and finds no room for one of its own goes back to where the other one is.
        let shared = |one: &&mut Ranked| {
            !point.text.is_empty()
                && kind_of(sort, &one.row).is_some()
                && wanted.get(one.rank).is_some_and(|other| other.text == point.text)
        };
        if kind.is_none()
            && let Some(one) = ours.iter_mut().find(shared)
        {
            (sort.rejoin)(&mut one.row, &point.text);
            continue;
        }
        if let Some(row) = kind.and_then(|kind| (sort.make)(point, kind)) {
            ours.push(Ranked { rank, row });
        }
    }
    ours.sort_by_key(|one| one.rank);
    in_order(others, ours.into_iter().map(|one| one.row))
}

/// What happens to a row.
struct Fate {
    /// Kept, at this place in the order.
    kept_at: Option<usize>,
    /// The wanted values that it holds.
    holds: Vec<usize>,
    /// Wanted values that leave this row for one of their own, of the same kind where possible.
    rewritten: Vec<(usize, ContactKind)>,
}

fn fate_of<K: PartialEq>(points: &[Point<K>], kind: Option<ContactKind>, wanted: &[Point<K>]) -> Fate {
    let place = |point: &Point<K>| wanted.iter().position(|one| one.key.is_some() && one.key == point.key);
    let holds: Vec<usize> = points.iter().filter_map(place).collect();
    let is_readable = points.iter().any(|point| point.key.is_some());
    let is_whole = holds.len() == points.len() && points.iter().all(|point| !is_extended(point, wanted));
    // A kind that obmen does not know is nobody's to tidy up.
    let is_foreign = kind.is_none();
    if !is_readable || is_whole || is_foreign {
        let rank = holds.iter().min().copied();
        let as_text = || wanted.iter().position(|one| points.iter().any(|point| point.text == one.text));
        return Fate {
            kept_at: Some(rank.or_else(as_text).unwrap_or(usize::MAX)),
            holds,
            rewritten: Vec::new(),
        };
    }
    let rewritten = holds.iter().filter_map(|place| Some((*place, kind?))).collect();
    Fate { kept_at: None, holds: Vec::new(), rewritten }
}

/// Whether the wanted value has an extension that the row lacks.
fn is_extended<K: PartialEq>(point: &Point<K>, wanted: &[Point<K>]) -> bool {
    let mut same = wanted.iter().filter(|one| one.key.is_some() && one.key == point.key).peekable();
    same.peek().is_some() && same.all(|one| one.extension.is_some() && one.extension != point.extension)
}

fn best_kind<K>(
    sort: &Sort<'_, K>,
    point: &Point<K>,
    free: impl Fn(&&ContactKind) -> bool,
) -> Option<ContactKind> {
    let mut kinds = sort.kinds.iter().filter(free).copied().collect::<Vec<_>>();
    kinds.sort_by_key(|kind| kind.kind != point.kind);
    kinds.first().copied()
}

fn kind_of<K>(sort: &Sort<'_, K>, row: &Object) -> Option<ContactKind> {
    sort.kinds.iter().find(|kind| is_of(sort, row, **kind)).copied()
}

fn is_of<K>(sort: &Sort<'_, K>, row: &Object, kind: ContactKind) -> bool {
    guid(row, sort.kind_column) == Some(kind.reference)
}

/// Puts our rows where our rows stood; what is left over goes to the end.
fn in_order(others: Vec<Option<Object>>, ours: impl Iterator<Item = Object>) -> Vec<Object> {
    let mut ours = ours;
    let mut rows = Vec::with_capacity(others.len());
    for other in others {
        rows.extend(other.or_else(|| ours.next()));
    }
    rows.extend(ours);
    rows
}

#[cfg(test)]
mod tests;
