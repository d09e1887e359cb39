//! `$filter`: what it finds, what it refuses, what it silently does not find.

use super::*;
use obmen_sim::onec::UnknownField;
use proptest::prelude::*;

#[test]
fn filters_find_what_the_sheet_says() {
    let (both, firm, branch, none): (&[&str], &[&str], &[&str], &[&str]) =
        (&[FIRM, BRANCH], &[FIRM], &[BRANCH], &[]);
    let found = [
        ("ИНН eq '7701234560' and ОбособленноеПодразделение eq false", firm),
        ("IsFolder eq false and DeletionMark eq false", both),
        ("not (ОбособленноеПодразделение eq false) and not IsFolder", branch),
        ("ГоловнойКонтрагент_Key eq guid'10000000-0000-0000-0000-000000000001'", branch),
        ("ГоловнойКонтрагент/ИНН eq '7701234560'", branch),
        ("ГоловнойКонтрагент/СтранаРегистрации/Code eq '643'", branch),
        ("КонтактнаяИнформация/any(d: d/НомерТелефона eq '74951234567')", firm),
        ("КонтактнаяИнформация/any(d: d/Вид/Тип eq 'Телефон' and d/LineNumber eq 1)", firm),
        ("КонтактнаяИнформация/all(d: d/Тип eq 'Телефон')", both),
        ("КонтактнаяИнформация/any()", firm),
        (
            "ДополнительныеРеквизиты/any(d: d/Свойство_Key eq guid'7a10c000-1c01-11ef-9a3d-0050568b35ac' and d/Значение eq '123')",
            firm,
        ),
        ("ДополнительныеРеквизиты/any(d: cast(d/Значение,'String') eq '123')", firm),
        (
            "ДополнительныеРеквизиты/any(d: d/Значение eq cast(guid'3f38e518-0a13-11e1-8000-0050568b35ac','Catalog_Пользователи'))",
            firm,
        ),
        ("ДополнительныеРеквизиты/any(d: d/Значение eq guid'3f38e518-0a13-11e1-8000-0050568b35ac')", none),
        ("Description eq 'РОМАШКА'", firm),
        ("Description eq 'Ромашка, филиал ''Юг'''", branch),
        ("substringof('маш', Description)", both),
        ("startswith(Description,'ромашка,')", branch),
        ("endswith(Description,'шка')", firm),
        ("like(Description,'%фил%')", branch),
        ("concat(Code, ИНН) eq '00-0000077701234560'", firm),
        ("substring(Code, 4) eq '000008'", branch),
        ("substring(ИНН, 1, 2) eq '77' and substring(Code, 9, 5) eq '7'", firm),
        ("Ref_Key gt guid'10000000-0000-0000-0000-000000000001'", branch),
        (
            "Ref_Key eq guid'10000000-0000-0000-0000-000000000002' or Ref_Key eq guid'10000000-0000-0000-0000-000000000009'",
            branch,
        ),
        ("ДатаСоздания eq datetime'0001-01-01T00:00:00'", both),
        ("ИНН ne '' and (Code le '00-000007' or Code ge '00-000009')", firm),
    ];
    let mut base = plain();
    for (filter, expected) in found {
        let path = format!("/{COUNTERPARTIES}?$orderby=Ref_Key&$select=Ref_Key&$filter={filter}");
        assert_eq!(keys(&mut base, &path), expected, "{filter}");
    }
}

#[test]
fn a_composite_owner_is_found_by_a_typed_reference_alone() {
    let mut base = plain();
    for (filter, expected) in [
        (format!("ОбъектВладелец eq cast(guid'{FIRM}','Catalog_Контрагенты')"), 1),
        (format!("ОбъектВладелец eq guid'{FIRM}'"), 0),
        (format!("ОбъектВладелец eq cast(guid'{FIRM}','Catalog_Пользователи')"), 0),
        ("isof(ОбъектВладелец,'Catalog_Контрагенты')".to_owned(), 1),
        ("isof(ОбъектВладелец,'Catalog_Пользователи')".to_owned(), 0),
        ("cast(ОбъектВладелец,'Catalog_Контрагенты')/ИНН eq '7701234560'".to_owned(), 1),
        ("ДатаРождения lt datetime'1990-06-01T00:00:00'".to_owned(), 1),
    ] {
        assert_eq!(keys(&mut base, &format!("/{PERSONS}?$filter={filter}")).len(), expected, "{filter}");
    }
}

