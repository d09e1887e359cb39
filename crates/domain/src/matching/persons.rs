//! Weighs two natural persons: a key, with the name as a check.

use std::cell::OnceCell;

use super::evidence::{Common, Verdict};
use crate::forms::person_name::{
    NameAgreement, PersonName, ReadName, compare_person_names, is_legible, is_like_a_surname, is_single_word,
};
use crate::forms::placeholder::{names_a_post, names_nobody};
use crate::forms::slip::resemble;
use crate::forms::tax::Inn;
use crate::forms::words::folded_words;
use crate::key::{Key, keys_of};
use crate::party::Party;
use crate::plan::LinkReason;
use crate::review::AskReason;

/// The name of a person, read once.
#[derive(Debug)]
pub(super) struct PersonNames<'a> {
    name: &'a PersonName,
    read: ReadName,
    names_nobody: bool,
    names_a_post: bool,
    /// The name alone.
    plain: OnceCell<PersonName>,
}

impl<'a> PersonNames<'a> {
    pub(super) fn of(name: &'a PersonName) -> Self {
        let whole = name.whole();
        Self {
            name,
            read: ReadName::of(name),
            names_nobody: names_nobody(&whole),
            names_a_post: names_a_post(&whole),
            plain: OnceCell::new(),
        }
    }

    fn plain(&self) -> &PersonName {
        self.plain.get_or_init(|| self.name.plain())
    }

    /// Agreement of names; a placeholder is no name, and a post does not contradict one.
    pub(super) fn agree(&self, other: &Self) -> NameAgreement {
        if self.names_nobody || other.names_nobody || self.names_a_post != other.names_a_post {
            return NameAgreement::Unknown;
        }
        self.read.compare(&other.read)
    }

    /// Whether two names that differ may be one's whose stored id joins them: a slip apart, or with one given name.
    pub(super) fn may_be_one(&self, other: &Self) -> bool {
        let (a, b) = (self.plain(), other.plain());
        resemble_each_other(a, b) || same_given(a, b)
    }

    /// Whether both names resemble each other, be they in the wrong fields, shortened or followed by a remark.
    pub(super) fn differ_by_a_slip(&self, other: &Self) -> bool {
        resemble_each_other(self.plain(), other.plain())
    }

    /// Whether both have one first name written out.
    pub(super) fn have_one_first_name(&self, other: &Self) -> bool {
        same_first(self.plain(), other.plain())
    }
}

