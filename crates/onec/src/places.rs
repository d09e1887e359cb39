//! Which catalog a reference stands in, and whether a counterparty is an organization, as far as it was seen.
//!
//! A hint that saves requests; whoever uses it reads the object itself. Not responsible for content. Invariant: what is
//! written here was read from 1C, never guessed.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use obmen_domain::record::{Catalog, Kind, Record};
use uuid::Uuid;

/// A tree: a table of hashes would be held twice while it grows, and there may be a million.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<BTreeMap<Uuid, Place>>);

/// Where an object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) catalog: Catalog,
    pub(crate) kind: Kind,
}

impl Places {
    pub(crate) fn of(&self, reference: Uuid) -> Option<Place> {
        self.map().get(&reference).copied()
    }

    pub(crate) fn learn(&self, records: &[Record]) {
        let mut map = self.map();
        for record in records {
            if let Ok(reference) = Uuid::try_parse(&record.id.id) {
                map.insert(reference, Place { catalog: record.catalog, kind: record.id.kind });
            }
        }
    }

    pub(crate) fn learn_one(&self, reference: Uuid, place: Place) {
        self.map().insert(reference, place);
    }

    fn map(&self) -> MutexGuard<'_, BTreeMap<Uuid, Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
