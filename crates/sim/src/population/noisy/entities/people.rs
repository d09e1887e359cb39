//! People as they really are.

use super::{CITIES, Firm, Shifts, mobile};
use crate::population::cast::Naming;
use crate::population::cast::mailboxes::{Mailboxes, local_part};
use crate::population::draw::Draw;
use crate::population::names::{FEMALE, FullName, MALE, SURNAMES, feminine, patronymic};
use crate::population::noisy::level::{Damage, Fate};
use crate::population::numbers;

/// Trades as cards have them.
const POSTS: [&str; 8] = [
    "Директор",
    "Бухгалтер",
    "Главный бухгалтер",
    "Менеджер по закупкам",
    "Снабженец",
    "Инженер",
    "Юрист",
    "Секретарь",
];

/// Men's names of other countries with their surnames.
const FOREIGN_MEN: [(&str, &str); 10] = [
    ("Ибраимов", "Азамат"),
    ("Рахимов", "Нурлан"),
    ("Сапаров", "Фархад"),
    ("Гасанов", "Ильхам"),
    ("Юлдашев", "Шавкат"),
    ("Токтогулов", "Санжар"),
    ("Мюллер", "Ханс"),
    ("Росси", "Марко"),
    ("Браун", "Стивен"),
    ("Ли", "Чен"),
];

/// Women's.
const FOREIGN_WOMEN: [(&str, &str); 6] = [
    ("Ибраимова", "Асель"),
    ("Рахимова", "Нигора"),
    ("Сапарова", "Зухра"),
    ("Гасанова", "Айнур"),
    ("Вебер", "Хайди"),
    ("Новак", "Иржина"),
];

/// A contact of the company whose bases these are.
#[derive(Debug)]
pub(in crate::population::noisy) struct Person {
    pub(in crate::population::noisy) name: FullName,
    /// The surname before the marriage.
    pub(in crate::population::noisy) maiden: Option<String>,
    pub(in crate::population::noisy) inn: String,
    /// The own ones first, then the family's.
    pub(in crate::population::noisy) phones: Vec<String>,
    pub(in crate::population::noisy) emails: Vec<String>,
    /// Index into the firms.
    pub(in crate::population::noisy) employer: Option<usize>,
    /// Where the person works by now, when 1C does not know it yet.
    pub(in crate::population::noisy) next_employer: Option<usize>,
    pub(in crate::population::noisy) post: &'static str,
    /// `1980-05-17`
    pub(in crate::population::noisy) birth_date: Option<String>,
    /// The firm of an entrepreneur.
    pub(in crate::population::noisy) own_firm: Option<usize>,
    pub(in crate::population::noisy) manager: usize,
}

/// First names that a reader knows beside the Russian ones.
pub(in crate::population::noisy) fn foreign_first_names() -> impl Iterator<Item = &'static str> {
    FOREIGN_MEN.into_iter().chain(FOREIGN_WOMEN).map(|(_, first)| first)
}

pub(super) fn draw_person(
    mut fate: Fate<'_>,
    shifts: Shifts,
    before: &[Person],
    firms: &mut [Firm],
    mailboxes: &mut Mailboxes,
    ordinal: u64,
) -> Person {
    let relative = (!before.is_empty() && fate.strikes(Damage::Relative))
        .then(|| &before[fate.draw.index(before.len().min(40)) + before.len().saturating_sub(40)]);
    let name = match relative {
        Some(relative) => name_of_relative(&relative.name, &mut fate.draw),
        None => draw_name(&mut fate, before),
    };
    let maiden = (name.female && fate.draw.chance(250)).then(|| feminine(fate.draw.pick(&SURNAMES)));
    let maiden = maiden.filter(|maiden| *maiden != name.last);
    let employer = (fate.draw.chance(400) && !firms.is_empty()).then(|| fate.draw.index(firms.len()));
    let employer = employer.filter(|&index| !firms[index].is_entrepreneur());
    let next =
        (employer.is_some() && fate.strikes(Damage::ChangedEmployer)).then(|| fate.draw.index(firms.len()));
    let next_employer = next.filter(|&index| Some(index) != employer && !firms[index].is_entrepreneur());
    let city = employer.map_or_else(|| &CITIES[fate.draw.index(CITIES.len())], |index| firms[index].city);
    let birth_date = fate.draw.chance(200).then(|| {
        format!(
            "{}-{:02}-{:02}",
            1955 + fate.draw.below(48),
            1 + fate.draw.below(12),
            1 + fate.draw.below(28)
        )
    });
    let mut phones = vec![first_phone(&mut fate, shifts, ordinal)];
    if fate.draw.chance(350) {
        phones.push(mobile(3 * ordinal + 2, shifts));
    }
    let mut emails = Vec::new();
    if fate.draw.chance(870) {
        emails.push(match employer {
            Some(index) if fate.draw.chance(500) => {
                mailboxes.claim(&local_part(&name, &mut fate.draw), &firms[index].domain, ordinal)
            }
            _ => mailboxes.claim_private(&name, &mut fate.draw, ordinal),
        });
        if fate.draw.chance(150) {
            emails.push(mailboxes.claim_private(&name, &mut fate.draw, ordinal));
        }
    }
    if let Some(relative) = relative {
        phones.push(relative.phones[0].clone());
        if !relative.emails.is_empty() && fate.strikes(Damage::FamilyMailbox) {
            emails.push(relative.emails[0].clone());
        }
    }
    let mut person = Person {
        name,
        maiden,
        inn: numbers::person_inn(city, 2 * ordinal + 1, shifts.inn),
        phones,
        emails,
        employer,
        next_employer,
        post: fate.draw.pick(&POSTS),
        birth_date,
        own_firm: None,
        manager: fate.draw.index(12),
    };
    become_entrepreneur(&mut person, &mut fate, firms, relative.is_some(), ordinal);
    person
}

