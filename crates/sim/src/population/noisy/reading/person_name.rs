//! The name of a person in a text, wherever its parts stand.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{fold, is_mistyped, without_brackets};
use crate::population::names::{FEMALE, MALE, latin};
use crate::population::noisy::damage::person_name::DIMINUTIVES;
use crate::population::noisy::entities::foreign_first_names;

/// Words of trades and remarks, which are no names.
const TRADES: [&str; 7] =
    ["бухгалтер", "директор", "бухгалтерия", "снабжение", "секретарь", "bukhgalter", "direktor"];

/// What follows the father's name in the East.
const PARENTAGE: [&str; 8] = ["оглы", "угли", "кызы", "кизи", "ogly", "ugli", "kyzy", "kizi"];

/// Known first names as cards write them (whole, short, Latin) with the names they may stand for.
static FIRST_NAMES: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let whole = MALE.into_iter().chain(FEMALE).chain(foreign_first_names());
    let short = DIMINUTIVES.into_iter().map(|(whole, short)| (short, whole));
    for (written, name) in whole.map(|name| (name, name)).chain(short) {
        for spelling in [fold(written), latin(written)] {
            known.entry(spelling).or_default().push(fold(name));
        }
    }
    known
});

/// A name by its parts; a part is a whole word or an initial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::population::noisy) struct PersonName {
    last: String,
    first: String,
    second: String,
}

/// How two names agree, from contradiction to identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::population::noisy) enum Agreement {
    /// They contradict each other.
    Nothing,
    /// At least one is no name.
    Unknown,
    /// First name and patronymic agree, the surname is another.
    OtherSurname,
    /// Surname or first name agrees, and nothing more is known.
    Part,
    /// Surname and initials.
    Initials,
    /// Surname and first name, in one writing or another.
    Fits,
    /// Everything, letter by letter.
    Full,
}

pub(in crate::population::noisy) fn read(text: &str) -> PersonName {
    let text = fold(&without_brackets(text));
    let words: Vec<&str> = text
        .split(|letter: char| letter.is_whitespace() || letter == '.')
        .map(|word| word.trim_matches(|letter: char| !letter.is_alphabetic()))
        .filter(|word| !word.is_empty() && !TRADES.contains(word))
        .collect();
    let mut name = PersonName::default();
    let mut rest: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let word = words[at];
        let next = words.get(at + 1).copied().unwrap_or_default();
        if PARENTAGE.contains(&next) {
            name.second = format!("{word} {next}");
            at += 2;
            continue;
        }
        if word.chars().count() == 1 {
            let part = if name.first.is_empty() { &mut name.first } else { &mut name.second };
            word.clone_into(part);
        } else if name.first.is_empty() && FIRST_NAMES.contains_key(word) {
            word.clone_into(&mut name.first);
        } else if name.second.is_empty() && is_patronymic(word) {
            word.clone_into(&mut name.second);
        } else if !rest.contains(&word) {
            rest.push(word);
        }
        at += 1;
    }
    name.last = rest.first().copied().unwrap_or_default().to_owned();
    name
}

impl PersonName {
    pub(in crate::population::noisy) fn whole(&self) -> Option<String> {
        let has_both = self.last.chars().count() > 1 && self.first.chars().count() > 1;
        has_both.then(|| format!("{} {} {}", self.last, self.first, self.second))
    }

    pub(in crate::population::noisy) fn agrees(&self, other: &Self) -> Agreement {
        if self.is_empty() || other.is_empty() {
            return Agreement::Unknown;
        }
        let first = compare(&self.first, &other.first, same_first);
        let second = compare(&self.second, &other.second, same_word);
        let last = compare(&self.last, &other.last, same_surname);
        if first == Match::Differs || second == Match::Differs {
            return Agreement::Nothing;
        }
        let whole = |part: Match| matches!(part, Match::Same | Match::Close);
        match last {
            Match::Differs if whole(first) && whole(second) => Agreement::OtherSurname,
            Match::Differs => Agreement::Nothing,
            Match::Missing if first == Match::Missing => Agreement::Unknown,
            Match::Missing => Agreement::Part,
            _ if first == Match::Missing => Agreement::Part,
            _ if first == Match::Initial => Agreement::Initials,
            Match::Same if first == Match::Same && (second == Match::Same || self.second == other.second) => {
                Agreement::Full
            }
            _ => Agreement::Fits,
        }
    }

