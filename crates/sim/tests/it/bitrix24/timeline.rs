//! Comments beside a card.

use obmen_sim::bitrix24::{KindRights, Reach, Rights, Settings};
use obmen_sim::world::World;
use serde_json::{Value, json};

use super::{Bench, ids};

fn comment(bench: &mut Bench, kind: &str, card: i64, text: &str) -> i64 {
    let fields = json!({ "ENTITY_TYPE": kind, "ENTITY_ID": card, "COMMENT": text });
    bench.call("crm.timeline.comment.add", json!({ "fields": fields })).as_i64().unwrap()
}

fn list(bench: &mut Bench, kind: &str, card: i64) -> Value {
    let filter = json!({ "ENTITY_TYPE": kind, "ENTITY_ID": card });
    bench.call("crm.timeline.comment.list", json!({ "filter": filter, "order": { "ID": "ASC" } }))
}

#[test]
fn a_comment_stands_beside_its_card_until_it_is_deleted() {
    let mut bench = Bench::new();
    let (contact, company) = (bench.contact(json!({ "NAME": "A" })), bench.company("B"));
    let first = comment(&mut bench, "contact", contact, "Телефон расходится с 1С");
    let second = comment(&mut bench, "company", company, "b");
    assert_eq!(second, first + 1, "comments of all cards share their ids");
    let expected = json!([{ "ID": "1", "ENTITY_ID": "1", "ENTITY_TYPE": "contact", "COMMENT": "Телефон расходится с 1С",
        "CREATED": "2026-09-21T10:00:03+03:00", "AUTHOR_ID": "1", "FILES": [] }]);
    assert_eq!(list(&mut bench, "contact", contact), expected);
    assert_eq!(bench.call("crm.timeline.comment.get", json!({ "id": second }))["ENTITY_TYPE"], "company");
    assert_eq!(bench.portal.dump()["comments"].as_array().unwrap().len(), 2);
    let update = json!({ "id": first, "fields": { "COMMENT": "c" } });
    assert_eq!(bench.call("crm.timeline.comment.update", update), true);
    assert_eq!(list(&mut bench, "contact", contact)[0]["COMMENT"], "c");
    assert_eq!(bench.call("crm.timeline.comment.delete", json!({ "id": first })), Value::Null);
    assert_eq!(bench.fail("crm.timeline.comment.get", json!({ "id": first })).0, 400);
    assert_eq!(bench.fail("crm.timeline.comment.delete", json!({ "id": first })).1, "NOT_FOUND");
}

#[test]
fn a_comment_without_a_card_or_a_text_is_refused_with_a_code() {
    let mut bench = Bench::new();
    bench.contact(json!({ "NAME": "A" }));
    let table = [
        (
            json!({ "fields": { "ENTITY_TYPE": "contact", "ENTITY_ID": 9, "COMMENT": "x" } }),
            "OWNER_NOT_FOUND",
        ),
        (json!({ "fields": { "ENTITY_TYPE": "deal", "ENTITY_ID": 1, "COMMENT": "x" } }), "OWNER_NOT_FOUND"),
        (
            json!({ "fields": { "ENTITY_TYPE": "contact", "ENTITY_ID": 1, "COMMENT": " " } }),
            "INVALID_ARG_VALUE",
        ),
        (json!({ "FIELDS": { "ENTITY_TYPE": "contact", "ENTITY_ID": 1, "COMMENT": "x" } }), "100"),
    ];
    for (params, code) in table {
        let (status, error, _) = bench.fail("crm.timeline.comment.add", params.clone());
        assert_eq!((status, error), (400, json!(code)), "{params}");
    }
    assert_eq!(bench.fail("crm.timeline.comment.list", json!({ "filter": { "ENTITY_ID": 1 } })).0, 400);
}

#[test]
fn calls_and_comments_move_the_last_activity_but_neither_date_modify_nor_events() {
    let mut bench = Bench::new();
    let id = bench.contact(json!({ "NAME": "A" }));
    let before = bench.get(id);
    bench.listen();
    let wait = |bench: &mut Bench| {
        bench.pass(100);
        bench.get(id)["LAST_ACTIVITY_TIME"].clone()
    };
    comment(&mut bench, "contact", id, "x");
    let commented = wait(&mut bench);
    assert_ne!(commented, before["LAST_ACTIVITY_TIME"]);
    bench.act(json!({ "do": "call", "entity": "contact", "id": id, "user": 5 }));
    assert_ne!(wait(&mut bench), commented);
    let after = bench.get(id);
    assert_eq!(after["LAST_ACTIVITY_BY"], "5");
    assert_eq!(after["DATE_MODIFY"], before["DATE_MODIFY"]);
    assert_eq!(bench.told(), []);
}

#[test]
fn comments_follow_their_card_into_a_merge_and_through_the_recycle_bin() {
    let mut bench = Bench::new();
    let names = [bench.contact(json!({ "NAME": "A" })), bench.contact(json!({ "NAME": "A" }))];
    comment(&mut bench, "contact", names[1], "x");
    bench.act(json!({ "do": "merge", "entity": "contact", "ids": names }));
    assert_eq!(ids(&list(&mut bench, "contact", names[0])), [1]);
    bench.call("crm.contact.delete", json!({ "id": names[0] }));
    assert_eq!(bench.portal.dump()["comments"], json!([]), "they wait unseen");
    bench.act(json!({ "do": "restore", "entity": "contact", "id": names[0] }));
    assert_eq!(ids(&list(&mut bench, "contact", 3)), [1]);
}

#[test]
fn comments_of_a_card_that_is_gone_for_good_are_gone_too() {
    let mut bench = Bench::with(Settings { recycle_bin: false, ..Settings::default() });
    let id = bench.contact(json!({ "NAME": "A" }));
    comment(&mut bench, "contact", id, "x");
    bench.call("crm.contact.delete", json!({ "id": id }));
    assert_eq!(bench.fail("crm.timeline.comment.get", json!({ "id": 1 })).0, 400);
}

#[test]
fn comments_are_loaded_and_dumped_alike() {
    let mut bench = Bench::new();
    bench.load(json!({ "entity": "company", "ID": "7", "TITLE": "A" }));
    let line = json!({ "entity": "comment", "ID": "40", "ENTITY_TYPE": "company", "ENTITY_ID": "7", "COMMENT": "x",
        "AUTHOR_ID": "3", "CREATED": "2020-01-01T10:00:00+03:00", "FILES": [] });
    bench.load(line.clone());
    let mut dumped = bench.portal.dump()["comments"][0].clone();
    dumped["entity"] = json!("comment");
    assert_eq!(dumped, line);
    assert_eq!(comment(&mut bench, "company", 7, "y"), 41);
}

#[test]
fn a_comment_needs_the_right_to_see_its_card() {
    let none = KindRights { read: Reach::Nothing, write: Reach::Nothing };
    let rights = Rights { contacts: none, ..Rights::default() };
    let mut bench = Bench::with(Settings { admin: false, rights, ..Settings::default() });
    bench.load(json!({ "entity": "contact", "ID": 1, "NAME": "A" }));
    let fields = json!({ "ENTITY_TYPE": "contact", "ENTITY_ID": 1, "COMMENT": "x" });
    let (status, error, _) = bench.fail("crm.timeline.comment.add", json!({ "fields": fields }));
    assert_eq!((status, error), (403, json!("ACCESS_DENIED")));
    assert_eq!(bench.portal.dump()["comments"], json!([]));
}
