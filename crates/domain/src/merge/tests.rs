//! Cases of merging, as tables: left (Bitrix24), right (1C), base; what changes on each side, and what is asked.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Merged, Terms, id_changes, merge};
use crate::forms::person_name::PersonName;
use crate::forms::phone::{PhoneContext, read_phones};
use crate::party::{Field, Organization, Party, Person, Phone, Point, UserId, Value};
use crate::record::{Catalog, Kind, Record, RecordId, Side, Standing};
use crate::rules::{Capacity, Direction, FieldRule, Managers, Preference, Rules};

mod configured;
mod one_way;

#[test]
fn phones_are_sets_and_the_first_is_primary() {
    let cases: &[(&str, [&str; 3], usize, [&str; 2])] = &[
        // What, [left, right, base], room on the right, [left after, right after] («=»: no change)
        ("first link: sets unite", ["1 2", "2 3", "-"], 9, ["1 2 3", "1 2 3"]),
        ("first link: equal sets in another order", ["1 2", "2 1", "-"], 9, ["=", "="]),
        ("added on the left", ["1 2", "1", "1"], 9, ["=", "1 2"]),
        ("added on the right", ["1", "1 2", "1"], 9, ["1 2", "="]),
        ("removed on the left", ["1", "1 2", "1 2"], 9, ["=", "1"]),
        ("removed on the right", ["1 2", "1", "1 2"], 9, ["1", "="]),
        ("each side added one", ["1 2", "1 3", "1"], 9, ["1 2 3", "1 2 3"]),
        ("added here, removed there", ["1 2", "", "1"], 9, ["2", "2"]),
        ("room for one: the other side keeps its further phones", ["1 2 3", "1", "-"], 1, ["=", "="]),
        ("room for one: the primary is held", ["1 2", "2", "-"], 1, ["=", "1"]),
        ("room for one, first link with another value", ["1", "2", "-"], 1, ["1 2", "1"]),
        ("room for one: replaced there, replaced here in its place", ["1 2", "3", "1 2"], 1, ["3 2", "="]),
        ("room for one: emptied there, the next one moves up", ["1 2", "", "1 2"], 1, ["2", "2"]),
        ("room for two: the third one is added here alone", ["1 2 3", "1 2", "1 2"], 2, ["=", "="]),
        (
            "room for two: one is added here in front, and pushes another out",
            ["1 3 2", "1 2", "1 2"],
            2,
            ["=", "1 3"],
        ),
        (
            "room for two: so it is, and what was pushed out stays here",
            ["1 3 2", "1 3", "1 2"],
            2,
            ["=", "="],
        ),
        ("room for two, and one place is taken by an unreadable one", ["1 2", "1 ?", "-"], 2, ["=", "="]),
        ("an unreadable one takes the place of no other", ["2 1", "1 2 ?", "1 2"], 2, ["=", "="]),
    ];
    for (what, [left, right, base], room, expected) in cases {
        let base = (*base != "-").then(|| people(base));
        let (left, right) = (contact(people(left)), counterparty(people(right)));
        let merged = merged(&left, &right, base.as_ref(), &Rules::default(), *room);
        let found = [after(&merged.left), after(&merged.right)];
        let found = [found[0].as_deref().unwrap_or("="), found[1].as_deref().unwrap_or("=")];
        assert_eq!(found, *expected, "{what}");
    }
}

