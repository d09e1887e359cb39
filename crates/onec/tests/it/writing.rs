//! Creates and updates against the simulated infobase, lost replies included.

use futures_executor::block_on;
use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::party::{Field, Organization, Party, Point, UserId, Value};
use obmen_domain::record::{Catalog, Kind, Record, RecordId};
use obmen_engine::ports::{DataFault, Outcome, Reader as _, SentCreate, Write, WriteSort, Writer as _};
use obmen_sim::onec::IfMatch;

use crate::infobase::{ANNA, CUSTOMER, ID_ATTRIBUTE, PHONE, ROMASHKA, USER, World, done};
use crate::writes::{changed, organization_of, person, phones, update};

#[test]
fn a_new_organization_gets_a_derived_reference_and_everything_it_holds() {
    let world = World::new();
    let source = RecordId::bitrix24(Kind::Company, "7");
    let outcomes = block_on(world.client.write(vec![company("7", "Василёк")]));
    let record = done(&outcomes[0]);
    assert_eq!(Some(&record.id.id), world.client.derived_id(&source).as_ref());
    assert_eq!(record.mutual_id, "company:7");
    assert!(!record.version.is_empty());
    let Party::Organization(organization) = &record.party else { panic!("no organization") };
    assert_eq!(organization.legal_name, "ООО Василёк");
    assert_eq!(organization.phones[0].text, "+7 (495) 765-43-21");
    assert_eq!(organization.manager, Some(UserId(USER.to_owned())));
    let object = world.wire.object("Catalog_Контрагенты", &record.id.id);
    assert_eq!(object["ЮридическоеФизическоеЛицо"], "ЮридическоеЛицо");
    assert_eq!(object["Parent_Key"], "00000000-0000-4000-8000-000000000002");
    assert_eq!(object["КонтактнаяИнформация"][0]["НомерТелефона"], "74957654321");
    assert_eq!(object["КонтактнаяИнформация"][0]["Вид_Key"], PHONE);
}

#[test]
fn a_sole_proprietor_is_a_person_with_the_flag() {
    let world = World::new();
    let mut write = company("8", "ИП Ли");
    organization_of(&mut write).entrepreneur = true;
    let outcomes = block_on(world.client.write(vec![write]));
    let object = world.wire.object("Catalog_Контрагенты", &done(&outcomes[0]).id.id);
    assert_eq!(object["ЮридическоеФизическоеЛицо"], "ФизическоеЛицо");
    assert_eq!(object["ИндивидуальныйПредприниматель"], true);
}

#[test]
fn a_contact_person_stands_under_its_company_with_its_name_in_parts() {
    let world = World::new();
    let outcomes = block_on(world.client.write(vec![contact("9", Catalog::ContactPerson, &[ROMASHKA])]));
    let record = done(&outcomes[0]);
    assert_eq!(record.party.employers(), [RecordId::onec(Kind::Company, ROMASHKA)]);
    let object = world.wire.object("Catalog_КонтактныеЛица", &record.id.id);
    assert_eq!(object["ОбъектВладелец_Type"], "StandardODATA.Catalog_Контрагенты");
    assert_eq!(object["ВидКонтактногоЛица"], "КонтактноеЛицоКонтрагента");
    let parts = ["Фамилия", "Имя", "Отчество", "Description"].map(|name| object[name].as_str().unwrap());
    assert_eq!(parts, ["Орлова", "Нина", "Павловна", "Орлова Нина Павловна"]);
}

#[test]
fn a_contact_person_without_a_company_is_refused_before_it_is_sent() {
    let world = World::new();
    let outcomes = block_on(world.client.write(vec![contact("9", Catalog::ContactPerson, &[])]));
    assert!(matches!(outcomes[0], Outcome::Refused { field: Some(Field::Company), .. }));
    assert!(world.wire.take_sent("POST").is_empty());
}

#[test]
fn the_first_create_goes_alone_and_what_it_shows_survives_a_restart() {
    let world = World::new();
    assert_eq!((world.client.room(WriteSort::Create), world.client.room(WriteSort::Update)), (1, 20));
    let outcomes = block_on(world.client.write((1..=5).map(|id| company(&id.to_string(), "Ромб")).collect()));
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done { .. })));
    assert_eq!((world.client.room(WriteSort::Create), world.client.parallel()), (20, 2));
    let posts = world.wire.take_sent("POST");
    assert_eq!(posts.len(), 5);
    let restarted = world.restarted();
    block_on(restarted.connect()).unwrap();
    assert_eq!(restarted.room(WriteSort::Create), 20);
}

