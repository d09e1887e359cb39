//! A small simulated base of «Управление нашей фирмой», and writes to it.

use obmen_domain::party::{Organization, Party, UserId};
use obmen_domain::record::{Catalog, Kind, RecordId};
use obmen_engine::ports::Write;
use obmen_onec::{Profile, Settings};
use obmen_sim::onec::Product;
use obmen_sim::world::World as _;
use serde_json::{Value as Json, json};

use crate::infobase::{World, kind, lines_of};
use crate::writes::person;
pub(crate) use crate::writes::{changed, find, keys, phones, update};

pub(crate) const COUNTERPARTIES: &str = "Catalog_Контрагенты";
pub(crate) const PERSONS: &str = "Catalog_КонтактныеЛица";
pub(crate) const LINKS: &str = "InformationRegister_СвязиКонтрагентКонтакт";
pub(crate) const ID_ATTRIBUTE: &str = "7a10c000-1c02-11ef-9a3d-0050568b35ac";
pub(crate) const PHONE: &str = "271f381e-f234-11e4-a7a9-000d884fd00d";
pub(crate) const FOLDER: &str = "00000000-0000-4000-8000-000000000002";
pub(crate) const FIRM: &str = "10000000-0000-4000-8000-000000000001";
pub(crate) const OFFICE: &str = "10000000-0000-4000-8000-000000000002";
pub(crate) const PROPRIETOR: &str = "10000000-0000-4000-8000-000000000003";
pub(crate) const CLOSED: &str = "10000000-0000-4000-8000-000000000004";
pub(crate) const CUSTOMER: &str = "20000000-0000-4000-8000-000000000001";
pub(crate) const ANNA: &str = "30000000-0000-4000-8000-000000000001";
pub(crate) const GONE: &str = "30000000-0000-4000-8000-000000000002";
pub(crate) const ALONE: &str = "30000000-0000-4000-8000-000000000003";
pub(crate) const USER: &str = "50000000-0000-4000-8000-000000000001";
pub(crate) const EMPLOYEE: &str = "60000000-0000-4000-8000-000000000001";
pub(crate) const OTHER_EMPLOYEE: &str = "60000000-0000-4000-8000-000000000002";

pub(crate) fn world() -> World {
    World::of(base_settings(), &objects(), change)
}

pub(crate) fn base_settings() -> obmen_sim::onec::Settings {
    obmen_sim::onec::Settings { configuration: Product::Unf, ..Default::default() }
}

pub(crate) fn change(settings: &mut Settings) {
    settings.profile = Profile::unf();
}

pub(crate) fn objects() -> Vec<Json> {
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
                link(FIRM, "2024-01-01T00:00:00", &json!({"Должность": "Юрист"})),
                link(FIRM, "2026-03-01T11:00:00", &json!({"Должность": "Юрист", "СвязьНедействительна": true})),
                link(OFFICE, "2025-01-01T00:00:00", &json!({"Должность": "Директор", "Порядок": 1})),
                link(PROPRIETOR, "2023-01-01T00:00:00", &json!({"Должность": "Советник", "Порядок": 2})),
            ],
        ),
    ]
    .concat()
}

pub(crate) fn link(company: &str, period: &str, resources: &Json) -> Json {
    let mut record = json!({"Period": period, "Контрагент_Key": company, "Контакт_Key": ANNA});
    record.as_object_mut().unwrap().extend(resources.as_object().unwrap().clone());
    record
}

pub(crate) fn links_of(world: &World, person: &str) -> Vec<Json> {
    let dump = world.wire.base().dump();
    let links = dump["objects"][LINKS].as_array().unwrap().clone();
    links.into_iter().filter(|link| link["Контакт_Key"] == person).collect()
}

pub(crate) fn company(id: &str, entrepreneur: bool) -> Write {
    Write::Create {
        catalog: Catalog::Counterparty,
        revives: None,
        source: RecordId::bitrix24(Kind::Company, id),
        party: Box::new(Party::Organization(Organization {
            title: "Василёк".to_owned(),
            entrepreneur,
            manager: Some(UserId(EMPLOYEE.to_owned())),
            ..Organization::default()
        })),
    }
}

pub(crate) fn contact(id: &str, catalog: Catalog, employers: &[&str]) -> Write {
    person(id, catalog, employers, Some(EMPLOYEE))
}
