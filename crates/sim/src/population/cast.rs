//! Who exists: users, firms and people as they really are, and what each base knows about them.
//!
//! Nothing here is in a wire format; the two writers spell what stands here. A person's or firm's traits depend on
//! the seed and the ordinal alone, except that a taken word or mailbox gets a number.

pub(super) mod mailboxes;
mod people;

use super::Recipe;
use super::draw::{Draw, Purpose, spread};
use super::firms::{self, Form};
use super::names::{FullName, latin};
use super::numbers::{self, CITIES, City};
use super::truth::Strength;
use mailboxes::Mailboxes;
pub(super) use people::Person;

/// How many users keep the customers.
pub(super) const USERS: u64 = 12;

/// The domain of the company whose bases these are.
pub(super) const OWN_DOMAIN: &str = "kontora.example";

/// Everybody and everything.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) seed: u64,
    pub(super) users: Vec<User>,
    pub(super) firms: Vec<Firm>,
    pub(super) people: Vec<Person>,
}

/// An employee of the company whose bases these are.
#[derive(Debug)]
pub(super) struct User {
    pub(super) name: FullName,
    pub(super) email: String,
}

/// A customer or supplier.
#[derive(Debug)]
pub(super) struct Firm {
    pub(super) ordinal: u64,
    pub(super) naming: Naming,
    pub(super) city: &'static City,
    pub(super) inn: String,
    pub(super) registration: String,
    pub(super) domain: String,
    /// Its phone is the reception of its people, who give it as their own.
    pub(super) reception: Option<u64>,
    pub(super) known: Known,
    /// Index into the users.
    pub(super) manager: usize,
}

/// What a firm is called by.
#[derive(Debug)]
pub(super) enum Naming {
    Organization { form: Form, word: String },
    Entrepreneur(FullName),
}

/// Which base knows a party, and by which keys.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) place: Place,
    /// What the keys of both bases have in common; says nothing about a party of one base.
    pub(super) strength: Strength,
    /// The 1C object is marked for deletion.
    pub(super) marked: bool,
    pub(super) bitrix24: Keys,
    pub(super) onec: Keys,
}

/// The bases a party is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Both,
    OnlyBitrix24,
    OnlyOnec,
}

/// Phones, mailboxes and INN as one base has them.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    pub(super) phones: Vec<u64>,
    pub(super) emails: Vec<String>,
    pub(super) inn: Option<String>,
}

/// Seeded starting points of the number pools.
#[derive(Debug)]
struct Shifts {
    mobile: u64,
    landline: u64,
    inn: u64,
}

impl Cast {
    pub(super) fn draw(recipe: &Recipe) -> Self {
        let mut draw = Draw::new(recipe.seed, Purpose::Shift, 0);
        let shifts = Shifts {
            mobile: draw.below(u64::MAX),
            landline: draw.below(u64::MAX),
            inn: draw.below(u64::MAX),
        };
        let mut mailboxes = Mailboxes::default();
        let users = draw_users(recipe.seed, &mut mailboxes);
        let firms: Vec<Firm> = (0..u64::from(recipe.companies))
            .map(|ordinal| draw_firm(recipe, &shifts, &mut mailboxes, ordinal))
            .collect();
        let people = (0..u64::from(recipe.people))
            .map(|ordinal| people::draw_person(recipe, &shifts, &firms, &mut mailboxes, ordinal))
            .collect();
        Self { seed: recipe.seed, users, firms, people }
    }

    /// The firm a person works for, when the given side of the person's record can refer to it.
    pub(super) fn employer(&self, person: &Person, knows: fn(Place) -> bool) -> Option<&Firm> {
        person.employer.map(|index| &self.firms[index]).filter(|firm| knows(firm.known.place))
    }
}

impl Place {
    pub(super) fn in_bitrix24(self) -> bool {
        self != Self::OnlyOnec
    }

    pub(super) fn in_onec(self) -> bool {
        self != Self::OnlyBitrix24
    }

    /// `what` tells the lists of people and firms apart.
    fn of(recipe: &Recipe, what: u64, ordinal: u64) -> Self {
        let both = u64::from(recipe.both_percent) * 100;
        let only_bitrix24 = both + u64::from(recipe.only_bitrix24_percent) * 100;
        match spread(recipe.seed, what, ordinal) {
            position if position < both => Self::Both,
            position if position < only_bitrix24 => Self::OnlyBitrix24,
            _ => Self::OnlyOnec,
        }
    }
}

