//! Tables of names as two bases spell them, and properties of comparing.

use proptest::prelude::*;

use super::*;

#[test]
fn one_field_is_split_where_the_words_tell() {
    let cases = [
        ("the usual order", "Петрова Юлия Ивановна", "Петрова|Юлия|Ивановна"),
        ("given name first", "Александр Федотович Каневский", "Каневский|Александр|Федотович"),
        ("a surname like a patronymic at the end", "Сергей Петрович Абрамович", "Абрамович|Сергей|Петрович"),
        ("a surname like a patronymic in front", "Адамович Лина Жоресовна", "Адамович|Лина|Жоресовна"),
        ("surname between", "Дина Лугинова Брониславовна", "Лугинова|Дина|Брониславовна"),
        ("without patronymic", "Новикова Ольга", "Новикова|Ольга|"),
        ("without patronymic, given name first", "Ольга Новикова", "Новикова|Ольга|"),
        ("a given name like a surname", "Марина Иванова", "Иванова|Марина|"),
        ("without surname", "Юлия Ивановна", "|Юлия|Ивановна"),
        ("initials", "Моисеев А.Е.", "Моисеев|А.|Е."),
        ("initials in front", "А. Е. Моисеев", "Моисеев|А.|Е."),
        ("capitals", "ВЯЗЕМСКИЙ АЛЕКСАНДР ЧЕСЛАВОВИЧ", "ВЯЗЕМСКИЙ|АЛЕКСАНДР|ЧЕСЛАВОВИЧ"),
        ("a Turkic patronymic", "Мамедов Эльчин Рашид оглы", "Мамедов|Эльчин|Рашид оглы"),
        ("a surname of two words", "Салтыков Щедрин Михаил Евграфович", "Салтыков Щедрин|Михаил|Евграфович"),
        ("a note at the end", "Минина Эстер Фроловна (бухг.)", "Минина|Эстер|Фроловна (бухг.)"),
        ("a note inside", "Серафим Давыдович (бухг.) Олейников", "Олейников|Серафим|Давыдович (бухг.)"),
        ("a picture inside", "Ахметова Айгуль 🔥 Маратовна", "Ахметова|Айгуль 🔥|Маратовна"),
        ("a short patronymic", "Каруселин Панкратий Фокич", "Каруселин|Панкратий|Фокич"),
        ("a rare patronymic", "Зощенко Борис Добрынич", "Зощенко|Борис|Добрынич"),
        ("a surname in -ич without patronymic", "Анна Бабич", "Бабич|Анна|"),
        ("a surname twice at the end", "Иван Димитриевич Язов Язов", "Язов Язов|Иван|Димитриевич"),
        (
            "a surname like a patronymic twice",
            "Лукашевич Лукашевич Янка Адамович",
            "Лукашевич Лукашевич|Янка|Адамович",
        ),
        ("three words without patronymic stay", "Нгуен  Ван Хай", "Нгуен Ван Хай||"),
        ("one word stays", "Юлия", "Юлия||"),
        ("a surname with a hyphen", "Анна Сергеевна Иванова-Петрова", "Иванова-Петрова|Анна|Сергеевна"),
        (
            "a surname with spaces around the hyphen stays",
            "Иванова - Петрова Анна Сергеевна",
            "Иванова - Петрова Анна Сергеевна||",
        ),
        ("a Spanish name stays", "Мария де ла Крус", "Мария де ла Крус||"),
        ("a Kazakh patronymic in one word stays", "Ахметов Айдос Серікұлы", "Ахметов Айдос Серікұлы||"),
        ("Latin letters stay", "Ivanov Ivan Ivanovich", "Ivanov Ivan Ivanovich||"),
        ("an addition stays", "Иванов Иван Иванович мл.", "Иванов Иван Иванович мл.||"),
        ("an apostrophe", "О'Нил Джон", "О'Нил|Джон|"),
        ("a number stays", "7 963 6676367", "7 963 6676367||"),
        ("empty", " \u{200b}", "||"),
    ];
    for (description, text, expected) in cases {
        let name = PersonName::from_whole(text);
        assert_eq!(format!("{}|{}|{}", name.last, name.first, name.middle), expected, "{description}");
    }
}

