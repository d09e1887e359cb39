//! Reading by the extension: the same records as by OData, and what changed since.

use futures_executor::block_on;
use obmen_domain::key::keys_of;
use obmen_domain::record::{Kind, Record, RecordId};
use obmen_engine::doctor::{Doctor as _, Severity};
use obmen_engine::ports::{Reader as _, SideError};
use obmen_sim::onec::Fault;
use serde_json::{Value, json};

use crate::infobase::{ANNA, CUSTOMER, ROMASHKA, World, objects};
use crate::{small_firm, trade};

/// The bases of all configurations, reached by OData and by the extension.
fn worlds() -> Vec<(&'static str, [World; 2])> {
    let bp30 = || (obmen_sim::onec::Settings::default(), objects());
    let [(one, lines), (other, same)] = [bp30(), bp30()];
    vec![
        ("bp30", [World::of(one, &lines, |_| {}), World::by_extension(other, &same, |_| {})]),
        (
            "ut11",
            [trade::world(), World::by_extension(trade::base_settings(), &trade::objects(), trade::change)],
        ),
        (
            "unf",
            [
                small_firm::world(),
                World::by_extension(small_firm::base_settings(), &small_firm::objects(), small_firm::change),
            ],
        ),
    ]
}

fn world() -> World {
    World::by_extension(obmen_sim::onec::Settings::default(), &objects(), |_| {})
}

/// What a record says, whichever way it was read.
fn said(records: Vec<Record>) -> Vec<Record> {
    let without_place =
        |record: Record| Record { version: String::new(), mutual_id: String::new(), ..record };
    let mut records: Vec<Record> = records.into_iter().map(without_place).collect();
    records.sort_by(|one, other| one.id.cmp(&other.id));
    records
}

#[test]
fn both_ways_show_the_same_records_in_every_configuration() {
    for (configuration, [by_odata, by_extension]) in worlds() {
        for kind in Kind::ALL {
            let one = said(block_on(by_odata.sweep(kind)));
            let other = said(block_on(by_extension.sweep(kind)));
            assert!(!one.is_empty(), "{configuration}");
            assert_eq!(one, other, "{configuration}");
            let ids: Vec<RecordId> = one.iter().map(|record| record.id.clone()).collect();
            let [fetched, asked] =
                [&by_odata, &by_extension].map(|world| said(block_on(world.client.fetch(&ids)).unwrap()));
            assert_eq!(fetched, asked, "{configuration}");
        }
    }
}

#[test]
fn both_ways_find_the_same_holders_of_keys() {
    for (configuration, [by_odata, by_extension]) in worlds() {
        let mut found = 0;
        for kind in Kind::ALL {
            let keys: Vec<_> =
                block_on(by_odata.sweep(kind)).iter().flat_map(|record| keys_of(&record.party)).collect();
            let [one, other] = [&by_odata, &by_extension]
                .map(|world| said(block_on(world.client.find(kind, &keys)).unwrap()));
            assert_eq!(one, other, "{configuration}");
            found += one.len();
        }
        assert!(found > 0, "{configuration}");
        let [one, other] = [&by_odata, &by_extension].map(|world| block_on(world.client.users()).unwrap());
        assert_eq!(one, other, "{configuration}");
    }
}

#[test]
fn a_walk_over_versions_agrees_with_the_records() {
    for (configuration, [_, world]) in worlds() {
        for kind in Kind::ALL {
            let mut versions = Vec::new();
            let mut cursor = None;
            loop {
                let stamps = block_on(world.client.stamps(kind, cursor)).unwrap();
                versions.extend(stamps.stamps.into_iter().map(|stamp| (stamp.id, stamp.version.unwrap())));
                cursor = stamps.next;
                if cursor.is_none() {
                    break;
                }
            }
            let mut read: Vec<_> =
                block_on(world.sweep(kind)).into_iter().map(|record| (record.id, record.version)).collect();
            versions.sort();
            read.sort();
            assert_eq!(versions, read, "{configuration}");
        }
    }
}

