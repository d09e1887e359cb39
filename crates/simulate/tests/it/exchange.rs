//! The live exchange, round by round: what each of its mechanisms is there for.

use std::time::Duration;

use obmen_domain::record::{RecordId, Side};
use obmen_domain::review::ReviewKind;
use obmen_sim::world::World as _;
use serde_json::{Value, json};

use super::live::{CLIENTS, Live, now};

#[test]
fn whoever_is_entered_on_both_sides_at_once_is_a_question_though_many_are_due() {
    let mut live = Live::new();
    // One walk over all keys tells who is who.
    live.engine.many = 1;
    let before = live.writes();
    let phones = json!([{"VALUE": "+7 (912) 345-67-89", "VALUE_TYPE": "WORK"}]);
    let names = json!({"NAME": "Анна", "LAST_NAME": "Белова", "SECOND_NAME": "Петровна", "PHONE": phones});
    enter_in_bitrix24(&live, &names);
    enter_in_onec(&live, "Белова Анна Петровна", &json!({"phones": ["+7 (495) 222-33-44"]}));
    ask_both(&live);
    settle_down(&live);
    assert_eq!(live.writes(), before, "only the name is common: nobody is entered a second time");
    let kinds: Vec<ReviewKind> =
        now(live.store.reviews()).unwrap().iter().map(|review| review.kind).collect();
    assert_eq!(kinds, [ReviewKind::Match]);
}

#[test]
fn a_bulk_change_is_carried_over_share_by_share_and_nobody_comes_twice() {
    let mut live = Live::new();
    live.engine.round = 8;
    for number in 0..30 {
        let emails = json!([{"VALUE": format!("n{number}@post.example"), "VALUE_TYPE": "WORK"}]);
        let name = format!("Анна{number}");
        enter_in_bitrix24(&live, &json!({"NAME": name, "LAST_NAME": "Белова", "EMAIL": emails}));
    }
    // Ten of them are known to 1C as well.
    for number in 0..10 {
        let emails = json!({"emails": [format!("n{number}@post.example")]});
        enter_in_onec(&live, &format!("Белова Анна{number}"), &emails);
    }
    ask_both(&live);
    settle_down(&live);
    let clients = live.wire.infobase().dump()["objects"][CLIENTS].clone();
    let named =
        |object: &&Value| object["Description"].as_str().is_some_and(|name| name.starts_with("Белова"));
    assert_eq!(clients.as_array().unwrap().iter().filter(named).count(), 30);
    assert_eq!(live.wire.portal().dump()["contacts"].as_array().unwrap().len(), 30);
    let figures = now(live.store.figures()).unwrap();
    assert_eq!(figures.links.values().sum::<u64>(), 30);
}

#[test]
fn a_contact_that_another_one_takes_in_hands_its_link_on() {
    let live = Live::new();
    let (contact, client) = live.with_person("Белова Анна");
    let emails = json!([{"VALUE": "belova@post.example", "VALUE_TYPE": "WORK"}]);
    let phones = json!([{"VALUE": "+7 (912) 345-67-89", "VALUE_TYPE": "WORK"}]);
    let fields = json!({"NAME": "Анна", "LAST_NAME": "Белова", "EMAIL": emails, "PHONE": phones});
    let other = enter_in_bitrix24(&live, &fields);
    ask_both(&live);
    settle_down(&live);
    live.in_bitrix24(&json!({"do": "merge", "entity": "contact", "ids": [other.id, contact.id]}));
    ask_both(&live);
    settle_down(&live);
    assert_eq!(now(live.store.reviews()).unwrap(), [], "nobody is asked");
    let links = now(live.store.links(std::slice::from_ref(&client))).unwrap();
    assert_eq!(links.into_iter().map(|link| link.bitrix24).collect::<Vec<_>>(), [other]);
    let clients = live.wire.infobase().dump()["objects"][CLIENTS].to_string();
    assert!(clients.contains("345-67-89"), "what the other one held has arrived: {clients}");
    let before = live.writes();
    ask_both(&live);
    settle_down(&live);
    assert_eq!(live.writes(), before);
}

/// What nobody said is found.
fn ask_both(live: &Live) {
    now(live.engine.poll(Side::Bitrix24)).unwrap();
    for side in [Side::Bitrix24, Side::Onec] {
        now(live.engine.scan(side)).unwrap();
    }
}

/// Rounds until nothing is left to do.
fn settle_down(live: &Live) {
    for _ in 0..100 {
        if live.round().is_none() {
            return;
        }
        live.pass(Duration::from_secs(1));
    }
    panic!("it does not come to rest");
}

fn enter_in_bitrix24(live: &Live, fields: &Value) -> RecordId {
    let made = live.in_bitrix24(&json!({"do": "create", "entity": "contact", "fields": fields}));
    RecordId::bitrix24(obmen_domain::record::Kind::Contact, made["id"].as_str().unwrap())
}

fn enter_in_onec(live: &Live, name: &str, points: &Value) {
    let mut fields = json!({"Description": name, "НаименованиеПолное": name,
        "ЮридическоеФизическоеЛицо": "ФизическоеЛицо"});
    fields.as_object_mut().unwrap().extend(points.as_object().unwrap().clone());
    live.in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}));
}
