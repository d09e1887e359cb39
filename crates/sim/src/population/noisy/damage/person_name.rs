//! Names of people as cards have them.

use super::{look_alike, loosen, mistype};
use crate::population::names::latin;
use crate::population::noisy::entities::Person;
use crate::population::noisy::level::{Damage, Fate};

/// A first name and what friends say.
#[rustfmt::skip]
pub(in crate::population::noisy) const DIMINUTIVES: [(&str, &str); 36] = [
    ("Александр", "Саша"), ("Александра", "Саша"), ("Алексей", "Лёша"), ("Анастасия", "Настя"), ("Андрей", "Андрюша"),
    ("Анна", "Аня"), ("Валентина", "Валя"), ("Валерия", "Лера"), ("Василий", "Вася"), ("Виктория", "Вика"),
    ("Владимир", "Вова"), ("Дарья", "Даша"), ("Дмитрий", "Дима"), ("Евгений", "Женя"), ("Евгения", "Женя"),
    ("Екатерина", "Катя"), ("Елена", "Лена"), ("Елизавета", "Лиза"), ("Иван", "Ваня"), ("Ирина", "Ира"),
    ("Константин", "Костя"), ("Людмила", "Люда"), ("Мария", "Маша"), ("Михаил", "Миша"), ("Надежда", "Надя"),
    ("Наталья", "Наташа"), ("Николай", "Коля"), ("Ольга", "Оля"), ("Павел", "Паша"), ("Пётр", "Петя"),
    ("Светлана", "Света"), ("Сергей", "Серёжа"), ("Татьяна", "Таня"), ("Фёдор", "Федя"), ("Юлия", "Юля"), ("Юрий", "Юра"),
];

/// What stands beside a name in brackets or behind it.
pub(in crate::population::noisy) const NOTES: [&str; 6] =
    ["(бухг.)", "(не звонить)", "(закупки)", "(директор)", "бухгалтер", "директор"];

/// What stands in place of a name.
pub(in crate::population::noisy) const TRADES: [&str; 3] = ["Бухгалтерия", "Снабжение", "Секретарь"];

/// Surname, first name and patronymic as typed into their fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::population::noisy) struct Fields {
    pub(in crate::population::noisy) last: String,
    pub(in crate::population::noisy) first: String,
    pub(in crate::population::noisy) second: String,
}

