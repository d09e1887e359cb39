//! Says of a row whether a bound expression holds.
//!
//! What has no value compares as unequal to everything. A composite reference equals only a value of reference type:
//! a plain guid beside it finds nothing, as in the real interface.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Number;
use uuid::Uuid;

use crate::onec::objects::{Base, Object};
use crate::onec::schema::{Kind, Property};
use crate::onec::value::Value;

use super::bind::navigated;
use super::compare::compare_text;
use super::functions::call;
use super::{Arithmetic, Comparison, Expr, Quantifier, TypeName};

/// A value during evaluation.
#[derive(Debug, Clone)]
pub(crate) enum Scalar<'a> {
    Null,
    Boolean(bool),
    Number(f64),
    Text(Cow<'a, str>),
    Date(Cow<'a, str>),
    Guid(Uuid),
    /// A reference property of one type: equals a plain guid and a typed one.
    Key(&'static str, Uuid),
    /// A reference inside a composite property, or a cast one.
    Reference(&'a str, Uuid),
}

/// The entity's row, or the row of a lambda with what stands outside of it.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s, 'a> {
    pub(crate) base: &'a Base,
    pub(crate) row: &'a Object,
    pub(crate) outer: Option<&'s Scope<'s, 'a>>,
}

pub(crate) fn matches(expr: &Expr, scope: &Scope<'_, '_>) -> bool {
    match expr {
        Expr::And(parts) => parts.iter().all(|part| matches(part, scope)),
        Expr::Or(parts) => parts.iter().any(|part| matches(part, scope)),
        Expr::Not(inner) => !matches(inner, scope),
        Expr::Compare(comparison, left, right) => {
            is_true(*comparison, compare(&value(left, scope), &value(right, scope)))
        }
        Expr::Quantified { quantifier, section, condition, depth } => {
            quantified(*quantifier, section.name, condition.as_deref(), *depth, scope)
        }
        Expr::IsOf(inner, wanted) => !matches!(cast(value(inner, scope), wanted), Scalar::Null),
        other => matches!(value(other, scope), Scalar::Boolean(true)),
    }
}

fn quantified(
    quantifier: Quantifier,
    section: &str,
    condition: Option<&Expr>,
    depth: usize,
    scope: &Scope<'_, '_>,
) -> bool {
    let entity = above(scope, depth);
    let rows = entity.row.get(section).and_then(Value::as_array).unwrap_or_default();
    let mut rows = rows.iter().filter_map(Value::as_object);
    let Some(condition) = condition else {
        return rows.next().is_some();
    };
    let holds = |row| matches(condition, &Scope { base: scope.base, row, outer: Some(scope) });
    match quantifier {
        Quantifier::Any => rows.any(holds),
        Quantifier::All => rows.all(holds),
    }
}

/// The value of an expression for a row.
pub(crate) fn value<'a>(expr: &'a Expr, scope: &Scope<'_, 'a>) -> Scalar<'a> {
    match expr {
        Expr::Text(text) => Scalar::Text(Cow::Borrowed(text)),
        Expr::Number(number) => Scalar::Number(*number),
        Expr::Boolean(value) => Scalar::Boolean(*value),
        Expr::Guid(guid) => Scalar::Guid(*guid),
        Expr::Date(date) => Scalar::Date(Cow::Borrowed(date)),
        Expr::Null => Scalar::Null,
        Expr::Field { up, property } => field(above(scope, *up).row, property),
        Expr::Through { from, name } => through(&value(from, scope), name, scope),
        Expr::Cast(inner, wanted) => cast(value(inner, scope), wanted),
        Expr::Arithmetic(operation, left, right) => {
            arithmetic(*operation, &value(left, scope), &value(right, scope))
        }
        Expr::Call(function, arguments) => {
            let arguments: Vec<Scalar<'a>> = arguments.iter().map(|one| value(one, scope)).collect();
            call(*function, &arguments)
        }
        condition => Scalar::Boolean(matches(condition, scope)),
    }
}

