#![doc = include_str!("../README.md")]

mod cast;
mod coverage;
mod desk;
mod invariants;
mod letters;
mod live;
mod log;
mod network;
mod op;
mod people;
mod plant;
mod rest;
mod run;
mod serve;
mod session;
mod setup;
mod shown;
mod snapshot;
mod streams;
mod surroundings;
mod systems;
mod trace;
mod truth;
mod twist;
mod wiring;

pub use coverage::Coverage;
pub use invariants::Violation;
pub use op::{CrashPoint, Edit, Fault, Op, Target};
pub use plant::Plant;
pub use run::{Options, Verdict, ops_of, run, shrink, sync_ops_of};
pub use twist::{SideTwist, StoreTwist, TwistedSide, TwistedStore};
pub use wiring::{HookWrap, RulesWrap, SideWrap, StoreWrap, Wiring};
