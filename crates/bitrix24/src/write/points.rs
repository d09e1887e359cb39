//! Phones and mailboxes as rows of multi-fields: new lists, and the difference between what a record has and what it
//! shall have.
//!
//! Each row sent in an update is judged alone by the portal: one without id is appended whatever is there already, one
//! with id and value is rewritten, one with id and without value is deleted, those not mentioned stay. Not responsible
//! for reading rows.
//!
//! Invariant: a row is deleted only where every key it holds was known and is to go; nothing is appended twice.

use std::collections::BTreeSet;

use obmen_domain::forms::email::{EmailKey, is_acceptable_email, read_emails};
use obmen_domain::forms::phone::{PhoneContext, PhoneKey, PhoneStyle, read_phones, write_phone};
use obmen_domain::party::{Email, Phone, Point, PointKind};
use serde_json::{Value, json};

use crate::native::NativeRow;
use crate::record::value_type;

/// The rows of a new record's phones.
pub(crate) fn new_phones(phones: &[Phone]) -> Vec<Value> {
    new_rows("PHONE", phones, phone_text)
}

/// The rows of a new record's mailboxes; what the portal would refuse is left out, since it refuses the whole record.
pub(crate) fn new_emails(emails: &[Email]) -> Vec<Value> {
    new_rows("EMAIL", emails, email_text)
}

/// What to send so that a record's phones become `after`.
pub(crate) fn phone_changes(
    rows: &[NativeRow],
    before: &[Phone],
    after: &[Phone],
    context: &PhoneContext,
) -> Vec<Value> {
    let keys = |text: &str| read_phones(text, context).into_iter().map(|phone| phone.key).collect();
    let mut changes = row_changes("PHONE", rows, before, after, keys, phone_text);
    for point in after {
        let Some((key, extension)) = point.key.as_ref().zip(point.extension.as_deref()) else {
            continue;
        };
        // A row with this number alone, and another extension or none.
        let row = rows.iter().find(|row| {
            let held = read_phones(&row.value, context);
            matches!(&held[..], [phone] if phone.key == *key && phone.extension.as_deref() != Some(extension))
        });
        let known = before.iter().any(|known| known.key == point.key && known.extension == point.extension);
        if let Some(row) = row.filter(|_| !known) {
            changes.push(json!({"ID": row.id, "VALUE": phone_text(point), "VALUE_TYPE": row.value_type}));
        }
    }
    changes
}

/// What to send so that a record's mailboxes become `after`.
pub(crate) fn email_changes(rows: &[NativeRow], before: &[Email], after: &[Email]) -> Vec<Value> {
    row_changes("EMAIL", rows, before, after, read_emails, email_text)
}

fn phone_text(point: &Point<PhoneKey>) -> Option<String> {
    Some(match &point.key {
        Some(key) => write_phone(key, point.extension.as_deref(), PhoneStyle::Bitrix24),
        None => point.text.clone(),
    })
}

/// The text as typed where the portal takes it, else the normal form.
fn email_text(point: &Point<EmailKey>) -> Option<String> {
    let typed = point.text.trim();
    let same = point.key.as_ref().is_some_and(|key| read_emails(typed) == [key.clone()]);
    if same && is_acceptable_email(typed) {
        return Some(typed.to_owned());
    }
    point.key.as_ref().map(|key| key.as_str().to_owned()).filter(|text| is_acceptable_email(text))
}

fn new_rows<K: Ord + Clone>(
    field: &str,
    points: &[Point<K>],
    text: impl Fn(&Point<K>) -> Option<String>,
) -> Vec<Value> {
    row_changes(field, &[], &[], points, |_| Vec::new(), text)
}

fn row_changes<K: Ord + Clone>(
    field: &str,
    rows: &[NativeRow],
    before: &[Point<K>],
    after: &[Point<K>],
    keys_of: impl Fn(&str) -> Vec<K>,
    text: impl Fn(&Point<K>) -> Option<String>,
) -> Vec<Value> {
    let keys = |points: &[Point<K>]| -> BTreeSet<K> { points.iter().filter_map(|p| p.key.clone()).collect() };
    let (known, wanted) = (keys(before), keys(after));
    let mut held: BTreeSet<K> = BTreeSet::new();
    let mut texts: BTreeSet<String> = BTreeSet::new();
    let mut going = Vec::new();
    for row in rows {
        let of_row = keys_of(&row.value);
        let goes =
            !of_row.is_empty() && of_row.iter().all(|key| known.contains(key) && !wanted.contains(key));
        if goes {
            going.push(row);
        } else {
            held.extend(of_row);
            texts.insert(row.value.clone());
        }
    }
    let mut coming = Vec::new();
    for point in after {
        let is_new = match &point.key {
            Some(key) => held.insert(key.clone()),
            None => texts.insert(point.text.trim().to_owned()),
        };
        if let Some(value) = text(point).filter(|value| is_new && !value.trim().is_empty()) {
            coming.push((value, point.kind));
        }
    }
    // What replaces a value takes its row: the order of the rows says which value is primary.
    let mut coming = coming.into_iter();
    let mut changes = Vec::new();
    for row in going {
        changes.push(match coming.next() {
            Some((value, _)) => json!({"ID": row.id, "VALUE": value, "VALUE_TYPE": row.value_type}),
            None => json!({"ID": row.id, "DELETE": "Y"}),
        });
    }
    changes.extend(coming.map(|(value, kind)| appended(field, &value, kind)));
    changes
}

