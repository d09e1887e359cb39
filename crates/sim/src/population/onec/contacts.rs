//! Rows of contact information, filled the way 1C's own forms fill them.
//!
//! All derived columns agree with each other and with the JSON of `Значение`.

use serde_json::{Value, json};

use super::catalogs::KindKeys;
use crate::population::cast::Keys;
use crate::population::draw::Draw;
use crate::population::numbers::{Spelling, spell_phone, split_phone};

const STREETS: [&str; 12] = [
    "Садовая",
    "Заводская",
    "Полевая",
    "Лесная",
    "Набережная",
    "Школьная",
    "Цветочная",
    "Вокзальная",
    "Рябиновая",
    "Строителей",
    "Мира",
    "Юбилейная",
];

/// The tabular section under construction.
#[derive(Debug, Default)]
pub(super) struct Rows(Vec<Value>);

impl Rows {
    /// Adds phones and mailboxes; city numbers go to the kind for work phones where the catalog has one.
    pub(super) fn add_all(&mut self, keys: &Keys, kinds: KindKeys<'_>, draw: &mut Draw) {
        for &phone in &keys.phones {
            let kind = if phone >= 9_000_000_000 { kinds.phone } else { kinds.work_phone };
            let spelling = match draw.below(100) {
                0..65 => Spelling::Printed,
                65..85 => Spelling::Domestic,
                _ => Spelling::Compact,
            };
            self.add_phone(kind, phone, spelling);
        }
        for email in &keys.emails {
            self.add_email(kinds.email, email);
        }
    }

    /// Adds an address in free form.
    pub(super) fn add_address(&mut self, kind: &str, city: &str, draw: &mut Draw) {
        let street = draw.pick(&STREETS);
        let text = format!("г {city}, ул {street}, д {}", 1 + draw.below(120));
        let value = format!(
            "{{\"version\": 5, \"value\": \"{text}\", \"comment\": \"\", \"type\": \"Адрес\", \
             \"country\": \"РОССИЯ\", \"countryCode\": \"643\", \"addressType\": \"ВСвободнойФорме\"}}"
        );
        self.0.push(json!({
            "LineNumber": self.next_line(), "Тип": "Адрес", "Вид_Key": kind, "Представление": text,
            "Страна": "РОССИЯ", "Значение": value,
        }));
    }

    pub(super) fn into_value(self) -> Value {
        Value::Array(self.0)
    }

    fn add_phone(&mut self, kind: &str, phone: u64, spelling: Spelling) {
        let (area, number) = split_phone(phone);
        let country = if spelling == Spelling::Domestic { "8" } else { "7" };
        let local = number.replace('-', "");
        let text = spell_phone(phone, spelling);
        let value = format!(
            "{{\"version\": 5, \"value\": \"{text}\", \"comment\": \"\", \"type\": \"Телефон\", \
             \"countryCode\": \"{country}\", \"areaCode\": \"{area}\", \"number\": \"{number}\", \"extNumber\": \"\"}}"
        );
        self.0.push(json!({
            "LineNumber": self.next_line(), "Тип": "Телефон", "Вид_Key": kind, "Представление": text,
            "НомерТелефона": format!("{country}{area}{local}"), "НомерТелефонаБезКодов": local,
            "Значение": value,
        }));
    }

    pub(super) fn add_email(&mut self, kind: &str, email: &str) {
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
        let value = format!(
            "{{\"version\": 5, \"value\": \"{email}\", \"comment\": \"\", \"type\": \"АдресЭлектроннойПочты\"}}"
        );
        self.0.push(json!({
            "LineNumber": self.next_line(), "Тип": "АдресЭлектроннойПочты", "Вид_Key": kind,
            "Представление": email, "АдресЭП": email, "ДоменноеИмяСервера": domain, "Значение": value,
        }));
    }

    fn next_line(&self) -> String {
        (self.0.len() + 1).to_string()
    }
}
