//! Creates and updates against the simulated portal, lost replies included.

use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::forms::phone::{PhoneContext, read_phones};
use obmen_domain::party::{
    Email, Field, Organization, Party, Person, Phone, Point, UserId, Value as FieldValue,
};
use obmen_domain::plan::{ChangeReason, FieldChange};
use obmen_domain::record::{Catalog, Kind, Record, RecordId};
use obmen_engine::ports::{Outcome, Reader, SentCreate, SideError, Write, WriteSort, Writer};
use serde_json::{Value, json};

use super::stage::{Fault, Stage};

fn phone(text: &str) -> Phone {
    let parsed = read_phones(text, &PhoneContext::new("RU", None).unwrap()).remove(0);
    Point { extension: parsed.extension, ..Point::known(parsed.key, text) }
}

fn email(text: &str) -> Email {
    Point::known(read_emails(text).remove(0), text)
}

fn person(number: usize) -> Person {
    Person {
        name: PersonName::from_parts("Белова", "Анна", &format!("Отчество{number}")),
        inn: "500100732259".to_owned(),
        phones: vec![phone(&format!("8 926 {:07} доб. 12", number + 1_000_000))],
        emails: vec![email(&format!("a{number}@firm.example"))],
        position: "директор".to_owned(),
        ..Person::default()
    }
}

fn company(number: usize) -> Organization {
    Organization {
        title: format!("Фирма {number}"),
        legal_name: format!("ООО «Фирма {number}»"),
        inn: "7707083893".to_owned(),
        kpp: "773601001".to_owned(),
        ogrn: "1027700132195".to_owned(),
        manager: Some(UserId("1".to_owned())),
        ..Organization::default()
    }
}

fn source(kind: Kind, number: usize) -> RecordId {
    RecordId::onec(kind, &format!("6f0e0000-0000-0000-0000-{number:012}"))
}

fn create(kind: Kind, number: usize) -> Write {
    let party = match kind {
        Kind::Contact => Party::Person(person(number)),
        Kind::Company => Party::Organization(company(number)),
    };
    let party = Box::new(party);
    Write::Create { catalog: Catalog::Bitrix24, source: source(kind, number), party, revives: None }
}

fn person_of(write: &mut Write) -> &mut Person {
    match write {
        Write::Create { party, .. } => match party.as_mut() {
            Party::Person(person) => person,
            Party::Organization(_) => panic!("a person"),
        },
        other => panic!("{other:?}"),
    }
}

fn organization_of(write: &mut Write) -> &mut Organization {
    match write {
        Write::Create { party, .. } => match party.as_mut() {
            Party::Organization(organization) => organization,
            Party::Person(_) => panic!("a company"),
        },
        other => panic!("{other:?}"),
    }
}

fn done(outcome: &Outcome) -> &Record {
    match outcome {
        Outcome::Done { record, .. } => record,
        other => panic!("{other:?}"),
    }
}

fn write(stage: &Stage, writes: Vec<Write>) -> Vec<Outcome> {
    stage.run(stage.client.write(writes))
}

fn change(field: Field, before: FieldValue, after: FieldValue) -> FieldChange {
    FieldChange { field, before, after, reason: ChangeReason::ChangedThere }
}

fn update(record: &Record, changes: Vec<FieldChange>) -> Write {
    Write::Update { record: Box::new(record.clone()), changes, mutual_id: None }
}

fn fetch(stage: &Stage, record: &Record) -> Record {
    stage.run(stage.client.fetch(std::slice::from_ref(&record.id))).unwrap().remove(0)
}

#[test]
fn companies_are_made_with_requisites_in_few_requests_and_read_back() {
    let stage = Stage::new();
    stage.run(stage.client.connect()).unwrap();
    let room = stage.client.room(WriteSort::Create);
    assert_eq!(room, 180);
    stage.take_requests();
    let outcomes = write(&stage, (0..room).map(|number| create(Kind::Company, number)).collect());
    assert_eq!(stage.take_requests().len(), 5, "one import, and fifty commands a request for the rest");
    for (number, outcome) in outcomes.iter().enumerate() {
        let record = done(outcome);
        assert_eq!(record.party, Party::Organization(company(number)));
        assert_eq!(record.mutual_id, source(Kind::Company, number).id);
        assert_eq!(&fetch(&stage, record), record);
    }
    let dump = stage.dump();
    assert_eq!(dump["companies"].as_array().unwrap().len(), room);
    assert_eq!(dump["requisites"].as_array().unwrap().len(), room);
    assert_eq!(dump["companies"][0]["ORIGINATOR_ID"], "obmen:main");
    assert_eq!(dump["requisites"][0]["XML_ID"], source(Kind::Company, 0).id);
    assert_eq!(stage.counters()["limited_429"], 0);
}