#[test]
fn what_was_written_waits_until_it_is_confirmed_and_our_own_writes_do_not() {
    let world = world();
    let waiting = || block_on(world.client.waiting()).unwrap();
    assert_eq!(waiting(), None);
    edit(&world, "Catalog_КонтактныеЛица", ANNA, &json!({"Должность": "Директор"}));
    edit(&world, "Catalog_Контрагенты", ROMASHKA, &json!({"Description": "Ромашка и ко"}));
    let first = waiting().unwrap();
    let ids = [
        RecordId::onec(Kind::Company, ROMASHKA),
        RecordId::onec(Kind::Contact, ROMASHKA),
        RecordId::onec(Kind::Contact, ANNA),
    ];
    let mut ids = ids.to_vec();
    ids.sort();
    assert_eq!((&first.ids, first.is_elsewhere), (&ids, false));
    assert_eq!(waiting().unwrap().receipt, first.receipt, "asked again it says the same");
    edit(&world, "Catalog_КонтактныеЛица", ANNA, &json!({"Должность": "Бухгалтер"}));
    block_on(world.client.confirm(&first.receipt)).unwrap();
    let rest = waiting().unwrap();
    assert_eq!(rest.ids, [RecordId::onec(Kind::Contact, ANNA)], "written again meanwhile");
    block_on(world.client.confirm(&rest.receipt)).unwrap();
    assert_eq!(waiting(), None);
}

#[test]
fn a_partner_that_was_written_is_a_signal_for_its_counterparties() {
    let world = World::by_extension(trade::base_settings(), &trade::objects(), trade::change);
    edit(&world, trade::PARTNERS, trade::PARTNER, &json!({"Description": "Ромашка плюс"}));
    let waiting = block_on(world.client.waiting()).unwrap().unwrap();
    let company = |reference: &str| waiting.ids.contains(&RecordId::onec(Kind::Company, reference));
    assert!(company(trade::FIRM) && company(trade::BRANCH) && !company(trade::LOOSE));
    assert!(!waiting.is_elsewhere);
}

#[test]
fn a_link_that_was_written_is_a_signal_for_its_contact_person() {
    let world = World::by_extension(small_firm::base_settings(), &small_firm::objects(), small_firm::change);
    let link = json!({"Period": "2026-02-28T09:00:00", "Контакт_Key": small_firm::ALONE, "Контрагент_Key": small_firm::FIRM});
    world.wire.act(&json!({"do": "create", "set": small_firm::LINKS, "fields": link}));
    let waiting = block_on(world.client.waiting()).unwrap().unwrap();
    assert_eq!(waiting.ids, [RecordId::onec(Kind::Contact, small_firm::ALONE)]);
}

#[test]
fn an_infobase_without_the_extension_says_so() {
    let world = world();
    world.wire.act(&json!({"do": "extend", "installed": false}));
    let error = block_on(world.client.connect()).unwrap_err();
    assert!(matches!(error, SideError::NoExtension { .. }), "{error}");
    let found = block_on(world.client.check());
    assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["check-onec-no-extension"]);
}

#[test]
fn faults_are_told_by_the_same_classes_as_over_odata() {
    let faults = [
        (Fault::Locked, "be let into onec while it is locked"),
        (Fault::LoginPage, "be let in by onec"),
        (Fault::NoLicence, "get a licence of onec"),
        (Fault::BadGateway, "reach onec"),
        (Fault::Empty, "reach onec"),
    ];
    World::assert_told(world, &faults);
}

#[test]
fn hidden_rows_are_a_missing_right_and_never_a_smaller_base() {
    let world = world();
    block_on(world.client.connect()).unwrap();
    world.wire.act(&json!({"do": "hide", "refs": [CUSTOMER]}));
    for kind in Kind::ALL {
        let swept = block_on(world.client.sweep(kind, None));
        let asked = block_on(world.client.fetch(&[RecordId::onec(kind, CUSTOMER)]));
        for error in swept.err().into_iter().chain(asked.err()) {
            assert!(matches!(error, SideError::MissingRight { .. }), "{error}");
        }
    }
    assert!(block_on(world.client.fetch(&[RecordId::onec(Kind::Contact, CUSTOMER)])).is_err());
}

#[test]
fn the_doctor_says_by_what_1c_is_reached_and_what_the_extension_lacks() {
    let world = world();
    world.wire.act(&json!({"do": "extend", "safe_mode": true}));
    let found = block_on(world.client.check());
    let code = |code: &str| found.iter().find(|finding| finding.code == code).map(|finding| finding.severity);
    assert_eq!(code("check-onec-by-extension"), Some(Severity::Good), "{found:?}");
    assert_eq!(code("check-onec-safe-mode"), Some(Severity::Warning));
    assert_eq!(code("check-onec-notify-off"), Some(Severity::Good));
    assert!(found.iter().all(|finding| finding.severity != Severity::Problem), "{found:?}");
}

fn edit(world: &World, set: &str, reference: &str, fields: &Value) {
    world.wire.act(&json!({"do": "update", "set": set, "ref": reference, "fields": fields}));
}
