//! Mailboxes in a text, in lower case.

use std::collections::BTreeSet;

/// All mailboxes that stand plainly in the text.
pub(in crate::population::noisy) fn read(text: &str) -> BTreeSet<String> {
    let lower = text.to_lowercase().replace("mailto:", " ");
    let words = lower.split(|letter: char| letter.is_whitespace() || ",;<>()".contains(letter));
    words.filter(|word| is_mailbox(word)).map(ToOwned::to_owned).collect()
}

/// Whether nobody in particular reads a mailbox: `info@…`.
pub(in crate::population::noisy) fn is_of_a_firm(mailbox: &str) -> bool {
    let local = mailbox.split('@').next().unwrap_or_default();
    ["info", "office", "zakaz", "mail", "sales"].contains(&local) || local.starts_with("filial.")
}

fn is_mailbox(word: &str) -> bool {
    let Some((local, domain)) = word.split_once('@') else { return false };
    let top = domain.rsplit('.').next().unwrap_or_default();
    !local.is_empty()
        && !domain.contains('@')
        && !domain.starts_with('.')
        && domain.contains('.')
        && top.len() >= 2
        && word.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_@".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_are_read_and_broken_ones_are_not() {
        let cases: [(&str, &[&str]); 7] = [
            (" Info@Kedr.Example ", &["info@kedr.example"]),
            ("mailto:a.b@kedr.test", &["a.b@kedr.test"]),
            ("<a@kedr.test>", &["a@kedr.test"]),
            ("a@kedr.test; b@kedr.test (личная)", &["a@kedr.test", "b@kedr.test"]),
            ("a.kedr.test", &[]),
            ("a@kedr", &[]),
            ("a @kedr.test", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).into_iter().collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
