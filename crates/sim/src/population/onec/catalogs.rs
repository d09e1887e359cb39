//! What other objects refer to: kinds of contact information, countries, additional attributes, users, folders.
//!
//! References differ from seed to seed, as they differ from infobase to infobase.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::COUNTERPARTIES;
use super::contacts::Rows;
use crate::population::cast::{USERS, User};
use crate::population::draw::reference;

const KINDS_CATALOG: &str = "Catalog_ВидыКонтактнойИнформации";
const ATTRIBUTES_CATALOG: &str = "ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения";
const EMPTY: &str = "00000000-0000-0000-0000-000000000000";
const FOLDERS: [&str; 3] = ["Покупатели", "Поставщики", "Розничные"];

/// Predefined name, title, type, whether a party may have several.
type Kind = (&'static str, &'static str, &'static str, bool);

const COUNTERPARTY_KINDS: [Kind; 5] = [
    ("ТелефонКонтрагента", "Телефон", "Телефон", true),
    ("EmailКонтрагенты", "Email", "АдресЭлектроннойПочты", true),
    ("ФаксКонтрагенты", "Факс", "Факс", false),
    ("ЮрАдресКонтрагента", "Юридический адрес", "Адрес", false),
    ("ФактАдресКонтрагента", "Фактический адрес", "Адрес", false),
];
const CONTACT_PERSON_KINDS: [Kind; 3] = [
    ("ТелефонМобильныйКонтактныеЛица", "Мобильный телефон", "Телефон", false),
    ("ТелефонРабочийКонтактныеЛица", "Рабочий телефон", "Телефон", false),
    ("EmailКонтактныеЛица", "Email", "АдресЭлектроннойПочты", true),
];
const INDIVIDUAL_KINDS: [Kind; 4] = [
    ("ТелефонМобильныйФизическиеЛица", "Мобильный телефон", "Телефон", false),
    ("ТелефонРабочийФизическиеЛица", "Рабочий телефон", "Телефон", false),
    ("EMailФизическиеЛица", "Email", "АдресЭлектроннойПочты", true),
    ("АдресПоПропискеФизическиеЛица", "Адрес по прописке", "Адрес", false),
];
const USER_KINDS: [Kind; 2] = [
    ("ТелефонПользователя", "Телефон", "Телефон", true),
    ("EmailПользователя", "Email", "АдресЭлектроннойПочты", true),
];
/// Folder's predefined name, catalog, kinds.
const KIND_FOLDERS: [(&str, &str, &[Kind]); 4] = [
    ("СправочникКонтрагенты", "Контрагенты", &COUNTERPARTY_KINDS),
    ("СправочникКонтактныеЛица", "КонтактныеЛица", &CONTACT_PERSON_KINDS),
    ("СправочникФизическиеЛица", "ФизическиеЛица", &INDIVIDUAL_KINDS),
    ("СправочникПользователи", "Пользователи", &USER_KINDS),
];
const COUNTRIES: [(&str, &str, &str, &str, &str); 3] = [
    ("643", "РОССИЯ", "Российская Федерация", "RU", "RUS"),
    ("398", "КАЗАХСТАН", "Республика Казахстан", "KZ", "KAZ"),
    ("112", "БЕЛАРУСЬ", "Республика Беларусь", "BY", "BLR"),
];

/// The references, computed once.
#[derive(Debug)]
pub(in crate::population) struct Catalogs {
    seed: u64,
    counterparty: [String; 3],
    contact_person: [String; 3],
    individual: [String; 3],
    folders: [String; 3],
    russia: String,
    manager_attribute: String,
    users: Vec<String>,
}

/// The kinds a catalog's phones and mailboxes are kept under.
#[derive(Clone, Copy, Debug)]
pub(in crate::population) struct KindKeys<'a> {
    pub(in crate::population) phone: &'a str,
    pub(in crate::population) work_phone: &'a str,
    pub(in crate::population) email: &'a str,
}

impl Catalogs {
    pub(in crate::population) fn new(seed: u64) -> Self {
        let kind = |name: &str| kind_reference(seed, name);
        Self {
            seed,
            counterparty: [kind("ТелефонКонтрагента"), kind("EmailКонтрагенты"), kind("ЮрАдресКонтрагента")],
            contact_person: CONTACT_PERSON_KINDS.map(|(name, ..)| kind(name)),
            individual: [0, 1, 2].map(|index| kind(INDIVIDUAL_KINDS[index].0)),
            folders: [0, 1, 2].map(|ordinal| reference(seed, "folder", ordinal)),
            russia: reference(seed, "country", 0),
            manager_attribute: reference(seed, "attribute", 0),
            users: (0..USERS).map(|ordinal| reference(seed, "user", ordinal)).collect(),
        }
    }