#[test]
fn spellings_of_one_name_agree_and_relatives_do_not() {
    use NameAgreement::{Compatible, Different, Same, Unknown};
    let cases = [
        ("letters folded", "Фёдоров Пётр Ильич", "федоров  петр ильич", Same),
        ("Latin look-alikes", "Ахметова Айгуль Mapaтoвнa", "Ахметова Айгуль Маратовна", Same),
        (
            "another order that tells itself",
            "Александр Федотович Каневский",
            "Каневский Александр Федотович",
            Same,
        ),
        ("a note", "Минина Эстер Фроловна (бухг.)", "Минина Эстер Фроловна", Same),
        ("a doubled surname", "Лимонова Лимонова Замира Феофановна", "Лимонова Замира Феофановна", Same),
        ("a picture inside", "Пашковская Динара 💼 Захарьевна", "Пашковская Динара Захарьевна", Same),
        ("no patronymic", "Иванов Пётр", "Иванов Пётр Сергеевич", Compatible),
        ("initials", "Панкратова Н.Т.", "Панкратова Наталья Тимуровна", Compatible),
        ("one initial", "Панкратова Н.", "Панкратова Наталья Тимуровна", Compatible),
        ("given name only", "Юлия", "Петрова Юлия Ивановна", Compatible),
        ("swapped without a hint", "Ким Анна", "Анна Ким", Compatible),
        ("short form", "Шестинский Витя", "Шестинский Виктор Олегович", Compatible),
        ("variant", "Петрова Наталия", "Петрова Наталья", Compatible),
        (
            "a slip in the surname",
            "Солженицин Дмитрий Никодимович",
            "Солженицын Дмитрий Никодимович",
            Compatible,
        ),
        ("a slip in the patronymic", "Алпатов Егор Валерьевич", "Алпатов Егор Валериевич", Compatible),
        ("Latin letters", "Livanov Aleksandr", "Ливанов Александр", Compatible),
        ("another Latin tradition", "Iuliia Khrisanfova", "Юлия Хрисанфова", Compatible),
        ("other initials", "Панкратова О.Т.", "Панкратова Наталья Тимуровна", Different),
        ("husband and wife", "Иванов Александр Петрович", "Иванова Александра Петровна", Different),
        ("husband and wife, unsplit", "Павлов Женя", "Павлова Женя", Different),
        ("sisters", "Иванова Алина Петровна", "Иванова Алиса Петровна", Different),
        ("father and son", "Иванов Пётр Сергеевич", "Иванов Сергей Петрович", Different),
        ("namesakes by surname", "Иванов Пётр", "Иванов Николай", Different),
        ("another person", "Петров Иван", "Сидорова Анна", Different),
        ("another person in Latin letters", "Livanov Aleksandr", "Сидорова Анна", Different),
        ("initials only", "А. П.", "Петров Андрей", Unknown),
        ("empty", "", "Петров Андрей", Unknown),
        ("a number", "7 963 6676367", "Петров Андрей", Unknown),
    ];
    for (description, a, b, expected) in cases {
        let (a, b) = (PersonName::from_whole(a), PersonName::from_whole(b));
        assert_eq!(compare_person_names(&a, &b), expected, "{description}");
        assert_eq!(compare_person_names(&b, &a), expected, "{description}, exchanged");
    }
}

#[test]
fn a_whole_name_in_one_part_agrees_with_its_parts() {
    let whole = PersonName::from_parts("", "Дементьев Зиновий Гордеевич", "");
    let parts = PersonName::from_parts("Дементьев", "Зиновий", "Гордеевич");
    assert_eq!(compare_person_names(&whole, &parts), NameAgreement::Same);
    assert_eq!(name_key(&whole), name_key(&parts));
    assert_eq!(fuller(&whole, &parts), &parts);
}

