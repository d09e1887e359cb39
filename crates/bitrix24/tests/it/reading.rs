//! Sweeps, reads by id and searches against the simulated portal.

use obmen_domain::forms::tax::Inn;
use obmen_domain::key::{Key, keys_of};
use obmen_domain::party::Party;
use obmen_domain::record::{Catalog, Exclusion, Kind, Record, RecordId, Side, Standing};
use obmen_engine::ports::Reader;
use serde_json::json;

use super::stage::Stage;

fn load_contacts(stage: &Stage, count: usize) {
    for id in 1..=count {
        stage.load(&json!({
            "entity": "contact", "ID": (id * 3).to_string(), "NAME": "Анна", "LAST_NAME": format!("Белова{id}"),
            "PHONE": [{"VALUE": format!("8 926 {id:03} 00 01"), "VALUE_TYPE": "WORK"}]
        }));
    }
}

fn sweep(stage: &Stage, kind: Kind) -> Vec<Record> {
    let mut records = Vec::new();
    let mut places = vec![None];
    while let Some(place) = places.pop() {
        let portion = stage.run(stage.client.sweep(kind, place)).unwrap();
        records.extend(portion.records);
        places.extend(portion.next.into_iter().map(Some));
    }
    records.sort_by_key(|record: &Record| record.id.id.parse::<u64>().unwrap());
    records.dedup();
    records
}

#[test]
fn a_sweep_reads_every_record_once_in_few_requests() {
    for count in [0, 1, 49, 50, 51, 100, 730] {
        let stage = Stage::new();
        load_contacts(&stage, count);
        stage.run(stage.client.connect()).unwrap();
        stage.take_requests();
        let records = sweep(&stage, Kind::Contact);
        let ids: Vec<usize> = records.iter().map(|record| record.id.id.parse().unwrap()).collect();
        let expected: Vec<usize> = (1..=count).map(|id| id * 3).collect();
        assert_eq!(ids, expected);
        assert!(stage.take_requests().len() <= 2, "{count} contacts");
    }
}

#[test]
fn a_long_sweep_is_cut_into_stretches_and_loses_nobody_between_them() {
    let stage = Stage::new();
    load_contacts(&stage, 5200);
    stage.run(stage.client.connect()).unwrap();
    stage.take_requests();
    assert_eq!(sweep(&stage, Kind::Contact).len(), 5200);
    assert_eq!(stage.take_requests().len(), 4, "one that measures, and three stretches");
}

#[test]
fn records_that_lie_close_together_are_read_whole() {
    let stage = Stage::new();
    for id in (1..=2600).chain([1_000_000]) {
        stage.load(&json!({"entity": "contact", "ID": id.to_string(), "NAME": "Анна"}));
    }
    stage.take_requests();
    assert_eq!(sweep(&stage, Kind::Contact).len(), 2601);
    assert_eq!(stage.take_requests().len(), 4, "the facts, one that measures, and two stretches");
}

#[test]
fn a_sweep_keeps_its_chain_in_one_batch_where_requests_are_short() {
    let mut stage = Stage::new();
    load_contacts(&stage, 730);
    stage.restart(|settings| settings.limits.request_seconds = 0.5);
    let records = sweep(&stage, Kind::Contact);
    assert_eq!(records.len(), 730);
}

#[test]
fn companies_come_with_their_requisites_and_own_ones_are_out() {
    let stage = Stage::new();
    for id in 1..=60 {
        stage.load(&json!({"entity": "company", "ID": id.to_string(), "TITLE": format!("Фирма {id}"),
            "IS_MY_COMPANY": if id == 2 { "Y" } else { "N" }}));
        for copy in [0, 100] {
            stage.load(&json!({"entity": "requisite", "ID": (id + copy).to_string(), "ENTITY_TYPE_ID": "4",
                "ENTITY_ID": id.to_string(), "PRESET_ID": "1", "NAME": "р", "SORT": (500 - copy).to_string(),
                "RQ_INN": if copy == 0 { "7707083893" } else { "" }, "RQ_KPP": id.to_string()}));
        }
    }
    let records = sweep(&stage, Kind::Company);
    assert_eq!(records.len(), 60);
    assert_eq!(records[1].standing, Standing::Out(Exclusion::OwnCompany));
    for record in &records {
        let Party::Organization(organization) = &record.party else { panic!("{record:?}") };
        assert_eq!(organization.inn, "7707083893", "more requisites than fit on a page");
        assert_eq!(organization.kpp, record.id.id);
    }
}

#[test]
fn people_know_all_their_companies_whichever_way_they_are_read() {
    let stage = Stage::new();
    for id in 1..=3 {
        stage.load(&json!({"entity": "company", "ID": id.to_string(), "TITLE": format!("Фирма {id}")}));
    }
    stage.load(&json!({"entity": "contact", "ID": "7", "NAME": "Анна", "COMPANY_ID": "2", "COMPANY_IDS": ["1", "2", "3"]}));
    stage.load(&json!({"entity": "contact", "ID": "8", "NAME": "Борис"}));
    let swept = sweep(&stage, Kind::Contact);
    let companies: Vec<&str> = swept[0].party.employers().iter().map(|id| id.id.as_str()).collect();
    assert_eq!(companies, ["2", "1", "3"]);
    let ids = [RecordId::bitrix24(Kind::Contact, "7"), RecordId::bitrix24(Kind::Contact, "8")];
    let missing = [ids[0].clone(), RecordId::bitrix24(Kind::Contact, "99"), ids[1].clone()];
    assert_eq!(stage.run(stage.client.fetch(&missing)).unwrap(), swept, "a look sees what a sweep saw");
}

