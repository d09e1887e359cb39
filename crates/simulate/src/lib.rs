#![doc = include_str!("../README.md")]

mod cast;
mod coverage;
mod desk;
mod invariants;
mod network;
mod op;
mod people;
mod run;
mod session;
mod setup;
mod snapshot;
mod streams;
mod surroundings;
mod systems;
mod trace;
mod truth;
mod wiring;

pub use coverage::Coverage;
pub use invariants::Violation;
pub use op::{CrashPoint, Edit, Fault, Op, Target};
pub use run::{Options, Verdict, ops_of, run, shrink};
pub use wiring::{SideWrap, StoreWrap, Wiring};
