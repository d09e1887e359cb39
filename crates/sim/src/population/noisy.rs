//! Two customer bases with noise: whole, damaged and doubled cards of a made-up company's portal and infobase (БП 3.0),
//! and the truth about who is who in the format of `tests/data/check`.
//!
//! Each room has one purpose: `entities` says who exists, `records` what each base knows of them, `damage` what each
//! value suffers on the way, `reading` what a careful person still reads, `strength` how much two cards have in common by
//! that reading, and the writers spell load lines. One recipe gives one output, byte for byte. It knows nothing of how a
//! synchroniser reads or matches.

mod bitrix24;
mod damage;
mod entities;
mod level;
mod onec;
mod reading;
mod records;
mod strength;
mod truth;

use serde_json::Value;

use self::entities::Entities;
pub use self::level::Noise;
use self::level::Tally;
use self::records::Records;

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// How many people there are, in one base or in both.
    pub people: u32,
    /// How many companies and sole proprietors there are, in one base or in both.
    pub companies: u32,
    /// Another seed gives other people, firms and damage.
    pub seed: u64,
    /// How much is damaged.
    pub noise: Noise,
}

/// A generated pair of bases.
#[derive(Clone, Debug, PartialEq)]
pub struct NoisyBases {
    /// Load lines of the portal.
    pub bitrix24: Vec<Value>,
    /// Load lines of the infobase.
    pub onec: Vec<Value>,
    /// Who is who: the checker's document.
    pub truth: Value,
}

/// Generates both bases.
#[must_use]
pub fn generate(recipe: &Recipe) -> NoisyBases {
    let Recipe { people, companies, seed, noise } = *recipe;
    let mut tally = Tally::new();
    let entities = Entities::draw(seed, people, companies, noise, &mut tally);
    let records = Records::deal(seed, &entities, noise, &mut tally);
    NoisyBases {
        bitrix24: bitrix24::lines(seed, noise, &entities, &records),
        onec: onec::lines(seed, noise, &entities, &records),
        truth: truth::tell(recipe, &entities, &records, &tally),
    }
}

#[cfg(test)]
mod tests;