#[test]
fn finding_returns_only_who_really_holds_a_key() {
    let stage = Stage::new();
    load_contacts(&stage, 3);
    stage.load(
        &json!({"entity": "contact", "ID": "50", "NAME": "Вера", "PHONE": [{"VALUE": "926 001 00 01"}],
        "EMAIL": [{"VALUE": "Vera@Firm.example"}], "UF_CRM_INN": "500100732259"}),
    );
    stage.load(
        &json!({"entity": "company", "ID": "5", "TITLE": "Фирма", "EMAIL": [{"VALUE": "vera@firm.example"}]}),
    );
    stage.load(&json!({"entity": "requisite", "ID": "1", "ENTITY_TYPE_ID": "4", "ENTITY_ID": "5",
        "PRESET_ID": "1", "NAME": "р", "RQ_INN": "7707083893"}));
    // Of two numbers that of the requisite counts: a search finds her by the other one too.
    stage.load(&json!({"entity": "contact", "ID": "51", "NAME": "Нина", "UF_CRM_INN": "500100732259"}));
    stage.load(&json!({"entity": "requisite", "ID": "2", "ENTITY_TYPE_ID": "3", "ENTITY_ID": "51",
        "PRESET_ID": "1", "NAME": "р", "RQ_INN": "7701234560"}));
    let vera = stage.run(stage.client.fetch(&[RecordId::bitrix24(Kind::Contact, "50")])).unwrap().remove(0);
    let keys: Vec<Key> = keys_of(&vera.party).into_iter().collect();
    let ids = |kind, keys: &[Key]| -> Vec<String> {
        let found = stage.run(stage.client.find(kind, keys)).unwrap();
        found.into_iter().map(|record| record.id.id).collect()
    };
    assert_eq!(ids(Kind::Contact, &keys), ["3", "50"], "the phone in another spelling counts too");
    assert_eq!(ids(Kind::Company, &keys), ["5"], "the mailbox only");
    let phone: Vec<Key> = keys.iter().filter(|key| matches!(key, Key::Phone(_))).cloned().collect();
    assert_eq!(ids(Kind::Contact, &phone), ["3", "50"], "by the phone alone as well, in every spelling");
    let inn = |text: &str| Key::Inn(Inn::parse(text).unwrap());
    assert_eq!(ids(Kind::Company, &[inn("7707083893")]), ["5"]);
    assert_eq!(ids(Kind::Contact, &[inn("500100732259")]), ["50"]);
    assert!(ids(Kind::Contact, &[inn("7707083893"), Key::Name("вера".to_owned())]).is_empty());
}

#[test]
fn records_are_asked_for_by_fifty_ids_a_list() {
    let stage = Stage::new();
    load_contacts(&stage, 120);
    stage.run(stage.client.connect()).unwrap();
    let ids: Vec<RecordId> =
        (1..=120).map(|id| RecordId::bitrix24(Kind::Contact, (id * 3).to_string())).collect();
    let lists = || stage.counters()["calls"]["crm.contact.list"].as_u64().unwrap();
    let before = lists();
    stage.take_requests();
    assert_eq!(stage.run(stage.client.fetch(&ids)).unwrap().len(), 120);
    assert_eq!((lists() - before, stage.take_requests().len()), (3, 1));
}

#[test]
fn users_are_read_with_mailbox_and_state() {
    let stage = Stage::new();
    for id in 2..=120 {
        stage.load(&json!({"entity": "user", "ID": id.to_string(), "NAME": "Пётр", "LAST_NAME": "Петров",
            "EMAIL": "", "ACTIVE": id % 2 == 0}));
    }
    let users = stage.run(stage.client.users()).unwrap();
    assert_eq!(users.len(), 120);
    let olga = users.iter().find(|user| user.id.0 == "1").unwrap();
    assert_eq!(
        (olga.name.as_str(), olga.email.as_str(), olga.active),
        ("Админова Ольга", "olga@firm.example", true)
    );
    assert_eq!(users.iter().filter(|user| !user.active).count(), 59);
}

#[test]
fn a_field_that_does_not_exist_is_neither_selected_nor_promised() {
    let stage = Stage::bare(obmen_sim::bitrix24::Settings::default());
    load_contacts(&stage, 2);
    stage.run(stage.client.connect()).unwrap();
    let records = sweep(&stage, Kind::Contact);
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].mutual_id, "");
    assert_eq!(stage.client.side(), Side::Bitrix24);
    assert!(!stage.client.capacity(Catalog::Bitrix24).mutual_id);
    assert!(stage.take_requests().iter().all(|request| !request.to_string().contains("UF_CRM")));
}
