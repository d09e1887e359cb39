//! Cards that are nobody's, and references that an earlier exchange left behind.

use std::collections::BTreeMap;

use super::{Owner, Place, Record, Records};
use crate::population::draw::{Draw, Purpose};
use crate::population::noisy::damage::phone::printed;
use crate::population::noisy::level::{Damage, Fate, Noise, Tally};

/// Names that stand where nobody was meant.
const PLACEHOLDERS: [&str; 5] = ["Тест", "тест тест", "Без имени", "Новый клиент", "Проверка"];

/// Contacts without a name and a key, tests, phones in place of names: each kind in proportion to the people.
pub(super) fn add(records: &mut Records, seed: u64, people: usize, noise: Noise, tally: &mut Tally) {
    let mut fate = Fate::new(Draw::new(seed, Purpose::NoisyOther, 0), noise, tally);
    for ordinal in 0..people {
        for kind in [Damage::EmptyContact, Damage::PlaceholderContact, Damage::PhoneAsName] {
            if !fate.strikes(kind) {
                continue;
            }
            let mut record = Record::new(Owner::Nobody, Place::Contact, records.next_id());
            let mut first = String::new();
            match kind {
                Damage::PlaceholderContact => fate.draw.pick(&PLACEHOLDERS).clone_into(&mut first),
                Damage::PhoneAsName => first = printed(&format!("7958{ordinal:07}")),
                _ => {}
            }
            record.stray = kind.name();
            record.title.clone_from(&first);
            record.parts = Some([String::new(), first, String::new()]);
            record.manager = fate.draw.index(12);
            records.push(record);
        }
    }
}

/// References of 1C objects in cards of the portal, each in one card of the party it is of.
///
/// A stale or foreign reference is none of the damage: it stays in its card until a person decides, and whoever judges
/// links by that field would count it against a sync that asked.
pub(super) fn add_mutual_ids(records: &mut Records, seed: u64, noise: Noise, tally: &mut Tally) {
    let mut fate = Fate::new(Draw::new(seed, Purpose::NoisyOther, 1), noise, tally);
    let mut objects: BTreeMap<Owner, String> = BTreeMap::new();
    for record in records.all.iter().filter(|record| !record.place.in_bitrix24() && !record.marked) {
        objects.entry(record.owner).or_insert_with(|| record.id.clone());
    }
    for card in records.all.iter_mut().filter(|card| card.place.in_bitrix24()) {
        if let Some(own) = objects.remove(&card.owner).filter(|_| fate.strikes(Damage::MutualId)) {
            card.mutual_id = own;
        }
    }
}
