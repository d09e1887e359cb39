//! A run over some seeds finds nothing wrong, and everything that can go wrong did.

use obmen_simulate::{Coverage, Options, ops_of, run};

const SEEDS: u64 = 40;
/// Too rare for so few seeds; a run over many has to meet them too.
const RARE: [&str; 3] = ["crash: in a full reading", "hook: during a full reading", "edit: a merge"];

#[test]
fn seeds_hold_all_invariants_and_meet_every_fault_and_crash_point() {
    let mut coverage = Coverage::default();
    for seed in 1..=SEEDS {
        let verdict = run(seed, &ops_of(seed, 60), Options::default());
        assert!(verdict.violations.is_empty(), "seed {seed}: {:?}\n{:?}", verdict.violations, verdict.ops);
        coverage.add(&verdict.coverage);
    }
    let mut missing = coverage.missing();
    missing.retain(|name| !RARE.contains(name));
    assert!(missing.is_empty(), "never met: {missing:?}\n{coverage}");
}
