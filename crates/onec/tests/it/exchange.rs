//! An exchange plan as a queue: what was written, until it is confirmed.

use futures_executor::block_on;
use obmen_domain::record::{Kind, RecordId};
use obmen_engine::doctor::{Doctor as _, Severity};
use obmen_engine::ports::{Clock as _, Reader as _, SideError};
use obmen_engine::watch::Waiting;
use obmen_onec::Exchange;
use obmen_sim::world::World as _;
use serde_json::json;

use crate::infobase::{ANNA, CUSTOMER, ROMASHKA, World, objects};

const PLAN: &str = "МобильнаяБухгалтерия";
const NODE: &str = "70000000-0000-4000-8000-000000000001";

#[test]
fn what_was_written_comes_until_it_is_confirmed_and_what_changes_meanwhile_comes_again() {
    let world = world("OBMEN");
    assert_eq!(next(&world), None);
    save(&world, "Catalog_Контрагенты", ROMASHKA);
    save(&world, "Catalog_КонтактныеЛица", ANNA);
    let first = next(&world).unwrap();
    let both = |reference: &str| Kind::ALL.map(|kind| RecordId::onec(kind, reference));
    let mut ids = vec![RecordId::onec(Kind::Contact, ANNA)];
    ids.extend(both(ROMASHKA));
    ids.sort();
    assert_eq!(first.ids, ids);
    assert_eq!(next(&world).as_ref(), Some(&first), "the same again before it is confirmed");

    save(&world, "Catalog_Контрагенты", CUSTOMER);
    save(&world, "Catalog_Контрагенты", ROMASHKA);
    block_on(world.client.confirm(&first.receipt)).unwrap();
    let mut ids = [both(CUSTOMER), both(ROMASHKA)].concat();
    ids.sort();
    let second = next(&world).unwrap();
    assert_eq!(second.ids, ids, "written after it was told");

    // The answer to a confirmation gets lost.
    world.wire.lose_replies_to(Some("POST"));
    assert!(block_on(world.client.confirm(&second.receipt)).is_err());
    world.wire.lose_replies_to(None);
    assert_eq!(next(&world), None);
}

#[test]
fn a_node_is_named_by_code_name_or_reference_and_it_is_told_where_it_cannot_be_one() {
    for node in ["OBMEN", "obmen для обмена", NODE] {
        let world = world(node);
        save(&world, "Catalog_Контрагенты", ROMASHKA);
        assert_eq!(next(&world).unwrap().ids.len(), 2, "{node}");
        assert!(problems(&world).is_empty(), "{node}");
    }
    assert_eq!(problems(&world("nobody")), ["check-onec-node-missing"]);
    assert!(block_on(world("nobody").client.waiting()).is_err());
    assert_eq!(problems(&world("BASE")), ["check-onec-node-own"]);
    let own = block_on(world("BASE").client.waiting());
    assert!(matches!(own, Err(SideError::MissingField { .. })), "nothing is registered for the base itself");
    let other = World::of(obmen_sim::onec::Settings::default(), &objects(), |settings| {
        settings.exchange = Some(Exchange { plan: "Другой".to_owned(), node: "OBMEN".to_owned() });
    });
    assert_eq!(problems(&other), ["check-onec-plan-closed"]);
}

#[test]
fn without_a_plan_nothing_waits() {
    let world = World::new();
    save(&world, "Catalog_Контрагенты", ROMASHKA);
    assert_eq!(next(&world), None);
}

fn world(node: &str) -> World {
    let mut lines = objects();
    for object in [
        json!({"Ref_Key": NODE, "Code": "OBMEN", "Description": "obmen для обмена", "SentNo": "0",
            "ReceivedNo": "4"}),
        json!({"Ref_Key": "70000000-0000-4000-8000-000000000002", "Code": "BASE", "ThisNode": true}),
    ] {
        lines.push(json!({"entity": format!("ExchangePlan_{PLAN}"), "object": object}));
    }
    World::of(obmen_sim::onec::Settings::default(), &lines, |settings| {
        settings.exchange = Some(Exchange { plan: PLAN.to_owned(), node: node.to_owned() });
    })
}

fn next(world: &World) -> Option<Waiting> {
    block_on(world.client.waiting()).unwrap()
}

fn problems(world: &World) -> Vec<&'static str> {
    let findings = block_on(world.client.check());
    findings.iter().filter(|found| found.severity == Severity::Problem).map(|found| found.code).collect()
}

fn save(world: &World, set: &str, reference: &str) {
    let now = world.wire.now();
    world.wire.base().act(now, &json!({"do": "save", "set": set, "ref": reference})).unwrap();
}
