//! Comparison of strings as the database's collation does it: without regard to letter case.
//!
//! Nothing is allocated, because scans compare every row.

use std::cmp::Ordering;

pub(crate) fn compare_text(left: &str, right: &str) -> Ordering {
    folded(left).cmp(folded(right))
}

pub(super) fn is_same_text(left: &str, right: &str) -> bool {
    left == right || folded(left).eq(folded(right))
}

pub(super) fn starts_with(text: &str, start: &str) -> bool {
    let mut text = folded(text);
    folded(start).all(|one| text.next() == Some(one))
}

pub(super) fn contains(text: &str, part: &str) -> bool {
    part.is_empty() || text.char_indices().any(|(at, _)| starts_with(&text[at..], part))
}

pub(super) fn ends_with(text: &str, end: &str) -> bool {
    end.is_empty() || text.char_indices().any(|(at, _)| is_same_text(&text[at..], end))
}

/// Whether a text fits a pattern: `%` stands for any characters, `_` for one, `[ab]` and `[а-я]` for one of these,
/// `[^ab]` for one of the others.
pub(super) fn is_like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = folded(text).collect();
    let pattern = pieces(pattern);
    let (mut at, mut wanted) = (0, 0);
    let mut restart = None;
    while at < text.len() {
        match pattern.get(wanted) {
            Some(Piece::Any) => {
                restart = Some((at, wanted));
                wanted += 1;
            }
            Some(piece) if piece.takes(text[at]) => {
                at += 1;
                wanted += 1;
            }
            _ => match restart {
                Some((from, percent)) => {
                    restart = Some((from + 1, percent));
                    at = from + 1;
                    wanted = percent + 1;
                }
                None => return false,
            },
        }
    }
    pattern[wanted..].iter().all(|piece| matches!(piece, Piece::Any))
}

/// A part of a pattern.
enum Piece {
    Any,
    One,
    Exactly(char),
    /// The ranges of a set, and whether a character must lie outside of them.
    OneOf(Vec<(char, char)>, bool),
}

impl Piece {
    fn takes(&self, one: char) -> bool {
        match self {
            Piece::Any => false,
            Piece::One => true,
            Piece::Exactly(wanted) => *wanted == one,
            Piece::OneOf(ranges, is_negated) => {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(&one)) != *is_negated
            }
        }
    }
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let signs: Vec<char> = folded(pattern).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(sign) = signs.get(at) {
        let end = signs[at..].iter().position(|one| *one == ']').map(|length| at + length);
        at = match (sign, end) {
            ('[', Some(end)) => {
                found.push(one_of(&signs[at + 1..end]));
                end
            }
            ('%', _) => {
                found.push(Piece::Any);
                at
            }
            ('_', _) => {
                found.push(Piece::One);
                at
            }
            (other, _) => {
                found.push(Piece::Exactly(*other));
                at
            }
        } + 1;
    }
    found
}

/// The set between brackets.
fn one_of(signs: &[char]) -> Piece {
    let (is_negated, mut signs) = match signs {
        ['^', rest @ ..] => (true, rest),
        all => (false, all),
    };
    let mut ranges = Vec::new();
    loop {
        match signs {
            [from, '-', to, rest @ ..] => {
                ranges.push((*from, *to));
                signs = rest;
            }
            [one, rest @ ..] => {
                ranges.push((*one, *one));
                signs = rest;
            }
            [] => return Piece::OneOf(ranges, is_negated),
        }
    }
}

/// The text as it is compared.
pub(crate) fn folded_text(text: &str) -> String {
    folded(text).collect()
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_makes_no_difference() {
        assert!(is_same_text("ООО Ромашка", "ооо РОМАШКА"));
        assert!(starts_with("Ромашка", "ром"));
        assert!(ends_with("Ромашка", "ШКА"));
        assert!(contains("Ромашка", "МАШ"));
        assert!(!contains("Ромашка", "мышь"));
        assert_eq!(compare_text("абв", "АБГ"), Ordering::Less);
    }

    #[test]
    fn like_knows_any_and_one() {
        for (text, pattern, expected) in [
            ("Ромашка", "%маш%", true),
            ("Ромашка", "Р_машка", true),
            ("Ромашка", "маш%", false),
            ("Ромашка", "%ка", true),
            ("ааб", "%аб", true),
            ("", "%", true),
            ("", "_", false),
            ("Ромашка", "[^к]%", true),
            ("Краска", "[^к]%", false),
            ("7701", "77[0-2]1", true),
            ("7731", "77[0-2]1", false),
            ("а[б", "а[б", true),
        ] {
            assert_eq!(is_like(text, pattern), expected, "{text} like {pattern}");
        }
    }
}
