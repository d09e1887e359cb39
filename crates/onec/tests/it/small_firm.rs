//! «Управление нашей фирмой»: people joined with companies by a register, staff as managers, a value for each legal kind.

use futures_executor::block_on;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::forms::phone::{PhoneContext, read_phones};
use obmen_domain::party::{Field, Organization, Party, Person, Phone, Point, UserId, Value};
use obmen_domain::plan::{ChangeReason, FieldChange};
use obmen_domain::record::{Catalog, Exclusion, Kind, Record, RecordId, Standing};
use obmen_engine::doctor::{Doctor as _, Severity};
use obmen_engine::ports::{Outcome, Reader as _, Write, Writer as _};
use obmen_onec::{Profile, Settings};
use obmen_sim::onec::Product;
use obmen_sim::world::World as _;
use serde_json::{Value as Json, json};

use crate::infobase::{World, done, kind, lines_of};

const COUNTERPARTIES: &str = "Catalog_Контрагенты";
const PERSONS: &str = "Catalog_КонтактныеЛица";
const LINKS: &str = "InformationRegister_СвязиКонтрагентКонтакт";
const ID_ATTRIBUTE: &str = "7a10c000-1c02-11ef-9a3d-0050568b35ac";
const PHONE: &str = "271f381e-f234-11e4-a7a9-000d884fd00d";
const FOLDER: &str = "00000000-0000-4000-8000-000000000002";
const FIRM: &str = "10000000-0000-4000-8000-000000000001";
const OFFICE: &str = "10000000-0000-4000-8000-000000000002";
const PROPRIETOR: &str = "10000000-0000-4000-8000-000000000003";
const CLOSED: &str = "10000000-0000-4000-8000-000000000004";
const CUSTOMER: &str = "20000000-0000-4000-8000-000000000001";
const ANNA: &str = "30000000-0000-4000-8000-000000000001";
const GONE: &str = "30000000-0000-4000-8000-000000000002";
const ALONE: &str = "30000000-0000-4000-8000-000000000003";
const USER: &str = "50000000-0000-4000-8000-000000000001";
const EMPLOYEE: &str = "60000000-0000-4000-8000-000000000001";
const OTHER_EMPLOYEE: &str = "60000000-0000-4000-8000-000000000002";

#[test]
fn every_legal_kind_is_told_by_its_value_and_inactive_objects_are_left_out() {
    let world = world();
    let companies = block_on(world.sweep(Kind::Company));
    for reference in [FIRM, OFFICE, PROPRIETOR] {
        assert_eq!(find(&companies, reference).standing, Standing::TakesPart, "{reference}");
    }
    let Party::Organization(proprietor) = &find(&companies, PROPRIETOR).party else { panic!("no company") };
    assert!(proprietor.entrepreneur);
    assert_eq!(find(&companies, CLOSED).standing, Standing::Out(Exclusion::Inactive));
    let people = block_on(world.sweep(Kind::Contact));
    assert_eq!(find(&people, CUSTOMER).standing, Standing::TakesPart);
    assert_eq!(find(&people, GONE).standing, Standing::Out(Exclusion::Inactive));
}

#[test]
fn contact_persons_are_joined_with_companies_by_the_newest_record_of_each_pair() {
    let world = world();
    let people = block_on(world.sweep(Kind::Contact));
    let anna = find(&people, ANNA);
    let company = |reference: &str| RecordId::onec(Kind::Company, reference);
    assert_eq!(anna.party.employers(), [company(OFFICE), company(PROPRIETOR)], "a link that ended is none");
    let Party::Person(person) = &anna.party else { panic!("no person") };
    assert_eq!(person.position, "Директор", "that of the first link");
    let alone = find(&people, ALONE);
    assert_eq!(alone.standing, Standing::TakesPart);
    assert!(alone.party.employers().is_empty() && alone.lacks.contains(&Field::Position));
    let capacity = world.client.capacity(Catalog::ContactPerson);
    assert_eq!(capacity.companies, usize::MAX);
    assert!(capacity.fields.contains(&Field::Position) && capacity.fields.contains(&Field::Manager));
}

