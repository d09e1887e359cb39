//! The cards of both bases as their keepers typed them, with all damage done.
//!
//! A card is in no vendor's format yet: the writers spell it. Ids and references are given here, since cards refer to
//! each other.

mod firms;
mod people;
mod strays;

use std::collections::BTreeMap;

use super::entities::Entities;
use super::level::{Noise, Tally};

/// Whose card it is, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Person(usize),
    Firm(usize),
    /// Nobody's: a placeholder.
    Nobody,
}

/// Where a card stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Contact,
    Company,
    Counterparty,
    ContactPerson,
    Individual,
}

/// A card.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) owner: Owner,
    pub(super) place: Place,
    /// Id of the portal or reference of 1C.
    pub(super) id: String,
    /// Marked for deletion.
    pub(super) marked: bool,
    /// The name as it is shown; of a contact the joined fields.
    pub(super) title: String,
    /// Surname, first name, patronymic where the place has fields for them.
    pub(super) parts: Option<[String; 3]>,
    /// A firm's full name, or nothing.
    pub(super) full: String,
    pub(super) phones: Vec<String>,
    pub(super) emails: Vec<String>,
    pub(super) inn: String,
    pub(super) kpp: String,
    /// Where the portal keeps a company's INN: the user field, the requisites.
    pub(super) inn_places: (bool, bool),
    /// The company of a contact or the owner of a contact person, by its id.
    pub(super) employer: Option<String>,
    pub(super) post: &'static str,
    pub(super) birth_date: Option<String>,
    /// Index into the users.
    pub(super) manager: usize,
    /// What the portal holds as the 1C reference of this card.
    pub(super) mutual_id: String,
    /// An entrepreneur whose 1C card lacks the flag.
    pub(super) without_flag: bool,
    /// Why a contact is nobody's.
    pub(super) stray: &'static str,
}

/// All cards.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) all: Vec<Record>,
    by_owner: BTreeMap<Owner, Vec<usize>>,
}

impl Record {
    pub(super) fn new(owner: Owner, place: Place, id: String) -> Self {
        Self {
            owner,
            place,
            id,
            marked: false,
            title: String::new(),
            parts: None,
            full: String::new(),
            phones: Vec::new(),
            emails: Vec::new(),
            inn: String::new(),
            kpp: String::new(),
            inn_places: (true, true),
            employer: None,
            post: "",
            birth_date: None,
            manager: 0,
            mutual_id: String::new(),
            without_flag: false,
            stray: "",
        }
    }
}

impl Place {
    pub(super) fn in_bitrix24(self) -> bool {
        matches!(self, Self::Contact | Self::Company)
    }

    /// The set of the load format.
    pub(super) fn set(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Counterparty => "Catalog_Контрагенты",
            Self::ContactPerson => "Catalog_КонтактныеЛица",
            Self::Individual => "Catalog_ФизическиеЛица",
        }
    }
}

impl Records {
    /// Deals everybody out to both bases.
    pub(super) fn deal(seed: u64, entities: &Entities, noise: Noise, tally: &mut Tally) -> Self {
        let mut records = Self::default();
        firms::deal(&mut records, seed, entities, noise, tally);
        people::deal(&mut records, seed, entities, noise, tally);
        strays::add(&mut records, seed, entities.people.len(), noise, tally);
        strays::add_mutual_ids(&mut records, seed, noise, tally);
        records
    }

    /// Cards of one party.
    pub(super) fn of(&self, owner: Owner) -> impl Iterator<Item = &Record> {
        self.by_owner.get(&owner).into_iter().flatten().map(|&index| &self.all[index])
    }

    fn push(&mut self, record: Record) {
        self.by_owner.entry(record.owner).or_default().push(self.all.len());
        self.all.push(record);
    }

    /// Ids of the portal are even numbers in the order of making.
    fn next_id(&self) -> String {
        (100 + 2 * self.all.len()).to_string()
    }

    fn live_firm(&self, firm: usize, place: Place) -> Option<&Record> {
        self.of(Owner::Firm(firm)).find(|record| record.place == place && !record.marked)
    }
}
