#![doc = include_str!("../README.md")]

pub mod brought;
pub mod configured;
pub mod create_rule;
pub mod forms;
pub mod key;
pub mod matching;
pub mod merge;
pub mod party;
pub mod plan;
pub mod record;
pub mod review;
pub mod rules;
pub mod ruling;
pub mod stay;
