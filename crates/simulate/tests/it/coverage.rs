//! A run over some seeds finds nothing wrong, and everything that can go wrong did.

use obmen_simulate::{Coverage, Options, ops_of, run};

const SEEDS: u64 = 40;

#[test]
fn seeds_hold_all_invariants_and_meet_every_fault_and_crash_point() {
    let mut coverage = Coverage::default();
    for seed in 1..=SEEDS {
        let verdict = run(seed, &ops_of(seed, 60), Options::default());
        assert!(verdict.violations.is_empty(), "seed {seed}: {:?}\n{:?}", verdict.violations, verdict.ops);
        coverage.add(&verdict.coverage);
    }
    let missing = coverage.missing();
    assert!(missing.is_empty(), "never met: {missing:?}\n{coverage}");
}
