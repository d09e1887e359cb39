//! An exchange plan of the infobase as a queue: what was written is registered for our node until it is confirmed.
//!
//! A message has the number after the last one confirmed; asked for again under the same number it holds the same changes
//! and those since. A node has one reader. Every write registers, also one that changes nothing and our own. Documented in
//! the platform's developer guide, «Стандартный интерфейс OData», 17.4. Not responsible for reading the objects. Invariant:
//! nothing is confirmed here that was not handed over.

use obmen_domain::record::{RecordId, Side};
use obmen_engine::ports::SideError;
use obmen_engine::watch::{Receipt, Waiting};
use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;
use uuid::Uuid;

use crate::adapter::Onec;
use crate::condition::Filter;
use crate::hook::{Named, SaveEvents};
use crate::odata::{Object, Odata, Query};
use crate::settings::Exchange;
use crate::wire::{CODE, DESCRIPTION, REF, flag, guid, text};

const THIS: &str = "ThisNode";
const RECEIVED: &str = "ReceivedNo";

/// Our node of an exchange plan, as it was found.
pub(crate) struct Node {
    pub(crate) key: Uuid,
    /// Whether it stands for the infobase itself, for which nothing is registered.
    pub(crate) is_own: bool,
    received: u64,
}

impl Onec {
    /// What is registered for our node; none where nothing is, or there is no node.
    pub(crate) async fn registered(&self, odata: &Odata) -> Result<Option<Waiting>, SideError> {
        let Some(exchange) = &self.settings.exchange else { return Ok(None) };
        let set = exchange.set();
        let node = find(odata, exchange).await?;
        let node = node.filter(|node| !node.is_own).ok_or_else(|| missing(exchange))?;
        let number = node.received + 1;
        let feed = odata.select_changes(&set, node.key, number).await?;
        let changes = read_feed(&feed)?;
        if changes.is_empty() {
            return Ok(None);
        }
        let events = SaveEvents::new(&self.settings.profile);
        let mut waiting = Waiting {
            ids: Vec::new(),
            is_elsewhere: false,
            receipt: Receipt(format!("{}:{number}", node.key)),
        };
        for (set, reference) in changes {
            match events.named(&set) {
                Named::Kinds(kinds) => {
                    let id = |kind| RecordId::onec(kind, &reference.to_string());
                    waiting.ids.extend(kinds.iter().copied().map(id));
                }
                Named::Elsewhere => waiting.is_elsewhere = true,
                Named::Nothing => {}
            }
        }
        waiting.ids.sort();
        waiting.ids.dedup();
        Ok(Some(waiting))
    }

    /// Confirms a message.
    pub(crate) async fn confirm_registered(&self, odata: &Odata, receipt: &Receipt) -> Result<(), SideError> {
        let Some(exchange) = &self.settings.exchange else { return Ok(()) };
        let named = receipt.0.split_once(':');
        let named = named.and_then(|(key, number)| Some((Uuid::try_parse(key).ok()?, number.parse().ok()?)));
        let (key, number) = named.ok_or_else(|| unexpected("a receipt of another side"))?;
        odata.confirm_changes(&exchange.set(), key, number).await
    }
}

/// The node that the settings name, by its reference, code or name.
pub(crate) async fn find(odata: &Odata, exchange: &Exchange) -> Result<Option<Node>, SideError> {
    let set = exchange.set();
    let select = [REF, CODE, DESCRIPTION, THIS, RECEIVED].join(",");
    let query = Query { set: &set, select: &select, filter: Filter::default(), top: None };
    let rows = odata.rows(&query).await?;
    let wanted = exchange.node.trim();
    let is_named = |row: &&Object| {
        guid(row, REF).is_some_and(|key| Uuid::try_parse(wanted) == Ok(key))
            || [CODE, DESCRIPTION].iter().any(|name| text(row, name).trim() == wanted)
    };
    Ok(rows.iter().find(is_named).and_then(|row| {
        let key = guid(row, REF)?;
        Some(Node { key, is_own: flag(row, THIS), received: number(row, RECEIVED) })
    }))
}

