//! Records that are gone hold nobody up.

use std::time::Duration;

use futures_executor::block_on;
use jiff::Timestamp;
use obmen_domain::plan::LinkReason;
use obmen_domain::record::{Kind, RecordId};
use obmen_domain::review::{AskReason, Review, ReviewKind};
use obmen_domain::rules::OnDelete;
use obmen_engine::ports::SideError;
use obmen_engine::store::{Change, DirtyReason, Entry, Event, Intent, IntentAction};
use obmen_engine::sync::EngineError;

use super::stage::Stage;

#[test]
fn a_link_between_two_records_that_are_gone_is_answered() {
    let stage = Stage::new();
    for id in look_at_a_link_of_nobody(&stage) {
        assert!(!block_on(stage.store.is_dirty(&id)).unwrap(), "{id}");
    }
    let asked = block_on(stage.store.reviews()).unwrap();
    assert_eq!(asked.iter().map(|review| review.kind).collect::<Vec<_>>(), [ReviewKind::Deletion]);
}

/// A round looks at two linked records of which neither exists any more.
fn look_at_a_link_of_nobody(stage: &Stage) -> [RecordId; 2] {
    let bitrix24 = RecordId::bitrix24(Kind::Contact, "1");
    let onec = RecordId::onec(Kind::Contact, "6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11");
    stage.seen(&[("1", "a")]);
    let link = Change::Link { bitrix24: bitrix24.clone(), onec: onec.clone(), reason: LinkReason::Email };
    block_on(stage.store.apply(vec![link, signal(&bitrix24), signal(&onec)])).unwrap();
    assert!(block_on(stage.engine.run_once()).unwrap().is_some());
    [bitrix24, onec]
}

#[test]
fn nobody_is_asked_about_a_linked_record_that_is_gone_where_deletions_are_ignored() {
    let mut stage = Stage::new();
    stage.engine.rules.on_delete = OnDelete::Ignore;
    look_at_a_link_of_nobody(&stage);
    assert_eq!(stage.signalled(), Vec::<String>::new(), "it was looked at");
    assert_eq!(block_on(stage.store.reviews()).unwrap(), []);
}

#[test]
fn a_list_without_records_that_exist_is_a_failed_read_and_no_deletion() {
    let stage = Stage::new();
    let bitrix24 = RecordId::bitrix24(Kind::Contact, "1");
    let onec = RecordId::onec(Kind::Contact, "6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11");
    stage.seen(&[("1", "a"), ("2", "a")]);
    stage.side.left_out.lock().unwrap().insert("1");
    let link = Change::Link { bitrix24: bitrix24.clone(), onec, reason: LinkReason::Email };
    block_on(stage.store.apply(vec![link, signal(&bitrix24)])).unwrap();
    let failed = block_on(stage.engine.run_once());
    assert!(matches!(failed, Err(EngineError::Side(SideError::Unexpected { .. }))), "{failed:?}");
    assert_eq!(block_on(stage.store.reviews()).unwrap(), []);
    assert_eq!(block_on(stage.store.seen(std::slice::from_ref(&bitrix24))).unwrap().len(), 1);
    assert_eq!(stage.signalled(), ["1"], "it is looked at again");
}

#[test]
fn whoever_a_full_reading_does_not_show_is_looked_at_by_itself() {
    let stage = Stage::new();
    stage.seen(&[("1", "a"), ("2", "a")]);
    block_on(stage.engine.look()).unwrap();
    assert_eq!(stage.signalled(), ["1", "2"]);
    assert_eq!(block_on(stage.store.reviews()).unwrap(), [], "a walk alone takes nobody for gone");
}

