//! What was found out about an infobase when it was connected: a profile cut down to what is really published.
//!
//! Not responsible for finding it out (see `connect`). Invariant: a name that these facts hold exists in the schema.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::configured::Place;
use obmen_domain::party::{Field, PointKind};
use obmen_domain::record::{Catalog, Kind};
use obmen_domain::rules::Capacity;
use uuid::Uuid;

use crate::configured::{Attribute, Fault};
use crate::profile::{CatalogProfile, Links, TieSet};

/// All that is known of an infobase.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The sets that the interface shows.
    pub(crate) sets: BTreeSet<String>,
    /// Readable catalogs of parties.
    pub(crate) tables: BTreeMap<Catalog, Table>,
    /// Partners of counterparties, where the configuration has them.
    pub(crate) part: Option<Table>,
    /// Predefined partners: nobody's part.
    pub(crate) nobodys: BTreeSet<Uuid>,
    /// The predefined partner of the company itself.
    pub(crate) own: Option<Uuid>,
    /// The additional attribute for the other side's id.
    pub(crate) id_attribute: Option<Uuid>,
    /// The additional attribute for the responsible manager.
    pub(crate) manager_attribute: Option<Uuid>,
    /// The folder of new counterparties, or of their partners where these have the folders.
    pub(crate) folder: Option<Uuid>,
    /// Folders of counterparties, where conditions ask about them: name and the folder around it.
    pub(crate) folders: BTreeMap<Uuid, (String, Option<Uuid>)>,
    /// The access group of new objects.
    pub(crate) access_group: Option<Uuid>,
    /// Our own user, where new objects have to tell who entered them and a user is called like our login.
    pub(crate) author: Option<Uuid>,
    /// Whether the infobase has access groups.
    pub(crate) has_access_groups: bool,
    /// The words of the roles that new objects get.
    pub(crate) roles: Vec<String>,
    /// The country of new counterparties.
    pub(crate) country: Option<Uuid>,
    /// What addresses of that country call it.
    pub(crate) country_name: Option<CountryName>,
    /// Sets whose objects stand on counterparties.
    pub(crate) ties: Vec<TieSet>,
    /// Configured fields that have no place, and why.
    pub(crate) faults: Vec<(Place, Fault)>,
    /// Whether own staff can be told from customers.
    pub(crate) staff: bool,
    /// The properties to read of a user, empty where users cannot be read.
    pub(crate) users_select: String,
    /// The properties to read of those who answer for clients, where these are not the users; empty where they cannot
    /// be read.
    pub(crate) managers_select: String,
}

/// A country as 1C calls it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CountryName {
    pub(crate) name: String,
    /// Its number in the classifier.
    pub(crate) code: String,
}

/// One catalog of parties.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) catalog: Catalog,
    /// The profile's names, those that exist.
    pub(crate) names: CatalogProfile,
    /// What to read of an object.
    pub(crate) select: String,
    /// Columns of the contact section; empty where there is none.
    pub(crate) contact_columns: BTreeSet<String>,
    /// Whether the extension's register of links keeps the other side's id of objects.
    pub(crate) keeps_links: bool,
    /// Whether objects have additional attributes.
    pub(crate) has_attributes: bool,
    /// Whether objects stand in folders.
    pub(crate) has_folders: bool,
    /// Whether objects have a parent, be it a folder or another object.
    pub(crate) has_parents: bool,
    /// What conditions ask about: the name they use, and the property it is.
    pub(crate) attributes: BTreeMap<String, String>,
    /// Configured fields.
    pub(crate) configured: Vec<Attribute>,
    /// Kinds of phones, the preferred one first.
    pub(crate) phones: Vec<ContactKind>,
    /// Kinds of mailboxes, the preferred one first.
    pub(crate) emails: Vec<ContactKind>,
    /// The kind of legal addresses.
    pub(crate) address: Option<ContactKind>,
}

/// A contact kind of this infobase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ContactKind {
    pub(crate) reference: Uuid,
    pub(crate) kind: PointKind,
    /// Whether an object may have several values of it.
    pub(crate) several: bool,
}

