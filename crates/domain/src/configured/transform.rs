//! Transforms: a small fixed set of changes that a value goes through on its way. Doing one twice changes nothing more.

use serde::{Deserialize, Serialize};

/// How a value is changed on its way to the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transform {
    /// No spaces around it, single ones within.
    Trim,
    /// Capital letters.
    Upper,
    /// Small letters.
    Lower,
    /// Digits alone.
    Digits,
    /// What stands before the first line break.
    FirstLine,
}

impl Transform {
    /// The value as the other side gets it.
    pub fn apply(self, text: &str) -> String {
        match self {
            Self::Trim => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Self::Upper => text.to_uppercase(),
            Self::Lower => text.to_lowercase(),
            Self::Digits => text.chars().filter(char::is_ascii_digit).collect(),
            Self::FirstLine => text.trim().lines().next().unwrap_or_default().trim_end().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transform_that_was_done_changes_nothing_more() {
        let text = "  Отдел  № 12,\n второй этаж ";
        let cases = [
            (Transform::Trim, "Отдел № 12, второй этаж"),
            (Transform::Upper, "  ОТДЕЛ  № 12,\n ВТОРОЙ ЭТАЖ "),
            (Transform::Lower, "  отдел  № 12,\n второй этаж "),
            (Transform::Digits, "12"),
            (Transform::FirstLine, "Отдел  № 12,"),
        ];
        for (transform, expected) in cases {
            assert_eq!(transform.apply(text), expected, "{transform:?}");
            assert_eq!(transform.apply(expected), expected, "{transform:?}");
        }
    }
}
