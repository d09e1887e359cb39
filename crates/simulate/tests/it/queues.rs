//! Changes that both sides keep for obmen: an application's queue, and an exchange plan.

use std::time::Duration;

use obmen_domain::record::Side;
use obmen_sim::world::World as _;
use serde_json::json;

use super::live::{CLIENTS, Live, now};

#[test]
fn changes_of_both_queues_are_carried_over_and_what_obmen_writes_plans_nothing() {
    let live = Live::with_queues();
    let (contact, client) = live.with_person("Белова Анна Петровна");
    let at_rest = || {
        for _ in 0..4 {
            now(live.engine.collect(Side::Bitrix24)).unwrap();
            now(live.engine.collect(Side::Onec)).unwrap();
            live.round();
            live.pass(Duration::from_secs(10));
        }
    };
    at_rest();
    let before = live.writes();
    at_rest();
    assert_eq!(live.writes(), before, "only the queues were read and confirmed");

    let fields = json!({"SECOND_NAME": "Олеговна"});
    live.in_bitrix24(&json!({"do": "update", "entity": "contact", "id": contact.id, "fields": fields}));
    assert_eq!(now(live.engine.collect(Side::Bitrix24)).unwrap(), 1);
    live.round();
    let clients = live.wire.infobase().dump()["objects"][CLIENTS].clone();
    let named = clients.as_array().unwrap().iter().find(|object| object["Ref_Key"] == client.id.as_str());
    assert_eq!(named.unwrap()["Description"], "Белова Анна Олеговна");

    let fields = json!({"Description": "Белова Анна Ивановна"});
    live.in_onec(&json!({"do": "update", "set": CLIENTS, "ref": client.id, "fields": fields}));
    assert!(now(live.engine.collect(Side::Onec)).unwrap() > 0);
    live.round();
    assert_eq!(live.contact("SECOND_NAME"), "Ивановна");
    assert_eq!(now(live.engine.collect(Side::Bitrix24)).unwrap(), 0, "our own write is not in the queue");
    let before = (live.updates(&contact), live.updates(&client));
    at_rest();
    assert_eq!((live.updates(&contact), live.updates(&client)), before);
}
