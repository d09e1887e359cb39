//! What the extension keeps in registers of its own: the outbox, the links, the keys of items that were done.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::KEY_DAYS;
use super::outbox::Outbox;

/// An object of a pair, and the id of its record in the portal.
type Links = BTreeMap<(String, &'static str, Uuid), String>;

/// The registers.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) outbox: Outbox,
    links: Links,
    /// The object with an id, by pair and id.
    by_id: BTreeMap<(String, String), (&'static str, Uuid)>,
    keys: BTreeMap<String, Timestamp>,
}

impl Kept {
    /// The id of an object, empty where none is kept.
    pub(super) fn id_of(&self, pair: &str, set: &'static str, key: Uuid) -> &str {
        self.links.get(&(pair.to_owned(), set, key)).map_or("", String::as_str)
    }

    /// The object of a pair with this id.
    pub(super) fn holder(&self, pair: &str, id: &str) -> Option<(&'static str, Uuid)> {
        self.by_id.get(&(pair.to_owned(), id.to_owned())).copied()
    }

    /// Keeps the id of an object; an empty one takes it away. Whoever had the id has none.
    pub(super) fn link(&mut self, pair: &str, set: &'static str, key: Uuid, id: &str) {
        let place = (pair.to_owned(), set, key);
        if let Some(old) = self.links.remove(&place) {
            self.by_id.remove(&(pair.to_owned(), old));
        }
        if id.is_empty() {
            return;
        }
        if let Some((set, key)) = self.by_id.insert((pair.to_owned(), id.to_owned()), (set, key)) {
            self.links.remove(&(pair.to_owned(), set, key));
        }
        self.links.insert(place, id.to_owned());
    }

    pub(super) fn knows(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    pub(super) fn remember(&mut self, key: &str, now: Timestamp) {
        self.keys.insert(key.to_owned(), now);
    }

    /// Forgets the keys that are older than is promised.
    pub(super) fn clean(&mut self, now: Timestamp) {
        let oldest = now.checked_sub(SignedDuration::from_hours(24 * KEY_DAYS)).unwrap_or(Timestamp::MIN);
        self.keys.retain(|_, done| *done >= oldest);
    }

    /// The links, as a dump shows them.
    pub(crate) fn shown(&self) -> Vec<Json> {
        let shown = |((pair, set, key), id): (&(String, &'static str, Uuid), &String)| json!({ "pair": pair, "set": set, "ref": key.to_string(), "mutual_id": id });
        self.links.iter().map(shown).collect()
    }
}
