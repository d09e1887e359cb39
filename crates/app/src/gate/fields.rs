//! Configured fields seen from both sides: whether values of the one fit the other, and whether tables name values that exist.
//!
//! Not responsible for whether a side has a field at all: its doctor says so. Pure.

use obmen_domain::configured::{ConfiguredField, Sort};
use obmen_domain::forms::slip::nearest;
use obmen_domain::record::Side;
use obmen_domain::rules::{Capacity, Rules};
use obmen_engine::doctor::Finding;

use super::Found;

/// How many values a message names.
const NAMED: usize = 5;

/// Looks over the configured fields of a pair. `right` holds what each catalog of 1C has room for.
pub(super) fn look_over(rules: &Rules, left: &Capacity, right: &[Capacity]) -> Vec<Found> {
    let mut found = Vec::new();
    for field in &rules.configured {
        let key = (field.kind, field.name);
        let there = right.iter().find_map(|capacity| capacity.sorts.get(&key));
        if let (Some(left), Some(right)) = (left.sorts.get(&key), there) {
            found.extend(compared(field, left, right));
        }
    }
    found.extend(nowhere(rules, left, right));
    found
}

/// A field that each side has, of different kinds of records.
fn nowhere(rules: &Rules, left: &Capacity, right: &[Capacity]) -> Vec<Found> {
    let has =
        |capacity: &Capacity, field: &ConfiguredField| capacity.sorts.contains_key(&(field.kind, field.name));
    let here = |field: &ConfiguredField| has(left, field);
    let there = |field: &ConfiguredField| right.iter().any(|capacity| has(capacity, field));
    let mut found = Vec::new();
    for field in &rules.configured {
        let same = || rules.configured.iter().filter(|other| other.name == field.name);
        let is_first = same().next() == Some(field);
        let is_parted = same().any(here) && same().any(there) && !same().any(|one| here(one) && there(one));
        if is_first && is_parted {
            let details = vec![("field", field.name.to_string())];
            found.push((Side::Onec, Finding::problem("check-own-field-parted", details)));
        }
    }
    found
}

fn compared(field: &ConfiguredField, left: &Sort, right: &Sort) -> Vec<Found> {
    let sorts = || {
        vec![
            ("field", field.name.to_string()),
            ("kind", field.kind.word().to_owned()),
            ("left", left.word().to_owned()),
            ("right", right.word().to_owned()),
        ]
    };
    if !left.converts(right) && field.values.is_empty() {
        return vec![(Side::Bitrix24, Finding::problem("check-own-field-sorts", sorts()))];
    }
    let mut found: Vec<Found> = Vec::new();
    for pair in &field.values {
        found.extend(unknown(field, &pair.bitrix24, left).map(|finding| (Side::Bitrix24, finding)));
        found.extend(unknown(field, &pair.onec, right).map(|finding| (Side::Onec, finding)));
    }
    if field.values.is_empty() {
        found.extend(lacking(field, right, left).map(|finding| (Side::Bitrix24, finding)));
        found.extend(lacking(field, left, right).map(|finding| (Side::Onec, finding)));
    }
    if found.is_empty() {
        let code = if field.name.is_private_address() { "check-private-address" } else { "check-own-field" };
        found.push((Side::Bitrix24, Finding::good(code, sorts())));
    }
    found
}

/// A value of the table that a side does not have.
fn unknown(field: &ConfiguredField, value: &str, sort: &Sort) -> Option<Finding> {
    if sort.fit(value).is_some_and(|fitted| !fitted.is_empty()) {
        return None;
    }
    let like = match sort {
        Sort::Choice(choices) => nearest(value, choices.iter().map(|choice| choice.name.as_str())),
        _ => None,
    };
    let details = vec![
        ("field", field.name.to_string()),
        ("value", value.to_owned()),
        ("sort", sort.word().to_owned()),
        ("like", like.unwrap_or("none").to_owned()),
    ];
    Some(Finding::problem("check-own-field-value", details))
}

