//! The client against the simulated portal, in process.

#[cfg(test)]
mod it {
    mod addresses;
    mod application;
    mod comments;
    mod doctor;
    mod limits;
    mod marking;
    mod news;
    mod reading;
    mod stage;
    mod writing;
}
