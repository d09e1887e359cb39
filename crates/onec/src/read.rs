//! Objects of 1C as records.
//!
//! Not responsible for fetching them. Invariant: reading is total; whatever 1C holds becomes a record, and what takes no
//! part says why.

pub(crate) mod legal;
pub(crate) mod points;

use obmen_domain::forms::person_name::PersonName;
use obmen_domain::forms::phone::PhoneContext;
use obmen_domain::key::is_nobody;
use obmen_domain::party::{Organization, Party, Person, UserId};
use obmen_domain::record::{Exclusion, Kind, Record, RecordId, Standing};
use uuid::Uuid;

use crate::facts::{Facts, Table};
use crate::odata::Object;
use crate::profile::Profile;
use crate::wire::{
    DESCRIPTION, FOLDER, MARK, NAMESPACE, PREDEFINED, PREDEFINED_NAME, REF, VERSION, flag, guid, rows, text,
    text_of,
};
use legal::{LegalKind, legal_kind};

/// What reading an object needs besides the object.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) facts: &'a Facts,
    pub(crate) phones: &'a PhoneContext,
}

/// What only other objects tell about an object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Surroundings {
    /// Whether the owner of a contact person is an organization.
    pub(crate) owner_is_organization: bool,
    /// Whether an individual is own staff.
    pub(crate) is_staff: bool,
}

/// The object as a record; `None` where it has no reference.
pub(crate) fn record(
    reading: Reading<'_>,
    table: &Table,
    object: &Object,
    surroundings: Surroundings,
) -> Option<Record> {
    let reference = guid(object, REF)?;
    let party = party(reading, table, object, surroundings);
    let kind = party.kind();
    let standing = standing(reading, table, object, &party, surroundings);
    Some(Record {
        id: RecordId::onec(kind, &reference.to_string()),
        catalog: table.catalog,
        version: text(object, VERSION).to_owned(),
        standing,
        mutual_id: attribute(reading, object, reading.facts.id_attribute).to_owned(),
        party,
        changed_at: None,
        native: String::new(),
    })
}

/// The counterparty that a contact person belongs to.
pub(crate) fn owner(reading: Reading<'_>, table: &Table, object: &Object) -> Option<Uuid> {
    let owner = table.names.owner.as_ref()?;
    let type_name = text(object, &owner.type_attribute);
    let set = type_name.strip_prefix(NAMESPACE).unwrap_or(type_name);
    if set == reading.profile.counterparty.set { guid(object, &owner.attribute) } else { None }
}

fn party(reading: Reading<'_>, table: &Table, object: &Object, surroundings: Surroundings) -> Party {
    let names = &table.names;
    let contact = rows(object, &reading.profile.contact.section);
    let points = points::read(&reading.profile.contact, table, contact, reading.phones);
    let inn = text_of(object, names.inn.as_ref()).trim().to_owned();
    let manager = manager(reading, table, object);
    match legal_kind(names, object) {
        LegalKind::Person => Party::Person(Person {
            name: person_name(table, object),
            inn,
            phones: points.phones,
            emails: points.emails,
            employers: owner(reading, table, object)
                .filter(|_| surroundings.owner_is_organization)
                .map(|owner| RecordId::onec(Kind::Company, &owner.to_string()))
                .into_iter()
                .collect(),
            position: text_of(object, names.position.as_ref()).trim().to_owned(),
            manager,
        }),
        sort => Party::Organization(Organization {
            title: text(object, DESCRIPTION).trim().to_owned(),
            legal_name: text_of(object, names.full_name.as_ref()).trim().to_owned(),
            entrepreneur: sort == LegalKind::Entrepreneur,
            inn,
            kpp: text_of(object, names.kpp.as_ref()).trim().to_owned(),
            ogrn: text_of(object, names.ogrn.as_ref()).trim().to_owned(),
            phones: points.phones,
            emails: points.emails,
            manager,
        }),
    }
}

/// The attributes for family name and first name when both are filled, else the description.
fn person_name(table: &Table, object: &Object) -> PersonName {
    let names = &table.names;
    let part = |name: &Option<String>| text_of(object, name.as_ref()).trim();
    let parts = PersonName::from_parts(part(&names.family), part(&names.first), part(&names.patronymic));
    if !parts.last.is_empty() && !parts.first.is_empty() {
        return parts;
    }
    let description = text(object, DESCRIPTION).trim();
    let whole =
        if description.is_empty() { text_of(object, names.full_name.as_ref()).trim() } else { description };
    if whole.is_empty() { parts } else { PersonName::from_whole(whole) }
}

fn manager(reading: Reading<'_>, table: &Table, object: &Object) -> Option<UserId> {
    let property = reading.facts.manager_attribute.filter(|_| reading.facts.holds_manager(table))?;
    let names = &reading.profile.attributes;
    let row = rows(object, &names.section).find(|row| guid(row, &names.property) == Some(property))?;
    let type_name = text(row, &names.value_type);
    let is_user = type_name.strip_prefix(NAMESPACE).unwrap_or(type_name) == reading.profile.users.set;
    guid(row, &names.value).filter(|_| is_user).map(|user| UserId(user.to_string()))
}

/// The text of an additional attribute.
fn attribute<'a>(reading: Reading<'a>, object: &'a Object, property: Option<Uuid>) -> &'a str {
    let names = &reading.profile.attributes;
    let row = property.and_then(|property| {
        rows(object, &names.section).find(|row| guid(row, &names.property) == Some(property))
    });
    row.map_or("", |row| text(row, &names.value).trim())
}

fn standing(
    reading: Reading<'_>,
    table: &Table,
    object: &Object,
    party: &Party,
    surroundings: Surroundings,
) -> Standing {
    if flag(object, FOLDER) {
        return Standing::Out(Exclusion::Folder);
    }
    if flag(object, PREDEFINED) || !text(object, PREDEFINED_NAME).is_empty() {
        return Standing::Out(Exclusion::Predefined);
    }
    let stray = table.names.owner.is_some() && owner(reading, table, object).is_none();
    if stray || surroundings.is_staff {
        return Standing::Out(Exclusion::NotOfCounterparty);
    }
    if is_nobody(party) {
        return Standing::Out(Exclusion::Empty);
    }
    if flag(object, MARK) { Standing::Marked } else { Standing::TakesPart }
}
