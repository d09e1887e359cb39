//! `obmen-simulate`.
fn main() {}
