//! Undo as a table: what the journal holds, what stands there, what is done and what stays.

use jiff::Timestamp;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::party::Person;
use obmen_domain::plan::{ChangeReason, FieldChange, LinkReason};
use obmen_domain::record::{Catalog, Kind, Record};
use obmen_domain::ruling::Ruling;
use obmen_domain::stay::Tie;

use super::*;
use crate::store::{Entry, Event};

const RUN: &str = "first";

#[test]
fn a_copy_goes_while_it_is_as_the_run_left_it_and_nothing_stands_on_it() {
    type Turn = fn(&mut Scene);
    let gone = "mark onec:contact:aa | update bitrix24:contact:1; mutual-id: «aa» -> «» (taken back)";
    let cases: &[(&str, Turn, &str, &str)] = &[
        ("untouched", |_| {}, gone, ""),
        (
            "somebody changed its position",
            |scene| person_of(scene, &copy()).position = "Директор".to_owned(),
            "",
            "onec:contact:aa changed",
        ),
        (
            "a later run of ours wrote its position",
            |scene| {
                person_of(scene, &copy()).position = "Директор".to_owned();
                add(scene, &copy(), "second", updated("Юрист", "Директор"));
            },
            "",
            "onec:contact:aa written-since",
        ),
        (
            "a later run wrote its source",
            |scene| add(scene, &source(), "second", updated("Юрист", "Директор")),
            "",
            "onec:contact:aa written-since",
        ),
        (
            "the run itself changed it after it had made it",
            |scene| {
                person_of(scene, &copy()).position = "Директор".to_owned();
                add(scene, &copy(), RUN, updated("Юрист", "Директор"));
            },
            gone,
            "",
        ),
        (
            "a person decided about it",
            |scene| {
                add(scene, &copy(), "later", Event::Ruled { with: source(), ruling: Ruling::Ended });
            },
            "",
            "onec:contact:aa decided",
        ),
        (
            "a contract stands on it",
            |scene| {
                scene.ties.insert(copy(), Tie::Contract);
            },
            "",
            "onec:contact:aa contract",
        ),
        (
            "its source is linked with another record",
            |scene| scene.links = vec![link(&source(), &RecordId::onec(Kind::Contact, "bb"))],
            "",
            "onec:contact:aa linked-otherwise",
        ),
        (
            "somebody deleted it",
            |scene| {
                scene.records.remove(&copy());
            },
            "unlink bitrix24:contact:1 = onec:contact:aa | \
             update bitrix24:contact:1; mutual-id: «aa» -> «» (taken back)",
            "",
        ),
        (
            "an undo that was cut off had marked it",
            |scene| {
                scene.records.get_mut(&copy()).unwrap().standing = Standing::Marked;
                scene.links.clear();
                add(scene, &copy(), "undo:first", Event::Marked { source: source() });
                let event = Event::Unlinked { with: copy(), kept: Vec::new() };
                add(scene, &source(), "undo:first", event);
            },
            "update bitrix24:contact:1; mutual-id: «aa» -> «» (taken back)",
            "",
        ),
        (
            "somebody took the mark of an undo away",
            |scene| add(scene, &copy(), "undo:first", Event::Marked { source: source() }),
            "",
            "onec:contact:aa changed",
        ),
        (
            "a later run made it again after an undo",
            |scene| {
                add(scene, &copy(), "undo:first", Event::Marked { source: source() });
                add(scene, &copy(), "second", Event::Created { source: source(), party: None });
            },
            "",
            "onec:contact:aa written-since",
        ),
        (
            "its side refused the mark",
            |scene| {
                scene.refused.insert(copy());
            },
            "",
            "onec:contact:aa refused",
        ),
        (
            "the journal does not say what it was",
            |scene| {
                let journal = scene.journals.get_mut(&copy()).unwrap();
                journal[0].event = Event::Created { source: source(), party: None };
            },
            "",
            "onec:contact:aa untold",
        ),
    ];
    for (what, turn, steps, stays) in cases {
        let mut scene = copied();
        turn(&mut scene);
        for order in [[source(), copy()], [copy(), source()]] {
            assert_eq!(taken_back(&scene, &order), ((*steps).to_owned(), (*stays).to_owned()), "{what}");
        }
    }
}

