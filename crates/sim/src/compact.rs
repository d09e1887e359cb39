//! What keeps half a million records small: shared names, short lists in place of maps, hashes in place of texts.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The name of a property or field, the size of a pointer.
pub(crate) type Name = arcstr::ArcStr;

/// The names that the records of a table have.
#[derive(Debug, Default)]
pub(crate) struct Names(HashSet<Name>);

impl Names {
    /// Puts the shared copy in place of this one.
    pub(crate) fn share(&mut self, name: &mut Name) {
        match self.0.get(name) {
            Some(shared) => *name = shared.clone(),
            None => {
                self.0.insert(name.clone());
            }
        }
    }
}

/// Values by name, in the order of the names, without any room to spare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ByName<V>(Box<[(Name, V)]>);

impl<V> ByName<V> {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&V> {
        // Most names differ in their length: passing them over is faster than a binary search among so few.
        self.0.iter().find(|(known, _)| known.as_str() == name).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        self.place(name).ok().map(|at| &mut self.0[at].1)
    }

    pub(crate) fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Name, &V)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&mut Name, &mut V)> {
        self.0.iter_mut().map(|(name, value)| (name, value))
    }

    /// Sets a value.
    pub(crate) fn insert(&mut self, name: impl Into<Name>, value: impl Into<V>) {
        let (name, value) = (name.into(), value.into());
        match self.place(&name) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.change(|entries| entries.insert(at, (name, value))),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<V> {
        let at = self.place(name).ok()?;
        Some(self.change(|entries| entries.remove(at)).1)
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&Name, &V) -> bool) {
        self.change(|entries| entries.retain(|(name, value)| keep(name, value)));
    }

    fn change<T>(&mut self, change: impl FnOnce(&mut Vec<(Name, V)>) -> T) -> T {
        let mut entries = std::mem::take(&mut self.0).into_vec();
        let done = change(&mut entries);
        self.0 = entries.into_boxed_slice();
        done
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

impl<V> Default for ByName<V> {
    fn default() -> Self {
        Self(Box::default())
    }
}

/// Of entries with one name the last stays.
impl<V, N: Into<Name>, W: Into<V>> FromIterator<(N, W)> for ByName<V> {
    fn from_iter<I: IntoIterator<Item = (N, W)>>(entries: I) -> Self {
        let mut entries: Vec<(Name, V)> =
            entries.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        entries.reverse();
        entries.dedup_by(|(one, _), (other, _)| one == other);
        entries.reverse();
        Self(entries.into_boxed_slice())
    }
}

impl<V, N: Into<Name>, W: Into<V>> Extend<(N, W)> for ByName<V> {
    fn extend<I: IntoIterator<Item = (N, W)>>(&mut self, entries: I) {
        entries.into_iter().for_each(|(name, value)| self.insert(name, value));
    }
}

impl<V> IntoIterator for ByName<V> {
    type Item = (Name, V);
    type IntoIter = std::vec::IntoIter<(Name, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_vec().into_iter()
    }
}

/// A hash that is the same in every run.
pub(crate) fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_the_order_of_their_names_each_once() {
        let mut values: ByName<u8> = [("b", 1), ("a", 7), ("a", 2)].into_iter().collect();
        for (name, value) in [("d", 3), ("c", 4), ("b", 5)] {
            values.insert(name, value);
        }
        assert_eq!((values.remove("d"), values.remove("e")), (Some(3), None));
        let found: Vec<_> = values.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        assert_eq!(found, [("a", 2), ("b", 5), ("c", 4)]);
        assert_eq!((values.get("c"), values.get("d")), (Some(&4), None));
    }

    #[test]
    fn a_shared_name_is_one_copy() {
        let mut names = Names::default();
        let (mut one, mut other) = (Name::from("NAME"), Name::from("NAME"));
        names.share(&mut one);
        names.share(&mut other);
        assert!(Name::ptr_eq(&one, &other));
    }
}
