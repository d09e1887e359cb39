//! «Управление нашей фирмой»: creates, updates, links of contact persons, and what handlers refuse.

use futures_executor::block_on;
use obmen_domain::party::{Field, Party, UserId, Value};
use obmen_domain::record::{Catalog, Kind, RecordId};
use obmen_engine::ports::{Outcome, Writer as _};
use serde_json::json;

use crate::infobase::{World, done};
use crate::small_firm::*;

#[test]
fn a_new_client_has_its_kind_its_role_its_folder_and_its_manager() {
    let world = world();
    let outcomes = block_on(world.client.write(vec![company("7", false), company("8", true)]));
    let object = |outcome: &Outcome| world.wire.object(COUNTERPARTIES, &done(outcome).id.id);
    let firm = object(&outcomes[0]);
    assert_eq!(
        (&firm["ВидКонтрагента"], &firm["ЮридическоеФизическоеЛицо"]),
        (&json!("ЮридическоеЛицо"), &json!("ЮридическоеЛицо"))
    );
    assert_eq!((&firm["Покупатель"], &firm["Parent_Key"]), (&json!(true), &json!(FOLDER)));
    assert_eq!(firm["Ответственный_Key"], EMPLOYEE);
    assert_eq!(object(&outcomes[1])["ВидКонтрагента"], "ИндивидуальныйПредприниматель");
    let outcomes = block_on(world.client.write(vec![contact("9", Catalog::Counterparty, &[])]));
    let person = object(&outcomes[0]);
    assert_eq!(
        (&person["ВидКонтрагента"], &person["ФИО"]),
        (&json!("ФизическоеЛицо"), &json!("Орлова Нина Павловна"))
    );
    assert_eq!(done(&outcomes[0]).party.manager(), Some(&UserId(EMPLOYEE.to_owned())));
}

#[test]
fn a_new_contact_person_is_joined_with_all_its_companies() {
    let world = world();
    let outcomes = block_on(world.client.write(vec![contact("9", Catalog::ContactPerson, &[FIRM, OFFICE])]));
    let record = done(&outcomes[0]);
    let companies: Vec<&str> = record.party.employers().iter().map(|company| company.id.as_str()).collect();
    assert_eq!(companies, [FIRM, OFFICE]);
    let Party::Person(person) = &record.party else { panic!("no person") };
    assert_eq!(person.position, "Юрист");
    let links = links_of(&world, &record.id.id);
    assert_eq!(links.len(), 2);
    assert!(links.iter().all(|link| link["Должность"] == "Юрист"));
    assert_eq!(world.wire.object(PERSONS, &record.id.id)["Ответственный_Key"], EMPLOYEE);
}

#[test]
fn a_link_that_was_refused_is_missing_in_what_is_read_back_and_an_update_brings_it() {
    let world = world();
    world.wire.refuse_writes_to(LINKS, Some("Изменения запрещены"));
    let outcomes = block_on(world.client.write(vec![contact("9", Catalog::ContactPerson, &[FIRM])]));
    let record = done(&outcomes[0]).clone();
    assert!(record.party.employers().is_empty());
    let join = || vec![changed(Field::Company, Value::Employers(vec![RecordId::onec(Kind::Company, FIRM)]))];
    let outcomes = block_on(world.client.write(vec![update(&record, join())]));
    assert!(matches!(&outcomes[0], Outcome::Refused { .. }), "{outcomes:?}");
    world.wire.refuse_writes_to(LINKS, None);
    let outcomes = block_on(world.client.write(vec![update(&record, join())]));
    assert_eq!(done(&outcomes[0]).party.employers(), [RecordId::onec(Kind::Company, FIRM)]);
    let outcomes = block_on(world.client.write(vec![update(done(&outcomes[0]), join())]));
    assert_eq!((done(&outcomes[0]).party.employers().len(), links_of(&world, &record.id.id).len()), (1, 1));
}

#[test]
fn a_link_that_had_ended_is_renewed_by_a_newer_record() {
    let world = world();
    let anna = block_on(world.record(Kind::Contact, ANNA));
    let all = [OFFICE, PROPRIETOR, FIRM].map(|company| RecordId::onec(Kind::Company, company)).to_vec();
    let outcomes = block_on(
        world.client.write(vec![update(&anna, vec![changed(Field::Company, Value::Employers(all))])]),
    );
    assert_eq!(done(&outcomes[0]).party.employers().len(), 3);
    let with_firm = links_of(&world, ANNA).into_iter().filter(|link| link["Контрагент_Key"] == FIRM);
    assert_eq!(with_firm.count(), 3, "two records of the past and a new one");
}

