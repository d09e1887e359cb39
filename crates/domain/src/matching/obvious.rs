//! What the keys alone decide, without a look at any record.
//!
//! Most records of two bases share their keys with nobody, or with one record of the other side that has the same name. Such
//! records are found by one walk over the index of keys; of the others it tells who has to do with whom. Invariant: what
//! [`decide`](super::decide) says of a record among those named here is what it says of it among all who are joined with it by
//! keys, and who is left out of the weighing of others changes nothing there. Of whoever more than keys speak about nothing
//! is said.

mod cards;
mod groups;

use std::collections::HashMap;

use self::cards::{Card, Cards};
use self::groups::{Groups, Joining};
use crate::forms::person_name::may_be_full;
use crate::key::KeySort;
use crate::plan::LinkReason;
use crate::record::{Kind, Side};

/// The number under which a store keeps a record.
pub type Place = u32;

/// A group of more records is a chain of neighbours, however long: it is left to weighing, which looks at a part of it.
const MOST_TOGETHER: usize = 16;

/// What the keys alone decide about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obvious<'a> {
    /// Nobody else has to do with it.
    Alone,
    /// It has to do with this record of the other side, and both with nobody else.
    Beside(Place),
    /// It and this record of the other side are one party.
    Linked(Place, LinkReason),
    /// These have to do with each other, itself among them, and with nobody else.
    Among(&'a [Place]),
}

/// Decides by the keys of one kind, which come one after the other in the order of the index.
#[derive(Debug)]
pub struct ByKeys {
    kind: Kind,
    /// A key that more records of a side have joins nobody.
    most: usize,
    cards: Cards,
    /// The key at hand, and who holds it.
    key: String,
    holders: Vec<(Side, Place)>,
    /// Groups of people with one name.
    namesakes: Runs,
    /// Groups that hold a key together, but for two records of two sides.
    sharers: Runs,
    /// Pairs that share a key, where another partner of one of them is kept on its card.
    further: Vec<[Place; 2]>,
    /// Strong keys that more than [`most`](Self::most) records of a side hold, with how many do.
    widespread: HashMap<String, usize>,
    /// So many names were met.
    names: u32,
}

/// Groups of records, one after the other.
#[derive(Debug, Default)]
struct Runs {
    places: Vec<Place>,
    /// Where each of them ends.
    ends: Vec<u32>,
}

impl Runs {
    fn push(&mut self, group: impl Iterator<Item = Place>) {
        self.places.extend(group);
        self.ends.push(count(self.places.len()));
    }

    fn append(&mut self, mut other: Self) {
        let before = count(self.places.len());
        self.places.append(&mut other.places);
        self.ends.extend(other.ends.iter().map(|end| end + before));
    }

    fn groups(&self) -> impl Iterator<Item = &[Place]> {
        let begins = std::iter::once(&0).chain(&self.ends);
        begins.zip(&self.ends).map(|(begin, end)| &self.places[*begin as usize..*end as usize])
    }
}

const IS_HELD: u16 = 1;
const IS_ONEC: u16 = 1 << 1;
/// It has a mailbox, a phone or a tax number.
const HAS_STRONG: u16 = 1 << 2;
const HAS_INN: u16 = 1 << 3;
const SHARES_INN: u16 = 1 << 4;
const SHARES_MAILBOX: u16 = 1 << 5;
const SHARES_PHONE: u16 = 1 << 6;
/// It has to be weighed.
const IS_OPEN: u16 = 1 << 7;
/// More than its keys speaks about it.
const IS_LEFT: u16 = 1 << 8;

impl ByKeys {
    /// Before any key. A key that more than so many records of a side have joins nobody.
    #[must_use]
    pub fn new(kind: Kind, most: usize) -> Self {
        Self {
            kind,
            most,
            cards: Cards::default(),
            key: String::new(),
            holders: Vec::new(),
            namesakes: Runs::default(),
            sharers: Runs::default(),
            further: Vec::new(),
            widespread: HashMap::new(),
            names: 0,
        }
    }

