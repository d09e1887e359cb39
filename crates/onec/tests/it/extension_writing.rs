//! Writing by the extension: items, versions, lost answers, and ids in the register of links.

use futures_executor::block_on;
use obmen_domain::party::{Field, Organization, Party, Value};
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Standing};
use obmen_domain::stay::Tie;
use obmen_engine::ports::{Outcome, Reader as _, SentCreate, SideError, Write, WriteSort, Writer as _};
use obmen_sim::onec::Fault;
use obmen_sim::world::World as _;
use serde_json::{Value as Json, json};

use crate::infobase::{ANNA, ROMASHKA, World, done, objects};
use crate::writes::{changed, organization_of, phones, update};
use crate::{small_firm, trade};

const COUNTERPARTIES: &str = "Catalog_Контрагенты";

fn world() -> World {
    World::by_extension(obmen_sim::onec::Settings::default(), &objects(), |_| {})
}

fn of_trade() -> World {
    World::by_extension(trade::base_settings(), &trade::objects(), trade::change)
}

fn of_small_firm() -> World {
    World::by_extension(small_firm::base_settings(), &small_firm::objects(), small_firm::change)
}

fn company(id: &str) -> Write {
    let party = Organization {
        title: format!("Василёк {id}"),
        phones: phones(&["84957654321"]),
        ..Organization::default()
    };
    Write::Create {
        catalog: Catalog::Counterparty,
        source: RecordId::bitrix24(Kind::Company, id),
        party: Box::new(Party::Organization(party)),
        revives: None,
    }
}

fn renamed(record: &Record, name: &str) -> Write {
    update(record, vec![changed(Field::Name, Value::Text(name.to_owned()))])
}

#[test]
fn five_hundred_new_clients_are_one_request() {
    let world = world();
    block_on(world.client.connect()).unwrap();
    assert!(world.client.room(WriteSort::Create) >= 500);
    world.wire.take_asked();
    let before = world.wire.count(COUNTERPARTIES);
    let outcomes =
        block_on(world.client.write((1..=500).map(|number| company(&number.to_string())).collect()));
    assert!(outcomes.iter().all(|outcome| done(outcome).mutual_id.starts_with("company:")));
    assert_eq!(world.wire.count(COUNTERPARTIES), before + 500);
    assert_eq!(world.wire.take_asked(), ["write"]);
}

#[test]
fn a_new_object_has_the_derived_reference_and_its_id_in_the_register() {
    let world = world();
    let source = RecordId::bitrix24(Kind::Company, "7");
    let outcomes = block_on(world.client.write(vec![company("7")]));
    let record = done(&outcomes[0]).clone();
    assert_eq!(Some(&record.id.id), world.client.derived_id(&source).as_ref());
    assert_eq!(record.mutual_id, "company:7");
    let attributes = &world.wire.object(COUNTERPARTIES, &record.id.id)["ДополнительныеРеквизиты"];
    assert!(
        attributes.as_array().is_none_or(Vec::is_empty),
        "nothing is written into the card: {attributes}"
    );
    let read = block_on(world.record(Kind::Company, &record.id.id));
    assert_eq!((&read.version, &read.mutual_id), (&record.version, &record.mutual_id));
}

#[test]
fn an_id_alone_leaves_the_version_of_its_object() {
    let world = world();
    let record = block_on(world.record(Kind::Company, ROMASHKA));
    let keep = |id: &str| Write::Update {
        record: Box::new(record.clone()),
        changes: Vec::new(),
        mutual_id: Some(id.to_owned()),
    };
    for id in ["company:7", "company:8", ""] {
        let outcomes = block_on(world.client.write(vec![keep(id)]));
        let after = done(&outcomes[0]);
        assert_eq!((after.mutual_id.as_str(), &after.version), (id, &record.version));
    }
}

#[test]
fn an_id_that_another_object_has_goes_to_whom_it_belongs_now() {
    let world = world();
    let made = done(&block_on(world.client.write(vec![company("7")]))[0]).clone();
    let other = block_on(world.record(Kind::Company, ROMASHKA));
    let write = Write::Update {
        record: Box::new(other),
        changes: Vec::new(),
        mutual_id: Some("company:7".to_owned()),
    };
    assert_eq!(done(&block_on(world.client.write(vec![write]))[0]).mutual_id, "company:7");
    assert_eq!(block_on(world.record(Kind::Company, &made.id.id)).mutual_id, "");
}

#[test]
fn a_create_whose_answer_was_lost_is_asked_about_under_its_key_and_made_once() {
    for make in [of_trade, of_small_firm, world] {
        let world = make();
        block_on(world.client.connect()).unwrap();
        let before = world.wire.count(COUNTERPARTIES);
        world.wire.lose("/write", 2);
        let outcomes = block_on(world.client.write(vec![company("7")]));
        let record = done(&outcomes[0]);
        assert_eq!(world.wire.count(COUNTERPARTIES), before + 1);
        // As after a crash: nobody knows any more, and it is sent anew.
        let again = block_on(world.client.write(vec![company("7")]));
        assert_eq!(done(&again[0]).id, record.id);
        assert_eq!(world.wire.count(COUNTERPARTIES), before + 1);
    }
}

