//! The CRM's records and the rules of changing them, whichever API or person does it.
//!
//! Takes field names of the classic API; the universal one translates first. Not responsible for wire shapes,
//! rights or limits. Invariant: links are kept on contacts, with exactly one primary among several.

use std::collections::BTreeMap;

use jiff::tz::Offset;

use super::dates::parse_instant;
use super::events::{Change, What};
use super::multifield::{self, RowEdit};
use super::php::Php;
use super::schema::{Access, Column, Kind, Schema};
use super::table::{Link, Record, Table};
use super::values::to_stored;

/// Everything the portal holds.
#[derive(Debug)]
pub(crate) struct Crm {
    pub(crate) contacts: Table,
    pub(crate) companies: Table,
    pub(crate) requisites: Table,
    pub(crate) contact_schema: Schema,
    pub(crate) company_schema: Schema,
    pub(crate) requisite_schema: Schema,
    pub(crate) users: BTreeMap<u64, Php>,
    pub(crate) last_row: u64,
    pub(crate) last_userfield: u64,
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
    /// An import with a creation date before that of the newest record, or a change date in the future.
    BadDate,
}

impl Crm {
    pub(crate) fn new() -> Self {
        Self {
            contacts: Table::default(),
            companies: Table::default(),
            requisites: Table::default(),
            contact_schema: Schema::new(Kind::Contact),
            company_schema: Schema::new(Kind::Company),
            requisite_schema: Schema::new(Kind::Requisite),
            users: BTreeMap::new(),
            last_row: 0,
            last_userfield: 0,
            untold: Vec::new(),
        }
    }

    pub(crate) fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::Contact => &self.contacts,
            Kind::Company => &self.companies,
            Kind::Requisite => &self.requisites,
        }
    }

    pub(crate) fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::Contact => &mut self.contacts,
            Kind::Company => &mut self.companies,
            Kind::Requisite => &mut self.requisites,
        }
    }

    pub(crate) fn schema(&self, kind: Kind) -> &Schema {
        match kind {
            Kind::Contact => &self.contact_schema,
            Kind::Company => &self.company_schema,
            Kind::Requisite => &self.requisite_schema,
        }
    }

    pub(crate) fn schema_mut(&mut self, kind: Kind) -> &mut Schema {
        match kind {
            Kind::Contact => &mut self.contact_schema,
            Kind::Company => &mut self.company_schema,
            Kind::Requisite => &mut self.requisite_schema,
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
            if kind != Kind::Requisite || name != "ASSIGNED_BY_ID" {
                record.set_text(name, author.user.to_string());
            }
        }
        let defaults: &[(&'static str, &'static str)] = match kind {
            Kind::Contact => &[("OPENED", "Y"), ("EXPORT", "Y"), ("TYPE_ID", "CLIENT")],
            Kind::Company => &[("OPENED", "Y"), ("COMPANY_TYPE", "CUSTOMER")],
            Kind::Requisite => &[("ACTIVE", "Y"), ("SORT", "500")],
        };
        for (name, value) in defaults {
            record.set_text(*name, *value);
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
        let id = self.table_mut(kind).next_id();
        self.table_mut(kind).put(id, record);
        self.untold.push(Change { kind, what: What::Add, id });
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
        record.set_text("MODIFY_BY_ID", author.user.to_string());
        self.table_mut(kind).put(id, record);
        self.untold.push(Change { kind, what: What::Update, id });
        if let Some(contacts) = contacts {
            self.link_contacts(id, &contacts);
        }
        Ok(())
    }

    /// Deletes a record with its requisites and links.
    pub(crate) fn delete(&mut self, kind: Kind, id: u64) -> Result<(), Fail> {
        self.table_mut(kind).remove(id).ok_or(Fail::NotFound)?;
        self.untold.push(Change { kind, what: What::Delete, id });
        let owner_type = match kind {
            Kind::Contact => "3",
            Kind::Company => "4",
            Kind::Requisite => return Ok(()),
        };
        if kind == Kind::Company {
            self.link_contacts(id, &[]);
        }
        let owned = self.requisites.with_value("ENTITY_ID", &[id.to_string()]).unwrap_or_default();
        for requisite in owned {
            if self.requisites.get(requisite).is_some_and(|r| r.text("ENTITY_TYPE_ID") == owner_type) {
                self.requisites.remove(requisite);
                self.untold.push(Change { kind: Kind::Requisite, what: What::Delete, id: requisite });
            }
        }
        Ok(())
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
            // A name the portal does not know is ignored without a word.
            let Some(column) = self.schema(kind).column(name) else {
                continue;
            };
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
                Column::Stored { name, ty, multiple, access } if may_write(access, author.mode, creating) => {
                    match to_stored(ty, multiple, value, author.offset) {
                        Ok(Some(stored)) => {
                            record.fields.insert(name, stored);
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
        Kind::Requisite => &["NAME"],
    }
}

fn check_required(kind: Kind, record: &Record) -> Result<(), Fail> {
    let names = required(kind);
    if names.iter().all(|name| record.text(name).trim().is_empty()) {
        return Err(Fail::Required(names));
    }
    Ok(())
}
