//! Rows of contact information as a form writes them: presentation, search columns and the JSON value together.
//!
//! A phone is cut as the library cuts it: the first group of digits is the country, the second the area, the rest the
//! number, so that `8 495 …` gets the country 8.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::objects::{Base, Object, flag, reference, text};
use super::schema::EntitySet;
use super::value::Value;

const KINDS: &str = "Catalog_ВидыКонтактнойИнформации";
const PHONE: &str = "Телефон";
const FAX: &str = "Факс";
const EMAIL: &str = "АдресЭлектроннойПочты";
const WEB_PAGE: &str = "ВебСтраница";
const ADDRESS: &str = "Адрес";

/// Replaces the rows of a type by rows of these texts.
pub(crate) fn replaced(
    base: &Base,
    set: &EntitySet,
    rows: Vec<Value>,
    texts: &Value,
    contact_type: &str,
) -> Result<Vec<Value>, String> {
    let texts = texts.as_array().ok_or("contacts are given as a list")?;
    let (mut old, mut kept): (Vec<Value>, Vec<Value>) =
        rows.into_iter().partition(|row| row.get("Тип").and_then(Value::as_str) == Some(contact_type));
    for given in texts {
        let (shown, kind) = match given {
            Value::String(shown) => (shown.as_str(), None),
            other => (
                other.get("value").and_then(Value::as_str).ok_or("a contact has no value")?,
                other.get("kind").and_then(Value::as_str),
            ),
        };
        let same = |row: &Value| row.get("Представление").and_then(Value::as_str) == Some(shown);
        if let Some(at) = old.iter().position(same).filter(|_| kind.is_none()) {
            kept.push(old.swap_remove(at));
            continue;
        }
        let kind = kind_of(base, set, contact_type, kind)?;
        let mut row = columns(contact_type, shown);
        row.insert("Тип".to_owned(), Value::from(contact_type.to_owned()));
        row.insert("Вид_Key".to_owned(), Value::from(kind.to_string()));
        row.insert("Представление".to_owned(), Value::from(shown.to_owned()));
        row.insert("ЗначенияПолей".to_owned(), Value::from(String::new()));
        kept.push(Value::Object(row));
    }
    Ok(kept)
}

/// The row with the columns that a form would make of what it shows, if it has no value.
pub(crate) fn restore(row: &Value) -> Value {
    let mut row = row.as_object().cloned().unwrap_or_default();
    if text(&row, "Значение").is_empty() {
        let made = columns(text(&row, "Тип"), text(&row, "Представление"));
        row.extend(made);
    }
    Value::Object(row)
}

/// What a form writes beside the text that it shows.
fn columns(contact_type: &str, shown: &str) -> Object {
    match contact_type {
        PHONE | FAX => phone_columns(contact_type, shown),
        EMAIL => email_columns(shown),
        WEB_PAGE => web_page_columns(shown),
        ADDRESS => address_columns(shown),
        other => value_column(json!({ "version": 5, "value": shown, "comment": "", "type": other })),
    }
}

/// The named kind, else the one that the form offers first, else any of the type in the catalog's folder.
fn kind_of(base: &Base, set: &EntitySet, contact_type: &str, name: Option<&str>) -> Result<Uuid, String> {
    let offered = set.kinds.iter().find(|kind| kind.contact_type == contact_type).map(|kind| kind.name);
    let kinds = || base.table(KINDS).into_iter().flat_map(|table| table.ordered());
    let is_called = |kind: &Object, name: &str| {
        text(kind, "PredefinedDataName") == name || text(kind, "ИмяПредопределенногоВида") == name
    };
    if let Some(wanted) = name.or(offered)
        && let Some((key, _)) = kinds().find(|(_, kind)| is_called(kind, wanted))
    {
        return Ok(*key);
    }
    if let Some(name) = name {
        return Err(format!("there is no contact kind {name}"));
    }
    let folder = set.name.replacen("Catalog_", "Справочник", 1);
    let in_folder = |kind: &Object| {
        base.object(KINDS, reference(kind, "Parent_Key")).is_some_and(|parent| is_called(parent, &folder))
    };
    let found = kinds()
        .find(|(_, kind)| !flag(kind, "IsFolder") && text(kind, "Тип") == contact_type && in_folder(kind));
    found
        .map(|(key, _)| *key)
        .ok_or_else(|| format!("{} has no contact kind of type {contact_type}", set.name))
}

