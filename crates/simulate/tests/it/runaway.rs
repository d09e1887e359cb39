//! A record that something writes back again and again: the loop alarm.

use std::time::Duration;

use obmen_domain::review::AskReason;
use obmen_engine::decide::{Occasion, retry};
use serde_json::json;

use super::live::{CLIENTS, Live, now};

/// How often a record may be written within a day.
const MOST: usize = 50;

#[test]
fn a_robot_that_answers_every_write_is_stopped_and_goes_on_when_a_person_says_so() {
    let live = Live::new();
    live.in_bitrix24(&json!({"do": "listen", "url": "http://obmen.example/hooks/bitrix24/main"}));
    let (contact, client) = live.with_person("Белова Анна");
    live.in_bitrix24(&json!({"do": "robot", "entity": "contact", "fields": {"SECOND_NAME": "Ивановна"}}));
    let rename = |name: &str| {
        let fields = json!({"Description": name, "НаименованиеПолное": name});
        live.in_onec(&json!({"do": "update", "set": CLIENTS, "ref": client.id, "fields": fields}));
        now(live.engine.scan(client.side)).unwrap();
    };
    let exchange = || {
        let mut quiet = 0;
        for _ in 0..4 * MOST {
            let is_quiet = live.round().is_none();
            live.pass(Duration::from_secs(2));
            let heard = live.hear();
            quiet = if is_quiet && heard == 0 { quiet + 1 } else { 0 };
            if quiet == 5 {
                return;
            }
        }
    };
    let fields = json!({"emails": ["anna@post.example"]});
    live.in_onec(&json!({"do": "update", "set": CLIENTS, "ref": client.id, "fields": fields}));
    now(live.engine.scan(client.side)).unwrap();
    exchange();
    assert_eq!((live.contact("SECOND_NAME").as_str(), live.updates(&contact)), ("Ивановна", 1), "followed");

    rename("Белова Анна Петровна");
    exchange();
    assert_eq!(live.updates(&contact), MOST, "held after so many writes, however often the robot answers");
    let reviews = now(live.store.reviews()).unwrap();
    assert_eq!(reviews.len(), 1, "{reviews:?}");
    assert_eq!((&reviews[0].reason, &reviews[0].records), (&AskReason::RunsAway(50), &vec![contact.clone()]));
    assert_eq!(now(live.store.figures()).unwrap().dirty.len(), 0, "nothing is left to be tried");

    rename("Белова Анна Олеговна");
    exchange();
    assert_eq!(live.updates(&contact), MOST, "a later edit waits");
    assert_eq!(now(live.store.reviews()).unwrap().len(), 1);

    live.in_bitrix24(&json!({"do": "robot", "entity": "contact"}));
    let occasion = Occasion { at: live.engine.clock.now(), run: "retry".to_owned() };
    now(retry(live.store.as_ref(), &[], &occasion)).unwrap();
    exchange();
    assert_eq!(live.contact("SECOND_NAME"), "Олеговна");
    assert_eq!(live.updates(&contact), MOST + 1, "writes are counted anew");
    assert_eq!(now(live.store.reviews()).unwrap(), []);
}
