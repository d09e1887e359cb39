//! What an exchange counts for whoever watches it: see `docs/serving.md`.
//!
//! Not responsible for what the store holds and for messages, which `obmen-server` counts.

use obmen_bitrix24::limiter::Usage;
use obmen_domain::record::Side;
use obmen_engine::progress::{Progress, Stage, Wrote};
use obmen_engine::report::Report;

/// The counters of one pair.
#[derive(Debug)]
pub(crate) struct Counted {
    pair: String,
}

impl Counted {
    pub(crate) fn new(pair: &str) -> Self {
        Self { pair: pair.to_owned() }
    }

    /// A round was done.
    pub(super) fn round(&self, report: &Report) {
        metrics::histogram!("obmen_round_seconds", "pair" => self.pair.clone()).record(report.seconds);
        for (side, sort, count) in [
            (Side::Bitrix24, "create", report.created_bitrix24),
            (Side::Onec, "create", report.created_onec),
            (Side::Bitrix24, "update", report.updated_bitrix24),
            (Side::Onec, "update", report.updated_onec),
        ] {
            let labels = [self.pair(), ("side", side.word().to_owned()), ("sort", sort.to_owned())];
            metrics::counter!("obmen_writes_total", &labels).increment(count);
        }
        metrics::counter!("obmen_links_total", &[self.pair()]).increment(report.linked);
        for (class, count) in &report.failures {
            let labels = [self.pair(), ("class", (*class).to_owned())];
            metrics::counter!("obmen_refused_total", &labels).increment(*count);
        }
    }

    /// Something failed and is tried again.
    pub(super) fn failure(&self, class: &'static str) {
        let labels = [self.pair(), ("class", class.to_owned())];
        metrics::counter!("obmen_failures_total", &labels).increment(1);
    }

    /// So many requests went out to the portal and to 1C since the start.
    pub(super) fn requests(&self, (bitrix24, onec): (u64, u64)) {
        for (side, requests) in [(Side::Bitrix24, bitrix24), (Side::Onec, onec)] {
            let labels = [self.pair(), ("side", side.word().to_owned())];
            metrics::counter!("obmen_requests_total", &labels).absolute(requests);
        }
    }

    /// How much of the portal's limits is used up, and what is left.
    pub(super) fn limits(&self, usage: &Usage) {
        let tell = |metric: &'static str, labels: &[(&'static str, String)], used: f64, all: f64| {
            for (state, value) in [("used", used), ("left", (all - used).max(0.0))] {
                let labels = [labels, &[("state", state.to_owned())]].concat();
                metrics::gauge!(metric, &labels).set(value);
            }
        };
        tell("obmen_limit_requests", &[self.pair()], usage.requests_used, usage.requests);
        for method in &usage.methods {
            let labels = [self.pair(), ("method", method.method.clone())];
            tell("obmen_limit_execution_seconds", &labels, method.used, usage.seconds);
            let labels = [&labels[..], &[("state", "others".to_owned())]].concat();
            metrics::gauge!("obmen_limit_execution_seconds", &labels).set(method.by_others);
        }
    }

    fn pair(&self) -> (&'static str, String) {
        ("pair", self.pair.clone())
    }
}

/// Writes are counted with how long the change before them had been known.
impl Progress for Counted {
    fn begin(&self, _: Stage, _: Option<u64>) {}

    fn advance(&self, _: Stage, _: u64) {}

    fn finish(&self, _: Stage) {}

    fn wrote(&self, wrote: &Wrote) {
        let Some(since) = wrote.since.filter(|_| !wrote.is_id_alone) else { return };
        let direction = match wrote.record.side {
            Side::Bitrix24 => "onec-to-bitrix24",
            Side::Onec => "bitrix24-to-onec",
        };
        let seconds = wrote.at.duration_since(since).as_secs_f64().max(0.0);
        let labels = [self.pair(), ("direction", direction.to_owned())];
        metrics::histogram!("obmen_lag_seconds", &labels).record(seconds);
    }
}
