//! Objects of 1C as records.
//!
//! Not responsible for fetching them. Invariant: reading is total; whatever 1C holds becomes a record, and what takes no
//! part says why.

pub(crate) mod address;
mod attributes;
pub(crate) mod legal;
pub(crate) mod points;
pub(crate) mod whole;

use std::collections::BTreeSet;

use obmen_domain::forms::person_name::PersonName;
use obmen_domain::forms::phone::PhoneContext;
use obmen_domain::key::is_nobody;
use obmen_domain::party::{Field, Organization, Party, Person, UserId};
use obmen_domain::record::{Exclusion, Kind, Record, RecordId, Standing};
use uuid::Uuid;

use crate::configured;
use crate::facts::{Facts, Table};
use crate::odata::Object;
use crate::profile::{OwnerOf, Profile};
use crate::wire::{
    DESCRIPTION, FOLDER, MARK, MUTUAL_ID, NAMESPACE, PREDEFINED, PREDEFINED_NAME, REF, flag, guid, rows,
    text, text_of, typed,
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Surroundings {
    /// The organizations that a contact person belongs to, the main one first.
    pub(crate) employers: Vec<Uuid>,
    /// Whether an individual is own staff.
    pub(crate) is_staff: bool,
}

/// A completed object (see [`whole`]) as a record; `None` where it has no reference.
pub(crate) fn record(
    reading: Reading<'_>,
    table: &Table,
    object: &Object,
    surroundings: &Surroundings,
) -> Option<Record> {
    let reference = guid(object, REF)?;
    let party = party(reading, table, object, surroundings);
    let kind = party.kind();
    let standing = standing(reading, table, object, &party, surroundings);
    Some(Record {
        id: RecordId::onec(kind, &reference.to_string()),
        catalog: table.catalog,
        version: whole::version(object),
        standing,
        mutual_id: mutual_id(reading, table, object).to_owned(),
        party,
        changed_at: None,
        native: String::new(),
        lacks: lacks(reading, table, object),
        attributes: attributes::read(reading, table, object),
        brought: BTreeSet::new(),
    })
}

/// The counterparties that a contact person belongs to, organizations or not.
pub(crate) fn owners(reading: Reading<'_>, table: &Table, object: &Object) -> Vec<Uuid> {
    if let Some(links) = &table.names.links {
        return whole::links(links, object).filter_map(|link| guid(link, &links.company)).collect();
    }
    match &table.names.owner {
        Some(owner) if owner.of == OwnerOf::Partner => whole::clients(object),
        Some(_) => owner_of(reading, table, object).into_iter().collect(),
        None => Vec::new(),
    }
}

/// What the owner's reference of a contact person names: a counterparty or a partner.
pub(crate) fn owner_of(reading: Reading<'_>, table: &Table, object: &Object) -> Option<Uuid> {
    let owner = table.names.owner.as_ref()?;
    if let Some(type_attribute) = &owner.type_attribute {
        let type_name = text(object, type_attribute);
        let set = type_name.strip_prefix(NAMESPACE).unwrap_or(type_name);
        if set != reading.profile.counterparty.set {
            return None;
        }
    }
    guid(object, &owner.attribute)
}

/// The partner's object with its table, where it is a part of this one.
pub(crate) fn part<'a>(
    reading: Reading<'a>,
    table: &Table,
    object: &'a Object,
) -> Option<(&'a Table, &'a Object)> {
    Some((reading.facts.part_of(table)?, whole::part(object)?))
}

/// Phones and mailboxes of one object alone.
pub(crate) fn points_of(reading: Reading<'_>, table: &Table, object: &Object) -> points::Points {
    let contact = &reading.profile.contact;
    let rows: Vec<&Object> = rows(object, &contact.section).collect();
    points::read(contact, table, &rows, reading.phones)
}

fn address_of(reading: Reading<'_>, table: &Table, object: &Object) -> String {
    let Some(kind) = table.address else { return String::new() };
    let contact = &reading.profile.contact;
    let rows: Vec<&Object> = rows(object, &contact.section).collect();
    address::read(contact, table, kind, &rows)
}

