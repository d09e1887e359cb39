//! The whole binary, run as people and scripts run it, against simulated systems on 127.0.0.1.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

#[path = "it/applications.rs"]
mod applications;
#[path = "it/bench.rs"]
mod bench;
#[path = "it/beside.rs"]
mod beside;
#[path = "it/branched.rs"]
mod branched;
#[path = "it/cli.rs"]
mod cli;
#[path = "it/comparing.rs"]
mod comparing;
#[path = "it/configured.rs"]
mod configured;
#[path = "it/creating.rs"]
mod creating;
#[path = "it/deciding.rs"]
mod deciding;
#[path = "it/failures.rs"]
mod failures;
#[path = "it/faulty.rs"]
mod faulty;
#[path = "it/furniture.rs"]
mod furniture;
#[path = "it/guarded.rs"]
mod guarded;
#[path = "it/marked.rs"]
mod marked;
#[path = "it/on_postgres.rs"]
mod on_postgres;
#[path = "it/one_way.rs"]
mod one_way;
#[path = "it/outages.rs"]
mod outages;
#[path = "it/pauses.rs"]
mod pauses;
#[path = "it/portions.rs"]
mod portions;
#[path = "it/private_addresses.rs"]
mod private_addresses;
#[path = "it/requisites.rs"]
mod requisites;
#[path = "it/scenarios.rs"]
mod scenarios;
#[path = "it/served.rs"]
mod served;
#[path = "it/serving.rs"]
mod serving;
#[path = "it/several.rs"]
mod several;
#[path = "it/silence.rs"]
mod silence;
#[path = "it/simulators.rs"]
mod simulators;
#[path = "it/status.rs"]
mod status;
#[path = "it/telling.rs"]
mod telling;
#[path = "it/undo_cases.rs"]
mod undo_cases;
#[path = "it/undoing.rs"]
mod undoing;
