//! The simulation: a few seeds in every run, proofs that it repeats and that it can fail.

#[cfg(test)]
mod it {
    mod coverage;
    mod exchange;
    mod hidden;
    mod judged;
    mod live;
    mod plants;
    mod queues;
    mod regressions;
    mod repeats;
    mod runaway;
    mod sabotage;
}
