//! What an infobase that is away, closed or not itself is taken for.

use std::collections::BTreeSet;

use futures_executor::block_on;
use obmen_domain::party::{Field, Value};
use obmen_domain::plan::{ChangeReason, FieldChange};
use obmen_domain::record::Kind;
use obmen_engine::ports::{Clock as _, Outcome, Reader as _, SideError, Write, Writer as _};
use obmen_sim::onec::{Composition, Fault, SessionMode};

use crate::infobase::World;

#[test]
fn a_system_that_is_not_there_is_told_by_what_it_answers() {
    let faults = [
        (Fault::Locked, "be let into onec while it is locked"),
        (Fault::LoginPage, "be let in by onec"),
        (Fault::NoLicence, "get a licence of onec"),
    ];
    World::assert_told(World::new, &faults);
}

#[test]
fn a_wrong_password_is_unauthorized() {
    let world =
        World::with(obmen_sim::onec::Settings::default(), |settings| settings.user = "Иван".to_owned());
    assert!(matches!(block_on(world.client.connect()), Err(SideError::Unauthorized { .. })));
}

#[test]
fn a_closed_composition_is_named_and_never_read_as_an_empty_base() {
    for sets in [vec![], vec!["Catalog_Контрагенты", "Catalog_КонтактныеЛица"]] {
        let composition = Composition::Sets(sets.into_iter().map(str::to_owned).collect::<BTreeSet<_>>());
        let settings = obmen_sim::onec::Settings { composition, ..Default::default() };
        let world = World::with(settings, |_| {});
        let error = block_on(world.client.sweep(Kind::Contact, None)).unwrap_err();
        assert!(matches!(error, SideError::ClosedComposition { .. }), "{error}");
    }
}

#[test]
fn sessions_are_kept_and_a_lost_one_is_replaced_without_an_error() {
    let settings = obmen_sim::onec::Settings { sessions: SessionMode::Use, ..Default::default() };
    let world = World::with(settings, |_| {});
    block_on(world.client.connect()).unwrap();
    block_on(world.client.users()).unwrap();
    let starts = |world: &World| {
        let sent = world.wire.take_sent("GET");
        sent.iter().filter(|request| request.headers.iter().any(|(name, _)| name == "IBSession")).count()
    };
    assert_eq!(starts(&world), 1);
    world.wire.advance(3600);
    assert_eq!(block_on(world.client.users()).unwrap().len(), 1);
    assert_eq!(starts(&world), 1);
}

#[test]
fn answers_with_a_byte_order_mark_are_read() {
    let settings = obmen_sim::onec::Settings { json_bom: true, ..Default::default() };
    let world = World::with(settings, |_| {});
    assert!(!block_on(world.sweep(Kind::Company)).is_empty());
}

#[test]
fn a_read_waits_for_a_base_that_comes_back() {
    let world = World::new();
    block_on(world.client.connect()).unwrap();
    world.wire.go_away_for(45);
    assert!(!block_on(world.sweep(Kind::Company)).is_empty());
}

#[test]
fn a_read_gives_up_after_two_minutes_and_a_first_one_after_seconds() {
    let world = World::new();
    world.wire.go_away_for(10);
    assert!(matches!(block_on(world.client.connect()), Err(SideError::Unavailable { .. })));
    assert_eq!(world.wire.take_sent("GET").len(), 4);
    world.wire.advance(10);
    block_on(world.client.connect()).unwrap();
    world.wire.go_away_for(600);
    assert!(matches!(block_on(world.client.sweep(Kind::Company, None)), Err(SideError::Unavailable { .. })));
}

#[test]
fn a_write_into_a_base_that_gets_locked_says_so_after_two_minutes_however_much_it_reads() {
    let world = World::new();
    let records = [Kind::Company, Kind::Contact].map(|kind| block_on(world.sweep(kind)));
    let writes: Vec<Write> =
        records.concat().into_iter().map(|record| Write::Mark { record: Box::new(record) }).collect();
    world.wire.base().settings_mut().fault = Some(Fault::Locked);
    let began = world.wire.now();
    let outcomes = block_on(world.client.write(writes));
    let is_locked = |outcome: &Outcome| matches!(outcome, Outcome::NotDone(SideError::Locked { .. }));
    assert!(outcomes.len() > 2 && outcomes.iter().all(is_locked), "{outcomes:?}");
    assert_eq!(world.wire.now().duration_since(began).as_secs(), 120);
}

#[test]
fn a_write_that_was_not_answered_is_not_repeated() {
    let world = World::new();
    let record = block_on(world.sweep(Kind::Company)).remove(0);
    let changes = vec![FieldChange {
        field: Field::Name,
        before: record.party.value(Field::Name).unwrap(),
        after: Value::Text("Лютик".to_owned()),
        reason: ChangeReason::ChangedThere,
    }];
    world.wire.take_sent("PATCH");
    world.wire.lose_replies_to(Some("PATCH"));
    let write = Write::Update { record: Box::new(record), changes, mutual_id: None };
    assert_eq!(block_on(world.client.write(vec![write])), [Outcome::Unknown]);
    assert_eq!(world.wire.take_sent("PATCH").len(), 1);
}
