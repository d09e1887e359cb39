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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use obmen_bitrix24::limiter::MethodUsage;
    use obmen_domain::record::{Kind, RecordId};
    use obmen_engine::ports::WriteSort;

    use super::*;

    /// What is told of what was counted.
    fn told(count: impl FnOnce(&Counted)) -> Vec<String> {
        let recorder = PrometheusBuilder::new().set_buckets(&[1.0]).unwrap().build_recorder();
        metrics::with_local_recorder(&recorder, || count(&Counted::new("main")));
        let text = recorder.handle().render();
        text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
    }

    #[track_caller]
    fn assert_told(told: &[String], expected: &[&str]) {
        for line in expected {
            assert!(told.iter().any(|told| told == line), "{line} in {told:#?}");
        }
    }

    #[test]
    fn a_round_counts_its_time_its_writes_its_links_and_what_was_refused() {
        let mut report = Report::default();
        (report.seconds, report.linked) = (1.5, 5);
        (report.created_bitrix24, report.created_onec) = (1, 2);
        (report.updated_bitrix24, report.updated_onec) = (3, 4);
        report.failures.insert("given-up", 6);
        assert_told(
            &told(|counted| counted.round(&report)),
            &[
                "obmen_round_seconds_sum{pair=\"main\"} 1.5",
                "obmen_writes_total{pair=\"main\",side=\"bitrix24\",sort=\"create\"} 1",
                "obmen_writes_total{pair=\"main\",side=\"onec\",sort=\"create\"} 2",
                "obmen_writes_total{pair=\"main\",side=\"bitrix24\",sort=\"update\"} 3",
                "obmen_writes_total{pair=\"main\",side=\"onec\",sort=\"update\"} 4",
                "obmen_links_total{pair=\"main\"} 5",
                "obmen_refused_total{pair=\"main\",class=\"given-up\"} 6",
            ],
        );
    }

    #[test]
    fn failures_requests_and_limits_are_counted() {
        let usage = Usage {
            requests_used: 10.0,
            requests: 50.0,
            refused_until: None,
            seconds: 480.0,
            methods: vec![MethodUsage {
                method: "crm.contact.list".to_owned(),
                used: 80.0,
                by_others: 7.0,
                left: 400.0,
            }],
        };
        let told = told(|counted| {
            counted.failure("side-locked");
            counted.requests((8, 9));
            counted.limits(&usage);
        });
        assert_told(
            &told,
            &[
                "obmen_failures_total{pair=\"main\",class=\"side-locked\"} 1",
                "obmen_requests_total{pair=\"main\",side=\"bitrix24\"} 8",
                "obmen_requests_total{pair=\"main\",side=\"onec\"} 9",
                "obmen_limit_requests{pair=\"main\",state=\"used\"} 10",
                "obmen_limit_requests{pair=\"main\",state=\"left\"} 40",
                "obmen_limit_execution_seconds{pair=\"main\",method=\"crm.contact.list\",state=\"used\"} 80",
                "obmen_limit_execution_seconds{pair=\"main\",method=\"crm.contact.list\",state=\"left\"} 400",
                "obmen_limit_execution_seconds{pair=\"main\",method=\"crm.contact.list\",state=\"others\"} 7",
            ],
        );
    }

    #[test]
    fn how_long_a_change_took_is_told_by_direction_and_an_id_written_back_is_none() {
        let at = Timestamp::UNIX_EPOCH + Duration::from_secs(9);
        let wrote = |record, is_id_alone| Wrote {
            record,
            source: None,
            sort: WriteSort::Update,
            is_id_alone,
            since: Some(Timestamp::UNIX_EPOCH),
            at,
        };
        let contact = RecordId::bitrix24(Kind::Contact, "1");
        let client = RecordId::onec(Kind::Contact, "6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11");
        let told = told(|counted| {
            counted.wrote(&wrote(contact.clone(), false));
            counted.wrote(&wrote(contact, true));
            counted.wrote(&wrote(client, false));
        });
        assert_told(
            &told,
            &[
                "obmen_lag_seconds_sum{pair=\"main\",direction=\"onec-to-bitrix24\"} 9",
                "obmen_lag_seconds_count{pair=\"main\",direction=\"onec-to-bitrix24\"} 1",
                "obmen_lag_seconds_count{pair=\"main\",direction=\"bitrix24-to-onec\"} 1",
            ],
        );
    }
}
