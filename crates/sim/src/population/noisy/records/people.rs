//! Cards of people: contacts of the portal; counterparties, contact persons and individuals of 1C.

use super::{Owner, Place, Record, Records};
use crate::population::draw::{Draw, Purpose, reference, spread};
use crate::population::noisy::damage::{email, person_name, phone, tax};
use crate::population::noisy::entities::{Entities, Person};
use crate::population::noisy::level::{Damage, Fate, Noise, Tally};

pub(super) fn deal(records: &mut Records, seed: u64, entities: &Entities, noise: Noise, tally: &mut Tally) {
    for (index, person) in entities.people.iter().enumerate() {
        let ordinal = u64::try_from(index).expect("indices fit 64 bits");
        let mut fate = Fate::new(Draw::new(seed, Purpose::NoisyPersonCard, ordinal), noise, tally);
        let position = spread(seed, 12, ordinal);
        let (in_bitrix24, in_onec) = (position < 8000, !(5500..8000).contains(&position));
        let owner = Owner::Person(index);
        if in_bitrix24 {
            let twins = 1 + usize::from(fate.strikes(Damage::TwinInBitrix24));
            for _ in 0..twins {
                let record = contact(&mut fate, records, entities, owner, person);
                records.push(record);
            }
        }
        if in_onec {
            for (place, role) in places(&mut fate, records, person) {
                let id = reference(seed, role, ordinal);
                let mut record = object(&mut fate, records, entities, person, Record::new(owner, place, id));
                record.marked = fate.strikes(Damage::Marked);
                records.push(record);
            }
        }
    }
}

/// The catalogs that have the person, each with a role for the reference.
fn places(fate: &mut Fate<'_>, records: &Records, person: &Person) -> Vec<(Place, &'static str)> {
    let has_owner =
        person.employer.is_some_and(|firm| records.live_firm(firm, Place::Counterparty).is_some());
    let main = match fate.draw.below(100) {
        _ if has_owner => Place::ContactPerson,
        0..85 => Place::Counterparty,
        _ => Place::Individual,
    };
    let mut places = vec![(main, "noisy person")];
    if fate.strikes(Damage::TwinInOnec) {
        places.push((main, "noisy person twin"));
    }
    if main != Place::Individual && fate.strikes(Damage::Facet) {
        let second = if main == Place::ContactPerson && fate.draw.chance(300) {
            Place::Counterparty
        } else {
            Place::Individual
        };
        places.push((second, "noisy person facet"));
    }
    places
}

fn contact(
    fate: &mut Fate<'_>,
    records: &Records,
    entities: &Entities,
    owner: Owner,
    person: &Person,
) -> Record {
    let mut record = Record::new(owner, Place::Contact, records.next_id());
    let fields = person_name::write(fate, person);
    let fields = person_name::misplace(fate, fields);
    record.title = fields.joined();
    record.parts = Some([fields.last, fields.first, fields.second]);
    know(fate, &mut record, entities, person, [60, 90, 80]);
    let employer = person.next_employer.or(person.employer);
    record.employer = employer
        .filter(|_| fate.chance([950, 850, 700]))
        .and_then(|firm| records.live_firm(firm, Place::Company))
        .map(|company| company.id.clone());
    record.post = if employer.is_some() { person.post } else { "" };
    record
}

fn object(
    fate: &mut Fate<'_>,
    records: &Records,
    entities: &Entities,
    person: &Person,
    mut record: Record,
) -> Record {
    let fields = person_name::write(fate, person);
    record.title = person_name::in_one_line(fate, &fields);
    if record.place != Place::Counterparty && fate.chance([1000, 850, 650]) {
        record.parts = Some([fields.last, fields.first, fields.second]);
    }
    let inn = if record.place == Place::ContactPerson { [0; 3] } else { [150, 250, 200] };
    know(fate, &mut record, entities, person, inn);
    if record.place == Place::ContactPerson {
        record.employer = person
            .employer
            .and_then(|firm| records.live_firm(firm, Place::Counterparty))
            .map(|counterparty| counterparty.id.clone());
        record.post = person.post;
    }
    if record.place == Place::Counterparty && fate.strikes(Damage::OtherManager) {
        record.manager = (record.manager + 1) % 12;
    }
    record
}

/// What both bases write of a person.
fn know(fate: &mut Fate<'_>, record: &mut Record, entities: &Entities, person: &Person, inn: [u64; 3]) {
    let mut phones = Vec::new();
    for (index, phone) in person.phones.iter().enumerate() {
        let lacks = if index == 0 { [0, 80, 180] } else { [300, 400, 500] };
        if !fate.chance(lacks) {
            phones.push(phone.clone());
        }
    }
    let mut emails: Vec<String> =
        person.emails.iter().filter(|_| !fate.chance([120, 220, 350])).cloned().collect();
    let firm = person.employer.map(|firm| &entities.firms[firm]);
    if let Some(firm) = firm {
        if fate.strikes(Damage::ReceptionPhone) {
            phones.push(firm.phones[0].clone());
        }
        if fate.strikes(Damage::SharedMailbox) {
            emails.insert(0, firm.emails[0].clone());
        }
    }
    if !phones.is_empty() && fate.strikes(Damage::PhoneRecycled) {
        let other = &entities.people[fate.draw.index(entities.people.len())];
        phones[0].clone_from(&other.phones[0]);
    }
    // A contact person and an individual have two kinds of phones, for one value each.
    if matches!(record.place, Place::ContactPerson | Place::Individual) {
        phones.truncate(2);
    }
    phones.dedup();
    record.phones = phone::write(fate, &phones);
    record.emails = email::write(fate, &emails);
    record.manager = person.manager;
    if fate.chance(inn) || (person.own_firm.is_some() && fate.chance([300; 3])) {
        record.inn = if record.place == Place::ContactPerson {
            String::new()
        } else {
            tax::write_inn(fate, &person.inn)
        };
    }
    if fate.draw.chance(400) {
        record.birth_date.clone_from(&person.birth_date);
    }
}
