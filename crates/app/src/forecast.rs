//! How long a plan will take, computed from the limits of both sides and the way obmen goes about it.
//!
//! Bitrix24 is bound by requests and by execution seconds per method, 1C by the time of its work. Costs a call are what a
//! portal and an infobase usually need; a slow one needs more. Not responsible for anybody else's load.

use std::collections::BTreeMap;
use std::io;

use obmen_domain::forms::phone::search_spellings;
use obmen_domain::key::{Key, keys_of};
use obmen_domain::plan::{Creation, Step};
use obmen_domain::record::{Kind, Side};
use obmen_engine::draft::Draft;
use obmen_engine::store::Figures;
use serde::Serialize;

use crate::config::LimitsConfig;

const UPDATES_A_REQUEST: f64 = 44.0;
const ROWS_A_REQUEST: f64 = 2500.0;
const ROWS_A_LIST: f64 = 50.0;
const COMMANDS_A_REQUEST: f64 = 50.0;
const VALUES_A_SEARCH: f64 = 20.0;
/// Lists around the updates of a request, or behind the creates of one.
const LISTS: f64 = 3.0;
const LIST_SECONDS: f64 = 0.08;
const SEARCH_SECONDS: f64 = 0.03;
const ADD_SECONDS: f64 = 0.25;
const UPDATE_SECONDS: f64 = 0.20;
/// Requests with writes that are under way at once.
const AT_ONCE: f64 = 4.0;
/// Work put into one request, of the time after which the portal cuts it.
const BATCH_SHARE: f64 = 0.75;
/// Seconds of work count until a window after the answer, rounded up to a share of it.
const ROUNDED_SHARE: f64 = 1.0 / 60.0;
const ONEC_WRITE_SECONDS: f64 = 0.035;
const ONEC_READ_SECONDS: f64 = 0.015;
const ONEC_ROW_SECONDS: f64 = 0.0001;
const ONEC_PAGE_ROWS: f64 = 1000.0;
/// Keys that fit into the address of one search.
const ONEC_KEYS_A_SEARCH: f64 = 4.0;

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

/// How long a run takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Forecast {
    /// How long.
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

/// Work of both sides in one stage of a run, during which they work at once.
#[derive(Debug, Default)]
struct Stage {
    requests: f64,
    /// Seconds by method, each with those of one request.
    execution: BTreeMap<&'static str, (f64, f64)>,
    /// Seconds of 1C, all requests together.
    onec: f64,
}

impl Stage {
    /// Work of a method in the portal, so much of it a request.
    fn work(&mut self, method: &'static str, seconds: f64, a_request: f64) {
        let of_method = self.execution.entry(method).or_default();
        *of_method = (of_method.0 + seconds, of_method.1.max(a_request));
    }

    fn execution_seconds(&self) -> f64 {
        self.execution.values().map(|(seconds, _)| seconds).sum()
    }

    /// How long the stage takes and what binds it.
    fn takes(&self, limits: &LimitsConfig, parallel: u32) -> (f64, Binding) {
        let rate = ((self.requests - f64::from(limits.burst)) / limits.per_second).max(0.0);
        let methods =
            self.execution.values().map(|(seconds, a_request)| time_of_method(*seconds, *a_request, limits));
        let execution = methods.fold(0.0, f64::max);
        let onec = self.onec / f64::from(parallel.max(1));
        [(rate, Binding::Rate), (execution, Binding::Execution), (onec, Binding::Onec)]
            .into_iter()
            .fold((0.0, Binding::Onec), |best, one| if one.0 > best.0 { one } else { best })
    }
}

/// Full windows of execution, each as long as its seconds count, and what is left for the last one.
fn time_of_method(seconds: f64, a_request: f64, limits: &LimitsConfig) -> f64 {
    let requests = (limits.execution_seconds / a_request.max(0.001)).floor().max(1.0);
    let budget = (requests * a_request).min(limits.execution_seconds).max(0.001);
    let windows = ((seconds / budget).ceil() - 1.0).max(0.0);
    let window = limits.window_seconds * (1.0 + ROUNDED_SHARE) + a_request;
    windows * window + (seconds - windows * budget) / AT_ONCE
}

