//! The CRM's records and the rules of changing them, whichever API or person does it.
//!
//! Takes field names of the classic API; the universal one translates first. Not responsible for wire shapes,
//! rights or limits. Invariant: links are kept on contacts, with exactly one primary among several.

use std::collections::BTreeMap;

use jiff::tz::Offset;

use super::bin::{Bin, Binned};
use super::business::Business;
use super::comments::sanitized;
use super::dates::{format_instant, parse_instant};
use super::events::{Change, What};
use super::files;
use super::item_names::{OBSERVERS, observers};
use super::multifield::{self, RowEdit};
use super::php::Php;
use super::schema::{Access, Column, Kind, Schema, Type};
use super::table::{Link, Record, Stored, Table};
use super::timeline::Timeline;
use super::userfield::default_values;
use super::values::to_stored;
use super::volatile::VolatileType;

/// Everything the portal holds.
#[derive(Debug)]
pub(crate) struct Crm {
    pub(crate) contacts: Table,
    pub(crate) companies: Table,
    pub(crate) requisites: Table,
    pub(crate) bank_details: Table,
    pub(crate) addresses: Table,
    pub(crate) contact_schema: Schema,
    pub(crate) company_schema: Schema,
    pub(crate) requisite_schema: Schema,
    pub(crate) bank_detail_schema: Schema,
    pub(crate) address_schema: Schema,
    pub(crate) users: BTreeMap<u64, Php>,
    pub(crate) timeline: Timeline,
    pub(crate) business: Business,
    /// Only the duplicate search knows leads.
    pub(crate) leads: Table,
    pub(crate) volatile_types: Vec<VolatileType>,
    /// Deleted cards, on a portal that keeps them.
    pub(crate) bin: Option<Bin>,
    pub(crate) last_row: u64,
    pub(crate) last_userfield: u64,
    pub(crate) last_list_item: u64,
    pub(crate) last_file: u64,
    /// What happened to records and was not told to anybody so far.
    pub(crate) untold: Vec<Change>,
}

/// Who changes a record, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Author {
    pub(crate) user: u64,
    pub(crate) seconds: i64,
    pub(crate) offset: Offset,
    pub(crate) mode: Mode,
}

/// How much a change may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// What REST allows.
    Rest,
    /// REST with own dates and authors.
    Import,
    /// Anything: a person or the loader.
    Hand,
}

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fail {
    NotFound,
    /// Field names of which at least one must be filled.
    Required(&'static [&'static str]),
    BadEmail(String),
    /// An owner has one address of a type.
    AddressExists,
    /// An import with a creation date before that of the newest record, or a change date in the future.
    BadDate,
}

impl Crm {
    pub(crate) fn new(keeps_deleted: bool) -> Self {
        Self {
            contacts: Table::default(),
            companies: Table::default(),
            requisites: Table::default(),
            bank_details: Table::default(),
            addresses: Table::default(),
            contact_schema: Schema::new(Kind::Contact),
            company_schema: Schema::new(Kind::Company),
            requisite_schema: Schema::new(Kind::Requisite),
            bank_detail_schema: Schema::new(Kind::BankDetail),
            address_schema: Schema::new(Kind::Address),
            users: BTreeMap::new(),
            timeline: Timeline::default(),
            business: Business::default(),
            leads: Table::default(),
            volatile_types: Vec::new(),
            bin: keeps_deleted.then(Bin::default),
            last_row: 0,
            last_userfield: 0,
            last_list_item: 0,
            last_file: 0,
            untold: Vec::new(),
        }
    }

