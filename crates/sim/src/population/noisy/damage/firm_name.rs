//! Names of firms as cards have them.

use super::{capitalize, change_case, look_alike, loosen, mistype};
use crate::population::cast::Naming;
use crate::population::firms::{self, Form, Style};
use crate::population::names::{FullName, latin};
use crate::population::noisy::entities::Firm;
use crate::population::noisy::level::{Damage, Fate, Noise};

/// What stands behind a firm's name.
pub(in crate::population::noisy) const NOTES: [&str; 4] =
    ["(не работать)", "НЕ РАБОТАТЬ!!!", "(должник)", "(дубль)"];

/// The short name on one card.
pub(in crate::population::noisy) fn write(fate: &mut Fate<'_>, firm: &Firm) -> String {
    match &firm.naming {
        Naming::Organization { form, word } => organization(fate, firm, *form, word),
        Naming::Entrepreneur(name) => entrepreneur(fate, name),
    }
}

/// The name as the register has it.
pub(in crate::population::noisy) fn in_full(firm: &Firm) -> String {
    match &firm.naming {
        Naming::Organization { form, word } => firms::spell_in_full(*form, word),
        Naming::Entrepreneur(name) => format!("Индивидуальный предприниматель {}", name.whole()),
    }
}

fn organization(fate: &mut Fate<'_>, firm: &Firm, form: Form, word: &str) -> String {
    let mut word = word.to_owned();
    if word.starts_with("Торговый дом ") && fate.strikes(Damage::FirmAbbreviated) {
        word = word.replacen("Торговый дом", "ТД", 1);
    } else if word.split(' ').count() == 2
        && !word.contains(char::is_numeric)
        && fate.strikes(Damage::FirmOrder)
    {
        word = word.split(' ').rev().collect::<Vec<_>>().join(" ");
    }
    let longest =
        word.split([' ', '-']).max_by_key(|part| part.chars().count()).unwrap_or_default().to_owned();
    if longest.chars().count() >= 6
        && fate.strikes(Damage::FirmTypo)
        && let Some(typed) = mistype(&longest, &mut fate.draw)
    {
        word = word.replacen(&longest, &typed, 1);
    } else if fate.strikes(Damage::FirmLatin) {
        word = word.split(' ').map(|part| capitalize(&latin(part))).collect::<Vec<_>>().join(" ");
    }
    let mut text = if fate.strikes(Damage::FirmWithoutForm) {
        firms::spell(form, &word, Style::Bare)
    } else {
        match fate.draw.below(10) {
            0..4 => firms::spell(form, &word, Style::Quoted),
            4..6 => firms::spell(form, &word, Style::Guillemets),
            6..8 => firms::spell(form, &word, Style::FormLast),
            8 => format!("{word}, {}", form.short),
            _ => firms::spell_in_full(form, &word),
        }
    };
    if fate.strikes(Damage::FirmTown) {
        text = match fate.draw.below(2) {
            0 => format!("{text} ({})", firm.city.name),
            _ => format!("{text} (филиал)"),
        };
    } else if fate.strikes(Damage::FirmNote) {
        text = format!("{text} {}", fate.draw.pick(&NOTES));
    }
    dirt(fate, text)
}

fn entrepreneur(fate: &mut Fate<'_>, name: &FullName) -> String {
    let initial = |text: &str| text.chars().next().expect("names are not empty");
    let whole = if fate.strikes(Damage::EntrepreneurInitials) {
        format!("{} {}. {}.", name.last, initial(name.first), initial(&name.patronymic))
    } else {
        name.whole()
    };
    let text = match fate.draw.below(10) {
        0..5 => format!("ИП {whole}"),
        5..9 => format!("{whole} ИП"),
        _ => format!("Индивидуальный предприниматель {whole}"),
    };
    dirt(fate, text)
}

/// What does not touch the words themselves.
fn dirt(fate: &mut Fate<'_>, mut text: String) -> String {
    if text.contains(['ё', 'Ё']) && fate.strikes(Damage::NameWithoutYo) {
        text = text.replace('ё', "е").replace('Ё', "Е");
    }
    if fate.strikes(Damage::FirmLookAlike) {
        text = look_alike(&text, &mut fate.draw);
    } else if fate.strikes(Damage::FirmCase) {
        text = change_case(&text, &mut fate.draw);
    }
    if fate.strikes(Damage::FirmSpaces) {
        text = if fate.noise() == Noise::Hostile && fate.draw.chance(300) {
            text.replacen(' ', "\t", 1)
        } else {
            loosen(&text, &mut fate.draw)
        };
    }
    text
}