fn above<'s, 'a>(scope: &'s Scope<'s, 'a>, up: usize) -> &'s Scope<'s, 'a> {
    let mut found = scope;
    for _ in 0..up {
        match found.outer {
            Some(outer) => found = outer,
            None => break,
        }
    }
    found
}

/// The value of a property, with the default of its type where the row has none.
pub(crate) fn field<'a>(row: &'a Object, property: &'static Property) -> Scalar<'a> {
    let stored = row.get(property.name);
    let text = || stored.and_then(Value::as_str);
    match &property.kind {
        Kind::Boolean => Scalar::Boolean(stored.and_then(Value::as_bool).unwrap_or(false)),
        Kind::Long | Kind::Short | Kind::Double => {
            let parsed = text().and_then(|text| text.parse().ok());
            Scalar::Number(
                parsed.or_else(|| stored.and_then(Value::as_number).and_then(Number::as_f64)).unwrap_or(0.0),
            )
        }
        Kind::Date => Scalar::Date(Cow::Borrowed(text().unwrap_or(EMPTY_DATE))),
        Kind::Guid => Scalar::Guid(guid(text())),
        Kind::Reference(target) => Scalar::Key(target, guid(text())),
        Kind::Composite { type_property, .. } => {
            composite(stored, row.get(type_property).and_then(Value::as_str))
        }
        Kind::Text(_) | Kind::Enumeration(_) | Kind::TypeName | Kind::Version => {
            Scalar::Text(Cow::Borrowed(text().unwrap_or("")))
        }
        Kind::TypeDescription | Kind::Storage => Scalar::Null,
    }
}

/// The empty date of the interface.
pub(crate) const EMPTY_DATE: &str = "0001-01-01T00:00:00";

fn composite<'a>(stored: Option<&'a Value>, type_name: Option<&'a str>) -> Scalar<'a> {
    let text = stored.and_then(Value::as_str);
    let type_name = type_name.unwrap_or("");
    match type_name.strip_prefix("StandardODATA.").unwrap_or(type_name) {
        "Undefined" => Scalar::Null,
        "Edm.DateTime" => text.map_or(Scalar::Null, |date| Scalar::Date(Cow::Borrowed(date))),
        set if set.starts_with("Catalog_") || set.starts_with("ChartOf") => {
            Scalar::Reference(set, guid(text))
        }
        _ => match stored {
            Some(Value::String(text)) => Scalar::Text(Cow::Borrowed(text)),
            Some(Value::Bool(value)) => Scalar::Boolean(*value),
            Some(Value::Number(number)) => number.as_f64().map_or(Scalar::Null, Scalar::Number),
            _ => Scalar::Null,
        },
    }
}

fn through<'a>(from: &Scalar<'a>, name: &str, scope: &Scope<'_, 'a>) -> Scalar<'a> {
    let (set, key) = match from {
        Scalar::Key(set, key) => (*set, *key),
        Scalar::Reference(set, key) => (*set, *key),
        _ => return Scalar::Null,
    };
    let base: &'a Base = scope.base;
    let found = base.table(set).and_then(|table| {
        let property = navigated(&table.set.properties, name)?;
        Some(field(table.get(key)?, property))
    });
    found.unwrap_or(Scalar::Null)
}

fn cast<'a>(value: Scalar<'a>, wanted: &TypeName) -> Scalar<'a> {
    match (value, wanted) {
        (Scalar::Guid(key), TypeName::Set(set)) => Scalar::Reference(set, key),
        (Scalar::Key(found, key), TypeName::Set(set)) if found == *set => Scalar::Reference(set, key),
        (Scalar::Reference(found, key), TypeName::Set(set)) if found == *set => Scalar::Reference(set, key),
        (value @ Scalar::Text(_), TypeName::Text)
        | (value @ Scalar::Number(_), TypeName::Number)
        | (value @ Scalar::Boolean(_), TypeName::Boolean)
        | (value @ Scalar::Date(_), TypeName::Date) => value,
        _ => Scalar::Null,
    }
}

fn compare(left: &Scalar<'_>, right: &Scalar<'_>) -> Option<Ordering> {
    match (left, right) {
        (Scalar::Text(left), Scalar::Text(right)) => Some(compare_text(left, right)),
        (Scalar::Date(left), Scalar::Date(right)) => Some(left.cmp(right)),
        (Scalar::Number(left), Scalar::Number(right)) => left.partial_cmp(right),
        (Scalar::Boolean(left), Scalar::Boolean(right)) => Some(left.cmp(right)),
        (Scalar::Guid(left) | Scalar::Key(_, left), Scalar::Guid(right) | Scalar::Key(_, right)) => {
            Some(left.cmp(right))
        }
        (Scalar::Reference(set, left), Scalar::Reference(other, right))
        | (Scalar::Reference(set, left), Scalar::Key(other, right))
        | (Scalar::Key(set, left), Scalar::Reference(other, right)) => {
            (set == other).then(|| left.cmp(right))
        }
        _ => None,
    }
}

fn is_true(comparison: Comparison, order: Option<Ordering>) -> bool {
    match comparison {
        Comparison::Eq => order == Some(Ordering::Equal),
        Comparison::Ne => order != Some(Ordering::Equal),
        Comparison::Gt => order == Some(Ordering::Greater),
        Comparison::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Comparison::Lt => order == Some(Ordering::Less),
        Comparison::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
    }
}

fn arithmetic<'a>(operation: Arithmetic, left: &Scalar<'_>, right: &Scalar<'_>) -> Scalar<'a> {
    let (Scalar::Number(left), Scalar::Number(right)) = (left, right) else {
        return Scalar::Null;
    };
    Scalar::Number(match operation {
        Arithmetic::Add => left + right,
        Arithmetic::Sub => left - right,
        Arithmetic::Mul => left * right,
        Arithmetic::Div => left / right,
    })
}

fn guid(text: Option<&str>) -> Uuid {
    text.and_then(|text| Uuid::try_parse(text).ok()).unwrap_or(Uuid::nil())
}
