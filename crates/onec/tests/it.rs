//! The adapter against the simulated infobase, in process.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

#[path = "it/infobase.rs"]
mod infobase;

#[path = "it/doctor.rs"]
mod doctor;
#[path = "it/faults.rs"]
mod faults;
#[path = "it/reading.rs"]
mod reading;
#[path = "it/writing.rs"]
mod writing;
