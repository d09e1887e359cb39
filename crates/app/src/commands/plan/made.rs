//! A small made-up plan for tests: one step of each sort, and names that no page may take for markup.

use std::collections::BTreeSet;
use std::sync::Arc;

use obmen_domain::create_rule::Withheld;
use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::forms::phone::{PhoneContext, read_phones};
use obmen_domain::party::{Field, Organization, Party, Person, Point, UserId, Value};
use obmen_domain::plan::{ChangeReason, Creation, FieldChange, LinkReason, Plan, Revision, Step};
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Standing};
use obmen_domain::review::{AskReason, Review, ReviewKind};
use obmen_engine::store::{Change, Store};
use obmen_store::SqliteStore;

use crate::commands::steps::Users;

/// What a name from outside may be made of.
pub(super) const HOSTILE: &str = "<b>\"О'Генри\" & Ко</b>";

/// A reference of 1C that ends in these digits.
pub(super) fn reference(number: usize) -> String {
    format!("11111111-2222-3333-4444-{number:012}")
}

/// The records that the plan names, as last seen.
pub(super) fn records() -> Vec<Record> {
    let firm = RecordId::bitrix24(Kind::Company, "5");
    let mut ivan = Person {
        name: PersonName::from_parts("Петров", "Иван", ""),
        emails: emails("ivan@example.ru"),
        phones: phones("+7 916 123-45-67"),
        employers: vec![firm.clone()],
        manager: Some(UserId("7".to_owned())),
        ..Person::default()
    };
    let left =
        record(RecordId::bitrix24(Kind::Contact, "12"), Catalog::Bitrix24, Party::Person(ivan.clone()));
    ivan.name = PersonName::from_parts("ПЕТРОВ", "Иван", "Сергеевич");
    ivan.phones = phones("8 916 123-45-67, 8 (495) 111-22-33 доб. 4");
    ivan.employers = vec![RecordId::onec(Kind::Company, &reference(5))];
    ivan.inn = "500100732259".to_owned();
    let right =
        record(RecordId::onec(Kind::Contact, &reference(12)), Catalog::ContactPerson, Party::Person(ivan));
    let title = |title: &str| {
        Party::Organization(Organization { title: title.to_owned(), ..Organization::default() })
    };
    vec![
        left,
        right,
        record(firm, Catalog::Bitrix24, title(HOSTILE)),
        record(
            RecordId::onec(Kind::Company, &reference(5)),
            Catalog::Counterparty,
            title("О'Генри и Ко ООО"),
        ),
    ]
}

/// A plan with so many links, and one step of each other sort.
pub(super) fn plan(links: usize) -> Plan {
    let link = |number: usize| Step::Link {
        bitrix24: RecordId::bitrix24(Kind::Contact, (12 + number).to_string()),
        onec: RecordId::onec(Kind::Contact, &reference(12 + number)),
        reason: LinkReason::Phone,
    };
    let mut steps: Vec<Step> = (0..links).map(link).collect();
    steps.extend([creation(), revision(), id_alone(), unlink(), question(), refusal()]);
    let withheld = (RecordId::bitrix24(Kind::Contact, "8"), Withheld::Unmet("TYPE = \"<i>\"".to_owned()));
    Plan { steps, waiting: vec![RecordId::bitrix24(Kind::Contact, "9")], withheld: vec![withheld] }
}

/// A store that has seen the records, and the names of users.
pub(super) async fn store() -> (Arc<dyn Store>, Users) {
    let store = SqliteStore::in_memory().unwrap().pair("main");
    store.apply(records().into_iter().map(|record| Change::Seen(Box::new(record))).collect()).await.unwrap();
    (Arc::new(store), Users::default())
}

fn creation() -> Step {
    let person = Person {
        name: PersonName::from_parts("=Сидорова", "Анна", ""),
        phones: phones("+7 916 000-00-01"),
        employers: vec![RecordId::bitrix24(Kind::Company, "5")],
        ..Person::default()
    };
    Step::Create(Box::new(Creation {
        side: obmen_domain::record::Side::Onec,
        catalog: Catalog::ContactPerson,
        source: RecordId::bitrix24(Kind::Contact, "13"),
        party: Party::Person(person),
        revives: None,
    }))
}

fn revision() -> Step {
    let record = records().swap_remove(0);
    let change = |field, before, after, reason| FieldChange { field, before, after, reason };
    let text = |text: &str| Value::Text(text.to_owned());
    let both = phones("+7 916 123-45-67, 8 (495) 111-22-33 доб. 4");
    let changes = vec![
        change(
            Field::Phone,
            Value::Phones(phones("+7 916 123-45-67")),
            Value::Phones(both),
            ChangeReason::Unites,
        ),
        change(Field::MutualId, text(""), text(&reference(12)), ChangeReason::KeepsId),
    ];
    Step::Update(Box::new(Revision { record, changes }))
}

fn id_alone() -> Step {
    let record = records().swap_remove(1);
    let [before, after] = ["", "contact:12"].map(|text| Value::Text(text.to_owned()));
    let change = FieldChange { field: Field::MutualId, before, after, reason: ChangeReason::KeepsId };
    Step::Update(Box::new(Revision { record, changes: vec![change] }))
}

fn unlink() -> Step {
    Step::Unlink {
        bitrix24: RecordId::bitrix24(Kind::Company, "5"),
        onec: RecordId::onec(Kind::Company, &reference(5)),
        kept: vec![Field::Phone],
    }
}

fn question() -> Step {
    Step::Ask(Review {
        kind: ReviewKind::Match,
        party: Kind::Company,
        records: vec![RecordId::bitrix24(Kind::Company, "5"), RecordId::onec(Kind::Company, &reference(5))],
        fields: Vec::new(),
        reason: AskReason::NamesDoubtful,
    })
}

fn refusal() -> Step {
    Step::Ask(Review {
        kind: ReviewKind::Refused,
        party: Kind::Contact,
        records: vec![RecordId::bitrix24(Kind::Contact, "77")],
        fields: vec![Field::Email],
        reason: AskReason::SideRefused("\"<b>\", no".to_owned()),
    })
}

fn record(id: RecordId, catalog: Catalog, party: Party) -> Record {
    Record {
        id,
        catalog,
        version: "1".to_owned(),
        party,
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: BTreeSet::new(),
        attributes: std::collections::BTreeMap::new(),
        brought: BTreeSet::new(),
    }
}

fn phones(text: &str) -> Vec<obmen_domain::party::Phone> {
    let context = PhoneContext::new("RU", None).unwrap();
    let point = |phone: obmen_domain::forms::phone::ParsedPhone| Point {
        extension: phone.extension.clone(),
        ..Point::known(phone.key, text)
    };
    read_phones(text, &context).into_iter().map(point).collect()
}

fn emails(text: &str) -> Vec<obmen_domain::party::Email> {
    read_emails(text).into_iter().map(|key| Point::known(key, text)).collect()
}
