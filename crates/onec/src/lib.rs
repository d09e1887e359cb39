#![doc = include_str!("../README.md")]

mod adapter;
mod connect;
mod doctor;
mod exchange;
mod facts;
mod hook;
mod identity;
mod odata;
mod places;
mod profile;
mod read;
mod schema;
mod settings;
mod wire;
mod write;

pub use adapter::Onec;
pub use hook::SaveEvents;
pub use profile::{Profile, ProfileError};
pub use settings::{Exchange, Secret, Settings};
