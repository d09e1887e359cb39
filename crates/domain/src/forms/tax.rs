//! Tax and registration numbers with their checksums: ИНН, КПП, ОГРН and ОГРНИП of Russia, БИН and ИИН of Kazakhstan, УНП of
//! Belarus, ПИНФЛ of Uzbekistan. The nine digits of an Uzbek СТИР have no published checksum, so they are no number here.
//!
//! Repairs what spreadsheets and hands do to a number, never a digit of it. Whether two numbers mean one party is not
//! decided here. Invariant: a number with a wrong checksum is never a value of these types.

use unicode_normalization::UnicodeNormalization;

use super::normal_form;
use super::words::is_invisible;

normal_form!(
    /// A Russian taxpayer number with a right checksum: 10 digits of an organization or 12 of a natural person.
    Inn,
    "an INN",
    is_inn
);
normal_form!(
    /// The reason code of an organization's registration with a tax office. It has no checksum, only a shape.
    Kpp,
    "a KPP",
    is_kpp
);
normal_form!(
    /// A Russian state registration number with a right checksum: 13 digits of an organization or 15 of an entrepreneur.
    Ogrn,
    "an OGRN",
    is_ogrn
);

impl Inn {
    /// Reads a field; spaces, a trailing `.0`, a lost leading zero, a KPP behind the number and the word «ИНН» are forgiven.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = digits_of(first_part(&tidy(text)))?;
        let candidate = match digits.len() {
            9 | 11 => format!("0{digits}"),
            // Number and KPP with only a space between them.
            19 => digits[..10].to_owned(),
            _ => digits,
        };
        is_inn(&candidate).then_some(Self(candidate))
    }

    /// Whether it is the number of an organization. Twelve digits are any natural person's, not only an entrepreneur's.
    #[must_use]
    pub fn is_organization(&self) -> bool {
        self.0.len() == 10
    }
}

/// Reasons of registration that stand for a place apart from the organization's own.
const BRANCH_REASONS: [&str; 9] = ["02", "03", "04", "05", "31", "32", "43", "44", "45"];

impl Kpp {
    /// Reads a field; of `INN/KPP` it takes the second part. `0` and zeros, which stand for none, give nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let tidy = tidy(text);
        let mut candidate =
            tidy.split(['/', '\\', ',', ';']).find(|part| matches!(part.len(), 8 | 9))?.to_owned();
        if candidate.len() == 8 && candidate.bytes().all(|byte| byte.is_ascii_digit()) {
            candidate.insert(0, '0');
        }
        is_kpp(&candidate).then_some(Self(candidate))
    }

    /// Whether its reason is a branch, a representation or another place apart. All other reasons concern the whole
    /// organization: its address, its size, its property.
    #[must_use]
    pub fn is_of_branch(&self) -> bool {
        self.0.get(4..6).is_some_and(|reason| BRANCH_REASONS.contains(&reason))
    }
}

impl Ogrn {
    /// Reads a field; spaces, a trailing `.0` and the word «ОГРН» are forgiven.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let candidate = digits_of(&tidy(text))?;
        is_ogrn(&candidate).then_some(Self(candidate))
    }

    /// Whether it is an ОГРНИП, the number of a sole proprietor.
    #[must_use]
    pub fn is_entrepreneur(&self) -> bool {
        self.0.len() == 15
    }
}