#[test]
fn a_filter_that_cannot_be_read_has_its_code() {
    let mut base = plain();
    for (filter, expected) in [
        ("ИННН eq '1'", "10"),
        ("КонтактнаяИнформация/any(d: d/Телефон eq '1')", "10"),
        ("ГоловнойКонтрагент/Нет eq '1'", "10"),
        ("startswith(ИНН)", "12"),
        ("cast(ИНН) eq '1'", "12"),
        ("isof(ИНН,'Edm.String')", "21"),
        ("year(ИНН) eq 2026", "21"),
        ("round(2.5, 1) eq 3", "21"),
        ("dateadd(ДатаСоздания,'week',1) eq ДатаСоздания", "21"),
        ("dateadd(ДатаСоздания,'day') eq ДатаСоздания", "12"),
        ("datedifference(ДатаСоздания,ДатаСоздания,day) eq 0", "10"),
        ("round(1e3) eq 1000", "1"),
        ("КонтактнаяИнформация eq '1'", "21"),
        ("ИНН eq '1", "1"),
        ("Ref_Key eq guid'12'", "1"),
        ("ДатаСоздания eq datetime'26-01-01T00:00:00'", "1"),
        ("ИНН eq", "14"),
        ("ИНН", "14"),
        ("ИНН eq '1' and", "14"),
        ("(ИНН eq '1'", "14"),
        ("ИНН eq '1')", "14"),
        ("ИНН=='1'", "14"),
        ("not ИНН eq '1'", "14"),
        ("ИНН+eq+'1'", "14"),
    ] {
        let answer = get(&mut base, &format!("/{COUNTERPARTIES}?$filter={filter}"));
        assert_eq!((answer.status, code(&answer).as_str()), (400, expected), "{filter}");
    }
}

#[test]
fn functions_of_the_standard_that_1c_lacks_are_not_found() {
    let mut base = plain();
    for name in [
        "length", "indexof", "replace", "tolower", "toupper", "trim", "years", "days", "hours", "seconds",
        "floor", "ceiling",
    ] {
        let answer = get(&mut base, &format!("/{COUNTERPARTIES}?$filter={name}(ИНН) eq 1"));
        assert_eq!((answer.status, code(&answer).as_str()), (400, "11"), "{name}");
    }
}

#[test]
fn a_deep_path_casts_each_reference_of_several_types() {
    let mut base = plain();
    let rows = json!([{"LineNumber": "1", "Свойство_Key": ATTRIBUTE, "Значение": ANNA,
        "Значение_Type": "StandardODATA.Catalog_КонтактныеЛица"}]);
    let patch = json!({"ДополнительныеРеквизиты": rows});
    assert_eq!(send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch).status, 200);
    let person = "cast(d/Значение,'Catalog_КонтактныеЛица')";
    for (end, expected) in [("Ромашка", 1), ("Другая", 0)] {
        let path = format!("cast({person}/ОбъектВладелец,'Catalog_Контрагенты')/Description eq '{end}'");
        let filter = format!("ДополнительныеРеквизиты/any(d: {path})");
        assert_eq!(
            keys(&mut base, &format!("/{COUNTERPARTIES}?$filter={filter}")).len(),
            expected,
            "{filter}"
        );
    }
}

