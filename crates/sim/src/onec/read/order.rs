//! `$orderby`: by properties, by what stands behind references, and by functions.
//!
//! Invariant: what the keys leave open stays in the order of nobody, and a complete key leaves nothing open.

use std::cmp::Ordering;

use uuid::Uuid;

use crate::onec::access::Access;
use crate::onec::error::Refusal;
use crate::onec::filter::{Expr, Scalar, Scope, compare_text, parse_value, value};
use crate::onec::objects::Base;
use crate::onec::query::Query;
use crate::onec::schema::EntitySet;

use super::{Row, presentation};

/// A key of `$orderby`.
pub(super) struct OrderKey {
    value: Expr,
    pub(super) descending: bool,
}

impl OrderKey {
    pub(super) fn is_reference(&self) -> bool {
        matches!(&self.value, Expr::Field { property, .. } if property.name == "Ref_Key")
    }
}

/// Reads the option.
pub(super) fn order(
    access: &Access<'_>,
    set: &'static EntitySet,
    query: &Query,
) -> Result<Vec<OrderKey>, Refusal> {
    let Some(text) = query.get("$orderby").filter(|text| !text.is_empty()) else {
        return Ok(Vec::new());
    };
    let keys = parts(text).into_iter().map(|part| order_key(access, set, part));
    let keys = keys.filter(|key| match key {
        Err(refusal) => access.refuses_unknown_fields() || !refusal.is_unknown_name(),
        Ok(_) => true,
    });
    keys.collect()
}

fn order_key(access: &Access<'_>, set: &'static EntitySet, text: &str) -> Result<OrderKey, Refusal> {
    let refused = || Refusal::option("$orderby");
    if text.is_empty() {
        return Err(refused());
    }
    let (value, direction) = parse_value(access.opened(), set, text)?;
    match direction.as_deref() {
        None | Some("asc") => Ok(OrderKey { value, descending: false }),
        Some("desc") => Ok(OrderKey { value, descending: true }),
        Some(_) => Err(refused()),
    }
}

/// What stands between the commas that are in no brackets and no quotes.
fn parts(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut depth, mut is_quoted) = (Vec::new(), 0, 0_usize, false);
    for (at, one) in text.char_indices() {
        match one {
            '\'' => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted => depth = depth.saturating_sub(1),
            ',' if !is_quoted && depth == 0 => {
                found.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(text[start..].trim());
    found
}

/// Whether rows can be taken in this order as they are stored.
pub(super) fn is_natural(order: &[OrderKey]) -> bool {
    order.first().is_none_or(OrderKey::is_reference)
}

/// Orders the first `wanted` rows by the keys and drops the others; what the keys leave open stays in the order of
/// nobody.
pub(super) fn sort(base: &Base, order: &[OrderKey], rows: &mut Vec<Row<'_>>, wanted: usize) {
    let values = |row| {
        let scope = Scope { base, row, outer: None };
        order.iter().map(|key| value(&key.value, &scope)).collect::<Vec<_>>()
    };
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
        (Scalar::Null, Scalar::Null) => Ordering::Equal,
        (Scalar::Null, _) => Ordering::Less,
        (_, Scalar::Null) => Ordering::Greater,
        // Ordering by a reference goes by what the reader sees of it; a complete key leaves nothing open.
        _ => compare_text(presentation(base, left), presentation(base, right))
            .then_with(|| key_of(left).cmp(&key_of(right))),
    }
}

fn key_of(value: &Scalar<'_>) -> Uuid {
    match value {
        Scalar::Key(_, key) | Scalar::Reference(_, key) => *key,
        _ => Uuid::nil(),
    }
}
