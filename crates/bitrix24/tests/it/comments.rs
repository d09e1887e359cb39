//! Comments beside cards: what is written, and what is known about one without an answer.

use obmen_bitrix24::{Comment, Commented};
use obmen_domain::record::{Kind, RecordId};
use obmen_engine::ports::Reader as _;
use serde_json::json;

use super::stage::{Fault, Stage};

#[test]
fn a_comment_stands_on_its_card_and_is_no_news() {
    let stage = Stage::new();
    stage.load(&json!({"entity": "contact", "ID": "1", "NAME": "Анна"}));
    stage.pass(600);
    let bookmark = stage.run(stage.client.news(None)).unwrap().unwrap().bookmark;
    let comments = [comment("1", "не принято: [b]"), comment("2", "нет карточки")];
    let became = stage.run(stage.client.comment(&comments));
    assert_eq!(became[0], Commented::Written);
    assert!(matches!(became[1], Commented::Refused(_)), "{became:?}");
    assert_eq!(texts(&stage), ["не принято: (b)"]);
    assert_eq!(stage.take_requests().len(), 2, "one to ask for news, one for both");
    let news = stage.run(stage.client.news(Some(&bookmark))).unwrap().unwrap();
    assert_eq!(news.ids, [], "nothing changed for the exchange");
}

#[test]
fn a_comment_without_an_answer_may_stand_there_and_one_that_was_not_sent_does_not() {
    let stage = Stage::new();
    stage.load(&json!({"entity": "contact", "ID": "1", "NAME": "Анна"}));
    stage.faults(&[Some(Fault::ReplyLost), Some(Fault::Lost)]);
    let said = |text: &str| stage.run(stage.client.comment(&[comment("1", text)]));
    assert_eq!(said("a"), [Commented::Unknown]);
    assert!(matches!(said("b")[..], [Commented::NotDone(_)]));
    assert_eq!(texts(&stage), ["a"]);
}

fn comment(id: &str, text: &str) -> Comment {
    Comment { card: RecordId::bitrix24(Kind::Contact, id), text: text.to_owned() }
}

fn texts(stage: &Stage) -> Vec<String> {
    let dump = stage.dump();
    let rows = dump["comments"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["COMMENT"].as_str().unwrap().to_owned()).collect()
}
