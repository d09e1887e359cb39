//! Weighs two natural persons: a key, with the name as a check.

use std::cell::OnceCell;

use super::evidence::{Common, Verdict};
use crate::forms::person_name::{
    NameAgreement, PersonName, ReadName, is_legible, is_like_a_surname, is_single_word,
};
use crate::forms::placeholder::{names_a_post, names_nobody};
use crate::forms::slip::{Spelling, resemble};
use crate::forms::tax::Inn;
use crate::forms::words::folded_words;
use crate::key::{Key, keys_of};
use crate::party::Party;
use crate::plan::LinkReason;
use crate::review::AskReason;

/// The name of a person, read once. What most comparisons do without is made out where it is asked for.
#[derive(Debug)]
pub(super) struct PersonNames<'a> {
    name: &'a PersonName,
    read: ReadName,
    names_nobody: bool,
    names_a_post: bool,
    is_legible: OnceCell<bool>,
    plain: OnceCell<Plain>,
}

/// The name alone, without notes and trades.
#[derive(Debug)]
struct Plain {
    name: PersonName,
    /// A single word.
    is_single: bool,
    /// A single word that sounds like a family name.
    is_surname: bool,
    has_initials: bool,
    /// Family name and first name.
    short: OnceCell<ReadName>,
    /// The first name and the family name, each as if it stood alone in the field of the first name.
    first: OnceCell<ReadName>,
    last: OnceCell<ReadName>,
    /// The first words of family name and first name, as far as it has them, and of the patronymic.
    words: OnceCell<(Vec<Word>, Option<Word>)>,
}

impl<'a> PersonNames<'a> {
    pub(super) fn of(name: &'a PersonName) -> Self {
        let whole = name.whole();
        Self {
            name,
            read: ReadName::of(name),
            names_nobody: names_nobody(&whole),
            names_a_post: names_a_post(&whole),
            is_legible: OnceCell::new(),
            plain: OnceCell::new(),
        }
    }

    fn plain(&self) -> &Plain {
        self.plain.get_or_init(|| Plain::of(self.name.plain()))
    }

    fn is_legible(&self) -> bool {
        *self.is_legible.get_or_init(|| is_legible(self.name))
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
        a.resembles(b) || same_given(a, b)
    }

    /// Whether both names resemble each other, be they in the wrong fields, shortened or followed by a remark.
    pub(super) fn differ_by_a_slip(&self, other: &Self) -> bool {
        self.plain().resembles(other.plain())
    }

    /// Whether both have one first name written out.
    pub(super) fn have_one_first_name(&self, other: &Self) -> bool {
        same_first(self.plain(), other.plain())
    }
}

impl Plain {
    fn of(name: PersonName) -> Self {
        let is_single = is_single_word(&name);
        Self {
            is_single,
            is_surname: is_single && is_like_a_surname(&name.whole()),
            has_initials: has_initials(&name),
            name,
            short: OnceCell::new(),
            first: OnceCell::new(),
            last: OnceCell::new(),
            words: OnceCell::new(),
        }
    }

    fn short(&self) -> &ReadName {
        self.short.get_or_init(|| ReadName::of(&short(&self.name)))
    }

    fn first(&self) -> &ReadName {
        self.first.get_or_init(|| ReadName::of(&PersonName::from_parts("", &self.name.first, "")))
    }

    fn last(&self) -> &ReadName {
        self.last.get_or_init(|| ReadName::of(&PersonName::from_parts("", &self.name.last, "")))
    }

    fn words(&self) -> &(Vec<Word>, Option<Word>) {
        self.words.get_or_init(|| {
            let first_word = |part: &str| part.split_whitespace().next().map(Word::of);
            let PersonName { last, first, middle } = &self.name;
            ([last, first].into_iter().filter_map(|part| first_word(part)).collect(), first_word(middle))
        })
    }

