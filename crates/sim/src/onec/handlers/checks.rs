//! Check digits of INN, the pattern of KPP, and what its reason code says.

/// Reasons of registration that speak of the organisation as a whole.
const WHOLE: [&str; 11] = ["01", "30", "37", "40", "41", "50", "51", "52", "63", "75", "89"];
/// Reasons of registration that speak of a branch or another subdivision.
const PARTS: [&str; 9] = ["02", "03", "04", "05", "31", "32", "43", "44", "45"];

/// Whether the text is an INN: ten digits of an organisation, twelve of a person, of a region that exists.
pub(super) fn is_inn(text: &str, is_person: bool) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|one| one.to_digit(10)).collect();
    let Some(digits) = digits.filter(|_| !text.starts_with("00")) else {
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

/// Four digits, two digits or capital letters, three digits.
pub(super) fn is_kpp(text: &str) -> bool {
    let bytes = text.as_bytes();
    let fits = |(at, byte): (usize, &u8)| {
        byte.is_ascii_digit() || ((at == 4 || at == 5) && byte.is_ascii_uppercase())
    };
    bytes.len() == 9 && bytes.iter().enumerate().all(fits)
}

/// The pattern, an office that exists and a reason.
pub(super) fn is_kpp_of_office(text: &str) -> bool {
    is_kpp(text) && !text.starts_with("00") && &text[4..6] != "00"
}

/// Whether the reason code of a KPP goes with a branch or with no branch; one with letters goes with both.
pub(super) fn is_reason_of(kpp: &str, is_branch: bool) -> bool {
    let Some(reason) = kpp.get(4..6) else {
        return false;
    };
    let is_told = reason.bytes().all(|byte| byte.is_ascii_digit());
    !is_told || (if is_branch { &PARTS[..] } else { &WHOLE[..] }).contains(&reason)
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
            ("0077000009", false, false),
            ("77012345601", false, false),
            ("нет", false, false),
            ("", true, false),
        ] {
            assert_eq!(is_inn(text, is_person), expected, "{text}");
        }
    }

    #[test]
    fn a_kpp_follows_its_pattern() {
        for (text, pattern, office) in [
            ("770101001", true, true),
            ("7701AB001", true, true),
            ("000101001", true, false),
            ("770100001", true, false),
            ("77010100", false, false),
            ("77a101001", false, false),
            ("7701010011", false, false),
        ] {
            assert_eq!((is_kpp(text), is_kpp_of_office(text)), (pattern, office), "{text}");
        }
    }

    #[test]
    fn a_reason_speaks_of_the_whole_or_of_a_part() {
        for (kpp, whole, part) in [
            ("770101001", true, false),
            ("770150001", true, false),
            ("770143001", false, true),
            ("770199001", false, false),
            ("7701AB001", true, true),
        ] {
            assert_eq!((is_reason_of(kpp, false), is_reason_of(kpp, true)), (whole, part), "{kpp}");
        }
    }
}
