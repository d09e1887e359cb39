//! People: name, work, keys, and how the bases share them.

use crate::population::Recipe;
use crate::population::cast::mailboxes::{Mailboxes, local_part};
use crate::population::cast::{Firm, Keys, Known, Naming, Place, Shifts, USERS};
use crate::population::draw::{Draw, Purpose};
use crate::population::names::FullName;
use crate::population::numbers::{self, CITIES};
use crate::population::truth::Strength;

const POSTS: [&str; 12] = [
    "Генеральный директор",
    "Коммерческий директор",
    "Главный бухгалтер",
    "Бухгалтер",
    "Менеджер по закупкам",
    "Начальник отдела снабжения",
    "Инженер",
    "Технолог",
    "Логист",
    "Юрист",
    "Секретарь",
    "Заведующий складом",
];

/// A contact of the company whose bases these are.
#[derive(Debug)]
pub(in crate::population) struct Person {
    pub(in crate::population) ordinal: u64,
    pub(in crate::population) name: FullName,
    /// Index into the firms.
    pub(in crate::population) employer: Option<usize>,
    pub(in crate::population) post: &'static str,
    /// `1980-05-17`
    pub(in crate::population) birth_date: Option<String>,
    pub(in crate::population) known: Known,
    /// 1C has an element of `Catalog_ФизическиеЛица` for this person too.
    pub(in crate::population) individual: bool,
    /// Index into the users.
    pub(in crate::population) manager: usize,
}

pub(super) fn draw_person(
    recipe: &Recipe,
    shifts: &Shifts,
    firms: &[Firm],
    mailboxes: &mut Mailboxes,
    ordinal: u64,
) -> Person {
    let name = draw_name(recipe.seed, ordinal);
    let mut draw = Draw::new(recipe.seed, Purpose::PersonWork, ordinal);
    let place = Place::of(recipe, 2, ordinal);
    let employer = draw_employer(&mut draw, firms);
    let post = draw.pick(&POSTS);
    let manager = draw.index(usize::try_from(USERS).expect("a dozen"));
    let birth_date = draw
        .chance(150)
        .then(|| format!("{}-{:02}-{:02}", 1955 + draw.below(48), 1 + draw.below(12), 1 + draw.below(28)));
    let individual = place.in_onec() && draw.chance(30);
    let marked = place.in_onec() && !individual && draw.chance(6);

    let mut draw = Draw::new(recipe.seed, Purpose::PersonKeys, ordinal);
    let firm = employer.map(|index| &firms[index]);
    let email = match firm {
        Some(firm) if matches!(firm.naming, Naming::Organization { .. }) && draw.chance(600) => {
            let local = local_part(&name, &mut draw);
            mailboxes.claim(&local, &firm.domain, ordinal)
        }
        _ => mailboxes.claim_private(&name, &mut draw, ordinal),
    };
    let city = firm.map_or_else(|| &CITIES[draw.index(CITIES.len())], |firm| firm.city);
    let all = Keys {
        phones: vec![numbers::mobile(3 * ordinal + 1, shifts.mobile)],
        emails: vec![email],
        inn: Some(numbers::person_inn(city, 2 * ordinal + 1, shifts.inn)),
    };
    let second_phone = numbers::mobile(3 * ordinal + 2, shifts.mobile);
    let reception = firm.and_then(|firm| firm.reception);
    let known = know_person(&mut draw, place, marked, &all, second_phone, reception);
    Person { ordinal, name, employer, post, birth_date, known, individual, manager }
}

/// A name; a few people are namesakes of somebody before them.
fn draw_name(seed: u64, ordinal: u64) -> FullName {
    let mut draw = Draw::new(seed, Purpose::PersonName, ordinal);
    let own = FullName::draw(&mut draw);
    if ordinal == 0 || !draw.chance(4) {
        return own;
    }
    FullName::draw(&mut Draw::new(seed, Purpose::PersonName, draw.below(ordinal)))
}

/// Two people of five work for one of the firms. A firm marked for deletion employs nobody, so that no contact
/// person hangs on a marked counterparty.
fn draw_employer(draw: &mut Draw, firms: &[Firm]) -> Option<usize> {
    let employed = draw.chance(450) && !firms.is_empty();
    let index = employed.then(|| draw.index(firms.len()))?;
    (!firms[index].known.marked).then_some(index)
}

/// Deals a person's keys out to the bases.
fn know_person(
    draw: &mut Draw,
    place: Place,
    marked: bool,
    all: &Keys,
    second_phone: u64,
    reception: Option<u64>,
) -> Known {
    let strength = match (draw.below(100), reception) {
        (0, _) => Strength::Weak,
        (1..21, Some(_)) => Strength::Probable,
        _ => Strength::Sure,
    };
    let has_inn = draw.chance(150);
    let known = |phones: &[u64], with_email: bool, with_inn: bool| Keys {
        phones: phones.to_vec(),
        emails: if with_email { all.emails.clone() } else { Vec::new() },
        inn: all.inn.clone().filter(|_| with_inn),
    };
    let own = all.phones[0];
    let (mut bitrix24, mut onec) = match strength {
        Strength::Weak => (known(&[own], false, false), known(&[], true, false)),
        Strength::Probable => (known(&[], true, false), known(&[own], false, false)),
        Strength::Sure => match draw.below(100) {
            0..22 => (known(&[own], false, has_inn), known(&[own], false, has_inn)),
            22..32 => (known(&[own], false, has_inn), known(&[own], true, has_inn)),
            32..42 => (known(&[own], true, false), known(&[own], false, has_inn)),
            42..48 => (known(&[own], true, has_inn), known(&[], true, false)),
            48..54 => (known(&[own, second_phone], true, has_inn), known(&[own], true, has_inn)),
            _ => (known(&[own], true, has_inn), known(&[own], true, has_inn)),
        },
    };
    let at_reception = match strength {
        Strength::Weak => None,
        Strength::Probable => reception,
        Strength::Sure => reception.filter(|_| draw.chance(700)),
    };
    bitrix24.phones.extend(at_reception);
    onec.phones.extend(at_reception);
    Known { place, strength, marked, bitrix24, onec }
}
