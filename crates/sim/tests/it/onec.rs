//! The simulated infobase against the rules of the fact sheet.

mod acting;
mod attributes;
mod constants;
mod contacts;
mod duplicates;
mod errors;
mod exchange;
mod expanding;
mod extension;
mod filters;
mod functions;
mod gates;
mod handlers;
mod merging;
mod model;
mod numbers;
mod paging;
mod parties;
mod putting;
mod reading;
mod registers;
mod rights;
mod rows;
mod sessions;
mod unf;
mod ut11;
mod versions;
mod writing;

use jiff::Timestamp;
use obmen_sim::http::{Request, Response};
use obmen_sim::onec::{Infobase, Product, Settings};
use obmen_sim::world::World;
use serde_json::{Value, json};

pub(crate) const COUNTERPARTIES: &str = "Catalog_Контрагенты";
pub(crate) const PERSONS: &str = "Catalog_КонтактныеЛица";
pub(crate) const PHONE_KIND: &str = "50d8e675-d7da-11e4-a7a9-000d884fd00d";
pub(crate) const EMAIL_KIND: &str = "bc60374e-e0a4-11e4-a7a9-000d884fd00d";
pub(crate) const RUSSIA: &str = "26093578-c180-11e4-a7a9-000d884fd00d";
pub(crate) const FIRM: &str = "10000000-0000-0000-0000-000000000001";
pub(crate) const BRANCH: &str = "10000000-0000-0000-0000-000000000002";
pub(crate) const ANNA: &str = "20000000-0000-0000-0000-000000000001";
pub(crate) const ATTRIBUTE: &str = "7a10c000-1c01-11ef-9a3d-0050568b35ac";
pub(crate) const MANAGER: &str = "3f38e518-0a13-11e1-8000-0050568b35ac";

/// A base with a firm, its branch, its contact person and the catalogs they refer to.
pub(crate) fn infobase(settings: Settings) -> Infobase {
    let mut base = Infobase::new(settings);
    for (entity, object) in [
        ("Catalog_СтраныМира", json!({"Ref_Key": RUSSIA, "Code": "643", "Description": "РОССИЯ"})),
        ("Catalog_Пользователи", json!({"Ref_Key": MANAGER, "Description": "Петров Петр"})),
        (
            "Catalog_ВидыКонтактнойИнформации",
            json!({"Ref_Key": PHONE_KIND, "Тип": "Телефон", "PredefinedDataName": "ТелефонКонтрагента",
                   "РазрешитьВводНесколькихЗначений": true}),
        ),
        (
            "Catalog_ВидыКонтактнойИнформации",
            json!({"Ref_Key": EMAIL_KIND, "Тип": "АдресЭлектроннойПочты", "PredefinedDataName": "EmailКонтрагенты"}),
        ),
        (
            COUNTERPARTIES,
            json!({
                "Ref_Key": FIRM, "Code": "00-000007", "DataVersion": "AAAAAAAAAAI=", "Description": "Ромашка",
                "ИНН": "7701234560", "ЮридическоеФизическоеЛицо": "ЮридическоеЛицо", "СтранаРегистрации_Key": RUSSIA,
                "КонтактнаяИнформация": [
                    {"LineNumber": "1", "Тип": "Телефон", "Вид_Key": PHONE_KIND,
                     "Представление": "+7 (495) 123-45-67", "НомерТелефона": "74951234567"},
                ],
                "ДополнительныеРеквизиты": [
                    {"LineNumber": "1", "Свойство_Key": ATTRIBUTE, "Значение": "123", "Значение_Type": "Edm.String"},
                    {"LineNumber": "2", "Свойство_Key": MANAGER, "Значение": MANAGER,
                     "Значение_Type": "StandardODATA.Catalog_Пользователи"},
                ],
            }),
        ),
        (
            COUNTERPARTIES,
            json!({
                "Ref_Key": BRANCH, "Code": "00-000008", "Description": "Ромашка, филиал 'Юг'", "ИНН": "7701234560",
                "ОбособленноеПодразделение": true, "ГоловнойКонтрагент_Key": FIRM,
            }),
        ),
        (
            PERSONS,
            json!({
                "Ref_Key": ANNA, "Code": "00-000001", "Description": "Анна", "ОбъектВладелец": FIRM,
                "ОбъектВладелец_Type": "StandardODATA.Catalog_Контрагенты", "ДатаРождения": "1990-05-01T00:00:00",
            }),
        ),
        ("InformationRegister_Чужой", json!({"Period": "2026-01-01T00:00:00", "Контакт_Key": ANNA})),
    ] {
        base.load(&json!({"entity": entity, "object": object})).unwrap();
    }
    base
}

/// A base of this configuration with these objects alone.
pub(crate) fn of_product(product: Product, objects: &[(&str, Value)]) -> Infobase {
    let mut base = Infobase::new(Settings { configuration: product, ..Settings::default() });
    for (entity, object) in objects {
        base.load(&json!({"entity": entity, "object": object})).unwrap();
    }
    base
}

pub(crate) fn plain() -> Infobase {
    infobase(Settings::default())
}

pub(crate) fn now() -> Timestamp {
    "2026-03-01T06:30:00Z".parse().unwrap()
}

/// Sends a request below the interface with the right password, asking for JSON.
pub(crate) fn send(base: &mut Infobase, method: &str, path: &str, body: &Value) -> Response {
    send_with(base, method, path, body, &[("Accept", "application/json;odata=nometadata")])
}

pub(crate) fn send_with(
    base: &mut Infobase,
    method: &str,
    path: &str,
    body: &Value,
    headers: &[(&str, &str)],
) -> Response {
    let mut request = Request {
        method: method.to_owned(),
        target: format!("/base/odata/standard.odata{}", encoded(path)),
        // "obmen:secret"
        headers: vec![("authorization".to_owned(), "Basic b2JtZW46c2VjcmV0".to_owned())],
        body: if body.is_null() { vec![] } else { body.to_string().into_bytes() },
    };
    request.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    base.handle(now(), &request)
}

pub(crate) fn get(base: &mut Infobase, path: &str) -> Response {
    send(base, "GET", path, &Value::Null)
}

/// The body as JSON, of an answer with this status.
pub(crate) fn body(response: &Response, status: u16) -> Value {
    let text = String::from_utf8_lossy(&response.body);
    assert_eq!(response.status, status, "{text}");
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The rows of a set's answer.
pub(crate) fn rows(base: &mut Infobase, path: &str) -> Vec<Value> {
    body(&get(base, path), 200)["value"].as_array().unwrap().clone()
}

/// The `Ref_Key`s of a set's answer, in their order.
pub(crate) fn keys(base: &mut Infobase, path: &str) -> Vec<String> {
    rows(base, path).iter().map(|row| row["Ref_Key"].as_str().unwrap().to_owned()).collect()
}

/// The error code of an answer.
pub(crate) fn code(response: &Response) -> String {
    let text = String::from_utf8_lossy(&response.body).into_owned();
    let document: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    document["odata.error"]["code"].as_str().unwrap().to_owned()
}

/// The stored object, as the base dumps it.
pub(crate) fn stored(base: &Infobase, set: &str, key: &str) -> Value {
    let dump = base.dump();
    let objects = dump["objects"][set].as_array().unwrap();
    objects.iter().find(|object| object["Ref_Key"] == key).cloned().unwrap_or(Value::Null)
}

pub(crate) fn entity(set: &str, key: &str) -> String {
    format!("/{set}(guid'{key}')")
}

/// Percent-encodes what a URL cannot carry.
fn encoded(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'%' | b'#' | b'"');
    path.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
