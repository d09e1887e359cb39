//! The adapter against the simulated infobase, in process.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

#[path = "it/infobase.rs"]
mod infobase;

#[path = "it/addresses.rs"]
mod addresses;
#[path = "it/by_extension.rs"]
mod by_extension;
#[path = "it/doctor.rs"]
mod doctor;
#[path = "it/exchange.rs"]
mod exchange;
#[path = "it/extension_writing.rs"]
mod extension_writing;
#[path = "it/faults.rs"]
mod faults;
#[path = "it/marking.rs"]
mod marking;
#[path = "it/new_objects.rs"]
mod new_objects;
#[path = "it/reading.rs"]
mod reading;
#[path = "it/small_firm.rs"]
mod small_firm;
#[path = "it/small_firm_reading.rs"]
mod small_firm_reading;
#[path = "it/small_firm_writing.rs"]
mod small_firm_writing;
#[path = "it/stamps.rs"]
mod stamps;
#[path = "it/trade.rs"]
mod trade;
#[path = "it/trade_reading.rs"]
mod trade_reading;
#[path = "it/trade_writing.rs"]
mod trade_writing;
#[path = "it/writes.rs"]
mod writes;
#[path = "it/writing.rs"]
mod writing;
