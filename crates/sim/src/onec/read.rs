//! Reads pages of a set: filter, order, `$skip`, `$top`, count.
//!
//! Without `$orderby` the rows come in an order that no write leaves as it was, because the interface promises none.
//! Invariant: references named by a filter are looked up; only other conditions scan.

mod order;

use uuid::Uuid;

use super::access::Access;
use super::error::Refusal;
use super::filter::{Expr, Keys, Scalar, Scope, keys_of, matches, parse};
use super::objects::{Base, Object, Table, text};
use super::query::Query;
use super::schema::EntitySet;
use super::settings::Right;

use order::{OrderKey, is_natural, order, sort};

/// The rows of an answer.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) rows: Vec<&'a Object>,
    /// The value of `odata.count` where it is asked for.
    pub(crate) count: Option<usize>,
}

/// Reads the page that the query asks for.
pub(crate) fn page<'a>(
    base: &'a Base,
    access: &Access<'_>,
    set: &'static EntitySet,
    query: &Query,
) -> Result<Page<'a>, Refusal> {
    let filter = filter(access, set, query)?;
    let order = order(access, set, query)?;
    let window = Window::parse(query)?;
    let wanted = if window.is_counted || !is_natural(&order) { usize::MAX } else { window.end() };
    let rights = Rights { access, set, allowed_only: query.allowed_only() };
    let mut rows = select(base, set, filter.as_ref(), &order, wanted, &rights)?;
    let total = rows.len();
    if !is_natural(&order) {
        sort(base, &order, &mut rows, window.end());
    }
    Ok(window.page(rows, total))
}

/// Reads the page that the query asks for from rows that are no table: slices of registers, tabular sections.
pub(crate) fn page_of<'a>(
    base: &'a Base,
    access: &Access<'_>,
    set: &'static EntitySet,
    rows: impl Iterator<Item = (Uuid, &'a Object)>,
    query: &Query,
) -> Result<Page<'a>, Refusal> {
    let filter = filter(access, set, query)?;
    let order = order(access, set, query)?;
    let window = Window::parse(query)?;
    let rights = Rights { access, set, allowed_only: query.allowed_only() };
    let mut rows = kept(base, rows, filter.as_ref(), usize::MAX, &rights)?;
    let total = rows.len();
    if !order.is_empty() {
        sort(base, &order, &mut rows, window.end());
    }
    Ok(window.page(rows, total))
}

/// Counts rows that are no table.
pub(crate) fn count_of<'a>(
    base: &'a Base,
    access: &Access<'_>,
    set: &'static EntitySet,
    rows: impl Iterator<Item = (Uuid, &'a Object)>,
    query: &Query,
) -> Result<usize, Refusal> {
    let filter = filter(access, set, query)?;
    let rights = Rights { access, set, allowed_only: query.allowed_only() };
    Ok(kept(base, rows, filter.as_ref(), usize::MAX, &rights)?.len())
}

/// Counts the rows that the query asks for.
pub(crate) fn count(
    base: &Base,
    access: &Access<'_>,
    set: &'static EntitySet,
    query: &Query,
) -> Result<usize, Refusal> {
    let filter = filter(access, set, query)?;
    let rights = Rights { access, set, allowed_only: query.allowed_only() };
    match (&filter, access.shows_all(set)) {
        (None, true) => Ok(base.table(set.name).map_or(0, Table::len)),
        _ => Ok(select(base, set, filter.as_ref(), &[], usize::MAX, &rights)?.len()),
    }
}

/// `$skip`, `$top` and `$inlinecount`.
struct Window {
    skip: usize,
    top: usize,
    is_counted: bool,
}

impl Window {
    fn parse(query: &Query) -> Result<Self, Refusal> {
        let is_counted = match query.get("$inlinecount") {
            None | Some("none") => false,
            Some("allpages") => true,
            Some(_) => return Err(Refusal::option("$inlinecount")),
        };
        let skip = query.number("$skip")?.unwrap_or(0);
        Ok(Self { skip, top: query.number("$top")?.unwrap_or(usize::MAX), is_counted })
    }

    /// How many rows from the first have to be known.
    fn end(&self) -> usize {
        self.skip.saturating_add(self.top)
    }

    fn page<'a>(&self, rows: Vec<Row<'a>>, total: usize) -> Page<'a> {
        let rows = rows.into_iter().skip(self.skip).take(self.top).map(|(_, object)| object).collect();
        Page { rows, count: self.is_counted.then_some(total) }
    }
}

struct Rights<'a> {
    access: &'a Access<'a>,
    set: &'static EntitySet,
    allowed_only: bool,
}

