//! Cards that are nobody's, and references that an earlier exchange left behind.

use super::{Owner, Place, Record, Records};
use crate::population::draw::{Draw, Purpose, reference};
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

/// References of 1C objects in cards of the portal: right ones, ones of objects that are no more, and ones of somebody
/// else.
pub(super) fn add_mutual_ids(records: &mut Records, seed: u64, noise: Noise, tally: &mut Tally) {
    let mut fate = Fate::new(Draw::new(seed, Purpose::NoisyOther, 1), noise, tally);
    let is_live = |card: &&Record| !card.place.in_bitrix24() && !card.marked;
    let objects: Vec<(Owner, String)> =
        records.all.iter().filter(is_live).map(|card| (card.owner, card.id.clone())).collect();
    for ordinal in 0..records.all.len() {
        let (owner, place) = (records.all[ordinal].owner, records.all[ordinal].place);
        if !place.in_bitrix24() || owner == Owner::Nobody {
            continue;
        }
        let own = records.of(owner).find(is_live).map(|card| card.id.clone());
        let mutual_id = if let Some(own) = own.filter(|_| fate.strikes(Damage::MutualId)) {
            own
        } else if fate.strikes(Damage::MutualIdStale) {
            reference(seed, "noisy stale", ordinal as u64)
        } else if objects.len() > 1 && fate.strikes(Damage::MutualIdDoubled) {
            somebody_else(&mut fate, &objects, owner)
        } else {
            continue;
        };
        records.all[ordinal].mutual_id = mutual_id;
    }
}

/// An object of another party of the same kind; none where there is none.
fn somebody_else(fate: &mut Fate<'_>, objects: &[(Owner, String)], owner: Owner) -> String {
    let is_firm = |owner: Owner| matches!(owner, Owner::Firm(_));
    let from = fate.draw.index(objects.len());
    let mut others = objects[from..].iter().chain(&objects[..from]);
    let other = others.find(|(of, _)| *of != owner && is_firm(*of) == is_firm(owner));
    other.map(|(_, id)| id.clone()).unwrap_or_default()
}
