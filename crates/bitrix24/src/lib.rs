#![doc = include_str!("../README.md")]

mod adapter;
mod batch;
mod call;
mod doctor;
mod find;
mod hook;
pub mod limiter;
mod native;
mod news;
mod packed;
mod portal;
mod read;
mod record;
mod sender;
mod settings;
mod stamps;
mod sweep;
mod ties;
mod wire;
mod write;

pub use adapter::Bitrix24;
pub use hook::OutgoingWebhook;
pub use portal::{Portal, Presets, UserField};
pub use settings::{Limits, Settings};
