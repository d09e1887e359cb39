//! A process that serves: rounds as records fall due, and beside them a poll, a scan and a walk over ids, as
//! `obmen serve` drives them (`crates/app/src/commands/serve/exchange.rs`), on the scheduler's clock and bells.
//!
//! Not responsible for hooks. Invariant: it waits for nothing but the desk, so the seed decides the order of everything.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self, select};
use jiff::Timestamp;
use obmen_bitrix24::Bitrix24;
use obmen_domain::record::Side;
use obmen_engine::pace::{BETWEEN_LOOKS, BETWEEN_RINGS, Beat, LOOK, between_rounds, next_round};
use obmen_engine::ports::{BoxFuture, SideError};
use obmen_engine::report::Report;
use obmen_engine::sync::{Engine, EngineError};

use crate::desk::{Bell, Desk, Wait, Work};

/// The longest wait after a failure that passes by itself, and after one that somebody has to mend.
const LONGEST: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(5 * 60)];

/// Opens both connections.
pub(crate) type Open = Box<dyn Fn() -> BoxFuture<'static, Result<Opened, EngineError>> + Send + Sync>;

/// Both connections, open.
pub(crate) struct Opened {
    pub(crate) engine: Engine,
    /// The portal, which knows how much of its limits is used up.
    pub(crate) portal: Arc<Bitrix24>,
}

/// Goes on until the process dies.
pub(crate) async fn serve(desk: Desk, open: Open, period: Duration, by_extension: bool) -> Infallible {
    let mut pause = Pause::default();
    let Opened { engine, portal } = loop {
        match open().await {
            Ok(opened) => break opened,
            Err(error) => pause.after(&error, &desk).await,
        }
    };
    let served = Served { engine, portal, desk };
    let (never, ..) = future::join4(
        served.rounds(),
        served.watch(Side::Bitrix24, Work::Poll, Beat::poll(period), || served.engine.poll(Side::Bitrix24)),
        served.watch(Side::Onec, Work::Scan, Beat::scan(period), || served.ask_onec(by_extension)),
        served.watch_ids(by_extension),
    )
    .await;
    never
}

struct Served {
    engine: Engine,
    portal: Arc<Bitrix24>,
    desk: Desk,
}

impl Served {
    async fn rounds(&self) -> Infallible {
        let mut pause = Pause::default();
        let mut look_at = self.now();
        loop {
            let began = self.now();
            match self.round(&mut look_at).await {
                Ok(true) => {
                    pause = Pause::default();
                    let pause = self.between_rounds().await;
                    self.desk.pause(Wait::Until(self.now() + pause)).await;
                }
                Ok(false) => {
                    pause = Pause::default();
                    self.wait_for_work(began).await;
                }
                Err(error) => pause.after(&error, &self.desk).await,
            }
        }
    }

    async fn round(&self, look_at: &mut Timestamp) -> Result<bool, EngineError> {
        let now = self.now();
        if now >= *look_at {
            let at_work = self.desk.begin(Work::Look);
            let looked = self.engine.look_again(LOOK).await;
            drop(at_work);
            if matches!(looked, Ok(_) | Err(EngineError::Fewer(_))) {
                *look_at = now + BETWEEN_LOOKS;
            }
            if looked? {
                self.met("live: both sides were read in full");
            }
        }
        let _at_work = self.desk.begin(Work::Round);
        let Some(report) = self.engine.run_once().await? else { return Ok(false) };
        self.tell(&report);
        Ok(true)
    }

    async fn between_rounds(&self) -> Duration {
        let usage = self.portal.usage().await;
        between_rounds(usage.map(|usage| usage.requests_used / usage.requests))
    }

    async fn wait_for_work(&self, began: Timestamp) {
        let now = self.now();
        let due = self.engine.next_due(began).await.ok().flatten();
        let due = next_round(due, now);
        let rung = async {
            self.desk.pause(Wait::Rung(Bell::Records)).await;
            self.desk.pause(Wait::Until(now + BETWEEN_RINGS)).await;
        };
        select(Box::pin(rung), self.desk.pause(Wait::Until(due))).await;
    }

