//! One seed from its start to its verdict, and the search for a shorter list of operations that fails like it.

use std::time::Duration;

use obmen_domain::record::Side;
use obmen_engine::report::Report;

use crate::coverage::Coverage;
use crate::invariants::{Violation, judge};
use crate::op::{Op, draw_ops};
use crate::session::Session;
use crate::streams::{Draw, Purpose};
use crate::wiring::Wiring;

/// After the operations the worlds come to rest within so many runs.
const RUNS_TO_REST: usize = 12;
/// Time enough for everything late to land.
const LATE: Duration = Duration::from_secs(180);

/// Contacts that wait for their company are looked at once an hour.
const COMPANY_WAIT: Duration = Duration::from_secs(3700);

/// How a seed is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// What stands between the real parts.
    pub wiring: Wiring,
    /// Whether the trace's lines are kept.
    pub keep_trace: bool,
}

/// What came of a seed.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The seed.
    pub seed: u64,
    /// The operations that were performed.
    pub ops: Vec<Op>,
    /// The hash of everything that happened.
    pub digest: u64,
    /// Everything that happened, where it was to be kept.
    pub trace: Vec<String>,
    /// What is wrong.
    pub violations: Vec<Violation>,
    /// What occurred.
    pub coverage: Coverage,
    /// Requests that reached either system.
    pub requests: u64,
}

/// The operations of a seed.
pub fn ops_of(seed: u64, count: usize) -> Vec<Op> {
    draw_ops(&mut Draw::new(seed, Purpose::Operations), count)
}

/// Runs the operations on the worlds of a seed, lets everything come to rest, and judges.
pub fn run(seed: u64, ops: &[Op], options: Options) -> Verdict {
    let mut session = Session::new(seed, options.wiring, options.keep_trace);
    for op in ops {
        session.perform(*op);
    }
    let mut violations = come_to_rest(&mut session);
    if violations.is_empty() {
        violations = judge(&session);
        violations.extend(stir(&mut session));
    }
    let requests = [Side::Bitrix24, Side::Onec].map(|side| session.systems.requests(side)).iter().sum();
    let Session { coverage, trace, .. } = session;
    let (digest, trace) = trace.finish();
    Verdict { seed, ops: ops.to_vec(), digest, trace, violations, coverage, requests }
}

/// Leaves out operations as long as the seed fails in the same invariant.
pub fn shrink(verdict: &Verdict, options: Options) -> Verdict {
    let Some(invariant) = verdict.violations.first().map(|violation| violation.invariant) else {
        return verdict.clone();
    };
    let mut best = verdict.clone();
    let mut size = best.ops.len().div_ceil(2);
    loop {
        let mut at = 0;
        while at < best.ops.len() {
            let mut ops = best.ops.clone();
            ops.drain(at..(at + size).min(ops.len()));
            let shorter = run(verdict.seed, &ops, options);
            if shorter.violations.iter().any(|violation| violation.invariant == invariant) {
                best = shorter;
            } else {
                at += size;
            }
        }
        if size == 1 {
            return best;
        }
        size = size.div_ceil(2);
    }
}

/// Faults stop, time runs on, and runs follow each other until one has nothing to do.
fn come_to_rest(session: &mut Session) -> Vec<Violation> {
    session.flow_to_end();
    let late = session.now() + LATE;
    session.advance_to(late);
    let mut quiet = 0;
    for _ in 0..RUNS_TO_REST {
        match sync(session) {
            Ok(report) if is_quiet(&report) => quiet += 1,
            Ok(_) => quiet = 0,
            Err(words) => {
                return vec![Violation { invariant: 8, words: format!("a run without faults: {words}") }];
            }
        }
        if quiet == 2 {
            return Vec::new();
        }
        let later = session.now() + COMPANY_WAIT;
        session.advance_to(later);
    }
    let words = format!("no rest after {RUNS_TO_REST} runs");
    vec![Violation { invariant: 8, words }]
}

/// 5 and 10: a further run writes nothing to either side.
fn stir(session: &mut Session) -> Vec<Violation> {
    let before = [Side::Bitrix24, Side::Onec].map(|side| session.systems.writes(side));
    if let Err(words) = sync(session) {
        return vec![Violation { invariant: 5, words: format!("a run at rest: {words}") }];
    }
    let after = [Side::Bitrix24, Side::Onec].map(|side| session.systems.writes(side));
    if before == after {
        return Vec::new();
    }
    let words = format!("a run at rest writes: {before:?} became {after:?}");
    vec![Violation { invariant: 5, words }]
}

fn sync(session: &mut Session) -> Result<Report, String> {
    session.begin();
    if !session.flow_to_end() {
        return Err("does not end".to_owned());
    }
    session.last_end.clone().unwrap_or_else(|| Err("never ended".to_owned()))
}

fn is_quiet(report: &Report) -> bool {
    let Report { linked, created_bitrix24, created_onec, updated_bitrix24, updated_onec, failed, .. } =
        report;
    linked + created_bitrix24 + created_onec + updated_bitrix24 + updated_onec + failed == 0
}
