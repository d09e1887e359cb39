//! Names that must not repeat: mailboxes, domains, firms' words.
//!
//! All domains end in `.example` or `.test`, which nobody can own. A taken name gets the claimer's ordinal.

use std::collections::HashSet;

use crate::population::draw::Draw;
use crate::population::names::{FullName, latin};

/// Domains where people have private mailboxes.
const PRIVATE: [&str; 6] =
    ["pochta.example", "yaschik.example", "pismo.example", "konvert.test", "dom.test", "svyaz.example"];

/// What is taken. Asked for membership only, so its order never shows.
#[derive(Debug, Default)]
pub(in crate::population) struct Mailboxes(HashSet<String>);

impl Mailboxes {
    pub(in crate::population) fn claim(&mut self, local: &str, domain: &str, ordinal: u64) -> String {
        let plain = format!("{local}@{domain}");
        if self.0.insert(plain.clone()) {
            return plain;
        }
        let mut numbered = format!("{local}{ordinal}@{domain}");
        while !self.0.insert(numbered.clone()) {
            numbered.insert(0, 'x');
        }
        numbered
    }

    /// A mailbox of a person's own.
    pub(in crate::population) fn claim_private(
        &mut self,
        name: &FullName,
        draw: &mut Draw,
        ordinal: u64,
    ) -> String {
        let local = local_part(name, draw);
        let domain = draw.pick(&PRIVATE);
        self.claim(&local, domain, ordinal)
    }

    pub(in crate::population) fn claim_word(&mut self, word: String, ordinal: u64) -> String {
        if self.0.insert(word.to_lowercase().replace(['-', ' '], "").replace('ё', "е")) {
            return word;
        }
        format!("{word} {}", ordinal + 1)
    }

    pub(in crate::population) fn claim_domain(
        &mut self,
        word: &str,
        draw: &mut Draw,
        ordinal: u64,
    ) -> String {
        let label = latin(word);
        let top = if draw.chance(700) { "example" } else { "test" };
        let plain = format!("{label}.{top}");
        if self.0.insert(plain.clone()) { plain } else { format!("{label}-{ordinal}.{top}") }
    }
}

/// The part of a mailbox before `@`, made of the name.
pub(in crate::population) fn local_part(name: &FullName, draw: &mut Draw) -> String {
    let (first, last) = (latin(name.first), latin(&name.last));
    let initial = &first[..1];
    match draw.below(4) {
        0 => format!("{first}.{last}"),
        1 => format!("{initial}.{last}"),
        2 => format!("{last}.{initial}"),
        _ => format!("{last}{:02}", 60 + draw.below(40)),
    }
}
