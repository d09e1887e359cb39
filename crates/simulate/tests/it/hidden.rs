//! What a side does not show, or shows no more: deletions are told from everything that only looks like one.

use std::time::Duration;

use obmen_domain::record::{RecordId, Side};
use obmen_domain::review::ReviewKind;
use obmen_engine::decide::{Occasion, separate};
use obmen_engine::ports::SideError;
use obmen_engine::store::{Change, DirtyReason, Intent, IntentAction};
use obmen_engine::sync::{EngineError, Extent};
use obmen_sim::world::World as _;
use serde_json::json;

use super::live::{CLIENTS, Live, now};

#[test]
fn rights_that_are_taken_away_are_no_deletion_and_make_nobody_twice() {
    let live = Live::new();
    let (contact, _) = live.with_person("Белова Анна");
    let rights = |admin: bool, reach: &str| {
        live.in_bitrix24(&json!({"do": "rights", "admin": admin, "contacts": reach, "companies": reach}));
    };
    for reach in ["none/all", "own/all"] {
        rights(false, reach);
        live.signal(&contact);
        let twin = json!({"Description": "Белова Анна", "НаименованиеПолное": "Белова Анна",
            "ЮридическоеФизическоеЛицо": "ФизическоеЛицо", "emails": ["belova@post.example"]});
        let twin = live.in_onec(&json!({"do": "create", "set": CLIENTS, "fields": twin}));
        assert!(
            now(live.engine.poll(Side::Bitrix24)).is_err(),
            "changes of whoever is hidden would be passed over"
        );
        now(live.engine.scan(Side::Onec)).unwrap();
        let stopped = now(live.engine.run_once());
        let is_named = |error: &EngineError| {
            matches!(error, EngineError::Side(SideError::MissingRight { side: Side::Bitrix24, .. }))
        };
        assert!(stopped.as_ref().is_err_and(is_named) || reach == "own/all", "{reach}: {stopped:?}");
        assert_eq!(live.wire.portal().dump()["contacts"].as_array().unwrap().len(), 1, "{reach}");
        let asked = now(live.store.reviews()).unwrap();
        assert!(asked.iter().all(|review| review.kind != ReviewKind::Deletion), "{reach}: {asked:?}");
        live.in_onec(&json!({"do": "mark", "set": CLIENTS, "ref": twin["ref"]}));
        live.in_onec(&json!({"do": "purge"}));
        rights(true, "all");
        now(live.engine.scan(Side::Onec)).unwrap();
        settle(&live);
    }
    let asked = now(live.store.reviews()).unwrap();
    assert!(asked.iter().all(|review| review.kind != ReviewKind::Deletion), "{asked:?}");
}

#[test]
fn a_copy_whose_source_is_gone_is_not_taken_for_somebody_new() {
    let live = Live::new();
    let (contact, client) = live.with_person("Белова Анна");
    // As if the reply to the create had been lost, and the source had been deleted since.
    let link = Change::Unlink { bitrix24: contact.clone(), onec: client.clone() };
    let intent = Intent {
        record: client.clone(),
        action: IntentAction::Create { derived_id: None },
        sent_at: live.engine.clock.now(),
    };
    now(live.store.apply(vec![link, Change::Intent(intent)])).unwrap();
    live.in_onec(&json!({"do": "mark", "set": CLIENTS, "ref": client.id}));
    live.in_onec(&json!({"do": "purge"}));
    live.signal(&contact);
    live.signal(&client);
    let before = live.writes();
    for _ in 0..30 {
        live.round();
        live.pass(Duration::from_secs(10));
    }
    assert_eq!(live.writes(), before, "nobody is made");
    let asked = now(live.store.reviews()).unwrap();
    assert_eq!(asked.iter().map(|review| review.kind).collect::<Vec<_>>(), [ReviewKind::Deletion]);
    assert_eq!(now(live.store.links(&[contact])).unwrap().len(), 1);
}

