#![doc = include_str!("../README.md")]

pub mod bitrix24;
mod compact;
#[cfg(feature = "face")]
pub mod face;
pub mod faults;
pub mod http;
mod needle;
pub mod onec;
pub mod population;
pub mod world;
