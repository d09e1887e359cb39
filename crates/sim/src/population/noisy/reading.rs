//! What a careful person reads in the texts of a card, whatever has been done to them.
//!
//! It knows nothing of who is who and nothing of how a text was damaged; what is declared about two cards is derived
//! from here alone. Not a synchroniser's parser: it is written apart, and reads only what stands plainly there.

pub(super) mod email;
pub(super) mod firm_name;
pub(super) mod person_name;
pub(super) mod phone;
pub(super) mod tax;

use std::collections::BTreeSet;

use self::firm_name::FirmName;
use self::person_name::PersonName;
use self::tax::Inn;
use super::records::{Owner, Record};

/// A card as read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) owner: Owner,
    pub(super) marked: bool,
    pub(super) phones: BTreeSet<String>,
    pub(super) emails: BTreeSet<String>,
    pub(super) inn: Inn,
    pub(super) kpp: String,
    pub(super) person: PersonName,
    /// By the short name and by the full one.
    pub(super) firm: Vec<FirmName>,
    /// The same texts as names of a person, for entrepreneurs.
    pub(super) entrepreneur: Vec<PersonName>,
}

impl Reading {
    pub(super) fn of(record: &Record) -> Self {
        let titles = [&record.title, &record.full];
        let titles = || titles.into_iter().filter(|text| !text.is_empty());
        let is_firm = matches!(record.owner, Owner::Firm(_));
        Self {
            owner: record.owner,
            marked: record.marked,
            phones: record.phones.iter().flat_map(|text| phone::read(text)).collect(),
            emails: record.emails.iter().flat_map(|text| email::read(text)).collect(),
            inn: tax::read_inn(&record.inn),
            kpp: tax::read_kpp(&record.kpp),
            person: if is_firm { PersonName::default() } else { person_name::read(&record.title) },
            firm: if is_firm { titles().map(|text| firm_name::read(text)).collect() } else { Vec::new() },
            entrepreneur: if is_firm {
                titles().map(|text| person_name::read(&firm_name::without_form(text))).collect()
            } else {
                Vec::new()
            },
        }
    }

    /// The whole name in a form in which equal names are equal; of people only where first name and surname stand.
    pub(super) fn whole_name(&self) -> Option<String> {
        match self.owner {
            Owner::Firm(_) => self.firm.first().and_then(FirmName::whole),
            _ => self.person.whole(),
        }
    }

    /// All keys, each with a mark of its kind.
    pub(super) fn keys(&self) -> impl Iterator<Item = String> + '_ {
        let phones = self.phones.iter().map(|phone| format!("phone {phone}"));
        let emails = self.emails.iter().map(|email| format!("email {email}"));
        phones.chain(emails).chain(self.inn.valid().map(|inn| format!("inn {inn}")))
    }
}

/// Lower case, ё as е, without invisible characters; Latin letters by their look where a word has Cyrillic ones beside
/// them, or where it consists of such letters in a Cyrillic text.
fn fold(text: &str) -> String {
    let lower = text.to_lowercase().replace('ё', "е").replace(['\u{200b}', '\u{ad}'], "");
    let is_cyrillic = lower.chars().any(is_cyrillic);
    let mut folded = String::new();
    let mut word = String::new();
    for letter in lower.chars().chain([' ']) {
        if letter.is_alphabetic() {
            word.push(letter);
            continue;
        }
        folded.push_str(&fold_word(&word, is_cyrillic));
        word.clear();
        folded.push(letter);
    }
    folded.pop();
    folded
}

fn fold_word(word: &str, in_cyrillic_text: bool) -> String {
    const LATIN: &str = "abcehkmoptxy";
    const CYRILLIC: &str = "авсенкмортху";
    let deceives = word.chars().any(is_cyrillic)
        || (in_cyrillic_text && word.chars().all(|letter| LATIN.contains(letter)));
    if !deceives {
        return word.to_owned();
    }
    let look = |letter| LATIN.chars().zip(CYRILLIC.chars()).find(|(latin, _)| *latin == letter);
    word.chars().map(|letter| look(letter).map_or(letter, |(_, cyrillic)| cyrillic)).collect()
}

fn is_cyrillic(letter: char) -> bool {
    ('а'..='я').contains(&letter)
}

/// The text without what stands in round brackets.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::new();
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(letter),
            _ => {}
        }
    }
    kept
}

/// Whether two words differ by one letter inside: swapped with its neighbour, lost, added or changed.
fn is_mistyped(left: &str, right: &str) -> bool {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let shorter = left.len().min(right.len());
    if left == right || shorter < 5 || left.len().abs_diff(right.len()) > 1 {
        return false;
    }
    if left[0] != right[0] || left[left.len() - 1] != right[right.len() - 1] {
        return false;
    }
    let head = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let tail = left.iter().rev().zip(right.iter().rev()).take_while(|(a, b)| a == b).count();
    let (inner_left, inner_right) =
        (left.len().saturating_sub(head + tail), right.len().saturating_sub(head + tail));
    let swapped =
        inner_left == 2 && inner_right == 2 && left[head] == right[head + 1] && left[head + 1] == right[head];
    inner_left.max(inner_right) <= 1 || swapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_letter_inside_a_word_is_seen() {
        for (left, right) in [("морозов", "моорзов"), ("морозов", "моозов"), ("морозов", "мородов")]
        {
            assert!(is_mistyped(left, right) && is_mistyped(right, left), "{left} {right}");
        }
        for (left, right) in
            [("морозов", "морозова"), ("иванов", "ивлев"), ("белов", "белов"), ("лев", "лес")]
        {
            assert!(!is_mistyped(left, right), "{left} {right}");
        }
    }

    #[test]
    fn looks_do_not_deceive() {
        assert_eq!(fold("Cмирнoв Пётр\u{200b}"), "смирнов петр");
        assert_eq!(fold("Smirnov"), "smirnov");
        assert_eq!(without_brackets("Кедр (Москва)"), "Кедр ");
    }
}
