//! INN, KPP and registration numbers: what 1C notes about them and what it keeps as it comes.

use super::*;

const LEGAL: &str = "ЮридическоеЛицо";
const PERSON: &str = "ФизическоеЛицо";

/// Creates a counterparty with these fields beside its description.
fn created(base: &mut Infobase, mut fields: Value) -> Value {
    fields["Description"] = json!("Х");
    body(&send(base, "POST", &format!("/{COUNTERPARTIES}"), &fields), 201)
}

#[test]
fn an_inn_is_right_by_its_length_its_region_and_its_check_digits() {
    let mut base = plain();
    for (kind, inn, expected) in [
        (LEGAL, "7701234560", true),
        (LEGAL, "5017002196", true),
        (LEGAL, "0101001233", true),
        (LEGAL, "7701234561", false),
        (LEGAL, "101001233", false),
        (LEGAL, "0077000003", false),
        (LEGAL, "0000000000", false),
        (LEGAL, " 7701234560", false),
        (LEGAL, "77012\u{a0}34560", false),
        (LEGAL, "7701234560/770101001", false),
        (LEGAL, "нет", false),
        (LEGAL, "501700219097", false),
        (PERSON, "501700219097", true),
        (PERSON, "770123456703", true),
        (PERSON, "501700219098", false),
        (PERSON, "501700219007", false),
        (PERSON, "7701234560", false),
        (PERSON, "", false),
    ] {
        let object = created(&mut base, json!({"ЮридическоеФизическоеЛицо": kind, "ИНН": inn}));
        assert_eq!(object["ИННВведенКорректно"], expected, "{kind} {inn}");
        assert_eq!(object["ИНН"], inn, "kept as it came");
    }
    let spaced = created(&mut base, json!({"ЮридическоеФизическоеЛицо": LEGAL, "ИНН": "7701234560  "}));
    assert_eq!((&spaced["ИНН"], &spaced["ИННВведенКорректно"]), (&json!("7701234560"), &json!(true)));
}

#[test]
fn the_reason_of_a_kpp_tells_the_whole_from_a_part() {
    let mut base = plain();
    let mut note = |kpp: &str, branch: bool| {
        let fields =
            json!({"ЮридическоеФизическоеЛицо": LEGAL, "КПП": kpp, "ОбособленноеПодразделение": branch});
        created(&mut base, fields)["КППВведенКорректно"].clone()
    };
    for reason in ["01", "50", "30", "37", "40", "41", "51", "52", "63", "75", "89"] {
        let kpp = format!("7701{reason}001");
        assert_eq!((note(&kpp, false), note(&kpp, true)), (json!(true), json!(false)), "{reason}");
    }
    for reason in ["02", "03", "04", "05", "31", "32", "43", "44", "45"] {
        let kpp = format!("7701{reason}001");
        assert_eq!((note(&kpp, false), note(&kpp, true)), (json!(false), json!(true)), "{reason}");
    }
    for (kpp, expected) in [
        ("7701AB001", true),
        ("7701ab001", false),
        ("770199001", false),
        ("770100001", false),
        ("000101001", false),
        ("77010100", false),
        ("0", false),
        ("", false),
    ] {
        assert_eq!(note(kpp, false), json!(expected), "{kpp}");
    }
}

#[test]
fn a_person_has_no_right_kpp() {
    let mut base = plain();
    for kpp in ["", "0", "000000000", "770101001"] {
        let person = created(&mut base, json!({"ЮридическоеФизическоеЛицо": PERSON, "КПП": kpp}));
        assert_eq!((&person["КПП"], &person["КППВведенКорректно"]), (&json!(kpp), &json!(false)), "{kpp}");
    }
}

#[test]
fn registration_numbers_are_kept_without_a_look() {
    for product in [Product::Bp30, Product::Ut11, Product::Unf] {
        let mut base = of_product(product, &[]);
        for number in ["1027700123450", "1027700123459", "304770012345674", "свидетельство № 7"]
        {
            let object = created(&mut base, json!({"РегистрационныйНомер": number}));
            assert_eq!(object["РегистрационныйНомер"], number, "{product:?}");
        }
    }
}

#[test]
fn numbers_of_other_countries_stand_where_the_configuration_has_room() {
    let mut base = of_product(Product::Bp30, &[]);
    for inn in ["210340012344", "150440001236", "191234563", "MA1953005", "150440001236 / 600400123456"] {
        let object = created(&mut base, json!({"ЮридическоеФизическоеЛицо": LEGAL, "ИНН": inn}));
        assert_eq!((&object["ИНН"], &object["ИННВведенКорректно"]), (&json!(inn), &json!(false)), "{inn}");
    }
    for product in [Product::Bp30, Product::Ut11] {
        let mut base = of_product(product, &[]);
        let object = created(&mut base, json!({"НалоговыйНомер": "150440001236", "ИНН": ""}));
        assert_eq!(object["НалоговыйНомер"], "150440001236", "{product:?}");
    }
    let mut base = of_product(Product::Unf, &[]);
    let object = created(&mut base, json!({"НалоговыйНомер": "150440001236", "ИНН": "150440001236"}));
    assert!(object.get("НалоговыйНомер").is_none());
    assert_eq!(object["ИНН"], "150440001236", "twelve characters fit");
}

#[test]
fn offices_of_one_organisation_share_its_inn_and_differ_by_kpp() {
    let mut base = plain();
    let branch = json!({"ЮридическоеФизическоеЛицо": LEGAL, "ИНН": "7701234560", "КПП": "770143001",
                        "ОбособленноеПодразделение": true, "ГоловнойКонтрагент_Key": FIRM});
    let branch = created(&mut base, branch)["Ref_Key"].as_str().unwrap().to_owned();
    let found = |base: &mut Infobase, filter: &str| {
        keys(base, &format!("/{COUNTERPARTIES}?$orderby=Ref_Key&$filter={filter}"))
    };
    assert_eq!(found(&mut base, "ИНН eq '7701234560'").len(), 3, "the head and two branches");
    assert_eq!(found(&mut base, "ИНН eq '7701234560' and КПП eq '770143001'"), [branch]);
    let whole = "ИНН eq '7701234560' and ОбособленноеПодразделение eq false";
    assert_eq!(found(&mut base, whole), [FIRM]);
    assert!(rows(&mut base, "/InformationRegister_НаличиеДублейУКонтрагентов").is_empty(), "no duplicates");
}
