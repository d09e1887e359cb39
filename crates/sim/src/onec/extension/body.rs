//! The body of a write, of what an item says of an object or a record.
//!
//! Not responsible for the types of values: the interface looks at them itself. Invariant: a name that the contract does not show is not
//! written.

use serde_json::{Map, Value as Json, json};

use crate::onec::accept::OWN;
use crate::onec::objects::Object;
use crate::onec::schema::{EntitySet, Kind, Property};

use super::item::NotDone;
use super::values::shown;

/// Names and lengths are looked at here; rows are numbered.
pub(super) fn body_of(set: &'static EntitySet, fields: &Map<String, Json>) -> Result<Object, NotDone> {
    let mut body = Map::new();
    for (name, sent) in fields {
        if let Some(section) = set.section(name) {
            let rows =
                sent.as_array().ok_or_else(|| NotDone::new("bad-item", format!("{name} не список.")))?;
            let mut numbered = Vec::with_capacity(rows.len());
            for (at, row) in rows.iter().enumerate() {
                let row = row.as_object().ok_or_else(|| NotDone::new("bad-item", "строка не объект"))?;
                let mut taken = Map::new();
                for (column, sent) in row.iter().filter(|(name, _)| !is_ignored(name)) {
                    taken.insert(column.clone(), checked(&section.columns, column, sent, name)?);
                }
                taken.insert("LineNumber".to_owned(), json!((at + 1).to_string()));
                numbered.push(Json::Object(taken));
            }
            body.insert(name.clone(), Json::Array(numbered));
        } else if OWN.contains(&name.as_str()) || name == "IsFolder" {
            return Err(NotDone::new("bad-item", format!("Поле {name} не записывается.")));
        } else {
            body.insert(name.clone(), checked(&set.properties, name, sent, "")?);
        }
    }
    Ok(Object::from(&body))
}

fn is_ignored(name: &str) -> bool {
    name == "LineNumber" || name == "Ref_Key"
}

fn checked(properties: &'static [Property], name: &str, sent: &Json, section: &str) -> Result<Json, NotDone> {
    let property = shown(properties, name);
    let property = property.ok_or_else(|| NotDone::new("bad-item", format!("Нет поля {name}.")))?;
    let length = match property.kind {
        Kind::Text(length) => length,
        _ => None,
    };
    match (sent.as_str(), length) {
        (Some(text), Some(length)) if text.chars().count() > length => {
            let field = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
            let words = format!("Текст поля {name} длиннее {length} символов.");
            Err(NotDone::new("refused", words).with("field", field))
        }
        _ => Ok(sent.clone()),
    }
}
