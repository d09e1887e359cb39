//! Names that name nobody: «Тест», «Без имени», «Розничный покупатель».
//!
//! Not responsible for records with keys: such a name beside a phone is a missing name, not a missing person.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::words::{folded_words, rough_latin, without_notes};

/// Words that stand where a name is missing. A name of such words alone names nobody.
const WORDS: &[&str] = &[
    "abc",
    "anonymous",
    "asd",
    "asdf",
    "guest",
    "noname",
    "qwe",
    "qwerty",
    "test",
    "tester",
    "testing",
    "unknown",
    "xxx",
    "аноним",
    "анонимный",
    "без",
    "безимени",
    "безфамилии",
    "гость",
    "клиент",
    "контакт",
    "контрагент",
    "лицо",
    "имени",
    "имя",
    "йцу",
    "йцукен",
    "названия",
    "не",
    "неизвестная",
    "неизвестно",
    "неизвестный",
    "неизвестен",
    "нет",
    "неуказан",
    "неуказана",
    "неуказано",
    "новый",
    "отчество",
    "покупатель",
    "проба",
    "пробная",
    "пробный",
    "проверка",
    "розничный",
    "тест",
    "тестов",
    "тестовая",
    "тестовое",
    "тестовый",
    "указан",
    "указана",
    "указано",
    "физ",
    "физлицо",
    "фио",
    "фыв",
    "фыва",
    "фамилия",
    "частное",
    "ыыы",
];

/// Words for posts and rooms. A name of such words or [`TRADES`] alone is somebody's, but does not say whose.
const POST_WORDS: &[&str] = &[
    "бухгалтерия",
    "главный",
    "дежурный",
    "доставки",
    "закупок",
    "кадров",
    "касса",
    "логистики",
    "отдел",
    "офис",
    "охрана",
    "приемная",
    "продаж",
    "ресепшен",
    "ресепшн",
    "склад",
    "снабжения",
    "снабжение",
];

/// Words for what somebody does, which are typed behind a name for want of a field: «Ершова Ольга бухгалтер». None of them
/// is a surname.
const TRADES: &[&str] = &[
    "администратор",
    "бухг",
    "бухгалтер",
    "водитель",
    "гендиректор",
    "главбух",
    "директор",
    "диспетчер",
    "завсклад",
    "завхоз",
    "закупщик",
    "замдиректора",
    "кладовщик",
    "логист",
    "менеджер",
    "продавец",
    "прораб",
    "секретарь",
    "снабженец",
    "экспедитор",
    "юрист",
];

/// Words that stand before a number. A name of such words and digits is a phone in the wrong field.
const PHONE_WORDS: &[&str] = &[
    "внутр",
    "доб",
    "моб",
    "мобильный",
    "номер",
    "раб",
    "сот",
    "сотовый",
    "тел",
    "телефон",
    "факс",
    "ext",
    "phone",
    "tel",
    "mob",
    "fax",
];

/// Whether a text consists of such words alone (digits and signs aside).
#[must_use]
pub fn names_nobody(text: &str) -> bool {
    let has_digits = text.chars().any(|character| character.is_ascii_digit());
    let mut words =
        folded_words(text).into_iter().filter(|word| word.chars().any(char::is_alphabetic)).peekable();
    words.peek().is_some()
        && words.all(|word| {
            let word = word.as_str();
            WORDS.contains(&word) || (has_digits && PHONE_WORDS.contains(&word))
        })
}

/// Whether a word says what somebody does.
pub(crate) fn is_a_trade(word: &str) -> bool {
    folded_words(word).iter().any(|word| is_a_folded_trade(word))
}

/// The same of a word that is folded already.
pub(crate) fn is_a_folded_trade(word: &str) -> bool {
    TRADES.contains(&word)
}

/// Whether a text names a post or a room: «Секретарь», «Отдел продаж». Whoever sits there has a name too.
#[must_use]
pub fn names_a_post(text: &str) -> bool {
    let mut words = folded_words(&without_notes(text))
        .into_iter()
        .filter(|word| word.chars().any(char::is_alphabetic))
        .peekable();
    let is_post =
        |word: &str| POST_WORDS.contains(&word) || TRADES.contains(&word) || names_a_post_in_latin(word);
    words.peek().is_some() && words.all(|word| is_post(&word))
}

/// Whether a word is one of a post in Latin letters: «Sekretar».
fn names_a_post_in_latin(word: &str) -> bool {
    static POSTS: LazyLock<BTreeSet<String>> =
        LazyLock::new(|| POST_WORDS.iter().chain(TRADES).map(|word| rough_latin(word)).collect());
    word.is_ascii() && POSTS.contains(&rough_latin(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_told_from_a_person() {
        for post in [
            "Секретарь ",
            "приёмная",
            "Отдел продаж",
            "Главный бухгалтер",
            "Снабжение (бухг.)",
            "Бухгалтерия (закупки)",
            "Sekretar (директор)",
            "Otdel prodazh",
        ] {
            assert!(names_a_post(post) && !names_nobody(post), "{post}");
        }
        for person in ["", "Секретарь Анна", "Sekretar Anna", "Складов", "Skladov", "Главный Иван"]
        {
            assert!(!names_a_post(person), "{person}");
        }
    }

    #[test]
    fn only_names_without_any_proper_word_name_nobody() {
        for nobody in [
            "тест тест",
            "ТЕСТ 2",
            "Без имени",
            "НеУказано",
            "Розничный покупатель",
            "test",
            "Неизвестный клиент",
            "- нет -",
            "тел. 8-912-345-67-89",
            "+7 (912) 345-67-89 доб. 1",
        ] {
            assert!(names_nobody(nobody), "{nobody}");
        }
        for somebody in [
            "",
            "123",
            "Тестов Иван",
            "Клиентов",
            "Иванов тест",
            "ООО Проба",
            "Гость Анна",
            "Моб",
            "тел. Анны 8-912-345-67-89",
        ] {
            assert!(!names_nobody(somebody), "{somebody}");
        }
    }
}
