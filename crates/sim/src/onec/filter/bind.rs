//! What names and expressions of a filter are, by the schema.

use crate::onec::schema::{Kind, Property, find};

use super::{Expr, Function, TypeName};

pub(super) fn is_storage(expr: &Expr) -> bool {
    matches!(expr, Expr::Field { property, .. } if matches!(property.kind, Kind::Storage))
}

pub(super) fn is_condition(expr: &Expr) -> bool {
    match expr {
        Expr::Boolean(_)
        | Expr::Not(_)
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Compare(..)
        | Expr::IsOf(..)
        | Expr::Quantified { .. }
        | Expr::Through { .. }
        | Expr::Cast(_, TypeName::Boolean) => true,
        Expr::Call(function, _) => matches!(
            function,
            Function::SubstringOf | Function::StartsWith | Function::EndsWith | Function::Like
        ),
        Expr::Field { property, .. } => matches!(property.kind, Kind::Boolean | Kind::Composite { .. }),
        _ => false,
    }
}

pub(super) fn bound(properties: &'static [Property], name: &str, up: usize) -> Option<Expr> {
    navigated(properties, name).map(|property| Expr::Field { up, property })
}

/// A property by its name, or a reference by the name without `_Key`.
pub(super) fn navigated(properties: &'static [Property], name: &str) -> Option<&'static Property> {
    find(properties, name).or_else(|| properties.iter().find(|property| property.navigation() == Some(name)))
}

pub(super) fn targets_of(property: &Property) -> Vec<&'static str> {
    match &property.kind {
        Kind::Reference(target) => vec![*target],
        Kind::Composite { types, .. } => types.clone(),
        _ => vec![],
    }
}
