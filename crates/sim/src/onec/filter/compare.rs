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

/// `%` stands for any characters, `_` for one.
pub(super) fn is_like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = folded(text).collect();
    let pattern: Vec<char> = folded(pattern).collect();
    let (mut at, mut wanted) = (0, 0);
    let mut restart = None;
    while at < text.len() {
        match pattern.get(wanted) {
            Some('%') => {
                restart = Some((at, wanted));
                wanted += 1;
            }
            Some(one) if *one == '_' || *one == text[at] => {
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
    pattern[wanted..].iter().all(|one| *one == '%')
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
        ] {
            assert_eq!(is_like(text, pattern), expected, "{text} like {pattern}");
        }
    }
}
