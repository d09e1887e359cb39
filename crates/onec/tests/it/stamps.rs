//! Walks over references and versions alone, beside walks over everything.

use std::collections::{BTreeMap, BTreeSet};

use futures_executor::block_on;
use obmen_domain::record::{Kind, RecordId};
use obmen_engine::ports::{Clock as _, Reader as _};
use obmen_sim::world::World as _;
use serde_json::json;

use crate::infobase::{ROMASHKA, World, decoded};
use crate::{small_firm, trade};

#[test]
fn a_stamp_has_the_version_of_the_record_parts_and_links_included() {
    for (name, world) in [("bp30", World::new()), ("ut11", trade::world()), ("unf", small_firm::world())] {
        for kind in Kind::ALL {
            let read: BTreeMap<RecordId, String> =
                block_on(world.sweep(kind)).into_iter().map(|record| (record.id, record.version)).collect();
            assert!(!read.is_empty(), "{name}");
            assert_eq!(stamps(&world, kind), read, "{name}");
        }
    }
}

#[test]
fn an_old_row_without_a_sort_is_stamped_as_what_its_numbers_tell() {
    let world = World::new();
    let id = RecordId::onec(Kind::Company, ROMASHKA);
    for (inn, kpp) in [("7707083893", ""), ("", "770701001")] {
        let fields = json!({"ЮридическоеФизическоеЛицо": "", "ИНН": inn, "КПП": kpp});
        world
            .wire
            .act(&json!({"do": "update", "set": "Catalog_Контрагенты", "ref": ROMASHKA, "fields": fields}));
        for kind in Kind::ALL {
            let stamped: BTreeSet<RecordId> = stamps(&world, kind).into_keys().collect();
            assert_eq!(stamped.contains(&id), kind == Kind::Company, "{fields}");
            let read = block_on(world.sweep(kind)).into_iter().map(|record| record.id).collect();
            assert_eq!(stamped, read, "{fields}");
        }
    }
}

#[test]
fn a_scan_asks_for_no_phones_and_no_mailboxes() {
    for world in [World::new(), trade::world(), small_firm::world()] {
        block_on(world.client.connect()).unwrap();
        world.wire.take_sent("GET");
        for kind in Kind::ALL {
            stamps(&world, kind);
        }
        let sent = world.wire.take_sent("GET");
        assert!(!sent.is_empty());
        assert!(sent.iter().all(|request| !decoded(&request.url).contains("КонтактнаяИнформация")));
    }
}

#[test]
fn a_record_that_somebody_saves_has_another_stamp() {
    let world = trade::world();
    let before = stamps(&world, Kind::Company);
    let (id, _) = before.first_key_value().unwrap();
    let save = json!({"do": "save", "set": "Catalog_Контрагенты", "ref": id.id});
    let now = world.wire.now();
    world.wire.base().act(now, &save).unwrap();
    let after = stamps(&world, Kind::Company);
    assert_ne!(before.get(id), after.get(id));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
}

fn stamps(world: &World, kind: Kind) -> BTreeMap<RecordId, String> {
    let (mut found, mut cursor) = (BTreeMap::new(), None);
    loop {
        let portion = block_on(world.client.stamps(kind, cursor)).unwrap();
        found.extend(portion.stamps.into_iter().map(|stamp| (stamp.id, stamp.version.unwrap())));
        cursor = portion.next;
        if cursor.is_none() {
            return found;
        }
    }
}
