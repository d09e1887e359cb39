//! The rows of a tabular section as a set of its own: `Catalog_X_ТЧ`, to be read only.

use uuid::Uuid;

use super::objects::{Base, Object, reference, text};
use super::schema::{EntitySet, Nature};
use super::value::Value;

/// The rows of all owners, each with the reference of its owner; none for a set that is no set of rows.
pub(crate) fn rows_of(base: &Base, set: &EntitySet) -> Vec<(Uuid, Object)> {
    let Nature::Rows { owner, section } = set.nature else {
        return Vec::new();
    };
    let owners = base.table(owner).into_iter().flat_map(|table| table.ordered());
    owners.flat_map(|(key, owner)| owned(*key, owner, section)).collect()
}

/// The row that the parts of a key name.
pub(crate) fn row_of(base: &Base, set: &EntitySet, key: &Object) -> Option<Object> {
    let Nature::Rows { owner, section } = set.nature else {
        return None;
    };
    let owner_key = reference(key, "Ref_Key");
    let mut rows = owned(owner_key, base.object(owner, owner_key)?, section);
    rows.find(|(_, row)| text(row, "LineNumber") == text(key, "LineNumber")).map(|(_, row)| row)
}

fn owned<'a>(key: Uuid, owner: &'a Object, section: &str) -> impl Iterator<Item = (Uuid, Object)> + 'a {
    let rows = owner.get(section).and_then(Value::as_array).into_iter().flatten();
    rows.filter_map(Value::as_object).enumerate().map(move |(at, row)| {
        let mut row = row.clone();
        row.insert("Ref_Key".to_owned(), Value::from(key.to_string()));
        row.insert("LineNumber".to_owned(), Value::from((at + 1).to_string()));
        (key, row)
    })
}
