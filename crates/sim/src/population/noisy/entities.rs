//! Who exists: firms and people as they really are, with families, namesakes, divisions and entrepreneurs.
//!
//! Not responsible for what a base knows of them. All people and firms are made up; domains end in `.example` or
//! `.test`. Phones are digits with the country code.

mod people;

use super::level::{Damage, Fate, Noise, Tally};
use crate::population::cast::mailboxes::Mailboxes;
use crate::population::cast::{self, Naming, User};
use crate::population::draw::{Draw, Purpose};
use crate::population::firms;
use crate::population::names::FullName;
use crate::population::numbers::{self, City};
pub(super) use people::{Person, foreign_first_names};

/// Cities of firms. Two regions below ten give INNs that begin with a zero.
pub(super) const CITIES: [City; 8] = [
    City { name: "Москва", region: 77, code: 495 },
    City { name: "Санкт-Петербург", region: 78, code: 812 },
    City { name: "Екатеринбург", region: 66, code: 343 },
    City { name: "Казань", region: 16, code: 843 },
    City { name: "Уфа", region: 2, code: 347 },
    City { name: "Улан-Удэ", region: 3, code: 301 },
    City { name: "Воронеж", region: 36, code: 473 },
    City { name: "Тюмень", region: 72, code: 345 },
];

/// Everybody and everything.
#[derive(Debug)]
pub(super) struct Entities {
    pub(super) users: Vec<User>,
    pub(super) firms: Vec<Firm>,
    pub(super) people: Vec<Person>,
}

/// A customer or supplier: an organization, a division of one, or an entrepreneur.
#[derive(Debug)]
pub(super) struct Firm {
    pub(super) naming: Naming,
    pub(super) city: &'static City,
    pub(super) inn: String,
    /// Empty for entrepreneurs.
    pub(super) kpp: String,
    pub(super) registration: String,
    pub(super) domain: String,
    pub(super) phones: Vec<String>,
    pub(super) emails: Vec<String>,
    /// The head office, by its index.
    pub(super) branch_of: Option<usize>,
    /// A division or the head office of one. Both bases know all of them, by their INN: from one of several alone nobody
    /// could tell which it is.
    pub(super) is_divided: bool,
    /// The person an entrepreneur is, by index, when the bases know that person too.
    pub(super) person: Option<usize>,
    /// Index into the users.
    pub(super) manager: usize,
}

/// Seeded starting points of the number pools.
#[derive(Clone, Copy, Debug)]
struct Shifts {
    mobile: u64,
    landline: u64,
    inn: u64,
}

impl Firm {
    pub(super) fn is_entrepreneur(&self) -> bool {
        matches!(self.naming, Naming::Entrepreneur(_))
    }
}

impl Entities {
    pub(super) fn draw(seed: u64, people: u32, companies: u32, noise: Noise, tally: &mut Tally) -> Self {
        let mut draw = Draw::new(seed, Purpose::Shift, 1);
        let shifts = Shifts {
            mobile: draw.below(u64::MAX),
            landline: draw.below(u64::MAX),
            inn: draw.below(u64::MAX),
        };
        let mut mailboxes = Mailboxes::default();
        let users = cast::draw_users(seed, &mut mailboxes);
        let mut firms: Vec<Firm> = Vec::new();
        for ordinal in 0..u64::from(companies) {
            let fate = Fate::new(Draw::new(seed, Purpose::NoisyFirm, ordinal), noise, tally);
            let firm = draw_firm(fate, shifts, &firms, users.len(), &mut mailboxes, ordinal);
            if let Some(head) = firm.branch_of {
                firms[head].is_divided = true;
            }
            firms.push(firm);
        }
        let mut all: Vec<Person> = Vec::new();
        for ordinal in 0..u64::from(people) {
            let fate = Fate::new(Draw::new(seed, Purpose::NoisyPerson, ordinal), noise, tally);
            let person = people::draw_person(fate, shifts, &all, &mut firms, &mut mailboxes, ordinal);
            all.push(person);
        }
        Self { users, firms, people: all }
    }
}

fn draw_firm(
    mut fate: Fate<'_>,
    shifts: Shifts,
    before: &[Firm],
    users: usize,
    mailboxes: &mut Mailboxes,
    ordinal: u64,
) -> Firm {
    let manager = fate.draw.index(users);
    let city = &CITIES[fate.draw.index(CITIES.len())];
    let registry_entry = fate.draw.below(10_000_000);
    let year = 2003 + fate.draw.below(20);
    if fate.draw.chance(150) {
        let name = FullName::draw(&mut fate.draw);
        let email = mailboxes.claim_private(&name, &mut fate.draw, ordinal);
        return Firm {
            city,
            inn: numbers::person_inn(city, 2 * ordinal, shifts.inn),
            kpp: String::new(),
            registration: numbers::ogrnip(city, year, registry_entry),
            domain: email.rsplit_once('@').map_or_else(String::new, |(_, domain)| domain.to_owned()),
            phones: vec![mobile(3 * ordinal, shifts)],
            emails: vec![email],
            branch_of: None,
            is_divided: false,
            person: None,
            manager,
            naming: Naming::Entrepreneur(name),
        };
    }
    let heads: Vec<usize> = (0..before.len())
        .filter(|&index| !before[index].is_entrepreneur() && before[index].branch_of.is_none())
        .collect();
    let head =
        (!heads.is_empty() && fate.strikes(Damage::Branch)).then(|| heads[fate.draw.index(heads.len())]);
    let mut phones = vec![format!("7{}", numbers::landline(city, ordinal, shifts.landline))];
    if fate.draw.chance(250) {
        phones.push(mobile(3 * ordinal, shifts));
    }
    let role = fate.draw.pick(&["info", "office", "zakaz", "mail", "sales"]);
    if let Some(head) = head {
        let (domain, Naming::Organization { form, word }) =
            (before[head].domain.clone(), &before[head].naming)
        else {
            unreachable!("heads are organizations");
        };
        let (form, word) = (*form, word.clone());
        return Firm {
            city,
            inn: before[head].inn.clone(),
            kpp: format!("{:02}{:02}43{:03}", city.region, 1 + ordinal % 60, 1 + ordinal % 899),
            registration: before[head].registration.clone(),
            emails: vec![mailboxes.claim(&format!("filial.{}", city.code), &domain, ordinal)],
            domain,
            phones,
            branch_of: Some(head),
            is_divided: true,
            person: None,
            manager,
            naming: Naming::Organization { form, word },
        };
    }
    let form = firms::draw_form(&mut fate.draw);
    let own_word = mailboxes.claim_word(firms::draw_word(&mut fate.draw), ordinal);
    let same = heads.get(fate.draw.index(heads.len().max(1))).copied();
    let word = match same.map(|index| &before[index].naming) {
        Some(Naming::Organization { word, .. }) if fate.strikes(Damage::FirmOfOneName) => word.clone(),
        _ => own_word,
    };
    let domain = mailboxes.claim_domain(&word, &mut fate.draw, ordinal);
    let inn = numbers::company_inn(city, ordinal, shifts.inn);
    Firm {
        city,
        kpp: numbers::kpp(&inn),
        inn,
        registration: numbers::ogrn(city, year, registry_entry),
        phones,
        emails: vec![mailboxes.claim(role, &domain, ordinal)],
        domain,
        branch_of: None,
        is_divided: false,
        person: None,
        manager,
        naming: Naming::Organization { form, word },
    }
}

fn mobile(index: u64, shifts: Shifts) -> String {
    format!("7{}", numbers::mobile(index, shifts.mobile))
}
