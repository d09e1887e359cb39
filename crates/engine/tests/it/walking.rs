//! Walks over a side: everything is kept, and little is in memory at once.

use std::sync::Arc;

use futures_executor::block_on;
use obmen_domain::record::Side;
use obmen_domain::rules::Rules;
use obmen_engine::ports::Alone;
use obmen_engine::share::ROUND;
use obmen_engine::store::Store as _;
use obmen_engine::sync::{Engine, MANY, PORTION};
use obmen_store::{PairStore, SqliteStore};

use super::scripted::{Always, Held, Scripted, Watcher};

/// Portions of one walk: most of them small, since it is their number that counts here.
const SIZES: [u64; 40] = {
    let mut sizes = [60; 40];
    sizes[7] = 2_600;
    sizes[39] = 1_500;
    sizes
};

#[test]
fn a_walk_holds_few_records_and_few_portions_however_long_it_is() {
    let held = Arc::new(Held::default());
    let portal = Scripted::new(Side::Bitrix24, &SIZES, &held);
    let store = SqliteStore::in_memory().unwrap().pair("main");
    let engine = engine_between(portal, &held, store.clone());

    block_on(engine.look()).unwrap();

    let figures = block_on(store.figures()).unwrap();
    let all: u64 = SIZES.iter().sum();
    assert_eq!(figures.seen.get("bitrix24:contact"), Some(&all));
    assert!(held.most_records() <= 2_000, "{} records were in memory at once", held.most_records());
    assert!(held.most_records() >= 500, "records are made while others are written down");
    assert_eq!(held.most_portions(), 24, "places are read at once, and no more of them");
}

#[test]
fn records_that_another_portion_has_too_count_once() {
    let held = Arc::new(Held::default());
    let portal = Scripted::new(Side::Bitrix24, &[1_100, 200, 40], &held).again(50);
    let store = SqliteStore::in_memory().unwrap().pair("main");
    let engine = engine_between(portal, &held, store);

    block_on(engine.look()).unwrap();

    assert_eq!(held.kept(), 1_050 + 150);
}

fn engine_between(portal: Scripted, held: &Arc<Held>, store: PairStore) -> Engine {
    Engine {
        rules: Rules::default(),
        store: Arc::new(store),
        bitrix24: Arc::new(portal),
        onec: Arc::new(Scripted::new(Side::Onec, &[], &Arc::default())),
        clock: Arc::new(Always),
        crew: Arc::new(Alone),
        progress: Arc::new(Watcher(Arc::clone(held))),
        run: "first".to_owned(),
        accept_fewer: false,
        many: MANY,
        portion: PORTION,
        round: ROUND,
    }
}