fn party(reading: Reading<'_>, table: &Table, object: &Object, surroundings: &Surroundings) -> Party {
    let names = &table.names;
    let mut points = points_of(reading, table, object);
    if let Some((table, part)) = part(reading, table, object) {
        points.join(points_of(reading, table, part));
    }
    let inn = typed(text_of(object, names.inn.as_ref()));
    let manager = manager(reading, table, object);
    let employer = |reference: &Uuid| RecordId::onec(Kind::Company, &reference.to_string());
    let objects = std::iter::once((table, object)).chain(part(reading, table, object));
    let configured = configured::read(reading.profile, kind(table, object), objects);
    match legal_kind(names, object) {
        LegalKind::Person => Party::Person(Person {
            name: person_name(table, object),
            inn,
            phones: points.phones,
            emails: points.emails,
            employers: surroundings.employers.iter().map(employer).collect(),
            position: typed(position(table, object)),
            manager,
            configured,
        }),
        sort => Party::Organization(Organization {
            title: typed(text(object, DESCRIPTION)),
            legal_name: typed(text_of(object, names.full_name.as_ref())),
            entrepreneur: sort == LegalKind::Entrepreneur,
            is_branch: names
                .head
                .as_ref()
                .and_then(|head| guid(object, head))
                .is_some_and(|head| Some(head) != guid(object, REF)),
            inn,
            kpp: typed(text_of(object, names.kpp.as_ref())),
            ogrn: typed(text_of(object, names.ogrn.as_ref())),
            address: address_of(reading, table, object),
            phones: points.phones,
            emails: points.emails,
            manager,
            configured,
            beside: whole::beside(object).map(Box::new),
        }),
    }
}

/// The kind of record that an object is.
pub(crate) fn kind(table: &Table, object: &Object) -> Kind {
    match legal_kind(&table.names, object) {
        LegalKind::Person => Kind::Contact,
        LegalKind::Organization | LegalKind::Entrepreneur => Kind::Company,
    }
}

/// The position as the object says it, else as its first link does.
fn position<'a>(table: &Table, object: &'a Object) -> &'a str {
    let names = &table.names;
    match &names.links {
        Some(links) => {
            whole::links(links, object).next().map_or("", |link| text_of(link, links.position.as_ref()))
        }
        None => text_of(object, names.position.as_ref()),
    }
}

/// What the catalog can hold and this object cannot, since it stands elsewhere and is not there.
fn lacks(reading: Reading<'_>, table: &Table, object: &Object) -> BTreeSet<Field> {
    let has_no_part = reading.facts.part_of(table).is_some_and(|part| part.names.manager.is_some())
        && whole::part(object).is_none();
    let has_no_link =
        table.names.links.as_ref().is_some_and(|links| whole::links(links, object).next().is_none());
    let lacks = [(Field::Manager, has_no_part), (Field::Position, has_no_link)];
    lacks.into_iter().filter(|(_, lacks)| *lacks).map(|(field, _)| field).collect()
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
    if let Some(name) = &table.names.manager {
        return guid(object, name).map(|user| UserId(user.to_string()));
    }
    if let Some((part_table, part)) = part(reading, table, object)
        && let Some(name) = &part_table.names.manager
    {
        return guid(part, name).map(|user| UserId(user.to_string()));
    }
    let property = reading.facts.manager_attribute.filter(|_| reading.facts.holds_manager(table))?;
    let names = &reading.profile.attributes;
    let row = rows(object, &names.section).find(|row| guid(row, &names.property) == Some(property))?;
    let type_name = text(row, &names.value_type);
    let is_user = type_name.strip_prefix(NAMESPACE).unwrap_or(type_name) == reading.profile.users.set;
    guid(row, &names.value).filter(|_| is_user).map(|user| UserId(user.to_string()))
}

/// The other side's id, where the table's objects keep it.
pub(crate) fn mutual_id<'a>(reading: Reading<'a>, table: &Table, object: &'a Object) -> &'a str {
    match table.keeps_links {
        true => text(object, MUTUAL_ID),
        false => attribute(reading, object, reading.facts.id_attribute),
    }
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
    surroundings: &Surroundings,
) -> Standing {
    if flag(object, FOLDER) {
        return Standing::Out(Exclusion::Folder);
    }
    if flag(object, PREDEFINED) || !text(object, PREDEFINED_NAME).is_empty() {
        return Standing::Out(Exclusion::Predefined);
    }
    let own = |reference: Option<Uuid>| reference.is_some() && reference == reading.facts.own;
    if table.names.part.as_ref().is_some_and(|part| own(guid(object, &part.reference))) {
        return Standing::Out(Exclusion::OwnCompany);
    }
    let owner = owner_of(reading, table, object);
    let stray = table.names.owner.is_some() && (owner.is_none() || own(owner));
    if stray || surroundings.is_staff {
        return Standing::Out(Exclusion::NotOfCounterparty);
    }
    if table.names.inactive.as_ref().is_some_and(|name| flag(object, name)) {
        return Standing::Out(Exclusion::Inactive);
    }
    if is_nobody(party) {
        return Standing::Out(Exclusion::Empty);
    }
    if flag(object, MARK) { Standing::Marked } else { Standing::TakesPart }
}