#[test]
fn a_position_is_changed_in_the_first_link() {
    let world = world();
    let anna = block_on(world.record(Kind::Contact, ANNA));
    let position = changed(Field::Position, Value::Text("Главный инженер".to_owned()));
    let outcomes = block_on(world.client.write(vec![update(&anna, vec![position.clone()])]));
    let Party::Person(person) = &done(&outcomes[0]).party else { panic!("no person") };
    assert_eq!(person.position, "Главный инженер");
    assert_ne!(done(&outcomes[0]).version, anna.version, "a change of a link is another version");
    let outcomes = block_on(
        world
            .client
            .write(vec![update(&anna, vec![changed(Field::Position, Value::Text("Иное".to_owned()))])]),
    );
    assert!(matches!(&outcomes[0], Outcome::Moved { .. }), "{outcomes:?}");
    let current = block_on(world.record(Kind::Contact, ANNA));
    world.wire.take_sent("PATCH");
    block_on(world.client.write(vec![update(&current, vec![position])]));
    assert!(world.wire.take_sent("PATCH").is_empty(), "it stands there already");
}

#[test]
fn managers_and_phones_of_contact_persons_are_changed_in_their_own_object() {
    let world = world();
    let anna = block_on(world.record(Kind::Contact, ANNA));
    let changes = vec![
        changed(Field::Manager, Value::Manager(Some(UserId(OTHER_EMPLOYEE.to_owned())))),
        changed(Field::Phone, Value::Phones(phones(&["+7 912 000-00-03"]))),
    ];
    let outcomes = block_on(world.client.write(vec![update(&anna, changes)]));
    assert_eq!(done(&outcomes[0]).party.phones().len(), 1);
    let object = world.wire.object(PERSONS, ANNA);
    assert_eq!(object["Ответственный_Key"], OTHER_EMPLOYEE);
    assert_eq!(object["НомерТелефонаДляПоиска"], "79120000003", "1C's own handlers run");
}

#[test]
fn a_kind_that_keeps_its_history_is_read_and_written_in_its_newest_row() {
    let world = world();
    let firm = block_on(world.record(Kind::Company, FIRM));
    assert_eq!(keys(firm.party.phones()), ["+74951234567"], "the number of the past is none");
    let change = changed(Field::Phone, Value::Phones(phones(&["+7 (495) 765-43-21"])));
    let outcomes = block_on(world.client.write(vec![update(&firm, vec![change])]));
    assert_eq!(keys(done(&outcomes[0]).party.phones()), ["+74957654321"]);
    let object = world.wire.object(COUNTERPARTIES, FIRM);
    let rows: Vec<(&str, &str)> = object["КонтактнаяИнформация"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["НомерТелефона"].as_str().unwrap(), &row["ДействуетС"].as_str().unwrap()[..10]))
        .collect();
    assert_eq!(rows, [("74957654321", "2025-02-01"), ("74950000000", "2020-01-01")]);
}

#[test]
fn what_a_handler_refuses_comes_back_with_its_words_and_changes_nothing() {
    let mut lines = objects();
    let firm = lines.iter_mut().find(|line| line["object"]["Ref_Key"] == OFFICE).unwrap();
    let row = |line: u8, period: &str| json!({"LineNumber": line.to_string(), "Период": period, "КПП": "770101001"});
    firm["object"]["ИсторияКПП"] =
        json!([row(1, "2019-01-01T00:00:00"), row(2, "2020-01-01T00:00:00"), row(3, "2020-01-01T00:00:00")]);
    let world = World::of(base_settings(), &lines, change);
    let record = block_on(world.record(Kind::Company, OFFICE));
    let title = changed(Field::Name, Value::Text("Мэрия".to_owned()));
    let outcomes = block_on(world.client.write(vec![update(&record, vec![title])]));
    let Outcome::Refused { words, .. } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert!(words.contains("одинаковым периодом"), "{words}");
    assert_eq!(block_on(world.record(Kind::Company, OFFICE)), record);
}
