//! Properties of all normal forms together: reading again changes nothing, nothing panics, a wrong checksum is no key.

use proptest::prelude::*;

use super::company_name::{read_company_name, same_company_words};
use super::email::{EmailKey, is_acceptable_email, read_emails};
use super::person_name::{PersonName, compare_person_names, fuller, is_legible, is_single_word, name_key};
use super::phone::{PhoneContext, PhoneKey, PhoneStyle, read_phones, search_spellings, write_phone};
use super::placeholder::names_nobody;
use super::tax::{Inn, Kpp, Ogrn, is_bin_or_iin, is_pinfl, is_unp};
use crate::key::{Key, is_nobody, keys_of};
use crate::party::{Organization, Party};

/// Letters, digits and signs that fields are full of, beside any other character.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ 0-9+().,;/#@-]{0,40}",
        "[ А-Яа-яёA-Za-z.«»\"'()-]{0,40}",
        "(ООО|ИП|ТОО|MCHJ|GmbH|инн|тел|mailto:|доб|Иванов|Анна)?[ .:]?\\PC{0,20}[ ,;]?[0-9@]{0,14}",
        "[\u{200b}\u{202e}\u{feff}\u{ad}\u{301}\u{308}\u{fe0f}０-９٠-٩Ⅷﬁ①㏒İßǅ🔥 а-яa-z0-9@.]{0,30}",
    ]
}

fn contexts() -> impl Strategy<Value = PhoneContext> {
    prop_oneof![Just("RU"), Just("KZ"), Just("BY"), Just("UZ"), Just("DE"), Just("US")].prop_flat_map(
        |country| {
            proptest::option::of("[2-9][0-9]{1,3}")
                .prop_map(move |area| PhoneContext::new(country, area.as_deref()).unwrap())
        },
    )
}

proptest! {
    #[test]
    fn a_phone_read_again_is_itself(text in texts(), context in contexts()) {
        for phone in read_phones(&text, &context) {
            let again = read_phones(phone.key.as_str(), &context);
            prop_assert_eq!(again.iter().map(|phone| &phone.key).collect::<Vec<_>>(), [&phone.key]);
            let written = write_phone(&phone.key, phone.extension.as_deref(), PhoneStyle::Onec);
            prop_assert_eq!(read_phones(&written, &context), [phone.clone()]);
            prop_assert!(PhoneKey::try_from(phone.key.as_str().to_owned()).is_ok());
            prop_assert!(!search_spellings(&phone.key).is_empty());
        }
    }

    #[test]
    fn a_mailbox_read_again_is_itself(text in texts(), tail in "[a-zа-я@. -]{0,12}") {
        for key in read_emails(&format!("{text}@{tail}.ru {text}")) {
            prop_assert!(is_acceptable_email(key.as_str()), "{key}");
            prop_assert_eq!(read_emails(key.as_str()), [key.clone()]);
            prop_assert!(EmailKey::try_from(key.as_str().to_owned()).is_ok());
        }
    }

    #[test]
    fn a_name_read_again_is_itself(text in texts(), parts in proptest::array::uniform3(texts())) {
        let whole = PersonName::from_whole(&text);
        prop_assert_eq!(&PersonName::from_whole(&PersonName::from_whole(&text).whole()).whole(), &whole.whole());
        let [last, first, middle] = &parts;
        let name = PersonName::from_parts(last, first, middle);
        prop_assert_eq!(&PersonName::from_parts(&name.last, &name.first, &name.middle), &name);
        for name in [&whole, &name] {
            let key = name_key(name);
            let again = key.as_ref().and_then(|key| name_key(&PersonName::from_whole(key.as_str())));
            prop_assert_eq!(again, key);
            let _ = (is_legible(name), is_single_word(name), names_nobody(&name.whole()));
        }
        prop_assert_eq!(compare_person_names(&whole, &name), compare_person_names(&name, &whole));
        prop_assert_eq!(fuller(&whole, &name), fuller(&name, &whole));
    }

    #[test]
    fn a_company_name_read_again_is_itself(text in texts()) {
        let once = read_company_name(&text);
        let again = read_company_name(&once.core);
        // What a name states twice, as form or as remark, comes off one at a time.
        prop_assert!(again.core == once.core || again.core.len() < once.core.len(), "{once:?} then {again:?}");
        prop_assert!(same_company_words(&text, &text));
    }

    #[test]
    fn a_number_read_again_is_itself(text in texts()) {
        for number in numbers(&text).into_iter().chain([text]) {
            if let Some(inn) = Inn::parse(&number) {
                prop_assert_eq!(Inn::parse(inn.as_str()), Some(inn.clone()));
                prop_assert_eq!(Inn::try_from(inn.as_str().to_owned()), Ok(inn));
            }
            if let Some(kpp) = Kpp::parse(&number) {
                prop_assert_eq!(Kpp::parse(kpp.as_str()), Some(kpp.clone()));
                prop_assert_eq!(Kpp::try_from(kpp.as_str().to_owned()), Ok(kpp));
            }
            if let Some(ogrn) = Ogrn::parse(&number) {
                prop_assert_eq!(Ogrn::parse(ogrn.as_str()), Some(ogrn.clone()));
                prop_assert_eq!(Ogrn::try_from(ogrn.as_str().to_owned()), Ok(ogrn));
            }
            let _ = (is_bin_or_iin(&number), is_unp(&number), is_pinfl(&number));
        }
    }

    #[test]
    fn a_number_with_a_wrong_checksum_is_no_key(
        digits in "[0-9]{8,16}",
        damage in prop_oneof![Just(""), Just(" "), Just(".0"), Just("\u{a0}"), Just("/770101001"), Just("ИНН ")],
    ) {
        let text = if damage.starts_with('И') { format!("{damage}{digits}") } else { format!("{digits}{damage}") };
        let party = Party::Organization(Organization { inn: text.clone(), ..Organization::default() });
        let keys = keys_of(&party);
        let inn = keys.iter().find_map(|key| if let Key::Inn(inn) = key { Some(inn.as_str()) } else { None });
        prop_assert!(inn.is_none_or(sums::inn), "{text} gave {inn:?}");
        prop_assert!(inn.is_none_or(|inn| inn.trim_start_matches('0') == digits.trim_start_matches('0')), "{text}: {inn:?}");
        let right = sums::inn(&digits) && !digits.starts_with("00");
        prop_assert!(!right || inn == Some(&digits), "{text} is right and gave {inn:?}");
        let ogrn = Ogrn::parse(&digits);
        prop_assert!(ogrn.is_none_or(|ogrn| ogrn.as_str() == digits && sums::ogrn(&digits)), "{digits}");
        prop_assert!(digits.len() != 12 || is_bin_or_iin(&digits) == sums::bin(&digits), "{digits}");
        prop_assert!(digits.len() != 11 || !is_bin_or_iin(&digits) || sums::bin(&format!("0{digits}")), "{digits}");
        prop_assert_eq!(is_unp(&digits), sums::unp(&digits), "{}", digits);
        prop_assert!(!is_pinfl(&digits) || sums::pinfl(&digits), "{digits}");
    }

    #[test]
    fn any_text_is_survived_in_any_field(text in texts(), other in texts()) {
        let party = Party::Organization(Organization {
            title: text.clone(),
            legal_name: other.clone(),
            inn: other.clone(),
            kpp: text.clone(),
            ogrn: other.clone(),
            ..Organization::default()
        });
        let _ = (keys_of(&party), is_nobody(&party));
        let _ = super::company_name::is_retired(&text);
    }
}