#[test]
fn what_a_link_had_brought_is_taken_back_and_what_was_edited_since_stays() {
    let scene = linked("Юрист", "Юрист");
    let (steps, stays) = taken_back(&scene, &[source(), copy()]);
    let back = "update bitrix24:contact:1; position: «Юрист» -> «» (taken back)";
    assert_eq!(steps, format!("{back} | unlink bitrix24:contact:1 = onec:contact:aa"));
    assert_eq!(stays, "");

    let (steps, stays) = taken_back(&linked("Директор", "Юрист"), &[source(), copy()]);
    assert_eq!(steps, "unlink bitrix24:contact:1 = onec:contact:aa [position kept]");
    assert_eq!(stays, "bitrix24:contact:1 [position] changed");

    let mut later = linked("Юрист", "Юрист");
    add(&mut later, &source(), "second", updated("Юрист", "Юрист"));
    assert_eq!(taken_back(&later, &[source()]).1, "bitrix24:contact:1 [position] written-since");
}

#[test]
fn a_write_that_replaced_something_unseen_gives_that_back() {
    let mut scene = linked("Юрист", "Юрист");
    let Party::Person(mut unseen) = scene.records[&source()].party.clone() else { panic!("a person") };
    unseen.position = "Бухгалтер".to_owned();
    add(&mut scene, &source(), RUN, Event::Overwrote { party: Box::new(Party::Person(unseen)) });
    let (steps, _) = taken_back(&scene, &[source()]);
    assert!(steps.contains("position: «Юрист» -> «Бухгалтер»"), "{steps}");
}

#[test]
fn a_link_of_an_earlier_run_stays_and_its_base_is_that_of_before() {
    let mut scene = linked("Юрист", "Юрист");
    scene.journals.get_mut(&source()).unwrap().remove(0);
    let agreed = scene.records[&source()].party.clone();
    scene.links[0].base = Some(agreed);
    let mut taker = Taker::new();
    taker.take_back(&source(), &scene).unwrap();
    let mut undo = taker.finish(&BTreeSet::new(), StayReason::Decided).unwrap();
    undo.plan.rewind().unwrap();
    let leaf = undo.plan.next_leaf().unwrap().unwrap();
    assert_eq!(leaf.steps.len(), 1, "{:?}", leaf.steps);
    assert_eq!(leaf.settled[0].0, source());
    let base = &leaf.settled[0].1;
    assert_eq!(base.value(Field::Position), Some(Value::Text(String::new())));
    assert_eq!(base.value(Field::Name), scene.records[&source()].party.value(Field::Name));
}

#[test]
fn what_was_taken_back_is_not_taken_back_again() {
    let mut scene = linked("", "Юрист");
    scene.links.clear();
    add(&mut scene, &source(), "undo:first", updated("Юрист", ""));
    assert_eq!(taken_back(&scene, &[source(), copy()]), (String::new(), String::new()));
    // Somebody typed the run's value again.
    person_of(&mut scene, &source()).position = "Юрист".to_owned();
    let (steps, stays) = taken_back(&scene, &[source(), copy()]);
    assert_eq!((steps.as_str(), stays.as_str()), ("", "bitrix24:contact:1 [position] changed"));
}

#[test]
fn a_name_that_is_read_in_other_parts_than_it_was_written_in_is_nobodys_edit() {
    let mut scene = scene("", "");
    add(&mut scene, &copy(), RUN, Event::Linked { with: source(), reason: LinkReason::Email });
    let named = |last: &str, first: &str| Value::Name(PersonName::from_parts(last, first, "Павловна"));
    let (before, after) = (named("Орлова", ""), named("Нина", "Орлова"));
    let change = FieldChange { field: Field::Name, before, after, reason: ChangeReason::FullerName };
    add(&mut scene, &copy(), RUN, Event::Updated { changes: vec![change] });
    let (steps, stays) = taken_back(&scene, &[copy()]);
    let back = "update onec:contact:aa; name: «Орлова Нина Павловна» -> «Орлова Павловна» (taken back)";
    assert_eq!(steps, format!("{back} | unlink bitrix24:contact:1 = onec:contact:aa"));
    assert_eq!(stays, "");
}

#[test]
fn a_write_of_the_undo_without_an_answer_is_tried_again_where_it_had_no_effect() {
    let mut scene = linked("Юрист", "Юрист");
    scene.links.clear();
    let Event::Updated { changes } = updated("Юрист", "") else { panic!("an update") };
    add(&mut scene, &source(), "undo:first", Event::Unanswered { changes });
    let (steps, stays) = taken_back(&scene, &[source(), copy()]);
    let again = "update bitrix24:contact:1; position: «Юрист» -> «» (taken back)";
    assert_eq!((steps.as_str(), stays.as_str()), (again, ""));
}

#[test]
fn a_decision_that_the_run_carried_out_stays() {
    let mut scene = linked("Юрист", "Юрист");
    scene.links.clear();
    add(&mut scene, &source(), RUN, Event::Unlinked { with: copy(), kept: Vec::new() });
    let (steps, stays) = taken_back(&scene, &[source(), copy()]);
    assert_eq!((steps.as_str(), stays.as_str()), ("", "bitrix24:contact:1 decided"));
}