    async fn watch<F>(&self, side: Side, work: Work, beat: Beat, ask: impl Fn() -> F) -> Infallible
    where
        F: Future<Output = Result<usize, EngineError>>,
    {
        let mut pause = Pause::default();
        loop {
            let began = self.now();
            let at_work = self.desk.begin(work);
            let asked = ask().await;
            drop(at_work);
            if let Err(error) = &asked {
                pause.after(error, &self.desk).await;
                continue;
            }
            pause = Pause::default();
            self.found(&asked, "live: a poll or scan found something");
            let rest = beat.after(began, self.now());
            self.desk.pause(Wait::Until(rest.deaf_until)).await;
            let rung = self.desk.pause(Wait::Rung(Bell::Side(side)));
            select(rung, self.desk.pause(Wait::Until(rest.until))).await;
        }
    }

    /// The extension tells what was written; without it all versions are compared.
    async fn ask_onec(&self, by_extension: bool) -> Result<usize, EngineError> {
        match by_extension {
            true => self.engine.collect(Side::Onec).await,
            false => self.engine.scan(Side::Onec).await,
        }
    }

    async fn walk(&self, by_extension: bool) -> Result<usize, EngineError> {
        let found = self.engine.scan(Side::Bitrix24).await?;
        let besides = if by_extension { self.engine.scan(Side::Onec).await? } else { 0 };
        Ok(found + besides)
    }

    async fn watch_ids(&self, by_extension: bool) -> Infallible {
        let mut pause = Pause::default();
        loop {
            let began = self.now();
            let at_work = self.desk.begin(Work::Ids);
            let walked = self.walk(by_extension).await;
            drop(at_work);
            if let Err(error) = &walked {
                pause.after(error, &self.desk).await;
                continue;
            }
            pause = Pause::default();
            self.found(&walked, "live: a walk over ids found something");
            let next = Beat::IDS.after(began, self.now()).until;
            self.desk.table().walk = Some((began, next));
            self.desk.pause(Wait::Until(next)).await;
        }
    }

    fn found(&self, asked: &Result<usize, EngineError>, name: &'static str) {
        if asked.as_ref().is_ok_and(|found| *found > 0) {
            self.met(name);
            self.desk.table().rung.insert(Bell::Records);
        }
    }

    fn tell(&self, report: &Report) {
        self.met("live: a round");
        if report.linked > 0 {
            self.met("live: a round linked");
        }
        if report.created_bitrix24 + report.created_onec > 0 {
            self.met("live: a round created");
        }
        if report.updated_bitrix24 + report.updated_onec > 0 {
            self.met("live: a round updated");
        }
    }

    fn met(&self, name: &'static str) {
        self.desk.table().met.push(name);
    }

    fn now(&self) -> Timestamp {
        self.desk.table().now
    }
}

/// The waits of one loop: longer after each failure in a row, as long as a limit says.
#[derive(Debug, Default)]
struct Pause {
    failures: u32,
}

impl Pause {
    async fn after(&mut self, error: &EngineError, desk: &Desk) {
        let now = desk.table().now;
        desk.table().met.push("live: a failure was waited for");
        desk.table().failures.push(told(error));
        let until = match error {
            EngineError::Side(SideError::LimitReached { until, .. }) => (*until).max(now),
            error => {
                let passes = matches!(error, EngineError::Side(error) if error.is_outage());
                let longest = LONGEST[usize::from(!passes)];
                now + Duration::from_secs(1 << self.failures.min(16)).min(longest)
            }
        };
        self.failures += 1;
        desk.pause(Wait::Until(until)).await;
    }
}

/// A failure as the log tells it: whose record a side cannot get hold of is left out there too.
fn told(error: &EngineError) -> String {
    match error {
        EngineError::Side(SideError::Busy { side, .. }) => format!("get hold of a record in {}", side.word()),
        error => error.to_string(),
    }
}
