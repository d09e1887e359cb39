//! A run over some seeds finds nothing wrong, and everything that can go wrong did.

use obmen_simulate::{Coverage, Options, ops_of, run};

const SEEDS: u64 = 80;

#[test]
fn seeds_hold_all_invariants_and_meet_every_fault_and_crash_point() {
    let mut coverage = Coverage::default();
    for seed in 1..=SEEDS {
        let verdict = run(seed, &ops_of(seed, 60), Options::default());
        assert!(verdict.violations.is_empty(), "seed {seed}: {:?}\n{:?}", verdict.violations, verdict.ops);
        coverage.add(&verdict.coverage);
    }
    for name in [
        "fault: refused",
        "fault: 500 before effect",
        "fault: reset before effect",
        "fault: reset after effect",
        "fault: late effect",
        "fault: 504 and late effect",
        "fault: silence without effect",
        "fault: silence with effect",
        "fault: tokens used by other applications",
        "late effect landed",
        "crash: before a commit",
        "crash: after a commit",
        "crash: before a call",
        "crash: after a call",
        "orphan: arrives",
        "orphan: never arrives",
        "edit: during a run",
        "edit: at rest",
        "settled: a create had taken effect",
        "settled: a create had no effect",
        "settled: an update",
    ] {
        assert!(coverage.count(name) > 0, "never met: {name}\n{coverage}");
    }
}
