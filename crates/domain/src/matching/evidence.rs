//! Evidence: what two records of one kind say about being one party.
//!
//! People are weighed in `persons`, firms in `organizations`; here are what both have in common and the stored ids.

use super::names::Names;
use super::scene::{Candidate, Scene};
use super::{organizations, persons};
use crate::forms::person_name::NameAgreement;
use crate::key::Key;
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
pub(super) fn evidence_of(a: &Candidate<'_>, b: &Candidate<'_>, scene: &Scene<'_>) -> Evidence {
    let common = a.keys.iter().filter(|key| key.is_strong() && b.keys.contains(key));
    let common = common.map(|key| CommonKey { is_weak: scene.is_weak(key), key: key.clone() }).collect();
    let names = a.names.agree(&b.names);
    Evidence { common, names, verdict: compare(a, b, scene, scene.is_sole_holder(a)) }
}

/// Weighs two records. `sole_holders` says that each side has one holder only of an INN the records share. Symmetric.
pub(super) fn compare(
    a: &Candidate<'_>,
    b: &Candidate<'_>,
    scene: &Scene<'_>,
    sole_holders: bool,
) -> Verdict {
    let common = Common::of(a, b, scene);
    let numbers = (a.inn.as_ref(), b.inn.as_ref());
    let verdict = match (&a.names, &b.names) {
        (Names::Person(left), Names::Person(right)) => persons::weigh(left, right, numbers, &common),
        (Names::Organization(left), Names::Organization(right)) => {
            organizations::weigh(left, right, numbers, &common, sole_holders)
        }
        _ => Verdict::Nothing,
    };
    if !name_each_other(a.record, b.record) {
        return verdict;
    }
    match verdict {
        Verdict::Different => Verdict::Doubtful(AskReason::MutualIdContradicts),
        Verdict::Same(reason) => Verdict::Same(reason),
        _ if may_be_one(&a.names, &b.names, &common) => Verdict::Same(LinkReason::MutualId),
        _ => Verdict::Doubtful(AskReason::MutualIdContradicts),
    }
}

/// Whether nothing in two parties denies the stored id that joins them. A card may have been filled in for somebody else
/// since.
fn may_be_one(a: &Names<'_>, b: &Names<'_>, common: &Common) -> bool {
    if a.agree(b) != NameAgreement::Different {
        return true;
    }
    match (a, b) {
        (Names::Person(a), Names::Person(b)) => a.may_be_one(b),
        (Names::Organization(a), Names::Organization(b)) => common.has_own() || a.resemble(b),
        _ => false,
    }
}

/// Two records that share so many mailboxes and phones, none of which a third one holds, are one person's, be it with
/// a slip in the name. Relatives and colleagues share one or two.
const BEYOND_CHANCE: usize = 3;
/// So many are one person's whatever became of the name.
const BEYOND_DOUBT: usize = 4;

/// The mailboxes and phones that two parties share. The INN is weighed apart.
pub(super) struct Common {
    keys: Vec<Key>,
    /// How many of them are not widespread.
    pub(super) own: usize,
    own_mailboxes: usize,
    /// How many of them are one party's alone.
    exclusive: usize,
    /// A side has one holder of one of them.
    is_of_one_card: bool,
    /// How many of the own ones do not belong to several branches or firms.
    uncontested: usize,
    /// Both have mailboxes or both have phones, and none is common.
    pub(super) is_contradicted: bool,
    /// Both records stand on one side.
    pub(super) is_inside: bool,
}

impl Common {
    pub(super) fn of(a: &Candidate<'_>, b: &Candidate<'_>, scene: &Scene<'_>) -> Self {
        let is_mailbox = |key: &Key| matches!(key, Key::Email(_));
        let both = |mailbox: bool| {
            let has = |one: &Candidate<'_>| one.addresses().any(|key| is_mailbox(key) == mailbox);
            has(a) && has(b)
        };
        let has_rivals = both(true) || both(false);
        let keys: Vec<Key> = a.addresses().filter(|key| b.keys.contains(key)).cloned().collect();
        let own: Vec<&Key> = keys.iter().filter(|key| !scene.is_weak(key)).collect();
        Self {
            own: own.len(),
            own_mailboxes: own.iter().filter(|key| is_mailbox(key)).count(),
            exclusive: keys.iter().filter(|key| scene.is_exclusive(key)).count(),
            is_of_one_card: keys.iter().any(|key| scene.holders(key) <= 1),
            uncontested: own.iter().filter(|key| !scene.is_contested(key)).count(),
            is_contradicted: has_rivals && keys.is_empty(),
            is_inside: a.record.id.side == b.record.id.side,
            keys,
        }
    }

    /// The reason the best of them gives: a mailbox before a phone.
    pub(super) fn best(&self) -> Option<LinkReason> {
        let mailbox = self.keys.iter().any(|key| matches!(key, Key::Email(_)));
        (!self.keys.is_empty()).then_some(if mailbox { LinkReason::Email } else { LinkReason::Phone })
    }

    pub(super) fn has_own(&self) -> bool {
        self.own > 0
    }

    pub(super) fn has_own_mailbox(&self) -> bool {
        self.own_mailboxes > 0
    }

    pub(super) fn is_exclusive(&self) -> bool {
        self.exclusive > 0
    }

    /// Whether no side has a second card with one of them.
    pub(super) fn is_of_one_card(&self) -> bool {
        self.is_of_one_card
    }

    /// Whether one phone is all that is common.
    pub(super) fn is_one_phone(&self) -> bool {
        matches!(self.keys.as_slice(), [Key::Phone(_)])
    }

    pub(super) fn is_beyond_chance(&self) -> bool {
        self.exclusive >= BEYOND_CHANCE
    }

    pub(super) fn is_beyond_doubt(&self) -> bool {
        self.exclusive >= BEYOND_DOUBT
    }

    pub(super) fn has_uncontested(&self) -> bool {
        self.uncontested > 0
    }
}

/// Whether one record's stored id is the other record, and the other's is not somebody else.
pub(super) fn name_each_other(a: &Record, b: &Record) -> bool {
    if a.id.side == b.id.side {
        return false;
    }
    let (bitrix24, onec) = if a.id.side == Side::Bitrix24 { (a, b) } else { (b, a) };
    let forth = bitrix24.mutual_id == onec.id.mutual();
    let back = onec.mutual_id == bitrix24.id.mutual();
    (forth && (back || onec.mutual_id.is_empty())) || (back && bitrix24.mutual_id.is_empty())
}
