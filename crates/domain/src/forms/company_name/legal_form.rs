//! Legal forms of organizations and how their short and long forms are found in the words of a name.
//!
//! Works on folded words (`company_name`). Invariant: a long form is replaced by its short one before anything is compared.

use serde::{Deserialize, Serialize};

/// The form an organization or entrepreneur is registered in. A stated form outside the list is part of the name's core.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalForm {
    /// ООО, общество с ограниченной ответственностью.
    Ooo,
    /// АО, акционерное общество.
    Ao,
    /// ПАО, публичное акционерное общество.
    Pao,
    /// НАО, непубличное акционерное общество.
    Nao,
    /// ЗАО, закрытое акционерное общество.
    Zao,
    /// ОАО, открытое акционерное общество.
    Oao,
    /// ИП, индивидуальный предприниматель; also a plain «предприниматель».
    Ip,
    /// КФХ, крестьянское (фермерское) хозяйство.
    Kfh,
    /// АНО, автономная некоммерческая организация.
    Ano,
    /// ГБУ, государственное бюджетное учреждение.
    Gbu,
    /// ФГБУ, федеральное государственное бюджетное учреждение.
    Fgbu,
    /// МБУ, муниципальное бюджетное учреждение.
    Mbu,
    /// ГУП, государственное унитарное предприятие.
    Gup,
    /// ФГУП, федеральное государственное унитарное предприятие.
    Fgup,
    /// МУП, муниципальное унитарное предприятие.
    Mup,
    /// НКО, некоммерческая организация.
    Nko,
    /// ТСЖ, товарищество собственников жилья.
    Tszh,
    /// СНТ, садоводческое некоммерческое товарищество.
    Snt,
    /// ТОО of Kazakhstan, товарищество с ограниченной ответственностью.
    Too,
    /// ОДО of Belarus, общество с дополнительной ответственностью.
    Odo,
    /// УП of Belarus, унитарное предприятие.
    Up,
    /// ЧУП of Belarus, частное унитарное предприятие.
    Chup,
}

impl LegalForm {
    /// Whether a natural person stands behind the name.
    #[must_use]
    pub fn is_entrepreneur(self) -> bool {
        self == Self::Ip
    }

    /// The usual abbreviation.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::Ooo => "ООО",
            Self::Ao => "АО",
            Self::Pao => "ПАО",
            Self::Nao => "НАО",
            Self::Zao => "ЗАО",
            Self::Oao => "ОАО",
            Self::Ip => "ИП",
            Self::Kfh => "КФХ",
            Self::Ano => "АНО",
            Self::Gbu => "ГБУ",
            Self::Fgbu => "ФГБУ",
            Self::Mbu => "МБУ",
            Self::Gup => "ГУП",
            Self::Fgup => "ФГУП",
            Self::Mup => "МУП",
            Self::Nko => "НКО",
            Self::Tszh => "ТСЖ",
            Self::Snt => "СНТ",
            Self::Too => "ТОО",
            Self::Odo => "ОДО",
            Self::Up => "УП",
            Self::Chup => "ЧУП",
        }
    }
}

/// Longer forms stand before those they contain.
const LONG_FORMS: [(&str, LegalForm); 27] = [
    ("федеральное государственное бюджетное учреждение", LegalForm::Fgbu),
    ("федеральное государственное унитарное предприятие", LegalForm::Fgup),
    ("государственное бюджетное учреждение", LegalForm::Gbu),
    ("муниципальное бюджетное учреждение", LegalForm::Mbu),
    ("государственное унитарное предприятие", LegalForm::Gup),
    ("муниципальное унитарное предприятие", LegalForm::Mup),
    ("частное унитарное предприятие", LegalForm::Chup),
    ("частное торговое унитарное предприятие", LegalForm::Chup),
    ("частное производственное унитарное предприятие", LegalForm::Chup),
    ("частное сервисное унитарное предприятие", LegalForm::Chup),
    ("унитарное предприятие", LegalForm::Up),
    ("общество с ограниченной ответственностью", LegalForm::Ooo),
    ("общество с дополнительной ответственностью", LegalForm::Odo),
    ("товарищество с ограниченной ответственностью", LegalForm::Too),
    ("непубличное акционерное общество", LegalForm::Nao),
    ("публичное акционерное общество", LegalForm::Pao),
    ("закрытое акционерное общество", LegalForm::Zao),
    ("открытое акционерное общество", LegalForm::Oao),
    ("акционерное общество", LegalForm::Ao),
    ("индивидуальный предприниматель", LegalForm::Ip),
    ("предприниматель", LegalForm::Ip),
    ("крестьянское фермерское хозяйство", LegalForm::Kfh),
    ("фермерское хозяйство", LegalForm::Kfh),
    ("автономная некоммерческая организация", LegalForm::Ano),
    ("некоммерческая организация", LegalForm::Nko),
    ("товарищество собственников жилья", LegalForm::Tszh),
    ("садоводческое некоммерческое товарищество", LegalForm::Snt),
];

const ALL: [LegalForm; 22] = [
    LegalForm::Ooo,
    LegalForm::Ao,
    LegalForm::Pao,
    LegalForm::Nao,
    LegalForm::Zao,
    LegalForm::Oao,
    LegalForm::Ip,
    LegalForm::Kfh,
    LegalForm::Ano,
    LegalForm::Gbu,
    LegalForm::Fgbu,
    LegalForm::Mbu,
    LegalForm::Gup,
    LegalForm::Fgup,
    LegalForm::Mup,
    LegalForm::Nko,
    LegalForm::Tszh,
    LegalForm::Snt,
    LegalForm::Too,
    LegalForm::Odo,
    LegalForm::Up,
    LegalForm::Chup,
];

/// Removes the form from either end of folded words and tells which it was.
pub(super) fn take(words: &mut Vec<String>) -> Option<LegalForm> {
    shorten(words);
    let position = if words.first().is_some_and(|word| by_short(word).is_some()) {
        0
    } else {
        words.len().checked_sub(1)?
    };
    let form = by_short(&words[position])?;
    words.remove(position);
    // «ООО Навруз MCHJ» says it in two languages.
    if words.len() > 1 && words.last().is_some_and(|word| by_short(word) == Some(form)) {
        words.pop();
    }
    Some(form)
}

/// Writes the first long form found anywhere in folded words as its short one.
pub(super) fn shorten(words: &mut Vec<String>) {
    for (long, form) in LONG_FORMS {
        let long: Vec<&str> = long.split(' ').collect();
        let found = words
            .windows(long.len())
            .position(|window| window.iter().zip(&long).all(|(word, part)| word == part));
        if let Some(start) = found {
            words.splice(start..start + long.len(), [form.short().to_lowercase()]);
            return;
        }
    }
}

fn by_short(word: &str) -> Option<LegalForm> {
    // «О.О.О.»; two letters with dots may be initials.
    let plain = word.replace('.', "");
    let word = if plain.chars().count() > 2 { plain.as_str() } else { word };
    match word {
        // The digit three for the letter З.
        "3ао" => Some(LegalForm::Zao),
        // The same forms in Uzbek and Kazakh, and a trading, producing or serving unitary enterprise.
        "mchj" | "мчж" => Some(LegalForm::Ooo),
        "жшс" => Some(LegalForm::Too),
        "чтуп" | "чпуп" | "чсуп" => Some(LegalForm::Chup),
        _ => ALL.into_iter().find(|form| form.short().to_lowercase() == word),
    }
}
