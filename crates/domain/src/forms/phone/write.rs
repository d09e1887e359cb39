//! Spells a key: for people and both systems, for the portal's duplicate search, and in parts for 1C.
//!
//! Decides nothing about which value is written. Invariant: a spelling holds all digits of the key in their order, and of
//! the extension after a mark that both sides understand.

use rlibphonenumber::PHONE_NUMBER_UTIL;

use super::PhoneKey;

/// How an extension is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneStyle {
    /// `+7 (912) 345-67-89#12`: the portal's search ignores what follows `#`.
    Bitrix24,
    /// `+7 (912) 345-67-89, доб. 12`, as 1C writes it.
    Onec,
}

/// The parts 1C keeps of a number. All are digits but `number`, which has hyphens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneParts {
    /// Country code without plus.
    pub country: String,
    /// Area or operator code; empty where the country has none.
    pub area: String,
    /// The rest, grouped for reading: `345-67-89`.
    pub number: String,
}

impl PhoneParts {
    /// Digits of country, area and number together.
    #[must_use]
    pub fn digits(&self) -> String {
        format!("{}{}{}", self.country, self.area, self.local_digits())
    }

    /// Digits of the number without codes.
    #[must_use]
    pub fn local_digits(&self) -> String {
        self.number.replace('-', "")
    }
}

/// The spelling obmen writes: `+7 (912) 345-67-89`, with an extension in the style of the side it is written to.
#[must_use]
pub fn write_phone(key: &PhoneKey, extension: Option<&str>, style: PhoneStyle) -> String {
    let PhoneParts { country, area, number } = phone_parts(key);
    let area = if area.is_empty() { area } else { format!("({area}) ") };
    let phone = format!("+{country} {area}{number}");
    match (extension, style) {
        (None, _) => phone,
        (Some(extension), PhoneStyle::Bitrix24) => format!("{phone}#{extension}"),
        (Some(extension), PhoneStyle::Onec) => format!("{phone}, доб. {extension}"),
    }
}

/// Spellings under which the portal's own duplicate search may know the number. It normalises both sides of its
/// comparison, so one spelling with the country code stands for all of those (`8 …` included); a number stored without
/// any code is another one to it, and so is the domestic form of Belarus.
#[must_use]
pub fn search_spellings(key: &PhoneKey) -> Vec<String> {
    let (country, national) = split_country(key);
    let mut spellings = vec![key.as_str().to_owned()];
    if !country.is_empty() {
        spellings.push(national.to_owned());
    }
    if country == "375" {
        spellings.push(format!("80{national}"));
    }
    spellings
}

/// The parts for 1C's contact information. Russian and Kazakh areas have three digits here, whatever the numbering plan says.
#[must_use]
pub fn phone_parts(key: &PhoneKey) -> PhoneParts {
    let (country, national) = split_country(key);
    let area_length = match country {
        "7" => 3,
        "375" | "998" => 2,
        _ => PHONE_NUMBER_UTIL
            .parse(key.as_str(), None)
            .map_or(0, |number| number.get_length_of_national_destination_code()),
    };
    // Where the library takes half of a short number for a code, the country has no codes.
    let area_length = if area_length + 5 > national.len() { 0 } else { area_length };
    let (area, local) = national.split_at_checked(area_length).unwrap_or(("", national));
    PhoneParts { country: country.to_owned(), area: area.to_owned(), number: grouped(local) }
}

/// Country code and national number; no code where the plan is unknown.
fn split_country(key: &PhoneKey) -> (&str, &str) {
    let digits = key.as_str().trim_start_matches('+');
    for home in ["7", "375", "998"] {
        if let Some(national) = digits.strip_prefix(home) {
            return (home, national);
        }
    }
    let length =
        PHONE_NUMBER_UTIL.parse(key.as_str(), None).map_or(0, |number| number.country_code.to_string().len());
    digits.split_at_checked(length).unwrap_or(("", digits))
}

/// Pairs of digits from the end, the first group of up to three: `345-67-89`, `12-34`.
fn grouped(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (position, digit) in digits.chars().enumerate() {
        let left = digits.len() - position;
        if position > 1 && left.is_multiple_of(2) {
            grouped.push('-');
        }
        grouped.push(digit);
    }
    grouped
}
