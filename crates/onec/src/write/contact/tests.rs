//! Contact rows before and after, for wanted phones and mailboxes.

use std::collections::BTreeMap;

use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::phone::{PhoneContext, read_phones};
use obmen_domain::party::PointKind;
use obmen_domain::record::Catalog;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::facts::{CountryName, Facts};
use crate::profile::Profile;

const MOBILE: Uuid = Uuid::from_u128(1);
const WORK: Uuid = Uuid::from_u128(2);
const MAIL: Uuid = Uuid::from_u128(3);
const ADDRESS: Uuid = Uuid::from_u128(7);
const USERS_OWN: Uuid = Uuid::from_u128(9);

#[test]
fn a_new_phone_gets_a_row_as_1c_writes_it() {
    let rows = check_phones(&[], &["+7 912 345-67-89 доб. 12"]);
    let value = r#"{"version":5,"value":"+7 (912) 345-67-89, доб. 12","comment":"","type":"Телефон","countryCode":"7","areaCode":"912","number":"345-67-89","extNumber":"12"}"#;
    assert_eq!(
        Value::Array(rows.into_iter().map(Value::Object).collect()),
        json!([{
            "Тип": "Телефон", "Вид_Key": WORK.to_string(), "Представление": "+7 (912) 345-67-89, доб. 12",
            "Значение": value, "ЗначенияПолей": "", "НомерТелефона": "79123456789", "НомерТелефонаБезКодов": "3456789",
        }])
    );
}

#[test]
fn a_new_mailbox_keeps_its_letter_case_and_tells_its_domain() {
    let world = World::new();
    let key = read_emails("Info@Romashka.example").remove(0);
    let wanted = [Point::known(key, "Info@Romashka.example")];
    let rows = with_emails(world.reading(), &world.table, Vec::new(), &wanted);
    assert_eq!(text(&rows[0], "АдресЭП"), "Info@Romashka.example");
    assert_eq!(text(&rows[0], "ДоменноеИмяСервера"), "Romashka.example");
    assert_eq!(guid(&rows[0], "Вид_Key"), Some(MAIL));
}

#[test]
fn a_new_address_is_a_row_in_free_form() {
    let mut world = World::new();
    let country = CountryName { name: "РОССИЯ".to_owned(), code: "643".to_owned() };
    world.facts.country_name = Some(country);
    let address = world.table.address.unwrap();
    let rows = with_address(world.reading(), &world.table, address, Vec::new(), "г Москва, д 1");
    let value = r#"{"version":5,"value":"г Москва, д 1","comment":"","type":"Адрес","country":"РОССИЯ","countryCode":"643","addressType":"ВСвободнойФорме"}"#;
    assert_eq!(
        Value::Array(rows.into_iter().map(Value::Object).collect()),
        json!([{
            "Тип": "Адрес", "Вид_Key": ADDRESS.to_string(), "Представление": "г Москва, д 1", "Значение": value,
            "ЗначенияПолей": "", "Страна": "РОССИЯ",
        }])
    );
}

#[test]
fn another_address_takes_the_place_of_the_one_that_stood_there_and_the_same_one_does_not() {
    let world = World::new();
    let rows = [
        row("Адрес", USERS_OWN, "Фактический"),
        row("Адрес", ADDRESS, "Москва "),
        row("Телефон", MOBILE, "+7 912 345-67-89"),
    ];
    let address = world.table.address.unwrap();
    let with = |wanted: &str| with_address(world.reading(), &world.table, address, rows.to_vec(), wanted);
    assert_eq!(with("Москва"), rows);
    assert_eq!(shown(&with("Тверь")), ["Фактический", "Тверь", "+7 912 345-67-89"]);
    assert_eq!(shown(&with("")), ["Фактический", "+7 912 345-67-89"]);
}

#[test]
fn rows_of_others_and_unreadable_ones_stay_where_they_are() {
    let rows = [
        row("Адрес", ADDRESS, "Москва"),
        row("Телефон", MOBILE, "27-01-361"),
        row("Телефон", USERS_OWN, "+7 999 000-00-01"),
        row("АдресЭлектроннойПочты", MAIL, "a@b.example"),
    ];
    let merged = check_phones(&rows, &["+7 912 345-67-89"]);
    // The new number takes the first place among phones, the others keep their order behind it.
    assert_eq!(
        shown(&merged),
        ["Москва", "+7 (912) 345-67-89", "27-01-361", "a@b.example", "+7 999 000-00-01"]
    );
}

#[test]
fn a_wanted_row_stays_exactly_as_it_is() {
    let rows = [row("Телефон", MOBILE, "8 (912) 345-67-89 Анна")];
    assert_eq!(check_phones(&rows, &["+79123456789"]), rows);
}

#[test]
fn an_unwanted_number_goes_and_its_neighbour_in_the_row_stays() {
    let rows = [row("Телефон", MOBILE, "+7 912 345-67-89, +7 495 123-45-67")];
    let merged = check_phones(&rows, &["+74951234567"]);
    assert_eq!(shown(&merged), ["+7 (495) 123-45-67"]);
    assert_eq!(guid(&merged[0], "Вид_Key"), Some(MOBILE));
}

