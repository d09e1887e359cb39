//! One seed from its start to its verdict, and the search for a shorter list of operations that fails like it.

use obmen_domain::record::Side;
use obmen_sim::onec::Product;

use crate::coverage::Coverage;
use crate::invariants::Violation;
use crate::op::{Op, draw_live, draw_ops};
use crate::rest::rest;
use crate::session::Session;
use crate::streams::{Draw, Purpose};
use crate::wiring::Wiring;

/// So many seeds in a hundred know syncs alone.
const SYNCS_ALONE: u32 = 20;

/// How a seed is run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The configuration of the infobase.
    pub product: Product,
    /// What stands between the real parts.
    pub wiring: Wiring,
    /// Whether the trace's lines are kept.
    pub keep_trace: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { product: Product::Bp30, wiring: Wiring::default(), keep_trace: false }
    }
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

/// The operations of a seed: of most a third before the first sync is over, the rest while both sides are kept together.
pub fn ops_of(seed: u64, count: usize) -> Vec<Op> {
    let (mut draw, mut live) = (Draw::new(seed, Purpose::Operations), Draw::new(seed, Purpose::Live));
    if live.percent(SYNCS_ALONE) {
        return draw_ops(&mut draw, count);
    }
    let before = count / 3;
    let mut ops = draw_ops(&mut draw, before);
    ops.extend(draw_live(&mut live, count - before));
    ops
}

/// Operations of syncs alone, as they are drawn from a seed.
pub fn sync_ops_of(seed: u64, count: usize) -> Vec<Op> {
    draw_ops(&mut Draw::new(seed, Purpose::Operations), count)
}

/// Runs the operations on the worlds of a seed, lets everything come to rest, and judges.
pub fn run(seed: u64, ops: &[Op], options: Options) -> Verdict {
    let mut session = Session::new(seed, options);
    let violations = tracing::subscriber::with_default(session.log.clone(), || {
        for op in ops {
            session.perform(*op);
        }
        rest(&mut session)
    });
    let requests = [Side::Bitrix24, Side::Onec].map(|side| session.systems.requests(side)).iter().sum();
    let Session { coverage, trace, .. } = session;
    let (digest, trace) = trace.finish();
    Verdict { seed, ops: ops.to_vec(), digest, trace, violations, coverage, requests }
}

/// Leaves out operations as long as the seed fails in the same way. What was served before is still served: syncs alone
/// break other things.
pub fn shrink(verdict: &Verdict, options: Options) -> Verdict {
    let Some(wanted) = verdict.violations.first().map(shape) else {
        return verdict.clone();
    };
    let mut best = verdict.clone();
    let mut size = best.ops.len().div_ceil(2);
    loop {
        let mut at = 0;
        while at < best.ops.len() {
            let mut ops = best.ops.clone();
            let left_out: Vec<Op> = ops.drain(at..(at + size).min(ops.len())).collect();
            if left_out == [Op::Serve] {
                at += size;
                continue;
            }
            if left_out.contains(&Op::Serve) {
                ops.insert(at, Op::Serve);
            }
            let shorter = run(verdict.seed, &ops, options);
            if shorter.violations.iter().any(|violation| shape(violation) == wanted) {
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

/// What is wrong, whoever it is wrong with.
fn shape(violation: &Violation) -> (u8, Vec<&str>) {
    let is_plain = |word: &&str| word.chars().all(|letter| letter.is_ascii_lowercase() || letter == ',');
    (violation.invariant, violation.words.split(' ').filter(is_plain).collect())
}