/// Whether the text is a Kazakh БИН or ИИН: 12 digits with the right last one. A lost leading zero is forgiven where the
/// number begins with a birth date then.
#[must_use]
pub fn is_bin_or_iin(text: &str) -> bool {
    let tidy = tidy(text);
    let padded = format!("0{tidy}");
    let begins_with_date = padded.get(2..4).is_some_and(is_month) && padded.get(4..6).is_some_and(is_day);
    let digits = digit_values(&tidy, 12).or_else(|| digit_values(&padded, 12).filter(|_| begins_with_date));
    let Some(digits) = digits else { return false };
    let remainder = |weights: [u32; 11]| weighted_sum(&digits, &weights) % 11;
    let first = remainder([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    let check = if first == 10 { remainder([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) } else { first };
    check == digits[11] && digits.iter().any(|digit| *digit != 0)
}

/// Whether the text is an Uzbek ПИНФЛ: 14 digits, of which the first is sex and century, the next six a birth date and the
/// last one the check.
#[must_use]
pub fn is_pinfl(text: &str) -> bool {
    let tidy = tidy(text);
    let Some(digits) = digit_values(&tidy, 14) else { return false };
    let check = weighted_sum(&digits, &[7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7]) % 10;
    matches!(digits[0], 1..=6) && is_day(&tidy[1..3]) && is_month(&tidy[3..5]) && check == digits[13]
}

fn is_month(digits: &str) -> bool {
    ("01"..="12").contains(&digits)
}

fn is_day(digits: &str) -> bool {
    ("01"..="31").contains(&digits)
}

/// Whether the text is a Belarusian УНП: 9 digits, or two letters and 7 digits of a natural person.
#[must_use]
pub fn is_unp(text: &str) -> bool {
    const LETTERS: &str = "ABCEHKMOPT";
    let tidy: String = tidy(text).chars().map(latin_twin).collect();
    if tidy.len() != 9 || !tidy.is_ascii() {
        return false;
    }
    let mut values = Vec::with_capacity(9);
    let lettered = tidy.starts_with(|first: char| first.is_ascii_alphabetic());
    for (position, character) in tidy.chars().enumerate() {
        let value = match position {
            0 if lettered => LETTERS.contains(character).then(|| character.to_digit(36)).flatten(),
            1 if lettered => LETTERS.find(character).and_then(|index| u32::try_from(index).ok()),
            _ => character.to_digit(10),
        };
        let Some(value) = value else { return false };
        values.push(value);
    }
    let check = weighted_sum(&values, &[29, 23, 19, 17, 13, 7, 5, 3]) % 11;
    check == values[8] && values.iter().any(|value| *value != 0)
}

fn is_inn(text: &str) -> bool {
    if text.starts_with("00") {
        return false;
    }
    let check = |digits: &[u32], weights: &[u32]| weighted_sum(digits, weights) % 11 % 10;
    if let Some(digits) = digit_values(text, 10) {
        return check(&digits, &[2, 4, 10, 3, 5, 9, 4, 6, 8]) == digits[9];
    }
    let Some(digits) = digit_values(text, 12) else {
        return false;
    };
    check(&digits, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == digits[10]
        && check(&digits, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == digits[11]
}

fn is_kpp(text: &str) -> bool {
    text.len() == 9
        && !text.starts_with("00")
        && text.bytes().enumerate().all(|(position, byte)| {
            byte.is_ascii_digit() || (matches!(position, 4 | 5) && byte.is_ascii_uppercase())
        })
}

fn is_ogrn(text: &str) -> bool {
    let divisor = match text.len() {
        13 if !text.starts_with('0') => 11,
        15 if text.starts_with('3') => 13,
        _ => return false,
    };
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let (number, check) = text.split_at(text.len() - 1);
    let expected = number.parse::<u64>().map(|number| number % divisor % 10);
    expected.is_ok_and(|expected| check == expected.to_string())
}

/// The letters of an УНП as they look in Cyrillic.
fn latin_twin(letter: char) -> char {
    match letter {
        'А' => 'A',
        'В' => 'B',
        'С' => 'C',
        'Е' => 'E',
        'Н' => 'H',
        'К' => 'K',
        'М' => 'M',
        'О' => 'O',
        'Р' => 'P',
        'Т' => 'T',
        other => other,
    }
}

/// Words that stand before a number, longer ones before those they begin with.
const LABELS: [&str; 18] = [
    "ОГРНИП",
    "ОГРН",
    "ИНН/КПП",
    "ИНН",
    "КПП",
    "БИН/ИИН",
    "ИИН/БИН",
    "БИН",
    "ИИН",
    "УНП",
    "УНН",
    "ПИНФЛ",
    "СТИР",
    "INN",
    "KPP",
    "BIN",
    "IIN",
    "UNP",
];

/// Upper case without spaces, invisible characters, quotes, a leading label and the `.0` of a spreadsheet.
fn tidy(text: &str) -> String {
    let mut tidy: String = text
        .nfkc()
        .filter(|character| {
            !character.is_whitespace()
                && !is_invisible(*character)
                && !matches!(character, '-' | '‐' | '–' | '\'' | '’' | '"')
        })
        .flat_map(char::to_uppercase)
        .collect();
    for label in LABELS {
        if let Some(rest) = tidy.strip_prefix(label) {
            tidy = rest.trim_start_matches([':', '.', '=']).to_owned();
            break;
        }
    }
    // «7701234560 КПП 770101001»
    if let Some((inn, kpp)) = tidy.split_once("КПП")
        && inn.bytes().all(|byte| byte.is_ascii_digit())
    {
        tidy = format!("{inn}/{}", kpp.trim_start_matches([':', '.', '=']));
    }
    if let Some((number, zeros)) = tidy.split_once(['.', ','])
        && !zeros.is_empty()
        && zeros.bytes().all(|byte| byte == b'0')
    {
        tidy.truncate(number.len());
    }
    tidy
}

fn first_part(text: &str) -> &str {
    text.split(['/', '\\', ',', ';']).find(|part| !part.is_empty()).unwrap_or_default()
}

/// The text itself where it is digits only.
fn digits_of(text: &str) -> Option<String> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.to_owned())
}

fn digit_values(text: &str, length: usize) -> Option<Vec<u32>> {
    if text.len() != length {
        return None;
    }
    text.chars().map(|character| character.to_digit(10)).collect()
}

fn weighted_sum(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_kpp_tells_a_branch_from_the_whole_organization() {
        let is_of_branch = |text| Kpp::parse(text).unwrap().is_of_branch();
        assert!(is_of_branch("165743002"));
        assert!(!is_of_branch("770101001"));
        assert!(!is_of_branch("997150001"), "the second one of a largest taxpayer");
    }

    #[test]
    fn an_inn_is_read_through_the_damage_of_spreadsheets() {
        let cases = [
            ("organization", "7701234560", Some("7701234560")),
            ("person", "500100732259", Some("500100732259")),
            ("spaces, also non-breaking", "\u{a0}7701 234560 ", Some("7701234560")),
            ("a number cell", "7701234560.0", Some("7701234560")),
            ("with KPP", "7701234560/770101001", Some("7701234560")),
            ("with KPP after a space", "7701234560 770101001", Some("7701234560")),
            ("with an empty KPP", "7701234560/", Some("7701234560")),
            ("with its label", "ИНН: 7701234560", Some("7701234560")),
            ("full width digits", "７７０１２３４５６０", Some("7701234560")),
            ("the apostrophe that keeps a cell text", "'7701234560", Some("7701234560")),
            ("with the label of both", "ИНН/КПП 7701234560 / 770101001", Some("7701234560")),
            ("hyphens", "7701-234-560", Some("7701234560")),
            ("with KPP in words", "ИНН 7701234560 КПП: 770101001", Some("7701234560")),
            ("a number cell in scientific notation has lost its digits", "7,70123E+09", None),
            ("wrong checksum", "7701234561", None),
            ("a word", "нет", None),
            ("zeros pass the arithmetic", "0000000000", None),
            ("too short", "77012345", None),
            ("empty", "", None),
        ];
        for (description, text, expected) in cases {
            assert_eq!(Inn::parse(text).as_ref().map(Inn::as_str), expected, "{description}");
        }
    }

    #[test]
    fn a_lost_leading_zero_comes_back() {
        let inn = (100_000_000_u64..).map(|number| format!("0{number}")).find(|text| is_inn(text)).unwrap();
        assert_eq!(Inn::parse(&inn[1..]).unwrap().as_str(), inn);
    }

    #[test]
    fn a_kpp_has_a_shape_and_zeros_stand_for_none() {
        let cases = [
            ("plain", "770101001", Some("770101001")),
            ("letters in the reason code", "7701AB001", Some("7701AB001")),
            ("behind the INN", "7701234560/770101001", Some("770101001")),
            ("behind the INN in words", "ИНН 7701234560 КПП: 770101001", Some("770101001")),
            ("lost leading zero", "27401001", Some("027401001")),
            ("none as zero", "0", None),
            ("none as zeros", "000000000", None),
            ("letters elsewhere", "A70101001", None),
        ];
        for (description, text, expected) in cases {
            assert_eq!(Kpp::parse(text).as_ref().map(Kpp::as_str), expected, "{description}");
        }
    }

    #[test]
    fn an_ogrn_tells_organizations_from_entrepreneurs() {
        assert!(!Ogrn::parse("1027700123450").unwrap().is_entrepreneur());
        assert!(!Ogrn::parse("1217700000100").unwrap().is_entrepreneur());
        assert!(Ogrn::parse("ОГРНИП 304770012345674").unwrap().is_entrepreneur());
        assert_eq!(Ogrn::parse("1027700123451"), None);
        assert_eq!(Ogrn::parse("304770012345675"), None);
    }

    #[test]
    fn numbers_of_neighbours_are_told_by_their_checksums() {
        type Case<'a> = (&'a str, fn(&str) -> bool, &'a [&'a str], &'a [&'a str]);
        let all: [Case<'_>; 3] = [
            (
                "БИН and ИИН",
                is_bin_or_iin,
                &[
                    "210340012344",
                    "150440001236",
                    "150440001200",
                    "БИН: 2103 4001 2344",
                    "210340012344.0",
                    "50101300058",
                ],
                &["210340012345", "000000000000", "нет", "21034001234", "50440001236", ""],
            ),
            (
                "УНП",
                is_unp,
                &[
                    "191234563",
                    "100582318",
                    "MA1953005",
                    "МА1953005",
                    "ma1953005",
                    "УНП 191234563",
                    "191234563.0",
                ],
                &["191234564", "MA1953006", "000000000", "Ж", "1912345630", "ЖА1953005", ""],
            ),
            (
                "ПИНФЛ",
                is_pinfl,
                &["31503851234566", "ПИНФЛ 3150385 1234566"],
                &[
                    "31503851234563",
                    "91503851234568",
                    "33203851234569",
                    "3150385123456",
                    "00000000000000",
                    "",
                ],
            ),
        ];
        for (what, is, right, wrong) in all {
            right.iter().for_each(|text| assert!(is(text), "{what}: {text}"));
            wrong.iter().for_each(|text| assert!(!is(text), "{what}: {text}"));
        }
    }

    #[test]
    fn a_stored_value_is_checked_when_it_is_read_back() {
        let inn = Inn::parse("7701234560").unwrap();
        let stored = serde_json::to_string(&inn).unwrap();
        assert_eq!(stored, "\"7701234560\"");
        assert_eq!(serde_json::from_str::<Inn>(&stored).unwrap(), inn);
        assert!(serde_json::from_str::<Inn>("\"7701234561\"").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in any::<String>()) {
            let _ = (Inn::parse(&text), Kpp::parse(&text), Ogrn::parse(&text), is_bin_or_iin(&text), is_unp(&text));
        }

        #[test]
        fn one_changed_digit_is_never_an_inn(head in "[1-9][0-9]{8}", position in 0_usize..9, shift in 1_u32..10) {
            let right = (0..10).map(|check| format!("{head}{check}")).find(|text| is_inn(text)).unwrap();
            let mut wrong: Vec<char> = right.chars().collect();
            let digit = wrong[position].to_digit(10).unwrap();
            wrong[position] = char::from_digit((digit + shift) % 10, 10).unwrap();
            let wrong: String = wrong.into_iter().collect();
            // Eleven remainders share ten digits: only the pair 0 and 10 can hide a change.
            let hidden = right.ends_with('0');
            prop_assert!(hidden || Inn::parse(&wrong).is_none(), "{} and {}", right, wrong);
        }

        #[test]
        fn a_wrong_last_digit_is_never_a_key(head in "[1-9][0-9]{8}") {
            let valid = (0..10).filter(|check| Inn::parse(&format!("{head}{check}")).is_some()).count();
            prop_assert_eq!(valid, 1);
        }

        #[test]
        fn reading_a_normal_form_again_changes_nothing(text in "[ 0-9/.]{8,16}") {
            if let Some(inn) = Inn::parse(&text) {
                prop_assert_eq!(Inn::parse(inn.as_str()), Some(inn));
            }
            if let Some(kpp) = Kpp::parse(&text) {
                prop_assert_eq!(Kpp::parse(kpp.as_str()), Some(kpp));
            }
        }
    }
}
