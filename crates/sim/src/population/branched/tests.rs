//! Generated houses against what both simulators take, and what a recipe promises.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::*;
use crate::bitrix24::{self, Portal};
use crate::onec::{self, Infobase};
use crate::world::World as _;

const PRODUCTS: [Product; 3] = [Product::Bp30, Product::Ut11, Product::Unf];

fn recipe(product: Product) -> Recipe {
    Recipe { houses: 25, seed: 7, product }
}

#[test]
fn one_recipe_gives_one_output_and_another_seed_other_numbers() {
    for product in PRODUCTS {
        let recipe = recipe(product);
        assert_eq!(generate(&recipe), generate(&recipe));
        let other = generate(&Recipe { seed: 8, ..recipe });
        let numbers = |bases: &Bases| -> BTreeSet<String> {
            bases.bitrix24.iter().map(|line| line["RQ_INN"].to_string()).collect()
        };
        assert!(numbers(&generate(&recipe)).intersection(&numbers(&other)).count() <= 1);
    }
}

#[test]
fn a_portal_and_an_infobase_of_every_configuration_take_all_of_it() {
    for product in PRODUCTS {
        let bases = generate(&recipe(product));
        let mut portal = Portal::new(bitrix24::Settings::default());
        bases.bitrix24.iter().for_each(|line| portal.load(line).unwrap());
        let settings = onec::Settings { configuration: product, ..onec::Settings::default() };
        let mut infobase = Infobase::furnished(settings);
        bases.chart.iter().for_each(|line| infobase.load(line).unwrap());
        for deed in &bases.onec {
            infobase.act(Timestamp::UNIX_EPOCH, deed).unwrap_or_else(|words| panic!("{words}: {deed}"));
        }
    }
}

#[test]
fn every_arrangement_occurs_with_its_pairs_and_its_lone_parties() {
    let bases = generate(&recipe(Product::Ut11));
    let requisites = bases.pairs.iter().filter(|pair| matches!(pair.bitrix24, Card::Requisite(_)));
    // Of five houses: two, two and one pair; a proprietor and a firm with a branch wait on one side, such a firm on the other.
    assert_eq!((bases.pairs.len(), requisites.count()), (25, 5));
    assert_eq!(bases.lone, Lone { bitrix24: 15, onec: 10 });
}
