//! How much two cards of one party give away: derived from what can be read in them, never declared.
//!
//! `sure` and `probable` pairs can be found by a program; `weak` and `ambiguous` ones are for a person; nothing shows
//! that a `none` pair is one party; of a `marked` pair the 1C object is marked for deletion.

use std::collections::{BTreeMap, BTreeSet};

use super::entities::Entities;
use super::reading::person_name::Agreement as NameAgreement;
use super::reading::tax::Inn;
use super::reading::{Reading, email, firm_name};
use super::records::{Owner, Place, Record};

/// How sure a careful person is that two cards are one party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    Sure,
    Probable,
    Weak,
    Ambiguous,
    None,
    Marked,
}

impl Strength {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Probable => "probable",
            Self::Weak => "weak",
            Self::Ambiguous => "ambiguous",
            Self::None => "none",
            Self::Marked => "marked",
        }
    }
}

/// All cards as read, and who holds which key.
pub(super) struct Readings<'a> {
    entities: &'a Entities,
    pub(super) all: Vec<Reading>,
    /// Key -> cards, by index.
    pub(super) holders: BTreeMap<String, Vec<usize>>,
    /// INN -> divisions that have it, however many of them the cards show.
    divisions: BTreeMap<String, BTreeSet<Owner>>,
}

impl<'a> Readings<'a> {
    pub(super) fn of(entities: &'a Entities, records: &[Record]) -> Self {
        let all: Vec<Reading> = records.iter().map(Reading::of).collect();
        let mut holders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut divisions: BTreeMap<String, BTreeSet<Owner>> = BTreeMap::new();
        for (index, reading) in all.iter().enumerate() {
            for key in reading.keys() {
                holders.entry(key).or_default().push(index);
            }
            if let (Some(inn), Owner::Firm(_)) = (reading.inn.valid(), reading.owner) {
                divisions.entry(inn.to_owned()).or_default().insert(reading.owner);
            }
        }
        Self { entities, all, holders, divisions }
    }

    /// The strength of two cards of one party, with its reason.
    pub(super) fn judge(&self, left: usize, right: usize, records: &[Record]) -> (Strength, &'static str) {
        let (a, b) = (&self.all[left], &self.all[right]);
        if a.marked || b.marked {
            return (Strength::Marked, "the 1C object is marked for deletion");
        }
        let judged = match a.owner {
            Owner::Firm(_) => self.judge_firm(a, b),
            _ => self.judge_person(a, b),
        };
        let unclear = matches!(judged.0, Strength::Weak | Strength::None | Strength::Ambiguous);
        if unclear && self.refer_to_each_other(&records[left], &records[right], records) {
            return (Strength::Probable, "the portal holds the reference of the object");
        }
        judged
    }

    fn judge_person(&self, a: &Reading, b: &Reading) -> (Strength, &'static str) {
        use NameAgreement as Name;
        let name = a.person.agrees(&b.person);
        if common_inn(a, b) {
            return match name {
                Name::Nothing => (Strength::Ambiguous, "one INN, contradicting names"),
                _ => (Strength::Sure, "INN"),
            };
        }
        let emails: Vec<String> =
            a.emails.intersection(&b.emails).map(|key| format!("email {key}")).collect();
        let phones: Vec<String> =
            a.phones.intersection(&b.phones).map(|key| format!("phone {key}")).collect();
        let own = |keys: &[String]| keys.iter().any(|key| self.is_persons_own(key, a.owner));
        let (own_email, own_phone) = (own(&emails), own(&phones));
        if own_email || own_phone {
            return match name {
                Name::Full | Name::Fits | Name::Initials if own_email => (Strength::Sure, "mailbox"),
                Name::Full | Name::Fits | Name::Initials => (Strength::Sure, "phone"),
                Name::Part => (Strength::Probable, "phone or mailbox, part of the name"),
                Name::OtherSurname => (Strength::Probable, "phone or mailbox, another surname"),
                Name::Unknown => (Strength::Ambiguous, "phone or mailbox, but no name"),
                Name::Nothing => (Strength::Ambiguous, "phone or mailbox, contradicting names"),
            };
        }
        if !emails.is_empty() || !phones.is_empty() {
            let rivals = emails.iter().chain(&phones).all(|key| self.has_rival(key, a, b));
            return match name {
                Name::Full if !rivals => (Strength::Probable, "shared phone or mailbox and the full name"),
                Name::Fits if !rivals => (Strength::Probable, "shared phone or mailbox and the name"),
                _ => (Strength::Ambiguous, "shared phone or mailbox and an unclear name"),
            };
        }
        match name {
            Name::Full => (Strength::Weak, "only the name is common"),
            _ => (Strength::None, "nothing in common to go by"),
        }
    }

