//! Which objects an object refers to: by a reference, by a composite value, in a row of a tabular section.

use uuid::Uuid;

use super::objects::{Object, reference, text};
use super::schema::{EntitySet, Kind, Property};
use super::value::Value;

/// What the object refers to: sets and references.
pub(crate) fn of_object(set: &EntitySet, object: &Object) -> Vec<(String, Uuid)> {
    let mut found: Vec<(String, Uuid)> =
        of_properties(&set.properties, object).map(|(_, set, key)| (set.to_owned(), key)).collect();
    for section in &set.sections {
        let rows = object.get(section.name).and_then(Value::as_array).into_iter().flatten();
        for row in rows.filter_map(Value::as_object) {
            found.extend(of_properties(&section.columns, row).map(|(_, set, key)| (set.to_owned(), key)));
        }
    }
    found
}

/// Puts one reference into the place of another and tells whether there was one.
pub(crate) fn replace(set: &EntitySet, object: &mut Object, (target, from, to): (&str, Uuid, Uuid)) -> bool {
    let mut is_replaced = replace_in(&set.properties, object, (target, from, to));
    for section in &set.sections {
        let rows = object.get_mut(section.name).and_then(Value::as_array_mut).into_iter().flatten();
        for row in rows.filter_map(Value::as_object_mut) {
            is_replaced |= replace_in(&section.columns, row, (target, from, to));
        }
    }
    is_replaced
}

fn replace_in(properties: &[Property], object: &mut Object, (target, from, to): (&str, Uuid, Uuid)) -> bool {
    let named = of_properties(properties, object).filter(|(_, set, key)| *set == target && *key == from);
    let names: Vec<&'static str> = named.map(|(name, ..)| name).collect();
    for name in &names {
        object.insert((*name).to_owned(), Value::from(to.to_string()));
    }
    !names.is_empty()
}

fn of_properties<'a>(
    properties: &'a [Property],
    object: &'a Object,
) -> impl Iterator<Item = (&'static str, &'a str, Uuid)> {
    let named = properties.iter().filter_map(|property| {
        let target = match &property.kind {
            Kind::Reference(target) => *target,
            Kind::Composite { type_property, .. } => {
                text(object, type_property).strip_prefix("StandardODATA.")?
            }
            _ => return None,
        };
        Some((property.name, target, reference(object, property.name)))
    });
    named.filter(|(.., key)| !key.is_nil())
}
