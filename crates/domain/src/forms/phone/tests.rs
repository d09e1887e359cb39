//! Tables of fields as people fill them, and properties of reading and writing.

use proptest::prelude::*;

use super::*;

#[test]
fn russian_spellings_give_one_key() {
    check(
        "RU",
        None,
        &[
            ("as obmen writes it", "+7 (926) 123-45-67", "+79261234567"),
            ("plain digits", "89261234567", "+79261234567"),
            ("no plus", "7 926 1234567", "+79261234567"),
            ("no code", "9261234567", "+79261234567"),
            ("dots", "8.926.123.45.67", "+79261234567"),
            ("odd grouping", "8 (926) 12-34-567", "+79261234567"),
            ("no-break space and no-break hyphen", "8\u{a0}926\u{a0}123‑45‑67", "+79261234567"),
            ("label", "тел. 8-926-1234567", "+79261234567"),
            ("comment", "+7 (926) 123-45-67 (Иван)", "+79261234567"),
            ("room behind it", "8 926 123-45-67 (2 этаж)", "+79261234567"),
            ("full width digits", "８９２６１２３４５６７", "+79261234567"),
            ("letter O as zero", "8 926 1О3 О5 67", "+79261030567"),
            ("letter З as three, at the end of a group", "8 926 10З-0З-67", "+79261030367"),
            ("letter З as three", "8926 12З4567", "+79261234567"),
            ("zero width space", "8926\u{200b}1234567", "+79261234567"),
            ("trunk prefix with a plus", "+8 (926) 123-45-67", "+79261234567"),
            ("trunk prefix glued to a plus", "+89261234567", "+79261234567"),
            ("plus without a country", "+9261234567", "+79261234567"),
            ("free call", "8-800-555-35-35", "+78005553535"),
            ("landline", "8 (34643) 1-23-45", "+73464312345"),
            ("a list bullet", "1) 8 926 123-45-67", "+79261234567"),
            ("telephone link", "tel:+79261234567", "+79261234567"),
            ("a number cell", "79261234567.0", "+79261234567"),
            ("letter l as one", "8 926 l23 45 67", ""),
            ("letter l as one between digits", "8 926 1l3 45 67", "+79261134567"),
            ("hours behind it", "+7 (926) 123-45-67 с 9 до 18", "+79261234567"),
            ("a flat behind it", "+7 9261234567 кв. 12", "+79261234567"),
            ("another ending of the same number is no number", "+7 926 123-45-67, 90", "+79261234567"),
        ],
    );
}

#[test]
fn neighbours_are_read_with_and_without_their_codes() {
    check(
        "RU",
        None,
        &[
            ("Kazakhstan without a code", "7012345678", "+77012345678"),
            ("Kazakhstan by trunk prefix", "8 701 234 56 78", "+77012345678"),
            ("Belarus", "+375 (29) 123-45-67", "+375291234567"),
            ("Belarus without a plus", "375 29 123-45-67", "+375291234567"),
            ("Belarus as dialled there", "8 029 123-45-67", "+375291234567"),
            ("Uzbekistan without a plus", "998 90 123 45 67", "+998901234567"),
            ("Ukraine without a plus", "380 44 123 45 67", "+380441234567"),
            ("international prefix of Russia", "8 10 375 29 123 45 67", "+375291234567"),
            ("international prefix of others", "00 49 30 1234567", "+49301234567"),
        ],
    );
    check(
        "KZ",
        None,
        &[
            ("trunk prefix", "8 (701) 234-56-78", "+77012345678"),
            ("Russia by trunk prefix", "8 926 123 45 67", "+79261234567"),
            ("without a code", "701 234 56 78", "+77012345678"),
        ],
    );
    check(
        "BY",
        None,
        &[
            ("trunk prefix and zero", "8 (029) 123-45-67", "+375291234567"),
            ("Minsk", "8 017 200-12-34", "+375172001234"),
            ("without a code", "29 123 45 67", "+375291234567"),
            ("Russia by trunk prefix", "8 926 123 45 67", "+79261234567"),
        ],
    );
    check(
        "UZ",
        None,
        &[
            ("without a code", "90 123 45 67", "+998901234567"),
            ("old trunk prefix", "8 90 123 45 67", "+998901234567"),
            ("Russia", "+7 926 123-45-67", "+79261234567"),
        ],
    );
    check(
        "DE",
        None,
        &[("trunk zero", "030 1234567", "+49301234567"), ("Russia", "+7 926 123-45-67", "+79261234567")],
    );
}

