//! The engine on a store, between scripted sides.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

#[cfg(test)]
mod it {
    mod scripted;
    mod stage;
    mod walking;
    mod watching;
}