type Row<'a> = (Uuid, &'a Object);

fn filter(access: &Access<'_>, set: &'static EntitySet, query: &Query) -> Result<Option<Expr>, Refusal> {
    let Some(text) = query.get("$filter").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    match parse(access.opened(), set, text) {
        Err(refusal) if refusal.is_unknown_name() && !access.refuses_unknown_fields() => {
            Ok(Some(Expr::Boolean(false)))
        }
        parsed => parsed.map(Some),
    }
}

fn select<'a>(
    base: &'a Base,
    set: &'static EntitySet,
    filter: Option<&Expr>,
    order: &[OrderKey],
    wanted: usize,
    rights: &Rights<'_>,
) -> Result<Vec<Row<'a>>, Refusal> {
    let Some(table) = base.table(set.name) else {
        return Ok(Vec::new());
    };
    let keys = filter.map_or_else(Keys::all, |filter| keys_of(filter, table.index()));
    // Every row is tried: walking them as they are stored and turning the few that remain is far cheaper.
    let tries_all = order.is_empty() && filter.is_some() && wanted == usize::MAX;
    let rows = if tries_all { stored(table, &keys) } else { candidates(table, &keys, order) };
    let mut found = kept(base, rows, filter, wanted, rights)?;
    if tries_all {
        found.sort_by_key(|(key, _)| table.scatter_of(*key));
    }
    Ok(found)
}

/// The first rows that the filter wants and the rights show.
fn kept<'a>(
    base: &'a Base,
    rows: impl Iterator<Item = Row<'a>>,
    filter: Option<&Expr>,
    wanted: usize,
    rights: &Rights<'_>,
) -> Result<Vec<Row<'a>>, Refusal> {
    let mut found = Vec::new();
    for (key, row) in rows {
        if found.len() >= wanted {
            break;
        }
        let scope = Scope { base, row, outer: None };
        if !filter.is_none_or(|filter| matches(filter, &scope)) {
            continue;
        }
        match rights.access.shows(base, rights.set, key, row) {
            true => found.push((key, row)),
            false if rights.allowed_only => {}
            false => return Err(Refusal::denied()),
        }
    }
    Ok(found)
}

/// Rows by reference.
fn stored<'a>(table: &'a Table, keys: &Keys) -> Box<dyn Iterator<Item = Row<'a>> + 'a> {
    if let Some(points) = &keys.points {
        let found = points.iter().filter_map(|key| Some((*key, table.get(*key)?)));
        return Box::new(found.collect::<Vec<_>>().into_iter());
    }
    if keys.is_empty_range() {
        return Box::new(std::iter::empty());
    }
    Box::new(table.ordered().range((keys.lower, keys.upper)).map(|(key, object)| (*key, object)))
}

/// Rows in the order that is asked for, where it is one of those that need no sorting.
fn candidates<'a>(
    table: &'a Table,
    keys: &Keys,
    order: &[OrderKey],
) -> Box<dyn Iterator<Item = Row<'a>> + 'a> {
    match order.first() {
        Some(key) if key.is_reference() && key.descending => {
            let mut rows: Vec<Row<'a>> = stored(table, keys).collect();
            rows.reverse();
            Box::new(rows.into_iter())
        }
        Some(key) if key.is_reference() => stored(table, keys),
        _ if keys.points.is_some() => {
            let mut rows: Vec<Row<'a>> = stored(table, keys).collect();
            rows.sort_by_key(|(key, _)| table.scatter_of(*key));
            Box::new(rows.into_iter())
        }
        _ => Box::new(table.scattered()),
    }
}

/// The entity that a reference points to, unless it is absent, hidden or in a set that is not opened.
pub(crate) fn target<'a>(
    base: &'a Base,
    access: &Access<'_>,
    value: &Scalar<'_>,
) -> Option<(&'static EntitySet, &'a Object)> {
    let (set, key) = match value {
        Scalar::Key(set, key) => (*set, *key),
        Scalar::Reference(set, key) => (*set, *key),
        _ => return None,
    };
    let set = access.opened().set(set).filter(|set| access.may(Right::Read, set))?;
    let object = base.object(set.name, key)?;
    access.shows(base, set, key, object).then_some((set, object))
}

/// What a reader sees of a reference.
pub(crate) fn presentation<'a>(base: &'a Base, value: &Scalar<'_>) -> &'a str {
    match value {
        Scalar::Key(set, key) => base.object(set, *key).map_or("", |object| text(object, "Description")),
        Scalar::Reference(set, key) => {
            base.object(set, *key).map_or("", |object| text(object, "Description"))
        }
        _ => "",
    }
}
