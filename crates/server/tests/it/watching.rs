//! Health, readiness and metrics.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use obmen_domain::party::{Party, Person};
use obmen_domain::plan::LinkReason;
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Standing};
use obmen_domain::review::{AskReason, Review, ReviewKind};
use obmen_engine::store::{Change, DirtyReason, Intent, IntentAction};

use crate::stage::{SECRET, Stage, now};

#[tokio::test]
async fn a_process_that_takes_hooks_is_healthy_and_ready() {
    let stage = Stage::new();
    assert_eq!(stage.get("/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(stage.get("/readyz").await, (200, "ready\n".to_owned()));
}

#[tokio::test]
async fn metrics_count_messages_by_their_answers_and_what_the_store_holds() {
    let stage = Stage::new();
    let _counted = metrics::set_default_local_recorder(&stage.recorder);
    stage.post("/hooks/bitrix24/main", format!("{SECRET} 7 8")).await;
    stage.post("/hooks/bitrix24/main", "wrong 7").await;
    let (status, metrics) = stage.get("/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "obmen_hooks_total{pair=\"main\",side=\"bitrix24\",status=\"200\"} 1",
        "obmen_hooks_total{pair=\"main\",side=\"bitrix24\",status=\"403\"} 1",
        "obmen_dirty_rows{pair=\"main\",reason=\"signal\"} 2",
        "obmen_dirty_rows{pair=\"main\",reason=\"retry\"} 0",
        "obmen_open_writes{pair=\"main\"} 0",
        "obmen_overdue_seconds{pair=\"main\"} 0",
        "obmen_silence_seconds{pair=\"main\",side=\"bitrix24\"} 0",
        "obmen_silence_seconds{pair=\"main\",side=\"onec\"} 60",
    ] {
        assert!(metrics.lines().any(|told| told == line), "{line} in {metrics}");
    }
    assert!(!metrics.contains(SECRET));
}

#[tokio::test]
async fn metrics_tell_what_is_overdue_open_linked_and_asked() {
    let stage = Stage::new();
    let _counted = metrics::set_default_local_recorder(&stage.recorder);
    let (contact, client) = (RecordId::bitrix24(Kind::Contact, "7"), RecordId::onec(Kind::Contact, "a"));
    let since = now() - Duration::from_secs(30);
    let intent = Intent {
        record: contact.clone(),
        action: IntentAction::Update { changes: Vec::new() },
        sent_at: since,
    };
    let review = Review {
        kind: ReviewKind::Deletion,
        party: Kind::Contact,
        records: vec![contact.clone(), client.clone()],
        fields: Vec::new(),
        reason: AskReason::Deleted,
    };
    let record = Record {
        id: contact.clone(),
        catalog: Catalog::Bitrix24,
        version: "1".to_owned(),
        party: Party::Person(Person::default()),
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: BTreeSet::new(),
        attributes: BTreeMap::new(),
        brought: BTreeSet::new(),
    };
    let changes = vec![
        Change::Seen(Box::new(record)),
        Change::Dirty { id: contact.clone(), reason: DirtyReason::Retry, since, due: since },
        Change::Link { bitrix24: contact, onec: client, reason: LinkReason::Decision },
        Change::Intent(intent),
        Change::Review(Box::new(review)),
    ];
    stage.store.apply(changes).await.unwrap();
    let (_, metrics) = stage.get("/metrics").await;
    for line in [
        "obmen_overdue_seconds{pair=\"main\"} 30",
        "obmen_dirty_rows{pair=\"main\",reason=\"retry\"} 1",
        "obmen_open_writes{pair=\"main\"} 1",
        "obmen_records{pair=\"main\",records=\"bitrix24:contact\"} 1",
        "obmen_links{pair=\"main\",kind=\"contact\"} 1",
        "obmen_open_reviews{pair=\"main\",kind=\"deletion\"} 1",
    ] {
        assert!(metrics.lines().any(|told| told == line), "{line} in {metrics}");
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_takes_no_hooks_and_the_process_lives() {
    let stage = Stage::new();
    stage.lose_store();
    assert_eq!(stage.get("/readyz").await, (503, "the store of main does not answer\n".to_owned()));
    assert_eq!(stage.get("/healthz").await.0, 200);
}
