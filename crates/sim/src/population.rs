//! Two overlapping customer bases of a made-up company: its Bitrix24 portal and its 1C infobase (БП 3.0).
//!
//! For the demo, benchmarks and simulation. The lines are in the simulators' load format; nothing here knows how
//! the simulators keep them, and nothing knows how a synchroniser matches.
//! One recipe gives one output, byte for byte. Domains end in `.example` or `.test`; all people and firms are made up.

mod bitrix24;
pub mod branched;
mod cast;
mod draw;
mod firms;
mod names;
pub mod noisy;
mod numbers;
mod onec;
mod truth;

use serde_json::Value;

use self::cast::{Cast, Known, Place};
pub use self::truth::{Kind, Marked, OnecObject, OnlyBitrix24, OnlyOnec, Pair, Strength, Truth};

/// What to generate. `new` fills in the usual shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// How many people there are, in one base or in both.
    pub people: u32,
    /// How many companies and sole proprietors there are, in one base or in both.
    pub companies: u32,
    /// Another seed gives other names, numbers and references.
    pub seed: u64,
    /// Share of people and of companies that both bases know.
    pub both_percent: u8,
    /// Share that Bitrix24 alone knows; 1C alone knows what remains of a hundred.
    pub only_bitrix24_percent: u8,
}

/// A generated pair of bases.
#[derive(Clone, Debug, PartialEq)]
pub struct Bases {
    /// Load lines of the portal.
    pub bitrix24: Vec<Value>,
    /// Load lines of the infobase.
    pub onec: Vec<Value>,
    /// Who is who.
    pub truth: Truth,
}

impl Recipe {
    /// A recipe with seed 1, 55 % of all parties in both bases, 25 % in Bitrix24 only and 20 % in 1C only.
    #[must_use]
    pub fn new(people: u32, companies: u32) -> Self {
        Self { people, companies, seed: 1, both_percent: 55, only_bitrix24_percent: 25 }
    }
}

/// Generates both bases.
#[must_use]
pub fn generate(recipe: &Recipe) -> Bases {
    let cast = Cast::draw(recipe);
    Bases { bitrix24: bitrix24::lines(&cast), onec: onec::lines(&cast), truth: tell(&cast) }
}

fn tell(cast: &Cast) -> Truth {
    let mut truth = Truth::default();
    for firm in &cast.firms {
        let onec = onec::firm_object(cast, firm);
        truth.add(Kind::Organization, &firm.known, bitrix24::company_id(firm), onec, Vec::new());
    }
    for person in &cast.people {
        let onec = onec::person_object(cast, person);
        let facets = onec::person_facets(cast, person);
        truth.add(Kind::Person, &person.known, bitrix24::contact_id(person), onec, facets);
    }
    truth
}

impl Truth {
    fn add(&mut self, kind: Kind, known: &Known, id: String, onec: OnecObject, facets: Vec<OnecObject>) {
        if known.marked {
            let bitrix24 = known.place.in_bitrix24().then_some(id);
            self.marked.push(Marked { kind, bitrix24, onec });
            return;
        }
        match known.place {
            Place::Both => {
                self.pairs.push(Pair { kind, bitrix24: id, onec, facets, strength: known.strength });
            }
            Place::OnlyBitrix24 => self.only_bitrix24.push(OnlyBitrix24 { kind, id }),
            Place::OnlyOnec => self.only_onec.push(OnlyOnec { kind, onec, facets }),
        }
    }
}

#[cfg(test)]
mod tests;
