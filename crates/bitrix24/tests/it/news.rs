//! What changed since a bookmark, and walks over ids alone.

use jiff::SignedDuration;
use obmen_domain::record::{Kind, RecordId};
use obmen_engine::ports::{Reader, SideError};
use obmen_engine::watch::{Bookmark, News};
use serde_json::json;

use super::stage::Stage;

fn begin(stage: &Stage) -> Bookmark {
    stage.run(stage.client.news(None)).unwrap().unwrap().bookmark
}

fn ask(stage: &Stage, bookmark: &mut Bookmark) -> Vec<RecordId> {
    let News { ids, bookmark: next } = stage.run(stage.client.news(Some(bookmark))).unwrap().unwrap();
    *bookmark = next;
    ids
}

fn contact(id: &str) -> RecordId {
    RecordId::bitrix24(Kind::Contact, id)
}

fn company(id: &str) -> RecordId {
    RecordId::bitrix24(Kind::Company, id)
}

#[test]
fn contacts_companies_and_requisites_that_changed_are_told_in_one_request() {
    let stage = Stage::new();
    for id in ["1", "2"] {
        let date = "2026-01-01T10:00:00+03:00";
        stage.load(
            &json!({"entity": "contact", "ID": id, "NAME": "Анна", "DATE_CREATE": date, "DATE_MODIFY": date}),
        );
        stage.load(&json!({"entity": "company", "ID": id, "TITLE": "Лютик", "DATE_CREATE": date, "DATE_MODIFY": date}));
    }
    stage.pass(600);
    let mut bookmark = begin(&stage);
    assert_eq!(ask(&stage, &mut bookmark), [], "what was there before is no news");
    stage.act(&json!({"do": "update", "entity": "contact", "id": "2", "fields": {"POST": "Директор"}}));
    let new = stage.act(&json!({"do": "create", "entity": "company", "fields": {"TITLE": "Пион"}}));
    let fields =
        json!({"ENTITY_TYPE_ID": 4, "ENTITY_ID": 1, "PRESET_ID": 1, "NAME": "Р", "RQ_INN": "7707083893"});
    let requisite = stage.act(&json!({"do": "create", "entity": "requisite", "fields": fields}));
    stage.take_requests();
    let new = company(new["id"].as_str().unwrap());
    assert_eq!(ask(&stage, &mut bookmark), [company("1"), new, contact("2")]);
    assert_eq!(stage.take_requests().len(), 1);

    stage.pass(600);
    assert_eq!(
        ask(&stage, &mut bookmark).len(),
        3,
        "once more, since they may have changed within their second"
    );
    assert_eq!(ask(&stage, &mut bookmark), []);
    let change = json!({"do": "update", "entity": "requisite", "id": requisite["id"], "fields": {"RQ_KPP": "770701001"}});
    stage.act(&change);
    assert_eq!(ask(&stage, &mut bookmark), [company("1")], "a requisite that changes");
}

#[test]
fn what_was_told_is_not_told_again_unless_it_may_have_changed_within_its_second() {
    let stage = Stage::new();
    stage.load(&json!({"entity": "contact", "ID": "1", "NAME": "Анна"}));
    stage.pass(600);
    let mut bookmark = begin(&stage);
    let change = |post: &str| {
        stage.act(&json!({"do": "update", "entity": "contact", "id": "1", "fields": {"POST": post}}));
    };
    change("a");
    assert_eq!(ask(&stage, &mut bookmark), [contact("1")]);
    change("b");
    assert_eq!(ask(&stage, &mut bookmark), [contact("1")], "perhaps the same stamp as before");
    stage.pass(5);
    assert_eq!(ask(&stage, &mut bookmark), [contact("1")], "the last time that it may be of that second");
    assert_eq!(ask(&stage, &mut bookmark), []);
    change("c");
    assert_eq!(ask(&stage, &mut bookmark), [contact("1")], "told already, and changed since");
}

#[test]
fn a_row_that_shows_up_late_is_found_by_reaching_back() {
    let stage = Stage::new();
    stage.pass(600);
    let mut bookmark = begin(&stage);
    let stamp = stage.now() - SignedDuration::from_secs(60);
    stage.pass(10);
    ask(&stage, &mut bookmark);
    let date = stamp.to_string();
    stage.load(
        &json!({"entity": "contact", "ID": "9", "NAME": "Анна", "DATE_CREATE": date, "DATE_MODIFY": date}),
    );
    assert_eq!(ask(&stage, &mut bookmark), [contact("9")]);
}

#[test]
fn many_changes_at_once_are_all_told() {
    let stage = Stage::new();
    stage.pass(600);
    let mut bookmark = begin(&stage);
    let records: Vec<_> = (0..730).map(|number| json!({"NAME": format!("Анна{number}")})).collect();
    stage.act(&json!({"do": "import", "entity": "contact", "records": records}));
    assert_eq!(ask(&stage, &mut bookmark).len(), 730);
}

#[test]
fn a_bookmark_of_another_side_is_refused() {
    let stage = Stage::new();
    let foreign = stage.run(stage.client.news(Some(&Bookmark("x".to_owned()))));
    assert!(matches!(foreign, Err(SideError::Unexpected { .. })), "{foreign:?}");
}

#[test]
fn a_walk_over_ids_shows_everybody_in_few_requests() {
    for count in [0_u32, 1, 50, 730, 2600] {
        let stage = Stage::new();
        for id in 1..=count {
            stage.load(&json!({"entity": "contact", "ID": (id * 3).to_string(), "NAME": "Анна"}));
        }
        stage.take_requests();
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let portion = stage.run(stage.client.stamps(Kind::Contact, cursor)).unwrap();
            found.extend(portion.stamps.into_iter().map(|stamp| stamp.id));
            cursor = portion.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, (1..=count).map(|id| contact(&(id * 3).to_string())).collect::<Vec<_>>());
        assert!(stage.take_requests().len() <= 4, "{count}");
    }
}
