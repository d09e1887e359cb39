//! Rules as they are written, and what they say about records.

use std::collections::BTreeSet;

use super::*;
use crate::party::{Organization, Party, Person};
use crate::record::{Catalog, RecordId, Standing};

#[test]
fn a_rule_is_read_and_written_alike() {
    for text in [
        "with-inn",
        "company.with-inn",
        "TYPE_ID = \"CLIENT\"",
        "contact.SOURCE_ID in [\"CALL\", \"WEB\"]",
        "folder != \"Сотрудники\"",
        "company.COMPANY_TYPE not in [\"OTHER\", \"PARTNER\"]",
        "ВидКонтрагента = 'ООО \"Ромашка\"'",
    ] {
        let rule: CreateRule = text.parse().unwrap_or_else(|error| panic!("{error}"));
        let CreateRule::Where(conditions) = rule else { panic!("{text}") };
        assert_eq!(conditions.iter().map(ToString::to_string).collect::<Vec<_>>(), [text]);
    }
    let rule: CreateRule = " company.with-inn  AND TYPE_ID='CLIENT' and folder in ['a']".parse().unwrap();
    let CreateRule::Where(conditions) = rule else { panic!("three conditions") };
    assert_eq!(conditions.len(), 3);
    assert_eq!("all".parse(), Ok(CreateRule::All));
    assert_eq!(" none ".parse(), Ok(CreateRule::None));
    assert_eq!("with-inn".parse(), Ok(CreateRule::with_inn()));
}

#[test]
fn what_is_no_rule_is_told_with_its_place() {
    for (text, expected, rest) in [
        ("", "with-inn, TYPE_ID, UF_CRM_…, folder, …", ""),
        ("TYPE_ID", "=, !=, in, not in", ""),
        ("TYPE_ID == \"A\"", "\"…\"", "= \"A\""),
        ("TYPE_ID = CLIENT", "\"…\"", "CLIENT"),
        ("TYPE_ID = \"A\" or X = \"B\"", "and", "or X = \"B\""),
        ("TYPE_ID in \"A\"", "[", "\"A\""),
        ("TYPE_ID in [\"A\" \"B\"]", ", ]", "\"B\"]"),
        ("TYPE_ID in []", "\"…\"", "]"),
        ("TYPE_ID not \"A\"", "in", "\"A\""),
        ("TYPE_ID = \"A\" and", "with-inn, TYPE_ID, UF_CRM_…, folder, …", ""),
        ("with-innn", "=, !=, in, not in", "-innn"),
        ("deal.TYPE_ID = \"A\"", "=, !=, in, not in", ".TYPE_ID = \"A\""),
    ] {
        let error = text.parse::<CreateRule>().unwrap_err();
        assert_eq!((error.expected, error.rest.as_str()), (expected, rest), "{text}");
        assert_eq!(&text[error.offset..], rest, "{text}");
    }
}

#[test]
fn a_record_is_withheld_by_the_first_condition_that_does_not_hold() {
    let client = [("TYPE_ID", &["CLIENT"][..]), ("folder", &["Москва", "Покупатели"])];
    let unmet = |text: &str| Some(Withheld::Unmet(text.to_owned()));
    for (rule, expected) in [
        ("TYPE_ID = \"client\"", None),
        ("TYPE_ID = \"OTHER\"", unmet("TYPE_ID = \"OTHER\"")),
        ("TYPE_ID in [\"OTHER\", \"CLIENT\"] and folder = \"Покупатели\"", None),
        ("folder != \"Покупатели\"", unmet("folder != \"Покупатели\"")),
        ("folder not in [\"Сотрудники\"]", None),
        ("company.TYPE_ID = \"OTHER\"", None),
        ("contact.TYPE_ID = \"OTHER\"", unmet("contact.TYPE_ID = \"OTHER\"")),
        ("ABSENT = \"1\" and ABSENT != \"1\"", None),
        ("with-inn", unmet("with-inn")),
        ("company.with-inn", None),
        ("none", Some(Withheld::Nothing)),
        ("all", None),
    ] {
        let rule: CreateRule = rule.parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(rule.withholds(&contact(&client)), expected, "{rule:?}");
    }
    let empty = contact(&[("TYPE_ID", &[])]);
    let is_created = |rule: &str| rule.parse::<CreateRule>().unwrap().withholds(&empty).is_none();
    assert!(!is_created("TYPE_ID = \"CLIENT\"") && is_created("TYPE_ID != \"CLIENT\""));
    assert!(is_created("TYPE_ID = \"\"") && !is_created("TYPE_ID != \"\""));
}

#[test]
fn a_rule_names_the_attributes_of_each_kind() {
    let rule: CreateRule = "with-inn and company.A = \"1\" and B = \"1\"".parse().unwrap();
    let expected = [
        ("A".to_owned(), BTreeSet::from([Kind::Company])),
        ("B".to_owned(), BTreeSet::from([Kind::Company, Kind::Contact])),
    ];
    assert_eq!(rule.attributes(), BTreeMap::from(expected));
}

#[test]
fn a_valid_inn_counts_for_persons_and_firms() {
    let mut record = contact(&[]);
    record.party = Party::Person(Person { inn: "500100732259".to_owned(), ..Person::default() });
    assert_eq!(CreateRule::with_inn().withholds(&record), None);
    record.party =
        Party::Organization(Organization { inn: "7701234561".to_owned(), ..Organization::default() });
    assert!(CreateRule::with_inn().withholds(&record).is_some(), "its last digit is wrong");
}

fn contact(attributes: &[(&str, &[&str])]) -> Record {
    let values = |values: &[&str]| values.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    Record {
        id: RecordId::bitrix24(Kind::Contact, "1"),
        catalog: Catalog::Bitrix24,
        version: "1".to_owned(),
        party: Party::Person(Person::default()),
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: BTreeSet::new(),
        attributes: attributes.iter().map(|(name, held)| ((*name).to_owned(), values(held))).collect(),
        brought: BTreeSet::new(),
    }
}
