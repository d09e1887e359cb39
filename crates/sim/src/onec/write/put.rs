//! PUT: a body that says everything, with references as links.

use uuid::Uuid;

use crate::onec::accept::OWN;
use crate::onec::address::reference_literal;
use crate::onec::error::Refusal;
use crate::onec::objects::Object;
use crate::onec::schema::{EntitySet, Kind};
use crate::onec::value::Value;

/// The body as a PATCH would have it, of one that names every property. Links are relative to the interface, or
/// whole addresses below `base_path`.
pub(crate) fn unbound(set: &EntitySet, body: &Object, base_path: &str) -> Result<Object, Refusal> {
    let mut plain = Object::new();
    for property in set.properties.iter().filter(|property| !OWN.contains(&property.name)) {
        let value = match (property.navigation(), &property.kind) {
            (Some(name), Kind::Reference(target)) => {
                let link = format!("{name}@odata.bind");
                let bound = body.get(&link).ok_or_else(|| Refusal::missing(&link))?;
                bound_key(target, &link, bound, base_path)?.to_string().into()
            }
            _ => body.get(property.name).cloned().ok_or_else(|| Refusal::missing(property.name))?,
        };
        plain.insert(property.name.to_owned(), value);
    }
    for section in &set.sections {
        let rows = body.get(section.name).ok_or_else(|| Refusal::missing(section.name))?;
        plain.insert(section.name.to_owned(), rows.clone());
    }
    Ok(plain)
}

fn bound_key(target: &str, link: &str, bound: &Value, base_path: &str) -> Result<Uuid, Refusal> {
    let Value::String(text) = bound else {
        return if *bound == Value::Null { Ok(Uuid::nil()) } else { Err(Refusal::value(link)) };
    };
    let relative = text.split_once(base_path).map_or(text.as_str(), |(_, rest)| rest);
    let (set, key) = reference_literal(relative)?;
    if set == target { Ok(key) } else { Err(Refusal::value(link)) }
}