impl Facts {
    /// The table that organizations stand in.
    pub(crate) fn counterparties(&self) -> Option<&Table> {
        self.tables.get(&Catalog::Counterparty)
    }

    /// The catalogs that a walk over a kind passes through.
    pub(crate) fn walk(&self, kind: Kind, persons: &BTreeSet<Catalog>) -> Vec<&Table> {
        match kind {
            Kind::Company => self.counterparties().into_iter().collect(),
            Kind::Contact => self.tables.values().filter(|table| persons.contains(&table.catalog)).collect(),
        }
    }

    /// The partners of a table's objects.
    pub(crate) fn part_of(&self, table: &Table) -> Option<&Table> {
        self.part.as_ref().filter(|_| table.names.part.is_some())
    }

    /// What a catalog can hold; nothing where it cannot be read.
    pub(crate) fn capacity(&self, catalog: Catalog) -> Capacity {
        let Some(table) = self.tables.get(&catalog) else {
            return Capacity {
                fields: BTreeSet::new(),
                phones: 0,
                emails: 0,
                companies: 0,
                lengths: BTreeMap::new(),
                sorts: BTreeMap::new(),
                mutual_id: false,
            };
        };
        let names = &table.names;
        let mutual_id = table.keeps_links || (table.has_attributes && self.id_attribute.is_some());
        let part = self.part_of(table);
        let phones = room(&table.phones).max(part.map_or(0, |part| room(&part.phones)));
        let emails = room(&table.emails).max(part.map_or(0, |part| room(&part.emails)));
        let companies = match (&names.owner, &names.links) {
            (_, Some(_)) => usize::MAX,
            (Some(_), None) => 1,
            (None, None) => 0,
        };
        // What the object has itself comes before what its partner has.
        let attributes = || part.iter().flat_map(|part| &part.configured).chain(&table.configured);
        let lengths_of = attributes().map(|one| (Field::Configured(one.name), one.length));
        let mut lengths = names.lengths.clone();
        lengths.extend(lengths_of.filter_map(|(field, length)| Some((field, length?))));
        let link_says = |links: &Links| links.position.is_some();
        let optional = [
            (Field::LegalName, names.full_name.is_some() && names.legal.is_some()),
            (Field::Inn, names.inn.is_some()),
            (Field::Kpp, names.kpp.is_some()),
            (Field::Ogrn, names.ogrn.is_some()),
            (Field::Address, table.address.is_some()),
            (Field::Phone, phones > 0),
            (Field::Email, emails > 0),
            (Field::Company, companies > 0),
            (Field::Position, names.position.is_some() || names.links.as_ref().is_some_and(link_says)),
            (Field::Manager, self.holds_manager(table) || part.is_some_and(|part| self.holds_manager(part))),
            (Field::MutualId, mutual_id),
        ];
        let fields = optional.into_iter().filter(|(_, has)| *has).map(|(field, _)| field);
        Capacity {
            fields: fields.chain([Field::Name]).collect(),
            phones,
            emails,
            companies,
            lengths,
            sorts: attributes().map(|one| ((one.kind, one.name), one.sort.clone())).collect(),
            mutual_id,
        }
    }

    /// Whether objects of a table keep their manager, in an attribute of their own or in an additional one.
    pub(crate) fn holds_manager(&self, table: &Table) -> bool {
        let in_addition = table.catalog == Catalog::Counterparty
            && table.has_attributes
            && self.manager_attribute.is_some();
        table.names.manager.is_some() || in_addition
    }
}

impl Table {
    /// The length that the profile or the schema gives a field.
    pub(crate) fn length(&self, field: Field) -> Option<usize> {
        self.names.lengths.get(&field).copied()
    }
}

/// How many values the kinds of an object have room for.
pub(crate) fn room(kinds: &[ContactKind]) -> usize {
    if kinds.iter().any(|kind| kind.several) { usize::MAX } else { kinds.len() }
}
