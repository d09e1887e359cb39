//! Where texts that clients search by stand: INN, phone digits, mailboxes.
//!
//! Spares look-ups a scan of the whole set. Invariant: holds exactly the non-empty texts of the indexed columns of
//! the stored objects, folded as the collation compares them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::filter::folded_text;
use super::handlers::CONTACT_INFORMATION;
use super::objects::Object;

/// Indexed properties of entities.
const PROPERTIES: [&str; 2] = ["ИНН", "ГоловнойКонтрагент_Key"];
/// Indexed columns of contact information.
const COLUMNS: [&str; 2] = ["НомерТелефона", "АдресЭП"];

/// References by folded text, for each indexed column.
#[derive(Debug, Default)]
pub(crate) struct TextIndex(BTreeMap<&'static str, BTreeMap<String, BTreeSet<Uuid>>>);

impl TextIndex {
    pub(crate) fn add(&mut self, key: Uuid, object: &Object) {
        for (column, text) in texts(object) {
            self.0.entry(column).or_default().entry(text).or_default().insert(key);
        }
    }

    pub(crate) fn remove(&mut self, key: Uuid, object: &Object) {
        for (column, text) in texts(object) {
            let Some(by_text) = self.0.get_mut(column) else {
                continue;
            };
            if let Some(keys) = by_text.get_mut(&text) {
                keys.remove(&key);
                if keys.is_empty() {
                    by_text.remove(&text);
                }
            }
        }
    }

    /// The objects that hold this text in the column; `None` where there is no index to tell.
    pub(crate) fn find(&self, section: Option<&str>, column: &str, text: &str) -> Option<BTreeSet<Uuid>> {
        let columns = match section {
            None => &PROPERTIES[..],
            Some(CONTACT_INFORMATION) => &COLUMNS[..],
            Some(_) => return None,
        };
        if text.is_empty() || !columns.contains(&column) {
            return None;
        }
        let keys = self.0.get(column).and_then(|by_text| by_text.get(&folded_text(text)));
        Some(keys.cloned().unwrap_or_default())
    }
}

fn texts(object: &Object) -> impl Iterator<Item = (&'static str, String)> {
    let own = indexed(object, &PROPERTIES);
    let rows = object.get(CONTACT_INFORMATION).and_then(Value::as_array).into_iter().flatten();
    own.chain(rows.filter_map(Value::as_object).flat_map(|row| indexed(row, &COLUMNS)))
}

fn indexed<'a>(
    object: &'a Object,
    columns: &'static [&'static str],
) -> impl Iterator<Item = (&'static str, String)> + 'a {
    columns.iter().filter_map(|column| {
        let text = object.get(*column).and_then(Value::as_str).filter(|text| !text.is_empty())?;
        Some((*column, folded_text(text)))
    })
}
