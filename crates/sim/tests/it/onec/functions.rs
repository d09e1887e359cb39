//! Functions and arithmetic in `$filter`.

use super::*;

/// Whether a condition holds for a person who was born on 1990-05-31 at 23:59:40, a Thursday.
fn holds(base: &mut Infobase, condition: &str) -> bool {
    !keys(base, &format!("/{PERSONS}?$select=Ref_Key&$filter={condition}")).is_empty()
}

fn born() -> Infobase {
    let mut base = Infobase::new(Settings::default());
    let object = json!({"Ref_Key": ANNA, "Description": "Анна", "ДатаРождения": "1990-05-31T23:59:40"});
    base.load(&json!({"entity": PERSONS, "object": object})).unwrap();
    base
}

#[test]
fn dates_are_taken_apart() {
    let mut base = born();
    for (part, expected) in [
        ("year", 1990),
        ("quarter", 2),
        ("month", 5),
        ("day", 31),
        ("hour", 23),
        ("minute", 59),
        ("second", 40),
        ("dayofyear", 151),
        ("dayofweek", 4),
    ] {
        assert!(holds(&mut base, &format!("{part}(ДатаРождения) eq {expected}")), "{part}");
        assert!(!holds(&mut base, &format!("{part}(ДатаРождения) eq {expected} add 1")), "{part}");
    }
}

#[test]
fn dates_are_moved_by_units() {
    let mut base = born();
    for (unit, count, expected) in [
        ("second", 20, "1990-06-01T00:00:00"),
        ("minute", -59, "1990-05-31T23:00:40"),
        ("hour", 24, "1990-06-01T23:59:40"),
        ("day", 1, "1990-06-01T23:59:40"),
        ("month", 1, "1990-06-30T23:59:40"),
        ("quarter", 1, "1990-08-31T23:59:40"),
        ("year", 10, "2000-05-31T23:59:40"),
    ] {
        let condition = format!("dateadd(ДатаРождения,'{unit}',{count}) eq datetime'{expected}'");
        assert!(holds(&mut base, &condition), "{condition}");
    }
    assert!(!holds(&mut base, "dateadd(ДатаРождения,'year',9000) gt ДатаРождения"), "there is no such year");
}

#[test]
fn the_difference_of_dates_counts_borders_of_the_unit() {
    let mut base = born();
    for (unit, expected) in
        [("second", 20), ("minute", 1), ("hour", 1), ("day", 1), ("month", 1), ("quarter", 0), ("year", 0)]
    {
        let there =
            format!("datedifference(ДатаРождения,datetime'1990-06-01T00:00:00','{unit}') eq {expected}");
        assert!(holds(&mut base, &there), "{there}");
        let back =
            format!("datedifference(datetime'1990-06-01T00:00:00',ДатаРождения,'{unit}') eq -{expected}");
        assert!(holds(&mut base, &back), "{back}");
    }
}

#[test]
fn numbers_are_counted_with_and_rounded() {
    let mut base = born();
    for condition in [
        "1 add 2 mul 3 eq 7",
        "(1 add 2) mul 3 eq 9",
        "7 sub 2 sub 1 eq 4",
        "7 div 2 eq 3.5",
        "round(3.5) eq 4 and round(3.4) eq 3 and round(-3.5) eq -4",
        "-(2 add 3) eq -5",
        "day(ДатаРождения) mul 2 gt 60",
        "startswith(Description,'Ан') eq true",
        "endswith(Description,'Ан') eq false",
        "1 gt 2 eq false",
        "isof(month(ДатаРождения),'Number')",
    ] {
        assert!(holds(&mut base, condition), "{condition}");
    }
    assert!(!holds(&mut base, "1 add 2 mul 3 eq 9"));
}

#[test]
fn like_knows_sets_of_characters() {
    let mut base = born();
    for (pattern, expected) in [("[а-в]%", true), ("[^а]%", false), ("_[нк]на", true), ("%[^а]", false)]
    {
        assert_eq!(holds(&mut base, &format!("like(Description,'{pattern}')")), expected, "{pattern}");
    }
}