#[test]
fn an_update_whose_answer_was_lost_takes_effect_once() {
    let world = world();
    let record = block_on(world.record(Kind::Company, ROMASHKA));
    world.wire.lose("/write", 1);
    let outcomes = block_on(world.client.write(vec![renamed(&record, "Лютик")]));
    let after = done(&outcomes[0]);
    assert_ne!(after.version, record.version);
    assert_eq!(world.wire.object(COUNTERPARTIES, ROMASHKA)["DataVersion"], after.version.as_str());
}

#[test]
fn what_became_of_a_write_that_is_never_answered_is_unknown_and_its_effect_is_found() {
    let world = world();
    block_on(world.client.connect()).unwrap();
    world.wire.lose("/write", usize::MAX);
    assert_eq!(block_on(world.client.write(vec![company("7")])), [Outcome::Unknown]);
    let source = RecordId::bitrix24(Kind::Company, "7");
    let sent = [SentCreate { derived_id: world.client.derived_id(&source), source: source.clone() }];
    let made = block_on(world.client.find_created(&sent)).unwrap();
    assert_eq!(
        made.iter().map(|(of, record)| (of, record.mutual_id.as_str())).collect::<Vec<_>>(),
        [(&source, "company:7")]
    );
}

#[test]
fn a_write_to_what_somebody_changed_is_refused_by_1c_and_shown_as_it_stands() {
    let world = world();
    let record = block_on(world.record(Kind::Company, ROMASHKA));
    let edit = json!({"do": "update", "set": COUNTERPARTIES, "ref": ROMASHKA, "fields": {"Description": "Ромашка и ко"}});
    world.wire.befall("/write", edit);
    let outcomes = block_on(world.client.write(vec![renamed(&record, "Лютик")]));
    let Outcome::Moved { record: standing } = &outcomes[0] else { panic!("{outcomes:?}") };
    let Party::Organization(organization) = &standing.party else { panic!("no organization") };
    assert_eq!(organization.title, "Ромашка и ко");
    assert_eq!(world.wire.object(COUNTERPARTIES, ROMASHKA)["Description"], "Ромашка и ко");
}

#[test]
fn a_client_of_trade_is_written_whole_or_not_at_all() {
    let world = of_trade();
    block_on(world.client.connect()).unwrap();
    let before = (world.wire.count(trade::COUNTERPARTIES), world.wire.count(trade::PARTNERS));
    let mut refused = trade::company("7");
    organization_of(&mut refused).kpp = "770101001".to_owned();
    // 1C refuses a counterparty whose INN and KPP another one has.
    let outcomes = block_on(world.client.write(vec![refused, trade::company("8")]));
    let made = done(&outcomes[1]);
    let after = (world.wire.count(trade::COUNTERPARTIES), world.wire.count(trade::PARTNERS));
    match &outcomes[0] {
        Outcome::Done { .. } => assert_eq!(after, (before.0 + 2, before.1 + 2)),
        _ => assert_eq!(after, (before.0 + 1, before.1 + 1)),
    }
    let counterparty = world.wire.object(trade::COUNTERPARTIES, &made.id.id);
    let partner = world.wire.object(trade::PARTNERS, counterparty["Партнер_Key"].as_str().unwrap());
    assert_eq!(partner["КонтактнаяИнформация"][0]["НомерТелефона"], "74957654321");
    assert!(!made.lacks.contains(&Field::Manager), "its partner is read with it");
}

#[test]
fn a_partner_that_was_left_without_a_counterparty_is_taken_up() {
    let by_odata = trade::world();
    block_on(by_odata.client.connect()).unwrap();
    by_odata.wire.lose_replies_to(Some("POST"));
    block_on(by_odata.client.write(vec![trade::company("7")]));
    let world = of_trade();
    let there = by_odata.wire.base().dump()["objects"][trade::PARTNERS].clone();
    let known = world.wire.base().dump()["objects"][trade::PARTNERS].clone();
    let is_known =
        |partner: &Json| known.as_array().unwrap().iter().any(|other| other["Ref_Key"] == partner["Ref_Key"]);
    for partner in there.as_array().unwrap().iter().filter(|partner| !is_known(partner)) {
        let line = json!({"entity": trade::PARTNERS, "object": partner});
        world.wire.base().load(&line).unwrap();
    }
    let before = world.wire.count(trade::PARTNERS);
    let outcomes = block_on(world.client.write(vec![trade::company("7")]));
    assert!(matches!(outcomes[0], Outcome::Done { .. }), "{outcomes:?}");
    assert_eq!(world.wire.count(trade::PARTNERS), before);
}

