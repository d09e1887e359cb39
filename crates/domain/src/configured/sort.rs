//! Sorts of values, and the one spelling that each of them has.
//!
//! A side that has no empty value of its own, as 1C has none of numbers and flags, shows nought and "no": those are taken for
//! empty on both sides.

use jiff::civil::{Date, DateTime, Time};

use crate::forms::address::{is_address, same_address};

/// What a place can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sort {
    /// Any text.
    Text,
    /// A postal address as one text.
    Address,
    /// A number.
    Number,
    /// A whole number.
    WholeNumber,
    /// A day, as `2026-03-01`.
    Date,
    /// A day, at will with a time, as `2026-03-01T09:30:00`.
    Moment,
    /// `yes`, or nothing.
    Flag,
    /// One of these.
    Choice(Vec<Choice>),
}

/// One of the values that a place can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What stands for it in the side's own records.
    pub code: String,
    /// What people see.
    pub name: String,
}

impl Sort {
    /// The word for it in reports.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Address => "address",
            Self::Number => "number",
            Self::WholeNumber => "whole-number",
            Self::Date => "date",
            Self::Moment => "moment",
            Self::Flag => "flag",
            Self::Choice(_) => "choice",
        }
    }

    /// A value in the spelling of this sort; `None` where it is no value of it. An empty text fits everywhere.
    pub fn fit(&self, text: &str) -> Option<String> {
        let text = text.trim();
        if text.is_empty() {
            return Some(String::new());
        }
        match self {
            Self::Text => Some(text.to_owned()),
            Self::Address => Some(if is_address(text) { text } else { "" }.to_owned()),
            Self::Number => number(text),
            Self::WholeNumber => number(text).filter(|number| !number.contains('.')),
            Self::Date => moment(text).map(|moment| moment.get(..10).unwrap_or_default().to_owned()),
            Self::Moment => moment(text),
            Self::Flag => flag(text).map(|is_set| if is_set { "yes" } else { "" }.to_owned()),
            Self::Choice(choices) => choice(choices, text).map(|choice| choice.name.clone()),
        }
    }

    /// Whether two values of this sort, each in its spelling, say the same.
    pub fn agrees(&self, a: &str, b: &str) -> bool {
        a == b || (*self == Self::Address && !a.is_empty() && !b.is_empty() && same_address(a, b))
    }

    /// Whether values of one sort may fit another at all.
    pub fn converts(&self, other: &Self) -> bool {
        let family = |sort: &Self| match sort {
            Self::Text | Self::Address => 0,
            Self::Number | Self::WholeNumber => 1,
            Self::Date | Self::Moment => 2,
            Self::Flag => 3,
            Self::Choice(_) => 4,
        };
        let (a, b) = (family(self), family(other));
        a == b || a == 0 || b == 0
    }
}

/// The choice that a text names, by name or by code.
pub(crate) fn choice<'c>(choices: &'c [Choice], text: &str) -> Option<&'c Choice> {
    let folded = text.to_lowercase();
    let by_name = || choices.iter().find(|choice| choice.name.trim().to_lowercase() == folded);
    choices
        .iter()
        .find(|choice| choice.name.trim() == text)
        .or_else(by_name)
        .or_else(|| choices.iter().find(|choice| choice.code == text))
}

/// A decimal number without needless digits; nought is empty.
fn number(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().replace(',', ".");
    let (sign, digits) = match compact.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", compact.strip_prefix('+').unwrap_or(&compact)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    Some(match (whole, fraction) {
        ("", "") => String::new(),
        (whole, "") => format!("{sign}{whole}"),
        ("", fraction) => format!("{sign}0.{fraction}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    })
}

/// A day, with a time that is not midnight. The zone is that of the side; the first day of all is none.
fn moment(text: &str) -> Option<String> {
    let (day, rest) = match text.get(..10) {
        Some(head) if head.as_bytes()[2] == b'.' => (date_of(head, [6..10, 3..5, 0..2])?, &text[10..]),
        Some(head) if head.as_bytes()[4] == b'-' => (date_of(head, [0..4, 5..7, 8..10])?, &text[10..]),
        _ => return None,
    };
    let time = rest.trim_start_matches(['T', ' ']);
    let time = match time.get(..8).or_else(|| time.get(..5)) {
        None if time.is_empty() => Time::midnight(),
        None => return None,
        Some(time) => time.parse().ok()?,
    };
    Some(match DateTime::from_parts(day, time) {
        at if at.year() <= 1 => String::new(),
        at if at.time() == Time::midnight() => at.date().to_string(),
        at => at.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
    })
}

fn date_of(text: &str, [year, month, day]: [std::ops::Range<usize>; 3]) -> Option<Date> {
    let [year, month, day] = [year, month, day].map(|part| text.get(part).and_then(|part| part.parse().ok()));
    Date::new(year?, i8::try_from(month?).ok()?, i8::try_from(day?).ok()?).ok()
}

fn flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "y" | "1" | "да" | "истина" => Some(true),
        "no" | "false" | "n" | "0" | "нет" | "ложь" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_spelling_in_its_sort_and_others_do_not_fit() {
        let choices = Sort::Choice(vec![
            Choice { code: "12".to_owned(), name: "Опт".to_owned() },
            Choice { code: "13".to_owned(), name: "Розница".to_owned() },
        ]);
        let cases = [
            (&Sort::Text, " как есть ", Some("как есть")),
            (&Sort::Address, " г Тверь, ул Мира, 1 ", Some("г Тверь, ул Мира, 1")),
            (&Sort::Address, " , , ", Some("")),
            (&Sort::Number, "1 234,50", Some("1234.5")),
            (&Sort::Number, "-0.5", Some("-0.5")),
            (&Sort::Number, "0,00", Some("")),
            (&Sort::Number, "12 шт", None),
            (&Sort::Number, ".", None),
            (&Sort::WholeNumber, "12.0", Some("12")),
            (&Sort::WholeNumber, "12.5", None),
            (&Sort::Date, "2001-11-11T02:00:00+02:00", Some("2001-11-11")),
            (&Sort::Date, "11.11.2001", Some("2001-11-11")),
            (&Sort::Date, "0001-01-01T00:00:00", Some("")),
            (&Sort::Date, "2001-02-30", None),
            (&Sort::Date, "завтра", None),
            (&Sort::Moment, "2001-11-11T00:00:00", Some("2001-11-11")),
            (&Sort::Moment, "11.11.2001 9:30", None),
            (&Sort::Moment, "11.11.2001 09:30", Some("2001-11-11T09:30:00")),
            (&Sort::Flag, "Да", Some("yes")),
            (&Sort::Flag, "false", Some("")),
            (&Sort::Flag, "может быть", None),
            (&choices, "опт", Some("Опт")),
            (&choices, "13", Some("Розница")),
            (&choices, "Прочее", None),
            (&choices, "", Some("")),
        ];
        for (sort, text, expected) in cases {
            assert_eq!(sort.fit(text).as_deref(), expected, "{sort:?} {text}");
            if let Some(expected) = expected {
                assert_eq!(sort.fit(expected).as_deref(), Some(expected), "{sort:?}: once more");
            }
        }
    }

    #[test]
    fn text_converts_into_everything_and_a_date_into_no_number() {
        assert!(Sort::Text.converts(&Sort::Date) && Sort::Flag.converts(&Sort::Text));
        assert!(Sort::Date.converts(&Sort::Moment) && Sort::Number.converts(&Sort::WholeNumber));
        assert!(!Sort::Date.converts(&Sort::Number) && !Sort::Flag.converts(&Sort::Choice(Vec::new())));
    }
}
