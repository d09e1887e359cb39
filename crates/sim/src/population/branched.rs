//! Firms as they keep their papers: branches, several requisites of a company, sole proprietors, legal addresses and custom
//! fields, in a portal and in an infobase of any configuration.
//!
//! Five arrangements take turns. The portal comes as load lines, the infobase as a chart of custom fields to load and as what
//! people then enter, for an infobase as it is on its first day: its contact kinds have references of their own. Not
//! responsible for noise (see `noisy`). One recipe gives one output, byte for byte.

mod bitrix24;
mod houses;
mod onec;

use serde_json::Value;

use self::houses::{House, draw};
use crate::onec::Product;

pub use self::houses::Arrangement;

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// How many houses there are: a firm, its branch and its director's sole proprietorship are one.
    pub houses: u32,
    /// Another seed gives other names, numbers and references.
    pub seed: u64,
    /// The configuration of the infobase.
    pub product: Product,
}

/// A portal and an infobase.
#[derive(Clone, Debug, PartialEq)]
pub struct Bases {
    /// Load lines of the portal.
    pub bitrix24: Vec<Value>,
    /// Load lines of the infobase: the custom fields that its objects refer to.
    pub chart: Vec<Value>,
    /// What people enter in the infobase, in order.
    pub onec: Vec<Value>,
    /// Cards of one party, known to both from the start.
    pub pairs: Vec<Pair>,
    /// How many parties only one side knows.
    pub lone: Lone,
}

/// Parties that one side has to learn of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lone {
    /// Companies and further requisites of the portal that no counterparty stands for.
    pub bitrix24: usize,
    /// Counterparties that stand neither as a company nor as a requisite.
    pub onec: usize,
}

/// Two cards of one party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The card in the portal.
    pub bitrix24: Card,
    /// The reference of the counterparty.
    pub onec: String,
}

/// A card that stands for a party in the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Card {
    /// A company with its own requisite.
    Company(String),
    /// A further requisite of a company.
    Requisite(String),
}

/// Generates both bases.
#[must_use]
pub fn generate(recipe: &Recipe) -> Bases {
    let houses: Vec<House> =
        (0..u64::from(recipe.houses)).map(|ordinal| draw(recipe.seed, ordinal)).collect();
    let members = || houses.iter().flat_map(|house| house.members.iter().map(move |member| (house, member)));
    let pair = |(house, member): (&House, &houses::Member)| {
        let is_common = member.in_bitrix24 && member.in_onec;
        is_common.then(|| Pair { bitrix24: bitrix24::card(house, member), onec: member.reference.clone() })
    };
    let alone = |here: fn(&houses::Member) -> bool, there: fn(&houses::Member) -> bool| {
        members().filter(|(_, member)| here(member) && !there(member)).count()
    };
    Bases {
        bitrix24: bitrix24::lines(&houses),
        chart: onec::chart(recipe.seed),
        onec: onec::deeds(recipe, &houses),
        pairs: members().filter_map(pair).collect(),
        lone: Lone {
            bitrix24: alone(|member| member.in_bitrix24, |member| member.in_onec),
            onec: alone(|member| member.in_onec, |member| member.in_bitrix24),
        },
    }
}

#[cfg(test)]
mod tests;
