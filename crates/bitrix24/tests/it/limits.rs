//! No limit of the simulated portal is met, whatever is asked and whenever the client starts anew.

use obmen_domain::record::{Kind, RecordId};
use obmen_engine::ports::Reader;
use serde_json::json;

use super::stage::{Fault, Stage};

#[test]
fn a_thousand_reads_meet_no_limit() {
    let stage = Stage::new();
    stage.load(&json!({"entity": "contact", "ID": "1", "NAME": "Анна"}));
    let id = [RecordId::bitrix24(Kind::Contact, "1")];
    let begun = stage.now();
    for _ in 0..1000 {
        assert_eq!(stage.run(stage.client.fetch(&id)).unwrap().len(), 1);
    }
    let counters = stage.counters();
    assert_eq!(counters["limited_503"], 0);
    assert_eq!(counters["limited_429"], 0);
    let seconds = stage.now().duration_since(begun).as_secs();
    assert!((470..=500).contains(&seconds), "as fast as the bucket drains: {seconds}");
}

#[test]
fn limits_hold_across_restarts() {
    let mut stage = Stage::new();
    stage.load(&json!({"entity": "contact", "ID": "1", "NAME": "Анна"}));
    let id = [RecordId::bitrix24(Kind::Contact, "1")];
    for turn in 0..300 {
        if turn % 7 == 0 {
            stage.restart(|_| {});
        }
        stage.run(stage.client.fetch(&id)).unwrap();
    }
    assert_eq!(stage.counters()["limited_503"], 0);
    let states = stage.kept_states();
    assert_eq!(
        states.len() as u64,
        stage.counters()["requests"].as_u64().unwrap(),
        "kept before every request"
    );
    assert!(states.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn a_read_that_a_foreign_client_got_limited_waits_and_goes_on() {
    let stage = Stage::new();
    stage.load(&json!({"entity": "contact", "ID": "1", "NAME": "Анна"}));
    stage.run(stage.client.connect()).unwrap();
    let strict = { stage.portal().settings().clone() };
    stage.portal().settings_mut().burst = 1.0;
    let id = [RecordId::bitrix24(Kind::Contact, "1")];
    for _ in 0..5 {
        assert_eq!(stage.run(stage.client.fetch(&id)).unwrap().len(), 1);
    }
    assert!(stage.counters()["limited_503"].as_u64().unwrap() > 0, "the portal did refuse");
    stage.portal().settings_mut().burst = strict.burst;
    stage.portal().settings_mut().execution_seconds = 0.01;
    assert_eq!(stage.run(stage.client.fetch(&id)).unwrap().len(), 1);
    assert!(stage.counters()["limited_429"].as_u64().unwrap() > 0, "and its method was used up");
}

#[test]
fn a_read_without_an_answer_is_sent_again_after_a_while() {
    let stage = Stage::new();
    stage.load(&json!({"entity": "contact", "ID": "1", "NAME": "Анна"}));
    stage.run(stage.client.connect()).unwrap();
    stage.faults(&[Some(Fault::ReplyLost), Some(Fault::Html), Some(Fault::Lost)]);
    stage.take_requests();
    let begun = stage.now();
    assert_eq!(stage.run(stage.client.fetch(&[RecordId::bitrix24(Kind::Contact, "1")])).unwrap().len(), 1);
    let requests = stage.take_requests();
    assert!(requests.windows(2).all(|pair| pair[0] == pair[1]), "the same question each time");
    assert!(stage.now().duration_since(begun).as_secs() >= 3, "after pauses that grow");
}