#[test]
fn kinds_for_one_value_take_one_and_the_rest_is_left_out() {
    let merged = check_phones(&[], &["+79120000001", "+79120000002", "+79120000003"]);
    assert_eq!(shown(&merged), ["+7 (912) 000-00-01", "+7 (912) 000-00-02"]);
    assert_eq!(guid(&merged[0], "Вид_Key"), Some(WORK));
    assert_eq!(guid(&merged[1], "Вид_Key"), Some(MOBILE));
}

#[test]
fn numbers_that_shared_a_row_share_it_again_where_there_is_no_room_for_rows_of_their_own() {
    let world = World::new();
    let whole = "+7 343 342-30-00 / 8 (343) 40-89-567";
    let known = |text: &str, shown: &str| {
        Point::known(read_phones(text, &world.phones).remove(0).key, shown.to_owned())
    };
    let wanted = [
        known("+7 912 000-00-01", "+7 912 000-00-01"),
        known("+7 343 342-30-00", whole),
        known("+7 343 408-95-67", whole),
    ];
    let rows = [row("Телефон", MOBILE, "+7 912 000-00-01"), row("Телефон", WORK, "+7 343 342-30-00")];
    let merged = with_phones(world.reading(), &world.table, rows.to_vec(), &wanted);
    assert_eq!(shown(&merged), ["+7 912 000-00-01", whole]);
    let names = &world.profile.contact;
    let read = points::phones_of_row(names, &world.table.phones, &merged[1], &world.phones);
    assert_eq!(read.iter().map(|phone| &phone.key).collect::<Vec<_>>(), [&wanted[1].key, &wanted[2].key]);
}

#[test]
fn the_first_wanted_number_stands_first() {
    let rows = [row("Телефон", MOBILE, "+7 912 000-00-01"), row("Телефон", WORK, "+7 912 000-00-02")];
    assert_eq!(
        shown(&check_phones(&rows, &["+79120000002", "+79120000001"])),
        ["+7 912 000-00-02", "+7 912 000-00-01"]
    );
}

#[test]
fn an_extension_is_added_and_never_taken_away() {
    let rows = [row("Телефон", WORK, "+7 912 345-67-89")];
    assert_eq!(shown(&check_phones(&rows, &["+7 912 345-67-89 доб. 5"])), ["+7 (912) 345-67-89, доб. 5"]);
    let rows = [row("Телефон", WORK, "+7 912 345-67-89 доб. 5")];
    assert_eq!(shown(&check_phones(&rows, &["+79123456789"])), ["+7 912 345-67-89 доб. 5"]);
}

struct World {
    profile: Profile,
    facts: Facts,
    phones: PhoneContext,
    table: Table,
}

impl World {
    fn new() -> Self {
        let profile = Profile::bp30();
        let kind = |reference, kind| ContactKind { reference, kind, several: false };
        let columns = [
            "Тип",
            "Вид_Key",
            "Представление",
            "Значение",
            "ЗначенияПолей",
            "АдресЭП",
            "ДоменноеИмяСервера",
            "НомерТелефона",
            "НомерТелефонаБезКодов",
            "Страна",
        ];
        let table = Table {
            catalog: Catalog::ContactPerson,
            names: profile.contact_person.clone(),
            select: String::new(),
            contact_columns: columns.map(str::to_owned).into(),
            keeps_links: false,
            has_attributes: false,
            has_folders: false,
            has_parents: true,
            attributes: BTreeMap::new(),
            configured: Vec::new(),
            phones: vec![kind(MOBILE, PointKind::Mobile), kind(WORK, PointKind::Work)],
            emails: vec![ContactKind { several: true, ..kind(MAIL, PointKind::Work) }],
            address: Some(kind(ADDRESS, PointKind::Work)),
        };
        let facts = Facts { tables: BTreeMap::new(), ..Facts::default() };
        Self { profile, facts, phones: PhoneContext::new("RU", None).unwrap(), table }
    }

    fn reading(&self) -> Reading<'_> {
        Reading { profile: &self.profile, facts: &self.facts, phones: &self.phones }
    }
}

fn check_phones(rows: &[Object], wanted: &[&str]) -> Vec<Object> {
    let world = World::new();
    let parsed = wanted.iter().flat_map(|text| read_phones(text, &world.phones));
    let wanted: Vec<Phone> =
        parsed.map(|phone| Point { extension: phone.extension, ..Point::known(phone.key, "") }).collect();
    with_phones(world.reading(), &world.table, rows.to_vec(), &wanted)
}

fn row(sort: &str, kind: Uuid, shown: &str) -> Object {
    let row =
        json!({"Тип": sort, "Вид_Key": kind.to_string(), "Представление": shown, "ВидДляСписка_Key": "x"});
    row.as_object().unwrap().clone()
}

fn shown(rows: &[Object]) -> Vec<&str> {
    rows.iter().map(|row| text(row, "Представление")).collect()
}
