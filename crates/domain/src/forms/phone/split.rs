//! Cuts a field into runs of digits that may be phone numbers.
//!
//! Knows separators, labels and marks of extensions, not numbering plans. Invariant: every digit of the text is in at most
//! one group, in order.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::forms::words::is_invisible;

/// Groups of digits with nothing but light punctuation between them: one number, or several set apart by spaces.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) has_plus: bool,
    pub(super) groups: Vec<Group<'a>>,
    pub(super) extension: Option<&'a str>,
}

/// Adjoining digits and what stands between them and the group before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group<'a> {
    pub(super) digits: &'a str,
    separator: Separator,
}

impl Group<'_> {
    /// Whether another number may begin here: people part numbers by spaces and brackets, and digits of one number by
    /// those and by hyphens and dots.
    pub(super) fn may_begin(&self) -> bool {
        self.separator == Separator::Wide || self.digits.len() >= 10
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    /// A hyphen or a dot, nothing wider.
    Narrow,
    /// A space, a bracket, or the beginning.
    Wide,
}

/// ASCII digits and punctuation for their look-alikes of other scripts; letters O, З and I between digits as the digits meant.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    let text = without_cell_zero(text);
    if text.is_ascii() && !text.bytes().any(|byte| matches!(byte, b'O' | b'o' | b'I' | b'l')) {
        return Cow::Borrowed(text);
    }
    let characters: Vec<char> =
        text.chars().filter(|character| !is_invisible(*character)).nfkc().map(plain).collect();
    let mut cleaned = String::with_capacity(text.len());
    for (position, character) in characters.iter().enumerate() {
        cleaned.push(meant_digit(&characters, position).unwrap_or(*character));
    }
    Cow::Owned(cleaned)
}

/// A spreadsheet makes `79261234567.0` of a number.
fn without_cell_zero(text: &str) -> &str {
    match text.trim().strip_suffix(".0") {
        Some(digits) if digits.len() >= 10 && digits.bytes().all(|byte| byte.is_ascii_digit()) => digits,
        _ => text,
    }
}

/// The pieces of a cleaned text, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut scanner = Scanner {
        pieces: Vec::new(),
        current: Piece::default(),
        state: State::Number,
        separator: Separator::Wide,
    };
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            run_length(rest, |character| character.is_ascii_digit())
        } else if first.is_alphabetic() {
            run_length(rest, char::is_alphabetic)
        } else if first == ',' {
            run_length(rest, |character| character == ',')
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        scanner.take(token, first);
        rest = after;
    }
    scanner.finish_piece();
    scanner.pieces
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Number,
    /// After «доб.»: the next digits are an extension of the last piece.
    Extension,
    /// After «ИНН»: the next digits are no phone.
    Foreign,
}

struct Scanner<'a> {
    pieces: Vec<Piece<'a>>,
    current: Piece<'a>,
    state: State,
    separator: Separator,
}

impl<'a> Scanner<'a> {
    fn take(&mut self, token: &'a str, first: char) {
        match first {
            '0'..='9' => self.take_digits(token),
            '+' => {
                self.finish_piece();
                self.state = State::Number;
                self.current.has_plus = true;
            }
            '#' | '*' => self.expect_extension(),
            // A pause while dialling.
            ',' if token.len() > 1 => self.expect_extension(),
            ' ' | '(' | ')' | '[' | ']' | '\u{a0}' => self.separator = Separator::Wide,
            '.' | ':' | '№' if self.state != State::Number => {}
            ',' | ';' | '/' | '\\' | '|' | ':' | '&' | '\n' | '\r' | '\t' => {
                self.finish_piece();
                self.state = State::Number;
            }
            letter if letter.is_alphabetic() => self.take_word(token),
            _ => {}
        }
    }

    fn take_digits(&mut self, digits: &'a str) {
        match self.state {
            State::Extension if digits.len() <= 6 => {
                if let Some(last) = self.pieces.last_mut()
                    && last.extension.is_none()
                {
                    last.extension = Some(digits);
                }
                self.state = State::Number;
            }
            State::Foreign => self.state = State::Number,
            State::Number | State::Extension => {
                self.state = State::Number;
                let separator = std::mem::replace(&mut self.separator, Separator::Narrow);
                self.current.groups.push(Group { digits, separator });
            }
        }
    }

    fn take_word(&mut self, word: &str) {
        let word = word.to_lowercase();
        let extension = matches!(
            word.as_str(),
            "вн" | "вн." | "x" | "х" | "ext" | "extn" | "extension" | "тон" | "w" | "p"
        ) || word.starts_with("доб")
            || word.starts_with("внут");
        if extension {
            self.expect_extension();
            return;
        }
        self.finish_piece();
        let foreign = ["инн", "кпп", "огрн", "окпо", "бик", "бин", "иин", "унп", "снилс", "паспорт", "inn"];
        self.state =
            if foreign.iter().any(|label| word.starts_with(label)) { State::Foreign } else { State::Number };
    }

    fn expect_extension(&mut self) {
        self.finish_piece();
        self.state = State::Extension;
    }

    fn finish_piece(&mut self) {
        self.separator = Separator::Wide;
        let piece = std::mem::take(&mut self.current);
        if !piece.groups.is_empty() {
            self.pieces.push(piece);
        }
    }
}

fn run_length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character)).unwrap_or(text.len())
}

fn plain(character: char) -> char {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' => '-',
        '\u{2044}' => '/',
        '\t' | '\n' | '\r' => character,
        _ if character.is_whitespace() => ' ',
        _ => decimal_digit(character).unwrap_or(character),
    }
}

/// Digits of scripts that phones of our countries are now and then copied from.
fn decimal_digit(character: char) -> Option<char> {
    const ZEROS: [u32; 5] = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50];
    let code = u32::from(character);
    let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

/// The digit a letter was typed for: `О` and `З` beside a digit and beside no other letter; `I` between two digits.
fn meant_digit(characters: &[char], position: usize) -> Option<char> {
    let is_zero = |character: char| matches!(character, 'O' | 'o' | 'О' | 'о');
    let before = position.checked_sub(1).map(|index| characters[index]);
    let after = characters.get(position + 1).copied();
    let digit = |character: Option<char>| character.is_some_and(|character| character.is_ascii_digit());
    let letter = |character: Option<char>| {
        character.is_some_and(|character| character.is_alphabetic() && !is_zero(character))
    };
    let stands_among_digits = (digit(before) || digit(after)) && !letter(before) && !letter(after);
    match characters[position] {
        zero if is_zero(zero) => stands_among_digits.then_some('0'),
        'З' | 'з' => stands_among_digits.then_some('3'),
        'I' | 'l' | 'І' if digit(before) && digit(after) => Some('1'),
        _ => None,
    }
}
