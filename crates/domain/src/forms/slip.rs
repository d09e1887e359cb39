//! Slips of the pen: words that differ in a letter or two, or in their alphabet.
//!
//! A resemblance is worth a question and never a link: «Иванов» and «Иванова» are a slip apart, and two people. Invariant:
//! the order of arguments makes no difference.

use super::words::{folded_words, is_cyrillic, plain_latin, rough_latin};

/// Whether two texts are equal or a slip apart: a letter left out, added, changed or exchanged with its neighbour, two in a
/// long text. Where only one of them has Cyrillic letters, both are compared in rough Latin.
#[must_use]
pub fn resemble(a: &str, b: &str) -> bool {
    let (a, b) = (folded_words(a).join(" "), folded_words(b).join(" "));
    if a.chars().any(is_cyrillic) == b.chars().any(is_cyrillic) {
        is_near(&a, &b)
    } else {
        is_near(&rough_latin(&a), &rough_latin(&b)) || is_near(&plain_latin(&a), &plain_latin(&b))
    }
}

fn is_near(a: &str, b: &str) -> bool {
    let shorter = a.chars().count().min(b.chars().count());
    let allowed = match shorter {
        0 => return false,
        1..4 => 0,
        4..9 => 1,
        _ => 2,
    };
    rapidfuzz::distance::osa::distance(a.chars(), b.chars()) <= allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_words() {
        for (a, b, expected) in [
            ("Традиция", "Траиция", true),
            ("традиция", "ТРАДЦИИЯ", true),
            ("Тайга Сервис", "Тайга Сревис", true),
            ("Argon Montazh", "Аргон Монтаж", true),
            ("Восходтранс", "Voskhodtrans", true),
            ("Ryabiinna", "Рябинина", true),
            ("Лазарев", "Лазрев", true),
            ("Королев", "Корлёв", true),
            ("Кузнцoв", "Кузнецов", true),
            ("Гарант", "Гранит", false),
            ("Лес", "Лён", false),
            ("Ромашка", "Лютик", false),
            ("Kvadrat", "Круг", false),
            ("", "", false),
            ("", "Ромашка", false),
        ] {
            assert_eq!(resemble(a, b), expected, "{a:?}, {b:?}");
            assert_eq!(resemble(b, a), expected, "{b:?}, {a:?}");
        }
    }
}
