//! Splits a name kept in one field into surname, given name and patronymic.
//!
//! Goes by the endings of words, not by a dictionary of names. Invariant: no word is lost; what is in doubt is not split.

use super::{PersonName, folded_words};

/// The parts of a cleaned text, or `None` where it should stay whole.
pub(super) fn split(text: &str) -> Option<PersonName> {
    let (name, note) = apart_from_note(text);
    let words = words_with_pictures(&spaced_initials(&name))?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut split = match words.as_slice() {
        [one, two] => split_two(one, two),
        [one, two, three] => split_three(one, two, three)?,
        [one, two, three, four] => split_four(one, two, three, four)?,
        _ => return None,
    };
    if !note.is_empty() {
        let part = if split.middle.is_empty() { &mut split.first } else { &mut split.middle };
        part.push(' ');
        part.push_str(note);
    }
    Some(split)
}

/// Whether the word ends as patronymics do and as surnames seldom do.
pub(super) fn is_patronymic(word: &str) -> bool {
    const ENDINGS: [&str; 8] = ["ович", "евич", "ьич", "славич", "овна", "евна", "ична", "славна"];
    const SHORT: [&str; 7] = ["ильич", "фомич", "фокич", "лукич", "никитич", "саввич", "ильна"];
    let word = folded(word);
    (word.chars().count() >= 6 && ENDINGS.iter().any(|ending| word.ends_with(ending)))
        || SHORT.contains(&word.as_str())
}

/// Whether the word can be a patronymic beside a surname and a given name: all in «-ич» may.
fn is_patronymic_of_three(word: &str) -> bool {
    is_patronymic(word) || (folded(word).ends_with("ич") && word.chars().count() >= 5)
}

fn split_two(one: &str, two: &str) -> PersonName {
    if is_patronymic(two) && !looks_like_surname(one) {
        return name("", one, two);
    }
    let one_is_given = is_initial(one) || !looks_like_surname(one);
    if one_is_given && !is_initial(two) && looks_like_surname(two) {
        name(two, one, "")
    } else {
        name(one, two, "")
    }
}

fn split_three(one: &str, two: &str, three: &str) -> Option<PersonName> {
    if is_initial(one) && is_initial(two) && !is_initial(three) {
        return Some(name(three, one, two));
    }
    if is_initial(two) && is_initial(three) && !is_initial(one) {
        return Some(name(one, two, three));
    }
    if is_turkic_suffix(three) {
        return Some(name("", one, &format!("{two} {three}")));
    }
    // No given name looks like a patronymic, but surnames do: «Сергей Петрович Абрамович».
    if is_patronymic_of_three(two) {
        return Some(name(three, one, two));
    }
    if !is_patronymic_of_three(three) {
        return None;
    }
    let swapped = !looks_like_surname(one) && !is_patronymic_of_three(one) && looks_like_surname(two);
    Some(if swapped { name(two, one, three) } else { name(one, two, three) })
}

fn split_four(one: &str, two: &str, three: &str, four: &str) -> Option<PersonName> {
    if is_turkic_suffix(three) {
        return Some(name(four, one, &format!("{two} {three}")));
    }
    if is_turkic_suffix(four) {
        let swapped = !looks_like_surname(one) && looks_like_surname(two);
        let (last, first) = if swapped { (two, one) } else { (one, two) };
        return Some(name(last, first, &format!("{three} {four}")));
    }
    let surname_first = one == two || !is_patronymic_of_three(two);
    if surname_first {
        return is_patronymic_of_three(four).then(|| name(&format!("{one} {two}"), three, four));
    }
    Some(name(&format!("{three} {four}"), one, two))
}

/// Whether the word ends as surnames do. Given names with such endings are listed.
pub(super) fn looks_like_surname(word: &str) -> bool {
    const ENDINGS: [&str; 33] = [
        "ов",
        "ова",
        "ев",
        "ева",
        "ин",
        "ина",
        "ын",
        "ына",
        "ский",
        "ская",
        "цкий",
        "цкая",
        "ской",
        "енко",
        "ко",
        "ук",
        "юк",
        "чук",
        "ян",
        "янц",
        "швили",
        "дзе",
        "ых",
        "их",
        "ой",
        "ич",
        "ov",
        "ova",
        "ev",
        "eva",
        "sky",
        "skiy",
        "enko",
    ];
    const GIVEN: &str = " марина ирина екатерина катерина кристина христина полина апполинария алина карина ангелина арина \
        валентина галина регина сабина эвелина антонина василина альбина фаина мадина аделина эльвина акулина устина \
        марьина паулина эмина амина илина мартина константин валентин августин мартин севастьян яков иаков демьян \
        касьян лукьян эмильян емельян севериан амаян марьян марко данко франко бенедикт ева лев лина дина зина нина \
        лев инна юстина жозефина каролина рузанна селин эрвин марвин эдвин фрол гелин харитин тин хосров \
        ростислав екатерин marina irina ekaterina polina alina karina arina galina regina konstantin valentin angelina ";
    let word = folded(word);
    word.chars().count() >= 4
        && ENDINGS.iter().any(|ending| word.ends_with(ending))
        && !GIVEN.contains(&format!(" {word} "))
}

fn is_turkic_suffix(word: &str) -> bool {
    let word = word.to_lowercase();
    matches!(
        word.as_str(),
        "оглы"
            | "оглу"
            | "кызы"
            | "гызы"
            | "углы"
            | "угли"
            | "улы"
            | "уулу"
            | "қызы"
            | "ұлы"
            | "кизи"
    )
}

fn is_initial(word: &str) -> bool {
    let letters = word.trim_end_matches('.');
    letters.chars().count() == 1 && letters.chars().all(char::is_alphabetic)
}

/// «Моисеев А.Е.» as «Моисеев А. Е.»; other dots are left alone.
fn spaced_initials(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut spaced = String::with_capacity(text.len() + 4);
    for (position, character) in characters.iter().enumerate() {
        spaced.push(*character);
        let after_single_letter = position >= 1
            && characters[position - 1].is_alphabetic()
            && (position < 2 || !characters[position - 2].is_alphabetic());
        let before_letter = characters.get(position + 1).is_some_and(|next| next.is_alphabetic());
        if *character == '.' && after_single_letter && before_letter {
            spaced.push(' ');
        }
    }
    spaced
}

/// The name and a bracketed note, such as «(бухг.)», wherever it stands.
fn apart_from_note(text: &str) -> (String, &str) {
    let note = text.find('(').and_then(|open| Some(open..open + text[open..].rfind(')')? + 1));
    match note {
        Some(note) if note.start > 0 => {
            (format!("{} {}", text[..note.start].trim_end(), text[note.end..].trim_start()), &text[note])
        }
        _ => (text.to_owned(), ""),
    }
}

/// The words of a name, each with the pictures behind it; `None` when something else than a name is among them.
fn words_with_pictures(text: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    for token in text.split(' ').filter(|token| !token.is_empty()) {
        if token.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '.' | '\'' | '’')) {
            words.push(token.to_owned());
        } else if token.chars().any(char::is_alphanumeric) {
            return None;
        } else {
            let last = words.last_mut()?;
            last.push(' ');
            last.push_str(token);
        }
    }
    Some(words)
}

fn folded(word: &str) -> String {
    folded_words(word).join("-")
}

fn name(last: &str, first: &str, middle: &str) -> PersonName {
    PersonName { last: last.to_owned(), first: first.to_owned(), middle: middle.to_owned() }
}
