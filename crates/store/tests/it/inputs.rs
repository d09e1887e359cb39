//! Records and moments to fill a store with.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use obmen_domain::key::{Key, keys_of_record};
use obmen_domain::party::{Organization, Party, Person};
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side, Standing};
use obmen_engine::store::{Change, DirtyReason};

/// Valid tax numbers of organizations.
pub(crate) const INN: &str = "7707083893";
pub(crate) const OTHER_INN: &str = "7736050003";

pub(crate) fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub(crate) fn company(number: &str) -> RecordId {
    RecordId::bitrix24(Kind::Company, number)
}

pub(crate) fn contact(number: &str) -> RecordId {
    RecordId::bitrix24(Kind::Contact, number)
}

pub(crate) fn counterparty(kind: Kind, reference: &str) -> RecordId {
    RecordId::onec(kind, reference)
}

pub(crate) fn organization(id: RecordId, title: &str, inn: &str) -> Record {
    record(
        id,
        Party::Organization(Organization {
            title: title.to_owned(),
            inn: inn.to_owned(),
            ..Default::default()
        }),
    )
}

pub(crate) fn person(id: RecordId, employers: Vec<RecordId>) -> Record {
    record(id, Party::Person(Person { position: "бухгалтер".to_owned(), employers, ..Default::default() }))
}

/// The tax number of a record, as a key.
pub(crate) fn inn_key(record: &Record) -> Key {
    keys_of_record(record)
        .into_iter()
        .find(|key| matches!(key, Key::Inn(_)))
        .expect("the record has a valid INN")
}

pub(crate) fn see(record: &Record) -> Change {
    Change::Seen(Box::new(record.clone()))
}

pub(crate) fn dirty(id: &RecordId, reason: DirtyReason, second: i64) -> Change {
    Change::Dirty { id: id.clone(), reason, since: moment(second), due: moment(second) }
}

fn record(id: RecordId, party: Party) -> Record {
    let catalog = match id.side {
        Side::Bitrix24 => Catalog::Bitrix24,
        Side::Onec => Catalog::Counterparty,
    };
    Record {
        id,
        catalog,
        version: "1".to_owned(),
        party,
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: Some(moment(-60)),
        native: "{\"rows\":[7]}".to_owned(),
        lacks: BTreeSet::new(),
        attributes: BTreeMap::new(),
        brought: BTreeSet::new(),
    }
}
