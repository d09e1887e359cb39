//! The name of a firm in a text.

use super::{fold, is_mistyped, without_brackets};
use crate::population::names::latin;

/// Legal forms, the longer first.
const FORMS: [(&str, &str); 5] = [
    ("общество с ограниченной ответственностью", "ооо"),
    ("публичное акционерное общество", "пао"),
    ("акционерное общество", "ао"),
    ("автономная некоммерческая организация", "ано"),
    ("индивидуальный предприниматель", "ип"),
];

/// Remarks that are no part of a name.
const REMARKS: [&str; 1] = ["не работать"];

/// How two names agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::population::noisy) enum Agreement {
    Nothing,
    /// The same name as another hand writes it: Latin letters, a wrong letter.
    OtherWriting,
    Same,
}

/// A name without its legal form: its words in order, without spaces and signs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::population::noisy) struct FirmName {
    words: Vec<String>,
}

pub(in crate::population::noisy) fn read(text: &str) -> FirmName {
    let text = without_form(text);
    let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.flat_map(|word| if word == "тд" { vec!["торговый", "дом"] } else { vec![word] });
    FirmName { words: words.map(ToOwned::to_owned).collect() }
}

/// The text folded, without legal form, remarks and brackets.
pub(in crate::population::noisy) fn without_form(text: &str) -> String {
    let mut text = fold(&without_brackets(text)).replace(['\t', '"', '«', '»', '!', ','], " ");
    text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (long, _) in FORMS {
        text = text.replace(long, " ");
    }
    for remark in REMARKS {
        text = text.replace(remark, " ");
    }
    let is_form = |word: &str| FORMS.iter().any(|(_, short)| *short == word) || word == "ooo";
    text.split_whitespace().filter(|word| !is_form(word)).collect::<Vec<_>>().join(" ")
}

impl FirmName {
    pub(in crate::population::noisy) fn whole(&self) -> Option<String> {
        Some(self.words.concat()).filter(|whole| !whole.is_empty())
    }

    pub(in crate::population::noisy) fn agrees(&self, other: &Self) -> Agreement {
        let (left, right) = (self.words.concat(), other.words.concat());
        if left.is_empty() || right.is_empty() {
            return Agreement::Nothing;
        }
        let sorted = |name: &Self| {
            let mut words = name.words.clone();
            words.sort();
            words
        };
        if left == right || sorted(self) == sorted(other) {
            return Agreement::Same;
        }
        if is_mistyped(&left, &right) || in_latin(&left) == in_latin(&right) {
            return Agreement::OtherWriting;
        }
        Agreement::Nothing
    }
}

fn in_latin(word: &str) -> String {
    word.chars()
        .map(|letter| if letter.is_ascii() { letter.to_string() } else { latin(&letter.to_string()) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_agree_whatever_stands_around_them() {
        for (left, right, expected) in [
            ("ООО \"Кедр-Сервис\"", "Кедр сервис, ООО", Agreement::Same),
            ("Общество с ограниченной ответственностью \"Кедр\"", "OOO «Kедр» (Москва)", Agreement::Same),
            ("ТД Кедр", "Торговый дом Кедр", Agreement::Same),
            ("Сервис Кедр", "Кедр Сервис АО", Agreement::Same),
            ("ООО Кедр НЕ РАБОТАТЬ!!!", "Кедр", Agreement::Same),
            ("ООО Кипарис", "ООО Кипраис", Agreement::OtherWriting),
            ("ООО \"Kedr\"", "Кедр", Agreement::OtherWriting),
            ("ООО Кедр", "ООО Кедр Сервис", Agreement::Nothing),
        ] {
            assert_eq!(read(left).agrees(&read(right)), expected, "{left} {right}");
        }
    }
}
