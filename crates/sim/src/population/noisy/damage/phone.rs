//! Phones as people type them.

use crate::population::draw::Draw;
use crate::population::noisy::level::{Damage, Fate};

/// Codes of cities, where a number may be typed without its code.
const CITY_CODES: [&str; 8] = ["495", "812", "343", "843", "347", "301", "473", "345"];

/// The rows of a card for these numbers.
pub(in crate::population::noisy) fn write(fate: &mut Fate<'_>, numbers: &[String]) -> Vec<String> {
    let mut rows: Vec<String> = numbers.iter().map(|number| write_number(fate, number)).collect();
    if rows.len() > 1 && fate.strikes(Damage::PhonesInOneRow) {
        let second = rows.remove(1);
        let between = fate.draw.pick(&[", ", "; ", " / ", ","]);
        rows[0] = format!("{}{between}{second}", rows[0]);
    }
    rows
}

/// The number as the vendors' own forms write it: what a phone that stands in place of a name looks like.
pub(in crate::population::noisy) fn printed(number: &str) -> String {
    let (country, area, local) = split(number);
    format!("+{country} ({area}) {}-{}-{}", &local[..3], &local[3..5], &local[5..])
}

fn write_number(fate: &mut Fate<'_>, number: &str) -> String {
    let (country, area, local) = split(number);
    if country == "7" && CITY_CODES.contains(&area) && fate.strikes(Damage::PhoneLocal) {
        return format!("{}-{}-{}", &local[..3], &local[3..5], &local[5..]);
    }
    if fate.strikes(Damage::PhoneTypo) {
        return printed(&with_another_digit(number, &mut fate.draw));
    }
    // A foreign number that lacks a digit may be another country's whole one.
    if country == "7" && fate.strikes(Damage::PhoneTruncated) {
        let text = printed(number);
        return text[..text.len() - 1].to_owned();
    }
    let mut text = spell(fate, number);
    let lettered = with_a_letter(&text);
    if lettered != text && fate.strikes(Damage::PhoneLetters) {
        text = lettered;
    } else if fate.strikes(Damage::PhoneWideDigits) {
        text = text.chars().map(widen).collect();
    }
    if fate.strikes(Damage::PhoneExtension) {
        let sign = fate.draw.pick(&[" доб. ", " #", " вн. ", " ext. ", ", доб. "]);
        return format!("{text}{sign}{}", 10 + fate.draw.below(890));
    }
    if fate.strikes(Damage::PhoneNote) {
        let note =
            fate.draw.pick(&[" (секретарь)", " спросить Анну", " (звонить после обеда)", " бухгалтерия"]);
        return format!("{text}{note}");
    }
    text
}

/// Country code, area code, seven digits.
fn split(number: &str) -> (&str, &str, &str) {
    let country = if number.starts_with("375") || number.starts_with("998") { 3 } else { 1 };
    let area = number.len() - 7;
    (&number[..country], &number[country..area], &number[area..])
}

fn spell(fate: &mut Fate<'_>, number: &str) -> String {
    let (country, area, local) = split(number);
    let (a, b, c) = (&local[..3], &local[3..5], &local[5..]);
    if country == "375" && fate.strikes(Damage::PhoneDomesticBelarus) {
        return format!("8 0{area} {a}-{b}-{c}");
    }
    let odd = fate.strikes(Damage::PhoneSpelling);
    if country != "7" || area.starts_with('7') {
        return match (odd, fate.draw.below(3)) {
            (false, _) => format!("+{country} ({area}) {a}-{b}-{c}"),
            (true, 0) => format!("+{country}-{area}-{local}"),
            (true, 1) => number.to_owned(),
            (true, _) => format!("+{country} {area} {a} {b} {c}"),
        };
    }
    if !odd {
        return match fate.draw.below(10) {
            0..6 => format!("+7 ({area}) {a}-{b}-{c}"),
            6..8 => format!("8 ({area}) {a}-{b}-{c}"),
            _ => format!("+7{area}{local}"),
        };
    }
    match fate.draw.below(10) {
        0 => format!("8-{area}-{a}-{b}-{c}"),
        1 => format!("8.{area}.{a}.{b}.{c}"),
        2 => format!("{area}{local}"),
        3 => format!("8\u{a0}{area}\u{a0}{a}\u{2011}{b}\u{2011}{c}"),
        4 => format!("8{area}{local}"),
        5 => format!("7 {area} {local}"),
        6 => format!("тел. 8-{area}-{local}"),
        7 => format!("моб. +7 {area} {a} {b} {c}"),
        8 => format!("8({area}){a}{b}{c}"),
        _ => format!(" +7 {area} {}-{}-{} ", &local[..2], &local[2..4], &local[4..]),
    }
}

/// One of the last six digits changed.
fn with_another_digit(number: &str, draw: &mut Draw) -> String {
    let at = number.len() - 1 - draw.index(6);
    let digit = u64::from(number.as_bytes()[at] - b'0');
    let other = (digit + 1 + draw.below(9)) % 10;
    format!("{}{other}{}", &number[..at], &number[at + 1..])
}

/// A letter in place of the last zero that stands inside a number: a digit before it, two behind it.
fn with_a_letter(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let is_digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    let is_inside = |at: usize| at > 0 && is_digit(at - 1) && (is_digit(at + 1) || is_digit(at + 2));
    let behind = |at: usize| letters[at + 1..].iter().filter(|letter| letter.is_ascii_digit()).count();
    let at = (0..letters.len()).rev().find(|&at| letters[at] == '0' && is_inside(at) && behind(at) >= 2);
    if let Some(at) = at {
        letters[at] = 'О';
    }
    letters.into_iter().collect()
}

fn widen(letter: char) -> char {
    match letter.to_digit(10) {
        Some(digit) => char::from_u32(0xFF10 + digit).expect("full-width digits are characters"),
        None => letter,
    }
}
