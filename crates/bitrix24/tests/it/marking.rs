//! Records that go: into the recycle bin, in two requests, and only while nothing stands on them.

use obmen_domain::record::{Catalog, Kind, Record, RecordId};
use obmen_domain::stay::Tie;
use obmen_engine::ports::{HttpRequest, Outcome, Reader, SideError, Transport, Write, WriteSort, Writer};
use serde_json::{Value, json};

use super::stage::{Fault, Stage};

#[test]
fn what_is_free_goes_in_two_requests_and_what_is_in_use_stays() {
    let stage = Stage::new();
    let people: Vec<Record> = (0..4).map(|number| contact(&stage, number)).collect();
    call(
        &stage,
        "crm.deal.add",
        &json!({"TITLE": "Поставка", "CONTACT_IDS": [people[3].id.id, people[1].id.id]}),
    );
    let call_with =
        json!({"OWNER_TYPE_ID": 3, "OWNER_ID": people[2].id.id, "TYPE_ID": 2, "SUBJECT": "Звонок"});
    call(&stage, "crm.activity.add", &call_with);
    let ids: Vec<RecordId> = people.iter().map(|record| record.id.clone()).collect();
    let mut ties = stage.run(stage.client.ties(&ids)).unwrap();
    ties.sort();
    let of = |at: usize, tie| (ids[at].clone(), tie);
    assert_eq!(ties, [of(1, Tie::Deal), of(2, Tie::Activity), of(3, Tie::Deal)]);

    stage.take_requests();
    let outcomes = write(&stage, &people);
    assert_eq!(stage.take_requests().len(), 2);
    let expected =
        [Outcome::Missing, Outcome::Tied(Tie::Deal), Outcome::Tied(Tie::Activity), Outcome::Tied(Tie::Deal)];
    assert_eq!(outcomes, expected);
    assert_eq!(stage.dump()["contacts"].as_array().unwrap().len(), 3);
    assert_eq!(write(&stage, &people[..1]), [Outcome::Missing], "what is gone is gone");
    assert_eq!(stage.client.room(WriteSort::Mark), 44);
}

#[test]
fn a_card_that_rights_hide_is_not_taken_for_gone() {
    let stage = Stage::new();
    let record = contact(&stage, 1);
    stage.act(&json!({"do": "rights", "admin": false, "contacts": "none/all", "companies": "all"}));
    let outcomes = write(&stage, std::slice::from_ref(&record));
    assert!(matches!(&outcomes[0], Outcome::NotDone(SideError::MissingRight { .. })), "{outcomes:?}");
}

#[test]
fn a_card_that_was_changed_meanwhile_stays() {
    let stage = Stage::new();
    let record = contact(&stage, 1);
    let fields = json!({"POST": "Директор"});
    stage.act(&json!({"do": "update", "entity": "contact", "id": record.id.id, "fields": fields}));
    let outcomes = write(&stage, std::slice::from_ref(&record));
    assert!(matches!(&outcomes[0], Outcome::Moved { record: held } if held.id == record.id), "{outcomes:?}");
    assert_eq!(stage.dump()["contacts"].as_array().unwrap().len(), 1);
}

#[test]
fn a_company_goes_with_its_requisite_once_its_people_are_gone() {
    let stage = Stage::new();
    let done = stage.act(&json!({"do": "create", "entity": "company", "fields": {"TITLE": "Ромашка"}}));
    let company = RecordId::bitrix24(Kind::Company, done["id"].to_string().trim_matches('"'));
    let requisite = json!({"ENTITY_TYPE_ID": 4, "ENTITY_ID": company.id, "PRESET_ID": 1, "NAME": "Ромашка",
        "RQ_INN": "7707083893"});
    call(&stage, "crm.requisite.add", &requisite);
    let person = contact(&stage, 1);
    let links = json!({"id": person.id.id, "fields": {"COMPANY_ID": company.id}});
    request(&stage, "crm.contact.company.add", &links);
    let records = |stage: &Stage| stage.run(stage.client.fetch(std::slice::from_ref(&company))).unwrap();
    assert_eq!(write(&stage, &records(&stage)), [Outcome::Tied(Tie::People)]);
    let person = stage.run(stage.client.fetch(std::slice::from_ref(&person.id))).unwrap();
    assert_eq!(write(&stage, &person), [Outcome::Missing]);
    assert_eq!(write(&stage, &records(&stage)), [Outcome::Missing]);
    assert_eq!((&stage.dump()["companies"], &stage.dump()["requisites"]), (&json!([]), &json!([])));
}

#[test]
fn an_answer_that_got_lost_leaves_the_outcome_open() {
    let stage = Stage::new();
    let record = contact(&stage, 1);
    stage.run(stage.client.connect()).unwrap();
    stage.faults(&[None, Some(Fault::ReplyLost)]);
    assert_eq!(write(&stage, std::slice::from_ref(&record)), [Outcome::Unknown]);
    assert_eq!(write(&stage, &[record]), [Outcome::Missing], "asking again is harmless");
}

fn write(stage: &Stage, records: &[Record]) -> Vec<Outcome> {
    let writes = records.iter().map(|record| Write::Mark { record: Box::new(record.clone()) });
    stage.run(stage.client.write(writes.collect()))
}

fn contact(stage: &Stage, number: usize) -> Record {
    let fields = json!({"LAST_NAME": "Белова", "NAME": format!("Анна {number}")});
    let done = stage.act(&json!({"do": "create", "entity": "contact", "fields": fields}));
    let id = RecordId::bitrix24(Kind::Contact, done["id"].to_string().trim_matches('"'));
    let record = stage.run(stage.client.fetch(&[id])).unwrap().remove(0);
    assert_eq!(record.catalog, Catalog::Bitrix24);
    record
}

fn call(stage: &Stage, method: &str, fields: &Value) {
    request(stage, method, &json!({ "fields": fields }));
}

/// Somebody else's request.
fn request(stage: &Stage, method: &str, params: &Value) {
    let request = HttpRequest {
        method: "POST",
        url: format!("http://portal.test/rest/1/secret/{method}"),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: serde_json::to_vec(params).unwrap(),
        timeout: std::time::Duration::from_secs(60),
    };
    let response = stage.run(stage.world.send(request)).unwrap();
    assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
}