pub(super) fn draw_users(seed: u64, mailboxes: &mut Mailboxes) -> Vec<User> {
    let mut users: Vec<User> = Vec::new();
    for ordinal in 0..USERS {
        let mut draw = Draw::new(seed, Purpose::UserName, ordinal);
        let mut name = FullName::draw(&mut draw);
        while users.iter().any(|user| user.name.last == name.last) {
            name = FullName::draw(&mut draw);
        }
        let local = format!("{}.{}", latin(name.first), latin(&name.last));
        let email = mailboxes.claim(&local, OWN_DOMAIN, ordinal);
        users.push(User { name, email });
    }
    users
}

fn draw_firm(recipe: &Recipe, shifts: &Shifts, mailboxes: &mut Mailboxes, ordinal: u64) -> Firm {
    let mut draw = Draw::new(recipe.seed, Purpose::FirmNumbers, ordinal);
    let city = &CITIES[draw.index(CITIES.len())];
    let manager = draw.index(usize::try_from(USERS).expect("a dozen"));
    let year = 2003 + draw.below(20);
    let registry_entry = draw.below(10_000_000);
    let mut naming_draw = Draw::new(recipe.seed, Purpose::FirmName, ordinal);
    let (naming, inn, registration, domain, phone, email);
    if naming_draw.chance(120) {
        let name = FullName::draw(&mut naming_draw);
        inn = numbers::person_inn(city, 2 * ordinal, shifts.inn);
        registration = numbers::ogrnip(city, year, registry_entry);
        phone = numbers::mobile(3 * ordinal, shifts.mobile);
        email = mailboxes.claim_private(&name, &mut naming_draw, ordinal);
        domain = email.rsplit_once('@').map_or_else(String::new, |(_, domain)| domain.to_owned());
        naming = Naming::Entrepreneur(name);
    } else {
        let form = firms::draw_form(&mut naming_draw);
        let word = mailboxes.claim_word(firms::draw_word(&mut naming_draw), ordinal);
        inn = numbers::company_inn(city, ordinal, shifts.inn);
        registration = numbers::ogrn(city, year, registry_entry);
        phone = numbers::landline(city, ordinal, shifts.landline);
        domain = mailboxes.claim_domain(&word, &mut naming_draw, ordinal);
        email = mailboxes.claim(naming_draw.pick(&["info", "office", "zakaz", "mail"]), &domain, ordinal);
        naming = Naming::Organization { form, word };
    }
    let has_reception = matches!(naming, Naming::Organization { .. });
    let keys = Keys { phones: vec![phone], emails: vec![email], inn: Some(inn.clone()) };
    let (known, reception) = know_firm(recipe, ordinal, &keys);
    Firm {
        ordinal,
        naming,
        city,
        inn,
        registration,
        domain,
        reception: reception.filter(|_| has_reception),
        known,
        manager,
    }
}

/// Deals a firm's keys out to the bases.
fn know_firm(recipe: &Recipe, ordinal: u64, all: &Keys) -> (Known, Option<u64>) {
    let mut draw = Draw::new(recipe.seed, Purpose::FirmKnown, ordinal);
    let place = Place::of(recipe, 1, ordinal);
    let strength = match draw.below(100) {
        0 => Strength::Weak,
        1..7 => Strength::Probable,
        _ => Strength::Sure,
    };
    let marked = place.in_onec() && draw.chance(8);
    let (mut bitrix24, mut onec) = (all.clone(), all.clone());
    let reception = draw.chance(150) && strength == Strength::Sure;
    match strength {
        Strength::Weak => {
            bitrix24.inn = None;
            bitrix24.emails.clear();
            onec.phones.clear();
        }
        Strength::Probable => bitrix24.inn = None,
        Strength::Sure => match draw.below(100) {
            0..10 => bitrix24.emails.clear(),
            10..20 => onec.emails.clear(),
            20..28 => onec.phones.clear(),
            _ => {}
        },
    }
    if place == Place::OnlyBitrix24 && draw.chance(300) {
        bitrix24.inn = None;
    }
    let reception = reception.then(|| all.phones[0]);
    (Known { place, strength, marked, bitrix24, onec }, reception)
}
