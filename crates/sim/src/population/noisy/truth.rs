//! The truth about both bases as one document, in the format of the checker in `tests/data/check`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Recipe;
use super::entities::{Entities, Firm, Person};
use super::level::Tally;
use super::records::{Owner, Place, Record, Records};
use super::strength::{Readings, kind_name, same_kind};
use super::{bitrix24, onec};
use crate::population::bitrix24::user_id;
use crate::population::cast::Naming;

/// Writes the document.
pub(super) fn tell(recipe: &Recipe, entities: &Entities, records: &Records, tally: &Tally) -> Value {
    let readings = Readings::of(entities, &records.all);
    let mut by_owner: BTreeMap<Owner, Vec<usize>> = BTreeMap::new();
    for (index, record) in records.all.iter().enumerate() {
        by_owner.entry(record.owner).or_default().push(index);
    }
    by_owner.remove(&Owner::Nobody);
    let mut told = Told::default();
    for cards in by_owner.values() {
        told.add_party(cards, records, &readings);
    }
    let either = entrepreneurs(entities, records);
    let decoys = decoys(records, &readings, &either);
    let unclear = told
        .same
        .iter()
        .filter(|pair| ["weak", "ambiguous"].contains(&pair["strength"].as_str().unwrap_or("")));
    let unclear: Vec<Value> = unclear.cloned().collect();
    // Who has left has nobody to be compared with.
    let managers: Map<String, Value> = (0..entities.users.len())
        .filter(|user| bitrix24::is_active(*user, recipe.noise))
        .map(|user| (user_id(user), onec::user(recipe.seed, user).into()))
        .collect();
    let damage: Map<String, Value> =
        tally.iter().map(|(kind, count)| (kind.name().to_owned(), (*count).into())).collect();
    json!({
        "format": "customer-bases-truth/2",
        "seed": recipe.seed, "noise": recipe.noise.name(), "config": "bp30",
        "counts": counts(recipe, records, &told.same), "damage": damage,
        "people": entities.people.iter().enumerate()
            .map(|(index, person)| person_row(index, person, records)).collect::<Vec<_>>(),
        "companies": entities.firms.iter().enumerate()
            .map(|(index, firm)| firm_row(index, firm, records)).collect::<Vec<_>>(),
        "pairs": {
            "same": told.same, "decoys": decoys, "ambiguous": unclear,
            "either": either.iter().map(|(b24, reference)| json!({"b24": b24, "ref": reference})).collect::<Vec<_>>(),
        },
        "duplicates": {"b24": told.in_bitrix24, "onec": told.in_onec},
        "not_for_sync": not_for_sync(recipe, records),
        "managers": managers, "inn_field": "UF_CRM_INN",
    })
}

/// Pairs of cards of one party: across the bases, and inside each.
#[derive(Default)]
struct Told {
    same: Vec<Value>,
    in_bitrix24: Vec<Value>,
    in_onec: Vec<Value>,
}

impl Told {
    fn add_party(&mut self, cards: &[usize], records: &Records, readings: &Readings<'_>) {
        for (position, &left) in cards.iter().enumerate() {
            for &right in &cards[position + 1..] {
                self.add_pair(left, right, records, readings);
            }
        }
    }

    /// Cards of the portal come before those of 1C.
    fn add_pair(&mut self, left: usize, right: usize, records: &Records, readings: &Readings<'_>) {
        let (a, b) = (&records.all[left], &records.all[right]);
        let (strength, why) = readings.judge(left, right, &records.all);
        let (kind, strength, real) = (kind_name(a.place, a.owner), strength.name(), entity_id(a.owner));
        match (a.place.in_bitrix24(), b.place.in_bitrix24()) {
            (true, true) => self.in_bitrix24.push(json!({
                "kind": kind, "a": a.id, "b": b.id, "real": real, "strength": strength, "why": why,
            })),
            (true, false) => self.same.push(json!({
                "kind": kind, "b24": a.id, "entity": b.place.set(), "ref": b.id,
                "strength": strength, "why": why, "real": real,
            })),
            _ => self.in_onec.push(json!({
                "kind": kind, "a": a.id, "b": b.id, "real": real, "strength": strength, "why": why,
                "entities": [a.place.set(), b.place.set()], "twins": a.place == b.place,
            })),
        }
    }
}

/// An entrepreneur's firm in 1C and the contact of the same person: one could take them for one.
fn entrepreneurs(entities: &Entities, records: &Records) -> BTreeSet<(String, String)> {
    let mut either = BTreeSet::new();
    for (index, firm) in entities.firms.iter().enumerate() {
        let Some(person) = firm.person else { continue };
        for contact in records.of(Owner::Person(person)).filter(|card| card.place == Place::Contact) {
            for object in records.of(Owner::Firm(index)).filter(|card| card.place == Place::Counterparty) {
                either.insert((contact.id.clone(), object.id.clone()));
            }
        }
    }
    either
}

