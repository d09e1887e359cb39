//! Phone numbers: every number of a free text as E.164, and the spellings both systems are written and searched with.
//!
//! A field is cut into pieces (`split`), each piece is read as dialled digits in the context of the pair's country
//! (`number`), and keys are spelled again for people and for both vendors (`write`). Whose number it is, and whether many
//! share it, is not known here.
//!
//! Invariant: what [`write_phone`] writes, [`read_phones`] reads as the same key in any context.

mod number;
mod split;
mod write;

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

use super::normal_form;

pub use write::{PhoneParts, PhoneStyle, phone_parts, search_spellings, write_phone};

normal_form!(
    /// A number in E.164 with its plus: `+79261234567`. An extension is not part of it.
    PhoneKey,
    "a phone number",
    number::is_e164
);

/// Where a number without a country code was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneContext {
    /// The country whose dialling habits apply.
    pub country: Country,
    /// The area code of local numbers; without it they are not read.
    pub area_code: Option<String>,
}

impl PhoneContext {
    /// Checks the settings of a pair.
    ///
    /// # Errors
    ///
    /// When no country has that code, or the area code is not 2 to 5 digits.
    pub fn new(country: &str, area_code: Option<&str>) -> Result<Self, InvalidPhoneContext> {
        let country =
            Country::from_code(country).ok_or_else(|| InvalidPhoneContext::Country(country.to_owned()))?;
        let area_code = area_code.map(str::trim).filter(|code| !code.is_empty());
        if let Some(code) = area_code
            && !(matches!(code.len(), 2..=5) && code.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err(InvalidPhoneContext::AreaCode(code.to_owned()));
        }
        Ok(Self { country, area_code: area_code.map(str::to_owned) })
    }
}

/// A setting that names no place numbers could be dialled from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPhoneContext {
    /// Not a two-letter code of a country with phones.
    #[error("{0:?} is not the two-letter code of a country")]
    Country(String),
    /// Not 2 to 5 digits.
    #[error("{0:?} is not an area code: 2 to 5 digits are expected")]
    AreaCode(String),
}

/// A country by its dialling habits. The four where both systems are at home have rules of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Country {
    /// Russia.
    Ru,
    /// Kazakhstan, which shares +7 with Russia.
    Kz,
    /// Belarus, where `8 0` is dialled before an area.
    By,
    /// Uzbekistan.
    Uz,
    /// Another country, as two upper-case letters known to the numbering plans.
    Other([u8; 2]),
}

impl Country {
    /// Reads an ISO 3166 code in either case; `None` where no numbering plan is known.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.trim().to_ascii_uppercase();
        Some(match code.as_str() {
            "RU" => Self::Ru,
            "KZ" => Self::Kz,
            "BY" => Self::By,
            "UZ" => Self::Uz,
            other => {
                let letters: [u8; 2] = other.as_bytes().try_into().ok()?;
                let region: Region = other.parse().ok()?;
                PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
                Self::Other(letters)
            }
        })
    }

    fn region(self) -> Option<Region> {
        match self {
            Self::Ru => Some(Region::RU),
            Self::Kz => Some(Region::KZ),
            Self::By => Some(Region::BY),
            Self::Uz => Some(Region::UZ),
            Self::Other(letters) => std::str::from_utf8(&letters).ok()?.parse().ok(),
        }
    }
}

/// A number read from a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedPhone {
    /// The number.
    pub key: PhoneKey,
    /// The digits to dial after the call is answered.
    pub extension: Option<String>,
}

/// All numbers readable in one field, in order, each once; nothing when none can be read. Comments, labels and numbers
/// of other meaning (`ИНН …`) are passed over; a local number is read only with the context's area code.
#[must_use]
pub fn read_phones(text: &str, context: &PhoneContext) -> Vec<ParsedPhone> {
    let mut phones: Vec<ParsedPhone> = Vec::new();
    let cleaned = split::clean(text);
    for piece in split::pieces(&cleaned) {
        let found = phones.len();
        read_piece(&piece, context, &mut phones);
        // An extension belongs to the number right before it.
        if phones.len() > found
            && let Some(last) = phones.last_mut()
        {
            last.extension = piece.extension.map(str::to_owned);
        }
    }
    let mut index = 0;
    while index < phones.len() {
        let (earlier, rest) = phones.split_at_mut(index);
        match earlier.iter_mut().find(|phone| phone.key == rest[0].key) {
            Some(first) => {
                first.extension = first.extension.take().or_else(|| rest[0].extension.take());
                phones.remove(index);
            }
            None => index += 1,
        }
    }
    phones
}

fn read_piece(piece: &split::Piece<'_>, context: &PhoneContext, phones: &mut Vec<ParsedPhone>) {
    let mut start = 0;
    while start < piece.groups.len() {
        let Some((key, end)) = read_from(piece, start, context) else {
            start += 1;
            continue;
        };
        phones.push(ParsedPhone { key, extension: None });
        start = end;
    }
}

/// The longest number that begins with this group, and where it ends. Inside a run of digits a number may begin or end
/// only where people separate numbers, so that a number with a digit too many does not become another one.
fn read_from(piece: &split::Piece<'_>, start: usize, context: &PhoneContext) -> Option<(PhoneKey, usize)> {
    const LONGEST: usize = 18;
    let groups = &piece.groups;
    if start > 0 && !groups[start].may_begin() {
        return None;
    }
    let has_plus = piece.has_plus && start == 0;
    let mut lengths = 0;
    let longest = groups[start..].iter().take_while(|group| {
        lengths += group.digits.len();
        lengths <= LONGEST
    });
    let mut end = start + longest.count();
    while end > start {
        let complete = end == groups.len() || groups[end].may_begin();
        // Only a whole piece may be a local number: a part of one could be a part of anything.
        let area_code = context.area_code.as_deref().filter(|_| start == 0 && end == groups.len());
        if complete
            && let Some(key) = number::read_number(&groups[start..end], has_plus, context.country, area_code)
        {
            return Some((key, end));
        }
        end -= 1;
    }
    None
}

#[cfg(test)]
mod tests;