#[test]
fn a_mark_of_unknown_outcome_is_not_settled_by_a_list_that_leaves_its_record_out() {
    let stage = Stage::new();
    let bitrix24 = RecordId::bitrix24(Kind::Contact, "1");
    let source = RecordId::onec(Kind::Contact, "6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11");
    stage.seen(&[("1", "a")]);
    let link = Change::Link { bitrix24: bitrix24.clone(), onec: source.clone(), reason: LinkReason::Copy };
    let action = IntentAction::Mark { source: source.clone() };
    let sent = Change::Intent(Intent { record: bitrix24.clone(), action, sent_at: Timestamp::UNIX_EPOCH });
    block_on(stage.store.apply(vec![link, sent])).unwrap();
    stage.side.left_out.lock().unwrap().insert("1");
    let failed = block_on(stage.engine.run_once());
    assert!(matches!(failed, Err(EngineError::Side(SideError::Unexpected { .. }))), "{failed:?}");
    let linked = || block_on(stage.store.links(std::slice::from_ref(&bitrix24))).unwrap().len();
    assert_eq!((linked(), block_on(stage.store.intents()).unwrap().len()), (1, 1), "it is asked again");

    stage.side.left_out.lock().unwrap().clear();
    block_on(stage.engine.run_once()).unwrap();
    assert_eq!((linked(), block_on(stage.store.intents()).unwrap().len()), (0, 0), "it is gone");
}

#[test]
fn a_copy_that_was_seen_and_deleted_before_its_create_is_settled_is_a_question_and_not_made_again() {
    let stage = Stage::new();
    let copy = RecordId::bitrix24(Kind::Contact, "1");
    let source = RecordId::onec(Kind::Contact, "6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11");
    stage.seen_naming("1", &source);
    let action = IntentAction::Create { derived_id: None };
    let sent = Change::Intent(Intent { record: source.clone(), action, sent_at: Timestamp::UNIX_EPOCH });
    block_on(stage.store.apply(vec![sent])).unwrap();
    stage.side.left_out.lock().unwrap().insert("1");
    let failed = block_on(stage.engine.run_once());
    assert!(matches!(failed, Err(EngineError::Side(SideError::Unexpected { .. }))), "{failed:?}");
    assert_eq!(block_on(stage.store.intents()).unwrap().len(), 1, "it is asked again");

    stage.side.left_out.lock().unwrap().clear();
    block_on(stage.engine.run_once()).unwrap();
    assert_eq!(block_on(stage.store.intents()).unwrap(), []);
    let links = block_on(stage.store.links(std::slice::from_ref(&source))).unwrap();
    assert_eq!(links.iter().map(|link| &link.bitrix24).collect::<Vec<_>>(), [&copy]);
    let asked = block_on(stage.store.reviews()).unwrap();
    assert_eq!(asked.iter().map(|review| review.kind).collect::<Vec<_>>(), [ReviewKind::Deletion]);
    assert!(!block_on(stage.store.is_dirty(&source)).unwrap(), "nobody is made again");
}

#[test]
fn a_copy_that_people_merged_into_a_linked_card_keeps_nobody_from_being_looked_at() {
    let stage = Stage::new();
    let card = RecordId::bitrix24(Kind::Contact, "1");
    let [partner, source] = ["6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11", "7c2e5b63-1e6f-4c68-8b1d-1b4a7a1a2c22"]
        .map(|id| RecordId::onec(Kind::Contact, id));
    stage.seen(&[("1", "a")]);
    let link = Change::Link { bitrix24: card.clone(), onec: partner.clone(), reason: LinkReason::Email };
    let action = IntentAction::Create { derived_id: None };
    let sent = Change::Intent(Intent { record: source.clone(), action, sent_at: Timestamp::UNIX_EPOCH });
    block_on(stage.store.apply(vec![link, sent])).unwrap();
    stage.side.made.lock().unwrap().push((source, "1"));
    block_on(stage.engine.run_once()).unwrap();
    assert_eq!(block_on(stage.store.intents()).unwrap(), []);
    let links = block_on(stage.store.links(&[card])).unwrap();
    assert_eq!(links.iter().map(|link| &link.onec).collect::<Vec<_>>(), [&partner]);
}

