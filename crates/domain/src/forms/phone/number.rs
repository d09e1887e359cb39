//! Reads the digits of one number as they are dialled in a country.
//!
//! Numbers of the four home countries with a country code or a trunk prefix are told by their shape: new codes are given out
//! faster than any table is updated, and a key for a number nobody has does no harm. Everything else must be valid by
//! the tables of the library. Invariant: the result is E.164.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

use super::split::Group;
use super::{Country, PhoneKey};

/// Whether a text has the shape of E.164 with its plus.
pub(super) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        matches!(digits.len(), 5..=15)
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The number these groups of digits are, if they are one. Local numbers are read with an area code only.
pub(super) fn read_number(
    groups: &[Group<'_>],
    has_plus: bool,
    country: Country,
    area_code: Option<&str>,
) -> Option<PhoneKey> {
    let digits: String = groups.iter().map(|group| group.digits).collect();
    if !matches!(digits.len(), 4..=18) {
        return None;
    }
    let first = groups.first().map_or("", |group| group.digits);
    if has_plus {
        // No country code is a lone 8: the trunk prefix was given the plus of +7.
        let trunk_with_plus = first == "8" && digits.len() == 11;
        let international = if trunk_with_plus { None } else { read_international(&digits) };
        return international
            .or_else(|| (digits.len() >= 10).then(|| read_domestic(&digits, first, country)).flatten());
    }
    read_domestic(&digits, first, country).or_else(|| read_local(&digits, country, area_code?))
}

/// Digits that begin with a country code.
fn read_international(digits: &str) -> Option<PhoneKey> {
    home_number(digits).or_else(|| valid(&format!("+{digits}"), None))
}

/// Digits without a plus: as dialled in the country, or with a code whose plus was left out.
fn read_domestic(digits: &str, first: &str, country: Country) -> Option<PhoneKey> {
    if matches!(country, Country::Other(_)) {
        return valid(digits, country.region())
            .or_else(|| digits.strip_prefix("00").and_then(read_international))
            .or_else(|| home_number(digits));
    }
    if let Some(key) = home_number(digits).or_else(|| trunk_number(digits)) {
        return Some(key);
    }
    if let Some(rest) = digits.strip_prefix("00") {
        return read_international(rest);
    }
    // Whoever sets a 7 or an 8 apart has written eleven digits, or lost one of them.
    let lost_a_digit = matches!(first, "7" | "8") && digits.len() == 10 && country != Country::Uz;
    if lost_a_digit {
        return None;
    }
    if let Some(key) = valid(digits, country.region()) {
        return Some(key);
    }
    if has_neighbour_code(digits) {
        return valid(&format!("+{digits}"), None);
    }
    match digits.strip_prefix('8') {
        // The trunk prefix Uzbekistan had until 2021.
        Some(rest) if country == Country::Uz && rest.len() == 9 => valid(rest, Some(Region::UZ)),
        _ => None,
    }
}

/// A number that begins with the code of a home country, by its shape.
fn home_number(digits: &str) -> Option<PhoneKey> {
    let bytes = digits.as_bytes();
    let fits = match bytes.len() {
        11 => bytes[0] == b'7' && matches!(bytes[1], b'3' | b'4' | b'7'..=b'9'),
        12 => {
            (digits.starts_with("375") && matches!(bytes[3], b'1'..=b'4'))
                || (digits.starts_with("998") && matches!(bytes[3], b'2'..=b'9'))
        }
        _ => false,
    };
    fits.then(|| PhoneKey(format!("+{digits}")))
}

/// Eleven digits after the trunk prefix 8 of Russia and Kazakhstan, or 8 0 of Belarus.
fn trunk_number(digits: &str) -> Option<PhoneKey> {
    let rest = digits.strip_prefix('8')?;
    if rest.len() != 10 {
        return None;
    }
    let home = match rest.strip_prefix('0') {
        Some(belarusian) => format!("375{belarusian}"),
        None => format!("7{rest}"),
    };
    home_number(&home)
}

/// Codes of neighbours that are often written without the plus, with the length of their numbers.
fn has_neighbour_code(digits: &str) -> bool {
    let codes: &[&str] = match digits.len() {
        12 => &["380", "992", "993", "994", "995", "996"],
        11 => &["373", "374"],
        _ => return false,
    };
    codes.iter().any(|code| digits.starts_with(code))
}

/// A number without its area, completed by the area code.
fn read_local(digits: &str, country: Country, area: &str) -> Option<PhoneKey> {
    let national_length = match country {
        Country::Ru | Country::Kz => Some(10),
        Country::By | Country::Uz => Some(9),
        Country::Other(_) => None,
    };
    if digits.len() < 5 || national_length.is_some_and(|length| area.len() + digits.len() != length) {
        return None;
    }
    valid(&format!("{area}{digits}"), country.region())
}

fn valid(digits: &str, region: Option<Region>) -> Option<PhoneKey> {
    let number = PHONE_NUMBER_UTIL.parse(digits, region).ok()?;
    if !number.is_valid() {
        return None;
    }
    let text = number.format_as(PhoneNumberFormat::E164).into_owned();
    is_e164(&text).then_some(PhoneKey(text))
}