/// Some entrepreneurs have a card as a person too, with the name, the INN and the keys of their firm.
fn become_entrepreneur(
    person: &mut Person,
    fate: &mut Fate<'_>,
    firms: &mut [Firm],
    relative: bool,
    ordinal: u64,
) {
    let Ok(index) = usize::try_from(ordinal) else { return };
    let Some(firm) = firms.get_mut(index) else { return };
    let Naming::Entrepreneur(name) = &firm.naming else { return };
    if relative || !fate.strikes(Damage::EntrepreneurAsPerson) {
        return;
    }
    person.name = name.clone();
    person.maiden = None;
    person.inn = firm.inn.clone();
    person.phones = firm.phones.clone();
    person.emails = firm.emails.clone();
    person.employer = None;
    person.next_employer = None;
    person.own_firm = Some(index);
    firm.person = Some(index);
}

fn draw_name(fate: &mut Fate<'_>, before: &[Person]) -> FullName {
    if !before.is_empty() && fate.strikes(Damage::Namesake) {
        return before[fate.draw.index(before.len())].name.clone();
    }
    if fate.strikes(Damage::ForeignName) {
        return foreign_name(&mut fate.draw);
    }
    let mut name = FullName::draw(&mut fate.draw);
    if name.female && fate.draw.chance(40) {
        let second = feminine(fate.draw.pick(&SURNAMES));
        if second != name.last {
            name.last = format!("{}-{second}", name.last);
        }
    }
    name
}

/// A name with or without a patronymic in the manner of its country.
fn foreign_name(draw: &mut Draw) -> FullName {
    let female = draw.chance(400);
    let (last, first) = if female { draw.pick(&FOREIGN_WOMEN) } else { draw.pick(&FOREIGN_MEN) };
    let western = ["Мюллер", "Росси", "Браун", "Ли", "Вебер", "Новак"].contains(&last);
    let (father, _) = (draw.pick(&FOREIGN_MEN[..6]).1, ());
    let suffix =
        if female { draw.pick(&["кызы", "кизи"]) } else { draw.pick(&["оглы", "угли"]) };
    let patronymic = if western { String::new() } else { format!("{father} {suffix}") };
    FullName { last: last.to_owned(), first, patronymic, female }
}

/// A brother, a sister, a son or a daughter: the surname in its gender, another first name.
fn name_of_relative(of: &FullName, draw: &mut Draw) -> FullName {
    let female = draw.chance(500);
    let last = match (of.female, female) {
        (false, true) => feminine(&of.last),
        (true, false) => masculine(&of.last),
        _ => of.last.clone(),
    };
    let mut first = of.first;
    while first == of.first {
        first = if female { draw.pick(&FEMALE) } else { draw.pick(&MALE) };
    }
    let father =
        if !of.female && draw.chance(500) && MALE.contains(&of.first) { of.first } else { draw.pick(&MALE) };
    FullName { last, first, patronymic: patronymic(father, female), female }
}

fn masculine(last: &str) -> String {
    let known = SURNAMES.iter().find(|surname| feminine(surname) == last);
    known.map_or_else(|| last.trim_end_matches('а').to_owned(), |surname| (*surname).to_owned())
}

/// A mobile number, of another country now and then.
fn first_phone(fate: &mut Fate<'_>, shifts: Shifts, ordinal: u64) -> String {
    if !fate.strikes(Damage::ForeignPhone) {
        return mobile(3 * ordinal + 1, shifts);
    }
    // 7919 is prime to the number of subscribers, so numbers do not repeat.
    let subscriber = (ordinal * 7919 + shifts.mobile % 1_000_003) % 9_000_000 + 1_000_000;
    let prefix = fate.draw.pick(&["7701", "7705", "7747", "37529", "37533", "37544", "99890", "99893"]);
    format!("{prefix}{subscriber}")
}
