//! «Управление торговлей»: creates and updates of two objects at once, lost replies and refusals included.

use futures_executor::block_on;
use obmen_domain::party::{Field, UserId, Value};
use obmen_domain::plan::FieldChange;
use obmen_domain::record::{Catalog, Kind, RecordId};
use obmen_engine::ports::{Outcome, Reader as _, SentCreate, SideError, Writer as _};
use obmen_sim::onec::Fault;
use obmen_sim::world::World as _;
use serde_json::{Value as Json, json};

use crate::infobase::{World, decoded, done, lines_of};
use crate::trade::*;
use crate::writes::organization_of;

#[test]
fn a_new_client_is_a_partner_and_then_its_counterparty() {
    let world = world();
    let outcomes = block_on(world.client.write(vec![company("7")]));
    let record = done(&outcomes[0]).clone();
    let posts: Vec<String> = world.wire.take_sent("POST").iter().map(|post| decoded(&post.url)).collect();
    assert!(posts[0].contains(PARTNERS) && posts[1].contains(COUNTERPARTIES), "{posts:?}");
    let counterparty = world.wire.object(COUNTERPARTIES, &record.id.id);
    let partner = world.wire.object(PARTNERS, counterparty["Партнер_Key"].as_str().unwrap());
    let texts = |object: &Json, names: [&str; 4]| {
        names.map(|name| object[name].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(
        texts(&counterparty, ["Description", "НаименованиеПолное", "ЮрФизЛицо", "ИНН"]),
        ["Василёк", "ООО Василёк", "ЮрЛицо", "7701234560"]
    );
    assert_eq!(
        texts(&partner, ["Description", "НаименованиеПолное", "ЮрФизЛицо", "ОсновнойМенеджер_Key"]),
        ["Василёк", "ООО Василёк", "Компания", USER]
    );
    assert_eq!(partner["Клиент"], true);
    assert_eq!(partner["КонтактнаяИнформация"][0]["НомерТелефона"], "74957654321");
    assert_eq!(keys(record.party.phones()), ["+74957654321"]);
    assert_eq!((record.mutual_id.as_str(), record.party.manager().is_some()), ("company:7", true));
}

#[test]
fn a_partner_without_a_full_name_could_not_be_saved_by_its_form_and_gets_the_short_one() {
    let world = world();
    let mut nameless = company("7");
    organization_of(&mut nameless).legal_name.clear();
    let outcomes = block_on(world.client.write(vec![nameless]));
    let counterparty = world.wire.object(COUNTERPARTIES, &done(&outcomes[0]).id.id);
    let partner = world.wire.object(PARTNERS, counterparty["Партнер_Key"].as_str().unwrap());
    assert_eq!(partner["НаименованиеПолное"], "Василёк");
    assert!(counterparty["НаименованиеПолное"].as_str().unwrap_or_default().is_empty(), "nobody said so");
}

#[test]
fn a_sole_proprietor_and_a_private_person_have_their_own_sorts() {
    let world = world();
    let mut proprietor = company("8");
    organization_of(&mut proprietor).entrepreneur = true;
    let outcomes = block_on(world.client.write(vec![proprietor, contact("9", Catalog::Counterparty, &[])]));
    let sorts = |outcome: &Outcome| {
        let counterparty = world.wire.object(COUNTERPARTIES, &done(outcome).id.id);
        let partner = world.wire.object(PARTNERS, counterparty["Партнер_Key"].as_str().unwrap());
        [counterparty, partner].map(|object| object["ЮрФизЛицо"].as_str().unwrap().to_owned())
    };
    assert_eq!(sorts(&outcomes[0]), ["ИндивидуальныйПредприниматель", "Компания"]);
    assert_eq!(sorts(&outcomes[1]), ["ФизЛицо", "ЧастноеЛицо"]);
}

#[test]
fn a_partner_whose_reply_was_lost_is_taken_up_and_not_made_again() {
    for honours_ref_key in [true, false] {
        let settings = obmen_sim::onec::Settings { honours_ref_key, ..base_settings() };
        let world = World::of(settings, &objects(), change);
        block_on(world.client.connect()).unwrap();
        let before = world.wire.count(PARTNERS);
        world.wire.lose_replies_to(Some("POST"));
        assert_eq!(block_on(world.client.write(vec![company("7")])), [Outcome::Unknown]);
        world.wire.lose_replies_to(None);
        assert_eq!(world.wire.count(PARTNERS), before + 1);
        let sent = [SentCreate { source: RecordId::bitrix24(Kind::Company, "7"), derived_id: None }];
        assert!(block_on(world.client.find_created(&sent)).unwrap().is_empty(), "no record was made yet");
        let outcomes = block_on(world.client.write(vec![company("7")]));
        assert_eq!(keys(done(&outcomes[0]).party.phones()), ["+74957654321"]);
        assert_eq!(world.wire.count(PARTNERS), before + 1, "references honoured: {honours_ref_key}");
    }
}

#[test]
fn the_partner_of_a_refused_counterparty_is_marked_and_serves_the_next_create() {
    let world = world();
    let before = world.wire.count(PARTNERS);
    world.wire.refuse_writes_to(COUNTERPARTIES, Some("Не заполнено: ИНН"));
    let outcomes = block_on(world.client.write(vec![company("7")]));
    assert!(matches!(&outcomes[0], Outcome::Refused { field: Some(Field::Inn), .. }), "{outcomes:?}");
    let made = || {
        let dump = world.wire.base().dump();
        let partners = dump["objects"][PARTNERS].as_array().unwrap().clone();
        partners.into_iter().find(|partner| partner["Description"] == "Василёк").unwrap()
    };
    assert_eq!(made()["DeletionMark"], true);
    world.wire.refuse_writes_to(COUNTERPARTIES, None);
    let outcomes = block_on(world.client.write(vec![company("7")]));
    let counterparty = world.wire.object(COUNTERPARTIES, &done(&outcomes[0]).id.id);
    assert_eq!(counterparty["Партнер_Key"], made()["Ref_Key"]);
    assert_eq!((world.wire.count(PARTNERS), &made()["DeletionMark"]), (before + 1, &json!(false)));
}

#[test]
fn while_handlers_of_a_new_release_run_nothing_is_written_and_it_may_be_tried_again() {
    let world = world();
    let record = block_on(world.record(Kind::Company, FIRM));
    world.wire.base().settings_mut().fault = Some(Fault::UnfinishedUpdate);
    let outcomes = block_on(world.client.write(vec![update(&record, vec![kpp("770101002")])]));
    assert!(matches!(&outcomes[0], Outcome::NotDone(SideError::Busy { .. })), "{outcomes:?}");
    assert_eq!(world.wire.object(COUNTERPARTIES, FIRM)["КПП"], "770101001");
}

#[test]
fn a_changed_phone_changes_wherever_it_stands_and_a_new_one_goes_to_the_partner() {
    let world = world();
    let record = block_on(world.record(Kind::Company, FIRM));
    let wanted = phones(&["+7 912 000-00-05", "+7 912 000-00-01", "+7 912 000-00-06"]);
    let outcomes = block_on(
        world.client.write(vec![update(&record, vec![changed(Field::Phone, Value::Phones(wanted))])]),
    );
    assert_eq!(keys(done(&outcomes[0]).party.phones()), ["+79120000005", "+79120000006", "+79120000001"]);
    let shown = |set: &str, reference: &str| {
        let object = world.wire.object(set, reference);
        let rows = object["КонтактнаяИнформация"].as_array().unwrap().clone();
        rows.iter().map(|row| row["НомерТелефона"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(shown(COUNTERPARTIES, FIRM), ["79120000005", "79120000006"]);
    assert_eq!(shown(PARTNERS, PARTNER), ["79120000005", "79120000001", "79120000006"]);
    let record = block_on(world.record(Kind::Contact, CUSTOMER));
    let wanted = [record.party.phones(), &phones(&["+7 912 000-00-07"])].concat();
    block_on(world.client.write(vec![update(&record, vec![changed(Field::Phone, Value::Phones(wanted))])]));
    assert_eq!(shown(PARTNERS, PRIVATE), ["79123456789", "79120000007"]);
}

#[test]
fn requisites_go_to_the_counterparty_the_manager_to_the_partner_and_a_name_to_both() {
    let world = world();
    let record = block_on(world.record(Kind::Company, FIRM));
    let patched = |changes: Vec<FieldChange>| {
        let record = block_on(world.record(Kind::Company, FIRM));
        world.wire.take_sent("PATCH");
        let outcomes = block_on(world.client.write(vec![update(&record, changes)]));
        done(&outcomes[0]);
        let urls: Vec<String> = world.wire.take_sent("PATCH").iter().map(|sent| decoded(&sent.url)).collect();
        urls.iter().map(|url| url.contains(PARTNERS)).collect::<Vec<_>>()
    };
    assert_eq!(patched(vec![kpp("770101002")]), [false]);
    let manager = Value::Manager(Some(UserId(OTHER_USER.to_owned())));
    assert_eq!(patched(vec![changed(Field::Manager, manager)]), [true]);
    assert_eq!(patched(vec![changed(Field::Name, Value::Text("Лютик".to_owned()))]), [false, true]);
    let partner = world.wire.object(PARTNERS, PARTNER);
    assert_eq!(
        (&partner["Description"], &partner["ОсновнойМенеджер_Key"]),
        (&json!("Лютик"), &json!(OTHER_USER))
    );
    // A partner that is called otherwise keeps its name.
    let now = "2026-03-01T09:00:00Z".parse().unwrap();
    let edit =
        json!({"do": "update", "set": PARTNERS, "ref": PARTNER, "fields": {"Description": "Сеть Лютик"}});
    world.wire.base().act(now, &edit).unwrap();
    assert_eq!(patched(vec![changed(Field::Name, Value::Text("Мак".to_owned()))]), [false]);
    assert_ne!(block_on(world.record(Kind::Company, FIRM)).version, record.version);
}

#[test]
fn a_new_contact_person_belongs_to_the_partner_of_its_company() {
    let world = world();
    let outcomes = block_on(world.client.write(vec![contact("9", Catalog::ContactPerson, &[FIRM])]));
    let record = done(&outcomes[0]);
    let object = world.wire.object(PERSONS, &record.id.id);
    assert_eq!((&object["Owner_Key"], &object["ДолжностьПоВизитке"]), (&json!(PARTNER), &json!("Юрист")));
    assert_eq!(object["Description"], "Орлова Нина Павловна");
    assert_eq!(record.party.employers()[0], RecordId::onec(Kind::Company, FIRM));
    let outcomes = block_on(world.client.write(vec![contact("10", Catalog::ContactPerson, &[LOOSE])]));
    assert!(matches!(&outcomes[0], Outcome::Refused { field: Some(Field::Company), .. }), "{outcomes:?}");
}

#[test]
fn a_new_contact_person_was_entered_by_the_user_that_is_called_like_our_login() {
    let author = |login: &str| {
        let named = lines_of("Catalog_Пользователи", vec![json!({"Ref_Key": OURSELF, "Description": login})]);
        let world = World::of(base_settings(), &[objects(), named].concat(), change);
        let outcomes = block_on(world.client.write(vec![contact("9", Catalog::ContactPerson, &[FIRM])]));
        let object = world.wire.object(PERSONS, &done(&outcomes[0]).id.id);
        ["Автор", "Автор_Type"].map(|name| object[name].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(author("obmen"), [OURSELF, "StandardODATA.Catalog_Пользователи"]);
    assert!(author("Сидоров Пётр").iter().all(|text| text != OURSELF), "somebody else did not enter it");
}

#[test]
fn a_new_partner_stands_under_the_configured_one_and_has_the_configured_roles() {
    let world = World::of(base_settings(), &objects(), |settings| {
        change(settings);
        settings.new_folder = "Ромашка".to_owned();
        settings.new_roles = vec!["Поставщик".to_owned()];
    });
    let outcomes = block_on(world.client.write(vec![company("7")]));
    let counterparty = world.wire.object(COUNTERPARTIES, &done(&outcomes[0]).id.id);
    let partner = world.wire.object(PARTNERS, counterparty["Партнер_Key"].as_str().unwrap());
    assert_eq!(partner["Parent_Key"], PARTNER);
    assert_ne!(partner["Клиент"], true);
    assert_eq!(partner["Поставщик"], true);
}
