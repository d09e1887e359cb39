//! A small simulated base of «Управление торговлей», and writes to it.

use obmen_domain::party::{Field, Organization, Party, UserId, Value};
use obmen_domain::plan::FieldChange;
use obmen_domain::record::{Catalog, Kind, Record, RecordId};
use obmen_engine::ports::Write;
use obmen_onec::{Profile, Settings};
use obmen_sim::onec::Product;
use serde_json::{Value as Json, json};

use crate::infobase::{World, kind, lines_of};
use crate::writes::person;
pub(crate) use crate::writes::{changed, find, keys, phones, update};

pub(crate) const COUNTERPARTIES: &str = "Catalog_Контрагенты";
pub(crate) const PARTNERS: &str = "Catalog_Партнеры";
pub(crate) const PERSONS: &str = "Catalog_КонтактныеЛицаПартнеров";
pub(crate) const ID_ATTRIBUTE: &str = "7a10c000-1c02-11ef-9a3d-0050568b35ac";
pub(crate) const PHONE: &str = "271f381e-f234-11e4-a7a9-000d884fd00d";
pub(crate) const PARTNER_PHONE: &str = "271f381e-f234-11e4-a7a9-000d884fd00e";
pub(crate) const FIRM: &str = "10000000-0000-4000-8000-000000000001";
pub(crate) const BRANCH: &str = "10000000-0000-4000-8000-000000000002";
pub(crate) const LOOSE: &str = "10000000-0000-4000-8000-000000000003";
pub(crate) const OURS: &str = "10000000-0000-4000-8000-000000000004";
pub(crate) const CUSTOMER: &str = "20000000-0000-4000-8000-000000000001";
pub(crate) const PARTNER: &str = "70000000-0000-4000-8000-000000000001";
pub(crate) const PRIVATE: &str = "70000000-0000-4000-8000-000000000002";
pub(crate) const NOBODY: &str = "70000000-0000-4000-8000-000000000008";
pub(crate) const OURSELVES: &str = "70000000-0000-4000-8000-000000000009";
pub(crate) const ANNA: &str = "30000000-0000-4000-8000-000000000001";
pub(crate) const FRIEND: &str = "30000000-0000-4000-8000-000000000002";
pub(crate) const COLLEAGUE: &str = "30000000-0000-4000-8000-000000000003";
pub(crate) const GROUP: &str = "80000000-0000-4000-8000-000000000001";
pub(crate) const USER: &str = "50000000-0000-4000-8000-000000000001";
pub(crate) const OURSELF: &str = "50000000-0000-4000-8000-000000000009";
pub(crate) const OTHER_USER: &str = "50000000-0000-4000-8000-000000000002";

pub(crate) fn world() -> World {
    World::of(base_settings(), &objects(), change)
}

pub(crate) fn base_settings() -> obmen_sim::onec::Settings {
    obmen_sim::onec::Settings { configuration: Product::Ut11, ..Default::default() }
}

pub(crate) fn change(settings: &mut Settings) {
    settings.profile = Profile::ut11();
    settings.new_folder = String::new();
}