#[test]
fn managers_are_staff_with_the_mailboxes_of_their_users() {
    let world = world();
    let managers = block_on(world.client.users()).unwrap();
    let shown: Vec<(&str, &str, bool)> =
        managers.iter().map(|user| (user.id.0.as_str(), user.email.as_str(), user.active)).collect();
    assert_eq!(shown, [(EMPLOYEE, "ivanova@company.example", true), (OTHER_EMPLOYEE, "", false)]);
    let firm = block_on(world.record(Kind::Company, FIRM));
    assert_eq!(firm.party.manager(), Some(&UserId(EMPLOYEE.to_owned())));
}

#[test]
fn a_new_client_has_its_kind_its_role_its_folder_and_its_manager() {
    let world = world();
    let outcomes = block_on(world.client.write(vec![company("7", false), company("8", true)]));
    let object = |outcome: &Outcome| world.wire.object(COUNTERPARTIES, &done(outcome).id.id);
    let firm = object(&outcomes[0]);
    assert_eq!(
        (&firm["ВидКонтрагента"], &firm["ЮридическоеФизическоеЛицо"]),
        (&json!("ЮридическоеЛицо"), &json!("ЮридическоеЛицо"))
    );
    assert_eq!((&firm["Покупатель"], &firm["Parent_Key"]), (&json!(true), &json!(FOLDER)));
    assert_eq!(firm["Ответственный_Key"], EMPLOYEE);
    assert_eq!(object(&outcomes[1])["ВидКонтрагента"], "ИндивидуальныйПредприниматель");
    let outcomes = block_on(world.client.write(vec![contact("9", Catalog::Counterparty, &[])]));
    let person = object(&outcomes[0]);
    assert_eq!(
        (&person["ВидКонтрагента"], &person["ФИО"]),
        (&json!("ФизическоеЛицо"), &json!("Орлова Нина Павловна"))
    );
    assert_eq!(done(&outcomes[0]).party.manager(), Some(&UserId(EMPLOYEE.to_owned())));
}

#[test]
fn a_new_contact_person_is_joined_with_all_its_companies() {
    let world = world();
    let outcomes = block_on(world.client.write(vec![contact("9", Catalog::ContactPerson, &[FIRM, OFFICE])]));
    let record = done(&outcomes[0]);
    let companies: Vec<&str> = record.party.employers().iter().map(|company| company.id.as_str()).collect();
    assert_eq!(companies, [FIRM, OFFICE]);
    let Party::Person(person) = &record.party else { panic!("no person") };
    assert_eq!(person.position, "Юрист");
    let links = links_of(&world, &record.id.id);
    assert_eq!(links.len(), 2);
    assert!(links.iter().all(|link| link["Должность"] == "Юрист"));
    assert_eq!(world.wire.object(PERSONS, &record.id.id)["Ответственный_Key"], EMPLOYEE);
}

#[test]
fn a_link_that_was_refused_is_missing_in_what_is_read_back_and_an_update_brings_it() {
    let world = world();
    world.wire.refuse_writes_to(LINKS, Some("Изменения запрещены"));
    let outcomes = block_on(world.client.write(vec![contact("9", Catalog::ContactPerson, &[FIRM])]));
    let record = done(&outcomes[0]).clone();
    assert!(record.party.employers().is_empty());
    let join = || vec![changed(Field::Company, Value::Employers(vec![RecordId::onec(Kind::Company, FIRM)]))];
    let outcomes = block_on(world.client.write(vec![update(&record, join())]));
    assert!(matches!(&outcomes[0], Outcome::Refused { .. }), "{outcomes:?}");
    world.wire.refuse_writes_to(LINKS, None);
    let outcomes = block_on(world.client.write(vec![update(&record, join())]));
    assert_eq!(done(&outcomes[0]).party.employers(), [RecordId::onec(Kind::Company, FIRM)]);
    let outcomes = block_on(world.client.write(vec![update(done(&outcomes[0]), join())]));
    assert_eq!((done(&outcomes[0]).party.employers().len(), links_of(&world, &record.id.id).len()), (1, 1));
}

