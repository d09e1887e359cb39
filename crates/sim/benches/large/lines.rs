//! Load lines of made-up customers, one at a time, with the fields that `population` gives them.
//!
//! Not drawn by `population`, which holds all lines of both bases in memory. Everything follows from an ordinal.

use serde_json::{Value, json};
use uuid::Uuid;

const FIRST: [&str; 8] = ["Анна", "Иван", "Екатерина", "Пётр", "Ольга", "Александр", "Мария", "Дмитрий"];
const LAST: [&str; 8] =
    ["Иванова", "Смирнов", "Кузнецова", "Попов", "Преображенская", "Соколов", "Лебедева", "Козлов"];
const MIDDLE: [&str; 4] = ["Сергеевна", "Александрович", "Владимировна", "Петрович"];

/// The moment at which the ordinal was changed last: one a minute, so that ids and dates grow together.
pub(crate) fn changed(ordinal: u64) -> jiff::Timestamp {
    let first: jiff::Timestamp = "2020-01-01T00:00:00Z".parse().expect("a date");
    first + jiff::SignedDuration::from_mins(ordinal.cast_signed())
}

/// The reference of the counterparty.
pub(crate) fn reference(ordinal: u64) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("counterparty/{ordinal}").as_bytes())
}

pub(crate) fn contact(ordinal: u64, companies: u64) -> Value {
    let mut line = card(ordinal);
    line["entity"] = json!("contact");
    line["NAME"] = json!(pick(&FIRST, ordinal));
    line["SECOND_NAME"] = json!(pick(&MIDDLE, ordinal / 3));
    line["LAST_NAME"] = json!(pick(&LAST, ordinal / 7));
    line["POST"] = json!("Менеджер по закупкам");
    line["TYPE_ID"] = json!("CLIENT");
    line["SOURCE_ID"] = json!("CALL");
    line["BIRTHDATE"] =
        json!(format!("19{:02}-{:02}-{:02}", 50 + ordinal % 50, 1 + ordinal % 12, 1 + ordinal % 28));
    line["COMPANY_ID"] = json!((1 + ordinal % companies.max(1)).to_string());
    line["ORIGINATOR_ID"] = json!("1C");
    line["ORIGIN_ID"] = json!(reference(ordinal).to_string());
    line
}

pub(crate) fn company(ordinal: u64) -> Value {
    let mut line = card(ordinal);
    line["entity"] = json!("company");
    line["TITLE"] = json!(format!("ООО \"Северная звезда {ordinal}\""));
    line["COMPANY_TYPE"] = json!("CUSTOMER");
    line
}

/// What contacts and companies have alike: a manager, dates, two phones, a mailbox, an INN.
fn card(ordinal: u64) -> Value {
    let row = 3 * ordinal;
    let changed = changed(ordinal).to_string();
    json!({
        "ID": ordinal.to_string(), "OPENED": "Y", "COMMENTS": "", "ASSIGNED_BY_ID": (2 + ordinal % 10).to_string(),
        "CREATED_BY_ID": "2", "DATE_CREATE": changed, "DATE_MODIFY": changed, "UF_CRM_INN": inn(ordinal),
        "PHONE": [
            {"ID": row.to_string(), "TYPE_ID": "PHONE", "VALUE_TYPE": "MOBILE", "VALUE": printed(ordinal)},
            {"ID": (row + 1).to_string(), "TYPE_ID": "PHONE", "VALUE_TYPE": "WORK", "VALUE": printed(ordinal + 700_000)},
        ],
        "EMAIL": [
            {"ID": (row + 2).to_string(), "TYPE_ID": "EMAIL", "VALUE_TYPE": "WORK", "VALUE": email(ordinal)},
        ],
    })
}

pub(crate) fn counterparty(ordinal: u64) -> Value {
    let key = reference(ordinal).to_string();
    let name = format!("Общество с ограниченной ответственностью \"Северная звезда {ordinal}\"");
    let kind = |name: &str| Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string();
    json!({"entity": "Catalog_Контрагенты", "object": {
        "Ref_Key": key, "Code": format!("{:02}-{:06}", ordinal / 1_000_000, ordinal % 1_000_000),
        "DataVersion": "AAAAAAAAAAE=", "Description": format!("Северная звезда {ordinal} ООО"),
        "НаименованиеПолное": name, "ЮридическоеФизическоеЛицо": "ЮридическоеЛицо", "ИНН": inn(ordinal),
        "КПП": "770101001", "РегистрационныйНомер": format!("{:013}", 1_027_700_000_000 + ordinal),
        "Parent_Key": kind("folder"), "ГоловнойКонтрагент_Key": key, "СтранаРегистрации_Key": kind("Россия"),
        "КонтактнаяИнформация": [
            phone_row(1, &kind("phone"), ordinal), phone_row(2, &kind("phone"), ordinal + 700_000),
            email_row(3, &kind("email"), &email(ordinal)),
        ],
        "ДополнительныеРеквизиты": [{
            "LineNumber": "1", "Свойство_Key": kind("manager"), "Значение": kind("user"),
            "Значение_Type": "StandardODATA.Catalog_Пользователи",
        }],
    }})
}

fn phone_row(line: u32, kind: &str, ordinal: u64) -> Value {
    let text = printed(ordinal);
    let local = format!("{:07}", ordinal % 10_000_000);
    let value = format!(
        "{{\"version\": 5, \"value\": \"{text}\", \"comment\": \"\", \"type\": \"Телефон\", \"countryCode\": \"7\", \
         \"areaCode\": \"912\", \"number\": \"{local}\", \"extNumber\": \"\"}}"
    );
    json!({
        "LineNumber": line.to_string(), "Тип": "Телефон", "Вид_Key": kind, "Представление": text,
        "НомерТелефона": format!("7912{local}"), "НомерТелефонаБезКодов": local, "Значение": value,
    })
}

fn email_row(line: u32, kind: &str, email: &str) -> Value {
    let value = format!(
        "{{\"version\": 5, \"value\": \"{email}\", \"comment\": \"\", \"type\": \"АдресЭлектроннойПочты\"}}"
    );
    json!({
        "LineNumber": line.to_string(), "Тип": "АдресЭлектроннойПочты", "Вид_Key": kind, "Представление": email,
        "АдресЭП": email, "ДоменноеИмяСервера": "mail.example", "Значение": value,
    })
}

fn printed(ordinal: u64) -> String {
    let local = ordinal % 10_000_000;
    format!("+7 (912) {:03}-{:02}-{:02}", local / 10_000, local / 100 % 100, local % 100)
}

fn email(ordinal: u64) -> String {
    format!("customer.{ordinal}@mail.example")
}

pub(crate) fn inn(ordinal: u64) -> String {
    format!("{:010}", 7_700_000_000 + ordinal)
}

fn pick<'a>(words: &[&'a str], ordinal: u64) -> &'a str {
    words[usize::try_from(ordinal).expect("ordinals are small") % words.len()]
}
