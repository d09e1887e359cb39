//! Records of one kind by id, with the indexes that keep filters fast on large bases.
//!
//! Every change goes through [`Table::put`] and [`Table::remove`], which keep all indexes true. Not responsible
//! for rules about what a change may do.

use std::collections::{BTreeMap, BTreeSet};

use compact_str::CompactString;

use super::duplicate::{self, normal_form};
use super::php::Key;
use super::schema::Multi;
use crate::compact::{ByName, Names, hash_of};

/// A stored value; absence stands for empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stored {
    One(CompactString),
    Many(Box<[CompactString]>),
}

impl Stored {
    pub(crate) fn many(values: Vec<String>) -> Self {
        Self::Many(values.into_iter().map(CompactString::from).collect())
    }

    pub(crate) fn values(&self) -> &[CompactString] {
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
    pub(crate) value_type: CompactString,
    pub(crate) value: CompactString,
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
    pub(crate) fields: ByName<Stored>,
    pub(crate) created: i64,
    pub(crate) modified: i64,
    pub(crate) category: i64,
    pub(crate) rows: Vec<Row>,
    pub(crate) links: Vec<Link>,
}

impl Record {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(|stored| stored.values().first()).map_or("", CompactString::as_str)
    }

    pub(crate) fn set_text(&mut self, name: impl Into<Key>, value: impl Into<CompactString>) {
        let (name, value) = (name.into(), value.into());
        if value.is_empty() {
            self.fields.remove(&name);
        } else {
            self.fields.insert(name.as_ref(), Stored::One(value));
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
    names: Names,
    last_id: u64,
    by_modified: BTreeSet<(i64, u64)>,
    /// No record of a block of ids was changed after this second. May be later than need be.
    newest_of_block: BTreeMap<u64, i64>,
    /// Ids by the hashes of what clients search by: indexed fields, phones, mailboxes. Hashes are small; what is found
    /// is looked at.
    by_hash: BTreeSet<(u64, u64)>,
    by_company: BTreeSet<(u64, u64)>,
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
    pub(crate) fn put(&mut self, id: u64, mut record: Record) {
        self.remove(id);
        record.fields.iter_mut().for_each(|(name, _)| self.names.share(name));
        record.rows.shrink_to_fit();
        record.links.shrink_to_fit();
        self.last_id = self.last_id.max(id);
        self.by_modified.insert((record.modified, id));
        let newest = self.newest_of_block.entry(id / BLOCK).or_insert(record.modified);
        *newest = record.modified.max(*newest);
        self.by_hash.extend(hashes(&record).map(|hash| (hash, id)));
        self.by_company.extend(record.links.iter().map(|link| (link.company, id)));
        self.outside_category_0 += usize::from(record.category != 0);
        self.rows.insert(id, record);
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<Record> {
        let record = self.rows.remove(&id)?;
        self.by_modified.remove(&(record.modified, id));
        for hash in hashes(&record) {
            self.by_hash.remove(&(hash, id));
        }
        for link in &record.links {
            self.by_company.remove(&(link.company, id));
        }
        self.outside_category_0 -= usize::from(record.category != 0);
        Some(record)
    }

    /// Records from this id on, some of those left out that were not changed since then.
    pub(crate) fn changed_rows(
        &self,
        lowest: u64,
        since: i64,
    ) -> impl DoubleEndedIterator<Item = (u64, &Record)> {
        let blocks = self.newest_of_block.range(lowest / BLOCK..);
        blocks.filter(move |(_, newest)| **newest >= since).flat_map(move |(block, _)| {
            let first = lowest.max(block * BLOCK);
            self.rows.range(first..=block * BLOCK + (BLOCK - 1)).map(|(id, record)| (*id, record))
        })
    }

    /// Records whose field equals one of these folded values, by id; `None` where the field has no index.
    pub(crate) fn with_value(&self, name: &str, values: &[String]) -> Option<Vec<u64>> {
        if !is_indexed(name) {
            return None;
        }
        let holds = |record: &Record, wanted: &str| {
            let stored = record.fields.get(name);
            stored.is_some_and(|stored| stored.values().iter().any(|value| folds_to(value, wanted)))
        };
        let found = values
            .iter()
            .flat_map(|value| self.hashed(field_hash(name, value), move |record| holds(record, value)));
        Some(in_order(found.collect()))
    }

    /// Records with a phone or mailbox of the same normal form, by id.
    pub(crate) fn with_communication(&self, multi: Multi, value: &str) -> impl Iterator<Item = u64> + '_ {
        let form = normal_form(multi, value);
        let hash = hash_of((multi.name(), &form));
        self.hashed(hash, move |record| {
            communications(record).any(|(known, other)| known == multi && other == form)
        })
    }

    fn hashed<'a>(
        &'a self,
        hash: u64,
        holds: impl Fn(&Record) -> bool + 'a,
    ) -> impl Iterator<Item = u64> + 'a {
        let ids = self.by_hash.range((hash, 0)..=(hash, u64::MAX)).map(|(_, id)| *id);
        ids.filter(move |id| self.rows.get(id).is_some_and(&holds))
    }

    /// Contacts of a company.
    pub(crate) fn with_company(&self, company: u64) -> Vec<u64> {
        self.by_company.range((company, 0)..=(company, u64::MAX)).map(|(_, contact)| *contact).collect()
    }

    /// Records changed at or after this second, by id; `None` if they are so many that a walk by id is faster.
    pub(crate) fn modified_since(&self, seconds: i64) -> Option<Vec<u64>> {
        let mut recent = self.by_modified.range((seconds, 0)..).map(|(_, id)| *id);
        let ids = recent.by_ref().take(MAX_RECENT).collect();
        recent.next().is_none().then(|| in_order(ids))
    }
}

/// Recently changed records that are worth collecting.
const MAX_RECENT: usize = 5000;
/// Ids in a block.
const BLOCK: u64 = 256;

/// Ids in ascending order, each once.
pub(crate) fn in_order(mut ids: Vec<u64>) -> Vec<u64> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

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

fn hashes(record: &Record) -> impl Iterator<Item = u64> + '_ {
    let fields = record.fields.iter().filter(|(name, _)| is_indexed(name));
    let fields = fields
        .flat_map(|(name, stored)| stored.values().iter().map(move |value| field_hash(name, &fold(value))));
    fields.chain(communications(record).map(|(multi, form)| hash_of((multi.name(), form))))
}

fn field_hash(name: &str, folded: &str) -> u64 {
    hash_of((name, folded))
}