#[test]
fn a_link_that_had_ended_is_renewed_by_a_newer_record() {
    let world = world();
    let anna = block_on(world.record(Kind::Contact, ANNA));
    let all = [OFFICE, PROPRIETOR, FIRM].map(|company| RecordId::onec(Kind::Company, company)).to_vec();
    let outcomes = block_on(
        world.client.write(vec![update(&anna, vec![changed(Field::Company, Value::Employers(all))])]),
    );
    assert_eq!(done(&outcomes[0]).party.employers().len(), 3);
    let with_firm = links_of(&world, ANNA).into_iter().filter(|link| link["Контрагент_Key"] == FIRM);
    assert_eq!(with_firm.count(), 3, "two records of the past and a new one");
}

#[test]
fn a_position_is_changed_in_the_first_link() {
    let world = world();
    let anna = block_on(world.record(Kind::Contact, ANNA));
    let position = changed(Field::Position, Value::Text("Главный инженер".to_owned()));
    let outcomes = block_on(world.client.write(vec![update(&anna, vec![position.clone()])]));
    let Party::Person(person) = &done(&outcomes[0]).party else { panic!("no person") };
    assert_eq!(person.position, "Главный инженер");
    assert_ne!(done(&outcomes[0]).version, anna.version, "a change of a link is another version");
    let outcomes = block_on(
        world
            .client
            .write(vec![update(&anna, vec![changed(Field::Position, Value::Text("Иное".to_owned()))])]),
    );
    assert!(matches!(&outcomes[0], Outcome::Moved { .. }), "{outcomes:?}");
    let current = block_on(world.record(Kind::Contact, ANNA));
    world.wire.take_sent("PATCH");
    block_on(world.client.write(vec![update(&current, vec![position])]));
    assert!(world.wire.take_sent("PATCH").is_empty(), "it stands there already");
}

#[test]
fn managers_and_phones_of_contact_persons_are_changed_in_their_own_object() {
    let world = world();
    let anna = block_on(world.record(Kind::Contact, ANNA));
    let changes = vec![
        changed(Field::Manager, Value::Manager(Some(UserId(OTHER_EMPLOYEE.to_owned())))),
        changed(Field::Phone, Value::Phones(phones("+7 912 000-00-03"))),
    ];
    let outcomes = block_on(world.client.write(vec![update(&anna, changes)]));
    assert_eq!(done(&outcomes[0]).party.phones().len(), 1);
    let object = world.wire.object(PERSONS, ANNA);
    assert_eq!(object["Ответственный_Key"], OTHER_EMPLOYEE);
    assert_eq!(object["НомерТелефонаДляПоиска"], "79120000003", "1C's own handlers run");
}

#[test]
fn a_kind_that_keeps_its_history_is_read_and_written_in_its_newest_row() {
    let world = world();
    let firm = block_on(world.record(Kind::Company, FIRM));
    assert_eq!(keys(firm.party.phones()), ["+74951234567"], "the number of the past is none");
    let change = changed(Field::Phone, Value::Phones(phones("+7 (495) 765-43-21")));
    let outcomes = block_on(world.client.write(vec![update(&firm, vec![change])]));
    assert_eq!(keys(done(&outcomes[0]).party.phones()), ["+74957654321"]);
    let object = world.wire.object(COUNTERPARTIES, FIRM);
    let rows: Vec<(&str, &str)> = object["КонтактнаяИнформация"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["НомерТелефона"].as_str().unwrap(), &row["ДействуетС"].as_str().unwrap()[..10]))
        .collect();
    assert_eq!(rows, [("74957654321", "2025-02-01"), ("74950000000", "2020-01-01")]);
}