#[test]
fn a_copy_that_was_seen_and_deleted_before_its_create_was_settled_is_not_made_again() {
    let live = Live::new();
    let (contact, client) = live.with_person("Белова Анна");
    let link = Change::Unlink { bitrix24: contact.clone(), onec: client.clone() };
    let intent = Intent {
        record: client.clone(),
        action: IntentAction::Create { derived_id: None },
        sent_at: live.engine.clock.now(),
    };
    now(live.store.apply(vec![link, Change::Intent(intent)])).unwrap();
    live.in_bitrix24(&json!({"do": "delete", "entity": "contact", "id": contact.id}));
    live.signal(&contact);
    live.signal(&client);
    for _ in 0..30 {
        live.round();
        live.pass(Duration::from_secs(10));
    }
    assert_eq!(live.wire.portal().dump()["contacts"], json!([]), "nobody is made");
    let asked = now(live.store.reviews()).unwrap();
    assert_eq!(asked.iter().map(|review| review.kind).collect::<Vec<_>>(), [ReviewKind::Deletion]);
}

#[test]
fn what_a_side_refuses_to_take_back_keeps_no_link_alive() {
    let live = Live::new();
    let (contact, client) = live.with_person("Белова Анна");
    live.in_onec(&json!({"do": "forbid", "ref": client.id, "text": "Запись запрещена"}));
    live.in_bitrix24(&json!({"do": "delete", "entity": "contact", "id": contact.id}));
    live.signal(&contact);
    settle(&live);
    let occasion = Occasion { at: live.engine.clock.now(), run: "decision".to_owned() };
    now(separate(live.store.as_ref(), &contact, &client, &occasion)).unwrap();
    let requests = || live.wire.infobase().counters()["requests"].as_u64().unwrap();
    let before = requests();
    settle(&live);
    assert_eq!(now(live.store.links(std::slice::from_ref(&client))).unwrap(), []);
    assert!(requests() - before < 10, "it is not tried again and again");
    let asked = now(live.store.reviews()).unwrap();
    assert_eq!(asked.iter().map(|review| review.kind).collect::<Vec<_>>(), [ReviewKind::Refused]);
}

#[test]
fn a_sync_alone_finds_a_deleted_card() {
    let live = Live::new();
    let (contact, client) = live.with_person("Белова Анна");
    live.in_bitrix24(&json!({"do": "delete", "entity": "contact", "id": contact.id}));
    let report = now(live.engine.sync(Extent::default(), |_| true)).unwrap();
    assert_eq!(report.reviews, 1);
    let asked = now(live.store.reviews()).unwrap();
    let asked: Vec<_> = asked.into_iter().map(|review| (review.kind, review.records)).collect();
    assert_eq!(asked, [(ReviewKind::Deletion, vec![contact, client])]);
}

#[test]
fn a_user_who_may_write_nothing_any_more_stops_the_round_and_no_record_is_to_blame() {
    let live = Live::new();
    let (contact, client) = live.with_person("Белова Анна");
    let rights = |admin: bool| {
        live.in_bitrix24(
            &json!({"do": "rights", "admin": admin, "contacts": "all/none", "companies": "all/none"}),
        );
    };
    rights(false);
    let fields = json!({"emails": ["anna@post.example"]});
    live.in_onec(&json!({"do": "update", "set": CLIENTS, "ref": client.id, "fields": fields}));
    now(live.engine.scan(Side::Onec)).unwrap();
    for _ in 0..8 {
        let stopped = now(live.engine.run_once());
        let is_named = |error: &EngineError| {
            matches!(error, EngineError::Side(SideError::MissingRight { side: Side::Bitrix24, .. }))
        };
        assert!(stopped.as_ref().is_err_and(is_named), "{stopped:?}");
        live.pass(Duration::from_secs(400));
    }
    assert_eq!(now(live.store.reviews()).unwrap(), []);
    rights(true);
    settle(&live);
    assert_eq!(live.updates(&contact), 1, "it is written once the rights are back");
}

/// Rounds until nothing is left to do.
fn settle(live: &Live) {
    for _ in 0..20 {
        live.round();
        live.pass(Duration::from_secs(10));
    }
}

impl Live {
    /// Somebody says that a record is to be looked at.
    fn signal(&self, id: &RecordId) {
        let at = self.engine.clock.now();
        let signal = Change::Dirty { id: id.clone(), reason: DirtyReason::Signal, since: at, due: at };
        now(self.store.apply(vec![signal])).unwrap();
    }
}
