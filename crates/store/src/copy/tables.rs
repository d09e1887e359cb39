//! The tables that make up a store, as both engines have them.
//!
//! Invariant: every table and column of both schemas stands here, in an order in which rows find what they refer to.

use super::cell::Cell;

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name.
    pub(super) name: &'static str,
    /// All columns; the first `key` of them are a key.
    pub(super) columns: &'static [&'static str],
    /// How many columns the key has.
    pub(super) key: usize,
    /// Whether the first column numbers the rows, which goes on after the copy.
    pub(super) is_numbered: bool,
}

/// All tables.
pub(super) const TABLES: &[Table] = &[
    numbered("pair", &["id", "name", "generation"]),
    numbered(
        "seen",
        &[
            "seen",
            "pair",
            "kind",
            "side",
            "id",
            "number",
            "version",
            "digest",
            "catalog",
            "standing",
            "mutual_id",
            "record",
        ],
    ),
    keyed("seen_key", 6, &["pair", "kind", "key", "side", "number", "id", "seen"]),
    keyed("seen_employer", 5, &["pair", "kind", "side", "id", "seen"]),
    numbered("link", &["link", "pair", "kind", "bitrix24", "onec", "reason", "base"]),
    keyed(
        "dirty",
        5,
        &["pair", "kind", "side", "number", "id", "generation", "due", "reason", "attempts", "since"],
    ),
    keyed("intent", 5, &["pair", "kind", "side", "number", "id", "action", "sent_at"]),
    keyed("review", 2, &["pair", "id", "kind", "open", "document"]),
    keyed("review_record", 5, &["pair", "kind", "side", "id", "review"]),
    numbered("journal", &["seq", "pair", "at", "run", "kind", "side", "id", "event"]),
    keyed("text", 2, &["pair", "name", "value"]),
    keyed("ruling", 6, &["pair", "kind", "first_side", "first", "second_side", "second", "ruling"]),
];

impl Table {
    /// The question for a portion of rows.
    pub(super) fn question(&self, is_first: bool, limit: usize) -> String {
        let key = self.columns[..self.key].join(", ");
        let behind = if is_first {
            String::new()
        } else {
            let marks: Vec<String> = (1..=self.key).map(|place| format!("${place}")).collect();
            format!("where ({key}) > ({})", marks.join(", "))
        };
        format!(
            "/* {}.copy */ select {} from {} {behind} order by {key} limit {limit}",
            self.name,
            self.list(),
            self.name
        )
    }

    /// The columns.
    pub(super) fn list(&self) -> String {
        self.columns.join(", ")
    }

    /// The key of a row.
    pub(super) fn key_of(&self, row: &[Cell]) -> Vec<Cell> {
        row[..self.key].to_vec()
    }
}

const fn numbered(name: &'static str, columns: &'static [&'static str]) -> Table {
    Table { name, columns, key: 1, is_numbered: true }
}

const fn keyed(name: &'static str, key: usize, columns: &'static [&'static str]) -> Table {
    Table { name, columns, key, is_numbered: false }
}