pub(crate) fn objects() -> Vec<Json> {
    let phone = |kind: &str, shown: &str, digits: &str| json!({"LineNumber": "1", "Тип": "Телефон", "Вид_Key": kind, "Представление": shown, "НомерТелефона": digits});
    [
        lines_of(
            "Catalog_ВидыКонтактнойИнформации",
            vec![
                kind(PHONE, "Телефон", "ТелефонКонтрагента"),
                kind("c642d7b9-91f9-11e4-a7a9-000d884fd00d", "АдресЭлектроннойПочты", "EmailКонтрагента"),
                kind(PARTNER_PHONE, "Телефон", "ТелефонПартнера"),
                kind("c642d7b9-91f9-11e4-a7a9-000d884fd00e", "АдресЭлектроннойПочты", "EmailПартнера"),
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
            vec![
                json!({"Ref_Key": USER, "Description": "Иванова Анна"}),
                json!({"Ref_Key": OTHER_USER, "Description": "Петров Олег"}),
            ],
        ),
        lines_of(
            PARTNERS,
            vec![
                json!({"Ref_Key": PARTNER, "DataVersion": "AAAAAAAAAAE=", "Description": "Ромашка", "НаименованиеПолное": "ООО Ромашка",
                    "ЮрФизЛицо": "Компания", "Клиент": true, "ОсновнойМенеджер_Key": USER, "КонтактнаяИнформация": [
                        phone(PARTNER_PHONE, "8 (495) 123-45-67", "84951234567"),
                        phone(PARTNER_PHONE, "+7 912 000-00-01", "79120000001")]}),
                json!({"Ref_Key": PRIVATE, "DataVersion": "AAAAAAAAAAE=", "Description": "Иванов Иван Иванович", "ЮрФизЛицо": "ЧастноеЛицо",
                    "КонтактнаяИнформация": [phone(PARTNER_PHONE, "+7 912 345-67-89", "79123456789")]}),
                json!({"Ref_Key": NOBODY, "Description": "Неизвестный партнер", "Predefined": true, "PredefinedDataName": "НеизвестныйПартнер",
                    "КонтактнаяИнформация": [phone(PARTNER_PHONE, "+7 912 000-00-08", "79120000008")]}),
                json!({"Ref_Key": OURSELVES, "Description": "Наше предприятие", "Predefined": true, "PredefinedDataName": "НашеПредприятие"}),
            ],
        ),
        lines_of(
            COUNTERPARTIES,
            vec![
                json!({"Ref_Key": FIRM, "DataVersion": "AAAAAAAAAAE=", "Description": "Ромашка", "НаименованиеПолное": "ООО Ромашка",
                    "ЮрФизЛицо": "ЮрЛицо", "ИНН": "7701234560", "КПП": "770101001", "Партнер_Key": PARTNER,
                    "КонтактнаяИнформация": [phone(PHONE, "+7 (495) 123-45-67", "74951234567")]}),
                json!({"Ref_Key": BRANCH, "Description": "Ромашка Тверь", "ЮрФизЛицо": "ЮрЛицо", "ИНН": "7701234560", "КПП": "690143001",
                    "ОбособленноеПодразделение": true, "ГоловнойКонтрагент_Key": FIRM, "Партнер_Key": PARTNER}),
                json!({"Ref_Key": LOOSE, "Description": "Лютик", "ЮрФизЛицо": "ЮрЛицо", "ИНН": "5017002196", "Партнер_Key": NOBODY}),
                json!({"Ref_Key": OURS, "Description": "Наша фирма", "ЮрФизЛицо": "ЮрЛицо", "Партнер_Key": OURSELVES}),
                json!({"Ref_Key": CUSTOMER, "Description": "Иванов Иван Иванович", "ЮрФизЛицо": "ФизЛицо", "Партнер_Key": PRIVATE}),
            ],
        ),
        lines_of(
            PERSONS,
            vec![
                json!({"Ref_Key": ANNA, "Description": "Белова Анна Сергеевна", "Owner_Key": PARTNER, "ДолжностьПоВизитке": "Инженер"}),
                json!({"Ref_Key": FRIEND, "Description": "Друг Ивана Петрович", "Owner_Key": PRIVATE}),
                json!({"Ref_Key": COLLEAGUE, "Description": "Свой Человек Иванович", "Owner_Key": OURSELVES}),
            ],
        ),
    ]
    .concat()
}

pub(crate) fn company(id: &str) -> Write {
    Write::Create {
        catalog: Catalog::Counterparty,
        revives: None,
        source: RecordId::bitrix24(Kind::Company, id),
        party: Box::new(Party::Organization(Organization {
            title: "Василёк".to_owned(),
            legal_name: "ООО Василёк".to_owned(),
            inn: "7701234560".to_owned(),
            phones: phones(&["84957654321"]),
            manager: Some(UserId(USER.to_owned())),
            ..Organization::default()
        })),
    }
}

pub(crate) fn contact(id: &str, catalog: Catalog, employers: &[&str]) -> Write {
    person(id, catalog, employers, None)
}

pub(crate) fn kpp(text: &str) -> FieldChange {
    changed(Field::Kpp, Value::Text(text.to_owned()))
}

pub(crate) fn ids(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.id.id.as_str()).collect()
}