#[test]
fn where_references_are_not_honoured_the_attribute_tells_our_objects() {
    let settings = obmen_sim::onec::Settings { honours_ref_key: false, ..Default::default() };
    let world = World::with(settings, |_| {});
    let source = RecordId::bitrix24(Kind::Contact, "12");
    let outcomes = block_on(world.client.write(vec![contact("12", Catalog::Counterparty, &[])]));
    let record = done(&outcomes[0]).clone();
    assert_eq!(world.client.derived_id(&source), None);
    let sent = [SentCreate { source: source.clone(), derived_id: None }];
    let made = block_on(world.client.find_created(&sent)).unwrap();
    assert_eq!(made, [(source, record)]);
}

#[test]
fn a_lost_reply_to_a_create_is_found_and_a_repeated_create_makes_no_second_object() {
    let world = World::new();
    block_on(world.client.connect()).unwrap();
    let before = world.wire.count("Catalog_Контрагенты");
    let source = RecordId::bitrix24(Kind::Contact, "12");
    let write = || vec![contact("12", Catalog::Counterparty, &[])];
    world.wire.lose_replies_to(Some("POST"));
    assert_eq!(block_on(world.client.write(write())), [Outcome::Unknown]);
    world.wire.lose_replies_to(None);
    let derived_id = world.client.derived_id(&source);
    let made =
        block_on(world.client.find_created(&[SentCreate { source: source.clone(), derived_id }])).unwrap();
    assert_eq!(made[0].0, source);
    assert_eq!(world.client.room(WriteSort::Create), 20);
    let outcomes = block_on(world.client.write(write()));
    assert_eq!(done(&outcomes[0]), &made[0].1);
    assert_eq!(world.wire.count("Catalog_Контрагенты"), before + 1);
}

#[test]
fn an_update_keeps_rows_of_others_and_returns_what_stands_there_then() {
    let world = World::new();
    let record = block_on(world.record(Kind::Company, ROMASHKA));
    let phones = [record.party.phones(), &phones(&["+7 912 000-11-22"])].concat();
    let changes = vec![
        changed(Field::Phone, Value::Phones(phones)),
        changed(Field::Kpp, Value::Text("770101002".to_owned())),
    ];
    let outcomes = block_on(world.client.write(vec![with_id(update(&record, changes), "company:5")]));
    let updated = done(&outcomes[0]);
    assert_ne!(updated.version, record.version);
    assert_eq!(updated.mutual_id, "company:5");
    assert_eq!(updated.party.phones().len(), 2);
    assert_eq!(updated.party.manager(), record.party.manager());
    assert!(matches!(outcomes[0], Outcome::Done { overwrote: None, .. }));
    let object = world.wire.object("Catalog_Контрагенты", ROMASHKA);
    let shown: Vec<&str> = object["КонтактнаяИнформация"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["Представление"].as_str().unwrap())
        .collect();
    assert_eq!(shown, ["Москва", "8 (495) 123-45-67", "info@romashka.example", "+7 (912) 000-11-22"]);
    assert_eq!(object["ДополнительныеРеквизиты"].as_array().unwrap().len(), 2);
    assert_eq!(object["ДополнительныеРеквизиты"][1]["Свойство_Key"], ID_ATTRIBUTE);
    assert_eq!(object["КПП"], "770101002");
}

#[test]
fn an_update_that_meets_another_version_writes_nothing_and_shows_it() {
    let world = World::new();
    let record = block_on(world.record(Kind::Contact, CUSTOMER));
    let mut stale = record.clone();
    stale.version = "AAAAAAAAAAk=".to_owned();
    let name = Value::Name(PersonName::from_parts("Иванов", "Иван", "Петрович"));
    let outcomes = block_on(world.client.write(vec![update(&stale, vec![changed(Field::Name, name)])]));
    let Outcome::Moved { record: standing } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(standing.as_ref(), &record);
    assert!(world.wire.take_sent("PATCH").is_empty());
}

#[test]
fn an_update_to_what_already_stands_there_sends_nothing() {
    let world = World::new();
    let record = block_on(world.record(Kind::Contact, ANNA));
    let Party::Person(anna) = &record.party else { panic!("no person") };
    let changes = vec![changed(Field::Position, Value::Text(anna.position.clone()))];
    let outcomes = block_on(world.client.write(vec![update(&record, changes)]));
    assert_eq!(done(&outcomes[0]), &record);
    assert!(world.wire.take_sent("PATCH").is_empty());
}

