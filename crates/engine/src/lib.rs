#![doc = include_str!("../README.md")]

pub mod doctor;
pub mod ports;
pub mod store;
