//! The public surface of the simulators, as a client and a player see it.

mod it {
    mod onec;
}
