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

mod of_people {
    //! Addresses of private persons, where the configuration names them.

    use obmen_domain::configured::{PRIVATE_ADDRESS, Place};
    use obmen_domain::forms::person_name::PersonName;
    use obmen_domain::party::Person;

    use super::*;

    fn switched_on() -> Stage {
        let mut stage = Stage::new();
        stage.restart(|settings| {
            let name = PRIVATE_ADDRESS.parse().unwrap();
            let at = vec!["4".to_owned()];
            settings.places = vec![Place { name, kind: Kind::Contact, at, is_certain: true, label: None }];
        });
        stage
    }

    fn field() -> Field {
        Field::Configured(PRIVATE_ADDRESS.parse().unwrap())
    }

    fn person(number: usize, address: &str, employers: Vec<RecordId>) -> Write {
        let name = PersonName::from_parts(&format!("Белова{number}"), "Анна", "");
        let mut person = Person { name, employers, ..Person::default() };
        person.configured.set(PRIVATE_ADDRESS.parse().unwrap(), address.to_owned());
        let source = RecordId::onec(Kind::Contact, &format!("6f0e0000-0000-0000-0000-{number:012}"));
        Write::Create {
            catalog: Catalog::Bitrix24,
            source,
            party: Box::new(Party::Person(person)),
            revives: None,
        }
    }

    fn home(record: &Record) -> Option<&str> {
        record.party.configured().get(PRIVATE_ADDRESS.parse().unwrap())
    }

    fn moved(record: &Record, after: &str) -> Write {
        let text = |text: &str| FieldValue::Text(text.to_owned());
        let before = text(home(record).unwrap());
        let change =
            FieldChange { field: field(), before, after: text(after), reason: ChangeReason::ChangedThere };
        Write::Update { record: Box::new(record.clone()), changes: vec![change], mutual_id: None }
    }

    #[test]
    fn a_new_contact_gets_a_carrier_for_its_address_beside_its_companies_and_keeps_it() {
        let stage = switched_on();
        let company = done(&stage.run(stage.client.write(vec![firm(1, "7707083893", "")])));
        let record = done(&stage.run(stage.client.write(vec![person(1, WHOLE, vec![company.id.clone()])])));
        assert_eq!((home(&record), record.party.employers()), (Some(WHOLE), &[company.id][..]));
        let requisites = stage.dump()["requisites"].clone();
        let carrier = requisites.as_array().unwrap().iter().find(|row| row["ENTITY_TYPE_ID"] == "3").unwrap();
        assert_eq!(carrier["ADDRESS_ONLY"], "Y");
        let record = done(&stage.run(stage.client.write(vec![moved(&record, "г Тверь")])));
        assert_eq!(home(&record), Some("г Тверь"));
        let emptied = done(&stage.run(stage.client.write(vec![moved(&record, "")])));
        assert_eq!(home(&emptied), Some(""));
        assert_eq!((rows(&stage).len(), &rows(&stage)[0]["TYPE_ID"]), (1, &json!("4")));
        assert_eq!(stage.dump()["requisites"], requisites, "no further carrier");
        let bare = done(&stage.run(stage.client.write(vec![person(2, "", Vec::new())])));
        assert_eq!((home(&bare), rows(&stage).len()), (Some(""), 1));
        let record = done(&stage.run(stage.client.write(vec![moved(&bare, WHOLE)])));
        assert_eq!(home(&record), Some(WHOLE));
    }

    #[test]
    fn a_walk_over_contacts_reads_their_addresses() {
        let stage = switched_on();
        stage.run(stage.client.write(vec![person(1, WHOLE, Vec::new()), person(2, "", Vec::new())]));
        let start = stage.run(stage.client.sweep(Kind::Contact, None)).unwrap();
        let portion = stage.run(stage.client.sweep(Kind::Contact, start.next.into_iter().next())).unwrap();
        let homes: Vec<_> = portion.records.map(|record| home(&record).unwrap().to_owned()).collect();
        assert_eq!(homes, [WHOLE, ""]);
    }

    #[test]
    fn those_that_are_not_switched_on_are_neither_read_nor_written() {
        let mut stage = switched_on();
        let record = done(&stage.run(stage.client.write(vec![person(1, WHOLE, Vec::new())])));
        stage.restart(|settings| settings.places.clear());
        stage.take_requests();
        let outcomes =
            stage.run(stage.client.write(vec![person(2, WHOLE, Vec::new()), moved(&record, "г Омск")]));
        assert_eq!(home(&done(&outcomes)), None);
        let seen = stage.run(stage.client.fetch(std::slice::from_ref(&record.id))).unwrap().remove(0);
        assert_eq!(home(&seen), None);
        stage.run(stage.client.sweep(Kind::Contact, None)).unwrap();
        assert_eq!(asked_for(&stage, "crm.address"), 0);
        assert_eq!((rows(&stage).len(), &rows(&stage)[0]["ADDRESS_1"]), (1, &json!(WHOLE)));
    }
}
