//! Writes sorted by what they do, each with its place in the order given.

use obmen_domain::record::Record;
use obmen_engine::ports::{Outcome, Write};

use super::create::Creation;
use super::update::Revision;

/// Writes of three sorts.
#[derive(Default)]
pub(crate) struct Sorted {
    pub(crate) creations: Vec<Creation>,
    pub(crate) revisions: Vec<Revision>,
    pub(crate) goers: Vec<Record>,
    places: [Vec<usize>; 3],
}

impl Sorted {
    /// Adds a write.
    pub(crate) fn add(&mut self, place: usize, write: Write) {
        let sort = match write {
            Write::Create { source, party, .. } => {
                self.creations.push(Creation { source, party: *party });
                0
            }
            Write::Update { record, changes, mutual_id } => {
                self.revisions.push(Revision { record: *record, changes, mutual_id });
                1
            }
            Write::Mark { record } => {
                self.goers.push(*record);
                2
            }
        };
        self.places[sort].push(place);
    }

    /// The outcomes of creations, revisions and goers, each with its place.
    pub(crate) fn placed(self, outcomes: [Vec<Outcome>; 3]) -> impl Iterator<Item = (usize, Outcome)> {
        self.places.into_iter().zip(outcomes).flat_map(|(places, outcomes)| places.into_iter().zip(outcomes))
    }
}
