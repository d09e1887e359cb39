//! Evidence: what two records of one kind say about being one party.

use super::{Neighbourhood, is_weak};
use crate::forms::company_name::{CompanyName, compare_company_names, is_retired, read_company_name};
use crate::forms::person_name::{
    NameAgreement, PersonName, compare_person_names, is_legible, is_like_a_surname, is_single_word,
};
use crate::forms::placeholder::names_nobody;
use crate::forms::tax::{Inn, Kpp, is_bin_or_iin, is_unp};
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

/// What two records have in common, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Keys that both hold, sorted; names are weighed apart.
    pub common: Vec<CommonKey>,
    /// How their names agree.
    pub names: NameAgreement,
    /// What follows.
    pub verdict: Verdict,
}

/// A key that two records share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommonKey {
    /// The key.
    pub key: Key,
    /// Whether so many records of a side hold it that it links nobody.
    pub is_weak: bool,
}

/// Weighs two records and keeps what was weighed. Symmetric.
pub(super) fn evidence_of(a: &Record, b: &Record, around: &Neighbourhood, sole_holders: bool) -> Evidence {
    let other = keys_of(&b.party);
    let common = keys_of(&a.party).into_iter().filter(|key| key.is_strong() && other.contains(key));
    let common = common.map(|key| CommonKey { is_weak: is_weak(&key, around.holders(&key)), key }).collect();
    let names = names_agree(&a.party, &b.party);
    Evidence { common, names, verdict: compare(a, b, around, sole_holders) }
}

