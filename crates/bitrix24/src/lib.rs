#![doc = include_str!("../README.md")]

mod access;
mod adapter;
mod address;
mod batch;
mod call;
mod comment;
mod doctor;
mod door;
mod find;
mod gone;
mod hook;
pub mod limiter;
mod native;
mod news;
mod offline;
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

pub use access::{Access, App};
pub use adapter::Bitrix24;
pub use comment::{Comment, Commented};
pub use door::{OFFERED, TOKENS};
pub use hook::OutgoingWebhook;
pub use portal::{Portal, Presets, UserField};
pub use settings::{Limits, Settings};
