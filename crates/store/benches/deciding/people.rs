//! Made-up people: most of them in both systems, some in one, a few that look like somebody else.

use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::forms::phone::{PhoneContext, read_phones};
use obmen_domain::party::{Party, Person, Point};
use obmen_domain::record::{Catalog, Kind, Record, RecordId, Side, Standing};

const LAST: [&str; 24] = [
    "Иванов",
    "Смирнов",
    "Кузнецов",
    "Попов",
    "Васильев",
    "Петров",
    "Соколов",
    "Михайлов",
    "Новиков",
    "Фёдоров",
    "Морозов",
    "Волков",
    "Алексеев",
    "Лебедев",
    "Семёнов",
    "Егоров",
    "Павлов",
    "Козлов",
    "Степанов",
    "Николаев",
    "Орлов",
    "Андреев",
    "Макаров",
    "Никитин",
];
const FIRST: [&str; 16] = [
    "Александр",
    "Сергей",
    "Дмитрий",
    "Андрей",
    "Алексей",
    "Максим",
    "Евгений",
    "Иван",
    "Михаил",
    "Артём",
    "Николай",
    "Владимир",
    "Павел",
    "Роман",
    "Олег",
    "Игорь",
];
const MIDDLE: [&str; 12] = [
    "Александрович",
    "Сергеевич",
    "Дмитриевич",
    "Андреевич",
    "Алексеевич",
    "Максимович",
    "Иванович",
    "Михайлович",
    "Николаевич",
    "Владимирович",
    "Павлович",
    "Олегович",
];
/// Syllables of which rarer surnames are made.
const SYLLABLES: [&str; 20] = [
    "ба", "ве", "го", "да", "жи", "за", "ку", "ла", "ме", "но", "по", "ра", "си", "ту", "фе", "хо", "ча",
    "шу", "ре", "ди",
];
/// One of so many people is known to one side only.
const ALONE: u64 = 10;

/// The record at a place of a side that holds so many.
pub(crate) fn record(side: Side, place: u64, a_side: u64) -> Record {
    let person = match side {
        Side::Bitrix24 => place,
        Side::Onec => place + a_side / ALONE,
    };
    let (id, catalog) = match side {
        Side::Bitrix24 => (RecordId::bitrix24(Kind::Contact, (place + 1).to_string()), Catalog::Bitrix24),
        Side::Onec => {
            let mixed = mix(place);
            let text = format!(
                "{:08x}-{:04x}-11ee-{:04x}-{:012x}",
                mixed >> 32,
                (mixed >> 16) & 0xffff,
                mixed & 0xffff,
                place
            );
            (RecordId::onec(Kind::Contact, &text), Catalog::Counterparty)
        }
    };
    Record {
        id,
        catalog,
        version: "2026-03-02T09:00:00+03:00".to_owned(),
        party: Party::Person(party(side, person)),
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: format!("{{\"phones\":[{place}],\"emails\":[{place}]}}"),
        lacks: Default::default(),
        attributes: Default::default(),
        brought: Default::default(),
    }
}

fn party(side: Side, person: u64) -> Person {
    let mixed = mix(person);
    let of = |words: &[&str], shift: u32| words[(mixed >> shift) as usize % words.len()].to_owned();
    let last = if mixed.is_multiple_of(3) {
        of(&LAST, 8)
    } else {
        let syllables: String = (0..3).map(|place| of(&SYLLABLES, 10 + place * 7)).collect();
        let mut letters = syllables.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{}ов", letters.as_str())
    };
    let mut first = of(&FIRST, 20);
    // One of fifty has the phone and the mailbox of somebody with another first name.
    if side == Side::Onec && person.is_multiple_of(50) {
        first = of(&FIRST, 27);
    }
    let middle = if mixed.is_multiple_of(4) { String::new() } else { of(&MIDDLE, 33) };
    // Every hundredth shares the phone of the one before.
    let line = if person.is_multiple_of(100) { person.saturating_sub(1) } else { person };
    let number = 9_000_000_000 + line * 7 % 999_999_999;
    let spelled = match side {
        Side::Bitrix24 => format!("+7{number}"),
        Side::Onec => {
            format!("8 ({:03}) {:03}-{:04}", number / 10_000_000, number / 10_000 % 1000, number % 10_000)
        }
    };
    let context = PhoneContext::new("RU", None).expect("Russia is a country");
    let phones = read_phones(&spelled, &context);
    let emails = if person.is_multiple_of(5) {
        Vec::new()
    } else {
        read_emails(&format!("Client{person}@Example.ru"))
    };
    Person {
        name: PersonName::from_parts(&last, &first, &middle),
        phones: phones.into_iter().map(|phone| Point::known(phone.key, spelled.clone())).collect(),
        emails: emails.into_iter().map(|key| Point::known(key.clone(), key.to_string())).collect(),
        ..Person::default()
    }
}

/// A number that looks random, the same for the same number.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