impl Fields {
    /// «Фамилия Имя Отчество» of what there is.
    pub(in crate::population::noisy) fn joined(&self) -> String {
        let parts = [&self.last, &self.first, &self.second];
        parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    fn map(self, mut change: impl FnMut(&str) -> String) -> Self {
        Self { last: change(&self.last), first: change(&self.first), second: change(&self.second) }
    }
}

/// A person's name on one card.
pub(in crate::population::noisy) fn write(fate: &mut Fate<'_>, person: &Person) -> Fields {
    let (last, first, second) = parts(fate, person);
    let mut fields = Fields { last, first, second };
    let has_yo = fields.joined().contains(['ё', 'Ё']);
    if has_yo && fate.strikes(Damage::NameWithoutYo) {
        fields = fields.map(|text| text.replace('ё', "е").replace('Ё', "Е"));
    }
    if fate.strikes(Damage::NameLatin) {
        fields = fields.map(|text| text.split(' ').map(capital_latin).collect::<Vec<_>>().join(" "));
    } else if fate.strikes(Damage::NameLookAlike) {
        fields = fields.map(|text| look_alike(text, &mut fate.draw));
    } else if fate.strikes(Damage::NameCase) {
        let upper = fate.draw.chance(500);
        fields = fields.map(|text| if upper { text.to_uppercase() } else { text.to_lowercase() });
    }
    ornament(fate, fields)
}

/// Which parts the card has, and in which form.
fn parts(fate: &mut Fate<'_>, person: &Person) -> (String, String, String) {
    let name = &person.name;
    let (mut last, mut first, mut second) =
        (name.last.clone(), name.first.to_owned(), name.patronymic.clone());
    if person.maiden.is_some() && fate.strikes(Damage::NameMaiden) {
        last = person.maiden.clone().unwrap_or_default();
    } else if let Some((half, _)) = name.last.split_once('-').filter(|_| fate.strikes(Damage::NameHalfDouble))
    {
        last = half.to_owned();
    }
    if fate.strikes(Damage::NamePostOnly) {
        return (String::new(), fate.draw.pick(&TRADES).to_owned(), String::new());
    }
    if fate.strikes(Damage::NameFirstOnly) {
        return (String::new(), first, String::new());
    }
    if fate.strikes(Damage::NameLastOnly) {
        return (last, String::new(), String::new());
    }
    if !second.is_empty() && fate.strikes(Damage::NameNoPatronymic) {
        second.clear();
    }
    if fate.strikes(Damage::NameInitials) {
        let initial =
            |text: &str| text.chars().next().map_or_else(String::new, |letter| format!("{letter}."));
        return (last, initial(&first), initial(&second));
    }
    let diminutives: Vec<&str> =
        DIMINUTIVES.iter().filter(|(whole, _)| *whole == first).map(|(_, short)| *short).collect();
    if !diminutives.is_empty() && fate.strikes(Damage::NameDiminutive) {
        diminutives[0].clone_into(&mut first);
        second.clear();
    }
    if last.chars().count() >= 6
        && !last.contains('-')
        && fate.strikes(Damage::NameTypo)
        && let Some(typed) = mistype(&last, &mut fate.draw)
    {
        last = typed;
    }
    (last, first, second)
}

/// What does not touch the words themselves: fields, spaces, remarks.
fn ornament(fate: &mut Fate<'_>, mut fields: Fields) -> Fields {
    if !fields.last.is_empty() && fate.strikes(Damage::NameDoubled) {
        fields.last = format!("{0} {0}", fields.last);
    }
    if fate.strikes(Damage::NameNote) {
        let note = fate.draw.pick(&NOTES);
        let target = [&mut fields.second, &mut fields.first].into_iter().find(|text| !text.is_empty());
        if let Some(text) = target {
            *text = format!("{text} {note}");
        }
    }
    if fate.strikes(Damage::NameInvisible) {
        let what = fate.draw.pick(&["\u{200b}", "\u{ad}", " 💼"]);
        let target = if fields.last.is_empty() { &mut fields.first } else { &mut fields.last };
        let at = if what.starts_with(' ') {
            target.len()
        } else {
            target.char_indices().nth(2).map_or(0, |(at, _)| at)
        };
        target.insert_str(at, what);
    }
    if fate.strikes(Damage::NameSpaces) {
        fields =
            fields.map(|text| if text.is_empty() { String::new() } else { loosen(text, &mut fate.draw) });
    }
    fields
}

/// The portal's three fields: some cards have all in one, or two in each other's place.
pub(in crate::population::noisy) fn misplace(fate: &mut Fate<'_>, fields: Fields) -> Fields {
    if fields.last.is_empty() || fields.first.is_empty() {
        return fields;
    }
    if fate.strikes(Damage::NameInOneField) {
        return Fields { first: fields.joined(), ..Fields::default() };
    }
    if fate.strikes(Damage::NameSwapped) {
        return Fields { last: fields.first, first: fields.last, second: fields.second };
    }
    fields
}

/// 1C's one field: mostly the surname first, sometimes last.
pub(in crate::population::noisy) fn in_one_line(fate: &mut Fate<'_>, fields: &Fields) -> String {
    if !fields.last.is_empty() && !fields.first.is_empty() && fate.strikes(Damage::NameSwapped) {
        let parts = [&fields.first, &fields.second, &fields.last];
        return parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ");
    }
    fields.joined()
}

fn capital_latin(word: &str) -> String {
    let parts: Vec<String> = word.split('-').map(|part| super::capitalize(&latin(part))).collect();
    let end = if word.ends_with('.') { "." } else { "" };
    format!("{}{end}", parts.join("-"))
}
