//! Weighs two natural persons: a key, with the name as a check.

use super::evidence::{Common, Verdict};
use super::person_names::{PersonNames, Plain, is_slip_of, is_written_out, same_given, same_written_out};
use crate::forms::person_name::{NameAgreement, PersonName, is_legible, may_be_full, name_key};
use crate::forms::tax::Inn;
use crate::key::has_strong_key;
use crate::party::Party;
use crate::plan::LinkReason;
use crate::review::AskReason;

pub(super) fn weigh(
    a: &PersonNames<'_>,
    b: &PersonNames<'_>,
    numbers: (Option<&Inn>, Option<&Inn>),
    common: &Common,
) -> Verdict {
    let names = a.agree(b);
    match numbers {
        (Some(x), Some(y)) if x == y && names == NameAgreement::Different => {
            return Verdict::Doubtful(AskReason::NamesDoubtful);
        }
        (Some(x), Some(y)) if x == y => return Verdict::Same(LinkReason::Inn),
        (Some(_), Some(_)) => return Verdict::Different,
        _ => {}
    }
    let Some(best) = common.best() else {
        return if names == NameAgreement::Same && is_full(&a.plain().name) && is_full(&b.plain().name) {
            Verdict::Doubtful(AskReason::OnlyNameCommon)
        } else {
            Verdict::Nothing
        };
    };
    match names {
        NameAgreement::Same | NameAgreement::Compatible
            if common.is_beyond_chance() || Reach::of(a.plain(), b.plain()).joins(names, common) =>
        {
            Verdict::Same(best)
        }
        NameAgreement::Same | NameAgreement::Compatible => Verdict::Doubtful(AskReason::NamesDoubtful),
        // Whatever became of the name: merging asks about it, where there are two.
        NameAgreement::Unknown if common.is_beyond_chance() => Verdict::Same(best),
        NameAgreement::Different
            if common.is_beyond_doubt()
                || (common.is_beyond_chance() && is_slip_of(&a.plain().name, &b.plain().name)) =>
        {
            Verdict::Same(best)
        }
        NameAgreement::Unknown if common.has_own() => Verdict::Doubtful(AskReason::NameMissing),
        NameAgreement::Different if common.has_own() && !(a.is_legible() && b.is_legible()) => {
            Verdict::Doubtful(AskReason::NameIllegible)
        }
        // Relatives share one key; who shares two, or a key and the given names, may have changed the surname.
        NameAgreement::Different
            if common.own >= 2
                || (common.has_own() && (same_given(a.plain(), b.plain()) || a.differ_by_a_slip(b))) =>
        {
            Verdict::Doubtful(AskReason::NamesDoubtful)
        }
        NameAgreement::Different => Verdict::Different,
        NameAgreement::Unknown => Verdict::Nothing,
    }
}

/// How many people two names that agree may fit.
enum Reach {
    /// Family name and first name stand written out in both: one.
    One,
    /// Less is written out: a few.
    Few,
    /// A single word is a given name: too many.
    Many,
    /// A surname, with initials at most: a family, whose members share the phone at home.
    Family {
        /// Nothing more is known of either.
        is_bare: bool,
    },
}

impl Reach {
    fn of(a: &Plain, b: &Plain) -> Self {
        let is_surname = a.is_surname || b.is_surname;
        if is_surname || a.has_initials || b.has_initials {
            Self::Family { is_bare: is_surname || (a.has_initials && b.has_initials) }
        } else if same_written_out(a, b) {
            Self::One
        } else if a.is_single || b.is_single {
            Self::Many
        } else {
            Self::Few
        }
    }

    /// Whether what is common makes one person of two with such names.
    fn joins(&self, names: NameAgreement, common: &Common) -> bool {
        match self {
            Self::One => true,
            Self::Few if names == NameAgreement::Same => common.has_own() || common.is_exclusive(),
            Self::Few => common.has_own_mailbox() || common.is_exclusive(),
            Self::Many => common.is_exclusive(),
            // Who else holds the key on a side may be of the family. On one side two cards hold it anyway.
            Self::Family { .. } if common.is_inside => common.is_exclusive(),
            Self::Family { is_bare } => common.is_of_one_card() && !(*is_bare && common.is_one_phone()),
        }
    }
}

/// Whether a person has no key, and a name that cannot be read.
pub(super) fn tells_nobody(party: &Party) -> bool {
    match party {
        Party::Person(person) => !has_strong_key(party) && !is_legible(&person.name),
        Party::Organization(_) => false,
    }
}

/// A name with family name, first name and patronymic, none of them an initial, nor a word said twice.
fn is_full(name: &PersonName) -> bool {
    [&name.last, &name.first, &name.middle].into_iter().all(|part| is_written_out(part))
        && name_key(name).is_some_and(|key| may_be_full(key.as_str()))
}