#[test]
fn a_server_that_says_nothing_of_unknown_names_finds_nothing_and_orders_nothing() {
    let mut base = infobase(Settings { unknown_field: UnknownField::Silent, ..Settings::default() });
    assert_eq!(keys(&mut base, &format!("/{COUNTERPARTIES}?$filter=ИННН ne '1'")).len(), 0);
    assert_eq!(keys(&mut base, &format!("/{COUNTERPARTIES}?$orderby=ИННН")).len(), 2);
    let ordered = keys(&mut base, &format!("/{COUNTERPARTIES}?$orderby=ИННН,Code desc"));
    assert_eq!(ordered, [BRANCH, FIRM]);
}

#[test]
fn nesting_without_end_is_refused() {
    let walk = format!("{}ИНН eq '1'", "ГоловнойКонтрагент/".repeat(60));
    let sum = format!("1 eq 1{}", " add 1".repeat(700));
    let turns = format!("1 eq 1{}", " eq 1".repeat(700));
    let brackets = format!("{}true{}", "(".repeat(3500), ")".repeat(3500));
    let signs = format!("{}1 eq 1", "-".repeat(7000));
    for filter in [walk, sum, turns, brackets, signs] {
        let answer = get(&mut plain(), &format!("/{COUNTERPARTIES}?$filter={filter}"));
        assert_eq!((answer.status, code(&answer).as_str()), (400, "14"), "{filter:.40}");
    }
    let long = vec!["Code eq '1'"; 330].join(" or ");
    assert_eq!(keys(&mut plain(), &format!("/{COUNTERPARTIES}?$filter={long}")).len(), 0);
}

#[test]
fn a_changed_text_is_found_by_what_it_is_and_not_by_what_it_was() {
    let mut base = plain();
    let rows =
        json!([{"LineNumber": "1", "Тип": "Телефон", "Вид_Key": PHONE_KIND, "НомерТелефона": "74950000000"}]);
    let patch = json!({"ИНН": "5017002196", "КонтактнаяИнформация": rows});
    assert_eq!(send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch).status, 200);
    let count =
        |base: &mut Infobase, filter: &str| keys(base, &format!("/{COUNTERPARTIES}?$filter={filter}")).len();
    for (filter, expected) in [
        ("ИНН eq '7701234560'", 0),
        ("ИНН eq '5017002196'", 2),
        ("КонтактнаяИнформация/any(d: d/НомерТелефона eq '74951234567')", 0),
        ("КонтактнаяИнформация/any(d: d/НомерТелефона eq '74950000000')", 1),
    ] {
        assert_eq!(count(&mut base, filter), expected, "{filter}");
    }
    assert_eq!(send(&mut base, "DELETE", &entity(COUNTERPARTIES, FIRM), &Value::Null).status, 204);
    assert_eq!(count(&mut base, "ИНН eq '5017002196'"), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_the_parser(text in ".{0,60}") {
        let answer = get(&mut plain(), &format!("/{COUNTERPARTIES}?$filter={}", text.replace('&', " ")));
        prop_assert!(matches!(answer.status, 200 | 400), "{}", answer.status);
    }

    #[test]
    fn no_heap_of_words_breaks_the_parser(words in proptest::collection::vec(word(), 0..14)) {
        let answer = get(&mut plain(), &format!("/{COUNTERPARTIES}?$filter={}", words.join(" ")));
        prop_assert!(matches!(answer.status, 200 | 400), "{}", answer.status);
    }
}

fn word() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "ИНН",
        "Ref_Key",
        "IsFolder",
        "КонтактнаяИнформация/any(d:",
        "d/НомерТелефона",
        "ГоловнойКонтрагент/ИНН",
        "eq",
        "gt",
        "and",
        "or",
        "not",
        "(",
        ")",
        ",",
        "'a'",
        "''",
        "5",
        "-1.5",
        "true",
        "null",
        "substringof(",
        "cast(",
        "'String'",
        "guid'10000000-0000-0000-0000-000000000001'",
        "datetime'2026-01-01T00:00:00'",
        "add",
        "div",
    ])
}