#[test]
fn whoever_a_link_goes_on_in_is_due_although_the_round_is_cut_off() {
    let stage = Stage::new();
    let contact = RecordId::bitrix24(Kind::Contact, "1");
    let [gone, heir] = ["6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11", "7c2e5b63-1e6f-4c68-8b1d-1b4a7a1a2c22"]
        .map(|id| RecordId::onec(Kind::Contact, id));
    stage.seen_naming("1", &heir);
    stage.seen_in_onec(&heir);
    let link = Change::Link { bitrix24: contact.clone(), onec: gone.clone(), reason: LinkReason::Email };
    block_on(stage.store.apply(vec![link, signal(&gone)])).unwrap();
    for side in [&stage.side, &stage.onec] {
        *side.locked.lock().unwrap() = Some(Duration::ZERO);
    }
    block_on(stage.engine.run_once()).unwrap_err();
    let links = block_on(stage.store.links(std::slice::from_ref(&contact))).unwrap();
    assert_eq!(links.iter().map(|link| &link.onec).collect::<Vec<_>>(), [&heir]);
    assert!(block_on(stage.store.is_dirty(&contact)).unwrap(), "nothing else would finish the pair");
}

#[test]
fn an_undo_takes_nobody_for_gone_whom_a_list_leaves_out() {
    let stage = Stage::new();
    let bitrix24 = RecordId::bitrix24(Kind::Contact, "1");
    let source = RecordId::onec(Kind::Contact, "6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11");
    stage.seen(&[("1", "a")]);
    let link = Change::Link { bitrix24: bitrix24.clone(), onec: source.clone(), reason: LinkReason::Copy };
    let event = Event::Created { source: source.clone(), party: None };
    let entry = Entry { at: Timestamp::UNIX_EPOCH, run: "first".to_owned(), record: bitrix24.clone(), event };
    block_on(stage.store.apply(vec![link, Change::Journal(Box::new(entry))])).unwrap();
    stage.side.left_out.lock().unwrap().insert("1");
    let failed = block_on(stage.engine.undo("first", |_| true));
    assert!(matches!(failed, Err(EngineError::Side(SideError::Unexpected { .. }))), "{failed:?}");
    assert_eq!(block_on(stage.store.links(std::slice::from_ref(&bitrix24))).unwrap().len(), 1);
}

#[test]
fn whoever_was_in_question_with_a_record_that_is_gone_is_looked_at_again() {
    let stage = Stage::new();
    let [left, gone] = ["1", "2"].map(|id| RecordId::bitrix24(Kind::Contact, id));
    stage.seen(&[("1", "a"), ("2", "a")]);
    let question = Review {
        kind: ReviewKind::Twins,
        party: Kind::Contact,
        records: vec![left.clone(), gone.clone()],
        fields: Vec::new(),
        reason: AskReason::FullerRecordTakesPart,
    };
    block_on(stage.store.apply(vec![Change::Review(Box::new(question)), signal(&gone)])).unwrap();
    block_on(stage.engine.run_once()).unwrap();
    assert!(block_on(stage.store.is_dirty(&left)).unwrap());
}

#[test]
fn a_question_between_records_that_are_all_gone_ends_and_has_nobody_looked_at() {
    let stage = Stage::new();
    let both = ["1", "2"].map(|id| RecordId::bitrix24(Kind::Contact, id));
    stage.seen(&[("1", "a"), ("2", "a")]);
    let question = Review {
        kind: ReviewKind::Twins,
        party: Kind::Contact,
        records: both.to_vec(),
        fields: Vec::new(),
        reason: AskReason::FullerRecordTakesPart,
    };
    block_on(stage.store.apply(vec![Change::Review(Box::new(question))])).unwrap();
    for id in &both {
        block_on(stage.store.apply(vec![signal(id)])).unwrap();
        block_on(stage.engine.run_once()).unwrap();
    }
    block_on(stage.engine.run_once()).unwrap();
    assert_eq!(block_on(stage.store.reviews()).unwrap(), []);
    let is_due = both.map(|id| block_on(stage.store.is_dirty(&id)).unwrap());
    assert_eq!(is_due, [false, false]);
}

fn signal(id: &RecordId) -> Change {
    Change::Dirty {
        id: id.clone(),
        reason: DirtyReason::Signal,
        since: Timestamp::UNIX_EPOCH,
        due: Timestamp::UNIX_EPOCH,
    }
}
