//! One seed gives one trace.

use obmen_simulate::{Options, ops_of, run};

#[test]
fn a_seed_run_twice_gives_the_same_trace() {
    for seed in [1, 7, 23, 42, 1001] {
        let ops = ops_of(seed, 60);
        let (first, second) = (run(seed, &ops, Options::default()), run(seed, &ops, Options::default()));
        assert_eq!(first.digest, second.digest, "seed {seed}");
        assert_eq!(first.coverage, second.coverage, "seed {seed}");
    }
}

#[test]
fn different_seeds_give_different_traces() {
    let digest = |seed| run(seed, &ops_of(seed, 20), Options::default()).digest;
    assert_ne!(digest(1), digest(2));
}

#[test]
fn keeping_the_trace_changes_nothing() {
    let ops = ops_of(5, 30);
    let kept = run(5, &ops, Options { keep_trace: true, ..Options::default() });
    assert_eq!(kept.coverage, run(5, &ops, Options::default()).coverage);
    assert!(kept.trace.len() > ops.len(), "every operation and every request has a line");
}
