//! Who exists, and which side knows it: firms with their branches and sole proprietors.
//!
//! Nothing here is in a wire format. A house depends on the seed and its ordinal alone.

use crate::population::draw::{Draw, Purpose, reference};
use crate::population::firms::{self, Form};
use crate::population::names::FullName;
use crate::population::numbers::{self, CITIES, City};

/// How a house stands in both systems; they take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// One company with three requisites; firm and branch are counterparties, its director's proprietorship is none yet.
    Gathered,
    /// One company with two requisites, and no counterparty.
    OnlyBitrix24,
    /// Firm and branch are counterparties, in УТ of one partner, and no company.
    OnlyOnec,
    /// Two companies with a requisite each, and two counterparties, in УТ of a partner each.
    Scattered,
    /// A sole proprietor alone, known to both.
    Proprietor,
}

const ARRANGEMENTS: [Arrangement; 5] = [
    Arrangement::Gathered,
    Arrangement::OnlyBitrix24,
    Arrangement::OnlyOnec,
    Arrangement::Scattered,
    Arrangement::Proprietor,
];

/// A firm with all that belongs to it.
#[derive(Debug)]
pub(super) struct House {
    pub(super) arrangement: Arrangement,
    /// The first one is the firm itself, or the sole proprietor where there is no firm.
    pub(super) members: Vec<Member>,
}

/// A party: a firm, a branch of it, or a sole proprietor.
#[derive(Debug)]
pub(super) struct Member {
    /// Unique over all houses.
    pub(super) number: u64,
    pub(super) naming: Naming,
    pub(super) inn: String,
    /// Empty for a sole proprietor.
    pub(super) kpp: String,
    pub(super) registration: String,
    pub(super) address: Address,
    /// A national number.
    pub(super) phone: u64,
    pub(super) reference: String,
    pub(super) in_bitrix24: bool,
    pub(super) in_onec: bool,
}

/// What a party is called by.
#[derive(Clone, Debug)]
pub(super) enum Naming {
    Firm { form: Form, word: String },
    Branch { form: Form, word: String, city: &'static str },
    Proprietor(FullName),
}

/// A legal address and who has it written down.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) index: String,
    pub(super) city: &'static str,
    pub(super) street: String,
    pub(super) in_bitrix24: bool,
    pub(super) in_onec: bool,
}

/// So many parties a house has at most.
pub(super) const ROOM: u64 = 3;

/// The house with this ordinal.
pub(super) fn draw(seed: u64, ordinal: u64) -> House {
    let turn = usize::try_from(ordinal % 5).expect("below five");
    let arrangement = ARRANGEMENTS[turn];
    let mut draw = Draw::new(seed, Purpose::House, ordinal);
    let shift = Draw::new(seed, Purpose::Shift, 1).below(u64::MAX);
    let mut maker = Maker { seed, ordinal, shift, draw: &mut draw };
    let members = match arrangement {
        Arrangement::Gathered => {
            let mut members = maker.firm([true, true]);
            members.push(maker.proprietor(2, [true, false]));
            members
        }
        Arrangement::OnlyBitrix24 => maker.firm([true, false]),
        Arrangement::OnlyOnec => maker.firm([false, true]),
        Arrangement::Scattered => maker.firm([true, true]),
        Arrangement::Proprietor => vec![maker.proprietor(0, [true, true])],
    };
    House { arrangement, members }
}

struct Maker<'a> {
    seed: u64,
    ordinal: u64,
    shift: u64,
    draw: &'a mut Draw,
}

impl Maker<'_> {
    /// A firm and a branch of it in another town.
    fn firm(&mut self, [in_bitrix24, in_onec]: [bool; 2]) -> Vec<Member> {
        let form = firms::draw_form(self.draw);
        let word = format!("{} {}", firms::draw_word(self.draw), self.ordinal + 1);
        let home = self.draw.index(CITIES.len());
        let away = (home + 1 + self.draw.index(CITIES.len() - 1)) % CITIES.len();
        let (home, away) = (&CITIES[home], &CITIES[away]);
        let inn = numbers::company_inn(home, self.ordinal, self.shift);
        let registration = numbers::ogrn(home, 2003 + self.draw.below(20), self.ordinal);
        let firm = Naming::Firm { form, word: word.clone() };
        let branch = Naming::Branch { form, word, city: away.name };
        let of_branch = format!("{:02}{:02}43001", away.region, 1 + self.ordinal % 99);
        let head = [(0, firm, home, numbers::kpp(&inn)), (1, branch, away, of_branch)];
        let member = |(place, naming, city, kpp)| {
            let member = self.member(place, naming, city);
            Member {
                inn: inn.clone(),
                kpp,
                registration: registration.clone(),
                in_bitrix24,
                in_onec,
                ..member
            }
        };
        head.map(member).into()
    }

    fn proprietor(&mut self, place: u64, [in_bitrix24, in_onec]: [bool; 2]) -> Member {
        let city = &CITIES[self.draw.index(CITIES.len())];
        let name = FullName::draw(self.draw);
        let registration = numbers::ogrnip(city, 2003 + self.draw.below(20), self.ordinal);
        let inn = numbers::person_inn(city, self.ordinal, self.shift);
        let member = self.member(place, Naming::Proprietor(name), city);
        Member { inn, registration, in_bitrix24, in_onec, ..member }
    }

    /// What parties of all sorts have.
    fn member(&mut self, place: u64, naming: Naming, city: &'static City) -> Member {
        let number = ROOM * self.ordinal + place;
        // By turns either side has the address written down, or both.
        let turn = number % 3;
        let address = Address {
            index: format!("{:03}{:03}", 100 + self.draw.below(500), self.draw.below(1000)),
            city: city.name,
            street: format!("ул {}, д {}", firms::draw_word(self.draw), 1 + self.draw.below(200)),
            in_bitrix24: turn != 1,
            in_onec: turn != 2,
        };
        Member {
            number,
            naming,
            inn: String::new(),
            kpp: String::new(),
            registration: String::new(),
            address,
            phone: numbers::landline(city, number, self.shift),
            reference: reference(self.seed, "house", number),
            in_bitrix24: false,
            in_onec: false,
        }
    }
}

impl Naming {
    pub(super) fn is_proprietor(&self) -> bool {
        matches!(self, Self::Proprietor(_))
    }

    pub(super) fn is_branch(&self) -> bool {
        matches!(self, Self::Branch { .. })
    }

    /// The name as cards show it.
    pub(super) fn short(&self, style: firms::Style) -> String {
        match self {
            Self::Firm { form, word } => firms::spell(*form, word, style),
            Self::Branch { form, word, city } => {
                format!("{}, филиал {city}", firms::spell(*form, word, style))
            }
            Self::Proprietor(name) => format!("ИП {}", name.whole()),
        }
    }

    /// The name as the register has it.
    pub(super) fn full(&self) -> String {
        match self {
            Self::Firm { form, word } => firms::spell_in_full(*form, word),
            Self::Branch { form, word, city } => {
                format!("Филиал {} в г. {city}", firms::spell_in_full(*form, word))
            }
            Self::Proprietor(name) => format!("Индивидуальный предприниматель {}", name.whole()),
        }
    }
}

impl Address {
    /// As one text.
    pub(super) fn whole(&self) -> String {
        format!("{}, г {}, {}", self.index, self.city, self.street)
    }
}
