//! Proofs that the simulation can fail: a part of the product is taken away, and a seed must notice.
//!
//! What is taken away stands in wrappers here and in `plant`; the product has no switch for it.

use std::sync::Arc;
use std::time::Duration;

use obmen_domain::record::{Record, RecordId};
use obmen_engine::ports::{BoxFuture, SentCreate, SideError, StoreError};
use obmen_engine::store::{Change, Intent, Store};
use obmen_engine::sync::SideAccess;
use obmen_simulate::{Options, SideTwist, StoreTwist, TwistedSide, TwistedStore, Wiring, run, sync_ops_of};

#[test]
fn a_store_that_forgets_intents_makes_somebody_exist_twice() {
    let wiring = Wiring { store: |inner| Arc::new(TwistedStore(Forgetful(inner))), ..Wiring::default() };
    assert!(makes_twins(wiring));
}

#[test]
fn not_looking_for_creates_of_unknown_outcome_makes_somebody_exist_twice() {
    let wiring = Wiring { side: |inner| Arc::new(TwistedSide(Careless(inner))), ..Wiring::default() };
    assert!(makes_twins(wiring));
}

/// Whether one of a thousand seeds finds a second record of one party.
fn makes_twins(wiring: Wiring) -> bool {
    let options = Options { wiring, ..Options::default() };
    let mut verdicts = (1..=1000).map(|seed| run(seed, &sync_ops_of(seed, 60), options));
    verdicts.any(|verdict| verdict.violations.iter().any(|violation| violation.invariant == 1))
}

/// A store that keeps no intents.
struct Forgetful(Arc<dyn Store>);

impl StoreTwist for Forgetful {
    fn inner(&self) -> &Arc<dyn Store> {
        &self.0
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.apply(changes.into_iter().filter(|change| !matches!(change, Change::Intent(_))).collect())
    }

    fn intents(&self) -> BoxFuture<'_, Result<Vec<Intent>, StoreError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}

/// A side that does not look for what its creates of unknown outcome made, and does not wait for them either.
struct Careless(Arc<dyn SideAccess>);

impl SideTwist for Careless {
    fn inner(&self) -> &Arc<dyn SideAccess> {
        &self.0
    }

    fn find_created<'a>(
        &'a self,
        _: &'a [SentCreate],
    ) -> BoxFuture<'a, Result<Vec<(RecordId, Record)>, SideError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn settle_after(&self) -> Duration {
        Duration::ZERO
    }

    fn derived_id(&self, _: &RecordId) -> Option<String> {
        None
    }
}
