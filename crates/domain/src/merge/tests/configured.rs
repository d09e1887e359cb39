//! Configured fields: carried through transform, table and sort; what has no place on the other side is a question.

use super::*;
use crate::configured::{Cause, Choice, ConfiguredField, Sort, Transform, ValuePair};

/// A field under test and what both sides hold it in.
struct Case {
    field: ConfiguredField,
    left: Sort,
    right: Sort,
    right_length: Option<usize>,
    rules: Rules,
}

impl Case {
    fn new(left: Sort, right: Sort) -> Self {
        let field = ConfiguredField {
            name: "segment".parse().unwrap(),
            kind: Kind::Contact,
            transform: None,
            values: Vec::new(),
        };
        Self { field, left, right, right_length: None, rules: Rules::default() }
    }

    fn with_table(self, pairs: &[(&str, &str)]) -> Self {
        let pair = |(onec, bitrix24): &(&str, &str)| ValuePair {
            onec: (*onec).to_owned(),
            bitrix24: (*bitrix24).to_owned(),
        };
        let values = pairs.iter().map(pair).collect();
        Self { field: ConfiguredField { values, ..self.field }, ..self }
    }

    fn with_transform(self, transform: Transform) -> Self {
        Self { field: ConfiguredField { transform: Some(transform), ..self.field }, ..self }
    }

    fn capacity(&self, sort: &Sort, length: Option<usize>) -> Capacity {
        let lengths = length.map(|length| (Field::Configured(self.field.name), length));
        let sorts = BTreeMap::from([((Kind::Contact, self.field.name), sort.clone())]);
        Capacity { sorts, lengths: lengths.into_iter().collect(), ..everything(9) }
    }

    fn party(&self, value: Option<&str>) -> Party {
        let mut party = Party::Person(Person::default());
        if let Some(value) = value {
            party.configured_mut().set(self.field.name, value.to_owned());
        }
        party
    }

    fn merged(&self, [left, right, base]: [Option<&str>; 3]) -> Merged {
        let rules = Rules { configured: vec![self.field.clone()], ..self.rules.clone() };
        let (left_room, right_room) =
            (self.capacity(&self.left, None), self.capacity(&self.right, self.right_length));
        let terms =
            Terms { rules: &rules, left: &left_room, right: &right_room, companies: &BTreeMap::new() };
        let base = base.map(|base| self.party(Some(base)));
        merge(&contact(self.party(left)), &counterparty(self.party(right)), base.as_ref(), terms)
    }

    /// What both sides get, `=` for no change, `?` for a question on both.
    fn outcome(&self, values: [&str; 3]) -> [String; 2] {
        let value = |text| (text != "-").then_some(text);
        let merged = self.merged(values.map(value));
        if !merged.conflicts.is_empty() {
            assert_eq!(merged.conflicts, [Field::Configured(self.field.name)]);
            assert!(merged.is_settled(), "a question writes nothing");
            return ["?".to_owned(), "?".to_owned()];
        }
        self.settles(values.map(value), &merged);
        [&merged.left, &merged.right].map(|changes| after(changes).unwrap_or_else(|| "=".to_owned()))
    }

    /// Once the changes are made, nothing more is to be done.
    fn settles(&self, [left, right, _]: [Option<&str>; 3], merged: &Merged) {
        let (mut here, mut there) = (contact(self.party(left)), counterparty(self.party(right)));
        apply(&mut here, &merged.left);
        apply(&mut there, &merged.right);
        let agreed = merged.agreed.configured().get(self.field.name);
        let value = |record: &Record| record.party.configured().get(self.field.name).map(str::to_owned);
        let (here, there) = (value(&here), value(&there));
        let again = self.merged([here.as_deref(), there.as_deref(), agreed]);
        assert!(again.is_settled() && again.conflicts.is_empty(), "{left:?} {right:?}: {again:?}");
    }
}

fn list(names: &[(&str, &str)]) -> Sort {
    let choice = |(code, name): &(&str, &str)| Choice { code: (*code).to_owned(), name: (*name).to_owned() };
    Sort::Choice(names.iter().map(choice).collect())
}

fn check(case: &Case, table: &[(&str, [&str; 3], [&str; 2])]) {
    for (what, values, expected) in table {
        assert_eq!(case.outcome(*values), *expected, "{what}");
    }
}

