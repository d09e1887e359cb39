//! Letters and words of names, folded so that the same name typed by different hands compares equal.
//!
//! Knows nothing of what the words mean. Invariant: folding does not depend on case and is idempotent.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text as a person would have typed it: composed letters, single spaces, nothing invisible. Case is kept.
pub(crate) fn clean_text(text: &str) -> String {
    let mut before = ' ';
    let visible = text.chars().filter(move |character| {
        let keep = !is_invisible(*character) || (joins_pictures(*character) && is_picture(before));
        if keep {
            before = *character;
        }
        keep
    });
    let mut cleaned = String::with_capacity(text.len());
    for character in visible.nfc() {
        if character.is_whitespace() || character.is_control() {
            if !cleaned.is_empty() && !cleaned.ends_with(' ') {
                cleaned.push(' ');
            }
        } else {
            cleaned.push(character);
        }
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// The words of a text in lower case: `ё` as `е`, accents gone, Latin look-alikes of Cyrillic letters folded where the text
/// has Cyrillic letters. A word is a run of letters and digits; everything else separates.
pub(crate) fn folded_words(text: &str) -> Vec<String> {
    let lower = lower_compatible(text);
    let has_cyrillic = lower.chars().any(is_cyrillic);
    lower
        .split(|character: char| !(is_plain_letter(character) || character.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(|word| if has_cyrillic { fold_word(word) } else { word.to_owned() })
        .collect()
}

/// Lower case after compatibility normalization, without accents and invisible characters.
pub(crate) fn lower_compatible(text: &str) -> String {
    if text.chars().all(is_plain) {
        let mut lower = String::with_capacity(text.len());
        lower.extend(text.chars().map(lower_plain));
        return lower;
    }
    // The numero sign would become the letters "No".
    let visible = text.chars().filter(|character| !is_invisible(*character) && *character != '№');
    let lower: String = visible.nfkc().flat_map(char::to_lowercase).collect();
    let mut folded = String::with_capacity(lower.len());
    for character in lower.nfkc() {
        match character {
            'ё' => folded.push('е'),
            _ if is_combining_mark(character) || is_invisible(character) => {}
            _ => folded.push(character),
        }
    }
    folded
}

/// Characters that no normalization changes, of which most names consist: ASCII and the Russian letters.
fn is_plain(character: char) -> bool {
    character.is_ascii() || is_plain_letter(character)
}

fn is_plain_letter(character: char) -> bool {
    matches!(character, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')
}

/// What [`lower_compatible`] makes of a plain character.
fn lower_plain(character: char) -> char {
    match character {
        'Ё' | 'ё' => 'е',
        // Both alphabets stand side by side in the same order.
        'А'..='Я' => char::from_u32(u32::from(character) + 0x20).unwrap_or(character),
        _ => character.to_ascii_lowercase(),
    }
}

/// Folds one lower-case word. A Latin word made of look-alikes only is taken for Cyrillic (`ooo`, `ao`): which alphabet
/// was meant cannot be seen, so all spellings go one way.
pub(crate) fn fold_word(word: &str) -> String {
    let is_latin = !word.chars().any(is_cyrillic);
    if !word.bytes().any(|byte| byte.is_ascii_alphabetic()) || (is_latin && !word.chars().all(has_twin)) {
        return word.to_owned();
    }
    word.chars().map(|character| cyrillic_twin(character).unwrap_or(character)).collect()
}

/// Whether a letter belongs to the Cyrillic block.
pub(crate) fn is_cyrillic(character: char) -> bool {
    ('\u{0400}'..='\u{052f}').contains(&character)
}

/// A spelling in which the usual transliterations of a word meet: «Юлия» as Yuliya, Julia or Iuliia.
pub(crate) fn rough_latin(word: &str) -> String {
    let latin = plain_latin(word);
    let mut rough = String::with_capacity(latin.len());
    for character in latin.chars() {
        if !rough.ends_with(character) {
            rough.push(character);
        }
    }
    if rough.len() > 3 && rough.ends_with('i') {
        rough.pop();
    }
    rough
}

/// The same with every letter of the word, the double ones too: here a slip stays one.
pub(crate) fn plain_latin(word: &str) -> String {
    let mut latin = String::with_capacity(word.len() + 4);
    for character in word.chars() {
        match character {
            'а' => latin.push('a'),
            'б' => latin.push('b'),
            'в' => latin.push('v'),
            'г' => latin.push('g'),
            'д' => latin.push('d'),
            'е' | 'э' => latin.push('e'),
            'ж' => latin.push_str("zh"),
            'з' => latin.push('z'),
            'и' | 'й' | 'ы' => latin.push('i'),
            'к' => latin.push('k'),
            'л' => latin.push('l'),
            'м' => latin.push('m'),
            'н' => latin.push('n'),
            'о' => latin.push('o'),
            'п' => latin.push('p'),
            'р' => latin.push('r'),
            'с' => latin.push('s'),
            'т' => latin.push('t'),
            'у' => latin.push('u'),
            'ф' => latin.push('f'),
            'х' => latin.push_str("kh"),
            'ц' => latin.push_str("ts"),
            'ч' => latin.push_str("ch"),
            'ш' => latin.push_str("sh"),
            'щ' => latin.push_str("shch"),
            'ю' => latin.push_str("iu"),
            'я' => latin.push_str("ia"),
            'ъ' | 'ь' => {}
            other => latin.push(other),
        }
    }
    let latin = latin.replace("sch", "shch").replace("shchh", "shch").replace("kh", "h").replace("ks", "x");
    let latin = latin
        .replace("yo", "e")
        .replace("jo", "e")
        .replace("ie", "e")
        .replace("ye", "e")
        .replace(['y', 'j'], "i");
    latin.replace("tc", "ts").replace("ph", "f").replace('c', "k").replace("kh", "ch").replace('w', "v")
}

/// Characters that take no room on the screen and survive copying from web pages and messengers.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
    )
}

/// Invisible parts of a picture: without them it would be another one.
fn joins_pictures(character: char) -> bool {
    matches!(character, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

fn is_picture(character: char) -> bool {
    matches!(character, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}') || joins_pictures(character)
}

/// Removes what stands in round brackets: notes such as «(бухг.)». An unclosed bracket is kept.
pub(crate) fn without_notes(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some(open) = rest.find('(') {
        let Some(length) = rest[open..].find(')') else {
            break;
        };
        kept.push_str(&rest[..open]);
        kept.push(' ');
        rest = &rest[open + length + 1..];
    }
    kept.push_str(rest);
    kept
}

/// Whether the character may be Cyrillic as far as the eye can tell.
fn has_twin(character: char) -> bool {
    !character.is_ascii_alphabetic() || cyrillic_twin(character).is_some()
}

/// The Cyrillic letter that looks like this lower-case Latin one in either case.
fn cyrillic_twin(character: char) -> Option<char> {
    Some(match character {
        'a' => 'а',
        'b' => 'в',
        'c' => 'с',
        'e' => 'е',
        'h' => 'н',
        'k' => 'к',
        'm' => 'м',
        'o' => 'о',
        'p' => 'р',
        't' => 'т',
        'x' => 'х',
        'y' => 'у',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn look_alikes_fold_whatever_the_case_and_the_neighbours() {
        let cases = [
            ("Latin letters inside a Russian word", "Mapaтoвнa", "маратовна"),
            ("a whole word of look-alikes in a Russian text", "OOO Весна", "ооо весна"),
            ("a truly Latin word stays", "Sunway Весна", "sunway весна"),
            ("a Latin text stays", "Van Khay", "van khay"),
            ("yo with a separate diaeresis", "Фе\u{308}дор", "федор"),
            ("zero width space inside", "Яр\u{200b}ина", "ярина"),
        ];
        for (description, text, expected) in cases {
            assert_eq!(folded_words(text).join(" "), expected, "{description}");
        }
    }

    #[test]
    fn cleaning_keeps_case_and_removes_the_invisible() {
        assert_eq!(clean_text("Анна\u{200d} ☎\u{fe0f}"), "Анна ☎\u{fe0f}");
        assert_eq!(clean_text("Е\u{200b}\u{308}лка"), "Ёлка");
        assert_eq!(clean_text(" \u{a0}Яр\u{200b}ина \t Ксения\u{a0}"), "Ярина Ксения");
    }

    #[test]
    fn an_unclosed_bracket_is_kept() {
        assert_eq!(without_notes("Анна (бухг.) Б (в"), "Анна   Б (в");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = folded_words(&text).join(" ");
            prop_assert_eq!(folded_words(&once).join(" "), once);
        }

        #[test]
        fn plain_text_is_folded_as_any_other(text in "[ -~А-Яа-яЁё\\x00-\\x1f]{0,40}") {
            // Something that is not plain and folds to nothing sends the text the long way.
            prop_assert_eq!(lower_compatible(&text), lower_compatible(&format!("{text}\u{2060}")));
        }

        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            let once = clean_text(&text);
            prop_assert_eq!(clean_text(&once), once);
        }
    }
}
