#![doc = include_str!("../README.md")]

mod apply;
pub mod doctor;
mod look;
pub mod planner;
pub mod ports;
pub mod progress;
pub mod report;
mod settle;
pub mod store;
mod surroundings;
pub mod sync;
