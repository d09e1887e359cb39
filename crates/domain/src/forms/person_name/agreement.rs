//! Tells whether two spellings can be one person's name.
//!
//! Does not weigh the answer against keys. Invariant: the answer is the same with the arguments exchanged.

use std::cell::OnceCell;

use super::short_names::full_names;
use super::split::{is_patronymic, looks_like_surname};
use super::{PersonName, is_cyrillic, words_of};
use crate::forms::words::rough_latin;

/// What two names say about being one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameAgreement {
    /// The same words in the same places.
    Same,
    /// One can be the other written shorter or otherwise: initials, a missing patronymic, another order, a short form, Latin
    /// letters, a slip of the pen in surname or patronymic, another surname of a woman whose other names agree.
    Compatible,
    /// They contradict each other.
    Different,
    /// One of them says nothing.
    Unknown,
}

/// Compares two names, however they are split.
#[must_use]
pub fn compare_person_names(a: &PersonName, b: &PersonName) -> NameAgreement {
    ReadName::of(a).compare(&ReadName::of(b))
}

/// A name taken apart for comparing it with several others.
#[derive(Debug)]
pub struct ReadName {
    /// Its words, each once.
    words: Vec<Word>,
    /// The same in rough Latin letters.
    latin: OnceCell<Vec<Word>>,
    /// The parts it has once it is split as one field, folded.
    placed: OnceCell<[Vec<String>; 3]>,
    alphabet: Alphabet,
    /// It has a woman's patronymic.
    is_womans: bool,
}

/// The letters of a name, as far as they matter for comparing it with one in other letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Latin,
    Cyrillic,
    Other,
}

impl Alphabet {
    fn of(words: &[String]) -> Self {
        if words.iter().any(|word| word.chars().any(is_cyrillic)) {
            Self::Cyrillic
        } else if words.iter().all(|word| word.chars().all(|letter| letter.is_ascii_alphanumeric())) {
            Self::Latin
        } else {
            Self::Other
        }
    }
}

impl ReadName {
    /// Takes a name apart.
    #[must_use]
    pub fn of(name: &PersonName) -> Self {
        let words = distinct(words_of(&name.whole()));
        let alphabet = Alphabet::of(&words);
        let is_womans = words.iter().any(|word| is_womans_patronymic(word));
        let words = words.into_iter().map(Word::of).collect();
        Self { words, latin: OnceCell::new(), placed: OnceCell::new(), alphabet, is_womans }
    }

    /// Compares it with another name.
    #[must_use]
    pub fn compare(&self, other: &Self) -> NameAgreement {
        if self.says_nothing() || other.says_nothing() {
            return NameAgreement::Unknown;
        }
        if texts(&self.words).eq(texts(&other.words)) {
            return NameAgreement::Same;
        }
        // Where words differ, parts differ; and no word but a patronymic tells a woman who may have married.
        if self.has_words_of(other) && self.placed() == other.placed() {
            return NameAgreement::Same;
        }
        if self.is_womans && other.is_womans && married(self.placed(), other.placed()) {
            return NameAgreement::Compatible;
        }
        if let ([one], [word]) = (self.words.as_slice(), other.words.as_slice())
            && looks_like_surname(&one.text) != looks_like_surname(&word.text)
            && !texts(self.latin()).eq(texts(other.latin()))
        {
            // A surname here and a given name there.
            return NameAgreement::Unknown;
        }
        let is_between = |alphabets: (Alphabet, Alphabet)| {
            matches!(alphabets, (Alphabet::Latin, Alphabet::Cyrillic) | (Alphabet::Cyrillic, Alphabet::Latin))
        };
        if is_between((self.alphabet, other.alphabet)) {
            return agreement_of_words(self.latin(), other.latin());
        }
        agreement_of_words(&self.words, &other.words)
    }

    /// Whether both have the same words, in whatever order.
    fn has_words_of(&self, other: &Self) -> bool {
        self.words.len() == other.words.len()
            && texts(&self.words).all(|word| texts(&other.words).any(|other| other == word))
    }

    fn says_nothing(&self) -> bool {
        !texts(&self.words).any(|word| word.chars().any(char::is_alphabetic))
    }

    fn latin(&self) -> &[Word] {
        self.latin.get_or_init(|| self.words.iter().map(Word::in_rough_latin).collect())
    }

    fn placed(&self) -> &[Vec<String>; 3] {
        self.placed.get_or_init(|| {
            let name = PersonName::from_whole(&texts(&self.words).collect::<Vec<_>>().join(" "));
            [&name.last, &name.first, &name.middle].map(|part| words_of(part))
        })
    }
}

/// How two words of a name meet, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Meeting {
    Equal,
    ShortForm,
    Slip,
    Initial,
}

/// A word of a name, with the full names it may stand for.
#[derive(Debug)]
struct Word {
    text: String,
    /// How registry offices may have spelled it.
    variant: String,
    full: Vec<String>,
    is_initial: bool,
}

impl Word {
    fn of(text: String) -> Self {
        let full = full_names(&text).iter().map(|name| (*name).to_owned()).collect();
        Self { is_initial: text.chars().count() == 1, variant: variant(&text), text, full }
    }

