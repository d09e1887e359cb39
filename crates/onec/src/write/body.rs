//! Bodies of writes: a party, or changes of a record, as properties of an object.
//!
//! Not responsible for sending them. Invariant: a body holds only what shall change, names only what the schema has, and
//! its texts are no longer than their attributes.

use obmen_domain::forms::person_name::PersonName;
use obmen_domain::party::{Field, Party, UserId, Value};
use obmen_domain::plan::FieldChange;
use obmen_domain::record::{RecordId, Side};
use serde_json::Value as Json;
use uuid::Uuid;

use super::attributes::{AttributeValue, with_attribute};
use super::contact::{with_emails, with_phones};
use crate::facts::Table;
use crate::odata::Object;
use crate::read::Reading;
use crate::wire::{DESCRIPTION, NAMESPACE, PARENT, REF, cut, put, rows, section};

/// What a create of this party says; the error is the field without which there can be no object.
pub(super) fn new_object(
    reading: Reading<'_>,
    table: &Table,
    source: &RecordId,
    reference: Option<Uuid>,
    party: &Party,
) -> Result<Object, Field> {
    if table.names.owner.is_some() && employer(party.employers()).is_none() {
        return Err(Field::Company);
    }
    let mut draft = Draft::new(reading, table, &Object::new());
    if let Some(reference) = reference {
        put(&mut draft.body, REF, reference.to_string());
    }
    draft.legal_sort(party);
    for field in Field::merged(party.kind()) {
        if let Some(value) = party.value(*field).filter(|value| !value.is_empty()) {
            draft.set(*field, &value);
        }
    }
    draft.set_mutual_id(&source.mutual());
    let names = &table.names;
    if names.legal.is_some() {
        let places =
            [(names.country.as_deref(), reading.facts.country), (Some(PARENT), reading.facts.folder)];
        for (name, reference) in places {
            if let (Some(name), Some(reference)) = (name, reference) {
                put(&mut draft.body, name, reference.to_string());
            }
        }
    }
    Ok(draft.finish())
}

/// What an update says; empty where the object already is as wanted.
pub(super) fn changed_object(
    reading: Reading<'_>,
    table: &Table,
    current: &Object,
    changes: &[FieldChange],
    mutual_id: Option<&str>,
) -> Object {
    let mut draft = Draft::new(reading, table, current);
    for change in changes {
        draft.set(change.field, &change.after);
    }
    if let Some(mutual_id) = mutual_id {
        draft.set_mutual_id(mutual_id);
    }
    let mut body = draft.finish();
    let sections = [&reading.profile.contact.section, &reading.profile.attributes.section];
    body.retain(|name, value| {
        let is_section = sections.contains(&name);
        let held = || section(rows(current, name).cloned().collect());
        if is_section { held() != *value } else { current.get(name) != Some(value) }
    });
    body
}

struct Draft<'a> {
    reading: Reading<'a>,
    table: &'a Table,
    /// Rows of the contact section, and whether they were touched.
    contact: (Vec<Object>, bool),
    attributes: (Vec<Object>, bool),
    body: Object,
}

impl<'a> Draft<'a> {
    fn new(reading: Reading<'a>, table: &'a Table, current: &Object) -> Self {
        let of = |section: &str| (rows(current, section).cloned().collect(), false);
        Self {
            contact: of(&reading.profile.contact.section),
            attributes: of(&reading.profile.attributes.section),
            reading,
            table,
            body: Object::new(),
        }
    }

    fn finish(mut self) -> Object {
        let names = self.reading.profile;
        let both = [(&names.contact.section, self.contact), (&names.attributes.section, self.attributes)];
        for (name, (rows, is_touched)) in both {
            if is_touched {
                self.body.insert(name.clone(), section(rows));
            }
        }
        self.body
    }

    fn set(&mut self, field: Field, value: &Value) {
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
            (Field::Company, Value::Employers(employers)) => self.set_owner(employers),
            (Field::Manager, Value::Manager(manager)) => self.set_manager(manager.as_ref()),
            (Field::MutualId, Value::Text(id)) => self.set_mutual_id(id),
            (_, Value::Text(text)) => self.set_text(field, text),
            _ => {}
        }
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
        let is_person = is_entrepreneur || matches!(party, Party::Person(_));
        let sort = if is_person { &legal.person } else { &legal.organization };
        put(&mut self.body, &legal.attribute, sort.as_str());
        if let Some(name) = &legal.entrepreneur {
            self.body.insert(name.clone(), Json::Bool(is_entrepreneur));
        }
    }

    fn set_owner(&mut self, employers: &[RecordId]) {
        let (Some(owner), Some(employer)) = (&self.table.names.owner, employer(employers)) else { return };
        put(&mut self.body, &owner.attribute, employer.id.as_str());
        put(
            &mut self.body,
            &owner.type_attribute,
            format!("{NAMESPACE}{}", self.reading.profile.counterparty.set),
        );
        if let Some(sort) = &owner.sort {
            put(&mut self.body, sort, owner.sort_value.as_str());
        }
    }

    fn set_manager(&mut self, manager: Option<&UserId>) {
        let facts = self.reading.facts;
        let Some(property) = facts.manager_attribute.filter(|_| facts.holds_manager(self.table)) else {
            return;
        };
        let type_name = format!("{NAMESPACE}{}", self.reading.profile.users.set);
        self.set_attribute(property, manager.map(|user| AttributeValue { value: user.0.clone(), type_name }));
    }

    fn set_mutual_id(&mut self, id: &str) {
        let Some(property) = self.reading.facts.id_attribute.filter(|_| self.table.has_attributes) else {
            return;
        };
        let value = AttributeValue { value: id.to_owned(), type_name: "Edm.String".to_owned() };
        self.set_attribute(property, Some(value).filter(|value| !value.value.is_empty()));
    }

    fn set_attribute(&mut self, property: Uuid, value: Option<AttributeValue>) {
        let rows = std::mem::take(&mut self.attributes.0);
        self.attributes = (with_attribute(&self.reading.profile.attributes, rows, property, value), true);
    }
}

fn employer(employers: &[RecordId]) -> Option<&RecordId> {
    employers.iter().find(|employer| employer.side == Side::Onec)
}
