//! Records of one kind by id, with the indexes that keep filters fast on large bases.
//!
//! Every change goes through [`Table::put`] and [`Table::remove`], which keep all indexes true. Not responsible
//! for rules about what a change may do.

use std::collections::{BTreeMap, BTreeSet};

use super::duplicate::{self, normal_form};
use super::php::Key;
use super::schema::Multi;

/// A stored value; absence stands for empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stored {
    One(String),
    Many(Vec<String>),
}

impl Stored {
    pub(crate) fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// A row of a multi-field. Its id is unique on the whole portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) multi: Multi,
    /// The name of a type that the portal does not know.
    pub(crate) odd: Option<Box<str>>,
    pub(crate) value_type: String,
    pub(crate) value: String,
}

impl Row {
    /// `TYPE_ID` on the wire.
    pub(crate) fn type_name(&self) -> &str {
        self.odd.as_deref().unwrap_or_else(|| self.multi.name())
    }
}

/// A contact's tie to a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) company: u64,
    pub(crate) sort: i64,
    pub(crate) primary: bool,
}

/// One contact, company or requisite.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Record {
    pub(crate) fields: BTreeMap<Key, Stored>,
    pub(crate) created: i64,
    pub(crate) modified: i64,
    pub(crate) category: i64,
    pub(crate) rows: Vec<Row>,
    pub(crate) links: Vec<Link>,
}

impl Record {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(|stored| stored.values().first()).map_or("", String::as_str)
    }

    pub(crate) fn set_text(&mut self, name: impl Into<Key>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        if value.is_empty() {
            self.fields.remove(&name);
        } else {
            self.fields.insert(name, Stored::One(value));
        }
    }

    pub(crate) fn rows_of(&self, multi: Multi) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.multi == multi)
    }

    pub(crate) fn primary_company(&self) -> Option<u64> {
        self.links.iter().find(|link| link.primary).map(|link| link.company)
    }

    /// Replaces the links and keeps exactly one of them primary: the first marked one, else the first.
    pub(crate) fn set_links(&mut self, links: Vec<Link>) {
        let primary = links.iter().position(|link| link.primary).unwrap_or(0);
        self.links = links;
        for (at, link) in self.links.iter_mut().enumerate() {
            link.primary = at == primary;
        }
    }
}

/// All records of one kind.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: BTreeMap<u64, Record>,
    last_id: u64,
    by_modified: BTreeSet<(i64, u64)>,
    by_value: BTreeMap<Key, BTreeMap<String, BTreeSet<u64>>>,
    by_communication: BTreeMap<(Multi, String), BTreeSet<u64>>,
    by_company: BTreeMap<u64, BTreeSet<u64>>,
    outside_category_0: usize,
}

impl Table {
    pub(crate) fn get(&self, id: u64) -> Option<&Record> {
        self.rows.get(&id)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn rows(&self) -> &BTreeMap<u64, Record> {
        &self.rows
    }

    /// Whether some record lies outside category 0.
    pub(crate) fn has_other_categories(&self) -> bool {
        self.outside_category_0 > 0
    }

    /// An id greater than all ids ever held.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Inserts or replaces a record.
    pub(crate) fn put(&mut self, id: u64, record: Record) {
        self.remove(id);
        self.last_id = self.last_id.max(id);
        self.by_modified.insert((record.modified, id));
        for (name, stored) in &record.fields {
            if is_indexed(name) {
                let index = self.by_value.entry(name.clone()).or_default();
                for value in stored.values() {
                    index.entry(fold(value)).or_default().insert(id);
                }
            }
        }
        for key in communications(&record) {
            self.by_communication.entry(key).or_default().insert(id);
        }
        for link in &record.links {
            self.by_company.entry(link.company).or_default().insert(id);
        }
        self.outside_category_0 += usize::from(record.category != 0);
        self.rows.insert(id, record);
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<Record> {
        let record = self.rows.remove(&id)?;
        self.by_modified.remove(&(record.modified, id));
        for (name, stored) in &record.fields {
            if let Some(index) = self.by_value.get_mut(name) {
                for value in stored.values() {
                    forget(index, &fold(value), id);
                }
            }
        }
        for key in communications(&record) {
            forget(&mut self.by_communication, &key, id);
        }
        for link in &record.links {
            forget(&mut self.by_company, &link.company, id);
        }
        self.outside_category_0 -= usize::from(record.category != 0);
        Some(record)
    }

    /// Records whose field equals one of these folded values; `None` where the field has no index.
    pub(crate) fn with_value(&self, name: &str, values: &[String]) -> Option<BTreeSet<u64>> {
        if !is_indexed(name) {
            return None;
        }
        let index = self.by_value.get(name);
        Some(values.iter().filter_map(|value| index?.get(value)).flatten().copied().collect())
    }

    /// Records with a phone or mailbox of the same normal form.
    pub(crate) fn with_communication(&self, multi: Multi, value: &str) -> impl Iterator<Item = u64> + '_ {
        self.by_communication.get(&(multi, normal_form(multi, value))).into_iter().flatten().copied()
    }

    /// Contacts of a company.
    pub(crate) fn with_company(&self, company: u64) -> Vec<u64> {
        self.by_company.get(&company).into_iter().flatten().copied().collect()
    }

    /// Records changed at or after this second; `None` if they are so many that a scan by id is faster.
    pub(crate) fn modified_since(&self, seconds: i64) -> Option<BTreeSet<u64>> {
        let mut recent = self.by_modified.range((seconds, 0)..).map(|(_, id)| *id);
        let ids = recent.by_ref().take(MAX_RECENT).collect();
        recent.next().is_none().then_some(ids)
    }
}

/// Recently changed records that are worth collecting.
const MAX_RECENT: usize = 1000;

/// The form in which the portal's database compares texts: without regard to case and trailing blanks.
pub(crate) fn fold(value: &str) -> String {
    value.trim_end().to_lowercase()
}

/// Whether a value's form is the given one.
pub(crate) fn folds_to(value: &str, folded: &str) -> bool {
    value.trim_end().chars().flat_map(char::to_lowercase).eq(folded.chars())
}

fn is_indexed(name: &str) -> bool {
    name.starts_with("UF_CRM_") || matches!(name, "ORIGIN_ID" | "XML_ID" | "RQ_INN" | "ENTITY_ID")
}

fn communications(record: &Record) -> impl Iterator<Item = (Multi, String)> + '_ {
    record
        .rows
        .iter()
        .filter(|row| duplicate::is_searchable(row.multi))
        .map(|row| (row.multi, normal_form(row.multi, &row.value)))
        .filter(|(_, form)| !form.is_empty())
}

fn forget<K: Ord>(index: &mut BTreeMap<K, BTreeSet<u64>>, key: &K, id: u64) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(&id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
