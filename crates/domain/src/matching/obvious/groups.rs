//! Groups of records that keys join, one with the other: found once for all who are not decided about at sight.

use super::Place;

/// Who has to do with whom among some records. Everybody stands in one group.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// The groups one after the other, each of them sorted.
    members: Vec<Place>,
    /// For each record, sorted, where its group begins and ends among the members.
    spans: Vec<(Place, u32, u32)>,
}

impl Groups {
    /// Joins records, sorted, that stand together in a crowd. Strangers in it join nobody.
    pub(super) fn join<'c>(records: &[Place], crowds: impl Iterator<Item = &'c [Place]>) -> Self {
        let mut roots: Vec<usize> = (0..records.len()).collect();
        for crowd in crowds {
            let mut known = crowd.iter().filter_map(|place| records.binary_search(place).ok());
            let Some(first) = known.next() else { continue };
            for other in known {
                let (a, b) = (root_of(&mut roots, first), root_of(&mut roots, other));
                roots[a.max(b)] = a.min(b);
            }
        }
        let mut by_root: Vec<(usize, Place)> =
            (0..records.len()).map(|at| (root_of(&mut roots, at), records[at])).collect();
        by_root.sort_unstable();
        let members: Vec<Place> = by_root.iter().map(|(_, place)| *place).collect();
        let mut spans = Vec::with_capacity(members.len());
        let mut begin = 0;
        for group in by_root.chunk_by(|(one, _), (other, _)| one == other) {
            let end = begin + span(group.len());
            spans.extend(group.iter().map(|(_, place)| (*place, begin, end)));
            begin = end;
        }
        spans.sort_unstable();
        Self { members, spans }
    }

    /// The group of a record, itself included.
    pub(super) fn of(&self, place: Place) -> Option<&[Place]> {
        let at = self.spans.binary_search_by_key(&place, |(place, ..)| *place).ok()?;
        let (_, begin, end) = self.spans[at];
        Some(&self.members[begin as usize..end as usize])
    }

    /// Leaves out whole groups.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&[Place]) -> bool) {
        let members = &self.members;
        self.spans.retain(|(_, begin, end)| keep(&members[*begin as usize..*end as usize]));
    }
}

fn root_of(roots: &mut [usize], mut at: usize) -> usize {
    while roots[at] != at {
        roots[at] = roots[roots[at]];
        at = roots[at];
    }
    at
}

/// There are no more records than places.
fn span(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_become_groups_and_strangers_join_nobody() {
        let records = [2, 3, 5, 8, 9, 11];
        let crowds: [&[Place]; 4] = [&[8, 7, 2], &[5, 8], &[3, 4], &[4, 9]];
        let mut groups = Groups::join(&records, crowds.into_iter());
        let all: Vec<Option<&[Place]>> = (2..12).map(|place| groups.of(place)).collect();
        let chain: Option<&[Place]> = Some(&[2, 5, 8]);
        assert_eq!(all, [chain, Some(&[3]), None, chain, None, None, chain, Some(&[9]), None, Some(&[11])]);
        groups.retain(|group| !group.contains(&5));
        assert_eq!([groups.of(2), groups.of(8), groups.of(9)], [None, None, Some(&[9][..])]);
    }
}