    /// The next holder of a key, as the index has it; all holders of a key come one after the other.
    pub fn hold(&mut self, key: &str, side: Side, place: Place) {
        if key != self.key {
            self.close_key();
            self.key.clear();
            self.key.push_str(key);
        }
        self.cards.mark(place, IS_HELD | if side == Side::Onec { IS_ONEC } else { 0 });
        self.holders.push((side, place));
    }

    /// Weighs a record, whatever its keys: a link, a ruling, a stored id or a mark tells about it too.
    pub fn leave(&mut self, place: Place) {
        self.cards.mark(place, IS_OPEN | IS_LEFT);
    }

    /// Takes over what was told of other keys of the same records.
    #[must_use]
    pub fn and(mut self, mut other: Self) -> Self {
        self.close_key();
        other.close_key();
        for place in 0..other.cards.len() {
            let Ok(place) = Place::try_from(place) else { break };
            self.add_card(place, other.cards.get(place));
        }
        self.names += other.names;
        self.namesakes.append(other.namesakes);
        self.sharers.append(other.sharers);
        self.further.append(&mut other.further);
        self.widespread.extend(other.widespread);
        self
    }

    /// Every key was told.
    #[must_use]
    pub fn finish(mut self) -> Decided {
        self.close_key();
        let namesakes = std::mem::take(&mut self.namesakes);
        namesakes.groups().for_each(|group| self.tell_namesakes(group));
        let Self { cards, sharers, further, widespread, .. } = self;
        let mut decided = Decided { cards, groups: Groups::default(), widespread };
        let open: Vec<Place> = decided.open().collect();
        let mut joining = Joining::of(&open);
        for place in &open {
            if let Some(partner) = decided.cards.get(*place).partner() {
                joining.join([*place, partner]);
            }
        }
        further.into_iter().for_each(|pair| joining.join(pair));
        sharers.groups().chain(namesakes.groups()).for_each(|group| joining.join(group.iter().copied()));
        let is_left = |place: &Place| decided.cards.get(*place).is(IS_LEFT);
        decided.groups = joining
            .finish(|group| group.len() <= MOST_TOGETHER && !group.iter().any(|(_, place)| is_left(place)));
        decided
    }

    /// Adds what other keys told of a record.
    fn add_card(&mut self, place: Place, other: Card) {
        let card = self.cards.get(place);
        match (card.partner(), other.partner()) {
            (Some(one), Some(another)) if one != another => {
                self.cards.mark(place, IS_OPEN);
                self.cards.set_partner(place, one.max(another));
                self.further.push([place, one.min(another)]);
            }
            (None, Some(partner)) => self.cards.set_partner(place, partner),
            (_, None) | (Some(_), Some(_)) => {}
        }
        self.cards.mark(place, other.marks());
        if other.name != 0 {
            self.cards.set_name(place, card.name.max(other.name + self.names));
        }
    }

    fn open(&mut self, places: impl IntoIterator<Item = Place>) {
        places.into_iter().for_each(|place| self.cards.mark(place, IS_OPEN));
    }

    /// All holders of the key at hand are known.
    fn close_key(&mut self) {
        let holders = std::mem::take(&mut self.holders);
        match KeySort::read(&self.key) {
            Some((KeySort::Inn, _)) => self.close_strong(&holders, HAS_INN, SHARES_INN),
            Some((KeySort::Email, _)) => self.close_strong(&holders, 0, SHARES_MAILBOX),
            Some((KeySort::Phone, _)) => self.close_strong(&holders, 0, SHARES_PHONE),
            Some((KeySort::Name, words)) => {
                let (is_telling, is_full) = (is_telling(words), may_be_full(words));
                self.close_name(&holders, is_telling, is_full);
            }
            // Who holds a stored id, or is named by one, is left to weighing.
            Some((KeySort::Id, _)) | None => {}
        }
        self.holders = holders;
        self.holders.clear();
    }