    /// Whether the parts of one name resemble those of the other, as far as both have them; of a double surname one half is
    /// enough.
    fn resembles(&self, other: &Self) -> bool {
        let ((a, middle), (b, other_middle)) = (self.words(), other.words());
        // Another patronymic is no slip.
        if let (Some(middle), Some(other)) = (middle, other_middle)
            && !middle.is_like(other)
        {
            return false;
        }
        match (a.as_slice(), b.as_slice()) {
            ([last, first], [other_last, other_first]) => {
                last.is_like(other_last) && first.is_like(other_first)
                    || last.is_like(other_first) && first.is_like(other_last)
            }
            ([one], words) | (words, [one]) => {
                words.iter().any(|word| one.spelling.resembles(&word.spelling) || one.is_half_of(word))
            }
            _ => false,
        }
    }
}

/// A word of a name as slips are looked for in it.
#[derive(Debug)]
struct Word {
    spelling: Spelling,
    /// Of a double surname.
    halves: Vec<Spelling>,
    is_written_out: bool,
}

impl Word {
    fn of(text: &str) -> Self {
        let halves =
            if text.contains('-') { text.split('-').map(Spelling::of).collect() } else { Vec::new() };
        Self { spelling: Spelling::of(text), halves, is_written_out: is_written_out(text) }
    }

    fn is_half_of(&self, whole: &Self) -> bool {
        whole.halves.iter().any(|half| half.resembles(&self.spelling))
    }

    fn is_like(&self, other: &Self) -> bool {
        let letter = |word: &Self| word.spelling.first_letter();
        self.spelling.resembles(&other.spelling)
            || self.is_half_of(other)
            || other.is_half_of(self)
            || (!(self.is_written_out && other.is_written_out)
                && letter(self).is_some()
                && letter(self) == letter(other))
    }
}

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
fn same_written_out(a: &Plain, b: &Plain) -> bool {
    let (name, other) = (&a.name, &b.name);
    let both = |name: &PersonName| is_written_out(&name.last) && is_written_out(&name.first);
    if name.last == other.last && name.first == other.first {
        return both(name) && short(name).whole().chars().any(char::is_alphabetic);
    }
    both(name) && both(other) && a.short().compare(b.short()) == NameAgreement::Same
}

fn short(name: &PersonName) -> PersonName {
    PersonName::from_parts(&name.last, &name.first, "")
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

fn same_letter(one: &str, other: &str) -> bool {
    let letter = |part: &str| folded_words(part).first().and_then(|word| word.chars().next());
    letter(one).is_some() && letter(one) == letter(other)
}

/// The given names agree: the first name written out, in short or in other letters, or both initials.
fn same_given(a: &Plain, b: &Plain) -> bool {
    same_first(a, b) || same_initials(a, b)
}

/// The first names are the same, be it that one of them was typed into the field of the family name.
fn same_first(a: &Plain, b: &Plain) -> bool {
    let (name, other) = (&a.name, &b.name);
    let agree = |one: &ReadName, other: &ReadName| {
        matches!(one.compare(other), NameAgreement::Same | NameAgreement::Compatible)
    };
    let are_written_out = |one: &str, other: &str| is_written_out(one) && is_written_out(other);
    // What stands in the wrong field is the family name of relatives, unless it does not sound like one.
    let are_exchanged = |first: &str, last: &str| are_written_out(first, last) && !is_like_a_surname(first);
    are_written_out(&name.first, &other.first) && agree(a.first(), b.first())
        || are_exchanged(&name.first, &other.last) && agree(a.first(), b.last())
        || are_exchanged(&other.first, &name.last) && agree(b.first(), a.last())
}

/// First name and patronymic are initials in one of the names and begin with the same letters in the other.
fn same_initials(a: &Plain, b: &Plain) -> bool {
    (a.has_initials || b.has_initials)
        && same_letter(&a.name.first, &b.name.first)
        && same_letter(&a.name.middle, &b.name.middle)
}
