//! INN and KPP in a text.

/// An INN as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::population::noisy) enum Inn {
    Absent,
    /// Its check digits fit.
    Valid(String),
    /// Something else stands there.
    Broken,
}

impl Inn {
    pub(in crate::population::noisy) fn valid(&self) -> Option<&str> {
        match self {
            Self::Valid(inn) => Some(inn),
            Self::Absent | Self::Broken => None,
        }
    }
}

/// Spaces, a `.0` and a lost leading zero are seen through.
pub(in crate::population::noisy) fn read_inn(text: &str) -> Inn {
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let digits = text.strip_suffix(".0").unwrap_or(&text);
    if digits.is_empty() {
        return Inn::Absent;
    }
    let whole = if matches!(digits.len(), 9 | 11) { format!("0{digits}") } else { digits.to_owned() };
    if is_valid_inn(&whole) { Inn::Valid(whole) } else { Inn::Broken }
}

pub(in crate::population::noisy) fn read_kpp(text: &str) -> String {
    text.trim().to_owned()
}

/// The published check of the last digit of ten, or of the last two of twelve.
pub(in crate::population::noisy) fn is_valid_inn(digits: &str) -> bool {
    const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let values: Vec<u32> = digits.bytes().map(|byte| u32::from(byte - b'0')).collect();
    let fits = |at: usize| {
        let weights = &WEIGHTS[WEIGHTS.len() - at..];
        let sum: u32 = values[..at].iter().zip(weights).map(|(value, weight)| value * weight).sum();
        sum % 11 % 10 == values[at]
    };
    match values.len() {
        10 => fits(9),
        12 => fits(10) && fits(11),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_through_their_damage() {
        for (text, expected) in [
            ("7707083893", Inn::Valid("7707083893".to_owned())),
            (" 7707 083893", Inn::Valid("7707083893".to_owned())),
            ("7707083893.0", Inn::Valid("7707083893".to_owned())),
            ("500100732259", Inn::Valid("500100732259".to_owned())),
            ("7707083894", Inn::Broken),
            ("", Inn::Absent),
        ] {
            assert_eq!(read_inn(text), expected, "{text}");
        }
    }
}
