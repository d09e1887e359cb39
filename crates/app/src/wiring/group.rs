//! Groups: pairs that share a portal or an infobase.
//!
//! Not responsible for what follows from it. Invariant: a portal or an infobase whose address is not known is shared by nobody.

use crate::config::Loaded;

/// The first pair of the file that has the same portal as this one.
pub(super) fn first_of_portal(loaded: &Loaded, index: usize) -> usize {
    let Some(portal) = portal(loaded, index) else { return index };
    (0..index).find(|other| self::portal(loaded, *other).as_ref() == Some(&portal)).unwrap_or(index)
}

/// The other pairs of the file by what they share with one of them.
pub(crate) struct Neighbours<'a> {
    loaded: &'a Loaded,
    index: usize,
}

impl<'a> Neighbours<'a> {
    pub(super) fn of(loaded: &'a Loaded, index: usize) -> Self {
        Self { loaded, index }
    }

    /// Whether another pair shares the portal or the infobase.
    pub(crate) fn share_with(&self, other: &Self) -> bool {
        self.has_portal_of(other.index) || self.has_infobase_of(other.index)
    }

    /// Names of other pairs that keep their ids in the same fields of the same portal, or in the same attribute of the same
    /// infobase: one would write over the ids of the other.
    pub(crate) fn with_the_same_ids(&self) -> Vec<&'a str> {
        let pairs = &self.loaded.config.pairs;
        let own = &pairs[self.index];
        let fields = |index: usize| {
            let config = &pairs[index].bitrix24;
            [config.contact_id_field.as_str(), config.company_id_field.as_str()]
        };
        let others = (0..pairs.len()).filter(|other| *other != self.index);
        let collides = |other: &usize| {
            let in_portal = fields(*other).iter().zip(fields(self.index)).any(|(other, own)| *other == own);
            let in_base = own.onec.store_id() == crate::config::StoreId::Attribute
                && pairs[*other].onec.store_id() == crate::config::StoreId::Attribute
                && pairs[*other].onec.id_attribute == own.onec.id_attribute;
            (in_portal && self.has_portal_of(*other)) || (in_base && self.has_infobase_of(*other))
        };
        others.filter(collides).map(|other| pairs[other].name.as_str()).collect()
    }

    fn has_portal_of(&self, other: usize) -> bool {
        let own = portal(self.loaded, self.index);
        own.is_some() && own == portal(self.loaded, other)
    }

    fn has_infobase_of(&self, other: usize) -> bool {
        let url =
            |index: usize| obmen_onec::publication(&self.loaded.config.pairs[index].onec.url).to_lowercase();
        url(self.index) == url(other)
    }
}

/// A group for each of the pairs: those that share something, be it through others, have the same.
pub(crate) fn groups(pairs: &[Neighbours<'_>]) -> Vec<usize> {
    let mut groups: Vec<usize> = (0..pairs.len()).collect();
    for (at, pair) in pairs.iter().enumerate() {
        for (earlier, other) in pairs.iter().enumerate().take(at) {
            if pair.share_with(other) {
                let (kept, joined) = (groups[earlier], groups[at]);
                groups.iter_mut().filter(|group| **group == joined).for_each(|group| *group = kept);
            }
        }
    }
    groups
}

fn portal(loaded: &Loaded, index: usize) -> Option<String> {
    let access = super::access(loaded, index).ok()?;
    access.portal().map(str::to_lowercase)
}
