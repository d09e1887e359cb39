//! Conditions by which 1C is asked for holders of keys.
//!
//! Derived columns may be empty or hold `8…` in place of `7…`; who is not found this way is found by the sweeps.
//! Invariant: a condition lets through more rather than less; what it brings is verified against the keys.

use obmen_domain::forms::phone::{PhoneKey, PhoneStyle, write_phone};
use obmen_domain::key::Key;
use uuid::Uuid;

use crate::condition::{Condition, Literal, Relation, Test};
use crate::facts::Table;
use crate::profile::{AttributesSet, ContactSection};

/// Conditions for holders of any of these keys; none for keys that 1C cannot search.
pub(super) fn conditions(names: &ContactSection, table: &Table, keys: &[Key]) -> Vec<Condition> {
    keys.iter().filter_map(|key| condition(names, table, key)).collect()
}

/// Conditions for objects that keep one of these texts in an additional attribute.
pub(crate) fn by_attribute(
    names: &AttributesSet,
    table: &Table,
    property: Uuid,
    texts: &[String],
) -> Vec<Condition> {
    if !table.has_attributes {
        return Vec::new();
    }
    let condition = |text: &String| Condition::Row {
        section: names.section.clone(),
        tests: vec![
            Test::is_key(&names.property, property),
            Test::new(&names.value, Relation::Is, vec![Literal::Mixed(text.clone())]),
        ],
    };
    texts.iter().map(condition).collect()
}

fn condition(names: &ContactSection, table: &Table, key: &Key) -> Option<Condition> {
    let any_row = |tests: Vec<Test>| {
        let has = |column: &str| table.contact_columns.contains(column);
        (has(&names.phone) && has(&names.email))
            .then(|| Condition::AnyRow { section: names.section.clone(), tests })
    };
    match key {
        Key::Inn(inn) => Some(Condition::Own(Test::is_text(table.names.inn.as_ref()?, inn.as_str()))),
        Key::Email(email) => {
            let columns = [&names.email, &names.text];
            any_row(columns.map(|column| Test::is_text(column, email.as_str())).to_vec())
        }
        Key::Phone(phone) => {
            // Some programs append an extension to the digits, others leave them out.
            let begins = Test::of_texts(&names.phone, Relation::Begins, &digits_of(phone));
            let shown = [phone.as_str().to_owned(), write_phone(phone, None, PhoneStyle::Onec)];
            any_row(vec![begins, Test::of_texts(&names.text, Relation::Is, &shown)])
        }
        Key::Name(_) | Key::Id(_) => None,
    }
}

/// The digits under which a number may stand: as dialled abroad, at home, and without any code.
fn digits_of(phone: &PhoneKey) -> Vec<String> {
    let digits = phone.as_str().trim_start_matches('+');
    match digits.strip_prefix('7') {
        Some(national) => vec![digits.to_owned(), format!("8{national}"), national.to_owned()],
        None => vec![digits.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_russian_number_is_searched_as_it_may_have_been_typed() {
        let phone = PhoneKey::try_from("+79123456789".to_owned()).unwrap();
        assert_eq!(digits_of(&phone), ["79123456789", "89123456789", "9123456789"]);
        let phone = PhoneKey::try_from("+375331243507".to_owned()).unwrap();
        assert_eq!(digits_of(&phone), ["375331243507"]);
    }
}
