//! Objects completed with what stands elsewhere: a counterparty with its partner, a contact person with its links.
//!
//! What was read from other sets is kept beside an object's own properties, under names that no property has. Not
//! responsible for reading it (see `adapter`). Invariant: none of these names is ever sent, since a body is made of
//! changes alone.

use obmen_domain::party::Beside;
use obmen_domain::record::{Kind, RecordId};
use serde_json::Value;
use uuid::Uuid;

use crate::odata::Object;
use crate::profile::Links;
use crate::wire::{REF, VERSION, flag, guid, rows, text};

const PART: &str = "@part";
const LINKS: &str = "@links";
const CLIENTS: &str = "@clients";

/// Puts the partner's object into its counterparty.
pub(crate) fn put_part(object: &mut Object, part: Object) {
    object.insert(PART.to_owned(), Value::Object(part));
}

/// The partner's object.
pub(crate) fn part(object: &Object) -> Option<&Object> {
    object.get(PART)?.as_object()
}

/// Puts the counterparties of its partner into a contact person, or into one of them, the main one first.
pub(crate) fn put_clients(object: &mut Object, clients: &[Uuid]) {
    let clients = clients.iter().map(|client| Value::String(client.to_string())).collect();
    object.insert(CLIENTS.to_owned(), Value::Array(clients));
}

/// The counterparties of a contact person's partner, or of a counterparty's own where they belong together.
pub(crate) fn clients(object: &Object) -> Vec<Uuid> {
    let clients = object.get(CLIENTS).and_then(Value::as_array).into_iter().flatten();
    clients.filter_map(|client| Uuid::try_parse(client.as_str()?).ok()).collect()
}

/// The other counterparties of a counterparty's partner, which are requisites of one company.
pub(crate) fn beside(object: &Object) -> Option<Beside> {
    let (own, clients) = (guid(object, REF)?, clients(object));
    let is_first = clients.first() == Some(&own);
    let others = clients.iter().filter(|one| **one != own);
    let others: Vec<RecordId> = others.map(|one| RecordId::onec(Kind::Company, &one.to_string())).collect();
    (!others.is_empty()).then_some(Beside { is_first, others })
}

/// Puts the newest record of each pair into a contact person.
pub(crate) fn put_links(names: &Links, object: &mut Object, mut links: Vec<Object>) {
    links.sort_by_cached_key(|link| {
        let order = names.order.as_ref().map_or(0, |name| whole_number(link, name));
        (order, text(link, &names.period).to_owned(), text(link, &names.company).to_owned())
    });
    object.insert(LINKS.to_owned(), Value::Array(links.into_iter().map(Value::Object).collect()));
}

/// The links of a contact person that hold, the main one first.
pub(crate) fn links<'a>(names: &Links, object: &'a Object) -> impl Iterator<Item = &'a Object> {
    let void = names.void.clone();
    all_links(object).filter(move |link| !void.as_ref().is_some_and(|name| flag(link, name)))
}

/// All links of a contact person, those too that hold no more.
pub(crate) fn all_links(object: &Object) -> impl Iterator<Item = &Object> {
    rows(object, LINKS)
}

/// The versions of all that an object was completed with; a register has none, so its records stand for themselves.
pub(crate) fn version(object: &Object) -> String {
    let mut version = text(object, VERSION).to_owned();
    if let Some(part) = part(object) {
        version += &format!(" {}", text(part, VERSION));
    }
    if let Some(links) = object.get(LINKS) {
        version += &format!(" {}", Uuid::new_v5(&Uuid::NAMESPACE_OID, links.to_string().as_bytes()));
    }
    version
}

/// Whole numbers come as numbers, or as texts where they are long.
fn whole_number(object: &Object, name: &str) -> i64 {
    match object.get(name) {
        Some(Value::Number(number)) => number.as_i64().unwrap_or_default(),
        Some(Value::String(text)) => text.parse().unwrap_or_default(),
        _ => 0,
    }
}
