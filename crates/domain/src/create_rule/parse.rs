//! Reads a rule: `all`, `none`, or conditions joined by `and`.
//!
//! ```text
//! condition = [ "company." | "contact." ] ( "with-inn" | name test )
//! test      = "=" text | "!=" text | [ "not" ] "in" "[" text { "," text } "]"
//! ```
//! A name is letters, digits and underscores; a text stands in `"` or `'`. There is no `or` and no bracket: a value that
//! may be one of several is a list.

use std::collections::BTreeSet;
use std::str::FromStr;

use thiserror::Error;

use super::{Condition, CreateRule, Test};
use crate::record::Kind;

pub(super) const WITH_INN: &str = "with-inn";

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("read a rule: {expected} expected before «{rest}»")]
pub struct NotARule {
    /// What may stand there, in the language's own words.
    pub expected: &'static str,
    /// The text from the place on where something else stands; empty at the end.
    pub rest: String,
    /// How many bytes stand before that place.
    pub offset: usize,
}

impl FromStr for CreateRule {
    type Err = NotARule;

    fn from_str(text: &str) -> Result<Self, NotARule> {
        match text.trim() {
            "all" => return Ok(Self::All),
            "none" => return Ok(Self::None),
            _ => {}
        }
        let mut reader = Reader { text, at: 0 };
        let mut conditions = vec![reader.condition()?];
        while !reader.is_at_end() {
            if !reader.word("and") {
                return Err(reader.expected("and"));
            }
            conditions.push(reader.condition()?);
        }
        Ok(Self::Where(conditions))
    }
}

/// A text as it stands in a rule.
pub(super) fn quoted(text: &str) -> String {
    let quote = if text.contains('"') { '\'' } else { '"' };
    format!("{quote}{text}{quote}")
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn condition(&mut self) -> Result<Condition, NotARule> {
        let kind = Kind::ALL.into_iter().find(|kind| self.takes(&format!("{}.", kind.word())));
        if self.takes_word(WITH_INN) {
            return Ok(Condition { kind, test: Test::ValidInn });
        }
        let name = self.name()?.to_owned();
        let test = if self.takes("=") {
            Test::AnyOf { name, values: BTreeSet::from([self.quoted()?]) }
        } else if self.takes("!=") {
            Test::NoneOf { name, values: BTreeSet::from([self.quoted()?]) }
        } else if self.word("not") {
            if !self.word("in") {
                return Err(self.expected("in"));
            }
            Test::NoneOf { name, values: self.list()? }
        } else if self.word("in") {
            Test::AnyOf { name, values: self.list()? }
        } else {
            return Err(self.expected("=, !=, in, not in"));
        };
        Ok(Condition { kind, test })
    }

    fn list(&mut self) -> Result<BTreeSet<String>, NotARule> {
        if !self.takes("[") {
            return Err(self.expected("["));
        }
        let mut values = BTreeSet::from([self.quoted()?]);
        while self.takes(",") {
            values.insert(self.quoted()?);
        }
        if self.takes("]") { Ok(values) } else { Err(self.expected(", ]")) }
    }

    fn name(&mut self) -> Result<&'a str, NotARule> {
        let rest = self.rest();
        let length = word_length(rest);
        let is_name =
            rest.starts_with(|c: char| c.is_alphabetic()) && !matches!(&rest[..length], "and" | "in");
        if !is_name {
            return Err(self.expected("with-inn, TYPE_ID, UF_CRM_…, folder, …"));
        }
        self.at += length;
        Ok(&rest[..length])
    }

    fn quoted(&mut self) -> Result<String, NotARule> {
        let rest = self.rest();
        let closing = |quote: char| rest.strip_prefix(quote).and_then(|inner| inner.split_once(quote));
        let Some((value, _)) = closing('"').or_else(|| closing('\'')) else {
            return Err(self.expected("\"…\""));
        };
        self.at += value.len() + 2;
        Ok(value.to_owned())
    }

    /// A word of the language in front, with or without regard to what is a name otherwise.
    fn word(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let found = rest.get(..word_length(rest)).is_some_and(|found| found.eq_ignore_ascii_case(word));
        if found {
            self.at += word.len();
        }
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let ends = |rest: &str| !rest.starts_with(|c: char| is_of_word(c) || c == '-');
        let found = self.rest().strip_prefix(word).is_some_and(ends);
        if found {
            self.at += word.len();
        }
        found
    }

    fn takes(&mut self, sign: &str) -> bool {
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// What is left, without blanks in front.
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    fn is_at_end(&mut self) -> bool {
        self.rest().is_empty()
    }

    fn expected(&mut self, expected: &'static str) -> NotARule {
        NotARule { expected, rest: self.rest().to_owned(), offset: self.at }
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !is_of_word(c)).unwrap_or(text.len())
}