fn appended(field: &str, value: &str, kind: PointKind) -> Value {
    json!({"VALUE": value, "VALUE_TYPE": value_type(field, kind)})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::read_phone_rows;

    fn context() -> PhoneContext {
        PhoneContext::new("RU", None).unwrap()
    }

    fn row(id: &str, value: &str) -> NativeRow {
        NativeRow { id: id.to_owned(), value: value.to_owned(), value_type: "WORK".to_owned() }
    }

    fn phones(texts: &[&str]) -> Vec<Phone> {
        let rows: Vec<NativeRow> = texts.iter().map(|text| row("", text)).collect();
        read_phone_rows(&rows, &context())
    }

    #[test]
    fn only_the_difference_is_sent() {
        const FIRST: &str = "+7 926 000-00-01";
        const SECOND: &str = "+7 926 000-00-02";
        const BOTH: &str = "8 926 000 00 01, 8 926 000 00 02";
        let appended = json!({"VALUE": "+7 (926) 000-00-02", "VALUE_TYPE": "WORK"});
        type Case = (&'static str, &'static [&'static str], &'static [&'static str], Vec<Value>);
        let table: [Case; 8] = [
            ("nothing to do", &[FIRST], &[FIRST], vec![]),
            ("another spelling is no change", &[FIRST], &["89260000001"], vec![]),
            ("a new number is appended", &[FIRST], &[FIRST, SECOND], vec![appended]),
            ("a number goes", &[FIRST, SECOND], &[FIRST], vec![json!({"ID": "2", "DELETE": "Y"})]),
            (
                "one for another: in its row, so that it stays primary",
                &[FIRST],
                &[SECOND],
                vec![json!({"ID": "1", "VALUE": "+7 (926) 000-00-02", "VALUE_TYPE": "WORK"})],
            ),
            ("a row with two numbers stays", &[BOTH], &[FIRST], vec![]),
            ("a row with two numbers holds both", &[BOTH], &[FIRST, SECOND], vec![]),
            ("unreadable rows stay", &["спросить Олю"], &[], vec![]),
        ];
        for (description, stored, after, expected) in table {
            let rows: Vec<NativeRow> =
                stored.iter().enumerate().map(|(at, text)| row(&(at + 1).to_string(), text)).collect();
            let before = read_phone_rows(&rows, &context());
            let changes = phone_changes(&rows, &before, &phones(after), &context());
            assert_eq!(changes, expected, "{description}");
        }
    }

    #[test]
    fn rows_the_plan_did_not_know_stay() {
        let rows = [row("1", "+7 926 000-00-01"), row("2", "+7 926 000-00-02")];
        let before = phones(&["+7 926 000-00-01"]);
        assert_eq!(phone_changes(&rows, &before, &[], &context()), [json!({"ID": "1", "DELETE": "Y"})]);
    }

    #[test]
    fn a_new_extension_rewrites_its_row_and_keeps_the_kind() {
        let rows = [NativeRow { value_type: "MOBILE".to_owned(), ..row("9", "+7 926 000-00-01") }];
        let mut after = phones(&["+7 926 000-00-01"]);
        after[0].extension = Some("12".to_owned());
        let changes = phone_changes(&rows, &phones(&["+7 926 000-00-01"]), &after, &context());
        assert_eq!(changes, [json!({"ID": "9", "VALUE": "+7 (926) 000-00-01#12", "VALUE_TYPE": "MOBILE"})]);
    }

    #[test]
    fn mailboxes_the_portal_would_refuse_are_not_sent() {
        let points = [
            Point::known(read_emails("Info@Firm.example").remove(0), "Info@Firm.example"),
            Point::known(read_emails("b@firm.example").remove(0), "Борис <b@firm.example>"),
            Point::unreadable("нет почты"),
        ];
        let sent: Vec<String> =
            new_emails(&points).iter().map(|row| row["VALUE"].as_str().unwrap().to_owned()).collect();
        assert_eq!(sent, ["Info@Firm.example", "b@firm.example"]);
    }
}
