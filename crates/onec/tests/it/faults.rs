//! What an infobase that is away, closed or not itself is taken for.

use std::collections::BTreeSet;

use futures_executor::block_on;
use obmen_domain::record::Kind;
use obmen_engine::ports::{Reader as _, SideError};
use obmen_sim::onec::{Composition, Fault, SessionMode};

use crate::infobase::World;

#[test]
fn a_system_that_is_not_there_is_told_by_what_it_answers() {
    let cases = [
        (Fault::Locked, "reach onec"),
        (Fault::LoginPage, "be let in by onec"),
        (Fault::NoLicence, "reach onec"),
    ];
    for (fault, expected) in cases {
        let world = World::new();
        block_on(world.client.connect()).unwrap();
        world.wire.advance(60);
        world.wire.base().settings_mut().fault = Some(fault);
        let error = block_on(world.client.sweep(Kind::Company, None)).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{fault:?}: {error}");
    }
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
