//! Rows of the contact section as phones and mailboxes.
//!
//! What the user sees (`Представление`) is the text; the derived columns help only where it cannot be read, since old
//! releases and other programs leave them empty or wrong. Invariant: a row of a phone or a mailbox is never lost: what
//! cannot be read stays as text.

use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::phone::{ParsedPhone, PhoneContext, read_phones};
use obmen_domain::party::{Email, Phone, Point, PointKind};
use serde_json::Value;

use crate::configured::Attribute;
use crate::facts::{ContactKind, Table};
use crate::odata::Object;
use crate::profile::ContactSection;
use crate::wire::{guid, text};

/// Phones and mailboxes of one object.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Points {
    pub(crate) phones: Vec<Phone>,
    pub(crate) emails: Vec<Email>,
}

impl Points {
    /// Adds those of another object of the same party that are not here yet.
    pub(crate) fn join(&mut self, others: Self) {
        join(&mut self.phones, others.phones);
        join(&mut self.emails, others.emails);
    }
}

fn join<K: PartialEq>(points: &mut Vec<Point<K>>, others: Vec<Point<K>>) {
    for other in others {
        let is_same = |point: &Point<K>| match (&point.key, &other.key) {
            (None, None) => point.text == other.text,
            (here, there) => here == there,
        };
        if !points.iter().any(is_same) {
            points.push(other);
        }
    }
}

pub(crate) fn read(
    names: &ContactSection,
    table: &Table,
    rows: &[&Object],
    context: &PhoneContext,
) -> Points {
    let mut points = Points::default();
    for row in rows.iter().copied().filter(|row| !is_outdated(names, table, rows, row)) {
        let sort = text(row, &names.sort);
        if sort == names.phone_type {
            points.phones.extend(phones_of_row(names, &table.phones, row, context));
        } else if sort == names.email_type {
            points.emails.extend(emails_of_row(names, &table.emails, row));
        }
    }
    points
}

/// The phones of one row: several where the field holds several numbers, an unreadable one where it holds none.
pub(crate) fn phones_of_row(
    names: &ContactSection,
    kinds: &[ContactKind],
    row: &Object,
    context: &PhoneContext,
) -> Vec<Phone> {
    let value = value_of(names, row);
    let shown = shown(names, row, &value, &names.phone);
    let kind = kind_of(names, kinds, row);
    let point = |parsed: ParsedPhone| Point {
        key: Some(parsed.key),
        text: shown.clone(),
        extension: parsed.extension,
        kind,
    };
    let readings = [
        read_phones(&shown, context),
        read_phones(&number_of_parts(&value), context),
        read_phones(digits_column(names, row), context),
    ];
    match readings.into_iter().find(|phones| !phones.is_empty()) {
        Some(phones) => phones.into_iter().map(point).collect(),
        None if shown.trim().is_empty() => Vec::new(),
        None => vec![Point { key: None, text: shown, extension: None, kind }],
    }
}

/// The mailboxes of one row.
pub(crate) fn emails_of_row(names: &ContactSection, kinds: &[ContactKind], row: &Object) -> Vec<Email> {
    let shown = shown(names, row, &value_of(names, row), &names.email);
    let kind = kind_of(names, kinds, row);
    let readings = [read_emails(&shown), read_emails(text(row, &names.email))];
    match readings.into_iter().find(|keys| !keys.is_empty()) {
        Some(keys) => {
            let point = |key| Point { key: Some(key), text: shown.clone(), extension: None, kind };
            keys.into_iter().map(point).collect()
        }
        None if shown.trim().is_empty() => Vec::new(),
        None => vec![Point { key: None, text: shown, extension: None, kind }],
    }
}

/// Whether a kind that keeps its history has a newer row than this one.
pub(crate) fn is_outdated(names: &ContactSection, table: &Table, rows: &[&Object], row: &Object) -> bool {
    let Some(since) = &names.since else { return false };
    let reference = guid(row, &names.kind);
    let kinds = table.phones.iter().chain(&table.emails).chain(&table.address).copied();
    let kinds = kinds.chain(table.configured.iter().filter_map(Attribute::contact_kind));
    let holds_one = kinds.filter(|kind| Some(kind.reference) == reference).any(|kind| !kind.several);
    let is_newer =
        |other: &&&Object| guid(other, &names.kind) == reference && text(other, since) > text(row, since);
    holds_one && rows.iter().find(is_newer).is_some()
}

