//! Values that go one way: the leader gets none, the follower gets the leader's and keeps its own.

use super::*;

#[test]
fn a_follower_gets_values_and_a_leader_gets_none() {
    let rules = Rules { direction: Direction::OnecToBitrix24, ..Rules::default() };
    let (left, right) = (contact(people("1 4")), counterparty(people("1 2")));
    let merged = merged(&left, &right, Some(&people("1")), &rules, 9);
    assert!(merged.right.is_empty(), "the leader is not written to: {:?}", merged.right);
    assert_eq!(after(&merged.left).as_deref(), Some("1 4 2"));
}

#[test]
fn phones_that_go_one_way_arrive_and_the_followers_own_stay_there() {
    use Direction::{Bitrix24ToOnec, OnecToBitrix24};
    type Case = (&'static str, Direction, [&'static str; 3], usize, [&'static str; 2]);
    let cases: &[Case] = &[
        ("first link: the follower keeps its own", OnecToBitrix24, ["1 4", "1 2", "-"], 9, ["1 4 2", "="]),
        ("first link, the other way", Bitrix24ToOnec, ["1 2", "1 4", "-"], 9, ["=", "1 4 2"]),
        ("at rest", OnecToBitrix24, ["1 4 2", "1 2", "1 2"], 9, ["=", "="]),
        ("replaced by the leader, in its place", OnecToBitrix24, ["1 4", "2", "1"], 9, ["2 4", "="]),
        ("removed by the leader", Bitrix24ToOnec, ["2", "1 2 4", "1 2"], 9, ["=", "2 4"]),
        ("removed on the follower: comes again", Bitrix24ToOnec, ["1 2", "2", "1 2"], 9, ["=", "2 1"]),
        ("room for one: the leader's primary", Bitrix24ToOnec, ["2 1", "1", "1"], 1, ["=", "2"]),
        ("room for two: the follower's own has the rest", Bitrix24ToOnec, ["1", "4 5", "-"], 2, ["=", "1 4"]),
        ("room for one, at rest", Bitrix24ToOnec, ["1 2", "1", "1"], 1, ["=", "="]),
    ];
    for (what, direction, [left, right, base], room, expected) in cases {
        let base = (*base != "-").then(|| people(base));
        let rules = Rules { direction: *direction, ..Rules::default() };
        let merged =
            merged(&contact(people(left)), &counterparty(people(right)), base.as_ref(), &rules, *room);
        let found = [after(&merged.left), after(&merged.right)];
        let found = [found[0].as_deref().unwrap_or("="), found[1].as_deref().unwrap_or("=")];
        assert_eq!(found, *expected, "{what}");
    }
}

#[test]
fn single_values_that_go_one_way_are_the_leaders_and_its_empty_ones_take_nothing_away() {
    use Direction::{Bitrix24ToOnec, OnecToBitrix24};
    let job = |position: &str| Party::Person(Person { position: position.to_owned(), ..Person::default() });
    let cases: &[(&str, Direction, [&str; 3], [&str; 2])] = &[
        ("first link", OnecToBitrix24, ["Юрист", "Бухгалтер", "-"], ["Бухгалтер", "="]),
        ("changed on the follower", OnecToBitrix24, ["Юрист", "Бухгалтер", "Бухгалтер"], ["Бухгалтер", "="]),
        ("changed on both", Bitrix24ToOnec, ["Юрист", "Повар", "Бухгалтер"], ["=", "Юрист"]),
        ("the leader never had one", OnecToBitrix24, ["Юрист", "", "-"], ["=", "="]),
        ("the leader never had one, seen again", OnecToBitrix24, ["Юрист", "", ""], ["=", "="]),
        ("emptied by the leader", OnecToBitrix24, ["Юрист", "", "Юрист"], ["", "="]),
    ];
    for (what, direction, [left, right, base], expected) in cases {
        let base = (*base != "-").then(|| job(base));
        let rules = Rules { direction: *direction, ..Rules::default() };
        let merged = merged(&contact(job(left)), &counterparty(job(right)), base.as_ref(), &rules, 9);
        let found = [after(&merged.left), after(&merged.right)];
        let found = [found[0].as_deref().unwrap_or("="), found[1].as_deref().unwrap_or("=")];
        assert_eq!((found, merged.conflicts.len()), (*expected, 0), "{what}");
    }
}

#[test]
fn managers_and_companies_that_go_one_way_are_the_leaders() {
    let mut managers = Managers::default();
    managers.add(UserId("12".into()), UserId("anna".into()));
    managers.add(UserId("13".into()), UserId("oleg".into()));
    let with = |user: &str| {
        let manager = (!user.is_empty()).then(|| UserId(user.to_owned()));
        Party::Person(Person { manager, ..Person::default() })
    };
    let one_way = |direction| Rules { direction, managers: managers.clone(), ..Rules::default() };
    let (to_left, to_right) = (one_way(Direction::OnecToBitrix24), one_way(Direction::Bitrix24ToOnec));
    for (what, rules, [left, right], expected) in [
        ("the leader's, though Bitrix24 owns the field", &to_left, ["12", "oleg"], ["13", "="]),
        ("the leader has none", &to_left, ["12", ""], ["=", "="]),
        ("the follower has none", &to_left, ["", "oleg"], ["13", "="]),
        ("the other way", &to_right, ["12", "oleg"], ["=", "anna"]),
        ("the other way, the leader has none", &to_right, ["", "oleg"], ["=", "="]),
    ] {
        let run = |base: Option<&Party>| {
            let merged = merged(&contact(with(left)), &counterparty(with(right)), base, rules, 9);
            let (left, right) = (after(&merged.left), after(&merged.right));
            ([left.unwrap_or("=".into()), right.unwrap_or("=".into())], merged.agreed)
        };
        let (found, agreed) = run(None);
        assert_eq!(found, expected, "{what}");
        assert_eq!(run(Some(&agreed)).0, expected, "{what}: as often as it is looked at");
    }

    let (here, there) = two_companies();
    let companies = both_ways(&here, &there);
    let at =
        |employers: &[RecordId]| Party::Person(Person { employers: employers.to_vec(), ..Person::default() });
    let run = |left: &[RecordId], right: &[RecordId], base: &[RecordId], direction| {
        let rules = Rules { direction, ..Rules::default() };
        let many = Capacity { companies: usize::MAX, ..everything(9) };
        let terms = Terms { rules: &rules, left: &many, right: &many, companies: &companies };
        let merged = merge(&contact(at(left)), &counterparty(at(right)), Some(&at(base)), terms);
        let changed = |changes: &[crate::plan::FieldChange]| after(changes).unwrap_or("=".to_owned());
        (changed(&merged.left), changed(&merged.right), merged.conflicts.len())
    };
    let said = |left: &str, right: &str, conflicts| (left.to_owned(), right.to_owned(), conflicts);
    let (both, first) = ("bitrix24:company:5, bitrix24:company:7", "bitrix24:company:5");
    let to_left = Direction::OnecToBitrix24;
    assert_eq!(
        run(&here[..1], &there, &here, to_left),
        said(both, "=", 0),
        "taken from the follower: comes again"
    );
    assert_eq!(
        run(&here, &there[..1], &here, to_left),
        said(first, "=", 0),
        "ended by the leader: ends here"
    );
    assert_eq!(run(&here, &there[..1], &here[..1], to_left), said("=", "=", 0), "the follower's own");
    let to_right = Direction::Bitrix24ToOnec;
    let joined = "onec:company:f, onec:company:g";
    assert_eq!(run(&here, &there[..1], &here, to_right), said("=", joined, 0), "ended on the follower");
    assert_eq!(run(&here[..1], &there, &here, to_right), said("=", "=", 1), "1C ends no link by itself");
}

proptest! {
    #[test]
    fn a_leader_is_never_written_to_and_the_second_look_changes_nothing(
        left in digits(), right in digits(), base in proptest::option::of(digits()), room in 1_usize..5, onec in proptest::bool::ANY,
    ) {
        let direction = if onec { Direction::OnecToBitrix24 } else { Direction::Bitrix24ToOnec };
        let rules = Rules { direction, ..Rules::default() };
        let (mut left, mut right) = (contact(people(&left)), counterparty(people(&right)));
        let base = base.map(|base| people(&base));
        let first = merged(&left, &right, base.as_ref(), &rules, room);
        let to_leader = if onec { &first.right } else { &first.left };
        prop_assert!(to_leader.is_empty());
        apply(&mut left, &first.left);
        apply(&mut right, &first.right);
        let second = merged(&left, &right, Some(&first.agreed), &rules, room);
        prop_assert!(second.is_settled(), "{second:?}");
        let third = merged(&left, &right, Some(&second.agreed), &rules, room);
        prop_assert_eq!(third.agreed, second.agreed);
    }
}
