//! Mailboxes: every address of a free text in its normal form.
//!
//! Says nothing about whether a mailbox exists or whose it is. Invariant: a key is one address in lower case with its
//! domain in ASCII; providers' own rules (dots, `+tags`) are not applied, since they would make two mailboxes one.

use super::normal_form;
use super::words::{is_cyrillic, is_invisible};
use unicode_normalization::UnicodeNormalization;

normal_form!(
    /// An address for comparing: `info@xn--80ak6aa92e.com`.
    EmailKey,
    "an e-mail address",
    is_normal
);

/// All addresses of one field, in order, each once. `mailto:`, names around angle brackets, comments and invisible
/// characters are passed over; what is not an address gives nothing.
#[must_use]
pub fn read_emails(text: &str) -> Vec<EmailKey> {
    if !text.contains(['@', '＠', '﹫']) {
        return Vec::new();
    }
    let visible: String = text.chars().filter(|character| !is_invisible(*character)).nfkc().collect();
    let mut keys: Vec<EmailKey> = Vec::new();
    for candidate in without_gaps(&visible).split(is_separator) {
        if let Some(key) = read_address(candidate)
            && !keys.contains(&key)
        {
            keys.push(key);
        }
    }
    keys
}

/// Whether the portal would take the value as it stands. A refused address fails the whole record there, so this is
/// stricter than reading: one address, nothing around it, ASCII only.
#[must_use]
pub fn is_acceptable_email(text: &str) -> bool {
    let text = text.trim_matches(' ');
    text.is_ascii() && is_normal(&text.to_ascii_lowercase())
}

