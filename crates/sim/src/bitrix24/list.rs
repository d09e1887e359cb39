//! Paging and sorting of list methods over a table.
//!
//! Not responsible for parsing filters or for the shape of rows.

use std::cmp::Ordering;

use jiff::tz::Offset;

use super::dates::parse_instant;
use super::filter::{Filter, number};
use super::php::Php;
use super::schema::Column;
use super::table::{Record, Table, fold};

/// Rows on a page of any list method.
pub(crate) const PAGE: usize = 50;

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// `start=-1`: the first page, without a count.
    NoCount,
    At(usize),
}

impl Start {
    /// The offset as the universal list takes it.
    pub(crate) fn exact(value: Option<&Php>) -> Self {
        match value.map_or(0, Php::as_int) {
            -1 => Self::NoCount,
            offset => Self::At(usize::try_from(offset).unwrap_or(0)),
        }
    }

    /// The offset as classic lists take it: rounded down to a page.
    pub(crate) fn by_page(value: Option<&Php>) -> Self {
        match Self::exact(value) {
            Self::At(offset) => Self::At(offset / PAGE * PAGE),
            Self::NoCount => Self::NoCount,
        }
    }

    /// The meaning of `-1` to lists that always count.
    pub(crate) fn counted(self) -> Self {
        if self == Self::NoCount { Self::At(0) } else { self }
    }
}

/// One page of ids.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) ids: Vec<u64>,
    pub(crate) total: i64,
    pub(crate) next: Option<i64>,
}

/// Which records a list shows at all, whatever its filter.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) only_category_0: bool,
    /// What the user's rights let through; nothing if that is everything.
    pub(crate) allowed: Option<&'a dyn Fn(&Record) -> bool>,
}

/// Finds a page. `order` holds columns with "descending"; rows are told apart by ascending id at last.
pub(crate) fn find_page(
    table: &Table,
    filter: &Filter,
    order: &[(Column, bool)],
    start: Start,
    offset: Offset,
    shown: Shown<'_>,
) -> Page {
    let lowest = filter.lowest_id();
    let candidates = filter.candidates(table);
    let is_only_category_0 = shown.only_category_0 && table.has_other_categories();
    let hide = is_only_category_0 || shown.allowed.is_some();
    let passes = |id: u64, record: &Record| {
        (!is_only_category_0 || record.category == 0)
            && filter.matches(id, record, offset)
            && shown.allowed.is_none_or(|allowed| allowed(record))
    };
    let ascending: Box<dyn DoubleEndedIterator<Item = (u64, &Record)>> = match &candidates {
        Some(ids) => {
            let ids = &ids[ids.partition_point(|id| *id < lowest)..];
            Box::new(ids.iter().filter_map(|id| Some((*id, table.get(*id)?))))
        }
        None => Box::new(table.changed_rows(lowest, filter.changed_since())),
    };
    let in_order: Box<dyn Iterator<Item = (u64, &Record)>> = match order {
        [] | [(Column::Id, false), ..] => Box::new(ascending.filter(|(id, record)| passes(*id, record))),
        [(Column::Id, true), ..] => Box::new(ascending.rev().filter(|(id, record)| passes(*id, record))),
        _ => {
            let mut rows: Vec<_> = ascending.filter(|(id, record)| passes(*id, record)).collect();
            rows.sort_by(|a, b| compare(*a, *b, order, offset));
            Box::new(rows.into_iter())
        }
    };
    match start {
        Start::NoCount => Page { ids: in_order.take(PAGE).map(|(id, _)| id).collect(), total: 0, next: None },
        Start::At(at) if filter.is_empty() && !hide => {
            let ids = in_order.skip(at).take(PAGE).map(|(id, _)| id).collect();
            page(ids, at, table.len())
        }
        Start::At(at) => {
            let all: Vec<u64> = in_order.map(|(id, _)| id).collect();
            let ids = all.iter().skip(at).take(PAGE).copied().collect();
            page(ids, at, all.len())
        }
    }
}

fn page(ids: Vec<u64>, at: usize, total: usize) -> Page {
    let next = (at + PAGE < total).then(|| (at + PAGE) as i64);
    Page { ids, total: total as i64, next }
}

fn compare(a: (u64, &Record), b: (u64, &Record), order: &[(Column, bool)], offset: Offset) -> Ordering {
    for (column, descending) in order {
        let ordering = compare_by(a, b, column, offset);
        if ordering != Ordering::Equal {
            return if *descending { ordering.reverse() } else { ordering };
        }
    }
    a.0.cmp(&b.0)
}

fn compare_by(a: (u64, &Record), b: (u64, &Record), column: &Column, offset: Offset) -> Ordering {
    match column {
        Column::Id => a.0.cmp(&b.0),
        Column::Created => a.1.created.cmp(&b.1.created),
        Column::Modified => a.1.modified.cmp(&b.1.modified),
        Column::Category => a.1.category.cmp(&b.1.category),
        Column::PrimaryCompany => a.1.primary_company().cmp(&b.1.primary_company()),
        Column::Has(multi) => {
            let has = |record: &Record| record.rows_of(*multi).next().is_some();
            has(a.1).cmp(&has(b.1))
        }
        Column::Rows(_) | Column::Companies | Column::Contacts => Ordering::Equal,
        Column::Stored { name, ty, .. } => {
            let (a, b) = (a.1.text(name), b.1.text(name));
            if ty.is_number() {
                number(a).total_cmp(&number(b))
            } else if ty.is_date() {
                parse_instant(a, offset).cmp(&parse_instant(b, offset))
            } else {
                fold(a).cmp(&fold(b))
            }
        }
    }
}