pub(super) fn weigh(
    a: &PersonNames<'_>,
    b: &PersonNames<'_>,
    numbers: (Option<&Inn>, Option<&Inn>),
    common: &Common,
) -> Verdict {
    let names = a.agree(b);
    let (name, other) = (a.plain(), b.plain());
    match numbers {
        (Some(x), Some(y)) if x == y && names == NameAgreement::Different => {
            return Verdict::Doubtful(AskReason::NamesDoubtful);
        }
        (Some(x), Some(y)) if x == y => return Verdict::Same(LinkReason::Inn),
        (Some(_), Some(_)) => return Verdict::Different,
        _ => {}
    }
    let Some(best) = common.best() else {
        return if names == NameAgreement::Same && is_full(name) && is_full(other) {
            Verdict::Doubtful(AskReason::OnlyNameCommon)
        } else {
            Verdict::Nothing
        };
    };
    match names {
        NameAgreement::Same | NameAgreement::Compatible
            if common.is_beyond_chance() || Reach::of(name, other).joins(names, common) =>
        {
            Verdict::Same(best)
        }
        NameAgreement::Same | NameAgreement::Compatible => Verdict::Doubtful(AskReason::NamesDoubtful),
        // Whatever became of the name: merging asks about it, where there are two.
        NameAgreement::Unknown if common.is_beyond_chance() => Verdict::Same(best),
        NameAgreement::Different
            if common.is_beyond_doubt() || (common.is_beyond_chance() && is_slip_of(name, other)) =>
        {
            Verdict::Same(best)
        }
        NameAgreement::Unknown if common.has_own() => Verdict::Doubtful(AskReason::NameMissing),
        NameAgreement::Different if common.has_own() && !(is_legible(a.name) && is_legible(b.name)) => {
            Verdict::Doubtful(AskReason::NameIllegible)
        }
        // Relatives share one key; who shares two, or a key and the given names, may have changed the surname.
        NameAgreement::Different
            if common.own >= 2
                || (common.has_own() && (same_given(name, other) || resemble_each_other(name, other))) =>
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
    fn of(a: &PersonName, b: &PersonName) -> Self {
        let is_single = is_single_word(a) || is_single_word(b);
        let is_surname = [a, b].into_iter().any(|one| is_single_word(one) && is_like_a_surname(&one.whole()));
        let has_one_initials = has_initials(a) || has_initials(b);
        if is_surname || has_one_initials {
            Self::Family { is_bare: is_surname || (has_initials(a) && has_initials(b)) }
        } else if same_written_out(a, b) {
            Self::One
        } else if is_single {
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
        Party::Person(person) => !is_legible(&person.name) && !keys_of(party).iter().any(Key::is_strong),
        Party::Organization(_) => false,
    }
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
    if a.last == b.last && a.first == b.first {
        return both(a) && short(a).whole().chars().any(char::is_alphabetic);
    }
    both(a) && both(b) && compare_person_names(&short(a), &short(b)) == NameAgreement::Same
}

/// The given name stands as an initial beside a family name.
fn has_initials(name: &PersonName) -> bool {
    name.first.chars().any(char::is_alphabetic) && !is_written_out(&name.first)
}

/// Whether the difference of two names may be a slip: some first name of one resembles one of the other, be it in the field
/// of the family name, or one of them has none. Couples share home, phones and mailboxes, and have two first names.
fn is_slip_of(a: &PersonName, b: &PersonName) -> bool {
    a.first.is_empty()
        || b.first.is_empty()
        || resemble(&a.first, &b.first)
        || resemble(&a.first, &b.last)
        || resemble(&a.last, &b.first)
}

/// Whether the parts of one name resemble those of the other, as far as both have them; of a double surname one half is
/// enough.
fn resemble_each_other(a: &PersonName, b: &PersonName) -> bool {
    let [middle, other_middle] = [a, b].map(|name| name.middle.split_whitespace().next().unwrap_or_default());
    let [a, b] = [a, b].map(|name| {
        let parts = [&name.last, &name.first].map(|part| part.split_whitespace().next());
        parts.into_iter().flatten().collect::<Vec<_>>()
    });
    let is_half = |half: &str, whole: &str| whole.split('-').any(|part| resemble(part, half));
    let alike = |one: &str, other: &str| {
        resemble(one, other)
            || is_half(one, other)
            || is_half(other, one)
            || (!(is_written_out(one) && is_written_out(other)) && same_letter(one, other))
    };
    // Another patronymic is no slip.
    if !middle.is_empty() && !other_middle.is_empty() && !alike(middle, other_middle) {
        return false;
    }
    match (a.as_slice(), b.as_slice()) {
        ([last, first], [other_last, other_first]) => {
            alike(last, other_last) && alike(first, other_first)
                || alike(last, other_first) && alike(first, other_last)
        }
        ([one], words) | (words, [one]) => words.iter().any(|word| resemble(one, word) || is_half(one, word)),
        _ => false,
    }
}

fn same_letter(one: &str, other: &str) -> bool {
    let letter = |part: &str| folded_words(part).first().and_then(|word| word.chars().next());
    letter(one).is_some() && letter(one) == letter(other)
}

/// The given names agree: the first name written out, in short or in other letters, or both initials.
fn same_given(a: &PersonName, b: &PersonName) -> bool {
    same_first(a, b) || same_initials(a, b)
}

/// The first names are the same, be it that one of them was typed into the field of the family name.
fn same_first(a: &PersonName, b: &PersonName) -> bool {
    let alone = |word: &str| PersonName::from_parts("", word, "");
    let are_same = |one: &str, other: &str| {
        is_written_out(one)
            && is_written_out(other)
            && matches!(
                compare_person_names(&alone(one), &alone(other)),
                NameAgreement::Same | NameAgreement::Compatible
            )
    };
    // What stands in the wrong field is the family name of relatives, unless it does not sound like one.
    let are_exchanged = |first: &str, last: &str| !is_like_a_surname(first) && are_same(first, last);
    are_same(&a.first, &b.first) || are_exchanged(&a.first, &b.last) || are_exchanged(&b.first, &a.last)
}

/// First name and patronymic are initials in one of the names and begin with the same letters in the other.
fn same_initials(a: &PersonName, b: &PersonName) -> bool {
    (has_initials(a) || has_initials(b))
        && same_letter(&a.first, &b.first)
        && same_letter(&a.middle, &b.middle)
}