    fn is_empty(&self) -> bool {
        self.last.is_empty() && self.first.is_empty()
    }
}

/// How one part of two names agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    Missing,
    Differs,
    Initial,
    Close,
    Same,
}

fn compare(left: &str, right: &str, is_close: fn(&str, &str) -> bool) -> Match {
    let is_initial = |text: &str| text.chars().count() == 1;
    // «Е.» is Лиза as well.
    let beginnings = |text: &str| {
        let known = FIRST_NAMES.get(text).into_iter().flatten().map(String::as_str);
        known.chain([text]).filter_map(|name| in_latin(name).chars().next()).collect::<Vec<_>>()
    };
    let begins_alike = || beginnings(left).iter().any(|letter| beginnings(right).contains(letter));
    match (left, right) {
        ("", _) | (_, "") => Match::Missing,
        _ if left == right && !is_initial(left) => Match::Same,
        _ if is_initial(left) || is_initial(right) => {
            if begins_alike() {
                Match::Initial
            } else {
                Match::Differs
            }
        }
        _ if is_close(left, right) => Match::Close,
        _ => Match::Differs,
    }
}

fn same_first(left: &str, right: &str) -> bool {
    let (left, right) = (FIRST_NAMES.get(left), FIRST_NAMES.get(right));
    left.zip(right).is_some_and(|(left, right)| left.iter().any(|name| right.contains(name)))
}

fn same_word(left: &str, right: &str) -> bool {
    is_mistyped(left, right) || in_latin(left) == in_latin(right)
}

fn same_surname(left: &str, right: &str) -> bool {
    let is_half = |half: &str, whole: &str| whole.split('-').any(|part| part == half) && whole.contains('-');
    same_word(left, right)
        || is_half(&in_latin(left), &in_latin(right))
        || is_half(&in_latin(right), &in_latin(left))
}

fn is_patronymic(word: &str) -> bool {
    ["вич", "вна", "ич", "ична", "инична", "vich", "vna", "ich", "ichna"]
        .iter()
        .any(|ending| word.ends_with(ending))
}

fn in_latin(word: &str) -> String {
    let spell =
        |letter: char| if letter.is_ascii() { letter.to_string() } else { latin(&letter.to_string()) };
    word.chars().map(spell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_agree_as_a_person_sees_it() {
        for (left, right, expected) in [
            ("Петров Иван Сергеевич", "иван сергеевич ПЕТРОВ", Agreement::Full),
            ("Королёв Артём Ильич", "Королев  Артем Ильич (бухг.)", Agreement::Full),
            ("Пeтpoв Иван Сергеевич", "Петров\u{200b} Иван Сергеевич", Agreement::Full),
            ("Рахимов Нурлан Азамат оглы", "Нурлан Азамат оглы Рахимов", Agreement::Full),
            ("Петров Иван", "Петров Иван Сергеевич", Agreement::Fits),
            ("Petrov Ivan", "Петров Иван Сергеевич", Agreement::Fits),
            ("Петров Ваня", "Петров Иван Сергеевич", Agreement::Fits),
            ("Петркова Анна Ильинична", "Петрокова Анна Ильинична", Agreement::Fits),
            ("Белова-Титова Анна Ильинична", "Белова Анна Ильинична", Agreement::Fits),
            ("Петров И.С.", "Петров Иван Сергеевич", Agreement::Initials),
            ("Петрова Е.С.", "Петрова Лиза", Agreement::Initials),
            ("Иван", "Петров Иван Сергеевич", Agreement::Part),
            ("Петров", "Петров Иван Сергеевич", Agreement::Part),
            ("Белова Анна Ильинична", "Титова Анна Ильинична", Agreement::OtherSurname),
            ("Бухгалтерия", "Петров Иван Сергеевич", Agreement::Unknown),
            ("Петров Иван Сергеевич", "Петров Пётр Сергеевич", Agreement::Nothing),
            ("Петров Иван Сергеевич", "Петров Иван Ильич", Agreement::Nothing),
            ("Петров Александр", "Петрова Александра", Agreement::Nothing),
            ("Петров И.С.", "Петров П.С.", Agreement::Nothing),
        ] {
            assert_eq!(read(left).agrees(&read(right)), expected, "{left} / {right}");
            assert_eq!(read(right).agrees(&read(left)), expected, "{right} / {left}");
        }
    }
}
