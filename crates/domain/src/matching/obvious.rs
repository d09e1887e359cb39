//! What the keys alone decide, without a look at any record.
//!
//! Most records of two bases share their keys with nobody, or with one record of the other side that has the same name. Such
//! records are found by one walk over the index of keys. Invariant: what is said here of a record is what
//! [`decide`](super::decide) says of it among all who are joined with it by keys, and who is left out of the
//! weighing of others changes nothing there. Of whoever more than keys speak about nothing is said.

use crate::key::KeySort;
use crate::plan::LinkReason;
use crate::record::{Kind, Side};

/// The number under which a store keeps a record.
pub type Place = u32;

/// What the keys alone decide about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obvious {
    /// Nobody else has to do with it.
    Alone,
    /// It has to do with this record of the other side, and both with nobody else.
    Beside(Place),
    /// It and this record of the other side are one party.
    Linked(Place, LinkReason),
}

/// Decides by the keys of one kind, which come one after the other in the order of the index.
#[derive(Debug)]
pub struct ByKeys {
    kind: Kind,
    /// A name that more records of a side have joins nobody.
    most_namesakes: usize,
    cards: Vec<Card>,
    /// The key at hand, and who holds it.
    key: String,
    holders: Vec<(Side, Place)>,
    /// Groups of people with one name, one after the other, and where each of them ends.
    namesakes: Vec<Place>,
    ends: Vec<usize>,
    /// So many names were met.
    names: u32,
}

/// What the keys tell about a record.
#[derive(Debug, Clone, Copy, Default)]
struct Card {
    /// Who else holds a strong key of it, by place and one; zero for nobody.
    partner: u32,
    /// Its name, where it is written out and two words at least; zero for others.
    name: u32,
    marks: u8,
}

const IS_HELD: u8 = 1;
const IS_ONEC: u8 = 1 << 1;
/// It has a mailbox, a phone or a tax number.
const HAS_STRONG: u8 = 1 << 2;
const HAS_INN: u8 = 1 << 3;
const SHARES_INN: u8 = 1 << 4;
const SHARES_MAILBOX: u8 = 1 << 5;
const SHARES_PHONE: u8 = 1 << 6;
/// It has to be weighed.
const IS_OPEN: u8 = 1 << 7;

impl Card {
    fn is(self, mark: u8) -> bool {
        self.marks & mark != 0
    }

    fn partner(self) -> Option<Place> {
        self.partner.checked_sub(1)
    }
}