    fn in_rough_latin(&self) -> Self {
        let full = self.full.iter().map(|name| rough_latin(name)).collect();
        let text = rough_latin(&self.text);
        Self { variant: variant(&text), text, full, is_initial: self.is_initial }
    }

    fn begins_with(&self, letters: &str) -> bool {
        self.text.starts_with(letters) || self.full.iter().any(|name| name.starts_with(letters))
    }
}

/// How the words of two names meet.
struct Meetings {
    met: Vec<Meeting>,
    /// Words of the shorter name that meet none.
    open: usize,
    few: usize,
    many: usize,
}

impl Meetings {
    fn between(a: &[Word], b: &[Word]) -> Self {
        let are_few = a.len().cmp(&b.len()).then_with(|| texts(a).cmp(texts(b))).is_le();
        let (few, many) = if are_few { (a, b) } else { (b, a) };
        let mut free: Vec<&Word> = many.iter().collect();
        let mut open: Vec<&Word> = few.iter().collect();
        let mut met = Vec::new();
        // The best meetings first, so that an initial does not take a word away from its equal.
        for wanted in [Meeting::Equal, Meeting::ShortForm, Meeting::Slip, Meeting::Initial] {
            open.retain(|word| {
                let Some(position) = free.iter().position(|other| meeting(word, other) == Some(wanted))
                else {
                    return true;
                };
                free.remove(position);
                met.push(wanted);
                false
            });
        }
        Self { met, open: open.len(), few: few.len(), many: many.len() }
    }

    fn count(&self, wanted: Meeting) -> usize {
        self.met.iter().filter(|meeting| **meeting == wanted).count()
    }
}

fn agreement_of_words(a: &[Word], b: &[Word]) -> NameAgreement {
    let meetings = Meetings::between(a, b);
    let (few, many) = (meetings.few, meetings.many);
    if meetings.open > 0 || meetings.count(Meeting::Slip) > 1 {
        return NameAgreement::Different;
    }
    match (meetings.count(Meeting::Equal), meetings.count(Meeting::Slip)) {
        // Initials alone fit too many.
        (0, 0) if meetings.count(Meeting::ShortForm) == 0 => NameAgreement::Unknown,
        // Relatives differ in one word: a slip is believed beside two words that agree.
        (equal, 1) if equal + meetings.count(Meeting::ShortForm) < 2 && few > 1 => {
            if equal == 1 && few == 2 && many == 3 {
                NameAgreement::Compatible
            } else {
                NameAgreement::Different
            }
        }
        (0, 1) => NameAgreement::Different,
        _ => NameAgreement::Compatible,
    }
}

fn meeting(a: &Word, b: &Word) -> Option<Meeting> {
    if a.text == b.text || a.variant == b.variant {
        return Some(Meeting::Equal);
    }
    if a.is_initial || b.is_initial {
        let begins = (a.is_initial && b.begins_with(&a.text)) || (b.is_initial && a.begins_with(&b.text));
        return begins.then_some(Meeting::Initial);
    }
    let shares_full = a.full.contains(&b.text)
        || b.full.contains(&a.text)
        || a.full.iter().any(|name| b.full.contains(name));
    if shares_full {
        return Some(Meeting::ShortForm);
    }
    let same_begin = a.text.chars().next() == b.text.chars().next();
    (same_begin && is_slip(&a.text, &b.text)).then_some(Meeting::Slip)
}

/// Spellings of one name that registry offices themselves mix: «Наталия» and «Наталья», «Кирил» and «Кирилл».
fn variant(word: &str) -> String {
    let mut variant = String::with_capacity(word.len());
    for character in word.chars() {
        let character = if character == 'ь' || character == 'й' { 'и' } else { character };
        if !variant.ends_with(character) {
            variant.push(character);
        }
    }
    variant
}

/// One letter wrong, missing, added or two exchanged in a long word. The ending tells the sexes apart («Павлов», «Павлова»)
/// and short given names differ by one letter («Алина», «Алиса»), so neither counts.
fn is_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if short.len() < 6 || long.len() - short.len() > 1 {
        return false;
    }
    let prefix = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let suffix = short.iter().rev().zip(long.iter().rev()).take_while(|(x, y)| x == y).count();
    if short.len() < long.len() {
        // A letter more inside the word, not at its end.
        return prefix + suffix >= short.len() && prefix < short.len();
    }
    if suffix == 0 {
        return false;
    }
    let exchanged = prefix + suffix + 2 == short.len()
        && short[prefix] == long[prefix + 1]
        && short[prefix + 1] == long[prefix];
    prefix + suffix + 1 == short.len() || exchanged
}

/// Whether given name and patronymic are a woman's and the same: marriage changes the surname only.
fn married(a: &[Vec<String>; 3], b: &[Vec<String>; 3]) -> bool {
    let [_, first, middle] = a;
    let is_woman = middle.last().is_some_and(|word| is_womans_patronymic(word));
    is_woman && !first.is_empty() && first == &b[1] && middle == &b[2]
}

fn is_womans_patronymic(word: &str) -> bool {
    word.ends_with("на") && is_patronymic(word)
}

/// Words without repetitions, in the order of their first.
fn distinct(words: Vec<String>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        if !distinct.contains(&word) {
            distinct.push(word);
        }
    }
    distinct
}

fn texts(words: &[Word]) -> impl Iterator<Item = &str> {
    words.iter().map(|word| word.text.as_str())
}
