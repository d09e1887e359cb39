//! Groups of records that keys join, one with the other: found once for all who are not decided about at sight.

use super::{Place, count};

/// Finds who hangs together.
#[derive(Debug)]
pub(super) struct Joining<'a> {
    records: &'a [Place],
    /// For each record another one of its group, that of the first of them itself.
    roots: Vec<u32>,
}

impl<'a> Joining<'a> {
    /// Everybody alone; the records are sorted.
    pub(super) fn of(records: &'a [Place]) -> Self {
        Self { records, roots: (0..count(records.len())).collect() }
    }

    /// Joins all of a crowd. Strangers in it join nobody.
    pub(super) fn join(&mut self, crowd: impl IntoIterator<Item = Place>) {
        let records = self.records;
        let mut known = crowd.into_iter().filter_map(|place| records.binary_search(&place).ok());
        let Some(first) = known.next() else { return };
        for other in known {
            let (a, b) = (self.root_of(count(first)), self.root_of(count(other)));
            self.roots[a.max(b) as usize] = a.min(b);
        }
    }

    /// The groups that are to be kept: asked about each, by its members with what they hang together by.
    pub(super) fn finish(mut self, keep: impl Fn(&[(u32, Place)]) -> bool) -> Groups {
        let mut by_root: Vec<(u32, Place)> = Vec::with_capacity(self.records.len());
        for (at, place) in (0..).zip(self.records) {
            by_root.push((self.root_of(at), *place));
        }
        drop(self.roots);
        by_root.sort_unstable();
        let mut groups = Groups::default();
        for group in by_root.chunk_by(|(one, _), (other, _)| one == other).filter(|group| keep(group)) {
            let begin = count(groups.members.len());
            groups.members.extend(group.iter().map(|(_, place)| *place));
            let end = count(groups.members.len());
            groups.spans.extend(group.iter().map(|(_, place)| (*place, begin, end)));
        }
        groups.spans.sort_unstable();
        groups
    }

    fn root_of(&mut self, mut at: u32) -> u32 {
        while self.roots[at as usize] != at {
            self.roots[at as usize] = self.roots[self.roots[at as usize] as usize];
            at = self.roots[at as usize];
        }
        at
    }
}

/// Who has to do with whom among some records. Everybody stands in one group.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// The groups one after the other, each of them sorted.
    members: Vec<Place>,
    /// For each record, sorted, where its group begins and ends among the members.
    spans: Vec<(Place, u32, u32)>,
}

impl Groups {
    /// The group of a record, itself included.
    pub(super) fn of(&self, place: Place) -> Option<&[Place]> {
        let at = self.spans.binary_search_by_key(&place, |(place, ..)| *place).ok()?;
        let (_, begin, end) = self.spans[at];
        Some(&self.members[begin as usize..end as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_become_groups_and_strangers_join_nobody() {
        let records = [2, 3, 5, 8, 9, 11];
        let crowds: [&[Place]; 4] = [&[8, 7, 2], &[5, 8], &[3, 4], &[4, 9]];
        let mut joining = Joining::of(&records);
        crowds.into_iter().for_each(|crowd| joining.join(crowd.iter().copied()));
        let groups = joining.finish(|_| true);
        let all: Vec<Option<&[Place]>> = (2..12).map(|place| groups.of(place)).collect();
        let chain: Option<&[Place]> = Some(&[2, 5, 8]);
        assert_eq!(all, [chain, Some(&[3]), None, chain, None, None, chain, Some(&[9]), None, Some(&[11])]);
        let mut joining = Joining::of(&records);
        crowds.into_iter().for_each(|crowd| joining.join(crowd.iter().copied()));
        let groups = joining.finish(|group| group.iter().all(|(_, place)| *place != 5));
        assert_eq!([groups.of(2), groups.of(8), groups.of(9)], [None, None, Some(&[9][..])]);
    }
}