    pub(in crate::population) fn counterparty(&self) -> KindKeys<'_> {
        let [phone, email, _] = &self.counterparty;
        KindKeys { phone, work_phone: phone, email }
    }

    pub(in crate::population) fn counterparty_address(&self) -> &str {
        &self.counterparty[2]
    }

    pub(in crate::population) fn contact_person(&self) -> KindKeys<'_> {
        let [phone, work_phone, email] = &self.contact_person;
        KindKeys { phone, work_phone, email }
    }

    pub(in crate::population) fn individual(&self) -> KindKeys<'_> {
        let [phone, work_phone, email] = &self.individual;
        KindKeys { phone, work_phone, email }
    }

    /// The folder with this title, or the root.
    pub(in crate::population) fn folder(&self, title: &str) -> &str {
        let index = FOLDERS.iter().position(|folder| *folder == title);
        index.map_or(EMPTY, |index| &self.folders[index])
    }

    pub(in crate::population) fn russia(&self) -> &str {
        &self.russia
    }

    pub(in crate::population) fn manager_attribute(&self) -> &str {
        &self.manager_attribute
    }

    pub(in crate::population) fn user(&self, index: usize) -> &str {
        &self.users[index]
    }

    pub(in crate::population) fn lines(&self, users: &[User]) -> Vec<Value> {
        let mut lines = Vec::new();
        for (folder, catalog, kinds) in KIND_FOLDERS {
            let parent = kind_reference(self.seed, folder);
            lines.push(kind_folder(&parent, folder, catalog));
            lines.extend(kinds.iter().map(|kind| kind_line(self.seed, &parent, kind)));
        }
        for (ordinal, country) in (0..).zip(COUNTRIES) {
            lines.push(country_line(&reference(self.seed, "country", ordinal), country));
        }
        lines.push(attribute_line(
            &self.manager_attribute,
            "Ответственный менеджер",
            "ОтветственныйМенеджер",
            "Catalog_Пользователи",
        ));
        let id_attribute = reference(self.seed, "attribute", 1);
        lines.push(attribute_line(
            &id_attribute,
            "Идентификатор Битрикс24",
            "ИдентификаторБитрикс24",
            "String",
        ));
        lines.extend((0..).zip(users).map(|(ordinal, user)| self.user_line(ordinal, user)));
        lines.push(json!({"entity": COUNTERPARTIES, "object": {
            "Ref_Key": reference(self.seed, "retail", 0), "Code": "00-000001",
            "Description": "Розничный покупатель", "Predefined": true, "PredefinedDataName": "РозничныйПокупатель",
        }}));
        for (index, (title, folder)) in FOLDERS.iter().zip(&self.folders).enumerate() {
            lines.push(json!({"entity": COUNTERPARTIES, "object": {
                "Ref_Key": folder, "Code": format!("00-{:06}", index + 2), "Description": title,
                "IsFolder": true, "DataVersion": data_version(1),
            }}));
        }
        lines
    }

    fn user_line(&self, ordinal: u64, user: &User) -> Value {
        let mut rows = Rows::default();
        rows.add_email(&kind_reference(self.seed, "EmailПользователя"), &user.email);
        let index = usize::try_from(ordinal).expect("a dozen");
        json!({"entity": "Catalog_Пользователи", "object": {
            "Ref_Key": self.user(index), "Description": user.name.whole(), "Недействителен": false,
            "Подготовлен": true, "ИдентификаторПользователяИБ": reference(self.seed, "login", ordinal),
            "DataVersion": data_version(2), "КонтактнаяИнформация": rows.into_value(),
        }})
    }
}

/// A version as OData shows it: eight bytes in base64.
pub(in crate::population) fn data_version(version: u64) -> String {
    STANDARD.encode(version.to_be_bytes())
}

fn kind_reference(seed: u64, predefined_name: &str) -> String {
    reference(seed, predefined_name, 0)
}

fn kind_folder(reference: &str, predefined_name: &str, catalog: &str) -> Value {
    json!({"entity": KINDS_CATALOG, "object": {
        "Ref_Key": reference, "IsFolder": true, "Predefined": true, "Используется": true,
        "Description": format!("Контактная информация справочника \"{catalog}\""),
        "ИмяПредопределенногоВида": predefined_name, "PredefinedDataName": predefined_name,
    }})
}

fn kind_line(seed: u64, parent: &str, (predefined_name, title, value_type, several): &Kind) -> Value {
    json!({"entity": KINDS_CATALOG, "object": {
        "Ref_Key": kind_reference(seed, predefined_name), "Parent_Key": parent, "Description": title,
        "Тип": value_type, "ИмяПредопределенногоВида": predefined_name, "PredefinedDataName": predefined_name,
        "Predefined": true, "Используется": true, "РазрешитьВводНесколькихЗначений": several,
        "ИдентификаторДляФормул": title.replace(' ', ""),
    }})
}

fn country_line(
    reference: &str,
    (code, name, full, alpha2, alpha3): (&str, &str, &str, &str, &str),
) -> Value {
    let predefined = code == "643";
    json!({"entity": "Catalog_СтраныМира", "object": {
        "Ref_Key": reference, "Code": code, "Description": name, "НаименованиеПолное": full,
        "КодАльфа2": alpha2, "КодАльфа3": alpha3, "Predefined": predefined,
        "PredefinedDataName": if predefined { "Россия" } else { "" },
    }})
}

fn attribute_line(reference: &str, title: &str, name: &str, value_type: &str) -> Value {
    json!({"entity": ATTRIBUTES_CATALOG, "object": {
        "Ref_Key": reference, "Description": format!("{title} (Контрагенты)"), "Заголовок": title, "Имя": name,
        "ИдентификаторДляФормул": title.replace(' ', ""), "Виден": true, "Доступен": true,
        "ValueType": {"Types": [value_type]},
    }})
}