    fn close_strong(&mut self, holders: &[(Side, Place)], held: u16, shared: u16) {
        holders.iter().for_each(|(_, place)| self.cards.mark(*place, HAS_STRONG | held));
        let most = on(holders, Side::Bitrix24).max(on(holders, Side::Onec));
        if most > self.most {
            self.widespread.insert(self.key.clone(), most);
            self.open(holders.iter().map(|(_, place)| *place));
        } else {
            self.join(holders, shared);
        }
    }

    /// Who shares a key of two holders has to do with each other; of more holders anything may be.
    fn join(&mut self, holders: &[(Side, Place)], shared: u16) {
        match *holders {
            [] | [_] => {}
            [(side, a), (other, b)] if side != other => {
                for (one, other) in [(a, b), (b, a)] {
                    let known = self.cards.get(one).partner().filter(|known| *known != other);
                    self.cards.mark(one, shared | if known.is_some() { IS_OPEN } else { 0 });
                    self.cards.set_partner(one, other);
                    self.further.extend(known.map(|known| [one, known]));
                }
            }
            _ => {
                self.open(holders.iter().map(|(_, place)| *place));
                self.sharers.push(holders.iter().map(|(_, place)| *place));
            }
        }
    }

    fn close_name(&mut self, holders: &[(Side, Place)], is_telling: bool, is_full: bool) {
        self.names += 1;
        let joins = on(holders, Side::Bitrix24).max(on(holders, Side::Onec)) <= self.most;
        match self.kind {
            Kind::Company if joins => self.join(holders, 0),
            Kind::Company => {}
            Kind::Contact => {
                let name = if is_telling { self.names } else { 0 };
                holders.iter().for_each(|(_, place)| self.cards.set_name(*place, name));
                // Namesakes alone are a question where the name is a full one.
                if joins && is_full && holders.len() > 1 {
                    self.namesakes.push(holders.iter().map(|(_, place)| *place));
                }
            }
        }
    }

    /// People with one name and no common key are a question where one of them has no key at all, or where both lack the
    /// other side: who has a partner has nothing to do with namesakes.
    fn tell_namesakes(&mut self, group: &[Place]) {
        let card = |place: Place| self.cards.get(place);
        if let [a, b] = *group
            && card(a).partner() == Some(b)
            && card(b).partner() == Some(a)
        {
            return;
        }
        if !group.iter().all(|place| card(*place).is(HAS_STRONG)) {
            self.open(group.iter().copied());
            return;
        }
        let lacks_a_side = |place: &Place| linked(&self.cards, *place).is_none();
        let single: Vec<Place> = group.iter().copied().filter(lacks_a_side).collect();
        // Where one is left to weighing, anything may become of it.
        let lacks = |is_onec: bool| {
            single.iter().any(|place| card(*place).is(IS_OPEN) || card(*place).is(IS_ONEC) == is_onec)
        };
        if lacks(true) && lacks(false) && single.len() > 1 {
            self.open(single);
        }
    }
}

/// What the keys of one kind decide.
#[derive(Debug, Default)]
pub struct Decided {
    cards: Cards,
    groups: Groups,
    widespread: HashMap<String, usize>,
}