/// Different parties of one kind that share a key or the whole name.
fn decoys(records: &Records, readings: &Readings<'_>, either: &BTreeSet<(String, String)>) -> Vec<Value> {
    let mut shared: BTreeMap<String, Vec<usize>> = readings.holders.clone();
    for (index, reading) in readings.all.iter().enumerate() {
        if let Some(name) = reading.whole_name() {
            shared.entry(format!("name {name}")).or_default().push(index);
        }
    }
    let mut seen = BTreeSet::new();
    let mut decoys = Vec::new();
    for (key, cards) in &shared {
        let (sort, value) = key.split_once(' ').expect("keys are marked with their kind");
        for &left in cards.iter().filter(|&&card| records.all[card].place.in_bitrix24()) {
            for &right in cards.iter().filter(|&&card| !records.all[card].place.in_bitrix24()) {
                let (a, b) = (&records.all[left], &records.all[right]);
                let is_either = either.contains(&(a.id.clone(), b.id.clone()));
                if a.owner == b.owner || is_either || !same_kind(a, b) || !seen.insert((left, right)) {
                    continue;
                }
                let why = match sort {
                    "phone" => "shared phone",
                    "email" => "shared mailbox",
                    "inn" => "shared INN",
                    _ => "one name",
                };
                decoys.push(json!({
                    "kind": kind_name(a.place, a.owner), "b24": a.id, "entity": b.place.set(), "ref": b.id,
                    "why": why, "value": value,
                }));
            }
        }
    }
    decoys
}

fn person_row(index: usize, person: &Person, records: &Records) -> Value {
    let owner = Owner::Person(index);
    let (b24, onec) = cards(owner, records);
    json!({
        "id": entity_id(owner), "b24": b24, "onec": onec,
        "last": person.name.last, "first": person.name.first, "patronymic": person.name.patronymic,
        "maiden": person.maiden.clone().unwrap_or_default(), "inn": person.inn, "phones": person.phones,
        "emails": person.emails, "employer": person.employer.map(|firm| entity_id(Owner::Firm(firm))),
    })
}

fn firm_row(index: usize, firm: &Firm, records: &Records) -> Value {
    let owner = Owner::Firm(index);
    let (b24, onec) = cards(owner, records);
    let (form, core) = match &firm.naming {
        Naming::Organization { form, word } => (form.short, word.clone()),
        Naming::Entrepreneur(name) => ("ИП", name.whole()),
    };
    json!({
        "id": entity_id(owner), "b24": b24, "onec": onec, "form": form, "core": core,
        "inn": firm.inn, "kpp": firm.kpp, "phones": firm.phones, "emails": firm.emails,
        "branch_of": firm.branch_of.map(|head| entity_id(Owner::Firm(head))),
    })
}

fn cards(owner: Owner, records: &Records) -> (Vec<&str>, Vec<Value>) {
    let of = |card: &&Record| card.place.in_bitrix24();
    let b24 = records.of(owner).filter(of).map(|card| card.id.as_str()).collect();
    let object = |card: &Record| json!({"entity": card.place.set(), "ref": card.id, "marked": card.marked});
    (b24, records.of(owner).filter(|card| !of(card)).map(object).collect())
}

fn not_for_sync(recipe: &Recipe, records: &Records) -> Value {
    let marked = records.all.iter().filter(|card| card.marked).map(|card| card.id.as_str());
    let strays = records.all.iter().filter(|card| card.owner == Owner::Nobody);
    json!({
        "onec_folders": onec::folders(recipe.seed), "onec_predefined": [onec::retail(recipe.seed)],
        "onec_marked": marked.collect::<Vec<_>>(),
        "b24_empty": strays.map(|card| json!({"id": card.id, "why": card.stray})).collect::<Vec<_>>(),
    })
}

fn counts(recipe: &Recipe, records: &Records, same: &[Value]) -> Value {
    let mut sets: BTreeMap<&str, u64> = BTreeMap::new();
    for card in &records.all {
        *sets.entry(card.place.set()).or_default() += 1;
    }
    let mut pairs: BTreeMap<String, u64> = BTreeMap::new();
    for pair in same {
        let text = |field: &str| pair[field].as_str().unwrap_or_default().to_owned();
        *pairs.entry(format!("{} {}", text("kind"), text("strength"))).or_default() += 1;
    }
    json!({"people": recipe.people, "companies": recipe.companies, "cards": sets, "pairs": pairs})
}

fn entity_id(owner: Owner) -> String {
    match owner {
        Owner::Person(index) => format!("P{:06}", index + 1),
        Owner::Firm(index) => format!("C{:06}", index + 1),
        Owner::Nobody => String::new(),
    }
}