/// The sets and references in an Atom feed of changes, deletions as well.
fn read_feed(feed: &[u8]) -> Result<Vec<(String, Uuid)>, SideError> {
    let mut reader = Reader::from_reader(feed);
    let mut buffer = Vec::new();
    let mut changes = Vec::new();
    // Within an entry the first id is its own.
    let (mut awaits_id, mut is_feed, mut id) = (false, false, None::<String>);
    loop {
        match reader.read_event_into(&mut buffer).map_err(|error| unexpected(&error.to_string()))? {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                b"feed" => is_feed = true,
                b"entry" => awaits_id = true,
                b"id" if awaits_id => id = Some(String::new()),
                b"deleted-entry" => changes.push(named(&attribute(&element, b"ref"))?),
                _ => {}
            },
            Event::Text(text) => {
                if let Some(id) = &mut id {
                    id.push_str(&String::from_utf8_lossy(&text));
                }
            }
            Event::GeneralRef(name) => {
                if let Some(id) = &mut id {
                    id.push_str(&format!("&{};", String::from_utf8_lossy(&name)));
                }
            }
            Event::End(element) if element.local_name().as_ref() == b"id" => {
                if let Some(id) = id.take() {
                    changes.push(named(&id)?);
                    awaits_id = false;
                }
            }
            Event::Eof => break,
            _ => {}
        }
        buffer.clear();
    }
    if is_feed { Ok(changes) } else { Err(unexpected("an answer that is no feed of changes")) }
}

/// The set and reference at the end of an address, `…/Catalog_X(guid'…')`.
fn named(address: &str) -> Result<(String, Uuid), SideError> {
    let address =
        percent_decode_str(address).decode_utf8_lossy().replace("&apos;", "'").replace("&#39;", "'");
    let entity = address.rsplit('/').next().unwrap_or_default();
    let parts = entity.split_once("(guid'").and_then(|(set, key)| Some((set, key.get(..36)?)));
    let named = parts.and_then(|(set, key)| Some((set.to_owned(), Uuid::try_parse(key).ok()?)));
    named.ok_or_else(|| unexpected("a change that names no object"))
}

fn attribute(element: &BytesStart<'_>, name: &[u8]) -> String {
    let found = element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name);
    found.map_or_else(String::new, |attribute| String::from_utf8_lossy(&attribute.value).into_owned())
}

fn number(row: &Object, name: &str) -> u64 {
    // Long numbers come as texts.
    let text = text(row, name).trim().parse().ok();
    text.or_else(|| row.get(name).and_then(Value::as_u64)).unwrap_or(0)
}

fn missing(exchange: &Exchange) -> SideError {
    SideError::MissingField { side: Side::Onec, field: format!("{} ({})", exchange.set(), exchange.node) }
}

fn unexpected(words: &str) -> SideError {
    SideError::Unexpected { side: Side::Onec, words: words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11";

    #[test]
    fn a_feed_names_what_was_written_and_what_is_gone() {
        let feed = format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:at=\"http://purl.org/atompub/tombstones/1.0\">\
             <id>http://h/b/SelectChanges</id>\
             <entry><id>http://h/b/Catalog_%D0%A5(guid'{KEY}')</id><content><x><id>7</id></x></content></entry>\
             <at:deleted-entry ref=\"http://h/b/Catalog_Y(guid&apos;{KEY}&apos;)\" when=\"\"/></feed>"
        );
        let key = Uuid::try_parse(KEY).unwrap();
        let changes = read_feed(feed.as_bytes()).unwrap();
        assert_eq!(changes, [("Catalog_Х".to_owned(), key), ("Catalog_Y".to_owned(), key)]);
        assert_eq!(read_feed(b"<feed/>").unwrap(), []);
        for other in ["", "<html/>", "<feed><entry><id>nobody</id></entry></feed>"] {
            assert!(read_feed(other.as_bytes()).is_err(), "{other}");
        }
    }
}
