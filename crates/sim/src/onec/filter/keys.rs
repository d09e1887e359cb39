//! Finds in a filter the references it asks for, by key or by an indexed text, so that they are looked up.
//!
//! What is found is never narrower than the filter: the filter itself is still tried on every candidate.

use std::collections::BTreeSet;
use std::ops::Bound;

use uuid::Uuid;

use crate::onec::index::TextIndex;

use super::{Comparison, Expr, Quantifier};

/// The references that may satisfy a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keys {
    /// These alone.
    pub(crate) points: Option<BTreeSet<Uuid>>,
    pub(crate) lower: Bound<Uuid>,
    pub(crate) upper: Bound<Uuid>,
}

impl Keys {
    pub(crate) fn all() -> Self {
        Self { points: None, lower: Bound::Unbounded, upper: Bound::Unbounded }
    }

    fn and(&mut self, other: Self) {
        self.points = match (self.points.take(), other.points) {
            (Some(left), Some(right)) => Some(left.intersection(&right).copied().collect()),
            (left, right) => left.or(right),
        };
        if is_above(&other.lower, &self.lower) {
            self.lower = other.lower;
        }
        if is_below(&other.upper, &self.upper) {
            self.upper = other.upper;
        }
    }

    /// Whether no reference can lie between the bounds.
    pub(crate) fn is_empty_range(&self) -> bool {
        match (self.lower, self.upper) {
            (Bound::Included(lower), Bound::Included(upper)) => lower > upper,
            (
                Bound::Included(lower) | Bound::Excluded(lower),
                Bound::Included(upper) | Bound::Excluded(upper),
            ) => lower >= upper,
            _ => false,
        }
    }
}

/// The references that a filter of a set may want.
pub(crate) fn keys_of(expr: &Expr, index: &TextIndex) -> Keys {
    narrowed(expr, index, None)
}

/// Inside a lambda over `section` the rows' columns are looked at, as the entity's properties are outside of it.
fn narrowed(expr: &Expr, index: &TextIndex, section: Option<&str>) -> Keys {
    match expr {
        Expr::Compare(comparison, left, right) => match (&**left, &**right) {
            (field, Expr::Guid(guid)) if is_key(field) => compared(*comparison, *guid),
            (Expr::Guid(guid), field) if is_key(field) => compared(mirrored(*comparison), *guid),
            (Expr::Field { up: 0, property }, Expr::Text(text))
            | (Expr::Text(text), Expr::Field { up: 0, property })
                if *comparison == Comparison::Eq =>
            {
                Keys { points: index.find(section, property.name, text), ..Keys::all() }
            }
            _ => Keys::all(),
        },
        Expr::And(parts) => {
            let mut keys = Keys::all();
            for part in parts {
                keys.and(narrowed(part, index, section));
            }
            keys
        }
        Expr::Or(parts) => {
            let mut points = BTreeSet::new();
            for part in parts {
                match narrowed(part, index, section).points {
                    Some(found) => points.extend(found),
                    None => return Keys::all(),
                }
            }
            Keys { points: Some(points), ..Keys::all() }
        }
        Expr::Quantified {
            quantifier: Quantifier::Any,
            section: inner,
            condition: Some(condition),
            depth: 0,
        } => narrowed(condition, index, Some(inner.name)),
        _ => Keys::all(),
    }
}

fn compared(comparison: Comparison, guid: Uuid) -> Keys {
    match comparison {
        Comparison::Eq => Keys { points: Some(BTreeSet::from([guid])), ..Keys::all() },
        Comparison::Ne => Keys::all(),
        Comparison::Gt => Keys { lower: Bound::Excluded(guid), ..Keys::all() },
        Comparison::Ge => Keys { lower: Bound::Included(guid), ..Keys::all() },
        Comparison::Lt => Keys { upper: Bound::Excluded(guid), ..Keys::all() },
        Comparison::Le => Keys { upper: Bound::Included(guid), ..Keys::all() },
    }
}

fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Gt => Comparison::Lt,
        Comparison::Ge => Comparison::Le,
        Comparison::Lt => Comparison::Gt,
        Comparison::Le => Comparison::Ge,
        same => same,
    }
}

