//! What damage each value suffers on its way into a card.
//!
//! A function here writes a text; it does not say what can still be read in it. That is for `reading` to find out.

pub(super) mod email;
pub(super) mod firm_name;
pub(super) mod person_name;
pub(super) mod phone;
pub(super) mod tax;

use crate::population::draw::Draw;

/// Replaces Cyrillic letters by Latin ones of the same look, each second one at random.
fn look_alike(text: &str, draw: &mut Draw) -> String {
    const CYRILLIC: &str = "АВСЕНКМОРТХаеорсух";
    const LATIN: &str = "ABCEHKMOPTXaeopcyx";
    let pair = |letter| CYRILLIC.chars().zip(LATIN.chars()).find(|(cyrillic, _)| *cyrillic == letter);
    text.chars()
        .map(|letter| match pair(letter) {
            Some((_, latin)) if draw.chance(600) => latin,
            _ => letter,
        })
        .collect()
}

/// Swaps two neighbouring letters inside a word, or drops one; `None` when the word is too short or would not change.
fn mistype(word: &str, draw: &mut Draw) -> Option<String> {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 6 {
        return None;
    }
    let at = 1 + draw.index(letters.len() - 4);
    if draw.chance(500) && letters[at] != letters[at + 1] {
        letters.swap(at, at + 1);
    } else {
        letters.remove(at);
    }
    Some(letters.into_iter().collect::<String>()).filter(|typed| typed != word)
}

/// Doubles the spaces between words, or puts spaces around.
fn loosen(text: &str, draw: &mut Draw) -> String {
    match draw.below(3) {
        0 => text.replace(' ', "  "),
        1 => format!(" {text}"),
        _ => format!("{text} "),
    }
}

fn change_case(text: &str, draw: &mut Draw) -> String {
    if draw.chance(500) { text.to_uppercase() } else { text.to_lowercase() }
}

/// Puts a text in with each of its words begun by a capital letter.
fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
