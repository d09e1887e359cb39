//! The simulation: a few seeds in every run, proofs that it repeats and that it can fail.

#[path = "it/coverage.rs"]
mod coverage;
#[path = "it/live.rs"]
mod live;
#[path = "it/regressions.rs"]
mod regressions;
#[path = "it/repeats.rs"]
mod repeats;
#[path = "it/runaway.rs"]
mod runaway;
#[path = "it/sabotage.rs"]
mod sabotage;