fn email_columns(shown: &str) -> Object {
    let domain = shown.rsplit_once('@').map_or("", |(_, domain)| domain);
    let mut row = value_column(json!({ "version": 5, "value": shown, "comment": "", "type": EMAIL }));
    row.insert("АдресЭП".to_owned(), Value::from(cut(shown, 100)));
    row.insert("ДоменноеИмяСервера".to_owned(), Value::from(cut(domain, 100)));
    row
}

/// The page without its protocol stands where a mailbox would.
fn web_page_columns(shown: &str) -> Object {
    let path = shown.split_once("://").map_or(shown, |(_, path)| path);
    let value = json!({ "version": 5, "value": shown, "comment": "", "type": WEB_PAGE, "name": "" });
    let mut row = value_column(value);
    row.insert("АдресЭП".to_owned(), Value::from(cut(path, 100)));
    row
}

/// Of a free text nothing is known but that the form offers Russia.
fn address_columns(shown: &str) -> Object {
    let mut row = value_column(json!({
        "version": 5, "value": shown, "comment": "", "type": ADDRESS,
        "country": "Россия", "countryCode": "643", "addressType": "ВСвободнойФорме",
    }));
    row.insert("Страна".to_owned(), Value::from("Россия".to_owned()));
    row
}

fn phone_columns(contact_type: &str, shown: &str) -> Object {
    let phone = parse_phone(shown);
    let whole = format!("{}{}{}", phone.country, phone.area, digits(&phone.number));
    let mut row = value_column(json!({
        "version": 5, "value": shown, "comment": phone.comment, "type": contact_type,
        "countryCode": phone.country, "areaCode": phone.area, "number": phone.number, "extNumber": phone.extension,
    }));
    row.insert("НомерТелефона".to_owned(), Value::from(cut(&whole, 20)));
    row.insert("НомерТелефонаБезКодов".to_owned(), Value::from(cut(&digits(&phone.number), 20)));
    row
}

#[expect(clippy::needless_pass_by_value, reason = "json!(…) reads better without an ampersand")]
fn value_column(value: Json) -> Object {
    Object::from_iter([("Значение", value.to_string())])
}

struct Phone {
    country: String,
    area: String,
    number: String,
    extension: String,
    comment: String,
}

fn parse_phone(shown: &str) -> Phone {
    let first_line = shown.split(['\n', ';']).next().unwrap_or(shown);
    let (main, rest) = match first_line.split_once("доб") {
        Some((main, rest)) => (main, rest.split_once(',').unwrap_or((rest, ""))),
        None => first_line.split_once(',').map_or((first_line, ("", "")), |(main, rest)| (main, ("", rest))),
    };
    let (extension, comment) = (digits(rest.0), rest.1.trim().to_owned());
    let main = main.split(',').next().unwrap_or(main);
    let mut groups = main.split(|one: char| !one.is_ascii_digit()).filter(|group| !group.is_empty());
    let (country, area) = (groups.next().unwrap_or(""), groups.next().unwrap_or(""));
    let rest: Vec<&str> = groups.collect();
    let all = digits(main);
    let (country, area, number) = match (rest.as_slice(), all.len()) {
        // One run of digits: the form takes a Russian number apart by position.
        ([], 11) => (&all[..1], &all[1..4], all[4..].to_owned()),
        ([], _) => ("", "", all.clone()),
        (rest, _) => (country, area, rest.join("-")),
    };
    Phone { country: country.to_owned(), area: area.to_owned(), number, extension, comment }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_cut_into_country_area_and_number() {
        for (shown, country, area, number, extension) in [
            ("+7 (495) 123-45-67, доб. 12", "7", "495", "123-45-67", "12"),
            ("8 495 123-45-67", "8", "495", "123-45-67", ""),
            ("+79566961896", "7", "956", "6961896", ""),
            ("123-45", "", "", "12345", ""),
            ("спросить Анну", "", "", "", ""),
        ] {
            let phone = parse_phone(shown);
            assert_eq!(
                (
                    phone.country.as_str(),
                    phone.area.as_str(),
                    phone.number.as_str(),
                    phone.extension.as_str()
                ),
                (country, area, number, extension),
                "{shown}"
            );
        }
    }

    #[test]
    fn the_search_column_holds_the_digits_of_all_parts() {
        let row = phone_columns(PHONE, "+7 (495) 123-45-67, доб. 12");
        assert_eq!(text(&row, "НомерТелефона"), "74951234567");
        assert_eq!(text(&row, "НомерТелефонаБезКодов"), "1234567");
    }
}