/// Weighs two records. `sole_holders` says that each side has one holder only of an INN the records share. Symmetric.
pub fn compare(a: &Record, b: &Record, around: &Neighbourhood, sole_holders: bool) -> Verdict {
    let common = Common::of(&a.party, &b.party, around);
    let verdict = match (&a.party, &b.party) {
        (Party::Person(left), Party::Person(right)) => persons(left, right, &common),
        (Party::Organization(left), Party::Organization(right)) => {
            organizations(left, right, &common, sole_holders)
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

fn persons(a: &Person, b: &Person, common: &Common) -> Verdict {
    let names = agreement(&a.name, &b.name);
    match (Inn::parse(&a.inn), Inn::parse(&b.inn)) {
        (Some(x), Some(y)) if x == y && names == NameAgreement::Different => {
            return Verdict::Doubtful(AskReason::NamesDoubtful);
        }
        (Some(x), Some(y)) if x == y => return Verdict::Same(LinkReason::Inn),
        (Some(_), Some(_)) => return Verdict::Different,
        _ => {}
    }
    let Some(best) = common.best() else {
        return if names == NameAgreement::Same && is_full(&a.name) && is_full(&b.name) {
            Verdict::Doubtful(AskReason::OnlyNameCommon)
        } else {
            Verdict::Nothing
        };
    };
    let written_out = same_written_out(&a.name, &b.name);
    // A single word fits too many people: it needs a key that nobody else holds.
    let own_mailbox = common.has_own_mailbox() && !is_single_word(&a.name) && !is_single_word(&b.name);
    // Initials fit a whole family, and who else holds the key may be of it.
    let is_initialled = has_initials(&a.name) || has_initials(&b.name);
    let own_mailbox = own_mailbox && !is_initialled;
    match names {
        NameAgreement::Same
            if written_out || common.is_exclusive() || (common.has_own() && !is_initialled) =>
        {
            Verdict::Same(best)
        }
        NameAgreement::Compatible if written_out || own_mailbox || common.is_exclusive() => {
            Verdict::Same(best)
        }
        NameAgreement::Same | NameAgreement::Compatible => Verdict::Doubtful(AskReason::NamesDoubtful),
        NameAgreement::Unknown if common.has_own() => Verdict::Doubtful(AskReason::NameMissing),
        NameAgreement::Different if common.has_own() && !(is_legible(&a.name) && is_legible(&b.name)) => {
            Verdict::Doubtful(AskReason::NameIllegible)
        }
        // Relatives share one key; who shares two, or a key and the first name, may have changed the surname.
        NameAgreement::Different if common.own >= 2 || (common.has_own() && same_first(&a.name, &b.name)) => {
            Verdict::Doubtful(AskReason::NamesDoubtful)
        }
        NameAgreement::Different => Verdict::Different,
        NameAgreement::Unknown => Verdict::Nothing,
    }
}

fn organizations(a: &Organization, b: &Organization, common: &Common, sole_holders: bool) -> Verdict {
    let names = company_agreement(a, b);
    match (Inn::parse(&a.inn), Inn::parse(&b.inn)) {
        (Some(x), Some(y)) if x != y => return Verdict::Different,
        (Some(inn), Some(_)) => {
            return match (Kpp::parse(&a.kpp), Kpp::parse(&b.kpp)) {
                (Some(x), Some(y)) if x == y => Verdict::Same(LinkReason::Inn),
                // One that moved has another KPP of the same sort; a head office and a branch have not.
                (Some(x), Some(y)) if sole_holders && x.is_of_branch() == y.is_of_branch() => {
                    Verdict::Same(LinkReason::Inn)
                }
                (Some(_), Some(_)) if sole_holders => Verdict::Doubtful(AskReason::HeadAndBranch),
                (Some(_), Some(_)) => Verdict::Different,
                // An entrepreneur has no branches.
                _ if !inn.is_organization() || common.has_own() => Verdict::Same(LinkReason::Inn),
                _ if sole_holders && !common.is_contradicted => Verdict::Same(LinkReason::Inn),
                _ => Verdict::Doubtful(AskReason::SeveralHolders),
            };
        }
        _ => {}
    }
    let Some(best) = common.best().filter(|_| common.has_own()) else {
        let (x, y) = (name_with_form(a), name_with_form(b));
        let same_name =
            names == NameAgreement::Same || (names == NameAgreement::Compatible && x.core == y.core);
        return if same_name { Verdict::Doubtful(AskReason::OnlyNameCommon) } else { Verdict::Nothing };
    };
    match names {
        NameAgreement::Same if is_damaged_number(&a.inn) || is_damaged_number(&b.inn) => {
            Verdict::Doubtful(AskReason::TaxNumberDamaged)
        }
        // Somebody retired this card in words: for another one, perhaps.
        NameAgreement::Same if is_retired(&a.title) != is_retired(&b.title) => {
            Verdict::Doubtful(AskReason::NamesDoubtful)
        }
        NameAgreement::Same => Verdict::Same(best),
        // A legal form on one side only: a firm and its sister share reception, mailbox and brand.
        NameAgreement::Compatible => Verdict::Doubtful(AskReason::NamesDoubtful),
        NameAgreement::Unknown => Verdict::Doubtful(AskReason::NameMissing),
        NameAgreement::Different => Verdict::Nothing,
    }
}

/// The mailboxes and phones that two parties share. The INN is weighed apart.
struct Common {
    keys: Vec<Key>,
    /// How many of them are not widespread.
    own: usize,
    own_mailboxes: usize,
    /// How many of them nobody else holds.
    exclusive: usize,
    /// Both have mailboxes or both have phones, and none is common.
    is_contradicted: bool,
}

impl Common {
    fn of(a: &Party, b: &Party, around: &Neighbourhood) -> Self {
        let (mine, other) = (keys_of(a), keys_of(b));
        let is_mailbox = |key: &Key| matches!(key, Key::Email(_));
        let is_phone = |key: &Key| matches!(key, Key::Phone(_));
        let both = |is: fn(&Key) -> bool| mine.iter().any(is) && other.iter().any(is);
        let has_rivals = both(is_mailbox) || both(is_phone);
        let keys: Vec<Key> = mine
            .into_iter()
            .filter(|key| (is_mailbox(key) || is_phone(key)) && other.contains(key))
            .collect();
        let is_own = |key: &&Key| !is_weak(key, around.holders(key));
        Self {
            own: keys.iter().filter(is_own).count(),
            own_mailboxes: keys.iter().filter(is_own).filter(|key| matches!(key, Key::Email(_))).count(),
            exclusive: keys.iter().filter(|key| around.holders(key) <= 1).count(),
            is_contradicted: has_rivals && keys.is_empty(),
            keys,
        }
    }

    /// The reason the best of them gives: a mailbox before a phone.
    fn best(&self) -> Option<LinkReason> {
        let mailbox = self.keys.iter().any(|key| matches!(key, Key::Email(_)));
        (!self.keys.is_empty()).then_some(if mailbox { LinkReason::Email } else { LinkReason::Phone })
    }

    fn has_own(&self) -> bool {
        self.own > 0
    }

    fn has_own_mailbox(&self) -> bool {
        self.own_mailboxes > 0
    }

    fn is_exclusive(&self) -> bool {
        self.exclusive > 0
    }
}

/// Whether a text was meant as a tax number of some country and is none: too damaged to be a key, too much to be ignored.
fn is_damaged_number(text: &str) -> bool {
    let meant = text.chars().filter(char::is_ascii_digit).count() >= 8;
    meant && Inn::parse(text).is_none() && !is_bin_or_iin(text) && !is_unp(text)
}

/// A name with family name, first name and patronymic, none of them an initial.
fn is_full(name: &PersonName) -> bool {
    [&name.last, &name.first, &name.middle].into_iter().all(|part| is_written_out(part))
}

fn is_written_out(part: &str) -> bool {
    part.trim_end_matches('.').chars().count() > 1
}

/// Family name and first name stand written out in both and agree.
fn same_written_out(a: &PersonName, b: &PersonName) -> bool {
    let both = |name: &PersonName| is_written_out(&name.last) && is_written_out(&name.first);
    let short = |name: &PersonName| PersonName::from_parts(&name.last, &name.first, "");
    both(a) && both(b) && compare_person_names(&short(a), &short(b)) == NameAgreement::Same
}

/// The given name stands as an initial beside a family name.
fn has_initials(name: &PersonName) -> bool {
    !name.first.is_empty() && !is_written_out(&name.first)
}

/// The first names are the same, be it that one of them was typed into the field of the family name.
fn same_first(a: &PersonName, b: &PersonName) -> bool {
    let alone = |word: &str| PersonName::from_parts("", word, "");
    let are_same = |one: &str, other: &str| {
        is_written_out(one)
            && is_written_out(other)
            && compare_person_names(&alone(one), &alone(other)) == NameAgreement::Same
    };
    // What stands in the wrong field is the family name of relatives, unless it does not sound like one.
    let are_exchanged = |first: &str, last: &str| !is_like_a_surname(first) && are_same(first, last);
    are_same(&a.first, &b.first) || are_exchanged(&a.first, &b.last) || are_exchanged(&b.first, &a.last)
}

/// Agreement of names; a placeholder is no name.
fn agreement(a: &PersonName, b: &PersonName) -> NameAgreement {
    if names_nobody(&a.whole()) || names_nobody(&b.whole()) {
        return NameAgreement::Unknown;
    }
    compare_person_names(a, b)
}

fn company_agreement(a: &Organization, b: &Organization) -> NameAgreement {
    if names_nobody(&a.title) || names_nobody(&b.title) {
        return NameAgreement::Unknown;
    }
    compare_company_names(&name_with_form(a), &name_with_form(b))
}

/// The title; its legal form from the full legal name, where that is the same name and states it.
fn name_with_form(organization: &Organization) -> CompanyName {
    let title = read_company_name(&organization.title);
    let full = read_company_name(&organization.legal_name);
    if title.form.is_none() && title.core == full.core { full } else { title }
}

pub(super) fn names_agree(a: &Party, b: &Party) -> NameAgreement {
    match (a, b) {
        (Party::Person(a), Party::Person(b)) => agreement(&a.name, &b.name),
        (Party::Organization(a), Party::Organization(b)) => company_agreement(a, b),
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
