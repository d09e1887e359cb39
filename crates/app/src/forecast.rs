//! How long a plan will take at least, computed from the limits of both sides.
//!
//! Bitrix24 is bound by requests and by execution seconds per method, 1C by the time of its writes. Costs a call are
//! what a portal and an infobase usually need; a slow one needs more. Not responsible for anybody else's load.

use std::collections::BTreeMap;

use obmen_domain::plan::{Plan, Step};
use obmen_domain::record::{Kind, Side};
use obmen_engine::store::Figures;
use serde::Serialize;

use crate::config::LimitsConfig;

const WRITES_A_REQUEST: f64 = 49.0;
const ROWS_A_REQUEST: f64 = 2500.0;
const ROWS_A_LIST: f64 = 50.0;
const LIST_SECONDS: f64 = 0.08;
const ADD_SECONDS: f64 = 0.25;
const UPDATE_SECONDS: f64 = 0.20;
const ONEC_WRITE_SECONDS: f64 = 0.035;
const ONEC_READ_SECONDS: f64 = 0.015;
const ONEC_ROW_SECONDS: f64 = 0.0001;
const ONEC_PAGE_ROWS: f64 = 1000.0;

/// What binds a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Binding {
    /// Requests per second.
    Rate,
    /// Execution seconds per window.
    Execution,
    /// The speed of 1C.
    Onec,
}

/// A lower bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Forecast {
    /// The bound.
    pub(crate) seconds: f64,
    /// Requests to the portal.
    pub(crate) requests: u64,
    /// Execution seconds of the portal, all methods together.
    pub(crate) execution_seconds: f64,
    /// Seconds that 1C works, with as many requests at once as configured.
    pub(crate) onec_seconds: f64,
    /// What binds.
    pub(crate) binding: Binding,
}

impl Binding {
    /// The word by which messages choose.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Execution => "execution",
            Self::Onec => "onec",
        }
    }
}

/// Computes the bound for a plan; `figures` tell how many records are read on the way.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of records stay far below 2^53"
)]
pub(crate) fn forecast(plan: &Plan, figures: &Figures, limits: &LimitsConfig, parallel: u32) -> Forecast {
    let mut by_method: BTreeMap<(&str, Kind), f64> = BTreeMap::new();
    let mut onec_seconds = 0.0;
    for step in &plan.steps {
        let kind = step.kind();
        match step {
            Step::Create(creation) if creation.side == Side::Bitrix24 => {
                *by_method.entry(("add", kind)).or_default() += 1.0;
                if kind == Kind::Company {
                    *by_method.entry(("requisite", kind)).or_default() += 1.0;
                }
            }
            Step::Update(revision) if revision.record.id.side == Side::Bitrix24 => {
                *by_method.entry(("update", kind)).or_default() += 1.0;
            }
            Step::Create(_) => onec_seconds += ONEC_WRITE_SECONDS + ONEC_READ_SECONDS,
            Step::Update(_) => onec_seconds += ONEC_WRITE_SECONDS + 2.0 * ONEC_READ_SECONDS,
            Step::Link { .. } | Step::Unlink { .. } | Step::Mark(_) | Step::Ask(_) => {}
        }
    }
    let mut requests = 0.0;
    let mut execution: Vec<f64> = Vec::new();
    for ((method, _), calls) in &by_method {
        requests += (calls / WRITES_A_REQUEST).ceil();
        execution.push(calls * if *method == "update" { UPDATE_SECONDS } else { ADD_SECONDS });
    }
    for (name, records) in &figures.seen {
        let records = *records as f64;
        if name.starts_with("bitrix24:") {
            requests += (records / ROWS_A_REQUEST).ceil();
            execution.push((records / ROWS_A_LIST).ceil() * LIST_SECONDS);
        } else {
            onec_seconds +=
                (records / ONEC_PAGE_ROWS).ceil() * ONEC_READ_SECONDS + records * ONEC_ROW_SECONDS;
        }
    }
    let rate_bound = ((requests - f64::from(limits.burst)) / limits.per_second).max(0.0);
    let windows = |seconds: &f64| ((seconds / limits.execution_seconds).ceil() - 1.0).max(0.0);
    let execution_bound = execution.iter().map(windows).fold(0.0, f64::max) * limits.window_seconds;
    let onec_bound = onec_seconds / f64::from(parallel.max(1));
    let (seconds, binding) =
        [(rate_bound, Binding::Rate), (execution_bound, Binding::Execution), (onec_bound, Binding::Onec)]
            .into_iter()
            .fold((0.0, Binding::Onec), |best, bound| if bound.0 > best.0 { bound } else { best });
    Forecast {
        seconds,
        requests: requests as u64,
        execution_seconds: execution.iter().sum(),
        onec_seconds: onec_bound,
        binding,
    }
}

#[cfg(test)]
mod tests {
    use obmen_domain::party::{Organization, Party};
    use obmen_domain::plan::Creation;
    use obmen_domain::record::{Catalog, RecordId};

    use super::*;

    #[test]
    fn nothing_to_do_takes_no_time() {
        let bound = forecast(&Plan::default(), &Figures::default(), &LimitsConfig::default(), 2);
        assert_eq!((bound.seconds, bound.requests), (0.0, 0));
    }

    #[test]
    fn a_third_window_of_execution_makes_two_windows_of_waiting() {
        // 4000 companies of 0.25 s each are 1000 s of one method: three windows of 480 s.
        let bound =
            forecast(&companies(4000, Side::Bitrix24), &Figures::default(), &LimitsConfig::default(), 2);
        assert_eq!((bound.binding, bound.seconds), (Binding::Execution, 1200.0));
        assert_eq!(bound.requests, 164);
    }

    #[test]
    fn writes_to_1c_are_shared_among_parallel_requests() {
        let bound = forecast(&companies(1000, Side::Onec), &Figures::default(), &LimitsConfig::default(), 4);
        assert_eq!(bound.binding, Binding::Onec);
        assert!((bound.seconds - 12.5).abs() < 1e-6, "{bound:?}");
    }

    fn companies(count: usize, side: Side) -> Plan {
        let step = Step::Create(Box::new(Creation {
            side,
            catalog: Catalog::Counterparty,
            source: RecordId::bitrix24(Kind::Company, "1"),
            party: Party::Organization(Organization::default()),
            revives: None,
        }));
        Plan { steps: vec![step; count], ..Plan::default() }
    }
}
