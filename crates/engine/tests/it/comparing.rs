//! Comparing both sides as they were seen: every difference is told, with what explains it.

use std::collections::{BTreeMap, BTreeSet};

use futures_executor::block_on;
use jiff::Timestamp;
use obmen_domain::create_rule::CreateRule;
use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::party::{Email, Field, Party, Person, PointKind};
use obmen_domain::plan::LinkReason;
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side, Standing};
use obmen_domain::review::{AskReason, Review, ReviewKind};
use obmen_domain::rules::{Direction, Rules};
use obmen_domain::ruling::{Ruled, Ruling};
use obmen_engine::compare::{Comparison, What};
use obmen_engine::store::{Change, DirtyReason, Intent, IntentAction};

use super::stage::Stage;

type Case = (&'static str, Vec<Change>, &'static [&'static str]);

#[test]
fn a_field_that_is_not_the_same_is_explained_by_what_waits_and_by_nothing_else() {
    let pair = || linked("Бухгалтер", "Юрист", Some("Бухгалтер"));
    let differs = "bitrix24:contact:1 = onec:contact:aa; position";
    let told =
        |why: &str| -> &'static [&'static str] { vec![format!("{differs}: {why}").leak() as &str].leak() };
    let cases: Vec<Case> = vec![
        ("both sides are the same", linked("Юрист", "Юрист", Some("Юрист")), &[]),
        ("nothing is due", pair(), told("unexplained")),
        ("one of them is to be looked at", with(pair(), [dirty(right())]), told("due")),
        ("a write is not settled", with(pair(), [intent(right())]), told("unsettled")),
        ("a write was refused", with(pair(), [refused(&[left(), right()])]), told("failed")),
        (
            "a person is asked about this field",
            with(linked("Бухгалтер", "Юрист", Some("Кассир")), [conflict(Field::Position)]),
            told("review"),
        ),
        (
            "a person is asked about another field",
            with(linked("Бухгалтер", "Юрист", Some("Кассир")), [conflict(Field::Name)]),
            told("unexplained"),
        ),
        ("a person ended the link", with(pair(), [ruled(left(), right(), Ruling::Apart)]), told("decided")),
    ];
    for (case, changes, expected) in cases {
        assert_eq!(lines(&Rules::default(), changes), expected, "{case}");
    }
}

#[test]
fn where_values_go_one_way_what_the_follower_has_of_its_own_is_explained_by_that() {
    let rules = Rules { direction: Direction::Bitrix24ToOnec, ..Rules::default() };
    let expected = ["bitrix24:contact:1 = onec:contact:aa; position: leads"];
    assert_eq!(lines(&rules, linked("", "Юрист", Some(""))), expected);
    let expected = ["bitrix24:contact:1 = onec:contact:aa; position: unexplained"];
    assert_eq!(lines(&rules, linked("Кассир", "Юрист", Some("Юрист"))), expected);
}

#[test]
fn a_record_without_a_counterpart_is_told() {
    let alone = || vec![seen(person(left(), "Вера", ""))];
    let keeps_back = Rules { create_in_onec: CreateRule::None, ..Rules::default() };
    for (case, rules, changes, expected) in [
        ("nothing is due", Rules::default(), alone(), "unexplained"),
        ("it is to be looked at", Rules::default(), with(alone(), [dirty(left())]), "due"),
        ("its write was refused", Rules::default(), with(alone(), [refused(&[left()])]), "failed"),
        ("its create is not settled", Rules::default(), with(alone(), [create(left())]), "unsettled"),
        ("the rules keep it back", keeps_back, alone(), "withheld"),
        (
            "a person ended its link",
            Rules::default(),
            with(alone(), [ruled(left(), right(), Ruling::Ended)]),
            "decided",
        ),
        ("a person is asked", Rules::default(), with(alone(), [doubt()]), "review"),
        ("it has no name", Rules::default(), vec![seen(person(left(), "", ""))], "nameless"),
    ] {
        assert_eq!(lines(&rules, changes), [format!("{} alone: {expected}", left())], "{case}");
    }
    let mut marked = person(left(), "Вера", "");
    marked.standing = Standing::Marked;
    assert_eq!(lines(&Rules::default(), vec![seen(marked)]), Vec::<String>::new(), "it takes no part");
}

#[test]
fn a_further_object_of_a_linked_person_is_no_riddle_and_a_copy_made_twice_is_one() {
    let facet = Record { catalog: Catalog::ContactPerson, ..person(onec("bb"), "Вера", "") };
    let found = lines(&Rules::default(), with(linked("", "", None), [seen(facet)]));
    assert_eq!(found, ["onec:contact:bb alone: facet"]);

    let copy = || Record { mutual_id: "contact:1".to_owned(), ..person(onec("bb"), "Вера", "") };
    let found = lines(&Rules::default(), with(linked("", "", None), [seen(copy())]));
    assert_eq!(found, ["onec:contact:bb twin of onec:contact:aa: unexplained"]);
    let keeps_back = Rules { create_in_bitrix24: CreateRule::None, ..Rules::default() };
    let found = lines(&keeps_back, with(linked("", "", None), [seen(copy())]));
    assert_eq!(found, ["onec:contact:bb twin of onec:contact:aa: unexplained"], "no rule excuses it");
    let nameless = Record { mutual_id: "contact:1".to_owned(), ..person(onec("bb"), "", "") };
    let found = lines(&Rules::default(), with(linked("", "", None), [seen(nameless)]));
    assert_eq!(found, ["onec:contact:bb twin of onec:contact:aa: unexplained"], "nor that it says nothing");
    for direction in [Direction::OnecToBitrix24, Direction::Bitrix24ToOnec] {
        let rules = Rules { direction, ..Rules::default() };
        let found = lines(&rules, with(linked("", "", None), [seen(copy())]));
        assert_eq!(found, ["onec:contact:bb twin of onec:contact:aa: unexplained"], "nor a direction");
    }
    let decided = ruled(onec("bb"), right(), Ruling::Same);
    let found = lines(&Rules::default(), with(linked("", "", None), [seen(copy()), decided]));
    assert_eq!(found, ["onec:contact:bb alone: decided"]);
}

#[test]
fn a_linked_record_that_is_gone_is_told_with_its_question() {
    for (gone, there) in [(left(), right()), (right(), left())] {
        let changes = || with(linked("", "", None), [Change::Gone(gone.clone())]);
        let found = lines(&Rules::default(), changes());
        assert_eq!(found, [format!("{gone} gone, {there}: unexplained")]);
        let found = lines(&Rules::default(), with(changes(), [deletion()]));
        assert_eq!(found, [format!("{gone} gone, {there}: review")]);
    }
}

#[test]
fn the_digest_is_that_of_the_state_whatever_the_order_it_came_about() {
    let rules = Rules::default();
    let state = || with(linked("Бухгалтер", "Юрист", None), [seen(person(onec("bb"), "Анна", ""))]);
    let mut turned = state();
    turned.swap(0, 3);
    let (digest, again) = (compared(&rules, state()).1.digest, compared(&rules, turned).1.digest);
    assert_eq!(digest, again);
    for (case, other) in [
        ("another value", with(linked("Бухгалтер", "Кассир", None), [seen(person(onec("bb"), "Анна", ""))])),
        ("another explanation", with(state(), [dirty(right())])),
        ("one record less", linked("Бухгалтер", "Юрист", None)),
    ] {
        assert_ne!(compared(&rules, other).1.digest, digest, "{case}");
    }
}

#[test]
fn what_was_compared_is_counted() {
    let (told, found) = compared(&Rules::default(), linked("Бухгалтер", "Юрист", None));
    assert_eq!((found.pairs, found.equal, found.total(), found.unexplained()), (1, 0, 1, 1));
    let both = BTreeMap::from([("bitrix24:contact".to_owned(), 1), ("onec:contact".to_owned(), 1)]);
    assert_eq!(found.records, both);
    let What::Field { left, right, .. } = &told[0] else { panic!("{told:?}") };
    assert_eq!((left.to_string(), right.to_string()), ("Бухгалтер".to_owned(), "Юрист".to_owned()));
}

fn lines(rules: &Rules, changes: Vec<Change>) -> Vec<String> {
    let mut lines = Vec::new();
    let stage = stage(rules, changes);
    block_on(stage.engine.compare(&mut |difference| lines.push(difference.to_string()))).unwrap();
    lines
}

fn compared(rules: &Rules, changes: Vec<Change>) -> (Vec<What>, Comparison) {
    let mut told = Vec::new();
    let stage = stage(rules, changes);
    let found = block_on(stage.engine.compare(&mut |difference| told.push(difference.what.clone())));
    (told, found.unwrap())
}

fn stage(rules: &Rules, changes: Vec<Change>) -> Stage {
    let mut stage = Stage::new();
    stage.engine.rules = rules.clone();
    block_on(stage.store.apply(changes)).unwrap();
    stage
}

/// Two linked records with positions, and the one they last agreed on.
fn linked(here: &str, there: &str, agreed: Option<&str>) -> Vec<Change> {
    let mut changes = vec![
        seen(person(left(), "Вера", here)),
        seen(person(right(), "Вера", there)),
        Change::Link { bitrix24: left(), onec: right(), reason: LinkReason::Email },
    ];
    let base = |position| Box::new(person(left(), "Вера", position).party);
    changes.extend(agreed.map(|position| Change::Base { bitrix24: left(), party: base(position) }));
    changes
}

fn with<const N: usize>(mut changes: Vec<Change>, further: [Change; N]) -> Vec<Change> {
    changes.extend(further);
    changes
}

fn left() -> RecordId {
    RecordId::bitrix24(Kind::Contact, "1")
}

fn right() -> RecordId {
    onec("aa")
}

fn onec(id: &str) -> RecordId {
    RecordId::onec(Kind::Contact, id)
}

fn person(id: RecordId, first: &str, position: &str) -> Record {
    let name = if first.is_empty() {
        PersonName::default()
    } else {
        PersonName::from_parts("Кольцова", first, "")
    };
    let email = Email {
        key: read_emails("vera@firm.example").pop(),
        text: "vera@firm.example".to_owned(),
        extension: None,
        kind: PointKind::Work,
    };
    let party = Person { name, position: position.to_owned(), emails: vec![email], ..Person::default() };
    Record {
        catalog: if id.side == Side::Bitrix24 { Catalog::Bitrix24 } else { Catalog::Counterparty },
        id,
        version: "a".to_owned(),
        party: Party::Person(party),
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: BTreeSet::new(),
        attributes: BTreeMap::new(),
        brought: BTreeSet::new(),
    }
}

fn seen(record: Record) -> Change {
    Change::Seen(Box::new(record))
}

fn dirty(id: RecordId) -> Change {
    Change::Dirty {
        id,
        reason: DirtyReason::Signal,
        since: Timestamp::UNIX_EPOCH,
        due: Timestamp::UNIX_EPOCH,
    }
}

fn intent(record: RecordId) -> Change {
    let action = IntentAction::Update { changes: Vec::new() };
    Change::Intent(Intent { record, action, sent_at: Timestamp::UNIX_EPOCH })
}

fn create(record: RecordId) -> Change {
    let action = IntentAction::Create { derived_id: None };
    Change::Intent(Intent { record, action, sent_at: Timestamp::UNIX_EPOCH })
}

fn ruled(a: RecordId, b: RecordId, ruling: Ruling) -> Change {
    Change::Rule(Ruled::new(a, b, ruling))
}

fn review(kind: ReviewKind, records: &[RecordId], fields: &[Field], reason: AskReason) -> Change {
    let (records, fields) = (records.to_vec(), fields.to_vec());
    Change::Review(Box::new(Review { kind, party: Kind::Contact, records, fields, reason }))
}

fn refused(records: &[RecordId]) -> Change {
    review(ReviewKind::Refused, records, &[], AskReason::SideRefused("no".to_owned()))
}

fn conflict(field: Field) -> Change {
    review(ReviewKind::Conflict, &[left(), right()], &[field], AskReason::BothChanged)
}

fn doubt() -> Change {
    review(ReviewKind::Match, &[left(), right()], &[], AskReason::NamesDoubtful)
}

fn deletion() -> Change {
    review(ReviewKind::Deletion, &[left(), right()], &[], AskReason::Deleted)
}