impl Decided {
    /// Whether nothing was told about any record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cards.len() == 0
    }

    /// Where the records stand that more than their keys has to decide about: they are weighed, or compared with others.
    pub fn unsettled(&self) -> impl Iterator<Item = Place> {
        self.known()
            .filter(|place| matches!(self.about(*place), None | Some(Obvious::Beside(_) | Obvious::Among(_))))
    }

    /// What is obvious about a record; nothing about one that more than keys speaks about, or that holds no key.
    #[must_use]
    pub fn about(&self, place: Place) -> Option<Obvious<'_>> {
        let card = self.cards.get(place);
        if self.is_open(place) {
            return self.groups.of(place).map(Obvious::Among);
        }
        if !card.is(IS_HELD) {
            return None;
        }
        let Some(partner) = card.partner() else { return Some(Obvious::Alone) };
        let link = linked(&self.cards, place).map(|reason| Obvious::Linked(partner, reason));
        Some(link.unwrap_or(Obvious::Beside(partner)))
    }

    /// How many records of a side hold a key, where they are more than those a key joins; by the key's text in the index.
    #[must_use]
    pub fn widespread(&self) -> &HashMap<String, usize> {
        &self.widespread
    }

    /// How many records are decided at sight, and how many have to be weighed.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let (open, decided): (Vec<bool>, Vec<bool>) =
            self.known().map(|place| self.is_open(place)).partition(|is_open| *is_open);
        (decided.len(), open.len())
    }

    fn known(&self) -> impl Iterator<Item = Place> {
        let known = |card: Card| card.is(IS_HELD) || card.is(IS_OPEN);
        (0..).take(self.cards.len()).filter(move |place| known(self.cards.get(*place)))
    }

    /// Those that are not decided at sight.
    fn open(&self) -> impl Iterator<Item = Place> {
        self.known().filter(|place| self.is_open(*place))
    }

    /// Whether a record has to be weighed, or has to do with one that has to.
    fn is_open(&self, place: Place) -> bool {
        let card = self.cards.get(place);
        card.is(IS_OPEN)
            || card.partner().is_some_and(|partner| {
                let other = self.cards.get(partner);
                other.is(IS_OPEN) || other.partner() != Some(place)
            })
    }
}

/// Records, and where runs of them end, are counted like places.
fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// How many of these stand on a side.
fn on(holders: &[(Side, Place)], side: Side) -> usize {
    holders.iter().filter(|(on, _)| *on == side).count()
}

/// Why a record and its partner are one person, where the keys alone say so: they share a mailbox or a phone that nobody
/// else has and the same name, and no tax numbers contradict.
fn linked(cards: &Cards, place: Place) -> Option<LinkReason> {
    let card = cards.get(place);
    let partner = card.partner()?;
    let other = cards.get(partner);
    let is_decided = !card.is(IS_OPEN) && !other.is(IS_OPEN) && other.partner() == Some(place);
    let shares_an_address = card.is(SHARES_MAILBOX) || card.is(SHARES_PHONE);
    let numbers_differ = card.is(HAS_INN) && other.is(HAS_INN) && !card.is(SHARES_INN);
    if !is_decided || !shares_an_address || numbers_differ || card.name == 0 || card.name != other.name {
        return None;
    }
    Some(match card {
        card if card.is(SHARES_INN) => LinkReason::Inn,
        card if card.is(SHARES_MAILBOX) => LinkReason::Email,
        _ => LinkReason::Phone,
    })
}

/// Whether a name of these words is enough beside an address of one's own: two words that are written out.
fn is_telling(words: &str) -> bool {
    words.contains(' ') && words.split(' ').all(|word| word.chars().nth(1).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_chain_of_neighbours_is_left_to_weighing() {
        let most = Place::try_from(MOST_TOGETHER).unwrap();
        for (length, is_told) in [(most, true), (most + 1, false)] {
            let mut keys = ByKeys::new(Kind::Contact, 8);
            for place in 1..length {
                keys.hold(&format!("p:{place:04}"), Side::Onec, place - 1);
                keys.hold(&format!("p:{place:04}"), Side::Onec, place);
            }
            let decided = keys.finish();
            let told = |place| matches!(decided.about(place), Some(Obvious::Among(group)) if group.len() == length as usize);
            assert!((0..length).all(|place| told(place) == is_told), "{length}");
            assert!(is_told || decided.about(0).is_none());
        }
    }
}