#[test]
fn a_key_is_sorted_words() {
    let name = PersonName::from_parts("Каткова-Павлова ", "Лиана", "Фёдоровна (закупки)");
    assert_eq!(name_key(&name).unwrap().as_str(), "каткова лиана павлова федоровна");
    assert_eq!(name_key(&PersonName::from_whole("7 963")), None);
    assert_eq!(name_key(&PersonName::default()), None);
}

#[test]
fn the_fuller_spelling_has_more_words_and_fewer_strangers() {
    let cases = [
        ("patronymic", "Иванов Пётр Сергеевич", "Иванов Пётр"),
        ("written out", "Панкратова Наталья Тимуровна", "Панкратова Н.Т."),
        ("an initial is more than nothing", "Панкратова Наталья Т.", "Панкратова Наталья"),
        ("case", "Вяземский Александр Чеславович", "ВЯЗЕМСКИЙ АЛЕКСАНДР ЧЕСЛАВОВИЧ"),
        ("small letters", "Егорова Елена Артёмовна", "егорова елена артёмовна"),
        ("note", "Минина Эстер Фроловна", "Минина Эстер Фроловна (бухг.)"),
        ("alphabets", "Ковалёв Александр Феликсович", "Koвaлёв Александр Феликсович"),
        ("yo", "Фёдоров Пётр", "Федоров Петр"),
        ("full form", "Шестинский Виктор", "Шестинский Витя"),
    ];
    for (description, expected, other) in cases {
        let (expected, other) = (PersonName::from_whole(expected), PersonName::from_whole(other));
        assert_eq!(fuller(&expected, &other), &expected, "{description}");
        assert_eq!(fuller(&other, &expected), &expected, "{description}, exchanged");
    }
}

proptest! {
    #[test]
    fn odd_text_never_panics_and_order_does_not_matter(a in any::<String>(), b in "[ А-яёA-z.()-]{0,40}") {
        let (a, b) = (PersonName::from_whole(&a), PersonName::from_whole(&b));
        prop_assert_eq!(compare_person_names(&a, &b), compare_person_names(&b, &a));
        prop_assert_eq!(fuller(&a, &b), fuller(&b, &a));
        let _ = name_key(&a);
    }

    #[test]
    fn few_letters_meet_often_and_order_still_does_not_matter(a in "[аб]{1,3}( [аб]{1,3}){0,3}", b in "[аб]{1,3}( [аб]{1,3}){0,3}") {
        let (a, b) = (PersonName::from_whole(&a), PersonName::from_whole(&b));
        prop_assert_eq!(compare_person_names(&a, &b), compare_person_names(&b, &a));
    }

    #[test]
    fn no_letter_is_lost_by_splitting(text in "[А-Яа-яё]{1,8}( [А-Яа-яё.]{1,8}){0,4}") {
        let sorted = |text: &str| {
            let mut letters: Vec<char> = text.chars().filter(|letter| *letter != ' ').collect();
            letters.sort_unstable();
            letters
        };
        prop_assert_eq!(sorted(&PersonName::from_whole(&text).whole()), sorted(&text));
    }

    #[test]
    fn a_key_read_as_a_name_gives_itself(text in "[ А-яёA-z.()-]{0,40}") {
        if let Some(key) = name_key(&PersonName::from_whole(&text)) {
            prop_assert_eq!(name_key(&PersonName::from_whole(key.as_str())), Some(key));
        }
    }

    #[test]
    fn a_name_is_the_same_as_itself(text in "[А-Яа-я]{2,8}( [А-Яа-я]{2,8}){0,3}") {
        let name = PersonName::from_whole(&text);
        prop_assert_eq!(compare_person_names(&name, &name), NameAgreement::Same);
    }
}
