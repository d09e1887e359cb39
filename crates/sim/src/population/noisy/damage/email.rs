//! Mailboxes as people type them.

use super::capitalize;
use crate::population::noisy::level::{Damage, Fate};

/// The rows of a card for these mailboxes.
pub(in crate::population::noisy) fn write(fate: &mut Fate<'_>, mailboxes: &[String]) -> Vec<String> {
    let mut rows: Vec<String> = mailboxes.iter().map(|mailbox| write_one(fate, mailbox)).collect();
    if rows.len() > 1 && fate.strikes(Damage::EmailsInOneRow) {
        let second = rows.remove(1);
        let between = fate.draw.pick(&["; ", ", ", ";"]);
        rows[0] = format!("{}{between}{second}", rows[0]);
    }
    rows
}

fn write_one(fate: &mut Fate<'_>, mailbox: &str) -> String {
    let (local, domain) = mailbox.split_once('@').expect("mailboxes are made with one @");
    if fate.strikes(Damage::EmailBroken) {
        return match fate.draw.below(2) {
            0 => format!("{local}.{domain}"),
            _ => format!("{local}@{}", domain.split('.').next().unwrap_or_default()),
        };
    }
    if fate.strikes(Damage::EmailTypo) {
        return format!("{mailbox}{}", &mailbox[mailbox.len() - 1..]);
    }
    let mut text = mailbox.to_owned();
    if fate.strikes(Damage::EmailCapitals) {
        text = if fate.draw.chance(500) { text.to_uppercase() } else { capitalize(&text) };
    }
    if fate.strikes(Damage::EmailMailto) {
        return if fate.draw.chance(500) { format!("mailto:{text}") } else { format!("<{text}>") };
    }
    if fate.strikes(Damage::EmailNote) {
        return format!("{text} {}", fate.draw.pick(&["(личная)", "(рабочая)", "(бухгалтерия)"]));
    }
    if fate.strikes(Damage::EmailSpaces) {
        return if fate.draw.chance(500) { format!(" {text}") } else { format!("{text} ") };
    }
    text
}
