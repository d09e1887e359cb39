//! Numbers of people and firms: phones, INN, KPP, OGRN, with their check digits and spellings.
//!
//! Uniqueness comes from arithmetic, not from a set of used values: each pool maps ordinals to numbers one to one.
//! Phones are national numbers of ten digits, as `u64`.

/// A city: its name, the region's number in INN and KPP, its dialling code.
#[derive(Debug)]
pub(super) struct City {
    pub(super) name: &'static str,
    pub(super) region: u64,
    pub(super) code: u64,
}

pub(super) const CITIES: [City; 10] = [
    City { name: "Москва", region: 77, code: 495 },
    City { name: "Санкт-Петербург", region: 78, code: 812 },
    City { name: "Екатеринбург", region: 66, code: 343 },
    City { name: "Новосибирск", region: 54, code: 383 },
    City { name: "Нижний Новгород", region: 52, code: 831 },
    City { name: "Самара", region: 63, code: 846 },
    City { name: "Пермь", region: 59, code: 342 },
    City { name: "Челябинск", region: 74, code: 351 },
    City { name: "Ростов-на-Дону", region: 61, code: 863 },
    City { name: "Казань", region: 16, code: 843 },
];

/// How a phone is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// `+7 (912) 345-67-89`
    Printed,
    /// `+79123456789`
    Compact,
    /// `8 (912) 345-67-89`
    Domestic,
}

/// Spells a national number.
pub(super) fn spell_phone(national: u64, spelling: Spelling) -> String {
    let (area, number) = split_phone(national);
    match spelling {
        Spelling::Printed => format!("+7 ({area}) {number}"),
        Spelling::Compact => format!("+7{national}"),
        Spelling::Domestic => format!("8 ({area}) {number}"),
    }
}

/// Code and subscriber's number: `912`, `345-67-89`.
pub(super) fn split_phone(national: u64) -> (String, String) {
    let (area, rest) = (national / 10_000_000, national % 10_000_000);
    (format!("{area:03}"), format!("{:03}-{:02}-{:02}", rest / 10_000, rest / 100 % 100, rest % 100))
}

/// The mobile number with this index.
pub(super) fn mobile(index: u64, shift: u64) -> u64 {
    /// Ranges of mobile codes in use, 70 codes altogether.
    const RANGES: [(u64, u64); 7] = [(900, 7), (908, 21), (930, 6), (950, 4), (960, 10), (977, 13), (991, 9)];
    const CODES: u64 = 70;
    // 3^18 is prime to 70 * 10^7, so its multiples visit every number once.
    let scattered = scatter(index, 387_420_489, shift, CODES * 10_000_000);
    let (mut nth, subscriber) = (scattered / 10_000_000, scattered % 10_000_000);
    for (first, count) in RANGES {
        if nth < count {
            return (first + nth) * 10_000_000 + subscriber;
        }
        nth -= count;
    }
    unreachable!("the ranges hold {CODES} codes")
}

/// The city number with this index.
pub(super) fn landline(city: &City, index: u64, shift: u64) -> u64 {
    city.code * 10_000_000 + 2_000_000 + scatter(index, 1_594_323, shift, 5_000_000)
}

/// INN of an organization, ten digits.
pub(super) fn company_inn(city: &City, index: u64, shift: u64) -> String {
    let scattered = scatter(index, 5_764_801, shift, 9_900_000);
    let body = format!("{:02}{:02}{:05}", city.region, 1 + scattered / 100_000, scattered % 100_000);
    let check = inn_check(&body, &[2, 4, 10, 3, 5, 9, 4, 6, 8]);
    format!("{body}{check}")
}

/// INN of a natural person, twelve digits.
pub(super) fn person_inn(city: &City, index: u64, shift: u64) -> String {
    let scattered = scatter(index, 40_353_607, shift, 99_000_000);
    let body = format!("{:02}{:02}{:06}", city.region, 1 + scattered / 1_000_000, scattered % 1_000_000);
    let first = inn_check(&body, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]);
    let body = format!("{body}{first}");
    let second = inn_check(&body, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]);
    format!("{body}{second}")
}

/// KPP of the head office an organization with this INN has.
pub(super) fn kpp(inn: &str) -> String {
    format!("{}01001", &inn[..4])
}

/// OGRN, thirteen digits.
pub(super) fn ogrn(city: &City, year: u64, index: u64) -> String {
    let body = 100_000_000_000 + year % 100 * 1_000_000_000 + city.region * 10_000_000 + index % 10_000_000;
    format!("{body}{}", body % 11 % 10)
}

/// OGRNIP, fifteen digits.
pub(super) fn ogrnip(city: &City, year: u64, index: u64) -> String {
    let body = 30_000_000_000_000
        + year % 100 * 100_000_000_000
        + city.region * 1_000_000_000
        + index % 1_000_000_000;
    format!("{body}{}", body % 13 % 10)
}

/// Maps an index below `modulus` to another one; one to one when `factor` is prime to `modulus`.
fn scatter(index: u64, factor: u64, shift: u64, modulus: u64) -> u64 {
    let product = u128::from(index % modulus) * u128::from(factor) + u128::from(shift);
    u64::try_from(product % u128::from(modulus)).expect("a remainder of a 64-bit modulus")
}

fn inn_check(body: &str, weights: &[u32]) -> u32 {
    let digits = body.chars().map(|digit| digit.to_digit(10).expect("an INN is built of digits"));
    digits.zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11 % 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn check_digits_agree_with_published_examples() {
        assert_eq!(inn_check("770708389", &[2, 4, 10, 3, 5, 9, 4, 6, 8]), 3);
        assert_eq!(inn_check("5001007322", &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]), 5);
        assert_eq!(inn_check("50010073225", &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]), 9);
    }

    #[test]
    fn pools_do_not_repeat() {
        let mobiles: BTreeSet<u64> = (0..50_000).map(|index| mobile(index, 12_345)).collect();
        assert_eq!(mobiles.len(), 50_000);
        assert!(mobiles.iter().all(|phone| (9_000_000_000..10_000_000_000).contains(phone)));
        let inns: BTreeSet<String> = (0..50_000).map(|index| person_inn(&CITIES[0], index, 99)).collect();
        assert_eq!(inns.len(), 50_000);
    }

    #[test]
    fn one_phone_has_three_spellings() {
        assert_eq!(spell_phone(9_123_456_789, Spelling::Printed), "+7 (912) 345-67-89");
        assert_eq!(spell_phone(9_123_456_789, Spelling::Compact), "+79123456789");
        assert_eq!(spell_phone(9_123_456_789, Spelling::Domestic), "8 (912) 345-67-89");
    }

    #[test]
    fn registration_numbers_have_their_lengths() {
        assert_eq!(ogrn(&CITIES[0], 2015, 77).len(), 13);
        assert_eq!(ogrnip(&CITIES[9], 2007, 77).len(), 15);
    }
}
