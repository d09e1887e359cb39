//! Wiring: a process of the product from its start to its end as one future, made of the real parts.
//!
//! A test may put something between the engine and its store or sides, and between a message and what is kept of it, to
//! see whether the simulation notices.

use std::sync::Arc;

use obmen_bitrix24::Bitrix24;
use obmen_domain::record::Side;
use obmen_domain::rules::Rules;
use obmen_engine::ports::{BoxFuture, SideError};
use obmen_engine::report::Report;
use obmen_engine::share::ROUND;
use obmen_engine::store::{Change, Store};
use obmen_engine::sync::{Engine, EngineError, Extent, SideAccess};
use obmen_onec::Onec;

use crate::desk::Desk;
use crate::serve::{Opened, serve};
use crate::setup::Setup;
use crate::surroundings::{DeskClock, DeskProgress, DeskStore, DeskTransport, InTurns};
use crate::twist::TwistedStore;

/// What stands between the engine and its store.
pub type StoreWrap = fn(Arc<dyn Store>) -> Arc<dyn Store>;
/// What stands between the engine and a side.
pub type SideWrap = fn(Arc<dyn SideAccess>) -> Arc<dyn SideAccess>;
/// What stands between a message and what is kept of it: the store, the body, and what would be kept.
pub type HookWrap = for<'a> fn(&'a dyn Store, &'a [u8], Vec<Change>) -> BoxFuture<'a, Vec<Change>>;

/// How the engine takes the rules of the pair.
pub type RulesWrap = fn(Rules) -> Rules;

/// What stands between the real parts; nothing by default.
#[derive(Debug, Clone, Copy)]
pub struct Wiring {
    /// Between the engine and its store.
    pub store: StoreWrap,
    /// Between the engine and each side.
    pub side: SideWrap,
    /// Between messages and the store.
    pub hook: HookWrap,
    /// Between the configuration and the engine.
    pub rules: RulesWrap,
}

impl Default for Wiring {
    fn default() -> Self {
        Self {
            store: |store| store,
            side: |side| side,
            hook: |_, _, changes| Box::pin(std::future::ready(changes)),
            rules: |rules| rules,
        }
    }
}

/// How a run ended: its report, or why it stopped early.
pub(crate) type End = Result<Report, String>;

/// A process: its parts before they are connected.
#[derive(Clone)]
pub(crate) struct Process {
    setup: Setup,
    wiring: Wiring,
    desk: Desk,
    /// The store as this process sees it: what it holds in memory goes with the process.
    pub(crate) store: Arc<dyn Store>,
    run: String,
    /// Whether far fewer records than before are taken for the truth.
    accept_fewer: bool,
}

impl Process {
    pub(crate) fn new(setup: Setup, wiring: Wiring, desk: Desk, store: Arc<dyn Store>, run: String) -> Self {
        let store = (wiring.store)(Arc::new(TwistedStore(DeskStore { desk: desk.clone(), inner: store })));
        Self { setup, wiring, desk, store, run, accept_fewer: false }
    }

    /// It connects, syncs once and ends.
    pub(crate) fn sync(self) -> BoxFuture<'static, End> {
        Box::pin(async move {
            let Opened { engine, .. } = self.open().await.map_err(|error| format!("failed to {error}"))?;
            engine.sync(Extent::default(), |_| true).await.map_err(|error| format!("failed to {error}"))
        })
    }

    /// The same, and far fewer records than before are taken for the truth.
    pub(crate) fn sync_fewer(self) -> BoxFuture<'static, End> {
        Self { accept_fewer: true, ..self }.sync()
    }

    /// It connects, says what it would do and ends.
    pub(crate) fn preview(self) -> BoxFuture<'static, End> {
        Box::pin(async move {
            let Opened { engine, .. } = self.open().await.map_err(|error| format!("failed to {error}"))?;
            let draft = engine.preview().await.map_err(|error| format!("failed to {error}"))?;
            let mut report = Report::default();
            report.plan_digest = draft.digest().to_string();
            Ok(report)
        })
    }

    /// It connects and serves until it dies.
    pub(crate) fn serve(self) -> BoxFuture<'static, End> {
        Box::pin(async move {
            let (desk, period) = (self.desk.clone(), self.setup.period);
            let by_extension = self.setup.is_by_extension();
            let open = Box::new(move || -> BoxFuture<'static, _> { Box::pin(self.clone().open_owned()) });
            match serve(desk, open, period, by_extension).await {}
        })
    }

    async fn open_owned(self) -> Result<Opened, EngineError> {
        self.open().await
    }

    async fn open(&self) -> Result<Opened, EngineError> {
        let Self { setup, wiring, desk, store, run, accept_fewer } = self;
        let clock = Arc::new(DeskClock(desk.clone()));
        let transport = |side| Arc::new(DeskTransport { desk: desk.clone(), side });
        let way = transport(Side::Bitrix24);
        let bitrix24 = Arc::new(Bitrix24::new(setup.portal_client(), way, clock.clone(), store.clone()));
        let facts = bitrix24.connect().await?;
        // As `crates/app/src/gate.rs`: nobody begins who does not see all.
        if !facts.admin {
            let what = "see all records, as an administrator does".to_owned();
            return Err(SideError::MissingRight { side: Side::Bitrix24, what }.into());
        }
        let onec = Onec::new(setup.onec_client(), transport(Side::Onec), clock.clone(), store.clone());
        onec.connect().await?;
        let engine = Engine {
            rules: (wiring.rules)(setup.rules.clone()),
            store: store.clone(),
            bitrix24: (wiring.side)(Arc::clone(&bitrix24) as _),
            onec: (wiring.side)(Arc::new(onec)),
            clock,
            crew: Arc::new(InTurns),
            progress: Arc::new(DeskProgress(desk.clone())),
            run: run.clone(),
            accept_fewer: *accept_fewer,
            // So small that runs have many portions, and die between them.
            many: 2,
            portion: 2000,
            round: ROUND,
        };
        Ok(Opened { engine, portal: bitrix24 })
    }
}