fn is_key(expr: &Expr) -> bool {
    matches!(expr, Expr::Field { up: 0, property } if property.name == "Ref_Key")
}

fn is_above(one: &Bound<Uuid>, other: &Bound<Uuid>) -> bool {
    match (one, other) {
        (Bound::Unbounded, _) => false,
        (_, Bound::Unbounded) => true,
        (Bound::Excluded(one), Bound::Included(other)) => one >= other,
        (Bound::Included(one) | Bound::Excluded(one), Bound::Included(other) | Bound::Excluded(other)) => {
            one > other
        }
    }
}

fn is_below(one: &Bound<Uuid>, other: &Bound<Uuid>) -> bool {
    match (one, other) {
        (Bound::Unbounded, _) => false,
        (_, Bound::Unbounded) => true,
        (Bound::Excluded(one), Bound::Included(other)) => one <= other,
        (Bound::Included(one) | Bound::Excluded(one), Bound::Included(other) | Bound::Excluded(other)) => {
            one < other
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::onec::access::Opened;
    use crate::onec::filter::parse;
    use crate::onec::schema::Configuration;
    use crate::onec::settings::Product;

    use super::*;

    const A: &str = "00000000-0000-0000-0000-00000000000a";
    const B: &str = "00000000-0000-0000-0000-00000000000b";

    #[test]
    fn a_chain_of_or_is_a_set_of_keys() {
        let found = keys(&format!("(Ref_Key eq guid'{A}' or Ref_Key eq guid'{B}') and IsFolder eq false"));
        assert_eq!(found.points, Some(BTreeSet::from([guid(A), guid(B)])));
    }

    #[test]
    fn indexed_texts_are_a_set_of_keys() {
        let phones = "КонтактнаяИнформация/any(d: d/НомерТелефона eq '7495' or d/НомерТелефона eq '8495')";
        for (filter, expected) in [
            ("ИНН eq '77' and IsFolder eq false", Some(vec![A])),
            ("'78' eq ИНН", Some(vec![])),
            (phones, Some(vec![B])),
            ("КонтактнаяИнформация/any(d: d/АдресЭП eq 'A@b.example')", Some(vec![A])),
            ("КонтактнаяИнформация/all(d: d/АдресЭП eq 'a@b.example')", None),
            ("КонтактнаяИнформация/any(d: d/Представление eq '7495')", None),
            ("КонтактнаяИнформация/any(d: ИНН eq '77')", None),
            ("ИНН eq ''", None),
            ("ИНН ne '77'", None),
        ] {
            let expected = expected.map(|keys| keys.into_iter().map(guid).collect());
            assert_eq!(keys(filter).points, expected, "{filter}");
        }
    }

    #[test]
    fn an_or_with_something_else_is_no_set_of_keys() {
        assert_eq!(keys(&format!("Ref_Key eq guid'{A}' or КПП eq '1'")), Keys::all());
    }

    #[test]
    fn bounds_meet_in_the_narrowest() {
        let found = keys(&format!("Ref_Key gt guid'{A}' and Ref_Key ge guid'{A}' and guid'{B}' ge Ref_Key"));
        assert_eq!(found.lower, Bound::Excluded(guid(A)));
        assert_eq!(found.upper, Bound::Included(guid(B)));
        assert!(keys(&format!("Ref_Key gt guid'{A}' and Ref_Key lt guid'{A}'")).is_empty_range());
    }

    fn keys(filter: &str) -> Keys {
        let configuration = Configuration::of(Product::Bp30);
        let set = configuration.set("Catalog_Контрагенты").unwrap();
        keys_of(&parse(Opened::whole(configuration), set, filter).unwrap(), &index())
    }

    fn index() -> TextIndex {
        let mut index = TextIndex::default();
        for (key, object) in [
            (A, serde_json::json!({"ИНН": "77", "КонтактнаяИнформация": [{"АдресЭП": "a@B.example"}]})),
            (B, serde_json::json!({"КонтактнаяИнформация": [{"НомерТелефона": "8495"}]})),
        ] {
            index.add(guid(key), &object.as_object().unwrap().into());
        }
        index
    }

    fn guid(text: &str) -> Uuid {
        Uuid::try_parse(text).unwrap()
    }
}