/// An address of which no part needs repair: lower case, ASCII.
fn is_normal(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    is_local_part(local) && is_ascii_domain(domain) && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn read_address(candidate: &str) -> Option<EmailKey> {
    let (local, domain) = candidate.split_once('@')?;
    let local = in_latin(local.trim_matches(['.', '\'', '`']).to_lowercase());
    let domain = domain.split(['?', '#']).next().unwrap_or_default();
    let domain = domain.trim_matches(['.', '\'', '`', '!']).to_lowercase();
    // A domain of two alphabets was typed with a look-alike; one wholly Cyrillic is a name of its own.
    let labels: Vec<String> = domain.split('.').map(|label| in_latin(label.to_owned())).collect();
    let domain = idna::domain_to_ascii_strict(&labels.join(".")).ok()?;
    let text = format!("{local}@{domain}");
    is_normal(&text).then_some(EmailKey(text))
}

fn is_local_part(local: &str) -> bool {
    matches!(local.len(), 1..=64)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+-=^_`{|}~".contains(&byte))
}

fn is_ascii_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        matches!(label.len(), 1..=63)
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let Some((_, zone)) = domain.rsplit_once('.') else {
        return false;
    };
    let is_zone =
        zone.starts_with("xn--") || (zone.len() >= 2 && zone.bytes().all(|byte| byte.is_ascii_alphabetic()));
    domain.len() <= 253 && is_zone && domain.split('.').all(is_label)
}

fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            ',' | ';'
                | ':'
                | '<'
                | '>'
                | '('
                | ')'
                | '['
                | ']'
                | '"'
                | '/'
                | '\\'
                | '|'
                | '«'
                | '»'
                | '“'
                | '”'
                | '„'
        )
}

/// Closes the gaps people leave around the sign, as in `ivan @ mail.ru`.
fn without_gaps(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for (position, part) in text.split('@').enumerate() {
        if position > 0 {
            joined.truncate(joined.trim_end().len());
            joined.push('@');
            joined.push_str(part.trim_start());
        } else {
            joined.push_str(part);
        }
    }
    joined
}

/// Latin letters for Cyrillic look-alikes, where Latin letters or digits stand beside them.
fn in_latin(text: String) -> String {
    if !text.chars().any(is_cyrillic) || !text.chars().any(|character| character.is_ascii_alphabetic()) {
        return text;
    }
    let latin = |character: char| match character {
        'а' => 'a',
        'в' => 'b',
        'с' => 'c',
        'е' => 'e',
        'н' => 'h',
        'к' => 'k',
        'м' => 'm',
        'о' => 'o',
        'р' => 'p',
        'т' => 't',
        'х' => 'x',
        'у' => 'y',
        other => other,
    };
    text.chars().map(latin).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_found_in_what_people_type() {
        let cases = [
            ("plain", "info@romashka.example", "info@romashka.example"),
            ("capitals", "INFO@Romashka.Example", "info@romashka.example"),
            ("link", "mailto:info@romashka.example", "info@romashka.example"),
            ("link with a subject", "mailto:info@romashka.example?subject=a", "info@romashka.example"),
            ("name and angle brackets", "Иван <ivan@mail.example>", "ivan@mail.example"),
            ("comment", "ivan@mail.example (личная)", "ivan@mail.example"),
            ("trailing comma", "ivan@mail.example,", "ivan@mail.example"),
            ("trailing dot", "ivan@mail.example.", "ivan@mail.example"),
            ("zero width space", "ivan@mail.example\u{200b}", "ivan@mail.example"),
            ("spaces around the sign", "ivan @ mail.example", "ivan@mail.example"),
            ("several", "a@b.example; c@d.example, a@B.example", "a@b.example c@d.example"),
            ("several by slash", "a@b.example/c@d.example", "a@b.example c@d.example"),
            ("Cyrillic domain", "info@почта.рф", "info@xn--80a1acny.xn--p1ai"),
            ("Cyrillic look-alikes", "ivаn@mаil.example", "ivan@mail.example"),
            ("full width sign", "ivan＠mail.example", "ivan@mail.example"),
            ("tag and dots stay", "i.van+crm@mail.example", "i.van+crm@mail.example"),
            ("a hyphen at the end is part of a mailbox", "ivan-@mail.example", "ivan-@mail.example"),
            ("no sign", "ivan.mail.example", ""),
            ("two signs", "ivan@@mail.example", ""),
            ("a link with a space", "Mailto: Ivan@Mail.Example", "ivan@mail.example"),
            ("a label", "e-mail: ivan@mail.example", "ivan@mail.example"),
            ("quotes", "'ivan@mail.example'", "ivan@mail.example"),
            ("a domain with umlauts", "ivan@münchen.example", "ivan@xn--mnchen-3ya.example"),
            ("the same domain in ASCII", "ivan@xn--mnchen-3ya.example", "ivan@xn--mnchen-3ya.example"),
            ("a comma for the dot", "ivan@mail,example", ""),
            ("spaces inside the domain", "ivan@ mail .example", ""),
            ("a zone of digits", "ivan@mail.123", ""),
            ("no zone", "ivan@mail", ""),
            ("nickname", "пишите @ivan_petrov", ""),
            ("address of a machine", "x@192.168.1.1", ""),
            ("underscore in the domain", "a@ex_ample.ru", ""),
            ("double dot", "a..b@mail.example", ""),
            ("Cyrillic local part", "иван@mail.example", ""),
            ("empty", "", ""),
        ];
        for (description, text, expected) in cases {
            let keys: Vec<String> = read_emails(text).into_iter().map(String::from).collect();
            assert_eq!(keys.join(" "), expected, "{description}");
        }
    }

    #[test]
    fn the_portal_takes_a_bare_address_only() {
        for right in ["ivan@mail.example", "Ivan.Petrov+1@Mail.Example", " ivan@mail.example "] {
            assert!(is_acceptable_email(right), "{right}");
        }
        for wrong in [
            "<ivan@mail.example>",
            "mailto:ivan@mail.example",
            "ivan@mail",
            "a@b.example, c@d.example",
            "",
            "a@почта.рф",
        ] {
            assert!(!is_acceptable_email(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_stored_key_is_checked_when_it_is_read_back() {
        assert!(serde_json::from_str::<EmailKey>("\"ivan@mail.example\"").is_ok());
        assert!(serde_json::from_str::<EmailKey>("\"Ivan@mail.example\"").is_err());
    }

    proptest! {
        #[test]
        fn a_key_read_again_is_itself(text in "[ a-zA-Zа-яА-Я0-9@.<>,;:_'+-]{0,60}") {
            for key in read_emails(&text) {
                prop_assert!(is_acceptable_email(key.as_str()));
                prop_assert_eq!(read_emails(key.as_str()), vec![key]);
            }
        }

        #[test]
        fn odd_text_never_panics(text in any::<String>(), tail in any::<String>()) {
            let _ = read_emails(&format!("{text}@{tail}.ru"));
        }
    }
}
