//! Bodies of writes: a party, or changes of a record, as properties of an object.
//!
//! Not responsible for sending them. Invariant: a body holds only what shall change, names only what the schema has, and
//! its texts are no longer than their attributes.

use obmen_domain::party::{Field, Party, Value};
use obmen_domain::plan::FieldChange;
use obmen_domain::record::{RecordId, Side};
use uuid::Uuid;

use super::draft::Draft;
use super::share::{is_home, share};
use crate::facts::Table;
use crate::odata::Object;
use crate::read::{self, Reading, whole};
use crate::wire::{guid, put, text_of};

/// What a new object is joined with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Joined {
    /// The reference it is to have.
    pub(super) reference: Option<Uuid>,
    /// The partner of a counterparty.
    pub(super) part: Option<Uuid>,
    /// The partner that a contact person belongs to.
    pub(super) owner: Option<Uuid>,
}

/// What a create of this party says; the error is the field without which there can be no object.
pub(super) fn new_object(
    reading: Reading<'_>,
    table: &Table,
    source: &RecordId,
    joined: Joined,
    party: &Party,
) -> Result<Object, Field> {
    if table.names.owner.is_some() && employer(party.employers()).is_none() {
        return Err(Field::Company);
    }
    let mut draft = Draft::new(reading, table, party.kind(), &Object::new());
    let (phones_here, emails_here) = match reading.facts.part_of(table) {
        Some(part) => (!is_home(&table.phones, &part.phones), !is_home(&table.emails, &part.emails)),
        None => (true, true),
    };
    draft.fill(source, joined.reference, party, phones_here, emails_here);
    if let (Some(part), Some(reference)) = (&table.names.part, joined.part) {
        put(&mut draft.body, &part.reference, reference.to_string());
    }
    if let (Some(owner), Some(reference)) = (&table.names.owner, joined.owner) {
        put(&mut draft.body, &owner.attribute, reference.to_string());
    }
    if let (Some(country), Some(reference)) = (&table.names.country, reading.facts.country) {
        put(&mut draft.body, country, reference.to_string());
    }
    // Folders of the profile are those of counterparties.
    if table.has_folders && table.names.legal.is_some() {
        draft.set_folder();
    }
    Ok(draft.finish())
}

/// What a create of a party's partner says.
pub(super) fn new_part(
    reading: Reading<'_>,
    table: &Table,
    part: &Table,
    source: &RecordId,
    reference: Option<Uuid>,
    party: &Party,
) -> Object {
    let mut draft = Draft::new(reading, part, party.kind(), &Object::new());
    let phones_here = is_home(&table.phones, &part.phones);
    let emails_here = is_home(&table.emails, &part.emails);
    draft.fill(source, reference, party, phones_here, emails_here);
    draft.call_in_full();
    if !table.has_folders {
        draft.set_folder();
    }
    draft.finish()
}

/// What an update says to each of the objects that a record is made of; empty where all is as wanted.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) root: Object,
    pub(super) part: Object,
    /// Companies that a contact person is to be joined with.
    pub(super) joins: Vec<Uuid>,
    /// The position in its first link.
    pub(super) position: Option<String>,
}

impl Changed {
    pub(super) fn is_empty(&self) -> bool {
        self.root.is_empty() && self.part.is_empty() && self.joins.is_empty() && self.position.is_none()
    }
}

/// What an update says. A partner's value goes along where it was the counterparty's own.
pub(super) fn changed_object(
    reading: Reading<'_>,
    table: &Table,
    current: &Object,
    changes: &[FieldChange],
    mutual_id: Option<&str>,
) -> Changed {
    let mut changed = Changed::default();
    let kind = read::kind(table, current);
    let mut root = Draft::new(reading, table, kind, current);
    let part = read::part(reading, table, current);
    let mut part = part.map(|(table, part)| Draft::new(reading, table, kind, part));
    for change in changes {
        match (change.field, &change.after, &mut part) {
            (Field::Phone, Value::Phones(wanted), Some(part)) => {
                let held = [root.points().phones, part.points().phones];
                let (here, there) = share(wanted, &held, is_home(&table.phones, &part.table.phones));
                root.set(Field::Phone, &Value::Phones(here));
                part.set(Field::Phone, &Value::Phones(there));
            }
            (Field::Email, Value::Emails(wanted), Some(part)) => {
                let held = [root.points().emails, part.points().emails];
                let (here, there) = share(wanted, &held, is_home(&table.emails, &part.table.emails));
                root.set(Field::Email, &Value::Emails(here));
                part.set(Field::Email, &Value::Emails(there));
            }
            (Field::Name | Field::LegalName, value, Some(part)) => {
                if root.shown(change.field) == part.shown(change.field) {
                    part.set(change.field, value);
                }
                root.set(change.field, value);
            }
            (Field::Manager, value, Some(part)) => part.set(Field::Manager, value),
            (Field::Configured(name), value, Some(part)) if !root.has(name) => part.set(change.field, value),
            (Field::Company, Value::Employers(employers), _) if table.names.links.is_some() => {
                changed.joins = unjoined(table, current, employers);
            }
            (Field::Position, Value::Text(position), _) if table.names.links.is_some() => {
                changed.position =
                    Some(position.clone()).filter(|position| *position != link_position(table, current));
            }
            (field, value, _) => root.set(field, value),
        }
    }
    if let Some(mutual_id) = mutual_id {
        root.set_mutual_id(mutual_id);
    }
    changed.root = root.difference(current);
    if let (Some(part), Some(held)) = (part, whole::part(current)) {
        changed.part = part.difference(held);
    }
    changed
}

/// Companies whose link with a contact person does not hold yet.
fn unjoined(table: &Table, current: &Object, employers: &[RecordId]) -> Vec<Uuid> {
    let Some(names) = &table.names.links else { return Vec::new() };
    let held: Vec<Uuid> =
        whole::links(names, current).filter_map(|link| guid(link, &names.company)).collect();
    let there = employers.iter().filter(|employer| employer.side == Side::Onec);
    there
        .filter_map(|employer| Uuid::try_parse(&employer.id).ok())
        .filter(|company| !held.contains(company))
        .collect()
}

fn link_position<'a>(table: &Table, current: &'a Object) -> &'a str {
    let link =
        table.names.links.as_ref().and_then(|names| Some((names, whole::links(names, current).next()?)));
    link.map_or("", |(names, link)| text_of(link, names.position.as_ref()))
}

/// The counterparty beside which a further one of the same partner is to stand.
pub(super) fn head_of(party: &Party) -> Option<Uuid> {
    match party {
        Party::Organization(_) => party.belongs_to().first().and_then(|head| Uuid::try_parse(&head.id).ok()),
        Party::Person(_) => None,
    }
}

/// The first company of a person that stands in 1C.
pub(super) fn employer(employers: &[RecordId]) -> Option<&RecordId> {
    employers.iter().find(|employer| employer.side == Side::Onec)
}
