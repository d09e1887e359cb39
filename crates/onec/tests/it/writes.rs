//! Writes as tests of every configuration send them, and what they look for in the answers.

use obmen_domain::forms::person_name::PersonName;
use obmen_domain::forms::phone::{PhoneContext, PhoneKey, read_phones};
use obmen_domain::party::{Field, Organization, Party, Person, Phone, Point, UserId, Value};
use obmen_domain::plan::{ChangeReason, FieldChange};
use obmen_domain::record::{Catalog, Kind, Record, RecordId};
use obmen_engine::ports::Write;

/// A new person of these companies.
pub(crate) fn person(id: &str, catalog: Catalog, employers: &[&str], manager: Option<&str>) -> Write {
    Write::Create {
        catalog,
        revives: None,
        source: RecordId::bitrix24(Kind::Contact, id),
        party: Box::new(Party::Person(Person {
            name: PersonName::from_parts("Орлова", "Нина", "Павловна"),
            phones: phones(&["+7 912 555-44-33"]),
            employers: employers.iter().map(|employer| RecordId::onec(Kind::Company, employer)).collect(),
            position: "Юрист".to_owned(),
            manager: manager.map(|user| UserId(user.to_owned())),
            ..Person::default()
        })),
    }
}

/// What a write makes an organization of.
pub(crate) fn organization_of(write: &mut Write) -> &mut Organization {
    match write {
        Write::Create { party, .. } => match party.as_mut() {
            Party::Organization(organization) => organization,
            Party::Person(_) => panic!("an organization"),
        },
        other => panic!("{other:?}"),
    }
}

pub(crate) fn phones(texts: &[&str]) -> Vec<Phone> {
    let context = PhoneContext::new("RU", None).unwrap();
    texts.iter().map(|text| Point::known(read_phones(text, &context).remove(0).key, *text)).collect()
}

pub(crate) fn changed(field: Field, after: Value) -> FieldChange {
    FieldChange { field, before: Value::Text(String::new()), after, reason: ChangeReason::ChangedThere }
}

pub(crate) fn update(record: &Record, changes: Vec<FieldChange>) -> Write {
    Write::Update { record: Box::new(record.clone()), changes, mutual_id: None }
}

pub(crate) fn keys(phones: &[Phone]) -> Vec<&str> {
    phones.iter().filter_map(|phone| phone.key.as_ref()).map(PhoneKey::as_str).collect()
}

pub(crate) fn find<'a>(records: &'a [Record], reference: &str) -> &'a Record {
    records.iter().find(|record| record.id.id == reference).unwrap()
}
