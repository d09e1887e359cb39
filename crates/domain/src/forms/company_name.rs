//! Names of organizations and entrepreneurs: legal form and core, and the question whether two spellings can be one name.
//!
//! Many firms share a name, so agreement is a check beside a key. Invariant: short and long legal forms, quotes, order of form and
//! core, case and look-alike letters make no difference; comparing does not depend on the order of its arguments.

mod legal_form;

use super::person_name::{NameAgreement, PersonName, compare_person_names};
use super::words::{fold_word, lower_compatible, without_notes};

pub use legal_form::LegalForm;

/// A name taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CompanyName {
    /// The legal form, where the name states one.
    pub form: Option<LegalForm>,
    /// The rest as normal form: folded lower-case words in their order, without quotes, brackets and marks like «не работать».
    pub core: String,
}

/// Takes a name apart. The legal form is recognised at either end, in its short and its long form.
#[must_use]
pub fn read_company_name(text: &str) -> CompanyName {
    let mut words = name_words(&without_notes(text));
    drop_remarks(&mut words);
    let form = legal_form::take(&mut words);
    write_out(&mut words);
    CompanyName { form, core: words.join(" ") }
}

/// Whether two texts are the same words in another case, quoting or punctuation, the legal form standing at either end,
/// short or long. Brackets are text here: what stands in them may be the difference.
#[must_use]
pub fn same_company_words(a: &str, b: &str) -> bool {
    let read = |text: &str| {
        let mut words = name_words(text);
        (legal_form::take(&mut words), words)
    };
    read(a) == read(b)
}

/// Compares two names by core and legal form. Two stated forms that differ make different names; a form missing on one
/// side leaves them compatible. Entrepreneurs are compared as the persons they are.
#[must_use]
pub fn compare_company_names(a: &CompanyName, b: &CompanyName) -> NameAgreement {
    if a.core.is_empty() || b.core.is_empty() {
        return NameAgreement::Unknown;
    }
    let core = compare_cores(a, b);
    match (a.form, b.form) {
        (Some(form_a), Some(form_b)) if form_a != form_b => NameAgreement::Different,
        (None, Some(_)) | (Some(_), None) if core == NameAgreement::Same => NameAgreement::Compatible,
        _ => core,
    }
}

