//! Names of natural persons: cleaned parts, splitting of one-field names, and the question whether two spellings can be one name.
//!
//! The texts keep what people typed (case, notes in brackets); only comparing folds them. Agreement of names proves nothing
//! by itself: it is a check beside a key. Invariant: comparing and choosing do not depend on the order of their arguments.

mod agreement;
mod legible;
mod short_names;
mod split;

use serde::{Deserialize, Serialize};

use super::normal_form;
use super::placeholder::{is_a_folded_trade, is_a_trade};
use super::words::{clean_text, folded_words, is_cyrillic, without_notes};

pub use agreement::{NameAgreement, ReadName, compare_person_names};
pub use legible::{is_legible, is_single_word};

normal_form!(
    /// The words of a name in lower case, folded, without repetitions, sorted, with spaces between.
    NameKey,
    "the words of a name",
    is_name_key
);

/// A name in cleaned parts. Any of them may be empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct PersonName {
    /// Surname; also a whole name that cannot be split safely.
    pub last: String,
    /// Given name.
    pub first: String,
    /// Patronymic.
    pub middle: String,
}

impl PersonName {
    /// Takes the parts as a side keeps them and cleans each: composed letters, single spaces, nothing invisible. A whole
    /// name typed into one of them is split where its three parts are plain to see.
    #[must_use]
    pub fn from_parts(last: &str, first: &str, middle: &str) -> Self {
        let parts = Self { last: clean_text(last), first: clean_text(first), middle: clean_text(middle) };
        let typed: Vec<&String> =
            [&parts.last, &parts.first, &parts.middle].into_iter().filter(|part| !part.is_empty()).collect();
        match typed.as_slice() {
            [whole] if whole.contains(' ') => split::split(whole)
                .filter(|name| !name.last.is_empty() && !name.first.is_empty() && !name.middle.is_empty())
                .unwrap_or(parts),
            _ => parts,
        }
    }

    /// Whether two names have the same words, notes in brackets included; case, `ё`, order and look-alikes do not count.
    #[must_use]
    pub fn reads_as(&self, other: &Self) -> bool {
        let words = |name: &Self| {
            let mut words = folded_words(&name.whole());
            words.sort_unstable();
            words
        };
        words(self) == words(other)
    }

    /// Splits «Фамилия Имя Отчество» in the order the words themselves tell, or else in this one. Single words, more than
    /// four and three without a patronymic stay whole in [`last`](Self::last); a note in brackets goes behind the last part.
    #[must_use]
    pub fn from_whole(text: &str) -> Self {
        let text = clean_text(text);
        split::split(&text).unwrap_or(Self { last: text, ..Self::default() })
    }

    /// The name as one field: «Фамилия Имя Отчество».
    #[must_use]
    pub fn whole(&self) -> String {
        let parts = [&self.last, &self.first, &self.middle];
        parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// The name alone: without notes in brackets and without the trade or post that was typed beside it. A whole name in
    /// one part is split as far as it can be.
    #[must_use]
    pub fn plain(&self) -> Self {
        let plain = [&self.last, &self.first, &self.middle].map(|part| {
            let kept = without_notes(part);
            kept.split_whitespace().filter(|word| !is_a_trade(word)).collect::<Vec<_>>().join(" ")
        });
        match plain {
            // A trade alone is all there is to call somebody by.
            [last, first, middle] if last.is_empty() && first.is_empty() && middle.is_empty() => self.clone(),
            [whole, rest, none] | [rest, whole, none]
                if rest.is_empty() && none.is_empty() && whole.contains(' ') =>
            {
                Self::from_whole(&whole)
            }
            // A family name is no initial.
            [first, last, middle] if is_initial(&first) && !is_initial(&last) && !last.is_empty() => {
                Self { last, first, middle }
            }
            [last, first, middle] => Self { last, first, middle },
        }
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.last.is_empty() && self.first.is_empty() && self.middle.is_empty()
    }
}

/// Whether a part is a single letter, with or without its full stop.
fn is_initial(part: &str) -> bool {
    part.trim_end_matches('.').chars().count() == 1
}

/// The key of a name; `None` when it has no letters. Notes in brackets are not part of it.
#[must_use]
pub fn name_key(name: &PersonName) -> Option<NameKey> {
    let mut words = words_of(&name.whole());
    words.sort_unstable();
    words.dedup();
    let text = words.join(" ");
    is_name_key(&text).then_some(NameKey(text))
}

/// Whether the words of a [key](name_key) may be family name, first name and patronymic, none of them an initial.
#[must_use]
pub fn may_be_full(words: &str) -> bool {
    words.split(' ').filter(|word| word.chars().nth(1).is_some()).count() >= 3
}

/// Whether a word ends as surnames do.
#[must_use]
pub fn is_like_a_surname(word: &str) -> bool {
    folded_words(word).iter().any(|word| split::looks_like_surname(word))
}

/// The fuller spelling of the same name: more words written out, then fewer strangers (notes, pictures, digits, mixed
/// alphabets), ordinary case, more parts told apart, more letters, `ё`. A tie is broken by the text, so that the order of arguments does not matter.
#[must_use]
pub fn fuller<'a>(a: &'a PersonName, b: &'a PersonName) -> &'a PersonName {
    if (fullness(a), a) < (fullness(b), b) { b } else { a }
}

fn fullness(name: &PersonName) -> impl Ord + use<> {
    let whole = name.whole();
    let mut words = words_of(&whole);
    words.sort_unstable();
    words.dedup();
    let written_out = words.iter().filter(|word| word.chars().count() > 1).count();
    let strangers = whole
        .chars()
        .filter(|character| !character.is_alphabetic() && !matches!(character, ' ' | '-' | '.' | '\'' | '’'))
        .count();
    let alphabets_mixed = whole.chars().any(is_cyrillic) && whole.chars().any(|c| c.is_ascii_alphabetic());
    let ordinary_case =
        [&name.last, &name.first, &name.middle].into_iter().all(|part| is_ordinary_case(part));
    let parts = [&name.last, &name.first, &name.middle].into_iter().filter(|part| !part.is_empty()).count();
    let letters = words.iter().map(|word| word.chars().count()).sum::<usize>();
    let yo = whole.chars().filter(|character| matches!(character, 'ё' | 'Ё')).count();
    // A text repeated a hundred times is no fuller name.
    let sound = letters <= 120;
    let is_cyrillic_name = whole.chars().any(is_cyrillic);
    (
        sound,
        written_out.min(4),
        words.len().min(4),
        std::cmp::Reverse(strangers),
        !alphabets_mixed,
        is_cyrillic_name,
        ordinary_case,
        parts,
        letters,
        yo,
    )
}

/// Whether words begin with capitals and go on in small letters, as names are printed.
fn is_ordinary_case(part: &str) -> bool {
    let mut letters = part.chars().filter(|character| character.is_alphabetic());
    match letters.next() {
        None => true,
        Some(first) => {
            let rest: Vec<char> = letters.collect();
            first.is_uppercase() && (rest.is_empty() || rest.iter().any(|letter| letter.is_lowercase()))
        }
    }
}

/// Folded words of a text in their order, without its notes and without trades beside other words.
fn words_of(text: &str) -> Vec<String> {
    let words = folded_words(&without_notes(text));
    if words.iter().all(|word| is_a_folded_trade(word)) {
        return words;
    }
    words.into_iter().filter(|word| !is_a_folded_trade(word)).collect()
}

fn is_name_key(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && !text.starts_with(' ')
        && text.chars().all(|character| character.is_alphanumeric() || character == ' ')
}

#[cfg(test)]
mod tests;
