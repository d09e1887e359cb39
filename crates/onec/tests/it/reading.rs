//! Walks, reads by reference and searches against the simulated infobase.

use futures_executor::block_on;
use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::phone::PhoneKey;
use obmen_domain::forms::tax::Inn;
use obmen_domain::key::Key;
use obmen_domain::party::{Field, Party, UserId};
use obmen_domain::record::{Catalog, Exclusion, Kind, Record, RecordId, Standing};
use obmen_engine::ports::Reader as _;
use obmen_onec::{Profile, Settings};

use crate::infobase::{
    ANNA, CUSTOMER, ENTREPRENEUR, FRIEND, INDIVIDUAL, MARKED, NAMED_ENTREPRENEUR, ROMASHKA, STAFF, STRAY,
    USER, World,
};

#[test]
fn the_walk_over_companies_finds_organizations_and_sole_proprietors_whatever_marks_them() {
    let world = World::new();
    let records = block_on(world.sweep(Kind::Company));
    let taking_part: Vec<&str> = taking_part(&records);
    assert_eq!(taking_part, [ROMASHKA, ENTREPRENEUR, NAMED_ENTREPRENEUR]);
    let folders = records.iter().filter(|record| record.standing == Standing::Out(Exclusion::Folder));
    assert_eq!(folders.count(), 1);
    let Party::Organization(organization) = &find(&records, ROMASHKA).party else {
        panic!("no organization")
    };
    assert_eq!(organization.title, "Ромашка");
    assert_eq!(organization.legal_name, "ООО \"Ромашка\"");
    assert_eq!((organization.inn.as_str(), organization.kpp.as_str()), ("7701234560", "770101001"));
    assert_eq!(organization.phones[0].key.as_ref().unwrap().as_str(), "+74951234567");
    assert_eq!(organization.phones[0].text, "8 (495) 123-45-67");
    assert_eq!(organization.emails[0].text, "info@romashka.example");
    assert_eq!(organization.manager, Some(UserId(USER.to_owned())));
    assert!(!organization.entrepreneur);
    let Party::Organization(entrepreneur) = &find(&records, NAMED_ENTREPRENEUR).party else {
        panic!("no company")
    };
    assert!(entrepreneur.entrepreneur);
}

#[test]
fn the_walk_over_persons_passes_through_the_chosen_catalogs_only() {
    let world = World::new();
    let records = block_on(world.sweep(Kind::Contact));
    assert_eq!(taking_part(&records), [CUSTOMER, ANNA, FRIEND]);
    assert_eq!(find(&records, MARKED).standing, Standing::Marked);
    assert_eq!(find(&records, STRAY).standing, Standing::Out(Exclusion::NotOfCounterparty));
    assert!(records.iter().any(|record| record.standing == Standing::Out(Exclusion::Predefined)));
    assert!(
        records.iter().all(|record| record.catalog != Catalog::Individual && record.id.kind == Kind::Contact)
    );
}

#[test]
fn a_contact_person_has_an_employer_only_where_the_owner_is_an_organization() {
    let world = World::new();
    let records = block_on(world.sweep(Kind::Contact));
    assert_eq!(find(&records, ANNA).party.employers(), [RecordId::onec(Kind::Company, ROMASHKA)]);
    assert!(find(&records, FRIEND).party.employers().is_empty());
    let Party::Person(anna) = &find(&records, ANNA).party else { panic!("no person") };
    assert_eq!((anna.name.last.as_str(), anna.name.first.as_str()), ("Белова", "Анна"));
    assert_eq!(anna.position, "Инженер");
}

#[test]
fn own_staff_among_the_individuals_takes_no_part() {
    let world = World::with(obmen_sim::onec::Settings::default(), |settings| {
        settings.persons.insert(Catalog::Individual);
    });
    let records = block_on(world.sweep(Kind::Contact));
    assert_eq!(find(&records, INDIVIDUAL).standing, Standing::TakesPart);
    assert_eq!(find(&records, STAFF).standing, Standing::Out(Exclusion::NotOfCounterparty));
    let fetched = block_on(world.record(Kind::Contact, STAFF));
    assert_eq!(fetched.standing, Standing::Out(Exclusion::NotOfCounterparty));
}