/// Runs of digits of a text, padded to lengths that numbers have.
fn numbers(text: &str) -> Vec<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    [9, 10, 11, 12, 13, 15].iter().filter_map(|length| digits.get(..*length).map(str::to_owned)).collect()
}

/// The checksums once more, by their published rules and in another way than the code under test: as one sum that has to
/// come out.
mod sums {
    fn digits(text: &str, length: usize) -> Option<Vec<usize>> {
        let digits: Vec<usize> =
            text.chars().filter_map(|digit| digit.to_digit(10)).map(|digit| digit as usize).collect();
        (text.len() == length && digits.len() == length && digits.iter().any(|digit| *digit > 0))
            .then_some(digits)
    }

    fn sum(digits: &[usize], weights: &[usize]) -> usize {
        weights.iter().zip(digits).map(|(weight, digit)| weight * digit).sum()
    }

    pub(super) fn inn(text: &str) -> bool {
        let person = digits(text, 12).is_some_and(|d| {
            sum(&d, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == d[10]
                && sum(&d, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == d[11]
        });
        person || digits(text, 10).is_some_and(|d| sum(&d, &[2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == d[9])
    }

    pub(super) fn ogrn(text: &str) -> bool {
        let (head, last) = text.split_at(text.len() - 1);
        let rest =
            |by: u64| head.bytes().fold(0, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % by) % 10;
        match text.len() {
            13 => rest(11).to_string() == last,
            15 => rest(13).to_string() == last,
            _ => false,
        }
    }

    pub(super) fn bin(text: &str) -> bool {
        digits(text, 12).is_some_and(|d| {
            let rest = |shift: usize| (0..11).map(|at| ((at + shift) % 11 + 1) * d[at]).sum::<usize>() % 11;
            d[11] == if rest(0) < 10 { rest(0) } else { rest(2) }
        })
    }

    pub(super) fn unp(text: &str) -> bool {
        digits(text, 9).is_some_and(|d| sum(&d, &[29, 23, 19, 17, 13, 7, 5, 3]) % 11 == d[8])
    }

    pub(super) fn pinfl(text: &str) -> bool {
        digits(text, 14)
            .is_some_and(|d| (0..13).map(|at| [7, 3, 1][at % 3] * d[at]).sum::<usize>() % 10 == d[13])
    }
}