impl ByKeys {
    /// Before any key. A name that more than so many records of a side have joins nobody.
    #[must_use]
    pub fn new(kind: Kind, most_namesakes: usize) -> Self {
        Self {
            kind,
            most_namesakes,
            cards: Vec::new(),
            key: String::new(),
            holders: Vec::new(),
            namesakes: Vec::new(),
            ends: Vec::new(),
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
        let card = self.card(place);
        card.marks |= IS_HELD | if side == Side::Onec { IS_ONEC } else { 0 };
        self.holders.push((side, place));
    }

    /// Weighs a record, whatever its keys: a link, a ruling, a stored id or a mark tells about it too.
    pub fn leave(&mut self, place: Place) {
        self.card(place).marks |= IS_OPEN;
    }

    /// Takes over what was told of other keys of the same records.
    #[must_use]
    pub fn and(mut self, mut other: Self) -> Self {
        self.close_key();
        other.close_key();
        if let Some(last) = other.cards.len().checked_sub(1).and_then(|last| Place::try_from(last).ok()) {
            self.card(last);
        }
        for (card, other) in self.cards.iter_mut().zip(&other.cards) {
            if card.partner != 0 && other.partner != 0 && card.partner != other.partner {
                card.marks |= IS_OPEN;
            }
            card.marks |= other.marks;
            card.partner = card.partner.max(other.partner);
            card.name = card.name.max(if other.name == 0 { 0 } else { other.name + self.names });
        }
        self.names += other.names;
        let before = self.namesakes.len();
        self.namesakes.append(&mut other.namesakes);
        self.ends.extend(other.ends.iter().map(|end| end + before));
        self
    }

    /// Every key was told.
    #[must_use]
    pub fn finish(mut self) -> Decided {
        self.close_key();
        let groups = std::mem::take(&mut self.namesakes);
        let mut begin = 0;
        for end in std::mem::take(&mut self.ends) {
            self.tell_namesakes(&groups[begin..end]);
            begin = end;
        }
        Decided { cards: self.cards }
    }

    fn card(&mut self, place: Place) -> &mut Card {
        let place = place as usize;
        if self.cards.len() <= place {
            self.cards.resize(place + 1, Card::default());
        }
        &mut self.cards[place]
    }

    fn open(&mut self, places: impl IntoIterator<Item = Place>) {
        places.into_iter().for_each(|place| self.card(place).marks |= IS_OPEN);
    }

    /// All holders of the key at hand are known.
    fn close_key(&mut self) {
        let holders = std::mem::take(&mut self.holders);
        match KeySort::read(&self.key) {
            Some((KeySort::Inn, _)) => self.close_strong(&holders, HAS_INN, SHARES_INN),
            Some((KeySort::Email, _)) => self.close_strong(&holders, 0, SHARES_MAILBOX),
            Some((KeySort::Phone, _)) => self.close_strong(&holders, 0, SHARES_PHONE),
            Some((KeySort::Name, words)) => {
                let is_telling = is_telling(words);
                self.close_name(&holders, is_telling);
            }
            // Who holds a stored id, or is named by one, is left to weighing.
            Some((KeySort::Id, _)) | None => {}
        }
        self.holders = holders;
        self.holders.clear();
    }

    fn close_strong(&mut self, holders: &[(Side, Place)], held: u8, shared: u8) {
        holders.iter().for_each(|(_, place)| self.card(*place).marks |= HAS_STRONG | held);
        self.join(holders, shared);
    }

    /// Who shares a key of two holders has to do with each other; of more holders anything may be.
    fn join(&mut self, holders: &[(Side, Place)], shared: u8) {
        match *holders {
            [] | [_] => {}
            [(side, a), (other, b)] if side != other => {
                for (one, other) in [(a, b), (b, a)] {
                    let card = self.card(one);
                    card.marks |= shared;
                    if card.partner().is_some_and(|known| known != other) {
                        card.marks |= IS_OPEN;
                    }
                    card.partner = other + 1;
                }
            }
            _ => self.open(holders.iter().map(|(_, place)| *place)),
        }
    }

    fn close_name(&mut self, holders: &[(Side, Place)], is_telling: bool) {
        self.names += 1;
        let on = |side: Side| holders.iter().filter(|(on, _)| *on == side).count();
        let joins = on(Side::Bitrix24).max(on(Side::Onec)) <= self.most_namesakes;
        match self.kind {
            Kind::Company if joins => self.join(holders, 0),
            Kind::Company => {}
            Kind::Contact => {
                let name = if is_telling { self.names } else { 0 };
                holders.iter().for_each(|(_, place)| self.card(*place).name = name);
                if joins && holders.len() > 1 {
                    self.namesakes.extend(holders.iter().map(|(_, place)| *place));
                    self.ends.push(self.namesakes.len());
                }
            }
        }
    }

    /// People with one name and no common key are a question where one of them has no key at all, or where both lack the
    /// other side: who has a partner has nothing to do with namesakes.
    fn tell_namesakes(&mut self, group: &[Place]) {
        let card = |place: Place| self.cards[place as usize];
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
    cards: Vec<Card>,
}

impl Decided {
    /// Whether nothing was told about any record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cards.is_empty()
    }

    /// Where the records stand that more than their keys has to decide about: they are weighed, or compared with another.
    pub fn unsettled(&self) -> impl Iterator<Item = Place> {
        let places = self.cards.iter().enumerate().filter(|(_, card)| card.is(IS_HELD) || card.is(IS_OPEN));
        let places = places.filter_map(|(place, _)| Place::try_from(place).ok());
        places.filter(|place| matches!(self.about(*place), None | Some(Obvious::Beside(_))))
    }

    /// What is obvious about a record; nothing about one that has to be weighed, or holds no key.
    #[must_use]
    pub fn about(&self, place: Place) -> Option<Obvious> {
        let card = *self.cards.get(place as usize)?;
        if card.is(IS_OPEN) || !card.is(IS_HELD) {
            return None;
        }
        let Some(partner) = card.partner() else { return Some(Obvious::Alone) };
        let other = self.cards[partner as usize];
        if other.is(IS_OPEN) || other.partner() != Some(place) {
            return None;
        }
        let link = linked(&self.cards, place).map(|reason| Obvious::Linked(partner, reason));
        Some(link.unwrap_or(Obvious::Beside(partner)))
    }

    /// How many records are decided, and how many have to be weighed.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let held = self.cards.iter().enumerate().filter(|(_, card)| card.is(IS_HELD) || card.is(IS_OPEN));
        let places = held.filter_map(|(place, _)| Place::try_from(place).ok());
        let (decided, open): (Vec<bool>, Vec<bool>) =
            places.map(|place| self.about(place).is_some()).partition(|decided| *decided);
        (decided.len(), open.len())
    }
}

/// Why a record and its partner are one person, where the keys alone say so: they share a mailbox or a phone that nobody
/// else has and the same name, and no tax numbers contradict.
fn linked(cards: &[Card], place: Place) -> Option<LinkReason> {
    let card = cards[place as usize];
    let partner = card.partner()?;
    let other = cards[partner as usize];
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