/// Values of the one side's list that the other side's list lacks.
fn lacking(field: &ConfiguredField, here: &Sort, there: &Sort) -> Option<Finding> {
    let (Sort::Choice(choices), Sort::Choice(_)) = (here, there) else { return None };
    let names = choices.iter().map(|choice| choice.name.as_str());
    let missing: Vec<&str> = names.filter(|name| there.fit(name).is_none()).collect();
    let more = if missing.len() > NAMED { ", …" } else { "" };
    let values = format!("{}{more}", missing.iter().take(NAMED).copied().collect::<Vec<_>>().join(", "));
    let details = vec![("field", field.name.to_string()), ("values", values)];
    (!missing.is_empty()).then(|| Finding::warning("check-own-field-choices", details))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use obmen_domain::configured::{Choice, ValuePair};
    use obmen_domain::record::Kind;

    use super::*;

    fn capacity(kind: Kind, sort: Sort) -> Capacity {
        Capacity {
            fields: BTreeSet::new(),
            phones: 0,
            emails: 0,
            companies: 0,
            lengths: BTreeMap::new(),
            sorts: BTreeMap::from([((kind, "segment".parse().unwrap()), sort)]),
            mutual_id: false,
        }
    }

    fn codes(left: Sort, right: Sort, values: &[(&str, &str)]) -> Vec<String> {
        let pair = |(onec, bitrix24): &(&str, &str)| ValuePair {
            onec: (*onec).to_owned(),
            bitrix24: (*bitrix24).to_owned(),
        };
        let field = ConfiguredField {
            name: "segment".parse().unwrap(),
            kind: Kind::Company,
            transform: None,
            values: values.iter().map(pair).collect(),
        };
        let rules = Rules { configured: vec![field], ..Rules::default() };
        let found = look_over(&rules, &capacity(Kind::Company, left), &[capacity(Kind::Company, right)]);
        found.iter().map(|(side, finding)| format!("{} {}", side.word(), finding.code)).collect()
    }

    fn choice(names: &[&str]) -> Sort {
        let choice = |name: &&str| Choice { code: format!("id-{name}"), name: (*name).to_owned() };
        Sort::Choice(names.iter().map(choice).collect())
    }

    #[test]
    fn both_sides_of_a_field_are_compared() {
        let good = "bitrix24 check-own-field";
        let cases = [
            ("text and date", codes(Sort::Text, Sort::Moment, &[]), vec![good]),
            (
                "number and date",
                codes(Sort::Number, Sort::Moment, &[]),
                vec!["bitrix24 check-own-field-sorts"],
            ),
            ("flag and list with a table", codes(choice(&["Да"]), Sort::Flag, &[("да", "Да")]), vec![good]),
            ("equal lists", codes(choice(&["Опт"]), choice(&["опт"]), &[]), vec![good]),
            (
                "a value that is missing there",
                codes(choice(&["Опт", "Розница"]), choice(&["Опт"]), &[]),
                vec!["onec check-own-field-choices"],
            ),
            (
                "a table with values that nobody has",
                codes(choice(&["Опт"]), choice(&["Оптовик"]), &[("Оптовики", "Оптт")]),
                vec!["bitrix24 check-own-field-value", "onec check-own-field-value"],
            ),
        ];
        for (description, found, expected) in cases {
            assert_eq!(found, expected, "{description}");
        }
    }

    #[test]
    fn a_field_that_each_side_has_of_other_records_is_told() {
        let field = |kind| ConfiguredField {
            name: "segment".parse().unwrap(),
            kind,
            transform: None,
            values: Vec::new(),
        };
        let rules = Rules { configured: Kind::ALL.map(field).to_vec(), ..Rules::default() };
        let left = capacity(Kind::Company, Sort::Text);
        let found = look_over(&rules, &left, &[capacity(Kind::Contact, Sort::Text)]);
        let codes: Vec<&str> = found.iter().map(|(_, finding)| finding.code).collect();
        assert_eq!(codes, ["check-own-field-parted"]);
    }
}
