//! A write that met another state than it was planned on.

use futures_executor::block_on;
use obmen_domain::party::{Field, Value};
use obmen_domain::plan::LinkReason;
use obmen_domain::record::{Catalog, Kind, Record, RecordId};
use obmen_engine::store::{Change, DirtyReason, Event};

use super::stage::{Stage, person};

#[test]
fn what_a_write_replaced_stands_in_the_journal_and_its_record_is_looked_at_again() {
    let stage = Stage::new();
    let left = person("1", "a");
    let onec = RecordId::onec(Kind::Contact, "6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11");
    let right = with_position(Record { id: onec, catalog: Catalog::Counterparty, ..left.clone() }, "Кассир");
    let (bitrix24, onec) = (left.id.clone(), right.id.clone());
    let now = stage.now();
    let changes = vec![
        Change::Seen(Box::new(left.clone())),
        Change::Seen(Box::new(right)),
        Change::Link { bitrix24: bitrix24.clone(), onec, reason: LinkReason::Email },
        Change::Base { bitrix24: bitrix24.clone(), party: Box::new(left.party.clone()) },
        Change::Dirty { id: bitrix24.clone(), reason: DirtyReason::Swept, since: now, due: now },
    ];
    block_on(stage.store.apply(changes)).unwrap();
    let typed_meanwhile = with_position(left, "Бухгалтер");
    *stage.side.overwrites.lock().unwrap() = Some(typed_meanwhile.clone());
    block_on(stage.engine.run_once()).unwrap();

    let journal = block_on(stage.store.journal(&bitrix24)).unwrap();
    let is_kept =
        |event: &Event| matches!(event, Event::Overwrote { party } if **party == typed_meanwhile.party);
    assert!(journal.iter().any(|entry| is_kept(&entry.event)), "{journal:?}");
    assert_eq!(stage.signalled(), ["1"]);
}

fn with_position(mut record: Record, position: &str) -> Record {
    record.party.set(Field::Position, Value::Text(position.to_owned()));
    record
}
