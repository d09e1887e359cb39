//! Phones in a text, as digits with their country code.

use std::collections::BTreeSet;

/// All numbers that stand plainly in the text. A number without its area code is none.
pub(in crate::population::noisy) fn read(text: &str) -> BTreeSet<String> {
    let text: String = text.chars().map(narrow).collect();
    let text = with_digits_for_letters(&text);
    let mut runs = vec![String::new()];
    let mut bracket = String::new();
    let mut skips_extension = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if skips_extension && (letter.is_ascii_digit() || letter == '.' || letter.is_whitespace()) {
            continue;
        }
        skips_extension = false;
        bracket.clear();
        match letter {
            '+' => runs.push("+".to_owned()),
            '0'..='9' => runs.last_mut().expect("one run at least").push(letter),
            ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '\u{2010}'..='\u{2015}' => {}
            '#' => {
                skips_extension = true;
                runs.push(String::new());
            }
            _ => {
                let mut word = letter.to_lowercase().collect::<String>();
                while let Some(next) = letters.next_if(|next| next.is_alphabetic()) {
                    word.extend(next.to_lowercase());
                }
                skips_extension = matches!(word.as_str(), "доб" | "вн" | "ext" | "внутр");
                runs.push(String::new());
            }
        }
    }
    runs.iter().filter_map(|run| number(run)).collect()
}

fn number(run: &str) -> Option<String> {
    let digits = run.trim_start_matches('+');
    let international = run.starts_with('+');
    match (international, digits.len()) {
        (false, 11) if ["8025", "8029", "8033", "8044"].iter().any(|code| digits.starts_with(code)) => {
            Some(format!("375{}", &digits[2..]))
        }
        (false, 11) if digits.starts_with('8') => Some(format!("7{}", &digits[1..])),
        (_, 11) if digits.starts_with('7') => Some(digits.to_owned()),
        (_, 12) if digits.starts_with("375") || digits.starts_with("998") => Some(digits.to_owned()),
        (false, 10) if digits.starts_with(['3', '4', '8', '9']) => Some(format!("7{digits}")),
        _ => None,
    }
}

fn narrow(letter: char) -> char {
    match letter {
        '０'..='９' => char::from_u32(u32::from(letter) - 0xFF10 + u32::from('0')).unwrap_or(letter),
        _ => letter,
    }
}

/// О and З that stand between digits, brackets and dashes of a number are a zero and a three.
fn with_digits_for_letters(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let beside = |at: usize| {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let after = letters.get(at + 1).copied();
        let is_word = [before, after].into_iter().flatten().any(char::is_alphabetic);
        !is_word && [before, after].into_iter().flatten().any(|letter| letter.is_ascii_digit())
    };
    let read = |(at, &letter): (usize, &char)| match letter {
        'О' | 'о' | 'O' | 'o' if beside(at) => '0',
        'З' | 'з' if beside(at) => '3',
        _ => letter,
    };
    letters.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_all_spellings() {
        let cases: [(&str, &[&str]); 18] = [
            ("+7 (912) 345-67-89", &["79123456789"]),
            ("8.912.345.67.89", &["79123456789"]),
            ("9123456789", &["79123456789"]),
            ("8\u{a0}912\u{a0}345\u{2011}67\u{2011}89", &["79123456789"]),
            ("тел. 8-912-3456789", &["79123456789"]),
            ("+7 (912) 345-67-89 доб. 12", &["79123456789"]),
            ("8 (912) 345-67-89 #123", &["79123456789"]),
            ("8 (912) 345-67-89, доб. 456", &["79123456789"]),
            ("8 (912) 345-67-89 спросить Анну", &["79123456789"]),
            ("89123456789, 84952223344", &["74952223344", "79123456789"]),
            ("8 (912) 345-67-89 #12 / +7 495 222-33-44", &["74952223344", "79123456789"]),
            ("８９１２３４５６７８９", &["79123456789"]),
            ("8 912 З45-67-89", &["79123456789"]),
            ("+375 (29) 123-45-67", &["375291234567"]),
            ("8 029 123-45-67", &["375291234567"]),
            ("998901234567", &["998901234567"]),
            ("345-67-89", &[]),
            ("+7 (912) 345-67-8", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).into_iter().collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
