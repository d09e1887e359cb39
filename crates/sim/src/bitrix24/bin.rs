//! The recycle bin: what a deleted card was, and its way back under another id.
//!
//! A restored card brings back its fields, dates, multi-field rows, links, requisites and comments; only its id is new, so
//! that a walk by id finds it and a walk by date does not. Which dates and row ids a real portal gives it is not
//! documented. Not responsible for who may restore: people at the screen only.

use std::collections::BTreeMap;

use super::crm::{Crm, Fail};
use super::events::What;
use super::schema::Kind;
use super::table::Record;

/// Deleted cards by the id they had.
#[derive(Debug, Default)]
pub(crate) struct Bin {
    pub(crate) cards: BTreeMap<(Kind, u64), Binned>,
}

/// A deleted card with what went along with it.
#[derive(Debug)]
pub(crate) struct Binned {
    /// The card itself, then its requisites, each before its bank details and addresses.
    pub(crate) removed: Vec<(Kind, u64, Record)>,
    /// Members of a deleted company.
    pub(crate) contacts: Vec<u64>,
}

impl Crm {
    /// Puts a deleted card back under a new id.
    pub(crate) fn restore(&mut self, kind: Kind, id: u64) -> Result<u64, Fail> {
        let binned = self.bin.as_mut().and_then(|bin| bin.cards.remove(&(kind, id))).ok_or(Fail::NotFound)?;
        let new = self.table_mut(kind).next_id();
        for (owned, at, record) in binned.removed {
            if (owned, at) == (kind, id) {
                let record = self.still_possible(kind, record);
                self.note(kind, What::Add, new, &record);
                self.table_mut(kind).put(new, record);
            } else {
                self.table_mut(owned).put(at, record);
            }
        }
        for (_, requisite) in self.belongings(kind, id) {
            self.move_requisite(requisite, new);
        }
        if kind == Kind::Company {
            self.link_contacts(new, &binned.contacts);
        }
        self.timeline.move_all((kind, id), (kind, new));
        Ok(new)
    }

    /// A card from the bin without links and user fields that vanished in the meantime.
    fn still_possible(&self, kind: Kind, mut card: Record) -> Record {
        let schema = self.schema(kind);
        card.fields.retain(|name, _| !name.starts_with("UF_CRM_") || schema.column(name).is_some());
        let mut links = std::mem::take(&mut card.links);
        links.retain(|link| self.companies.get(link.company).is_some());
        card.set_links(links);
        card
    }
}