#[test]
fn several_numbers_of_one_field_come_in_order() {
    check(
        "RU",
        None,
        &[
            ("comma", "+7 (926) 123-45-67,8 495 123 45 67", "+79261234567 +74951234567"),
            ("semicolon", "89261234567; 84951234567", "+79261234567 +74951234567"),
            ("slash", "89261234567/84951234567", "+79261234567 +74951234567"),
            ("plus signs", "+7 926 123 45 67 +7 495 123 45 67", "+79261234567 +74951234567"),
            ("only a space", "8 926 123 45 67 8 495 123 45 67", "+79261234567 +74951234567"),
            ("only a space, plain", "89261234567 84951234567", "+79261234567 +74951234567"),
            ("a word", "89261234567 или 84951234567", "+79261234567 +74951234567"),
            ("line feed", "89261234567\n84951234567", "+79261234567 +74951234567"),
            ("twice the same", "89261234567, +7 926 123-45-67", "+79261234567"),
            ("one readable", "60-62-497, 89261234567", "+79261234567"),
            ("labels", "т.8-495-1234567 ф.8-495-1234568", "+74951234567 +74951234568"),
            ("brackets", "8(926)123-45-67, 8(926)123-45-68", "+79261234567 +79261234568"),
        ],
    );
}

#[test]
fn what_is_no_full_number_gives_no_key() {
    check(
        "RU",
        None,
        &[
            ("empty", "", ""),
            ("words", "нет телефона", ""),
            ("local without an area", "60-62-497", ""),
            ("a digit lost", "8 462 1234 56", ""),
            ("a digit too many", "8-926-123-45-678", ""),
            ("a digit too many in the middle", "8-462-1234-56-78", ""),
            ("emergency", "112", ""),
            ("date", "12.05.2020", ""),
            ("a labelled tax number", "ИНН 7701234560", ""),
            ("an account", "40702810100000000001", ""),
            ("zeros", "+7 (000) 000-00-00", ""),
        ],
    );
}

#[test]
fn local_numbers_are_completed_by_the_area_of_the_context() {
    check(
        "RU",
        Some("343"),
        &[
            ("seven digits", "260-62-49", "+73432606249"),
            ("a full number is left alone", "8 926 123-45-67", "+79261234567"),
            ("too short", "60-62-4", ""),
            ("a part of a broken number", "8 926 260-62-49-1", ""),
        ],
    );
    check(
        "RU",
        Some("3435"),
        &[("six digits", "23-45-67", "+73435234567"), ("seven are too many", "234-56-78", "")],
    );
    check("KZ", Some("727"), &[("Almaty", "250 00 00", "+77272500000")]);
    check("BY", Some("17"), &[("Minsk", "200-12-34", "+375172001234")]);
    check("UZ", Some("71"), &[("Tashkent", "200 00 00", "+998712000000")]);
}

#[test]
fn an_extension_is_kept_in_any_mark() {
    let cases = [
        ("1C's layout", "+7 (926) 123-45-67, доб. 12", Some("12")),
        ("no comma", "+7 (926) 123-45-67 доб 12", Some("12")),
        ("brackets", "8 926 123-45-67 (доб. 12)", Some("12")),
        ("internal", "8 926 123-45-67 вн.12", Some("12")),
        ("internal in full", "8 926 123-45-67, внутренний: 12", Some("12")),
        ("the portal's mark", "+79261234567#12", Some("12")),
        ("English", "+79261234567 ext. 12", Some("12")),
        ("English in full", "+79261234567 extension: 12", Some("12")),
        ("a telephone link", "tel:+7-926-123-45-67;ext=12", Some("12")),
        ("glued", "89261234567доб12", Some("12")),
        ("a person behind it", "8 926 123-45-67 (доб. 12, Иван)", Some("12")),
        ("letter x", "+79261234567x12", Some("12")),
        ("pauses", "+7 (926) 123-45-67,,12", Some("12")),
        ("none", "+7 (926) 123-45-67", None),
        ("a number instead", "+7 (926) 123-45-67 доб. нет", None),
    ];
    for (description, text, expected) in cases {
        let phones = read_phones(text, &russia());
        assert_eq!(phones.len(), 1, "{description}");
        assert_eq!(phones[0].key.as_str(), "+79261234567", "{description}");
        assert_eq!(phones[0].extension.as_deref(), expected, "{description}");
    }
}

#[test]
fn an_extension_belongs_to_the_number_before_it() {
    let phones = read_phones("8 495 123-45-67 доб. 5, 8 926 123-45-67", &russia());
    let extensions: Vec<_> = phones.iter().map(|phone| phone.extension.as_deref()).collect();
    assert_eq!(extensions, [Some("5"), None]);
}

#[test]
fn numbers_are_written_for_people_and_for_each_side() {
    let cases = [
        ("+79123456789", "+7 (912) 345-67-89"),
        ("+375291234567", "+375 (29) 123-45-67"),
        ("+998901234567", "+998 (90) 123-45-67"),
        ("+49301234567", "+49 (30) 123-45-67"),
        ("+6561234567", "+65 61-23-45-67"),
    ];
    for (key, expected) in cases {
        assert_eq!(write_phone(&key_of(key), None, PhoneStyle::Bitrix24), expected);
    }
    let key = key_of("+79123456789");
    assert_eq!(write_phone(&key, Some("12"), PhoneStyle::Bitrix24), "+7 (912) 345-67-89#12");
    assert_eq!(write_phone(&key, Some("12"), PhoneStyle::Onec), "+7 (912) 345-67-89, доб. 12");
}