#[test]
fn single_values_follow_owner_base_and_rule() {
    use Preference::{Ask, Bitrix24, Onec};
    let title = Field::Name;
    let inn = Field::Inn;
    type Case = (&'static str, Field, [&'static str; 3], Preference, [&'static str; 2], bool);
    let cases: &[Case] = &[
        (
            "changed on the left",
            title,
            ["Ромашка плюс", "Ромашка", "Ромашка"],
            Ask,
            ["=", "Ромашка плюс"],
            false,
        ),
        ("changed on the right", title, ["Ромашка", "Лютик", "Ромашка"], Ask, ["Лютик", "="], false),
        (
            "spaces around it stay behind",
            title,
            [" Лютик ", "Ромашка", "Ромашка"],
            Ask,
            ["=", "Лютик"],
            false,
        ),
        ("spaces around it are no change", title, ["Лютик", " Лютик", "Лютик"], Ask, ["=", "="], false),
        ("changed to the same on both", title, ["Лютик", "Лютик", "Ромашка"], Ask, ["=", "="], false),
        ("both changed: a question", title, ["Лютик", "Мак", "Ромашка"], Ask, ["=", "="], true),
        ("both changed: the rule", title, ["Лютик", "Мак", "Ромашка"], Onec, ["Мак", "="], false),
        ("both changed: the other rule", title, ["Лютик", "Мак", "Ромашка"], Bitrix24, ["=", "Лютик"], false),
        (
            "other words order and quotes are no change",
            title,
            ["ООО «Ромашка»", "Ромашка ООО", "-"],
            Ask,
            ["=", "="],
            false,
        ),
        (
            "first link, two titles: 1C keeps the legal name",
            title,
            ["Лютик", "Мак", "-"],
            Ask,
            ["Мак", "="],
            false,
        ),
        (
            "INN belongs to 1C",
            inn,
            ["5017002196", "7701234560", "7701234560"],
            Ask,
            ["7701234560", "="],
            false,
        ),
        ("an empty INN in 1C is filled", inn, ["7701234560", "", "-"], Ask, ["=", "7701234560"], false),
        (
            "an emptied INN is filled again",
            inn,
            ["", "7701234560", "7701234560"],
            Ask,
            ["7701234560", "="],
            false,
        ),
        (
            "on the first link a valid INN stands against one with a slip",
            inn,
            ["5017002196", "5017002197", "-"],
            Ask,
            ["=", "5017002196"],
            false,
        ),
        (
            "later it is as its owner says",
            inn,
            ["5017002196", "5017002197", "5017002196"],
            Ask,
            ["5017002197", "="],
            false,
        ),
        (
            "an INN with a space keeps its last digit where 1C has twelve places",
            inn,
            ["77 0123 4560", "", "-"],
            Ask,
            ["=", "7701234560"],
            false,
        ),
        ("the same INN with spaces", inn, ["77 0123 4560", "7701234560", "-"], Ask, ["=", "="], false),
    ];
    for (what, field, [left, right, base], on_conflict, expected, asks) in cases {
        let rules = Rules { on_conflict: *on_conflict, ..Rules::default() };
        let base = (*base != "-").then(|| firm(*field, base));
        let (left, right) = (company(firm(*field, left)), company_in_onec(firm(*field, right)));
        let merged = merged(&left, &right, base.as_ref(), &rules, usize::MAX);
        let (found_left, found_right) = (after(&merged.left), after(&merged.right));
        let found = [found_left.as_deref().unwrap_or("="), found_right.as_deref().unwrap_or("=")];
        assert_eq!(found, *expected, "{what}");
        assert_eq!(merged.conflicts.contains(field), *asks, "{what}");
    }
}

#[test]
fn the_fuller_spelling_of_a_name_stands_on_the_first_link() {
    let name = |text: &str| Party::Person(Person { name: PersonName::from_whole(text), ..Person::default() });
    let (left, right) = (contact(name("Иванов Пётр")), counterparty(name("Иванов Пётр Сергеевич")));
    let merged = merged(&left, &right, None, &Rules::default(), 9);
    assert_eq!(after(&merged.left).as_deref(), Some("Иванов Пётр Сергеевич"));
    assert!(merged.right.is_empty());
}

#[test]
fn the_rule_of_a_field_goes_before_the_rule_of_the_pair() {
    let mut rules = Rules { on_conflict: Preference::Onec, ..Rules::default() };
    let rule = FieldRule { direction: Direction::Both, on_conflict: Preference::Bitrix24, owner: None };
    rules.fields.insert(Field::Name, rule);
    let firm = |title| firm(Field::Name, title);
    let (left, right) = (company(firm("Лютик")), company_in_onec(firm("Мак")));
    let merged = merged(&left, &right, Some(&firm("Ромашка")), &rules, 9);
    assert_eq!(after(&merged.right).as_deref(), Some("Лютик"));
}

#[test]
fn managers_travel_through_the_table_and_strangers_are_left_alone() {
    let mut managers = Managers::default();
    managers.add(UserId("12".into()), UserId("anna".into()));
    managers.add(UserId("13".into()), UserId("oleg".into()));
    let rules = Rules { managers, ..Rules::default() };
    let with = |user: &str| {
        let manager = (!user.is_empty()).then(|| UserId(user.to_owned()));
        Party::Person(Person { manager, ..Person::default() })
    };
    let cases = [
        ("the same person", "12", "anna", None, ["=", "="]),
        ("nobody in 1C", "12", "", None, ["=", "anna"]),
        ("two values on the first link: Bitrix24 owns the field", "12", "oleg", None, ["=", "anna"]),
        ("changed in 1C alone", "12", "oleg", Some("12"), ["13", "="]),
        ("somebody in 1C without a counterpart", "12", "stranger", None, ["=", "="]),
    ];
    for (what, left, right, base, expected) in cases {
        let base = base.map(with);
        let merged = merged(&contact(with(left)), &counterparty(with(right)), base.as_ref(), &rules, 9);
        let (left, right) = (after(&merged.left), after(&merged.right));
        assert_eq!([left.as_deref().unwrap_or("="), right.as_deref().unwrap_or("=")], expected, "{what}");
    }
}

#[test]
fn an_owner_joins_the_contacts_companies_and_a_taken_away_one_is_a_question() {
    let here = |id: &str| RecordId::bitrix24(Kind::Company, id);
    let there = RecordId::onec(Kind::Company, "f");
    let companies = BTreeMap::from([(here("5"), there.clone()), (there.clone(), here("5"))]);
    let at = |employers: Vec<RecordId>| Party::Person(Person { employers, ..Person::default() });
    let right = Record { catalog: Catalog::ContactPerson, ..counterparty(at(vec![there])) };
    let run = |left: Vec<RecordId>, base: Option<Vec<RecordId>>| {
        let rules = Rules::default();
        let (capacity, base) = (everything(9), base.map(at));
        let terms = Terms { rules: &rules, left: &capacity, right: &capacity, companies: &companies };
        merge(&contact(at(left)), &right, base.as_ref(), terms)
    };
    let joined = run(vec![here("7")], None);
    assert_eq!(after(&joined.left).as_deref(), Some("bitrix24:company:7, bitrix24:company:5"));
    assert!(run(vec![here("5")], None).is_settled(), "it is there already");
    assert_eq!(
        run(vec![here("7")], Some(vec![here("5")])).conflicts,
        [Field::Company],
        "somebody took it away"
    );
}

#[test]
fn an_owner_that_stands_for_several_counterparties_is_content_with_one_of_them() {
    let (here, there) = two_companies();
    let companies = both_ways(&here, &there);
    let at =
        |employers: &[RecordId]| Party::Person(Person { employers: employers.to_vec(), ..Person::default() });
    let run = |left: &[RecordId]| {
        let (rules, capacity) = (Rules::default(), everything(9));
        let terms = Terms { rules: &rules, left: &capacity, right: &capacity, companies: &companies };
        merge(&contact(at(left)), &counterparty(at(&there)), None, terms)
    };
    assert!(run(&here[1..]).is_settled(), "the second counterparty of the owner is its company too");
    assert_eq!(after(&run(&[]).left).as_deref(), Some("bitrix24:company:5"), "the main one joins, not all");
}

#[test]
fn where_a_person_can_have_many_companies_both_sides_get_each_others() {
    let (here, there) = two_companies();
    let companies = both_ways(&here, &there);
    let at =
        |employers: &[RecordId]| Party::Person(Person { employers: employers.to_vec(), ..Person::default() });
    let run = |left: &[RecordId], right: &[RecordId], base: Option<&[RecordId]>, direction| {
        let rules = Rules { direction, ..Rules::default() };
        let many = Capacity { companies: usize::MAX, ..everything(9) };
        let terms = Terms { rules: &rules, left: &many, right: &many, companies: &companies };
        merge(&contact(at(left)), &counterparty(at(right)), base.map(at).as_ref(), terms)
    };
    let first = run(&here[..1], &there[1..], None, Direction::Both);
    assert_eq!(after(&first.left).as_deref(), Some("bitrix24:company:5, bitrix24:company:7"));
    assert_eq!(after(&first.right).as_deref(), Some("onec:company:g, onec:company:f"));
    let second = run(&here, &there, Some(first.agreed.employers()), Direction::Both);
    assert!(second.is_settled() && second.conflicts.is_empty());
    let removed_there = run(&here, &there[..1], Some(&here), Direction::Both);
    assert_eq!((removed_there.conflicts, removed_there.right), (vec![Field::Company], vec![]));
    let one_way = run(&here, &there[..1], None, Direction::OnecToBitrix24);
    assert!(one_way.is_settled());
    let again = run(&here, &there[..1], Some(one_way.agreed.employers()), Direction::OnecToBitrix24);
    assert!(again.conflicts.is_empty(), "what was never written was never agreed on");
}

#[test]
fn a_field_that_a_record_lacks_is_not_merged() {
    let rules = Rules::default();
    let (capacity, companies) = (everything(9), BTreeMap::new());
    let terms = Terms { rules: &rules, left: &capacity, right: &capacity, companies: &companies };
    let left = company(firm(Field::Inn, "7701234560"));
    let mut right = company_in_onec(firm(Field::Inn, ""));
    assert!(!merge(&left, &right, None, terms).is_settled());
    right.lacks.insert(Field::Inn);
    assert!(merge(&left, &right, None, terms).is_settled());
}

#[test]
fn a_new_record_gets_no_field_that_goes_the_other_way() {
    let rule = FieldRule { direction: Direction::OnecToBitrix24, on_conflict: Preference::Ask, owner: None };
    let fields = BTreeMap::from([(Field::Phone, rule), (Field::Name, rule)]);
    let rules = Rules { fields, ..Rules::default() };
    let mut source = people("1");
    source.set(Field::Name, Value::Name(PersonName::from_parts("Белова", "Анна", "")));
    let held = |side| {
        let party = super::project(&source, side, &everything(9), &everything(9), &rules);
        (party.display_name(), party.phones().len())
    };
    assert_eq!(held(Side::Bitrix24), ("Белова Анна".to_owned(), 1));
    assert_eq!(held(Side::Onec), ("Белова Анна".to_owned(), 0), "its name comes along");
}

#[test]
fn ids_are_kept_on_both_sides_where_the_side_can() {
    let (left, right) = (contact(people("1")), counterparty(people("1")));
    let rules = Rules { direction: Direction::OnecToBitrix24, ..Rules::default() };
    let (able, unable) = (everything(9), Capacity { mutual_id: false, ..everything(9) });
    let companies = BTreeMap::new();
    let terms = Terms { rules: &rules, left: &able, right: &able, companies: &companies };
    let (in_left, in_right) = id_changes(&left, &right, terms);
    assert_eq!(in_left.unwrap().after, Value::Text("r".into()));
    assert_eq!(in_right.unwrap().after, Value::Text("contact:1".into()), "ids travel whatever the direction");
    let terms = Terms { right: &unable, ..terms };
    assert_eq!(id_changes(&left, &right, terms).1, None);
}

proptest! {
    #[test]
    fn merging_twice_changes_nothing(left in digits(), right in digits(), base in proptest::option::of(digits()), room in 1_usize..5) {
        let (mut left, mut right) = (contact(people(&left)), counterparty(people(&right)));
        let base = base.map(|base| people(&base));
        let first = merged(&left, &right, base.as_ref(), &Rules::default(), room);
        apply(&mut left, &first.left);
        apply(&mut right, &first.right);
        let second = merged(&left, &right, Some(&first.agreed), &Rules::default(), room);
        prop_assert!(second.is_settled(), "{second:?}");
    }

    #[test]
    fn no_phone_is_lost_that_nobody_removed(left in digits(), right in digits(), base in proptest::option::of(digits()), room in 1_usize..5) {
        let (mut a, mut b) = (contact(people(&left)), counterparty(people(&right)));
        let base_party = base.as_deref().map(people);
        let merged = merged(&a, &b, base_party.as_ref(), &Rules::default(), room);
        apply(&mut a, &merged.left);
        apply(&mut b, &merged.right);
        for digit in left.split(' ').chain(right.split(' ')).filter(|digit| !digit.is_empty()) {
            let was_agreed = base.as_deref().is_some_and(|base| base.split(' ').any(|other| other == digit));
            prop_assert!(was_agreed || print(&a.party.value(Field::Phone).unwrap()).contains(digit), "{digit} of {left} / {right} is lost");
        }
    }
}

fn digits() -> impl Strategy<Value = String> {
    proptest::collection::btree_set(1_u8..6, 0..5)
        .prop_map(|set| set.into_iter().map(|digit| digit.to_string()).collect::<Vec<_>>())
        .prop_shuffle()
        .prop_map(|digits| digits.join(" "))
}

fn merged(left: &Record, right: &Record, base: Option<&Party>, rules: &Rules, room: usize) -> Merged {
    let (left_capacity, right_capacity) = (everything(usize::MAX), everything(room));
    let companies = BTreeMap::new();
    merge(
        left,
        right,
        base,
        Terms { rules, left: &left_capacity, right: &right_capacity, companies: &companies },
    )
}

fn everything(phones: usize) -> Capacity {
    let fields = Field::merged(Kind::Contact).iter().chain(Field::merged(Kind::Company)).copied().collect();
    Capacity {
        fields,
        phones,
        emails: usize::MAX,
        companies: 1,
        lengths: BTreeMap::new(),
        sorts: BTreeMap::new(),
        mutual_id: true,
    }
}

fn apply(record: &mut Record, changes: &[crate::plan::FieldChange]) {
    for change in changes {
        record.party.set(change.field, change.after.clone());
    }
}

fn after(changes: &[crate::plan::FieldChange]) -> Option<String> {
    changes.first().map(|change| print(&change.after))
}

/// Phones as the digit they stand for, everything else as it prints itself.
fn print(value: &Value) -> String {
    match value {
        Value::Phones(phones) => {
            let digits: Vec<&str> =
                phones.iter().filter_map(|phone| phone.key.as_ref()).map(|key| &key.as_str()[11..]).collect();
            digits.join(" ")
        }
        other => other.to_string(),
    }
}

fn people(phones: &str) -> Party {
    let context = PhoneContext::new("RU", None).unwrap();
    let phone = |digit: &str| -> Phone {
        if digit == "?" {
            return Point::unreadable("45-67");
        }
        let text = format!("+7912345670{digit}");
        Point::known(read_phones(&text, &context).remove(0).key, text)
    };
    let phones = phones.split(' ').filter(|digit| !digit.is_empty()).map(phone).collect();
    Party::Person(Person { phones, ..Person::default() })
}

fn firm(field: Field, text: &str) -> Party {
    let mut party = Party::Organization(Organization::default());
    party.set(field, Value::Text(text.to_owned()));
    party
}

fn two_companies() -> (Vec<RecordId>, Vec<RecordId>) {
    let here = ["5", "7"].map(|id| RecordId::bitrix24(Kind::Company, id)).to_vec();
    let there = ["f", "g"].map(|id| RecordId::onec(Kind::Company, id)).to_vec();
    (here, there)
}

fn both_ways(here: &[RecordId], there: &[RecordId]) -> BTreeMap<RecordId, RecordId> {
    let pairs = || here.iter().cloned().zip(there.iter().cloned());
    pairs().chain(pairs().map(|(here, there)| (there, here))).collect()
}

fn contact(party: Party) -> Record {
    record(RecordId::bitrix24(Kind::Contact, "1"), Catalog::Bitrix24, party)
}

fn counterparty(party: Party) -> Record {
    record(RecordId::onec(Kind::Contact, "r"), Catalog::Counterparty, party)
}

fn company(party: Party) -> Record {
    record(RecordId::bitrix24(Kind::Company, "1"), Catalog::Bitrix24, party)
}

fn company_in_onec(party: Party) -> Record {
    record(RecordId::onec(Kind::Company, "r"), Catalog::Counterparty, party)
}

fn record(id: RecordId, catalog: Catalog, party: Party) -> Record {
    Record {
        id,
        catalog,
        version: "1".to_owned(),
        party,
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: BTreeSet::new(),
        attributes: BTreeMap::new(),
        brought: BTreeSet::new(),
    }
}
