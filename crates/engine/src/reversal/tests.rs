//! Taking back, as a table: what the journal holds, what the record says, what is changed and what stays.

use jiff::Timestamp;
use obmen_domain::forms::phone::{PhoneContext, read_phones};
use obmen_domain::party::{Field, Organization, Party, Point, Value};
use obmen_domain::plan::{ChangeReason, FieldChange};
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Standing};

use super::reversal;
use crate::store::{Entry, Event};

const FIRST: &str = "8 912 345-67-89";
const SECOND: &str = "+7 495 111-22-33";

#[test]
fn what_a_link_brought_is_taken_back_unless_somebody_changed_it_since() {
    // What, journal of phones (before -> after), the phones as they stand, the phones it ends with, what is kept.
    type Row<'a> =
        (&'a str, &'a [(&'a [&'a str], &'a [&'a str])], &'a [&'a str], Option<&'a [&'a str]>, &'a [Field]);
    let cases: &[Row] = &[
        ("nothing was written", &[], &[FIRST], None, &[]),
        ("one write", &[(&[FIRST], &[FIRST, SECOND])], &[FIRST, SECOND], Some(&[FIRST]), &[]),
        (
            "two writes: as before the first",
            &[(&[], &[FIRST]), (&[FIRST], &[FIRST, SECOND])],
            &[FIRST, SECOND],
            Some(&[]),
            &[],
        ),
        (
            "the side orders them otherwise",
            &[(&[FIRST], &[FIRST, SECOND])],
            &[SECOND, FIRST],
            Some(&[FIRST]),
            &[],
        ),
        ("somebody took it away already", &[(&[FIRST], &[FIRST, SECOND])], &[FIRST], None, &[]),
        ("somebody changed it", &[(&[FIRST], &[FIRST, SECOND])], &[SECOND], None, &[Field::Phone]),
        (
            "a reversal that was cut off is not repeated",
            &[(&[FIRST], &[FIRST, SECOND]), (&[FIRST, SECOND], &[FIRST])],
            &[FIRST],
            None,
            &[],
        ),
    ];
    for (what, written, standing, expected, kept) in cases {
        let history: Vec<Entry> = written.iter().map(|(before, after)| update(before, after)).collect();
        let found = reversal(&record(standing), &partner(), &history);
        let after = found.changes.first().map(|change| change.after.clone());
        assert_eq!(after, expected.map(phones), "{what}");
        assert_eq!(found.kept, *kept, "{what}");
    }
}

#[test]
fn the_stored_id_of_the_partner_goes_and_no_other() {
    let mut record = record(&[]);
    record.mutual_id = partner().mutual();
    let found = reversal(&record, &partner(), &[]);
    assert_eq!(found.changes.len(), 1);
    assert_eq!(found.changes[0].field, Field::MutualId);
    assert_eq!(found.changes[0].after, Value::Text(String::new()));

    record.mutual_id = "somebody else".to_owned();
    assert_eq!(reversal(&record, &partner(), &[]).changes, []);
}

fn partner() -> RecordId {
    RecordId::onec(Kind::Company, "aa")
}

fn record(numbers: &[&str]) -> Record {
    let mut party =
        Party::Organization(Organization { title: "Ромашка".to_owned(), ..Organization::default() });
    party.set(Field::Phone, phones(numbers));
    Record {
        id: RecordId::bitrix24(Kind::Company, "1"),
        catalog: Catalog::Bitrix24,
        version: "1".to_owned(),
        party,
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: std::collections::BTreeSet::new(),
        attributes: std::collections::BTreeMap::new(),
        brought: std::collections::BTreeSet::new(),
    }
}

fn update(before: &[&str], after: &[&str]) -> Entry {
    let (before, after) = (phones(before), phones(after));
    let change = FieldChange { field: Field::Phone, before, after, reason: ChangeReason::Unites };
    let record = RecordId::bitrix24(Kind::Company, "1");
    let event = Event::Updated { changes: vec![change] };
    Entry { at: Timestamp::UNIX_EPOCH, run: "one".to_owned(), record, event }
}

fn phones(numbers: &[&str]) -> Value {
    let context = PhoneContext::new("RU", None).unwrap();
    let points = numbers.iter().flat_map(|number| {
        read_phones(number, &context).into_iter().map(|phone| Point::known(phone.key, *number))
    });
    Value::Phones(points.collect())
}
