//! The public surface of the simulators, as a client and a player see it.

// Clippy lets helpers of tests unwrap only where it sees `cfg(test)`.
#[cfg(test)]
mod it {
    mod bitrix24;
    #[cfg(feature = "face")]
    mod face;
    mod onec;
}
