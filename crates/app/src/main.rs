//! The `obmen` binary.
fn main() {}
