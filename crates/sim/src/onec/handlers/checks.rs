//! Check digits of INN and the pattern of KPP.

/// Whether the text is an INN: ten digits of an organisation, twelve of a person.
pub(super) fn is_inn(text: &str, is_person: bool) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|one| one.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| digits.iter().any(|digit| *digit != 0)) else {
        return false;
    };
    match (digits.len(), is_person) {
        (10, false) => control(&digits[..9], &[2, 4, 10, 3, 5, 9, 4, 6, 8]) == digits[9],
        (12, true) => {
            control(&digits[..10], &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == digits[10]
                && control(&digits[..11], &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == digits[11]
        }
        _ => false,
    }
}

/// Four digits, two digits or capital letters, three digits; not from office 00.
pub(super) fn is_kpp(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 9
        && !text.starts_with("00")
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| byte.is_ascii_digit() || ((at == 4 || at == 5) && byte.is_ascii_uppercase()))
}

fn control(digits: &[u32], weights: &[u32]) -> u32 {
    let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
    sum % 11 % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inn_is_right_for_its_kind_of_party() {
        for (text, is_person, expected) in [
            ("7701234560", false, true),
            ("5017002196", false, true),
            ("7701234561", false, false),
            ("501700219097", true, true),
            ("770123456703", true, true),
            ("501700219097", false, false),
            ("0000000000", false, false),
            ("нет", false, false),
            ("", true, false),
        ] {
            assert_eq!(is_inn(text, is_person), expected, "{text}");
        }
    }

    #[test]
    fn a_kpp_follows_its_pattern() {
        for (text, expected) in [
            ("770101001", true),
            ("7701AB001", true),
            ("000101001", false),
            ("77010100", false),
            ("77a101001", false),
        ] {
            assert_eq!(is_kpp(text), expected, "{text}");
        }
    }
}
