#![doc = include_str!("../README.md")]

mod apply;
pub mod decide;
pub mod doctor;
pub mod draft;
pub mod explain;
mod glance;
pub mod heed;
mod id_set;
mod left_over;
mod look;
pub mod notice;
pub mod planner;
pub mod ports;
pub mod progress;
pub mod report;
pub mod reread;
pub mod reversal;
mod rows;
mod settle;
mod shared_out;
pub mod store;
mod surroundings;
mod sweep;
pub mod sync;
pub mod undo;
pub mod watch;
pub mod weighing;
