//! Addresses: the legal one of a counterparty, that of a private person; a row of the contact section of one kind.

use futures_executor::block_on;
use obmen_domain::configured::{PRIVATE_ADDRESS, Place};
use obmen_domain::party::{Field, Party, Value};
use obmen_domain::record::{Catalog, Kind, Record};
use obmen_engine::ports::{Reader as _, Writer as _};
use serde_json::{Value as Json, json};

use crate::infobase::{LEGAL_ADDRESS, ROMASHKA, World, done, kind, lines_of};
use crate::small_firm;
use crate::writes::{changed, update};

const WHOLE: &str = "101000, г Москва, ул Мясницкая, д 1";

fn address(record: &Record) -> &str {
    match &record.party {
        Party::Organization(organization) => &organization.address,
        Party::Person(_) => panic!("an organization"),
    }
}

fn moved(text: &str) -> Vec<obmen_domain::plan::FieldChange> {
    vec![changed(Field::Address, Value::Text(text.to_owned()))]
}

fn shown(world: &World, set: &str, reference: &str) -> Vec<Json> {
    let object = world.wire.object(set, reference);
    let rows = object["КонтактнаяИнформация"].as_array().cloned().unwrap_or_default();
    rows.into_iter().map(|row| row["Представление"].clone()).collect()
}

#[test]
fn an_address_is_read_and_written_where_the_other_one_stood_by_both_ways() {
    for world in [World::new(), World::by_extension(Default::default(), &crate::infobase::objects(), |_| {})]
    {
        let record = block_on(world.record(Kind::Company, ROMASHKA));
        assert_eq!(address(&record), "Москва");
        let outcomes = block_on(world.client.write(vec![update(&record, moved(WHOLE))]));
        assert_eq!(address(done(&outcomes[0])), WHOLE);
        let texts = shown(&world, "Catalog_Контрагенты", ROMASHKA);
        assert_eq!(texts, [json!(WHOLE), json!("8 (495) 123-45-67"), json!("info@romashka.example")]);
        let row = &world.wire.object("Catalog_Контрагенты", ROMASHKA)["КонтактнаяИнформация"][0];
        assert_eq!((&row["Тип"], &row["Вид_Key"]), (&json!("Адрес"), &json!(LEGAL_ADDRESS)));
        assert!(row["Значение"].as_str().unwrap().contains("ВСвободнойФорме"), "{row}");
    }
}

/// A base of УНФ whose office moved from Tver to Klin, changed in some way.
fn with_moved_office(change: impl FnOnce(&mut Json)) -> Vec<Json> {
    let row = |text: &str, since: &str| {
        json!({"LineNumber": "1", "Тип": "Адрес", "Вид_Key": LEGAL_ADDRESS, "Представление": text,
            "ДействуетС": since})
    };
    let mut address_kind = kind(LEGAL_ADDRESS, "Адрес", "ЮрАдресКонтрагента");
    address_kind["РазрешитьВводНесколькихЗначений"] = json!(false);
    let mut objects = small_firm::objects();
    objects.extend(lines_of("Catalog_ВидыКонтактнойИнформации", vec![address_kind]));
    let office = objects.iter_mut().find(|line| line["object"]["Ref_Key"] == small_firm::OFFICE).unwrap();
    office["object"]["КонтактнаяИнформация"] =
        json!([row("Тверь", "2020-01-01T00:00:00"), row("Клин", "2025-02-01T00:00:00")]);
    change(&mut office["object"]);
    objects
}

#[test]
fn an_address_with_a_history_keeps_its_past_and_its_day() {
    let objects = with_moved_office(|_| {});
    let world = World::of(small_firm::base_settings(), &objects, small_firm::change);
    let record = block_on(world.record(Kind::Company, small_firm::OFFICE));
    assert_eq!(address(&record), "Клин");
    let outcomes = block_on(world.client.write(vec![update(&record, moved(WHOLE))]));
    assert_eq!(address(done(&outcomes[0])), WHOLE);
    let object = world.wire.object(small_firm::COUNTERPARTIES, small_firm::OFFICE);
    let rows: Vec<_> = object["КонтактнаяИнформация"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["Представление"].clone(), row["ДействуетС"].clone()))
        .collect();
    assert!(rows.contains(&(json!("Тверь"), json!("2020-01-01T00:00:00"))), "{rows:?}");
    assert!(rows.contains(&(json!(WHOLE), json!("2025-02-01T00:00:00"))), "{rows:?}");
    assert_eq!(rows.len(), 2);
}

#[test]
fn where_there_is_no_such_kind_or_it_is_switched_off_nothing_is_read_or_written() {
    let without_kind = World::of(small_firm::base_settings(), &small_firm::objects(), small_firm::change);
    let switched_off = World::with(Default::default(), |settings| settings.addresses = false);
    for (world, reference) in [(without_kind, small_firm::OFFICE), (switched_off, ROMASHKA)] {
        let record = block_on(world.record(Kind::Company, reference));
        assert_eq!(address(&record), "");
        let capacity = world.client.capacity(Catalog::Counterparty);
        assert!(!capacity.fields.contains(&Field::Address));
    }
    let world = World::new();
    block_on(world.client.connect()).unwrap();
    assert!(world.client.capacity(Catalog::Counterparty).fields.contains(&Field::Address));
    assert!(!world.client.capacity(Catalog::ContactPerson).fields.contains(&Field::Address));
}

#[test]
fn the_address_of_a_private_person_keeps_its_past_and_is_read_only_where_it_is_configured() {
    let objects = with_moved_office(|office| office["ВидКонтрагента"] = json!("ФизическоеЛицо"));
    let name = PRIVATE_ADDRESS.parse().unwrap();
    let place = Place { name, kind: Kind::Contact, at: Vec::new(), is_certain: true, label: None };
    let switched_on = World::of(small_firm::base_settings(), &objects, |settings| {
        small_firm::change(settings);
        settings.places = vec![place];
    });
    let record = block_on(switched_on.record(Kind::Contact, small_firm::OFFICE));
    assert_eq!(record.party.configured().get(name), Some("Клин"));
    let change = changed(Field::Configured(name), Value::Text(WHOLE.to_owned()));
    let outcomes = block_on(switched_on.client.write(vec![update(&record, vec![change])]));
    assert_eq!(done(&outcomes[0]).party.configured().get(name), Some(WHOLE));
    assert_eq!(
        shown(&switched_on, small_firm::COUNTERPARTIES, small_firm::OFFICE),
        [json!(WHOLE), json!("Тверь")]
    );

    let switched_off = World::of(small_firm::base_settings(), &objects, small_firm::change);
    let record = block_on(switched_off.record(Kind::Contact, small_firm::OFFICE));
    assert_eq!(record.party.configured().get(name), None);
}