#[test]
fn a_configured_text_is_merged_three_way_and_either_side_may_empty_it() {
    let case = Case::new(Sort::Text, Sort::Text);
    check(
        &case,
        &[
            // What, [left, right, base], [left after, right after]
            ("equal but for spaces", [" опт", "опт ", "-"], ["=", "="]),
            ("first link: empty is filled", ["опт", "", "-"], ["=", "опт"]),
            ("first link: two values", ["опт", "розница", "-"], ["?", "?"]),
            ("changed on the left", ["опт", "розница", "розница"], ["=", "опт"]),
            ("changed on the right", ["опт", "розница", "опт"], ["розница", "="]),
            ("changed on both", ["опт", "розница", "прочее"], ["?", "?"]),
            ("emptied on the left", ["", "опт", "опт"], ["=", ""]),
            ("emptied on the right", ["опт", "", "опт"], ["", "="]),
        ],
    );
}

#[test]
fn a_field_that_one_side_did_not_read_is_left_alone_and_not_agreed_on() {
    let case = Case::new(Sort::Text, Sort::Text);
    for (values, what) in [([Some("опт"), None, None], "right"), ([None, Some("опт"), Some("опт")], "left")]
    {
        let merged = case.merged(values);
        assert!(merged.is_settled() && merged.conflicts.is_empty(), "{what}");
        assert!(merged.agreed.configured().is_empty(), "{what}: nothing was agreed on");
    }
}

#[test]
fn values_go_from_sort_to_sort_and_one_that_does_not_fit_is_a_question() {
    check(
        &Case::new(Sort::Text, Sort::Moment),
        &[
            ("another spelling of a day", ["11.11.2001", "2001-11-11", "-"], ["=", "="]),
            ("a day arrives", ["11.11.2001", "", "-"], ["=", "2001-11-11"]),
            ("no day", ["осенью", "", "-"], ["?", "?"]),
            ("no day any more, changed here alone", ["осенью", "2001-11-11", "2001-11-11"], ["?", "?"]),
            ("no day here, changed there alone", ["осенью", "2001-11-12", "осенью"], ["2001-11-12", "="]),
        ],
    );
    check(
        &Case::new(Sort::Date, Sort::Moment),
        &[("a time of day has no place here", ["2001-11-11", "2001-11-11T09:30:00", "-"], ["=", "="])],
    );
    check(
        &Case::new(Sort::Flag, Sort::Flag),
        &[("no is empty", ["yes", "", "-"], ["=", "yes"]), ("taken back", ["", "yes", "yes"], ["=", ""])],
    );
}

#[test]
fn a_value_that_does_not_fit_says_why_and_two_that_do_are_no_misfits() {
    let choice = || list(&[("12", "Wholesale")]);
    let misfit = |case: &Case, values: [&str; 3]| {
        let merged = case.merged(values.map(|text| (text != "-").then_some(text)));
        assert_eq!(merged.conflicts, [Field::Configured(case.field.name)]);
        merged.misfits.into_values().next().map(|misfit| (misfit.side, misfit.cause))
    };
    let there = |sort: Sort| Case::new(Sort::Text, sort);
    let cases = [
        (there(Sort::Number), ["много", "", "-"], (Side::Onec, Cause::NoNumber)),
        (there(Sort::WholeNumber), ["12.5", "", "-"], (Side::Onec, Cause::NoWholeNumber)),
        (there(Sort::Date), ["осенью", "", "-"], (Side::Onec, Cause::NoDate)),
        (there(Sort::Flag), ["иногда", "yes", "yes"], (Side::Onec, Cause::NoFlag)),
        (there(choice()), ["Прочее", "", "-"], (Side::Onec, Cause::NotListed)),
        (Case::new(choice(), Sort::Text), ["", "Прочее", "-"], (Side::Bitrix24, Cause::NotListed)),
        (
            Case::new(choice(), Sort::Text).with_table(&[("Опт", "12")]),
            ["", "Прочее", "-"],
            (Side::Bitrix24, Cause::NotInTable),
        ),
    ];
    for (case, values, expected) in cases {
        assert_eq!(misfit(&case, values), Some(expected), "{values:?}");
    }
    assert_eq!(misfit(&there(Sort::Text), ["опт", "розница", "-"]), None);
}

