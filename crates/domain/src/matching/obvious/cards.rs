//! What the keys tell about each record, in few bytes: there may be millions.

use super::Place;

/// What the keys tell about a record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Card {
    /// Who else holds a strong key of it, by place and one; zero for nobody.
    partner: u32,
    /// Its name, where it is written out and two words at least; zero for others.
    pub(super) name: u32,
    marks: u16,
}

impl Card {
    pub(super) fn is(self, mark: u16) -> bool {
        self.marks & mark != 0
    }

    pub(super) fn marks(self) -> u16 {
        self.marks
    }

    pub(super) fn partner(self) -> Option<Place> {
        self.partner.checked_sub(1)
    }
}

/// Cards by place. A column that nothing was put into takes no room: a part of the index fills two of the three.
#[derive(Debug, Default)]
pub(super) struct Cards {
    marks: Vec<u16>,
    partners: Vec<u32>,
    names: Vec<u32>,
}

impl Cards {
    /// How many places there are, though some may be empty.
    pub(super) fn len(&self) -> usize {
        self.marks.len().max(self.partners.len()).max(self.names.len())
    }

    /// The card of a place; an empty one where nothing was told.
    pub(super) fn get(&self, place: Place) -> Card {
        let at = place as usize;
        Card {
            partner: self.partners.get(at).copied().unwrap_or(0),
            name: self.names.get(at).copied().unwrap_or(0),
            marks: self.marks.get(at).copied().unwrap_or(0),
        }
    }

    pub(super) fn mark(&mut self, place: Place, marks: u16) {
        *slot(&mut self.marks, place) |= marks;
    }

    pub(super) fn set_partner(&mut self, place: Place, partner: Place) {
        *slot(&mut self.partners, place) = partner + 1;
    }

    pub(super) fn set_name(&mut self, place: Place, name: u32) {
        *slot(&mut self.names, place) = name;
    }
}

/// The slot of a place; the column grows by an eighth where it has none, since a large one is not to be held twice.
fn slot<T: Copy + Default>(column: &mut Vec<T>, place: Place) -> &mut T {
    let at = place as usize;
    if at >= column.len() {
        if at >= column.capacity() {
            let wanted = (at + 1).max(column.len() + column.len() / 8);
            column.reserve_exact(wanted - column.len());
        }
        column.resize(at + 1, T::default());
    }
    &mut column[at]
}