#[test]
fn a_missing_object_does_not_disturb_its_neighbours() {
    let world = World::new();
    let record = block_on(world.record(Kind::Company, ROMASHKA));
    let mut gone = record.clone();
    gone.id = RecordId::onec(Kind::Company, "99999999-0000-4000-8000-000000000009");
    let title = || vec![changed(Field::Name, Value::Text("Лютик".to_owned()))];
    let outcomes = block_on(world.client.write(vec![update(&gone, title()), update(&record, title())]));
    assert_eq!(outcomes[0], Outcome::Missing);
    assert_eq!(done(&outcomes[1]).party.display_name(), "Лютик");
}

#[test]
fn over_long_texts_are_cut_by_us() {
    let world = World::new();
    let outcomes = block_on(world.client.write(vec![company("7", &"Ё".repeat(150))]));
    assert_eq!(done(&outcomes[0]).party.display_name().chars().count(), 100);
}

#[test]
fn what_undo_gives_back_stands_there_with_its_spaces_as_it_was_typed() {
    let world = World::new();
    let record = block_on(world.record(Kind::Company, ROMASHKA));
    let typed = [
        (Field::Name, "Description", "  Ромашка"),
        (Field::LegalName, "НаименованиеПолное", "ООО «Ромашка» "),
        (Field::Inn, "ИНН", " 770708389"),
        (Field::Kpp, "КПП", " 77010100"),
    ];
    let changes = typed.map(|(field, _, text)| changed(field, Value::Text(text.to_owned())));
    let outcomes = block_on(world.client.write(vec![update(&record, changes.to_vec())]));
    let object = world.wire.object("Catalog_Контрагенты", ROMASHKA);
    for (field, name, text) in typed {
        assert_eq!(object[name], text);
        assert_eq!(done(&outcomes[0]).party.value(field), Some(Value::Text(text.to_owned())), "{field}");
    }
}

#[test]
fn a_batch_reads_once_before_and_the_answers_show_the_rest() {
    let world = World::new();
    let records =
        [block_on(world.record(Kind::Contact, CUSTOMER)), block_on(world.record(Kind::Company, ROMASHKA))];
    world.wire.take_sent("GET");
    let position =
        |record: &Record| update(record, vec![changed(Field::Inn, Value::Text("500100732259".to_owned()))]);
    let outcomes = block_on(world.client.write(records.iter().map(position).collect()));
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done { .. })));
    assert_eq!(world.wire.take_sent("GET").len(), 1);
}

#[test]
fn a_refused_value_comes_back_with_the_words_of_1c_and_its_field() {
    let world = World::new();
    block_on(world.client.connect()).unwrap();
    world.wire.refuse_writes("Неверное значение свойства: ИНН");
    let outcomes = block_on(world.client.write(vec![contact("12", Catalog::Counterparty, &[])]));
    let words = "Неверное значение свойства: ИНН".to_owned();
    assert_eq!(outcomes, [Outcome::Refused { words, field: Some(Field::Inn), fault: DataFault::Value }]);
}

#[test]
fn a_server_that_checks_versions_takes_our_update() {
    let settings = obmen_sim::onec::Settings { if_match: IfMatch::Honoured, ..Default::default() };
    let world = World::with(settings, |_| {});
    let record = block_on(world.record(Kind::Company, ROMASHKA));
    let title = changed(Field::Name, Value::Text("Лютик".to_owned()));
    let outcomes = block_on(world.client.write(vec![update(&record, vec![title])]));
    assert_eq!(done(&outcomes[0]).party.display_name(), "Лютик");
}

pub(crate) fn company(id: &str, title: &str) -> Write {
    Write::Create {
        catalog: Catalog::Counterparty,
        revives: None,
        source: RecordId::bitrix24(Kind::Company, id),
        party: Box::new(Party::Organization(Organization {
            title: title.to_owned(),
            legal_name: format!("ООО {title}"),
            phones: phones(&["84957654321"]),
            emails: vec![Point::known(
                read_emails("zakaz@vasilek.example").remove(0),
                "zakaz@vasilek.example",
            )],
            manager: Some(UserId(USER.to_owned())),
            ..Organization::default()
        })),
    }
}

fn contact(id: &str, catalog: Catalog, employers: &[&str]) -> Write {
    person(id, catalog, employers, None)
}

/// An update that keeps the other side's id as well.
fn with_id(mut write: Write, id: &str) -> Write {
    if let Write::Update { mutual_id, .. } = &mut write {
        *mutual_id = Some(id.to_owned());
    }
    write
}
