//! Legal addresses of companies: read along with requisites, written into them.

use obmen_domain::party::{Field, Organization, Party, Value as FieldValue};
use obmen_domain::plan::{ChangeReason, FieldChange};
use obmen_domain::record::{Catalog, Kind, Record, RecordId};
use obmen_engine::ports::{Outcome, Reader, Write, Writer};
use serde_json::{Value, json};

use super::stage::Stage;

const WHOLE: &str = "101000, г Москва, ул Мясницкая, д 1";

fn firm(number: usize, inn: &str, address: &str) -> Write {
    let party = Party::Organization(Organization {
        title: format!("Фирма {number}"),
        inn: inn.to_owned(),
        address: address.to_owned(),
        ..Organization::default()
    });
    let source = RecordId::onec(Kind::Company, &format!("6f0e0000-0000-0000-0000-{number:012}"));
    Write::Create { catalog: Catalog::Bitrix24, source, party: Box::new(party), revives: None }
}

fn done(outcomes: &[Outcome]) -> Record {
    match &outcomes[0] {
        Outcome::Done { record, .. } => (**record).clone(),
        other => panic!("{other:?}"),
    }
}

fn address(record: &Record) -> &str {
    match &record.party {
        Party::Organization(organization) => &organization.address,
        Party::Person(_) => panic!("a company"),
    }
}

fn moved(record: &Record, after: &str) -> Write {
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let before = text(address(record));
    let change =
        FieldChange { field: Field::Address, before, after: text(after), reason: ChangeReason::OwnedThere };
    Write::Update { record: Box::new(record.clone()), changes: vec![change], mutual_id: None }
}

fn rows(stage: &Stage) -> Vec<Value> {
    stage.dump()["addresses"].as_array().cloned().unwrap_or_default()
}

fn asked_for(stage: &Stage, method: &str) -> usize {
    stage.take_requests().iter().map(|body| body.to_string().matches(method).count()).sum()
}

#[test]
fn a_new_company_gets_its_address_beside_its_requisite_in_the_same_requests() {
    let stage = Stage::new();
    stage.run(stage.client.connect()).unwrap();
    stage.take_requests();
    let writes = (0..20).map(|number| firm(number, "7707083893", WHOLE)).collect();
    let outcomes = stage.run(stage.client.write(writes));
    assert_eq!(stage.take_requests().len(), 2, "the import, and all the rest");
    for outcome in &outcomes {
        let record = done(std::slice::from_ref(outcome));
        assert_eq!(address(&record), WHOLE);
        assert_eq!(stage.run(stage.client.fetch(std::slice::from_ref(&record.id))).unwrap(), [record]);
    }
    let rows = rows(&stage);
    let requisites = stage.dump()["requisites"].clone();
    assert_eq!(rows.len(), 20);
    for (row, requisite) in rows.iter().zip(requisites.as_array().unwrap()) {
        assert_eq!((&row["ENTITY_ID"], &row["TYPE_ID"]), (&requisite["ID"], &json!("6")));
        assert_eq!(row["ADDRESS_1"], WHOLE);
    }
}

#[test]
fn an_address_alone_makes_a_requisite_to_stand_in() {
    let stage = Stage::new();
    let record = done(&stage.run(stage.client.write(vec![firm(1, "", "")])));
    assert_eq!((address(&record), rows(&stage).len()), ("", 0));
    let record = done(&stage.run(stage.client.write(vec![moved(&record, WHOLE)])));
    assert_eq!(address(&record), WHOLE);
    let other = done(&stage.run(stage.client.write(vec![firm(2, "", WHOLE)])));
    assert_eq!(address(&other), WHOLE);
}

#[test]
fn a_changed_address_takes_the_place_of_all_parts_that_stood_there() {
    let stage = Stage::new();
    let record = done(&stage.run(stage.client.write(vec![firm(1, "7707083893", "")])));
    let requisite = stage.dump()["requisites"][0]["ID"].clone();
    let fields = json!({"TYPE_ID": 6, "ENTITY_TYPE_ID": 8, "ENTITY_ID": requisite, "CITY": "Тверь",
        "POSTAL_CODE": "170000", "ADDRESS_1": "ул Мира, 1"});
    stage.act(&json!({"do": "create", "entity": "address", "fields": fields}));
    let seen = stage.run(stage.client.fetch(std::slice::from_ref(&record.id))).unwrap().remove(0);
    assert_eq!(address(&seen), "170000, Тверь, ул Мира, 1");
    assert_ne!(seen.version, record.version, "an address has no date, and shows all the same");
    let outcomes = stage.run(stage.client.write(vec![moved(&seen, WHOLE)]));
    assert_eq!(address(&done(&outcomes)), WHOLE);
    assert_eq!(rows(&stage).len(), 1);
}

#[test]
fn somebody_who_was_faster_is_looked_at_before_anything_is_written_over() {
    let stage = Stage::new();
    let record = done(&stage.run(stage.client.write(vec![firm(1, "7707083893", "")])));
    let requisite = stage.dump()["requisites"][0]["ID"].clone();
    let fields = json!({"TYPE_ID": 6, "ENTITY_TYPE_ID": 8, "ENTITY_ID": requisite, "CITY": "Тверь"});
    stage.act(&json!({"do": "create", "entity": "address", "fields": fields}));
    let outcomes = stage.run(stage.client.write(vec![moved(&record, WHOLE)]));
    assert!(matches!(outcomes[0], Outcome::NotDone(_)), "{outcomes:?}");
    assert_eq!(rows(&stage)[0]["CITY"], "Тверь");
}

#[test]
fn a_walk_asks_for_addresses_only_where_there_are_any() {
    let stage = Stage::new();
    let record = done(&stage.run(stage.client.write(vec![firm(1, "7707083893", "")])));
    let walk = |stage: &Stage| {
        let start = stage.run(stage.client.sweep(Kind::Company, None)).unwrap();
        let portion = stage.run(stage.client.sweep(Kind::Company, start.next.into_iter().next())).unwrap();
        portion.records.map(|record| address(&record).to_owned()).collect::<Vec<_>>()
    };
    stage.take_requests();
    assert_eq!(walk(&stage), [""]);
    assert_eq!(asked_for(&stage, "crm.address.list"), 1, "whether there are any");
    stage.run(stage.client.write(vec![moved(&record, WHOLE)]));
    stage.take_requests();
    assert_eq!(walk(&stage), [WHOLE]);
    assert_eq!(asked_for(&stage, "crm.address.list"), 2);
}

#[test]
fn addresses_that_are_switched_off_are_neither_read_nor_written() {
    let mut stage = Stage::new();
    let record = done(&stage.run(stage.client.write(vec![firm(1, "7707083893", WHOLE)])));
    stage.restart(|settings| settings.addresses = false);
    stage.take_requests();
    let seen = stage.run(stage.client.fetch(&[record.id])).unwrap().remove(0);
    assert_eq!(address(&seen), "");
    assert!(!stage.client.capacity(Catalog::Bitrix24).fields.contains(&Field::Address));
    stage.run(stage.client.sweep(Kind::Company, None)).unwrap();
    assert_eq!(asked_for(&stage, "crm.address"), 0);
}
