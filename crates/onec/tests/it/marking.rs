//! Records that go are marked for deletion, and take part again when they are created anew.

use futures_executor::block_on;
use obmen_domain::record::{Record, Standing};
use obmen_domain::stay::Tie;
use obmen_engine::ports::{Outcome, Reader as _, Write, WriteSort, Writer as _};
use obmen_sim::world::World as _;
use serde_json::json;

use crate::infobase::{World, done, lines_of};
use crate::writes::organization_of;
use crate::{small_firm, trade};

const CONTRACTS: &str = "Catalog_ДоговорыКонтрагентов";

#[test]
fn a_counterparty_goes_with_its_partner_and_both_come_back() {
    let world = trade::world();
    let made = done(&block_on(world.client.write(vec![trade::company("7")]))[0]).clone();
    let marked = done(&mark(&world, &made)).clone();
    assert_eq!((&marked.id, &marked.standing), (&made.id, &Standing::Marked));
    let object = world.wire.object(trade::COUNTERPARTIES, &made.id.id);
    let partner = object["Партнер_Key"].as_str().unwrap().to_owned();
    assert_eq!(object["DeletionMark"], true);
    assert_eq!(world.wire.object(trade::PARTNERS, &partner)["DeletionMark"], true);
    world.wire.take_sent("PATCH");
    assert_eq!(done(&mark(&world, &marked)), &marked, "what is marked is marked");
    assert!(world.wire.take_sent("PATCH").is_empty());

    let counted = world.wire.count(trade::COUNTERPARTIES);
    let mut again = trade::company("7");
    organization_of(&mut again).title = "Василёк и ко".to_owned();
    if let Write::Create { revives, .. } = &mut again {
        *revives = Some(Box::new(marked));
    }
    let revived = done(&block_on(world.client.write(vec![again]))[0]).clone();
    assert_eq!((&revived.id, &revived.standing), (&made.id, &Standing::TakesPart));
    assert_eq!(revived.party.display_name(), "Василёк и ко");
    assert_eq!(world.wire.object(trade::PARTNERS, &partner)["DeletionMark"], false);
    assert_eq!(world.wire.count(trade::COUNTERPARTIES), counted);
}

#[test]
fn another_version_stays_and_a_lost_answer_leaves_the_outcome_open() {
    let world = trade::world();
    let made = done(&block_on(world.client.write(vec![trade::company("7")]))[0]).clone();
    let stale = Record { version: "AAAAAAAAAAk= AAAAAAAAAAk=".to_owned(), ..made.clone() };
    assert!(matches!(mark(&world, &stale), Outcome::Moved { .. }));
    assert_ne!(world.wire.object(trade::COUNTERPARTIES, &made.id.id)["DeletionMark"], true);
    world.wire.lose_replies_to(Some("PATCH"));
    assert_eq!(mark(&world, &made), Outcome::Unknown);
    world.wire.lose_replies_to(None);
    assert_eq!(world.client.room(WriteSort::Mark), 20);
}

#[test]
fn the_contract_that_1c_makes_itself_is_no_tie_and_a_further_one_is() {
    let world = small_firm::world();
    let made = done(&block_on(world.client.write(vec![small_firm::company("7", false)]))[0]).clone();
    assert_eq!(world.wire.count(CONTRACTS), 1, "1C made it");
    let ties = |record: &Record| block_on(world.client.ties(std::slice::from_ref(&record.id))).unwrap();
    assert_eq!(ties(&made), []);
    let contract = json!({"Ref_Key": "90000000-0000-4000-8000-000000000001", "Owner_Key": made.id.id,
        "Description": "Договор поставки", "ВидДоговора": "СПокупателем"});
    for line in lines_of(CONTRACTS, vec![contract]) {
        world.wire.base().load(&line).unwrap();
    }
    assert_eq!(ties(&made), [(made.id.clone(), Tie::Contract)]);
    assert_eq!(mark(&world, &made), Outcome::Tied(Tie::Contract));
    assert_ne!(world.wire.object(small_firm::COUNTERPARTIES, &made.id.id)["DeletionMark"], true);
}

fn mark(world: &World, record: &Record) -> Outcome {
    block_on(world.client.write(vec![Write::Mark { record: Box::new(record.clone()) }])).remove(0)
}
