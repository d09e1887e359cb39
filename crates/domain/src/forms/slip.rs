//! Slips of the pen: words that differ in a letter or two, or in their alphabet.
//!
//! A resemblance is worth a question and never a link: «Иванов» and «Иванова» are a slip apart, and two people. Invariant:
//! the order of arguments makes no difference.

use std::cell::OnceCell;

use rapidfuzz::distance::osa;

use super::words::{folded_words, is_cyrillic, plain_latin, rough_latin};

/// Whether two texts are equal or a slip apart: a letter left out, added, changed or exchanged with its neighbour, two in a
/// long text. Where only one of them has Cyrillic letters, both are compared in rough Latin.
#[must_use]
pub fn resemble(a: &str, b: &str) -> bool {
    Spelling::of(a).resembles(&Spelling::of(b))
}

/// The known name that is most like a wanted one, where it is like it at all: for a hint to whoever mistyped it.
#[must_use]
pub fn nearest<'k>(wanted: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let letters = |text: &str| text.trim().to_lowercase().chars().collect::<Vec<char>>();
    let wanted = letters(wanted);
    let allowed = (wanted.len() / 3).max(1);
    let distance = |name: &str| osa::distance(letters(name).iter().copied(), wanted.iter().copied());
    let near =
        known.into_iter().map(|name| (distance(name), name)).filter(|(distance, _)| *distance <= allowed);
    near.min().map(|(_, name)| name)
}

/// A text folded for comparing it with several others.
#[derive(Debug)]
pub struct Spelling {
    folded: Letters,
    is_cyrillic: bool,
    /// In rough and in plain Latin letters.
    latin: OnceCell<[Letters; 2]>,
}

impl Spelling {
    /// Folds a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let folded = folded_words(text).join(" ");
        Self {
            is_cyrillic: folded.chars().any(is_cyrillic),
            folded: folded.chars().collect(),
            latin: OnceCell::new(),
        }
    }

    /// The first letter, folded.
    #[must_use]
    pub fn first_letter(&self) -> Option<char> {
        self.folded.first().copied()
    }

    /// [`resemble`], for texts that were folded before.
    #[must_use]
    pub fn resembles(&self, other: &Self) -> bool {
        if self.is_cyrillic == other.is_cyrillic {
            return is_near(&self.folded, &other.folded);
        }
        self.latin().iter().zip(other.latin()).any(|(a, b)| is_near(a, b))
    }

    fn latin(&self) -> &[Letters; 2] {
        self.latin.get_or_init(|| {
            let folded: String = self.folded.iter().collect();
            [rough_latin(&folded), plain_latin(&folded)].map(|latin| latin.chars().collect())
        })
    }
}

type Letters = Vec<char>;

fn is_near(a: &[char], b: &[char]) -> bool {
    let allowed = match a.len().min(b.len()) {
        0 => return false,
        1..4 => 0,
        4..9 => 1,
        _ => 2,
    };
    a.len().abs_diff(b.len()) <= allowed
        && (a == b || osa::distance(a.iter().copied(), b.iter().copied()) <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_where_one_is_near() {
        let known = ["UF_CRM_SEGMENT", "UF_CRM_SEGMENTS", "COMMENTS", "Комментарий"];
        for (wanted, expected) in [
            ("UF_CRM_SEGMNT", Some("UF_CRM_SEGMENT")),
            ("uf_crm_segments", Some("UF_CRM_SEGMENTS")),
            ("COMENT", Some("COMMENTS")),
            ("Коментарий", Some("Комментарий")),
            ("BIRTHDATE", None),
            ("", None),
        ] {
            assert_eq!(nearest(wanted, known), expected, "{wanted}");
        }
    }

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
