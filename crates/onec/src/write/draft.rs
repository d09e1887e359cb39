//! What a write says of one object, property by property.
//!
//! Invariant: a draft names only what the schema has, and its texts are no longer than their attributes.

use obmen_domain::configured::FieldName;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::party::{Field, Party, UserId, Value};
use obmen_domain::record::{Kind, RecordId};
use serde_json::Value as Json;
use uuid::Uuid;

use super::attributes::{AttributeValue, with_attribute};
use super::body::employer;
use super::contact::{with_address, with_emails, with_phones};
use crate::configured::{At, Attribute};
use crate::facts::{ContactKind, Table};
use crate::odata::Object;
use crate::profile::OwnerOf;
use crate::read::points::Points;
use crate::read::{self, Reading};
use crate::wire::{DESCRIPTION, MUTUAL_ID, NAMESPACE, PARENT, REF, cut, put, rows, section, text, text_of};

/// What is about to be said of one object.
pub(super) struct Draft<'a> {
    reading: Reading<'a>,
    pub(super) table: &'a Table,
    kind: Kind,
    current: Object,
    /// Rows of the contact section, and whether they were touched.
    contact: (Vec<Object>, bool),
    attributes: (Vec<Object>, bool),
    pub(super) body: Object,
}

impl<'a> Draft<'a> {
    pub(super) fn new(reading: Reading<'a>, table: &'a Table, kind: Kind, current: &Object) -> Self {
        let of = |section: &str| (rows(current, section).cloned().collect(), false);
        Self {
            current: current.clone(),
            contact: of(&reading.profile.contact.section),
            attributes: of(&reading.profile.attributes.section),
            reading,
            table,
            kind,
            body: Object::new(),
        }
    }

    pub(super) fn finish(mut self) -> Object {
        let names = self.reading.profile;
        let both = [(&names.contact.section, self.contact), (&names.attributes.section, self.attributes)];
        for (name, (rows, is_touched)) in both {
            if is_touched {
                self.body.insert(name.clone(), section(rows));
            }
        }
        self.body
    }

    /// What differs from the object as it stands.
    pub(super) fn difference(self, current: &Object) -> Object {
        let profile = self.reading.profile;
        let sections = [&profile.contact.section, &profile.attributes.section];
        let mut body = self.finish();
        body.retain(|name, value| {
            let is_section = sections.contains(&name);
            let held = || section(rows(current, name).cloned().collect());
            if is_section { held() != *value } else { current.get(name) != Some(value) }
        });
        body
    }

    /// All that a new object says of its party.
    pub(super) fn fill(
        &mut self,
        source: &RecordId,
        reference: Option<Uuid>,
        party: &Party,
        phones_here: bool,
        emails_here: bool,
    ) {
        if let Some(reference) = reference {
            put(&mut self.body, REF, reference.to_string());
        }
        self.legal_sort(party);
        for field in party.fields() {
            let stands_here = match field {
                Field::Phone => phones_here,
                Field::Email => emails_here,
                _ => true,
            };
            if let Some(value) = party.value(field).filter(|value| stands_here && !value.is_empty()) {
                self.set(field, &value);
            }
        }
        self.set_mutual_id(&source.mutual());
        let facts = self.reading.facts;
        let names = &self.table.names;
        for role in &facts.roles {
            if let Some(flag) = names.roles.get(role.trim()) {
                self.body.insert(flag.clone(), Json::Bool(true));
            }
        }
        if let (Some(name), Some(group)) = (&names.access_group, facts.access_group) {
            put(&mut self.body, name, group.to_string());
        }
        if let (Some(name), Some(author)) = (&names.author, facts.author) {
            put(&mut self.body, name, author.to_string());
            let users = &self.reading.profile.users.set;
            put(&mut self.body, &format!("{name}_Type"), format!("{NAMESPACE}{users}"));
        }
    }

    /// Without a full name the form of a partner cannot be saved: one that has none is called by its short one.
    pub(super) fn call_in_full(&mut self) {
        let Some(full) = &self.table.names.full_name else { return };
        if text(&self.body, full).is_empty() {
            let name = text(&self.body, DESCRIPTION).to_owned();
            put(&mut self.body, full, cut(&name, self.table.length(Field::LegalName)));
        }
    }

    pub(super) fn set_folder(&mut self) {
        if let Some(folder) = self.reading.facts.folder.filter(|_| self.table.has_parents) {
            put(&mut self.body, PARENT, folder.to_string());
        }
    }

    /// The phones and mailboxes that the object holds.
    pub(super) fn points(&self) -> Points {
        read::points_of(self.reading, self.table, &self.current)
    }

    /// A name as the object shows it.
    pub(super) fn shown(&self, field: Field) -> &str {
        match field {
            Field::LegalName => text_of(&self.current, self.table.names.full_name.as_ref()).trim(),
            _ => text(&self.current, DESCRIPTION).trim(),
        }
    }

    pub(super) fn set(&mut self, field: Field, value: &Value) {
        match (field, value) {
            (Field::Name, Value::Name(name)) => self.set_person_name(name),
            (Field::Name, Value::Text(title)) => {
                put(&mut self.body, DESCRIPTION, cut(title, self.table.length(Field::Name)));
            }
            (Field::Phone, Value::Phones(phones)) if !self.table.phones.is_empty() => {
                let rows = std::mem::take(&mut self.contact.0);
                self.contact = (with_phones(self.reading, self.table, rows, phones), true);
            }
            (Field::Email, Value::Emails(emails)) if !self.table.emails.is_empty() => {
                let rows = std::mem::take(&mut self.contact.0);
                self.contact = (with_emails(self.reading, self.table, rows, emails), true);
            }
            (Field::Address, Value::Text(text)) => {
                if let Some(kind) = self.table.address {
                    self.set_address(kind, text);
                }
            }
            (Field::Company, Value::Employers(employers)) => self.set_owner(employers),
            (Field::Manager, Value::Manager(manager)) => self.set_manager(manager.as_ref()),
            (Field::MutualId, Value::Text(id)) => self.set_mutual_id(id),
            (Field::Configured(name), Value::Text(text)) => self.set_configured(name, text),
            (_, Value::Text(text)) => self.set_text(field, text),
            _ => {}
        }
    }

