//! Wiring: a run of the product from its start to its end as one future, made of the real parts.
//!
//! A test may put something between the engine and its store or sides, to see whether the simulation notices.

use std::sync::Arc;

use obmen_bitrix24::Bitrix24;
use obmen_domain::record::Side;
use obmen_engine::ports::BoxFuture;
use obmen_engine::report::Report;
use obmen_engine::store::Store;
use obmen_engine::sync::{Engine, Extent, SideAccess};
use obmen_onec::Onec;

use crate::desk::Desk;
use crate::setup::Setup;
use crate::surroundings::{DeskClock, DeskProgress, DeskStore, DeskTransport, InTurns};

/// What stands between the engine and its store.
pub type StoreWrap = fn(Arc<dyn Store>) -> Arc<dyn Store>;
/// What stands between the engine and a side.
pub type SideWrap = fn(Arc<dyn SideAccess>) -> Arc<dyn SideAccess>;

/// What stands between the real parts; nothing by default.
#[derive(Debug, Clone, Copy)]
pub struct Wiring {
    /// Between the engine and its store.
    pub store: StoreWrap,
    /// Between the engine and each side.
    pub side: SideWrap,
}

impl Default for Wiring {
    fn default() -> Self {
        Self { store: |store| store, side: |side| side }
    }
}

/// How a run ended: its report, or why it stopped early.
pub(crate) type End = Result<Report, String>;

/// A process that starts, connects, syncs once and ends.
pub(crate) fn process(
    setup: Setup,
    wiring: Wiring,
    desk: Desk,
    store: Arc<dyn Store>,
    run: String,
) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let clock = Arc::new(DeskClock(desk.clone()));
        let store = (wiring.store)(Arc::new(DeskStore { desk: desk.clone(), inner: store }));
        let transport = |side| Arc::new(DeskTransport { desk: desk.clone(), side });
        let bitrix24 =
            Bitrix24::new(setup.portal_client(), transport(Side::Bitrix24), clock.clone(), store.clone());
        bitrix24.connect().await.map_err(|error| format!("failed to {error}"))?;
        let onec = Onec::new(setup.onec_client(), transport(Side::Onec), clock.clone(), store.clone());
        onec.connect().await.map_err(|error| format!("failed to {error}"))?;
        let engine = Engine {
            rules: setup.rules,
            store,
            bitrix24: (wiring.side)(Arc::new(bitrix24)),
            onec: (wiring.side)(Arc::new(onec)),
            clock,
            crew: Arc::new(InTurns),
            progress: Arc::new(DeskProgress(desk)),
            run,
            accept_fewer: false,
            // So small that runs have many portions, and die between them.
            many: 2,
            portion: 2000,
        };
        engine.sync(Extent::default(), |_| true).await.map_err(|error| format!("failed to {error}"))
    })
}