    pub(crate) fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::Contact => &self.contacts,
            Kind::Company => &self.companies,
            Kind::Requisite => &self.requisites,
            Kind::BankDetail => &self.bank_details,
            Kind::Address => &self.addresses,
        }
    }

    pub(crate) fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::Contact => &mut self.contacts,
            Kind::Company => &mut self.companies,
            Kind::Requisite => &mut self.requisites,
            Kind::BankDetail => &mut self.bank_details,
            Kind::Address => &mut self.addresses,
        }
    }

    pub(crate) fn schema(&self, kind: Kind) -> &Schema {
        match kind {
            Kind::Contact => &self.contact_schema,
            Kind::Company => &self.company_schema,
            Kind::Requisite => &self.requisite_schema,
            Kind::BankDetail => &self.bank_detail_schema,
            Kind::Address => &self.address_schema,
        }
    }

    pub(crate) fn schema_mut(&mut self, kind: Kind) -> &mut Schema {
        match kind {
            Kind::Contact => &mut self.contact_schema,
            Kind::Company => &mut self.company_schema,
            Kind::Requisite => &mut self.requisite_schema,
            Kind::BankDetail => &mut self.bank_detail_schema,
            Kind::Address => &mut self.address_schema,
        }
    }

    /// Adds a record with the portal's defaults. `fm` are further rows, already translated.
    pub(crate) fn create(
        &mut self,
        kind: Kind,
        fields: &Php,
        rows: Vec<RowEdit>,
        author: Author,
    ) -> Result<u64, Fail> {
        let mut record = Record { created: author.seconds, modified: author.seconds, ..Record::default() };
        for name in ["ASSIGNED_BY_ID", "CREATED_BY_ID", "MODIFY_BY_ID"] {
            if self.schema(kind).column(name).is_some() {
                record.set_text(name, author.user.to_string());
            }
        }
        for (name, value) in defaults(kind) {
            record.set_text(*name, *value);
        }
        if kind.is_card() {
            record.set_text("LAST_ACTIVITY_TIME", format_instant(author.seconds, author.offset));
            record.set_text("LAST_ACTIVITY_BY", author.user.to_string());
        }
        for (field, value) in default_values(&self.schema(kind).userfields, author) {
            let stored = to_stored(field.ty(), field.multiple, &value, author.offset);
            if let (None, Ok(Some(stored))) = (fields.get(&field.name), stored) {
                record.fields.insert(field.name.as_str(), stored);
            }
        }
        let contacts = self.edit(kind, &mut record, fields, rows, author, true)?;
        check_required(kind, &record)?;
        if author.mode == Mode::Import {
            let newest = self.table(kind).rows().values().next_back().map_or(i64::MIN, |last| last.created);
            if (fields.get("DATE_CREATE").is_some() && record.created < newest)
                || record.modified > author.seconds
            {
                return Err(Fail::BadDate);
            }
        }
        if kind == Kind::Address && self.address(fields).is_some() {
            return Err(Fail::AddressExists);
        }
        let id = self.table_mut(kind).next_id();
        if kind == Kind::Address {
            self.anchor(&mut record);
            record.set_text("LOC_ADDR_ID", id.to_string());
        }
        self.note(kind, What::Add, id, &record);
        self.table_mut(kind).put(id, record);
        if let Some(contacts) = contacts {
            self.link_contacts(id, &contacts);
        }
        Ok(id)
    }

    /// Changes a record. DATE_MODIFY moves even if nothing differs, unless `skip_unchanged`.
    pub(crate) fn update(
        &mut self,
        kind: Kind,
        id: u64,
        fields: &Php,
        rows: Vec<RowEdit>,
        author: Author,
        skip_unchanged: bool,
    ) -> Result<(), Fail> {
        let before = self.table(kind).get(id).ok_or(Fail::NotFound)?.clone();
        let mut record = before.clone();
        let contacts = self.edit(kind, &mut record, fields, rows, author, false)?;
        if required(kind).iter().any(|name| fields.get(name).is_some()) {
            check_required(kind, &record)?;
        }
        let is_same_set = contacts.as_ref().is_none_or(|contacts| {
            let mut wanted = contacts.clone();
            wanted.sort_unstable();
            wanted.dedup();
            wanted == self.contacts.with_company(id)
        });
        if skip_unchanged && record == before && is_same_set {
            return Ok(());
        }
        record.modified = author.seconds;
        if kind != Kind::Address {
            record.set_text("MODIFY_BY_ID", author.user.to_string());
        }
        self.note(kind, What::Update, id, &record);
        self.table_mut(kind).put(id, record);
        if let Some(contacts) = contacts {
            self.link_contacts(id, &contacts);
        }
        Ok(())
    }

    /// Deletes a record with its links and everything that belongs to it: requisites, their bank details and addresses. A
    /// card goes into the recycle bin, if there is one.
    pub(crate) fn delete(&mut self, kind: Kind, id: u64) -> Result<(), Fail> {
        let contacts = if kind == Kind::Company { self.contacts.with_company(id) } else { Vec::new() };
        let mut removed = Vec::new();
        self.remove(kind, id, &mut removed)?;
        if !matches!(kind, Kind::Contact | Kind::Company) {
            return Ok(());
        }
        match &mut self.bin {
            Some(bin) => {
                bin.cards.insert((kind, id), Binned { removed, contacts });
            }
            None => self.timeline.forget((kind, id)),
        }
        Ok(())
    }

    /// Takes a record out with all that belongs to it, itself first.
    fn remove(&mut self, kind: Kind, id: u64, removed: &mut Vec<(Kind, u64, Record)>) -> Result<(), Fail> {
        let record = self.table_mut(kind).remove(id).ok_or(Fail::NotFound)?;
        self.note(kind, What::Delete, id, &record);
        removed.push((kind, id, record));
        if kind == Kind::Company {
            self.link_contacts(id, &[]);
        }
        for (owned, id) in self.belongings(kind, id) {
            self.remove(owned, id, removed)?;
        }
        Ok(())
    }

    /// Requisites of a contact or company; bank details and addresses of a requisite.
    pub(crate) fn belongings(&self, kind: Kind, id: u64) -> Vec<(Kind, u64)> {
        let kinds: &[Kind] = match kind {
            Kind::Contact | Kind::Company => &[Kind::Requisite],
            Kind::Requisite => &[Kind::BankDetail, Kind::Address],
            Kind::BankDetail | Kind::Address => &[],
        };
        let mut found = Vec::new();
        for owned in kinds {
            let table = self.table(*owned);
            let ids = table.with_value("ENTITY_ID", &[id.to_string()]).unwrap_or_default();
            let is_own =
                |id: &u64| table.get(*id).is_some_and(|it| it.text("ENTITY_TYPE_ID") == kind.type_id());
            found.extend(ids.into_iter().filter(is_own).map(|id| (*owned, id)));
        }
        found
    }

    /// The address that these fields name by its type and its owner.
    pub(crate) fn address(&self, fields: &Php) -> Option<u64> {
        let number = |name: &str| fields.get(name).map_or(0, Php::as_int).to_string();
        let (ty, owner_type) = (number("TYPE_ID"), number("ENTITY_TYPE_ID"));
        let candidates = self.addresses.with_value("ENTITY_ID", &[number("ENTITY_ID")])?;
        candidates.into_iter().find(|id| {
            let address = self.addresses.get(*id);
            address.is_some_and(|it| it.text("TYPE_ID") == ty && it.text("ENTITY_TYPE_ID") == owner_type)
        })
    }

    /// Gives a requisite another owner; its addresses are anchored there.
    pub(crate) fn move_requisite(&mut self, id: u64, owner: u64) {
        let Some(mut requisite) = self.requisites.get(id).cloned() else { return };
        requisite.set_text("ENTITY_ID", owner.to_string());
        self.requisites.put(id, requisite);
        for (kind, owned) in self.belongings(Kind::Requisite, id) {
            if let Some(mut address) = self.table(kind).get(owned).cloned().filter(|_| kind == Kind::Address)
            {
                self.anchor(&mut address);
                self.addresses.put(owned, address);
            }
        }
    }

    /// Writes down whose an address is in the end: the owner of its requisite.
    pub(crate) fn anchor(&self, address: &mut Record) {
        let requisite = address.text("ENTITY_ID").parse().ok().and_then(|id| self.requisites.get(id));
        if let Some(requisite) = requisite {
            address.set_text("ANCHOR_TYPE_ID", requisite.text("ENTITY_TYPE_ID"));
            address.set_text("ANCHOR_ID", requisite.text("ENTITY_ID"));
        }
    }

    /// Keeps a change for whoever listens.
    pub(crate) fn note(&mut self, kind: Kind, what: What, id: u64, record: &Record) {
        self.untold.push(Change::of_record(kind, what, id, record));
    }

    /// Moves a new card to another category, where classic methods do not see it.
    pub(crate) fn put_in_category(&mut self, kind: Kind, id: u64, category: i64) {
        if let Some(mut record) = self.table(kind).get(id).cloned() {
            record.category = category;
            self.table_mut(kind).put(id, record);
        }
    }

    /// Replaces a contact's links without any trace in its dates.
    pub(crate) fn set_links(&mut self, contact: u64, links: Vec<Link>) -> Result<(), Fail> {
        let mut record = self.contacts.get(contact).ok_or(Fail::NotFound)?.clone();
        record.set_links(links);
        self.contacts.put(contact, record);
        Ok(())
    }

    /// Makes these contacts, and no others, members of the company.
    pub(crate) fn link_contacts(&mut self, company: u64, wanted: &[u64]) {
        let present = self.contacts.with_company(company);
        for contact in present.iter().chain(wanted) {
            let Some(mut record) = self.contacts.get(*contact).cloned() else {
                continue;
            };
            let mut links = std::mem::take(&mut record.links);
            if !wanted.contains(contact) {
                links.retain(|link| link.company != company);
            } else if !present.contains(contact) && !links.iter().any(|link| link.company == company) {
                links.push(new_link(company, links.len()));
            }
            record.set_links(links);
            self.contacts.put(*contact, record);
        }
    }

    /// Applies fields to a record. Gives the contacts a company is to have, if they were sent.
    fn edit(
        &mut self,
        kind: Kind,
        record: &mut Record,
        fields: &Php,
        mut rows: Vec<RowEdit>,
        author: Author,
        creating: bool,
    ) -> Result<Option<Vec<u64>>, Fail> {
        let mut contacts = None;
        for (name, value) in fields.entries() {
            let column = match self.schema(kind).column(name) {
                Some(column) => column,
                None if kind.is_card() && name == OBSERVERS => observers(),
                // A name the portal does not know is ignored without a word.
                None => continue,
            };
            let comments = (kind.is_card() && name == "COMMENTS").then(|| sanitized(value));
            let value = comments.as_ref().unwrap_or(value);
            match column {
                Column::Rows(multi) => rows.extend(multifield::classic_edits(multi, value, creating)),
                Column::PrimaryCompany if fields.get("COMPANY_IDS").is_none() => {
                    self.set_primary_company(record, value.as_int());
                }
                Column::Companies => {
                    let companies: Vec<u64> =
                        ids(value).filter(|id| self.companies.get(*id).is_some()).collect();
                    set_companies(record, &companies);
                }
                Column::Contacts => contacts = Some(ids(value).collect()),
                Column::Created if author.mode != Mode::Rest && creating => {
                    record.created = instant(value, author.offset).unwrap_or(record.created);
                }
                Column::Modified if author.mode != Mode::Rest && creating => {
                    record.modified = instant(value, author.offset).unwrap_or(record.modified);
                }
                Column::Stored { name, ty: Type::File, multiple, .. } if name.starts_with("UF_CRM_") => {
                    let before = record.fields.remove(&name);
                    let before = before.as_ref().map(Stored::values).unwrap_or_default();
                    let mut kept = files::edited(before, value, multiple, &mut self.last_file);
                    let stored =
                        if multiple { Some(Stored::Many(kept.into())) } else { kept.pop().map(Stored::One) };
                    if let Some(stored) = stored.filter(|stored| !stored.values().is_empty()) {
                        record.fields.insert(name.as_ref(), stored);
                    }
                }
                Column::Stored { name, ty, multiple, access }
                    if ty != Type::File && may_write(access, author.mode, creating) =>
                {
                    let stored = to_stored(ty, multiple, value, author.offset);
                    match stored.map(|stored| stored.and_then(|it| self.schema(kind).known_items(&name, it)))
                    {
                        Ok(Some(stored)) => {
                            record.fields.insert(name.as_ref(), stored);
                        }
                        Ok(None) => {
                            record.fields.remove(&name);
                        }
                        Err(()) => {}
                    }
                }
                _ => {}
            }
        }
        if let Some(value) = multifield::find_invalid_email(&rows) {
            return Err(Fail::BadEmail(value.to_owned()));
        }
        multifield::apply(record, rows, &mut self.last_row);
        Ok(contacts)
    }

    /// `COMPANY_ID` alone: ignored if linked already, otherwise it replaces all links; `0` removes them.
    fn set_primary_company(&self, record: &mut Record, company: i64) {
        let company = u64::try_from(company).unwrap_or(0);
        if company == 0 {
            record.set_links(Vec::new());
        } else if self.companies.get(company).is_some()
            && !record.links.iter().any(|link| link.company == company)
        {
            set_companies(record, &[company]);
        }
    }
}