    fn judge_firm(&self, a: &Reading, b: &Reading) -> (Strength, &'static str) {
        let name = name_of_firms(a, b);
        let keys: Vec<String> = a.keys().filter(|key| b.keys().any(|other| other == *key)).collect();
        let own = keys.iter().any(|key| !key.starts_with("inn ") && self.is_firms_own(key, a.owner));
        if common_inn(a, b) {
            let inn = a.inn.valid().unwrap_or_default();
            let several = self.divisions.get(inn).is_some_and(|divisions| divisions.len() > 1);
            return match (several, a.kpp == b.kpp && !a.kpp.is_empty(), a.kpp.is_empty() || b.kpp.is_empty())
            {
                (false, ..) => (Strength::Sure, "INN"),
                (true, true, _) => (Strength::Sure, "INN and KPP"),
                (true, false, true) if own => {
                    (Strength::Probable, "INN and the division's own phone or mailbox")
                }
                _ => (Strength::Ambiguous, "several divisions have this INN"),
            };
        }
        let has_key = !keys.is_empty();
        let broken = a.inn == Inn::Broken || b.inn == Inn::Broken;
        let both = a.inn != Inn::Absent && b.inn != Inn::Absent;
        if broken && (has_key || both && name == firm_name::Agreement::Same) {
            return (Strength::Ambiguous, "an INN is broken");
        }
        match (own, has_key, name) {
            (true, _, firm_name::Agreement::Same) => (Strength::Probable, "phone or mailbox and the name"),
            (_, true, _) => (Strength::Ambiguous, "phone or mailbox, another writing of the name"),
            (_, _, firm_name::Agreement::Same) => (Strength::Weak, "only the name is common"),
            _ => (Strength::None, "nothing in common to go by"),
        }
    }

    /// Whether nobody but this person holds the key: no other person, no firm but the person's own, and no mailbox that
    /// nobody in particular reads.
    fn is_persons_own(&self, key: &str, owner: Owner) -> bool {
        let own_firm = match owner {
            Owner::Person(person) => self.entities.people[person].own_firm.map(Owner::Firm),
            _ => None,
        };
        let is_firms = key.strip_prefix("email ").is_some_and(email::is_of_a_firm);
        let mut holders = self.holders[key].iter().map(|&card| self.all[card].owner);
        !is_firms && holders.all(|holder| holder == owner || Some(holder) == own_firm)
    }

    /// Whether no other firm holds the key. People of the firm may.
    fn is_firms_own(&self, key: &str, owner: Owner) -> bool {
        let holders = self.holders[key].iter().map(|&card| self.all[card].owner);
        holders.filter(|holder| matches!(holder, Owner::Firm(_))).all(|holder| holder == owner)
    }

    /// Whether somebody else who holds the key has the same surname and first name as one of the two cards.
    fn has_rival(&self, key: &str, a: &Reading, b: &Reading) -> bool {
        let rivals = self.holders[key].iter().map(|&card| &self.all[card]);
        let mut rivals =
            rivals.filter(|other| other.owner != a.owner && matches!(other.owner, Owner::Person(_)));
        rivals.any(|other| {
            let agreements = [a, b].map(|card| card.person.agrees(&other.person));
            agreements.iter().any(|name| matches!(name, NameAgreement::Full | NameAgreement::Fits))
        })
    }

    /// Whether the portal's card holds the reference of the object, and no other card does.
    fn refer_to_each_other(&self, left: &Record, right: &Record, records: &[Record]) -> bool {
        let is_reference = |card: &Record, object: &Record| {
            card.place.in_bitrix24() && !object.place.in_bitrix24() && card.mutual_id == object.id
        };
        let (reference, found) = match (is_reference(left, right), is_reference(right, left)) {
            (true, _) => (&right.id, true),
            (_, true) => (&left.id, true),
            _ => return false,
        };
        found && records.iter().filter(|card| card.mutual_id == *reference).count() == 1
    }
}

fn common_inn(a: &Reading, b: &Reading) -> bool {
    a.inn.valid().is_some() && a.inn == b.inn
}

/// The best agreement of the names that two firms' cards have; an entrepreneur's name is read as a person's too.
fn name_of_firms(a: &Reading, b: &Reading) -> firm_name::Agreement {
    let words = a.firm.iter().flat_map(|left| b.firm.iter().map(|right| left.agrees(right)));
    let persons = a.entrepreneur.iter().flat_map(|left| {
        b.entrepreneur.iter().map(|right| match left.agrees(right) {
            NameAgreement::Full => firm_name::Agreement::Same,
            NameAgreement::Fits | NameAgreement::Initials => firm_name::Agreement::OtherWriting,
            _ => firm_name::Agreement::Nothing,
        })
    });
    words.chain(persons).max().unwrap_or(firm_name::Agreement::Nothing)
}

/// Whether two cards are of the same kind, so that one could be taken for the other.
pub(super) fn same_kind(left: &Record, right: &Record) -> bool {
    matches!(
        (left.owner, right.owner),
        (Owner::Person(_), Owner::Person(_)) | (Owner::Firm(_), Owner::Firm(_))
    )
}

/// The name the checker knows a kind of party by.
pub(super) fn kind_name(place: Place, owner: Owner) -> &'static str {
    match (place, owner) {
        (Place::Company, _) | (_, Owner::Firm(_)) => "company",
        _ => "person",
    }
}
