//! Tells names from text that stands in a name's place: a sentence, a foreign alphabet in one part, a key held down.
//!
//! Not responsible for placeholders such as «Тест»: those name nobody, this may name somebody.

use super::{PersonName, is_cyrillic, without_notes, words_of};
use crate::forms::placeholder::names_nobody;

/// More letters than any part of a name has.
const LONGEST_WORD: usize = 40;
/// More words than any part of a name has.
const MOST_WORDS: usize = 2;
/// So many equal letters one after another are a key held down.
const HELD_DOWN: usize = 4;
/// Signs of markup, code and addresses; no name has them.
const FOREIGN_SIGNS: &str = "<>{}[]=;|\\/@#$%^&*_~";

/// Whether every part can be read as a part of a name: at most two words of letters, none of them a placeholder, all parts
/// in one alphabet.
#[must_use]
pub fn is_legible(name: &PersonName) -> bool {
    let parts = [&name.last, &name.first, &name.middle].map(|part| words_of(part));
    // A whole name in one part has the words of three.
    let told_apart = parts.iter().filter(|words| !words.is_empty()).count() > 1;
    let fits = |words: &Vec<String>| !told_apart || words.len() <= MOST_WORDS;
    let words = || parts.iter().flatten();
    let alphabets = |is: fn(char) -> bool| {
        words().filter(|word| word.chars().count() > 1).any(|word| word.chars().any(is))
    };
    let whole = without_notes(&name.whole());
    parts.iter().all(fits)
        && !whole.chars().any(|sign| FOREIGN_SIGNS.contains(sign))
        && words().all(|word| is_word(word) && !names_nobody(word))
        && !(alphabets(is_cyrillic) && alphabets(|letter| letter.is_alphabetic() && !is_cyrillic(letter)))
}

/// Whether a name is one word, which fits many people.
#[must_use]
pub fn is_single_word(name: &PersonName) -> bool {
    words_of(&name.whole()).len() == 1
}

fn is_word(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    letters.len() <= LONGEST_WORD
        && letters.iter().all(|letter| letter.is_alphabetic())
        && !letters.windows(HELD_DOWN).any(|run| run.iter().all(|letter| *letter == run[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_from_other_text() {
        let name = PersonName::from_parts;
        for legible in [
            name("Иванов", "Пётр", "Сергеевич"),
            name("Иванов", "П.", ""),
            name("Мамедов", "Али", "Гусейн оглы"),
            name("Smith", "John", ""),
            name("Салтыков-Щедрин Михаил Евграфович", "", ""),
            name("Copoтoкинa", "Елена", ""),
            name("", "", ""),
        ] {
            assert!(is_legible(&legible), "{legible:?}");
        }
        for illegible in [
            name("Иванов", "имя с переводом строки", "Глебович"),
            name("Михайлова", "Ünïcödé Ñame", "Эдгаровна"),
            name("Иванов", "Петр2", ""),
            name("Иванов", "Яяяяяяя", ""),
            name("", "<i>Курсив</i>", ""),
            name("", "SELECT name; --", ""),
            name("Иванов", "НеУказано Отчество", ""),
        ] {
            assert!(!is_legible(&illegible), "{illegible:?}");
        }
    }

    #[test]
    fn a_single_word_is_one_word_wherever_it_stands() {
        assert!(is_single_word(&PersonName::from_parts("", "Алексия", "")));
        assert!(!is_single_word(&PersonName::from_parts("Соловьёва", "А.", "")));
        assert!(!is_single_word(&PersonName::default()));
    }
}