#[test]
fn a_company_that_is_kept_keeps_its_source_as_it_is() {
    let scene = copied();
    let mut taker = Taker::new();
    taker.take_back(&source(), &scene).unwrap();
    assert!(taker.goes(&copy()) && !taker.goes(&source()));
    let undo = taker.finish(&BTreeSet::from([copy()]), StayReason::Tied(Tie::People)).unwrap();
    assert!(undo.plan.is_empty(), "{:?}", undo.plan.counts());
    assert_eq!(undo.stays[0].reason.word(), "people");
}

/// Steps and exceptions as texts.
fn taken_back(scene: &Scene, ids: &[RecordId]) -> (String, String) {
    let mut taker = Taker::new();
    for id in ids {
        taker.take_back(id, scene).unwrap();
    }
    let mut undo = taker.finish(&BTreeSet::new(), StayReason::Decided).unwrap();
    let mut steps: Vec<String> = Vec::new();
    undo.plan
        .each_step(|step| {
            steps.push(step.to_string());
            Ok(())
        })
        .unwrap();
    let stays = undo.stays.iter().map(|stay| {
        let fields: String = stay.fields.iter().map(|field| format!(" [{field}]")).collect();
        format!("{}{fields} {}", stay.record, stay.reason.word())
    });
    (steps.join(" | "), stays.collect::<Vec<_>>().join(" | "))
}

fn source() -> RecordId {
    RecordId::bitrix24(Kind::Contact, "1")
}

fn copy() -> RecordId {
    RecordId::onec(Kind::Contact, "aa")
}

/// The run made a contact person of a contact, and kept its reference there.
fn copied() -> Scene {
    let mut scene = scene("Юрист", "Юрист");
    scene.records.get_mut(&source()).unwrap().mutual_id = "aa".to_owned();
    let party = Some(Box::new(scene.records[&copy()].party.clone()));
    add(&mut scene, &copy(), RUN, Event::Created { source: source(), party });
    let change = FieldChange {
        field: Field::MutualId,
        before: Value::Text(String::new()),
        after: Value::Text("aa".to_owned()),
        reason: ChangeReason::KeepsId,
    };
    add(&mut scene, &source(), RUN, Event::Updated { changes: vec![change] });
    scene
}

/// The run linked two records and filled the position of the first.
fn linked(left: &str, right: &str) -> Scene {
    let mut scene = scene(left, right);
    add(&mut scene, &source(), RUN, Event::Linked { with: copy(), reason: LinkReason::Email });
    add(&mut scene, &source(), RUN, updated("", "Юрист"));
    scene
}

fn scene(left: &str, right: &str) -> Scene {
    let records = [(source(), Catalog::Bitrix24, left), (copy(), Catalog::ContactPerson, right)];
    let records = records.map(|(id, catalog, position)| (id.clone(), record(id, catalog, position)));
    Scene {
        run: RUN.to_owned(),
        records: records.into(),
        links: vec![link(&source(), &copy())],
        ..Scene::default()
    }
}

fn record(id: RecordId, catalog: Catalog, position: &str) -> Record {
    Record {
        id,
        catalog,
        version: "1".to_owned(),
        party: Party::Person(Person {
            name: PersonName::from_parts("Орлова", "Нина", "Павловна"),
            position: position.to_owned(),
            ..Person::default()
        }),
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        attributes: BTreeMap::new(),
        brought: BTreeSet::new(),
        lacks: BTreeSet::new(),
    }
}

fn person_of<'a>(scene: &'a mut Scene, id: &RecordId) -> &'a mut Person {
    match &mut scene.records.get_mut(id).unwrap().party {
        Party::Person(person) => person,
        Party::Organization(_) => panic!("a person"),
    }
}

fn link(bitrix24: &RecordId, onec: &RecordId) -> Link {
    let reason = LinkReason::Email;
    Link { bitrix24: bitrix24.clone(), onec: onec.clone(), reason, base: None }
}

fn updated(before: &str, after: &str) -> Event {
    let [before, after] = [before, after].map(|text| Value::Text(text.to_owned()));
    let reason = ChangeReason::FillsEmpty;
    Event::Updated { changes: vec![FieldChange { field: Field::Position, before, after, reason }] }
}

fn add(scene: &mut Scene, id: &RecordId, run: &str, event: Event) {
    let entry = Entry { at: Timestamp::UNIX_EPOCH, run: run.to_owned(), record: id.clone(), event };
    scene.journals.entry(id.clone()).or_default().push(entry);
}
