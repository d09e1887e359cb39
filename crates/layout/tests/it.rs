//! The repository against its own rules.

// Clippy lets helpers of tests expect only where it sees `cfg(test)`.
#[cfg(test)]
mod it {
    mod arrows;
    mod documents;
    mod facts;
    mod manners;
}
