//! Where texts that clients search by stand: INN, phone digits, mailboxes.
//!
//! Spares look-ups a scan of the whole set. Texts are known by their hashes, which are small; two texts of one hash are
//! found together. Invariant: holds the non-empty texts of the indexed columns of the stored objects, folded as the
//! collation compares them, and no others.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::filter::folded_text;
use super::handlers::CONTACT_INFORMATION;
use super::objects::Object;
use super::value::Value;
use crate::compact::hash_of;

/// Indexed properties of entities.
const PROPERTIES: [&str; 2] = ["ИНН", "ГоловнойКонтрагент_Key"];
/// Indexed columns of contact information.
const COLUMNS: [&str; 2] = ["НомерТелефона", "АдресЭП"];

/// References by the hash of column and folded text.
#[derive(Debug, Default)]
pub(crate) struct TextIndex(BTreeSet<(u64, Uuid)>);

impl TextIndex {
    pub(crate) fn add(&mut self, key: Uuid, object: &Object) {
        self.0.extend(hashes(object).map(|hash| (hash, key)));
    }

    pub(crate) fn remove(&mut self, key: Uuid, object: &Object) {
        for hash in hashes(object) {
            self.0.remove(&(hash, key));
        }
    }

    /// Objects among which are all that hold this text in the column; `None` where there is no index to tell.
    pub(crate) fn find(&self, section: Option<&str>, column: &str, text: &str) -> Option<BTreeSet<Uuid>> {
        let columns = match section {
            None => &PROPERTIES[..],
            Some(CONTACT_INFORMATION) => &COLUMNS[..],
            Some(_) => return None,
        };
        if text.is_empty() || !columns.contains(&column) {
            return None;
        }
        let hash = hash_of((column, folded_text(text)));
        Some(self.0.range((hash, Uuid::nil())..=(hash, Uuid::max())).map(|(_, key)| *key).collect())
    }
}

fn hashes(object: &Object) -> impl Iterator<Item = u64> {
    let own = indexed(object, &PROPERTIES);
    let rows = object.get(CONTACT_INFORMATION).and_then(Value::as_array).into_iter().flatten();
    own.chain(rows.filter_map(Value::as_object).flat_map(|row| indexed(row, &COLUMNS)))
}

fn indexed(object: &Object, columns: &'static [&'static str]) -> impl Iterator<Item = u64> {
    columns.iter().filter_map(|column| {
        let text = object.get(column).and_then(Value::as_str).filter(|text| !text.is_empty())?;
        Some(hash_of((*column, folded_text(text))))
    })
}