#[test]
fn a_healthy_base_has_good_findings_and_a_closed_register_of_links_is_named() {
    let findings = block_on(world().client.check());
    assert!(findings.iter().all(|finding| finding.severity == Severity::Good), "{findings:?}");
    let sets = ["Catalog_Контрагенты", "Catalog_КонтактныеЛица", "Catalog_ВидыКонтактнойИнформации"];
    let composition = obmen_sim::onec::Composition::Sets(sets.map(str::to_owned).into());
    let settings = obmen_sim::onec::Settings { composition, ..base_settings() };
    let findings = block_on(World::of(settings, &objects(), change).client.check());
    let closed: Vec<(&str, &str)> =
        findings.iter().map(|finding| (finding.code, finding.details[0].1.as_str())).collect();
    assert_eq!(closed, [("check-onec-set-closed", LINKS)]);
}

fn world() -> World {
    World::of(base_settings(), &objects(), change)
}

fn base_settings() -> obmen_sim::onec::Settings {
    obmen_sim::onec::Settings { configuration: Product::Unf, ..Default::default() }
}

fn change(settings: &mut Settings) {
    settings.profile = Profile::unf();
}

fn objects() -> Vec<Json> {
    let mut phone = kind(PHONE, "Телефон", "ТелефонКонтрагента");
    phone["РазрешитьВводНесколькихЗначений"] = json!(false);
    let row = |number: &str, since: &str| {
        json!({"LineNumber": "1", "Тип": "Телефон", "Вид_Key": PHONE, "Представление": format!("+{number}"),
            "НомерТелефона": number, "ДействуетС": since})
    };
    let firm = |reference: &str, name: &str, sort: &str| {
        json!({"Ref_Key": reference, "DataVersion": "AAAAAAAAAAE=", "Description": name, "ВидКонтрагента": sort,
            "Ответственный_Key": EMPLOYEE, "Покупатель": true, "КонтактнаяИнформация": []})
    };
    let mut with_history = firm(FIRM, "Ромашка", "ЮридическоеЛицо");
    with_history["КонтактнаяИнформация"] =
        json!([row("74950000000", "2020-01-01T00:00:00"), row("74951234567", "2025-02-01T00:00:00")]);
    let mut closed = firm(CLOSED, "Закрытая", "ЮридическоеЛицо");
    closed["Недействителен"] = json!(true);
    [
        lines_of(
            "Catalog_ВидыКонтактнойИнформации",
            vec![
                phone,
                kind("c642d7b9-91f9-11e4-a7a9-000d884fd00d", "АдресЭлектроннойПочты", "EmailКонтрагента"),
                kind("a8975ce6-83a7-11e4-a7a9-000d884fd00d", "Телефон", "ТелефонКонтактногоЛица"),
                kind("f1f27411-f3ce-11e4-a7a9-000d884fd00d", "АдресЭлектроннойПочты", "EmailКонтактногоЛица"),
            ],
        ),
        lines_of(
            "ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения",
            vec![json!({"Ref_Key": ID_ATTRIBUTE, "Имя": "ИдентификаторБитрикс24"})],
        ),
        lines_of(
            "Catalog_Пользователи",
            vec![json!({"Ref_Key": USER, "Description": "Иванова", "КонтактнаяИнформация": [
                {"LineNumber": "1", "Тип": "АдресЭлектроннойПочты", "Вид_Key": PHONE, "Представление": "Ivanova@company.example"}]})],
        ),
        lines_of(
            "Catalog_Сотрудники",
            vec![
                json!({"Ref_Key": EMPLOYEE, "Description": "Иванова Анна"}),
                json!({"Ref_Key": OTHER_EMPLOYEE, "Description": "Петров Олег", "Недействителен": true}),
            ],
        ),
        lines_of("InformationRegister_СотрудникиПользователя", vec![json!({"Сотрудник_Key": EMPLOYEE, "Пользователь_Key": USER})]),
        lines_of(
            COUNTERPARTIES,
            vec![
                json!({"Ref_Key": FOLDER, "Description": "Покупатели", "IsFolder": true}),
                with_history,
                firm(OFFICE, "Администрация", "ГосударственныйОрган"),
                firm(PROPRIETOR, "Ли", "ИндивидуальныйПредприниматель"),
                closed,
                firm(CUSTOMER, "Иванов Иван Иванович", "ФизическоеЛицо"),
            ],
        ),
        lines_of(
            PERSONS,
            vec![
                json!({"Ref_Key": "00000000-0000-4000-8000-000000000003", "Description": "Все", "IsFolder": true}),
                json!({"Ref_Key": ANNA, "DataVersion": "AAAAAAAAAAE=", "Description": "Белова Анна Сергеевна", "Ответственный_Key": EMPLOYEE}),
                json!({"Ref_Key": GONE, "Description": "Бывший Клиент Иванович", "Недействителен": true}),
                json!({"Ref_Key": ALONE, "Description": "Одинцов Пётр Ильич"}),
            ],
        ),
        lines_of(
            LINKS,
            vec![
                link(FIRM, "2024-01-01T00:00:00", json!({"Должность": "Юрист"})),
                link(FIRM, "2026-03-01T11:00:00", json!({"Должность": "Юрист", "СвязьНедействительна": true})),
                link(OFFICE, "2025-01-01T00:00:00", json!({"Должность": "Директор", "Порядок": 1})),
                link(PROPRIETOR, "2023-01-01T00:00:00", json!({"Должность": "Советник", "Порядок": 2})),
            ],
        ),
    ]
    .concat()
}

