#![doc = include_str!("../README.md")]

mod adapter;
mod caller;
mod condition;
mod configured;
mod connect;
mod doctor;
mod exchange;
mod extension;
mod facts;
mod fault;
mod hook;
mod identity;
mod interface;
mod mains;
mod odata;
mod outbox;
mod places;
mod profile;
mod read;
mod schema;
mod settings;
mod wire;
mod write;

pub use adapter::Onec;
pub use extension::publication;
pub use hook::SaveEvents;
pub use profile::{Profile, ProfileError};
pub use settings::{Exchange, IdPlace, Secret, Settings, Way};
