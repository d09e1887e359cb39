//! Reads pages of a set: filter, order, `$skip`, `$top`, count.
//!
//! Without `$orderby` the rows come in an order that no write leaves as it was, because the interface promises none.
//! Invariant: references named by a filter are looked up; only other conditions scan.

use std::cmp::Ordering;

use uuid::Uuid;

use super::error::Refusal;
use super::filter::{Expr, Keys, Scalar, Scope, compare_text, field, keys_of, matches, parse};
use super::objects::{Base, Object, Table, text};
use super::query::Query;
use super::schema::{EntitySet, Property};
use super::settings::Settings;

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
    settings: &Settings,
    set: &'static EntitySet,
    query: &Query,
) -> Result<Page<'a>, Refusal> {
    let filter = filter(base, set, query)?;
    let order = order(set, query)?;
    let window = Window::parse(query)?;
    let wanted = if window.is_counted || !is_natural(&order) { usize::MAX } else { window.end() };
    let rights = Rights { settings, allowed_only: query.allowed_only() };
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
    settings: &Settings,
    set: &'static EntitySet,
    rows: impl Iterator<Item = (Uuid, &'a Object)>,
    query: &Query,
) -> Result<Page<'a>, Refusal> {
    let filter = filter(base, set, query)?;
    let order = order(set, query)?;
    let window = Window::parse(query)?;
    let rights = Rights { settings, allowed_only: query.allowed_only() };
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
    settings: &Settings,
    set: &'static EntitySet,
    rows: impl Iterator<Item = (Uuid, &'a Object)>,
    query: &Query,
) -> Result<usize, Refusal> {
    let filter = filter(base, set, query)?;
    let rights = Rights { settings, allowed_only: query.allowed_only() };
    Ok(kept(base, rows, filter.as_ref(), usize::MAX, &rights)?.len())
}

/// Counts the rows that the query asks for.
pub(crate) fn count(
    base: &Base,
    settings: &Settings,
    set: &'static EntitySet,
    query: &Query,
) -> Result<usize, Refusal> {
    let filter = filter(base, set, query)?;
    let rights = Rights { settings, allowed_only: query.allowed_only() };
    match (&filter, settings.hidden.is_empty()) {
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
    settings: &'a Settings,
    allowed_only: bool,
}

/// A key of `$orderby`.
struct OrderKey {
    property: &'static Property,
    descending: bool,
}

type Row<'a> = (Uuid, &'a Object);

fn filter(base: &Base, set: &'static EntitySet, query: &Query) -> Result<Option<Expr>, Refusal> {
    let text = query.get("$filter").filter(|text| !text.is_empty());
    text.map(|text| parse(base.configuration, set, text)).transpose()
}

fn order(set: &'static EntitySet, query: &Query) -> Result<Vec<OrderKey>, Refusal> {
    let Some(text) = query.get("$orderby").filter(|text| !text.is_empty()) else {
        return Ok(Vec::new());
    };
    text.split(',').map(|part| order_key(set, part)).collect()
}

fn order_key(set: &'static EntitySet, text: &str) -> Result<OrderKey, Refusal> {
    let mut words = text.split_whitespace();
    let name = words.next().ok_or_else(|| Refusal::option("$orderby"))?;
    let descending = match (words.next(), words.next()) {
        (None | Some("asc"), None) => false,
        (Some("desc"), None) => true,
        _ => return Err(Refusal::option("$orderby")),
    };
    let property = set.property(name).ok_or_else(|| Refusal::no_property(name))?;
    Ok(OrderKey { property, descending })
}

/// Whether rows can be taken in this order as they are stored.
fn is_natural(order: &[OrderKey]) -> bool {
    order.first().is_none_or(|key| key.property.name == "Ref_Key")
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
        match rights.settings.hidden.contains(&key) {
            false => found.push((key, row)),
            true if rights.allowed_only => {}
            true => return Err(Refusal::denied()),
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
        Some(key) if key.property.name == "Ref_Key" && key.descending => {
            let mut rows: Vec<Row<'a>> = stored(table, keys).collect();
            rows.reverse();
            Box::new(rows.into_iter())
        }
        Some(key) if key.property.name == "Ref_Key" => stored(table, keys),
        _ if keys.points.is_some() => {
            let mut rows: Vec<Row<'a>> = stored(table, keys).collect();
            rows.sort_by_key(|(key, _)| table.scatter_of(*key));
            Box::new(rows.into_iter())
        }
        _ => Box::new(table.scattered()),
    }
}

/// Orders the first `wanted` rows by the keys and drops the others; what the keys leave open stays in the order of
/// nobody.
fn sort(base: &Base, order: &[OrderKey], rows: &mut Vec<Row<'_>>, wanted: usize) {
    let values = |row| order.iter().map(|key| field(row, key.property)).collect::<Vec<_>>();
    let mut keyed: Vec<_> = rows.iter().enumerate().map(|(at, row)| (values(row.1), at, *row)).collect();
    let in_order = |(left, at, _): &(Vec<Scalar<'_>>, usize, _),
                    (right, other, _): &(Vec<Scalar<'_>>, usize, _)| {
        for (key, (left, right)) in order.iter().zip(left.iter().zip(right)) {
            match compare(base, left, right) {
                Ordering::Equal => {}
                ordering if key.descending => return ordering.reverse(),
                ordering => return ordering,
            }
        }
        at.cmp(other)
    };
    if wanted == 0 {
        keyed.clear();
    } else if wanted < keyed.len() {
        keyed.select_nth_unstable_by(wanted - 1, in_order);
        keyed.truncate(wanted);
    }
    keyed.sort_unstable_by(in_order);
    *rows = keyed.into_iter().map(|(_, _, row)| row).collect();
}

fn compare(base: &Base, left: &Scalar<'_>, right: &Scalar<'_>) -> Ordering {
    match (left, right) {
        (Scalar::Text(left), Scalar::Text(right)) => compare_text(left, right),
        (Scalar::Date(left), Scalar::Date(right)) => left.cmp(right),
        (Scalar::Number(left), Scalar::Number(right)) => left.total_cmp(right),
        (Scalar::Boolean(left), Scalar::Boolean(right)) => left.cmp(right),
        (Scalar::Guid(left), Scalar::Guid(right)) => left.cmp(right),
        // Ordering by a reference goes by what the reader sees of it.
        _ => compare_text(presentation(base, left), presentation(base, right)),
    }
}

/// The entity that a reference points to, unless it is absent or hidden.
pub(crate) fn target<'a>(
    base: &'a Base,
    settings: &Settings,
    value: &Scalar<'_>,
) -> Option<(&'static EntitySet, &'a Object)> {
    let (set, key) = match value {
        Scalar::Key(set, key) => (*set, *key),
        Scalar::Reference(set, key) => (*set, *key),
        _ => return None,
    };
    let object = base.object(set, key).filter(|_| !settings.hidden.contains(&key))?;
    Some((base.configuration.set(set)?, object))
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
