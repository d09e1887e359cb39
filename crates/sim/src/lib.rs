#![doc = include_str!("../README.md")]

pub mod bitrix24;
pub mod http;
pub mod onec;
pub mod population;
pub mod world;
