//! The names of natural persons as matching compares them: each read once, however many others it is compared with.
//!
//! What names say about being one; what follows from it is weighed in `persons`. Symmetric throughout.

use std::cell::OnceCell;

use crate::forms::person_name::{
    NameAgreement, PersonName, ReadName, is_legible, is_like_a_surname, is_single_word,
};
use crate::forms::placeholder::{names_a_post, names_nobody};
use crate::forms::slip::{Spelling, resemble};
use crate::forms::words::folded_words;

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
pub(super) struct Plain {
    pub(super) name: PersonName,
    /// A single word.
    pub(super) is_single: bool,
    /// A single word that sounds like a family name.
    pub(super) is_surname: bool,
    pub(super) has_initials: bool,
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

    pub(super) fn plain(&self) -> &Plain {
        self.plain.get_or_init(|| Plain::of(self.name.plain()))
    }

    pub(super) fn is_legible(&self) -> bool {
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

pub(super) fn is_written_out(part: &str) -> bool {
    part.trim_end_matches('.').chars().count() > 1
}

/// Family name and first name stand written out in both and agree.
pub(super) fn same_written_out(a: &Plain, b: &Plain) -> bool {
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
pub(super) fn is_slip_of(a: &PersonName, b: &PersonName) -> bool {
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
pub(super) fn same_given(a: &Plain, b: &Plain) -> bool {
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