    fn set_address(&mut self, kind: ContactKind, text: &str) {
        let rows = std::mem::take(&mut self.contact.0);
        self.contact = (with_address(self.reading, self.table, kind, rows, text), true);
    }

    fn set_text(&mut self, field: Field, text: &str) {
        let names = &self.table.names;
        let name = match field {
            Field::LegalName => &names.full_name,
            Field::Inn => &names.inn,
            Field::Kpp => &names.kpp,
            Field::Ogrn => &names.ogrn,
            Field::Position => &names.position,
            _ => return,
        };
        if let Some(name) = name {
            put(&mut self.body, name, cut(text, self.table.length(field)));
        }
    }

    /// Whether the object has this configured field.
    pub(super) fn has(&self, name: FieldName) -> bool {
        self.configured(name).is_some()
    }

    fn configured(&self, name: FieldName) -> Option<&'a Attribute> {
        self.table.configured.iter().find(|attribute| (attribute.kind, attribute.name) == (self.kind, name))
    }

    fn set_configured(&mut self, name: FieldName, text: &str) {
        let Some(attribute) = self.configured(name) else { return };
        let text = cut(text, attribute.length);
        match &attribute.at {
            At::Property(property) => {
                self.body.insert(property.clone(), attribute.written(&text));
            }
            At::Additional(property) => {
                let (value, type_name) = (attribute.written(&text), attribute.type_name());
                let value = (!text.is_empty()).then_some(AttributeValue { value, type_name });
                self.set_attribute(*property, value);
            }
            At::Address(kind) => self.set_address(*kind, &text),
        }
    }

    /// The name as one line everywhere; its parts where the catalog has them and the name could be split.
    fn set_person_name(&mut self, name: &PersonName) {
        let names = &self.table.names;
        let whole = name.whole();
        put(&mut self.body, DESCRIPTION, cut(&whole, self.table.length(Field::Name)));
        for (full, length) in
            [(&names.full_name, self.table.length(Field::LegalName)), (&names.whole_name, None)]
        {
            if let Some(full) = full {
                put(&mut self.body, full, cut(&whole, length));
            }
        }
        let is_split = !name.first.is_empty() || !name.last.contains(' ');
        for (part, text) in
            [(&names.family, &name.last), (&names.first, &name.first), (&names.patronymic, &name.middle)]
        {
            if let Some(part) = part {
                let text = if is_split { cut(text, names.part_length) } else { String::new() };
                put(&mut self.body, part, text);
            }
        }
    }

    fn legal_sort(&mut self, party: &Party) {
        let Some(legal) = &self.table.names.legal else { return };
        let is_entrepreneur = matches!(party, Party::Organization(organization) if organization.entrepreneur);
        let sort = match party {
            Party::Organization(organization) if organization.entrepreneur => Some(&legal.entrepreneur),
            Party::Organization(_) => legal.organizations.first(),
            Party::Person(_) => Some(&legal.person),
        };
        if let Some(sort) = sort {
            put(&mut self.body, &legal.attribute, sort.as_str());
        }
        if let Some(name) = &legal.flag {
            self.body.insert(name.clone(), Json::Bool(is_entrepreneur));
        }
    }

    /// The reference of a company that contact persons belong to themselves; a partner is put in by who knows it.
    fn set_owner(&mut self, employers: &[RecordId]) {
        let (Some(owner), Some(employer)) = (&self.table.names.owner, employer(employers)) else { return };
        if owner.of == OwnerOf::Partner {
            return;
        }
        put(&mut self.body, &owner.attribute, employer.id.as_str());
        if let Some(name) = &owner.type_attribute {
            put(&mut self.body, name, format!("{NAMESPACE}{}", self.reading.profile.counterparty.set));
        }
        if let Some(sort) = &owner.sort {
            put(&mut self.body, sort, owner.sort_value.as_str());
        }
    }

    fn set_manager(&mut self, manager: Option<&UserId>) {
        if let Some(name) = &self.table.names.manager {
            let nobody = Uuid::nil().to_string();
            put(&mut self.body, name, manager.map_or(nobody, |user| user.0.clone()));
            return;
        }
        let facts = self.reading.facts;
        let Some(property) = facts.manager_attribute.filter(|_| facts.holds_manager(self.table)) else {
            return;
        };
        let type_name = format!("{NAMESPACE}{}", self.reading.profile.users.set);
        self.set_attribute(
            property,
            manager.map(|user| AttributeValue { value: Json::String(user.0.clone()), type_name }),
        );
    }

    pub(super) fn set_mutual_id(&mut self, id: &str) {
        if self.table.keeps_links {
            put(&mut self.body, MUTUAL_ID, id);
        }
        let Some(property) = self.reading.facts.id_attribute.filter(|_| self.table.has_attributes) else {
            return;
        };
        let value = AttributeValue { value: Json::String(id.to_owned()), type_name: "Edm.String".to_owned() };
        self.set_attribute(property, (!id.is_empty()).then_some(value));
    }

    fn set_attribute(&mut self, property: Uuid, value: Option<AttributeValue>) {
        let rows = std::mem::take(&mut self.attributes.0);
        self.attributes = (with_attribute(&self.reading.profile.attributes, rows, property, value), true);
    }
}