#[test]
fn people_are_made_with_their_companies() {
    for automation in [false, true] {
        let mut stage = Stage::new();
        stage.restart(|settings| settings.allow_automation = automation);
        let firm = done(&write(&stage, vec![create(Kind::Company, 1)])[0]).id.clone();
        let mut writes: Vec<Write> = (0..3).map(|number| create(Kind::Contact, number)).collect();
        let person = person_of(&mut writes[1]);
        person.employers = vec![firm.clone()];
        person.emails.push(Point::unreadable("нет почты"));
        let outcomes = write(&stage, writes);
        let record = done(&outcomes[1]);
        assert_eq!(record.party.employers(), [firm]);
        assert_eq!(record.party.inn(), "500100732259");
        assert_eq!(record.party.emails().len(), 1, "what the portal would refuse is left out");
        assert_eq!(record.party.phones()[0].text, "+7 (926) 100-00-01#12");
        assert_eq!(record.party.phones()[0].extension.as_deref(), Some("12"));
        assert_eq!(record.party.manager(), Some(&UserId("1".to_owned())), "the fallback user");
        assert!(done(&outcomes[0]).party.employers().is_empty());
        assert_eq!(stage.dump()["contacts"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn a_refused_item_does_not_hinder_its_neighbours() {
    let stage = Stage::new();
    let mut writes: Vec<Write> = (0..3).map(|number| create(Kind::Company, number)).collect();
    organization_of(&mut writes[1]).title.clear();
    let outcomes = write(&stage, writes);
    done(&outcomes[0]);
    assert!(matches!(&outcomes[1], Outcome::Refused { words, .. } if !words.is_empty()), "{outcomes:?}");
    assert_eq!(done(&outcomes[2]).party.display_name(), "Фирма 2");
}

#[test]
fn texts_that_look_like_references_arrive_as_they_are() {
    let stage = Stage::new();
    let mut wicked = create(Kind::Contact, 1);
    person_of(&mut wicked).position = "$result[c00][items] и 100% «+»&#".to_owned();
    let record = done(&write(&stage, vec![create(Kind::Contact, 0), wicked])[1]).clone();
    assert_eq!(
        record.party.value(Field::Position),
        Some(FieldValue::Text("$result[c00][items] и 100% «+»&#".to_owned()))
    );
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let outcomes =
        write(&stage, vec![update(&record, vec![change(Field::Position, text(""), text("$next[c01]"))])]);
    assert_eq!(done(&outcomes[0]).party.value(Field::Position), Some(text("$next[c01]")));
}

#[test]
fn a_lost_reply_is_unknown_and_what_was_made_is_found_again() {
    for fault in [Fault::ReplyLost, Fault::Html] {
        let stage = Stage::new();
        stage.run(stage.client.connect()).unwrap();
        stage.faults(&[Some(fault)]);
        let outcomes = write(&stage, (0..45).map(|number| create(Kind::Contact, number)).collect());
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Unknown));
        let sent: Vec<SentCreate> = (0..60)
            .map(|number| SentCreate { source: source(Kind::Contact, number), derived_id: None })
            .collect();
        let found = stage.run(stage.client.find_created(&sent)).unwrap();
        assert_eq!(found.len(), 45);
        for (source, record) in found {
            assert_eq!(record.mutual_id, source.id);
        }
    }
}

#[test]
fn a_request_that_never_arrived_made_nothing() {
    let stage = Stage::new();
    stage.run(stage.client.connect()).unwrap();
    for faults in [[Some(Fault::Lost), None], [Some(Fault::Moved); 2]] {
        stage.faults(&faults);
        let outcomes = write(&stage, vec![create(Kind::Contact, 1)]);
        assert!(matches!(&outcomes[0], Outcome::NotDone(SideError::Unavailable { .. })), "{outcomes:?}");
    }
    assert_eq!(stage.dump()["contacts"], json!([]));
}

#[test]
fn a_create_whose_further_steps_got_no_answer_is_unknown_and_found_again() {
    let stage = Stage::new();
    stage.run(stage.client.connect()).unwrap();
    stage.faults(&[None, Some(Fault::Lost)]);
    let outcomes = write(&stage, vec![create(Kind::Company, 1)]);
    assert_eq!(outcomes, [Outcome::Unknown], "what stands beside the record is not certain");
    assert_eq!(stage.dump()["requisites"], json!([]));
    let sent = [SentCreate { source: source(Kind::Company, 1), derived_id: None }];
    let found = stage.run(stage.client.find_created(&sent)).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1.party.display_name(), "Фирма 1");
}

#[test]
fn an_update_sends_the_difference_and_reads_back() {
    let stage = Stage::new();
    let firms = write(&stage, vec![create(Kind::Company, 1), create(Kind::Company, 2)]);
    let outcomes = write(&stage, vec![create(Kind::Contact, 1)]);
    let record = done(&outcomes[0]).clone();
    let phones = vec![record.party.phones()[0].clone(), phone("+7 926 000-00-02")];
    let employers: Vec<RecordId> = firms.iter().map(|firm| done(firm).id.clone()).collect();
    let changes = vec![
        change(
            Field::Name,
            record.party.value(Field::Name).unwrap(),
            FieldValue::Name(PersonName::from_parts("Чернова", "Анна", "")),
        ),
        change(Field::Phone, FieldValue::Phones(record.party.phones().to_vec()), FieldValue::Phones(phones)),
        change(Field::Email, FieldValue::Emails(record.party.emails().to_vec()), FieldValue::Emails(vec![])),
        change(Field::Company, FieldValue::Employers(vec![]), FieldValue::Employers(employers.clone())),
    ];
    stage.take_requests();
    let write_again = update(&record, changes);
    let outcomes = write(&stage, vec![write_again.clone()]);
    assert_eq!(stage.take_requests().len(), 1, "list, changes and read-back in one");
    let Outcome::Done { record: changed, overwrote } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(*overwrote, None);
    assert_eq!(changed.party.display_name(), "Чернова Анна");
    assert_eq!(changed.party.phones().len(), 2);
    assert_eq!(changed.party.phones()[0].text, "+7 (926) 100-00-01#12", "a row that stays is not touched");
    assert!(changed.party.emails().is_empty());
    assert_eq!(changed.party.employers(), employers);
    assert_eq!(&fetch(&stage, changed), &**changed);
}

#[test]
fn an_update_of_another_version_shows_what_it_overwrote() {
    let stage = Stage::new();
    let record = done(&write(&stage, vec![create(Kind::Contact, 1)])[0]).clone();
    let id = record.id.id.clone();
    let action = json!({"do": "update", "entity": "contact", "id": id, "fields": {"POST": "бухгалтер"}});
    stage.act(&action);
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let changes = vec![change(Field::Position, text("директор"), text("повар"))];
    let outcomes = write(&stage, vec![update(&record, changes)]);
    let Outcome::Done { record, overwrote: Some(overwrote) } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(overwrote.party.value(Field::Position), Some(text("бухгалтер")));
    assert_eq!(record.party.value(Field::Position), Some(text("повар")));
}

#[test]
fn what_is_denied_to_a_former_administrator_is_no_fault_of_the_data() {
    let stage = Stage::new();
    let record = done(&write(&stage, vec![create(Kind::Contact, 1)])[0]).clone();
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let writes = || {
        let changes = vec![change(Field::Position, text("директор"), text("повар"))];
        [vec![update(&record, changes)], vec![create(Kind::Contact, 2), create(Kind::Contact, 3)]]
    };
    stage.act(&json!({"do": "rights", "admin": false, "contacts": "all/none", "companies": "all/none"}));
    for writes in writes() {
        let outcomes = write(&stage, writes);
        for outcome in outcomes {
            let Outcome::NotDone(SideError::MissingRight { what, .. }) = outcome else {
                panic!("{outcome:?}")
            };
            assert!(what.contains("administrator"), "{what}");
        }
    }
    assert_eq!(stage.dump()["contacts"].as_array().unwrap().len(), 1);

    stage.run(stage.client.connect()).unwrap();
    let [changed, _] = writes();
    let outcomes = write(&stage, changed);
    assert!(matches!(outcomes[0], Outcome::Refused { .. }), "who never was one meets it record by record");
}

#[test]
fn a_write_to_a_record_that_rights_hide_is_not_taken_for_one_without_effect() {
    let stage = Stage::new();
    let record = done(&write(&stage, vec![create(Kind::Contact, 1)])[0]).clone();
    stage.act(&json!({"do": "rights", "admin": false, "contacts": "none/all", "companies": "all"}));
    let phones = vec![record.party.phones()[0].clone(), phone("+7 926 000-00-02")];
    let before = FieldValue::Phones(record.party.phones().to_vec());
    let outcomes =
        write(&stage, vec![update(&record, vec![change(Field::Phone, before, FieldValue::Phones(phones))])]);
    assert_eq!(outcomes, [Outcome::Unknown]);
    let phones = || stage.dump()["contacts"][0]["PHONE"].as_array().unwrap().len();
    assert_eq!(phones(), 2, "it has its effect");

    assert!(stage.run(stage.client.news(None)).is_err());
    let before = FieldValue::Phones(record.party.phones().to_vec());
    let none = || update(&record, vec![change(Field::Phone, before.clone(), FieldValue::Phones(vec![]))]);
    let outcomes = write(&stage, vec![none()]);
    assert!(matches!(outcomes[0], Outcome::NotDone(SideError::MissingRight { .. })), "{outcomes:?}");
    assert_eq!(phones(), 2, "nothing is written blindly once that is known");
    stage.act(&json!({"do": "rights", "admin": true, "contacts": "all", "companies": "all"}));
    assert!(matches!(write(&stage, vec![none()])[0], Outcome::Done { .. }), "the rights are back");
}

#[test]
fn tax_numbers_of_a_company_travel_by_its_requisite() {
    let stage = Stage::new();
    let mut bare = create(Kind::Company, 1);
    *organization_of(&mut bare) =
        Organization { title: "Ромашка".to_owned(), ..Organization::default() };
    let record = done(&write(&stage, vec![bare])[0]).clone();
    assert_eq!(stage.dump()["requisites"], json!([]));
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let set = |record: &Record, inn: &str| {
        let changes = vec![
            change(Field::Inn, text(""), text(inn)),
            change(Field::LegalName, text(""), text("ООО «Ромашка»")),
        ];
        done(&write(&stage, vec![update(record, changes)])[0]).clone()
    };
    let first = set(&record, "7707083893");
    assert_eq!(first.party.inn(), "7707083893");
    let second = set(&first, "7728168971");
    assert_eq!(second.party.inn(), "7728168971");
    let requisites = stage.dump()["requisites"].clone();
    assert_eq!(
        requisites.as_array().map(Vec::len),
        Some(1),
        "the requisite is changed, not doubled: {requisites}"
    );
}

#[test]
fn a_record_that_is_gone_is_missing_and_the_rest_is_done() {
    let stage = Stage::new();
    let records: Vec<Record> = write(&stage, (0..100).map(|number| create(Kind::Contact, number)).collect())
        .iter()
        .map(|outcome| done(outcome).clone())
        .collect();
    stage.act(&json!({"do": "delete", "entity": "contact", "id": records[7].id.id}));
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let writes: Vec<Write> = records
        .iter()
        .map(|record| update(record, vec![change(Field::Position, text("директор"), text("повар"))]))
        .collect();
    stage.take_requests();
    let outcomes = write(&stage, writes);
    assert_eq!(stage.take_requests().len(), 3, "forty-four changes a batch");
    for (position, outcome) in outcomes.iter().enumerate() {
        if position == 7 {
            assert_eq!(*outcome, Outcome::Missing);
        } else {
            assert_eq!(done(outcome).party.value(Field::Position), Some(text("повар")));
        }
    }
}

#[test]
fn an_unanswered_update_is_unknown_and_a_refused_connection_is_not() {
    let stage = Stage::new();
    let record = done(&write(&stage, vec![create(Kind::Contact, 1)])[0]).clone();
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let write_one =
        || write(&stage, vec![update(&record, vec![change(Field::Position, text(""), text("повар"))])]);
    stage.faults(&[Some(Fault::ReplyLost)]);
    assert_eq!(write_one(), [Outcome::Unknown]);
    stage.faults(&[Some(Fault::Lost)]);
    assert!(matches!(write_one()[0], Outcome::NotDone(_)));
    done(&write_one()[0]);
}

#[test]
fn a_write_that_would_wait_long_for_a_limit_is_handed_back() {
    let stage = Stage::new();
    let mut made = 0;
    let mut handed_back = None;
    for turn in 0..20 {
        let writes = (0..180).map(|number| create(Kind::Contact, turn * 180 + number)).collect();
        let outcomes = write(&stage, writes);
        if let Outcome::NotDone(SideError::LimitReached { until, .. }) = &outcomes[0] {
            handed_back = Some(*until);
            break;
        }
        made += outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Done { .. })).count();
    }
    assert_eq!(made, 1800, "ten batches of 45 seconds within 480");
    assert!(handed_back.unwrap() > stage.now());
    assert_eq!(stage.counters()["limited_429"], 0);
    let contacts: Vec<Value> = stage.dump()["contacts"].as_array().unwrap().clone();
    assert_eq!(contacts.len(), made);
}
