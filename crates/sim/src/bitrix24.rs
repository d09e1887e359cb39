//! A simulated Bitrix24 portal, as its REST interface shows it to incoming webhooks and applications.
//!
//! [`Portal`] is a pure state machine: it answers one request at a time against the given time and knows no
//! sockets. It follows the vendor's documentation, oddities included, and was written without looking at any
//! client. Not responsible for faults of the network.
//!
//! Invariant: what a refused request would have changed is not changed; what was executed before a connection
//! was cut stays.

mod account;
mod act;
mod address;
mod batch;
mod bin;
mod business;
mod classic;
mod comments;
mod counters;
mod crm;
mod dates;
mod dictionary;
mod duplicate;
mod emptied;
mod envelope;
mod events;
mod exchange;
mod files;
mod filter;
mod item;
mod item_names;
mod limits;
mod links;
mod list;
mod listening;
mod mandatory;
mod merge;
mod methods;
mod multifield;
mod oauth;
mod others;
mod php;
mod plain;
mod plan;
mod portal;
mod presets;
mod query;
mod references;
mod requisite;
mod rights;
mod robots;
mod schema;
mod screens;
mod settings;
mod shown;
mod table;
mod timeline;
mod userfield;
mod users;
mod values;
mod volatile;

pub use plan::{State, Tariff};
pub use portal::Portal;
pub use rights::{KindRights, Reach, Rights};
pub use settings::{DeliverySettings, Settings};
