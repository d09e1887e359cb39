//! What a person types into a search box, looked for in the texts of a record.
//!
//! Without regard to letter case; a phone is found by its digits, however it is spelled. Not the search of either vendor.

/// How many digits make a number that is worth comparing as one.
const NUMBER: usize = 5;

/// A text to be found.
#[derive(Debug)]
pub(crate) struct Needle {
    text: String,
    digits: Option<String>,
}

impl Needle {
    pub(crate) fn new(find: &str) -> Self {
        let text = find.trim().to_lowercase();
        let is_number = text.chars().all(|one| one.is_ascii_digit() || " +-().".contains(one));
        let digits = digits(&text);
        // The trunk prefix is spelled +7, 7 or 8, or left out.
        let digits = if digits.len() == 11 { digits[1..].to_owned() } else { digits };
        Self { digits: (is_number && digits.len() >= NUMBER).then_some(digits), text }
    }

    /// Whether everything is meant.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(crate) fn is_in(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.text)
            || self.digits.as_ref().is_some_and(|wanted| digits(text).contains(wanted))
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_in_any_letter_case_and_phones_in_any_spelling() {
        for (find, text, expected) in [
            ("", "anything", true),
            ("ромашка", "ООО «Ромашка»", true),
            (" Ромашка ", "ооо ромашка", true),
            ("лютик", "ООО «Ромашка»", false),
            ("8 912 345-67-89", "+7 (912) 345-67-89", true),
            ("3456789", "8 (912) 345-67-89", true),
            ("1234", "12 34", false),
            ("a1234567", "1234567", false),
        ] {
            assert_eq!(Needle::new(find).is_in(text), expected, "{find} in {text}");
        }
    }
}
