//! Cuts the text of a filter into tokens.

use uuid::Uuid;

use crate::onec::error::Refusal;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Text(String),
    Number(f64),
    Guid(Uuid),
    Date(String),
    Open,
    Close,
    Comma,
    Slash,
    Colon,
    Minus,
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, left) = match first {
            '(' => (Token::Open, &rest[1..]),
            ')' => (Token::Close, &rest[1..]),
            ',' => (Token::Comma, &rest[1..]),
            '/' => (Token::Slash, &rest[1..]),
            ':' => (Token::Colon, &rest[1..]),
            '\'' => {
                let (value, left) = quoted(rest)?;
                (Token::Text(value), left)
            }
            '-' if !rest[1..].starts_with(|next: char| next.is_ascii_digit()) => (Token::Minus, &rest[1..]),
            '-' | '0'..='9' => number(rest)?,
            one if is_name(one) => word(rest)?,
            _ => return Err(Refusal::option("$filter")),
        };
        found.push(token);
        rest = left.trim_start();
    }
    Ok(found)
}

/// A literal in quotes; a doubled quote stands for one.
fn quoted(text: &str) -> Result<(String, &str), Refusal> {
    let mut value = String::new();
    let mut rest = text.strip_prefix('\'').ok_or_else(|| Refusal::unparsed(text))?;
    loop {
        let end = rest.find('\'').ok_or_else(|| Refusal::unparsed(text))?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                value.push('\'');
                rest = after;
            }
            None => return Ok((value, rest)),
        }
    }
}

fn number(text: &str) -> Result<(Token, &str), Refusal> {
    let is_part = |one: char| one.is_ascii_digit() || matches!(one, '-' | '.');
    let end = text.find(|one| !is_part(one)).unwrap_or(text.len());
    let value = text[..end].parse().map_err(|_| Refusal::unparsed(&text[..end]))?;
    // Suffixes tell the width of a number; the value is the same.
    let rest = text[end..].trim_start_matches(['L', 'l', 'M', 'm', 'd', 'D', 'f', 'F']);
    if rest.starts_with(is_name) {
        return Err(Refusal::unparsed(text));
    }
    Ok((Token::Number(value), rest))
}

fn word(text: &str) -> Result<(Token, &str), Refusal> {
    let end = text.find(|one| !is_name(one)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !rest.starts_with('\'') {
        return Ok((Token::Name(name.to_owned()), rest));
    }
    let (value, left) = quoted(rest)?;
    let token = match name {
        "guid" => Token::Guid(Uuid::try_parse(&value).map_err(|_| Refusal::unparsed(&value))?),
        "datetime" if is_date(&value) => Token::Date(value),
        _ => return Err(Refusal::unparsed(text)),
    };
    Ok((token, left))
}

fn is_name(one: char) -> bool {
    one.is_alphanumeric() || one == '_'
}

/// `2026-03-01T09:30:00`: a year of four digits, no zone.
pub(crate) fn is_date(text: &str) -> bool {
    text.len() == 19 && text.parse::<jiff::civil::DateTime>().is_ok() && text.as_bytes()[10] == b'T'
}