#[test]
fn small_pages_bring_the_same_walk_and_nothing_twice() {
    let text = include_str!("../../src/profiles/bp30.toml").replace("page = 1000", "page = 1");
    let small = |settings: &mut Settings| settings.profile = Profile::parse(&text).unwrap();
    let world = World::with(obmen_sim::onec::Settings::default(), small);
    for kind in Kind::ALL {
        let records = block_on(world.sweep(kind));
        let whole = block_on(World::new().sweep(kind));
        assert_eq!(records.len(), whole.len());
        assert!(records.iter().zip(&whole).all(|(one, other)| one.id == other.id));
    }
}

#[test]
fn records_are_fetched_by_id_wherever_they_stand() {
    let world = World::new();
    let ids = [
        RecordId::onec(Kind::Company, ROMASHKA),
        RecordId::onec(Kind::Contact, CUSTOMER),
        RecordId::onec(Kind::Contact, ANNA),
        RecordId::onec(Kind::Company, CUSTOMER),
        RecordId::onec(Kind::Contact, "99999999-0000-4000-8000-000000000001"),
    ];
    let records = block_on(world.client.fetch(&ids)).unwrap();
    let mut found: Vec<&str> = records.iter().map(|record| record.id.id.as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, [ROMASHKA, CUSTOMER, ANNA]);
    assert_eq!(records[0].digest(), block_on(world.record(Kind::Company, ROMASHKA)).digest());
}

#[test]
fn holders_of_keys_are_asked_of_1c_itself() {
    let world = World::new();
    let phone = |text: &str| Key::Phone(PhoneKey::try_from(text.to_owned()).unwrap());
    let find = |kind, keys: &[Key]| {
        let records = block_on(world.client.find(kind, keys)).unwrap();
        records.into_iter().map(|record| record.id.id).collect::<Vec<_>>()
    };
    assert_eq!(find(Kind::Contact, &[phone("+79123456789")]), [CUSTOMER]);
    assert_eq!(find(Kind::Company, &[phone("+74951234567")]), [ROMASHKA]);
    assert_eq!(find(Kind::Company, &[Key::Inn(Inn::parse("7701234560").unwrap())]), [ROMASHKA]);
    let mailbox = read_emails("INFO@romashka.example").remove(0);
    assert_eq!(find(Kind::Company, &[Key::Email(mailbox.clone())]), [ROMASHKA]);
    assert!(find(Kind::Contact, &[Key::Email(mailbox), phone("+74951234567")]).is_empty());
    assert!(find(Kind::Contact, &[]).is_empty());
}

#[test]
fn a_catalog_says_what_it_can_hold() {
    let world = World::new();
    block_on(world.client.connect()).unwrap();
    let counterparty = world.client.capacity(Catalog::Counterparty);
    assert_eq!((counterparty.phones, counterparty.emails), (usize::MAX, usize::MAX));
    assert!(counterparty.fields.contains(&Field::Manager) && !counterparty.fields.contains(&Field::Company));
    assert!(counterparty.mutual_id);
    assert_eq!(counterparty.lengths[&Field::Name], 100);
    let contact_person = world.client.capacity(Catalog::ContactPerson);
    assert_eq!((contact_person.phones, contact_person.emails), (2, usize::MAX));
    assert!(contact_person.fields.contains(&Field::Company) && !contact_person.fields.contains(&Field::Inn));
    assert!(world.client.capacity(Catalog::Bitrix24).fields.is_empty());
}

#[test]
fn users_come_with_their_mailboxes() {
    let users = block_on(World::new().client.users()).unwrap();
    assert_eq!(users.len(), 1);
    assert_eq!(
        (users[0].name.as_str(), users[0].email.as_str()),
        ("Иванова Анна", "ivanova@company.example")
    );
    assert!(users[0].active);
}

fn taking_part(records: &[Record]) -> Vec<&str> {
    let taking_part = records.iter().filter(|record| record.standing == Standing::TakesPart);
    taking_part.map(|record| record.id.id.as_str()).collect()
}

fn find<'a>(records: &'a [Record], reference: &str) -> &'a Record {
    records.iter().find(|record| record.id.id == reference).unwrap()
}
