//! Values in the JSON of the contract, and which properties it shows.

use serde_json::{Map, Number, Value as Json, json};
use uuid::Uuid;

use crate::onec::filter::EMPTY_DATE;
use crate::onec::objects::Object;
use crate::onec::schema::{EntitySet, Kind, Property, Section};
use crate::onec::value::Value;

const REF: &str = "Ref_Key";
/// The version of an object that was never written.
pub(super) const FIRST_VERSION: &str = "AAAAAAAAAAA=";

/// What a characteristic says of the types of its values.
const VALUE_TYPE: &str = "ValueType";

/// Whether the contract shows a property: value storages, descriptions of types but for those of characteristics, and bare
/// identifiers are left out.
pub(super) fn is_shown(property: &Property) -> bool {
    match property.kind {
        Kind::Storage => false,
        Kind::TypeDescription => property.name == VALUE_TYPE,
        Kind::Guid => property.name == REF,
        _ => true,
    }
}

/// The property of this name, where it is shown.
pub(super) fn shown<'p>(properties: &'p [Property], name: &str) -> Option<&'p Property> {
    properties.iter().find(|property| property.name == name && is_shown(property))
}

/// What of an object is shown.
pub(super) struct Shape {
    properties: Vec<&'static Property>,
    sections: Vec<&'static Section>,
}

impl Shape {
    /// Everything, or the named fields and sections; the error is the name that there is not.
    pub(super) fn of(set: &'static EntitySet, names: Option<&[String]>) -> Result<Self, String> {
        let Some(names) = names else {
            let properties = set.properties.iter().filter(|property| is_shown(property)).collect();
            return Ok(Self { properties, sections: set.sections.iter().collect() });
        };
        let mut shape = Self { properties: Vec::new(), sections: Vec::new() };
        shape.properties.extend(set.property(REF));
        for name in names {
            match (set.section(name), shown(&set.properties, name)) {
                (Some(section), _) => shape.sections.push(section),
                (None, Some(property)) => shape.add(set, property),
                (None, None) => return Err(name.clone()),
            }
        }
        Ok(shape)
    }

    /// A composite value comes with its type, and the type with its value.
    fn add(&mut self, set: &'static EntitySet, property: &'static Property) {
        let is_half = |one: &&Property| match one.kind {
            Kind::Composite { type_property, .. } => {
                one.name == property.name || type_property == property.name
            }
            _ => false,
        };
        let names = match set.properties.iter().find(is_half) {
            Some(Property { name, kind: Kind::Composite { type_property, .. } }) => {
                vec![*name, *type_property]
            }
            _ => vec![property.name],
        };
        for property in names.into_iter().filter_map(|name| set.property(name)) {
            if !self.properties.iter().any(|known| known.name == property.name) {
                self.properties.push(property);
            }
        }
    }

    pub(super) fn json(&self, object: &Object) -> Map<String, Json> {
        let mut shown = Map::new();
        for property in &self.properties {
            shown.insert(property.name.to_owned(), value(object, property));
        }
        for section in &self.sections {
            let rows = object.get(section.name).and_then(Value::as_array).unwrap_or_default();
            let rows = rows.iter().filter_map(Value::as_object).enumerate();
            shown.insert(section.name.to_owned(), rows.map(|(at, row)| row_of(section, at, row)).collect());
        }
        shown
    }
}

fn row_of(section: &Section, at: usize, row: &Object) -> Json {
    let mut shown = Map::new();
    shown.insert("LineNumber".to_owned(), Json::String((at + 1).to_string()));
    for column in section.columns.iter().filter(|column| is_shown(column) && column.name != "LineNumber") {
        shown.insert(column.name.to_owned(), value(row, column));
    }
    Json::Object(shown)
}

/// The value of a property, with the default of its type where the object has none.
pub(super) fn value(object: &Object, property: &Property) -> Json {
    let stored = object.get(property.name);
    let text = stored.and_then(Value::as_str);
    let number = || match stored {
        Some(Value::Number(number)) => number.clone(),
        _ => text.and_then(|text| text.parse::<i64>().ok()).map_or_else(|| Number::from(0), Number::from),
    };
    match &property.kind {
        Kind::Boolean => json!(stored.and_then(Value::as_bool).unwrap_or(false)),
        Kind::Long | Kind::Short | Kind::Double => Json::Number(number()),
        Kind::Date => json!(text.unwrap_or(EMPTY_DATE)),
        Kind::Guid | Kind::Reference(_) => {
            json!(text.and_then(|text| Uuid::try_parse(text).ok()).unwrap_or_default().to_string())
        }
        Kind::Composite { .. } => stored.map_or(json!(""), |stored| json!(stored)),
        Kind::TypeName => json!(text.unwrap_or("StandardODATA.Undefined")),
        Kind::TypeDescription => types(stored),
        Kind::Version => json!(text.unwrap_or(FIRST_VERSION)),
        _ => json!(text.unwrap_or_default()),
    }
}

/// A description of types as the contract has it, with the names that composite values have for their types.
fn types(stored: Option<&Value>) -> Json {
    let types = stored.and_then(Value::as_object).and_then(|described| described.get("Types"));
    let names = types.and_then(Value::as_array).unwrap_or_default().iter().filter_map(Value::as_str);
    json!({ "Types": names.map(type_name).collect::<Vec<_>>() })
}

fn type_name(name: &str) -> String {
    match name {
        "String" => "Edm.String".to_owned(),
        "Number" => "Edm.Double".to_owned(),
        "Boolean" => "Edm.Boolean".to_owned(),
        "Date" => "Edm.DateTime".to_owned(),
        other if other.contains('.') => other.to_owned(),
        other => format!("StandardODATA.{other}"),
    }
}