fn link(company: &str, period: &str, resources: Json) -> Json {
    let mut record = json!({"Period": period, "Контрагент_Key": company, "Контакт_Key": ANNA});
    record.as_object_mut().unwrap().extend(resources.as_object().unwrap().clone());
    record
}

fn links_of(world: &World, person: &str) -> Vec<Json> {
    let dump = world.wire.base().dump();
    let links = dump["objects"][LINKS].as_array().unwrap().clone();
    links.into_iter().filter(|link| link["Контакт_Key"] == person).collect()
}

fn company(id: &str, entrepreneur: bool) -> Write {
    Write::Create {
        catalog: Catalog::Counterparty,
        source: RecordId::bitrix24(Kind::Company, id),
        party: Party::Organization(Organization {
            title: "Василёк".to_owned(),
            entrepreneur,
            manager: Some(UserId(EMPLOYEE.to_owned())),
            ..Organization::default()
        }),
    }
}

fn contact(id: &str, catalog: Catalog, employers: &[&str]) -> Write {
    Write::Create {
        catalog,
        source: RecordId::bitrix24(Kind::Contact, id),
        party: Party::Person(Person {
            name: PersonName::from_parts("Орлова", "Нина", "Павловна"),
            phones: phones("+7 912 555-44-33"),
            employers: employers.iter().map(|employer| RecordId::onec(Kind::Company, employer)).collect(),
            position: "Юрист".to_owned(),
            manager: Some(UserId(EMPLOYEE.to_owned())),
            ..Person::default()
        }),
    }
}

fn phones(text: &str) -> Vec<Phone> {
    let parsed = read_phones(text, &PhoneContext::new("RU", None).unwrap());
    parsed.into_iter().map(|phone| Point::known(phone.key, text)).collect()
}

fn keys(phones: &[Phone]) -> Vec<&str> {
    phones.iter().filter_map(|phone| phone.key.as_ref()).map(|key| key.as_str()).collect()
}

fn changed(field: Field, after: Value) -> FieldChange {
    FieldChange { field, before: Value::Text(String::new()), after, reason: ChangeReason::ChangedThere }
}

fn update(record: &Record, changes: Vec<FieldChange>) -> Write {
    Write::Update { record: Box::new(record.clone()), changes, mutual_id: None }
}

fn find<'a>(records: &'a [Record], reference: &str) -> &'a Record {
    records.iter().find(|record| record.id.id == reference).unwrap()
}