/// What the user sees, else what the structured value says, else the column for searching.
fn shown(names: &ContactSection, row: &Object, value: &Object, column: &str) -> String {
    let candidates = [text(row, &names.text), text(value, "value"), text(row, column)];
    candidates.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_default().to_owned()
}

/// What the user sees, else what the structured value says.
pub(crate) fn shown_or_said(names: &ContactSection, row: &Object) -> String {
    shown(names, row, &value_of(names, row), "")
}

/// The structured value; empty where it is missing or of the old format.
fn value_of(names: &ContactSection, row: &Object) -> Object {
    match serde_json::from_str(text(row, &names.value)) {
        Ok(Value::Object(value)) => value,
        _ => Object::new(),
    }
}

fn number_of_parts(value: &Object) -> String {
    let [country, area, number] = ["countryCode", "areaCode", "number"].map(|name| text(value, name).trim());
    if country.is_empty() || number.is_empty() {
        return String::new();
    }
    let extension = text(value, "extNumber").trim();
    let extension = if extension.is_empty() { String::new() } else { format!(", доб. {extension}") };
    format!("+{} ({area}) {number}{extension}", country.trim_start_matches('+'))
}

/// The digits of the column for searching, unless it was cut or holds several numbers.
fn digits_column<'a>(names: &ContactSection, row: &'a Object) -> &'a str {
    let digits = text(row, &names.phone).trim();
    if (11..=15).contains(&digits.len()) { digits } else { "" }
}

fn kind_of(names: &ContactSection, kinds: &[ContactKind], row: &Object) -> PointKind {
    let reference = guid(row, &names.kind);
    let known = kinds.iter().find(|kind| Some(kind.reference) == reference);
    known.map_or(PointKind::Other, |kind| kind.kind)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::profile::Profile;

    #[test]
    fn phones_come_from_what_is_shown_and_else_from_what_helps() {
        let cases = [
            (
                "shown",
                json!({"Представление": "8 (912) 345-67-89 доб. 12"}),
                vec![("+79123456789", Some("12"))],
            ),
            (
                "two in one row",
                json!({"Представление": "+7 912 345-67-89; +7 495 123-45-67"}),
                vec![("+79123456789", None), ("+74951234567", None)],
            ),
            (
                "parts help an unreadable text",
                json!({"Представление": "моб.", "Значение": r#"{"version":5,"countryCode":"7","areaCode":"912","number":"345-67-89"}"#}),
                vec![("+79123456789", None)],
            ),
            (
                "digits help an empty text",
                json!({"НомерТелефона": "79123456789"}),
                vec![("+79123456789", None)],
            ),
        ];
        let names = Profile::bp30().contact;
        for (description, row, expected) in cases {
            let phones = phones_of_row(&names, &[], row.as_object().unwrap(), &context());
            let found: Vec<_> = phones
                .iter()
                .map(|phone| (phone.key.as_ref().unwrap().as_str(), phone.extension.as_deref()))
                .collect();
            assert_eq!(found, expected, "{description}");
        }
    }

    #[test]
    fn what_cannot_be_read_stays_as_text() {
        let names = Profile::bp30().contact;
        let row = json!({"Представление": "27-01-361", "НомерТелефона": "2701361"});
        let phones = phones_of_row(&names, &[], row.as_object().unwrap(), &context());
        assert_eq!(phones, [Point { kind: PointKind::Other, ..Point::unreadable("27-01-361") }]);
        let row = json!({"Представление": "нет почты"});
        let emails = emails_of_row(&names, &[], row.as_object().unwrap());
        assert_eq!(emails, [Point { kind: PointKind::Other, ..Point::unreadable("нет почты") }]);
        assert!(emails_of_row(&names, &[], &Object::new()).is_empty());
    }

    fn context() -> PhoneContext {
        PhoneContext::new("RU", None).unwrap()
    }
}
