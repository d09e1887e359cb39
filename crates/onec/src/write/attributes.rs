//! Rows of additional attributes: ours set, everybody else's kept.

use serde_json::Value;
use uuid::Uuid;

use crate::odata::Object;
use crate::profile::AttributesSet;
use crate::wire::{guid, put};

/// A value of an additional attribute with its type name.
pub(super) struct AttributeValue {
    pub(super) value: Value,
    pub(super) type_name: String,
}

/// The rows with this attribute set, or without it where there is no value.
pub(super) fn with_attribute(
    names: &AttributesSet,
    mut rows: Vec<Object>,
    property: Uuid,
    value: Option<AttributeValue>,
) -> Vec<Object> {
    let place = rows.iter().position(|row| guid(row, &names.property) == Some(property));
    match (place, value) {
        (Some(place), Some(value)) => fill(names, &mut rows[place], value),
        (Some(place), None) => {
            rows.remove(place);
        }
        (None, Some(value)) => {
            let mut row = Object::new();
            put(&mut row, &names.property, property.to_string());
            fill(names, &mut row, value);
            rows.push(row);
        }
        (None, None) => {}
    }
    rows
}

fn fill(names: &AttributesSet, row: &mut Object, value: AttributeValue) {
    row.insert(names.value.clone(), value.value);
    put(row, &names.value_type, value.type_name);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::profile::Profile;

    #[test]
    fn only_our_row_changes() {
        let names = Profile::bp30().attributes;
        let [ours, theirs] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let other = json!({"Свойство_Key": theirs.to_string(), "Значение": "сайт", "ТекстоваяСтрока": ""});
        let rows = vec![other.as_object().unwrap().clone()];
        let value =
            |value: &str| Some(AttributeValue { value: json!(value), type_name: "Edm.String".to_owned() });
        let added = with_attribute(&names, rows.clone(), ours, value("contact:12"));
        assert_eq!(added[0], rows[0]);
        assert_eq!(added[1]["Значение"], "contact:12");
        let changed = with_attribute(&names, added, ours, value("contact:13"));
        assert_eq!((changed.len(), &changed[1]["Значение"]), (2, &json!("contact:13")));
        assert_eq!(with_attribute(&names, changed, ours, None), rows);
    }
}