/// Computes how long a plan takes; `figures` tell how many records are read on the way.
///
/// # Errors
/// Where the plan cannot be read again.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of records stay far below 2^53"
)]
pub(crate) fn forecast(
    plan: &mut Draft,
    figures: &Figures,
    limits: &LimitsConfig,
    parallel: u32,
) -> io::Result<Forecast> {
    let mut reading = Stage::default();
    for (name, records) in &figures.seen {
        let records = *records as f64;
        if let Some(kind) = name.strip_prefix("bitrix24:") {
            reading.requests += 1.0 + (records / ROWS_A_REQUEST).ceil();
            let list = if kind == "contact" { "crm.contact.list" } else { "crm.company.list" };
            reading.work(
                list,
                (records / ROWS_A_LIST).ceil() * LIST_SECONDS,
                COMMANDS_A_REQUEST * LIST_SECONDS,
            );
        } else {
            let pages = (records / ONEC_PAGE_ROWS).ceil();
            reading.onec += pages * ONEC_READ_SECONDS + records * ONEC_ROW_SECONDS;
        }
    }
    let (mut searching, mut writing, mut following) = (Stage::default(), Stage::default(), Stage::default());
    plan.each_step(|step| {
        match step {
            Step::Create(creation) => {
                search(&mut searching, creation);
                create(&mut writing, creation, limits);
                update(&mut following, creation.side.other(), creation.source.kind);
            }
            Step::Update(revision) => update(&mut writing, revision.record.id.side, revision.record.id.kind),
            Step::Link { .. } | Step::Unlink { .. } | Step::Mark(_) | Step::Ask(_) => {}
        }
        Ok(())
    })?;
    let stages = [reading, searching, writing, following];
    let taken = stages.each_ref().map(|stage| stage.takes(limits, parallel));
    let longest =
        taken.into_iter().fold((0.0, Binding::Onec), |best, one| if one.0 > best.0 { one } else { best });
    Ok(Forecast {
        seconds: taken.iter().map(|(seconds, _)| seconds).sum(),
        requests: stages.iter().map(|stage| stage.requests).sum::<f64>().ceil() as u64,
        execution_seconds: stages.iter().map(Stage::execution_seconds).sum(),
        onec_seconds: stages.iter().map(|stage| stage.onec).sum::<f64>() / f64::from(parallel.max(1)),
        binding: longest.1,
    })
}

/// The question who holds the keys of a record that is about to be created.
#[expect(clippy::cast_precision_loss, reason = "a record has few keys")]
fn search(stage: &mut Stage, creation: &Creation) {
    let keys = keys_of(&creation.party);
    if creation.side == Side::Onec {
        let strong = keys.iter().filter(|key| key.is_strong()).count() as f64;
        stage.onec += strong / ONEC_KEYS_A_SEARCH * ONEC_READ_SECONDS;
        return;
    }
    let values: usize = keys
        .iter()
        .map(|key| match key {
            Key::Phone(phone) => search_spellings(phone).len(),
            Key::Email(_) | Key::Inn(_) => 1,
            Key::Name(_) | Key::Id(_) => 0,
        })
        .sum();
    let searches = values as f64 / VALUES_A_SEARCH;
    stage.requests += searches / COMMANDS_A_REQUEST;
    stage.work("crm.duplicate.findbycomm", searches * SEARCH_SECONDS, COMMANDS_A_REQUEST * SEARCH_SECONDS);
}

fn create(stage: &mut Stage, creation: &Creation, limits: &LimitsConfig) {
    if creation.side == Side::Onec {
        stage.onec += ONEC_WRITE_SECONDS + ONEC_READ_SECONDS;
        return;
    }
    let a_request = BATCH_SHARE * limits.request_seconds;
    stage.work("crm.item.batchImport", ADD_SECONDS, a_request);
    // Every fifty are read back in a request of their own, with what stands beside them.
    stage.requests += ADD_SECONDS / a_request + 1.0 / ROWS_A_LIST;
    if creation.source.kind == Kind::Company {
        stage.work("crm.requisite.add", ADD_SECONDS, a_request);
    }
}

fn update(stage: &mut Stage, side: Side, kind: Kind) {
    if side == Side::Onec {
        stage.onec += ONEC_WRITE_SECONDS + 2.0 * ONEC_READ_SECONDS;
        return;
    }
    stage.requests += 1.0 / UPDATES_A_REQUEST;
    let a_request = UPDATES_A_REQUEST * UPDATE_SECONDS + 2.0 * LISTS * LIST_SECONDS;
    // Two methods do the same and share the work.
    let of_kind = if kind == Kind::Contact { "crm.contact.update" } else { "crm.company.update" };
    for method in [of_kind, "crm.item.update"] {
        stage.work(method, UPDATE_SECONDS / 2.0, a_request);
    }
}

#[cfg(test)]
mod tests {
    use obmen_domain::party::{Organization, Party};
    use obmen_domain::plan::{Creation, Plan};
    use obmen_domain::record::{Catalog, RecordId};

    use super::*;

    #[test]
    fn nothing_to_do_takes_no_time() {
        let bound = forecast_of(Plan::default(), 2);
        assert_eq!((bound.seconds, bound.requests), (0.0, 0));
    }

    #[test]
    fn seconds_of_a_method_wait_for_windows() {
        // 4000 companies of 0.25 s each are 1000 s of one method: two full windows, of ten requests each, and the rest.
        let bound = forecast_of(companies(4000, Side::Bitrix24), 2);
        assert_eq!(bound.binding, Binding::Execution);
        assert!(bound.seconds > 1200.0 && bound.seconds < 1.15 * 1200.0 + 400.0, "{bound:?}");
    }

    #[test]
    fn writes_to_1c_are_shared_among_parallel_requests() {
        let bound = forecast_of(companies(1000, Side::Onec), 4);
        assert!((bound.onec_seconds - 12.5).abs() < 1e-6, "{bound:?}");
    }

    fn forecast_of(plan: Plan, parallel: u32) -> Forecast {
        let mut plan = Draft::of(plan).unwrap();
        forecast(&mut plan, &Figures::default(), &LimitsConfig::default(), parallel).unwrap()
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