/// A link behind `present` others.
pub(crate) fn new_link(company: u64, present: usize) -> Link {
    Link { company, sort: 10 * (present as i64 + 1), primary: false }
}

/// Replaces the links; the first company becomes primary.
pub(crate) fn set_companies(record: &mut Record, companies: &[u64]) {
    let mut links: Vec<Link> = Vec::new();
    for company in companies {
        if !links.iter().any(|link| link.company == *company) {
            links.push(new_link(*company, links.len()));
        }
    }
    record.set_links(links);
}

/// Positive ids in a list or a single value.
pub(crate) fn ids(value: &Php) -> impl Iterator<Item = u64> + '_ {
    let one = (!value.is_map()).then_some(value);
    let many = value.entries().iter().map(|(_, value)| value);
    one.into_iter().chain(many).filter_map(|value| u64::try_from(value.as_int()).ok()).filter(|id| *id > 0)
}

fn instant(value: &Php, offset: Offset) -> Option<i64> {
    parse_instant(&value.as_text()?, offset)
}

fn may_write(access: Access, mode: Mode, creating: bool) -> bool {
    match access {
        Access::Free => true,
        Access::AddOnly => creating,
        Access::Import => mode != Mode::Rest && creating,
        Access::ReadOnly => false,
    }
}

fn required(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Contact => &["NAME", "LAST_NAME"],
        Kind::Company => &["TITLE"],
        Kind::Requisite | Kind::BankDetail => &["NAME"],
        Kind::Address => &[],
    }
}

/// What the portal fills in where an add says nothing.
fn defaults(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::Contact => &[("OPENED", "Y"), ("EXPORT", "Y"), ("TYPE_ID", "CLIENT")],
        Kind::Company => &[("OPENED", "Y"), ("COMPANY_TYPE", "CUSTOMER")],
        Kind::Requisite => &[("ACTIVE", "Y"), ("SORT", "500")],
        Kind::BankDetail => &[("ACTIVE", "Y"), ("SORT", "500"), ("ENTITY_TYPE_ID", "8"), ("COUNTRY_ID", "1")],
        Kind::Address => &[],
    }
}

fn check_required(kind: Kind, record: &Record) -> Result<(), Fail> {
    let names = required(kind);
    if !names.is_empty() && names.iter().all(|name| record.text(name).trim().is_empty()) {
        return Err(Fail::Required(names));
    }
    Ok(())
}