#[test]
fn a_table_translates_both_ways_and_a_value_that_it_lacks_is_a_question() {
    let portal = list(&[("12", "Wholesale"), ("13", "Retail"), ("14", "Other")]);
    let case = Case::new(portal, Sort::Text).with_table(&[("Опт", "12"), ("Розница", "Retail")]);
    check(
        &case,
        &[
            ("equal by the table", ["Wholesale", "опт", "-"], ["=", "="]),
            ("to 1C", ["Retail", "", "-"], ["=", "Розница"]),
            ("to Bitrix24, by the id of the table", ["", "Опт", "-"], ["Wholesale", "="]),
            ("changed in 1C", ["Wholesale", "Розница", "Wholesale"], ["Retail", "="]),
            ("changed in Bitrix24", ["Retail", "Опт", "Wholesale"], ["=", "Розница"]),
            ("not in the table", ["Other", "", "-"], ["?", "?"]),
            ("not in the table, there", ["Retail", "Прочее", "Retail"], ["?", "?"]),
        ],
    );
}

#[test]
fn a_transform_changes_what_arrives_and_what_is_equal() {
    check(
        &Case::new(Sort::Text, Sort::Text).with_transform(Transform::Upper),
        &[
            ("equal", ["опт", "Опт", "-"], ["=", "="]),
            ("arrives changed", ["опт", "", "-"], ["=", "ОПТ"]),
            ("another letter is no change", ["Опт", "РОЗНИЦА", "опт"], ["РОЗНИЦА", "="]),
        ],
    );
}

#[test]
fn a_value_that_was_cut_does_not_travel_back() {
    let case = Case { right_length: Some(5), ..Case::new(Sort::Text, Sort::Text) };
    check(
        &case,
        &[
            ("cut", ["опт и розница", "", "-"], ["=", "опт и"]),
            ("at rest", ["опт и розница", "опт и", "опт и розница"], ["=", "="]),
            ("changed there", ["опт и розница", "розн", "опт и розница"], ["розн", "="]),
        ],
    );
}

#[test]
fn another_spelling_of_an_address_is_no_change_and_a_moved_person_has_another_one() {
    let case = Case { right_length: Some(40), ..Case::new(Sort::Address, Sort::Address) };
    let whole = "170000, г Тверь, ул Мира, д 1";
    check(
        &case,
        &[
            ("spelled otherwise", [whole, "170000, Россия, г. Тверь, ул. Мира, д. 1", "-"], ["=", "="]),
            ("spelled otherwise by now", ["170000 г.Тверь ул.Мира д.1", "г Клин", whole], ["г Клин", "="]),
            ("moved", ["г Клин", whole, whole], ["=", "г Клин"]),
            ("taken away", ["", whole, whole], ["=", ""]),
        ],
    );
}

#[test]
fn a_configured_field_goes_one_way_and_wins_as_the_rules_say() {
    let rule = |direction, on_conflict| {
        let field = Field::Configured("segment".parse().unwrap());
        let rule = FieldRule { direction, on_conflict, owner: None };
        Rules { fields: BTreeMap::from([(field, rule)]), ..Rules::default() }
    };
    let case = Case::new(Sort::Text, Sort::Text);
    let one_way = Case { rules: rule(Direction::OnecToBitrix24, Preference::Ask), ..case };
    check(
        &one_way,
        &[
            ("the leader's stands", ["опт", "розница", "розница"], ["розница", "="]),
            ("nothing goes back", ["опт", "", "-"], ["=", "="]),
        ],
    );
    let preferred = Case { rules: rule(Direction::Both, Preference::Bitrix24), ..one_way };
    check(&preferred, &[("the preferred one stands", ["опт", "розница", "-"], ["=", "опт"])]);
}

#[test]
fn a_new_record_gets_what_has_a_place_there() {
    let case = Case::new(list(&[("12", "Wholesale")]), Sort::Text).with_table(&[("Опт", "12")]);
    let rules = Rules { configured: vec![case.field.clone()], ..Rules::default() };
    let (here, there) = (case.capacity(&case.left, None), case.capacity(&case.right, None));
    for (value, expected) in [("Опт", "Wholesale"), ("Прочее", "")] {
        let party = crate::merge::project(&case.party(Some(value)), Side::Bitrix24, &there, &here, &rules);
        assert_eq!(party.configured().get(case.field.name), Some(expected));
    }
    let party =
        crate::merge::project(&case.party(Some("Опт")), Side::Bitrix24, &there, &here, &Rules::default());
    assert!(party.configured().is_empty(), "a field that is configured no more goes nowhere");
}