fn compare_cores(a: &CompanyName, b: &CompanyName) -> NameAgreement {
    if a.core == b.core {
        return NameAgreement::Same;
    }
    if [a, b].iter().any(|name| name.form.is_some_and(LegalForm::is_entrepreneur)) {
        return compare_person_names(&PersonName::from_whole(&a.core), &PersonName::from_whole(&b.core));
    }
    let sorted = |core: &str| {
        let mut words: Vec<String> = core.split(' ').map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    let joined = |core: &str| core.replace(' ', "");
    if sorted(&a.core) == sorted(&b.core) {
        NameAgreement::Same
    } else if joined(&a.core) == joined(&b.core) {
        NameAgreement::Compatible
    } else {
        NameAgreement::Different
    }
}

/// Folded words; a dot inside a word, an ampersand and a plus belong to it, quotes, brackets and hyphens part words.
fn name_words(text: &str) -> Vec<String> {
    let lower = lower_compatible(text);
    lower
        .split(|character: char| !(character.is_alphanumeric() || matches!(character, '.' | '&' | '+')))
        .map(|word| fold_word(word.trim_matches('.')))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Parts of names that are as often written short, where the short form has one meaning.
const SHORT_WORDS: [(&str, &[&str]); 6] = [
    ("тд", &["торговый", "дом"]),
    ("ук", &["управляющая", "компания"]),
    ("гк", &["группа", "компаний"]),
    ("тпк", &["торгово", "производственная", "компания"]),
    ("нпо", &["научно", "производственное", "объединение"]),
    ("нпп", &["научно", "производственное", "предприятие"]),
];

/// Whether a part of a name is written short: «ТД Гарант».
#[must_use]
pub fn is_written_short(text: &str) -> bool {
    let mut words = name_words(&without_notes(text));
    drop_remarks(&mut words);
    legal_form::take(&mut words);
    let as_typed = words.len();
    write_out(&mut words);
    words.len() > as_typed
}

/// Writes out what stands short at either end of a name of several words.
fn write_out(words: &mut Vec<String>) {
    let full = |word: &str| SHORT_WORDS.iter().find(|(short, _)| *short == word).map(|(_, full)| *full);
    for at in [words.len().saturating_sub(1), 0] {
        if words.len() > 1
            && let Some(full) = full(&words[at])
        {
            words.splice(at..=at, full.iter().map(|word| (*word).to_owned()));
        }
    }
}

/// What bookkeepers write behind a name instead of a mark.
const REMARKS: [&[&str]; 6] = [
    &["не", "работать"],
    &["не", "использовать"],
    &["не", "отгружать"],
    &["дубль"],
    &["удалить"],
    &["закрыто"],
];

/// Whether a name carries such a remark: its card is not to be used.
#[must_use]
pub fn is_retired(text: &str) -> bool {
    drop_remarks(&mut name_words(&without_notes(text)))
}

/// Removes the remarks behind a name; whether there were any.
fn drop_remarks(words: &mut Vec<String>) -> bool {
    let length = words.len();
    for remark in REMARKS {
        if words.len() > remark.len()
            && words.ends_with(&remark.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        {
            words.truncate(words.len() - remark.len());
        }
    }
    words.len() < length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn form_and_core_are_told_apart() {
        use LegalForm::{Ano, Ao, Chup, Gbu, Ip, Ooo, Pao, Too};
        let cases = [
            ("short form in front", "ООО \"Ромашка\"", Some(Ooo), "ромашка"),
            ("short form behind", "Ромашка, ООО", Some(Ooo), "ромашка"),
            ("long form", "Общество с ограниченной ответственностью «Ромашка»", Some(Ooo), "ромашка"),
            ("long form behind", "Ромашка Публичное акционерное общество", Some(Pao), "ромашка"),
            ("Latin letters", "OOO Ромашка", Some(Ooo), "ромашка"),
            ("small letters and spaces", "ооо   ромашка - плюс", Some(Ooo), "ромашка плюс"),
            ("tab", "ООО\tВиктория-Плюс", Some(Ooo), "виктория плюс"),
            ("joint-stock company", "Акционерное общество \"Банк\"", Some(Ao), "банк"),
            ("entrepreneur", "Индивидуальный предприниматель Якимов Максим", Some(Ip), "якимов максим"),
            ("entrepreneur behind", "Якимов Максим ИП", Some(Ip), "якимов максим"),
            ("Kazakhstan", "ТОО \"СИА интернейшнл лтд.\"", Some(Too), "сиа интернейшнл лтд"),
            ("Kazakhstan in Kazakh", "«Алма» ЖШС", Some(Too), "алма"),
            ("Belarus", "Частное торговое унитарное предприятие «Свет»", Some(Chup), "свет"),
            ("Belarus in short", "Свет ЧТУП", Some(Chup), "свет"),
            ("Uzbekistan in Uzbek", "«Navruz» MCHJ", Some(Ooo), "navruz"),
            ("Uzbekistan in two languages", "ООО «Навруз» MCHJ", Some(Ooo), "навруз"),
            ("dots in the form", "О.О.О. Ромашка", Some(Ooo), "ромашка"),
            ("a short word", "ООО «ТД Гарант»", Some(Ooo), "торговый дом гарант"),
            ("a short word behind", "Гарант ТД, ООО", Some(Ooo), "гарант торговый дом"),
            ("a short word alone is a name", "ООО «ТД»", Some(Ooo), "тд"),
            ("a short word inside", "Гарант ТД Юг", None, "гарант тд юг"),
            ("initials are no form", "И.П. Иванов", None, "и.п иванов"),
            ("a foreign form is part of the name", "Siemens GmbH", None, "siemens gmbh"),
            ("another foreign form", "Fiat S.p.A.", None, "fiat s.p.a"),
            ("a foreign form behind a comma", "Globex Trading, Ltd.", None, "globex trading ltd"),
            ("budgetary institution", "Государственное бюджетное учреждение \"Астон\"", Some(Gbu), "астон"),
            ("nonprofit", "АНО \"Центр\" НЕ РАБОТАТЬ!!!", Some(Ano), "центр"),
            ("branch in brackets", "ООО «Ромашка» (склад)", Some(Ooo), "ромашка"),
            ("mixed letters", "ООО \"Гpуппa Илиммeд\"", Some(Ooo), "группа илиммед"),
            ("Latin name", "\"Mail.ru group\"", None, "mail.ru group"),
            ("a form inside is a word", "Завод ООО Ромашка", None, "завод ооо ромашка"),
            ("only a form", "ООО", Some(Ooo), ""),
            ("empty", "", None, ""),
        ];
        for (description, text, form, core) in cases {
            assert_eq!(read_company_name(text), CompanyName { form, core: core.to_owned() }, "{description}");
        }
    }

    #[test]
    fn names_agree_by_core_and_form() {
        use NameAgreement::{Compatible, Different, Same, Unknown};
        let cases = [
            (
                "quotes and form",
                "ООО «Ромашка»",
                "Общество с ограниченной ответственностью \"РОМАШКА\"",
                Same,
            ),
            ("order", "Бош Роберт ООО", "ООО \"Роберт Бош\"", Same),
            ("form missing", "Ромашка", "ООО Ромашка", Compatible),
            ("written together", "ООО Спектрснаб", "ООО \"Спектр-Снаб\"", Compatible),
            ("entrepreneur with initials", "ИП Щербаков Ф.Г.", "ИП Щербаков Фёдор Гаврилович", Compatible),
            (
                "entrepreneur and a bare name",
                "Щербаков Фёдор Гаврилович",
                "ИП Щербаков Фёдор Гаврилович",
                Compatible,
            ),
            ("another form", "АО Ромашка", "ООО Ромашка", Different),
            ("a number", "ООО Вектор-1", "ООО Вектор-2", Different),
            ("another entrepreneur", "ИП Щербаков Ф.Г.", "ИП Щербаков О.Г.", Different),
            ("no core", "ООО", "ООО Ромашка", Unknown),
        ];
        for (description, a, b, expected) in cases {
            let (a, b) = (read_company_name(a), read_company_name(b));
            assert_eq!(compare_company_names(&a, &b), expected, "{description}");
            assert_eq!(compare_company_names(&b, &a), expected, "{description}, exchanged");
        }
    }

    #[test]
    fn the_same_words_are_no_change() {
        assert!(same_company_words("ООО \"Ромашка\"", "Ромашка ООО"));
        assert!(same_company_words("ООО Ромашка", "Общество с ограниченной ответственностью «Ромашка»"));
        assert!(!same_company_words("ООО Ромашка", "ООО Ромашка (склад)"));
        assert!(!same_company_words("ООО Ромашка", "Ромашка"));
        assert!(!same_company_words("Ромашка Ромашка", "Ромашка"));
        assert!(!same_company_words("ООО «Медиа Базальт»", "ООО «Базальт Медиа»"));
    }

    proptest! {
        #[test]
        fn a_core_read_again_is_itself(text in "\\PC{0,40}", name in "(ООО|ИП|АО|)[ \"«][А-яA-z.-]{1,10}[ \"»](ООО|ЗАО|)") {
            for text in [text, name] {
                let once = read_company_name(&text);
                // Another form may come to the end only where a name states two.
                let again = read_company_name(&once.core);
                prop_assert!(again.form.is_some() || again.core == once.core, "{:?} then {:?}", once, again);
            }
        }

        #[test]
        fn odd_text_never_panics(a in any::<String>(), b in any::<String>()) {
            let (x, y) = (read_company_name(&a), read_company_name(&b));
            prop_assert_eq!(compare_company_names(&x, &y), compare_company_names(&y, &x));
            prop_assert!(same_company_words(&a, &a));
        }
    }
}