#[test]
fn a_contact_person_of_trade_belongs_to_the_partner_of_its_company() {
    let world = of_trade();
    let of_firm = trade::contact("9", Catalog::ContactPerson, &[trade::FIRM]);
    let of_nobody = trade::contact("10", Catalog::ContactPerson, &[trade::LOOSE]);
    let outcomes = block_on(world.client.write(vec![of_firm, of_nobody]));
    let person = world.wire.object(trade::PERSONS, &done(&outcomes[0]).id.id);
    assert_eq!(person["Owner_Key"], trade::PARTNER);
    assert!(matches!(&outcomes[1], Outcome::Refused { field: Some(Field::Company), .. }), "{outcomes:?}");
}

#[test]
fn a_contact_person_of_a_small_firm_comes_with_its_links_in_one_request() {
    let world = of_small_firm();
    block_on(world.client.connect()).unwrap();
    let companies = [small_firm::FIRM, small_firm::OFFICE];
    let outcomes =
        block_on(world.client.write(vec![small_firm::contact("9", Catalog::ContactPerson, &companies)]));
    let record = done(&outcomes[0]).clone();
    let employers: Vec<&str> = record.party.employers().iter().map(|company| company.id.as_str()).collect();
    assert_eq!(employers, companies);
    let position = changed(Field::Position, Value::Text("Директор".to_owned()));
    let outcomes = block_on(world.client.write(vec![update(&record, vec![position])]));
    let Party::Person(person) = &done(&outcomes[0]).party else { panic!("no person") };
    assert_eq!(person.position, "Директор");
}

#[test]
fn a_client_of_trade_goes_with_its_partner_and_both_come_back() {
    let world = of_trade();
    let made = done(&block_on(world.client.write(vec![trade::company("7")]))[0]).clone();
    world.wire.take_asked();
    let goes = Write::Mark { record: Box::new(made.clone()) };
    let marked = done(&block_on(world.client.write(vec![goes]))[0]).clone();
    let partner = world.wire.object(trade::COUNTERPARTIES, &made.id.id)["Партнер_Key"].clone();
    let mark = || world.wire.object(trade::PARTNERS, partner.as_str().unwrap())["DeletionMark"].clone();
    assert_eq!((&marked.standing, mark()), (&Standing::Marked, json!(true)));
    let mut again = trade::company("7");
    if let Write::Create { revives, .. } = &mut again {
        *revives = Some(Box::new(marked));
    }
    let revived = done(&block_on(world.client.write(vec![again]))[0]).clone();
    assert_eq!((&revived.id, &revived.standing, mark()), (&made.id, &Standing::TakesPart, json!(false)));
}

#[test]
fn a_record_stays_while_business_stands_on_it() {
    let world = of_small_firm();
    let made = done(&block_on(world.client.write(vec![small_firm::company("7", false)]))[0]).clone();
    let contract = json!({"Ref_Key": "90000000-0000-4000-8000-000000000001", "Owner_Key": made.id.id,
        "Description": "Договор поставки", "ВидДоговора": "СПокупателем"});
    let line = json!({"entity": "Catalog_ДоговорыКонтрагентов", "object": contract});
    world.wire.base().load(&line).unwrap();
    let goes = Write::Mark { record: Box::new(made) };
    assert_eq!(block_on(world.client.write(vec![goes])), [Outcome::Tied(Tie::Contract)]);
}

#[test]
fn what_passes_by_itself_is_no_fault_of_the_record() {
    for fault in [Fault::LockConflict, Fault::UnfinishedUpdate] {
        let world = world();
        let record = block_on(world.record(Kind::Company, ROMASHKA));
        world.wire.base().settings_mut().fault = Some(fault);
        let outcomes = block_on(world.client.write(vec![renamed(&record, "Лютик")]));
        assert!(matches!(&outcomes[0], Outcome::NotDone(SideError::Busy { .. })), "{outcomes:?}");
    }
}

#[test]
fn what_1c_refuses_is_told_in_its_words_and_the_others_are_written() {
    let world = world();
    world.wire.act(&json!({"do": "forbid", "ref": ROMASHKA, "text": "Контрагент закрыт"}));
    let [firm, anna] = [(Kind::Company, ROMASHKA), (Kind::Contact, ANNA)]
        .map(|(kind, reference)| block_on(world.record(kind, reference)));
    let position = changed(Field::Position, Value::Text("Директор".to_owned()));
    let outcomes = block_on(world.client.write(vec![renamed(&firm, "Лютик"), update(&anna, vec![position])]));
    assert!(
        matches!(&outcomes[0], Outcome::Refused { words, .. } if words == "Контрагент закрыт"),
        "{outcomes:?}"
    );
    done(&outcomes[1]);
}
