//! Evidence: what two records of one kind say about being one party.

use std::collections::BTreeSet;

use crate::forms::company_name::{compare_company_names, read_company_name};
use crate::forms::person_name::{NameAgreement, PersonName, compare_person_names};
use crate::forms::tax::{Inn, Kpp};
use crate::key::{Key, keys_of};
use crate::party::{Organization, Party, Person};
use crate::plan::LinkReason;
use crate::record::{Record, Side};
use crate::review::AskReason;

/// What two records say about being one party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// One party.
    Same(LinkReason),
    /// A person has to look.
    Doubtful(AskReason),
    /// Two parties, whatever else they share.
    Different,
    /// Nothing speaks for one party.
    Nothing,
}

/// Weighs two records. `weak` keys are too widespread to link; `sole_holders` says that each side has one holder
/// only of an INN the records share. Symmetric.
pub fn compare(a: &Record, b: &Record, weak: &BTreeSet<Key>, sole_holders: bool) -> Verdict {
    let verdict = match (&a.party, &b.party) {
        (Party::Person(left), Party::Person(right)) => persons(left, right, &a.party, &b.party, weak),
        (Party::Organization(left), Party::Organization(right)) => {
            organizations(left, right, &a.party, &b.party, weak, sole_holders)
        }
        _ => Verdict::Nothing,
    };
    if !name_each_other(a, b) {
        return verdict;
    }
    match verdict {
        Verdict::Different => Verdict::Doubtful(AskReason::MutualIdContradicts),
        Verdict::Same(reason) => Verdict::Same(reason),
        _ if names_agree(&a.party, &b.party) == NameAgreement::Different => {
            Verdict::Doubtful(AskReason::MutualIdContradicts)
        }
        _ => Verdict::Same(LinkReason::MutualId),
    }
}

fn persons(a: &Person, b: &Person, left: &Party, right: &Party, weak: &BTreeSet<Key>) -> Verdict {
    let names = compare_person_names(&a.name, &b.name);
    match (Inn::parse(&a.inn), Inn::parse(&b.inn)) {
        (Some(x), Some(y)) if x == y => {
            return if names == NameAgreement::Different {
                Verdict::Doubtful(AskReason::NamesDoubtful)
            } else {
                Verdict::Same(LinkReason::Inn)
            };
        }
        (Some(_), Some(_)) => return Verdict::Different,
        _ => {}
    }
    let Some((key, is_weak)) = shared(left, right, weak) else {
        return if names == NameAgreement::Same && is_full(&a.name) && is_full(&b.name) {
            Verdict::Doubtful(AskReason::OnlyNameCommon)
        } else {
            Verdict::Nothing
        };
    };
    match names {
        NameAgreement::Same if !is_weak || (is_full(&a.name) && is_full(&b.name)) => {
            Verdict::Same(reason(&key))
        }
        NameAgreement::Compatible if !is_weak => Verdict::Same(reason(&key)),
        NameAgreement::Unknown if !is_weak => Verdict::Doubtful(AskReason::NameMissing),
        NameAgreement::Different if !is_weak && surname_alone_differs(&a.name, &b.name) => {
            Verdict::Doubtful(AskReason::NamesDoubtful)
        }
        NameAgreement::Different => Verdict::Different,
        _ => Verdict::Nothing,
    }
}

fn organizations(
    a: &Organization,
    b: &Organization,
    left: &Party,
    right: &Party,
    weak: &BTreeSet<Key>,
    sole_holders: bool,
) -> Verdict {
    let shared = shared(left, right, weak).filter(|(key, is_weak)| !is_weak && !matches!(key, Key::Inn(_)));
    match (Inn::parse(&a.inn), Inn::parse(&b.inn)) {
        (Some(x), Some(y)) if x != y => return Verdict::Different,
        (Some(_), Some(_)) => {
            return match (Kpp::parse(&a.kpp), Kpp::parse(&b.kpp)) {
                (Some(x), Some(y)) if x == y => Verdict::Same(LinkReason::Inn),
                (Some(_), Some(_)) if sole_holders => Verdict::Same(LinkReason::Inn),
                (Some(_), Some(_)) => Verdict::Different,
                _ if sole_holders || shared.is_some() => Verdict::Same(LinkReason::Inn),
                _ => Verdict::Doubtful(AskReason::SeveralHolders),
            };
        }
        _ => {}
    }
    let (x, y) = (read_company_name(&a.title), read_company_name(&b.title));
    let names = compare_company_names(&x, &y);
    let same = names == NameAgreement::Same || (names == NameAgreement::Compatible && x.core == y.core);
    match (shared, same) {
        (Some((key, _)), true) => Verdict::Same(reason(&key)),
        (None, true) => Verdict::Doubtful(AskReason::OnlyNameCommon),
        (Some(_), false) if names == NameAgreement::Unknown => Verdict::Doubtful(AskReason::NameMissing),
        _ => Verdict::Nothing,
    }
}

/// The best key both parties hold, and whether it is weak.
fn shared(a: &Party, b: &Party, weak: &BTreeSet<Key>) -> Option<(Key, bool)> {
    let other = keys_of(b);
    let mut common: Vec<(bool, Key)> = keys_of(a)
        .into_iter()
        .filter(|key| key.is_strong() && other.contains(key))
        .map(|key| (weak.contains(&key), key))
        .collect();
    common.sort();
    common.into_iter().next().map(|(is_weak, key)| (key, is_weak))
}

fn reason(key: &Key) -> LinkReason {
    match key {
        Key::Inn(_) => LinkReason::Inn,
        Key::Email(_) => LinkReason::Email,
        Key::Phone(_) | Key::Name(_) => LinkReason::Phone,
    }
}

/// A name with family name, first name and patronymic, none of them an initial.
fn is_full(name: &PersonName) -> bool {
    [&name.last, &name.first, &name.middle]
        .into_iter()
        .all(|part| part.trim_end_matches('.').chars().count() > 1)
}

fn surname_alone_differs(a: &PersonName, b: &PersonName) -> bool {
    let rest = |name: &PersonName| PersonName::from_parts("", &name.first, &name.middle);
    is_full(a) && is_full(b) && compare_person_names(&rest(a), &rest(b)) == NameAgreement::Same
}

pub(super) fn names_agree(a: &Party, b: &Party) -> NameAgreement {
    match (a, b) {
        (Party::Person(a), Party::Person(b)) => compare_person_names(&a.name, &b.name),
        (Party::Organization(a), Party::Organization(b)) => {
            compare_company_names(&read_company_name(&a.title), &read_company_name(&b.title))
        }
        _ => NameAgreement::Different,
    }
}

/// Whether one record's stored id is the other record, and the other's is not somebody else.
fn name_each_other(a: &Record, b: &Record) -> bool {
    if a.id.side == b.id.side {
        return false;
    }
    let (bitrix24, onec) = if a.id.side == Side::Bitrix24 { (a, b) } else { (b, a) };
    let forth = bitrix24.mutual_id == onec.id.mutual();
    let back = onec.mutual_id == bitrix24.id.mutual();
    (forth && (back || onec.mutual_id.is_empty())) || (back && bitrix24.mutual_id.is_empty())
}