#[test]
fn the_portal_is_asked_with_and_without_the_country() {
    assert_eq!(search_spellings(&key_of("+79261234567")), ["+79261234567", "9261234567"]);
    assert_eq!(search_spellings(&key_of("+375291234567")), ["+375291234567", "291234567", "80291234567"]);
    assert_eq!(search_spellings(&key_of("+49301234567")), ["+49301234567", "301234567"]);
}

#[test]
fn parts_for_1c_hold_all_digits() {
    let parts = phone_parts(&key_of("+74951234567"));
    assert_eq!(
        (parts.country.as_str(), parts.area.as_str(), parts.number.as_str()),
        ("7", "495", "123-45-67")
    );
    assert_eq!((parts.digits(), parts.local_digits()), ("74951234567".to_owned(), "1234567".to_owned()));
}

#[test]
fn a_context_names_a_country_and_an_area_that_exist() {
    assert_eq!(PhoneContext::new("by", Some(" 17 ")).unwrap().country, Country::By);
    assert_eq!(PhoneContext::new("RU", Some("")).unwrap().area_code, None);
    assert_eq!(PhoneContext::new("XX", None), Err(InvalidPhoneContext::Country("XX".to_owned())));
    assert!(matches!(PhoneContext::new("RU", Some("34-3")), Err(InvalidPhoneContext::AreaCode(_))));
}

#[test]
fn a_stored_key_is_checked_when_it_is_read_back() {
    assert!(serde_json::from_str::<PhoneKey>("\"+79261234567\"").is_ok());
    assert!(serde_json::from_str::<PhoneKey>("\"8 926\"").is_err());
}

proptest! {
    #[test]
    fn odd_text_never_panics(text in any::<String>(), phones in "[+0-9 ().,;доб#/OоЗl٠-٩-]{0,60}") {
        let _ = read_phones(&text, &russia());
        let _ = read_phones(&phones, &russia());
    }

    #[test]
    fn every_key_is_e164(text in "[+0-9 ().,;#/-]{0,40}", country in "RU|KZ|BY|UZ|DE") {
        for phone in read_phones(&text, &PhoneContext::new(&country, Some("34")).unwrap()) {
            prop_assert!(number::is_e164(phone.key.as_str()));
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same_key(
        text in "[+]?[0-9]{10,13}",
        extension in proptest::option::of("[0-9]{1,5}"),
        country in "RU|KZ|BY|UZ|DE",
    ) {
        for phone in read_phones(&text, &russia()) {
            for style in [PhoneStyle::Bitrix24, PhoneStyle::Onec] {
                let written = write_phone(&phone.key, extension.as_deref(), style);
                let read = read_phones(&written, &PhoneContext::new(&country, None).unwrap());
                prop_assert_eq!(&read, &[ParsedPhone { key: phone.key.clone(), extension: extension.clone() }]);
            }
        }
    }

    #[test]
    fn shapes_agree_with_the_library_on_every_number_it_knows(
        text in "(\\+7|7|8)[3-9][0-9]{9}|(\\+375|375|80)[1-4][0-9]{8}|(\\+998|998)[2-9][0-9]{8}",
    ) {
        let international = text.strip_prefix("80").map(|rest| format!("+375{rest}"));
        let source = international.filter(|_| text.len() == 11).unwrap_or_else(|| match text.strip_prefix('8') {
            Some(rest) => format!("+7{rest}"),
            None => format!("+{}", text.trim_start_matches('+')),
        });
        let known = PHONE_NUMBER_UTIL.parse(&source, None).ok().filter(|number| number.is_valid());
        if let Some(number) = known {
            let expected = number.format_as(rlibphonenumber::PhoneNumberFormat::E164);
            let read = read_phones(&text, &russia());
            prop_assert_eq!(read.len(), 1);
            prop_assert_eq!(read[0].key.as_str(), expected.as_ref());
        }
    }
}

fn russia() -> PhoneContext {
    PhoneContext::new("RU", None).unwrap()
}

fn key_of(text: &str) -> PhoneKey {
    PhoneKey::try_from(text.to_owned()).unwrap()
}

/// Cases are a description, the field, and the expected keys with spaces between.
fn check(country: &str, area_code: Option<&str>, cases: &[(&str, &str, &str)]) {
    let context = PhoneContext::new(country, area_code).unwrap();
    for (description, text, expected) in cases {
        let keys: Vec<String> =
            read_phones(text, &context).into_iter().map(|phone| phone.key.as_str().to_owned()).collect();
        assert_eq!(keys.join(" "), *expected, "{country}: {description}: {text}");
    }
}
