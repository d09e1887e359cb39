//! Postal addresses as one text: whether two spellings are the same.
//!
//! Words and numbers count in their order; case, spaces and punctuation do not, nor does the country at the beginning, which
//! one of the systems leaves out. Not responsible for parts of an address: abbreviations stay what they are.

use super::words::folded_words;

/// How an address of Russia names its country.
const COUNTRIES: [&[&str]; 3] = [&["россия"], &["рф"], &["российская", "федерация"]];

/// Whether a text says anything at all; what is left of an empty form is commas.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Whether two texts are the same address.
#[must_use]
pub fn same_address(a: &str, b: &str) -> bool {
    a == b || words(a) == words(b)
}

fn words(text: &str) -> Vec<String> {
    let mut words = folded_words(text);
    let is_code = |word: &String| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let start = usize::from(words.first().is_some_and(is_code));
    let begins_with = |country: &&&[&str]| words[start..].iter().take(country.len()).eq(country.iter());
    if let Some(country) = COUNTRIES.iter().find(begins_with) {
        words.drain(start..start + country.len());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_punctuation_case_and_the_country_make_no_other_address() {
        let whole = "101000, г Москва, ул Мясницкая, д 1";
        for same in [
            "101000, Россия, г. Москва, ул. Мясницкая, д. 1",
            "РОССИЯ, 101000 г.Москва,ул.Мясницкая,д.1",
            "101000 Российская Федерация  г москва ул мясницкая д 1",
        ] {
            assert!(same_address(whole, same), "{same}");
        }
    }

    #[test]
    fn numbers_in_another_order_are_another_address() {
        assert!(!same_address("ул Мира, д 1, кв 5", "ул Мира, д 5, кв 1"));
        assert!(!same_address("г Москва", "101000, г Москва"));
        assert!(!same_address("ул Россия, д 1", "ул д 1"), "a street may be called so");
    }

    #[test]
    fn commas_are_no_address() {
        assert!(is_address("д 1") && !is_address(" , , ") && !is_address(""));
    }
}
