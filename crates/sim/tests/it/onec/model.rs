//! The data model of the three configurations, attribute by attribute, as `$metadata` and writes show it.

use super::*;
use std::collections::BTreeMap;

const PARTNERS: &str = "Catalog_Партнеры";
const PEOPLE: &str = "Catalog_КонтактныеЛицаПартнеров";
const STANDARD: &str = "Ref_Key DataVersion DeletionMark Description Predefined PredefinedDataName";
const ALL: [Product; 3] = [Product::Bp30, Product::Ut11, Product::Unf];

/// The properties of an entity or complex type and their types, as the schema document has them.
pub(super) fn properties(product: Product, name: &str) -> BTreeMap<String, String> {
    let mut base = of_product(product, &[]);
    let answer = send_with(&mut base, "GET", "/$metadata", &Value::Null, &[]);
    let document = String::from_utf8(answer.body).unwrap();
    let ends = [("<EntityType Name=", "</EntityType>"), ("<ComplexType Name=", "</ComplexType>")];
    let found = ends.iter().find_map(|(begin, end)| {
        let rest = document.split_once(&format!("{begin}\"{name}\""))?.1;
        Some(rest.split_once(end)?.0.to_owned())
    });
    let Some(found) = found else {
        return BTreeMap::new();
    };
    let attribute = |text: &str, name: &str| {
        let rest = text.split_once(&format!("{name}=\""))?.1;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let tags = found.split("<Property ").skip(1);
    tags.filter_map(|tag| Some((attribute(tag, "Name")?, attribute(tag, " Type")?))).collect()
}

fn names(product: Product, set: &str) -> Vec<String> {
    properties(product, set).into_keys().collect()
}

fn sorted(lists: &[&str]) -> Vec<String> {
    let mut names: Vec<String> =
        lists.iter().flat_map(|list| list.split_whitespace()).map(str::to_owned).collect();
    names.sort();
    names
}

/// Creates an object and tells the code of the refusal, if there is one.
fn refusal(base: &mut Infobase, set: &str, post: &Value) -> Option<String> {
    let answer = send(base, "POST", &format!("/{set}"), post);
    (answer.status != 201).then(|| code(&answer))
}

#[test]
fn each_configuration_has_the_catalogs_of_its_parties_and_no_others() {
    let all = [
        COUNTERPARTIES,
        PARTNERS,
        PERSONS,
        PEOPLE,
        "Catalog_КонтактныеЛицаКонтрагентов",
        "Catalog_ФизическиеЛица",
        "Catalog_Пользователи",
        "Catalog_Организации",
        "Catalog_Лиды",
        "Catalog_КонтактыЛидов",
        "InformationRegister_СвязиКонтрагентКонтакт",
    ];
    for (product, expected) in [
        (Product::Bp30, vec![0, 2, 5, 6, 7]),
        (Product::Ut11, vec![0, 1, 3, 5, 6, 7]),
        (Product::Unf, vec![0, 2, 5, 6, 7, 8, 9, 10]),
    ] {
        let mut base = of_product(product, &[]);
        let found: Vec<usize> =
            (0..all.len()).filter(|at| get(&mut base, &format!("/{}", all[*at])).status == 200).collect();
        assert_eq!(found, expected, "{product:?}");
    }
}

#[test]
fn counterparties_of_bp_have_these_attributes() {
    let expected = sorted(&[
        STANDARD,
        "Parent_Key IsFolder Code НаименованиеПолное ЮридическоеФизическоеЛицо ИндивидуальныйПредприниматель",
        "Самозанятый ГосударственныйОрган ИНН КПП РегистрационныйНомер НалоговыйНомер КодПоОКПО",
        "ОбособленноеПодразделение ГоловнойКонтрагент_Key Комментарий ДополнительнаяИнформация",
        "СтранаРегистрации_Key ОсновноеКонтактноеЛицо_Key ОсновнойБанковскийСчет_Key ДатаСоздания",
        "РасширенноеПредставлениеИНН РасширенноеПредставлениеКПП ИННВведенКорректно КППВведенКорректно",
        "ДокументУдостоверяющийЛичность КонтактнаяИнформация ДополнительныеРеквизиты ИсторияКПП",
        "ИсторияНаименований ИсторияКонтактнойИнформации",
    ]);
    assert_eq!(names(Product::Bp30, COUNTERPARTIES), expected);
}

#[test]
fn counterparties_of_ut_have_these_attributes() {
    let expected = sorted(&[
        STANDARD,
        "НаименованиеПолное ЮрФизЛицо ЮридическоеФизическоеЛицо ИНН КПП РегистрационныйНомер НалоговыйНомер",
        "КодПоОКПО ОбособленноеПодразделение ГоловнойКонтрагент_Key Партнер_Key ДополнительнаяИнформация",
        "СтранаРегистрации_Key КонтактнаяИнформация ДополнительныеРеквизиты ИсторияКПП ИсторияНаименований",
    ]);
    assert_eq!(names(Product::Ut11, COUNTERPARTIES), expected);
    let history = properties(Product::Ut11, "Catalog_Контрагенты_ИсторияНаименований_RowType");
    assert!(history.contains_key("СокращенноеНаименование"), "{history:?}");
    assert_eq!(properties(Product::Ut11, "Catalog_БанковскиеСчетаКонтрагентов")["Owner_Key"], "Edm.Guid");
}

#[test]
fn counterparties_of_unf_have_these_attributes() {
    let expected = sorted(&[
        STANDARD,
        "Parent_Key IsFolder Code НаименованиеПолное ВидКонтрагента ЮридическоеФизическоеЛицо ИНН КПП",
        "РегистрационныйНомер КодПоОКПО ГоловнойКонтрагент_Key Ответственный_Key Покупатель Поставщик",
        "ПрочиеОтношения Недействителен ГруппаДоступа_Key Комментарий СтранаРегистрации_Key",
        "КонтактноеЛицо_Key КонтактноеЛицоПодписант_Key БанковскийСчетПоУмолчанию_Key ДатаСоздания",
        "ИсточникПривлеченияПокупателя_Key АдресЭПДляПоиска НомерТелефонаДляПоиска ОсновныеСведения",
        "ИННВведенКорректно КППВведенКорректно ДатаРождения Пол ФИО КонтактнаяИнформация",
        "ДополнительныеРеквизиты ИсторияКПП ИсторияНаименований Теги",
    ]);
    assert_eq!(names(Product::Unf, COUNTERPARTIES), expected);
}

#[test]
fn partners_and_their_people_have_these_attributes() {
    let partner = sorted(&[
        STANDARD,
        "Parent_Key Code НаименованиеПолное ЮрФизЛицо Клиент Поставщик Конкурент ПрочиеОтношения Перевозчик",
        "ОсновнойМенеджер_Key БизнесРегион_Key ГруппаДоступа_Key ДатаРегистрации Комментарий Пол ДатаРождения",
        "КонтактнаяИнформация ДополнительныеРеквизиты",
    ]);
    assert_eq!(names(Product::Ut11, PARTNERS), partner);
    let person = sorted(&[
        STANDARD,
        "Owner_Key ДолжностьПоВизитке Пол ДатаРождения ДатаРегистрацииСвязи ДатаПрекращенияСвязи Автор Автор_Type",
        "Комментарий КонтактнаяИнформация РолиКонтактногоЛица ДополнительныеРеквизиты",
    ]);
    assert_eq!(names(Product::Ut11, PEOPLE), person, "neither a code nor parts of a name");
}

#[test]
fn contact_persons_of_bp_and_unf_have_these_attributes() {
    let bp = sorted(&[
        STANDARD,
        "Code ОбъектВладелец ОбъектВладелец_Type ВидКонтактногоЛица Фамилия Имя Отчество Должность Роль",
        "ДатаРождения ПользовательЛичногоКонтакта_Key Описание КонтактнаяИнформация ДополнительныеРеквизиты",
    ]);
    assert_eq!(names(Product::Bp30, PERSONS), bp);
    let unf = sorted(&[
        STANDARD,
        "Parent_Key IsFolder Code ГруппаДоступа_Key Ответственный_Key ИсточникПривлечения_Key Недействителен",
        "ДатаСоздания ДатаРождения Пол Комментарий АдресЭПДляПоиска НомерТелефонаДляПоиска ОсновныеСведения",
        "СписокРолей КонтактнаяИнформация ДополнительныеРеквизиты Роли Теги",
    ]);
    assert_eq!(names(Product::Unf, PERSONS), unf);
}

#[test]
fn individuals_users_and_own_companies_have_what_identifies_them() {
    for (product, set, has, has_not) in [
        (
            Product::Ut11,
            "Catalog_ФизическиеЛица",
            "ДатаРождения Пол ИНН ГруппаДоступа_Key",
            "Code Фамилия ФИО",
        ),
        (
            Product::Bp30,
            "Catalog_ФизическиеЛица",
            "Code ФИО Фамилия Имя Отчество СтраховойНомерПФР УточнениеНаименования",
            "ГруппаДоступа_Key",
        ),
        (Product::Unf, "Catalog_ФизическиеЛица", "ФИО Фамилия Имя Отчество СтраховойНомерПФР", "Owner_Key"),
        (
            Product::Bp30,
            "Catalog_Организации",
            "Code ИНН КПП ОГРН НаименованиеСокращенное Префикс",
            "IsFolder",
        ),
        (Product::Ut11, "Catalog_Организации", "ИНН КПП ОГРН НаименованиеПолное Префикс", "Code"),
        (Product::Unf, "Catalog_Сотрудники", "Code ФизическоеЛицо_Key", "ИдентификаторПользователяИБ"),
        (
            Product::Unf,
            "Catalog_Пользователи",
            "Недействителен Служебный ИдентификаторПользователяИБ КонтактнаяИнформация",
            "Code",
        ),
    ] {
        let found = names(product, set);
        for name in has.split(' ') {
            assert!(found.iter().any(|one| one == name), "{product:?} {set} has {name}");
        }
        for name in has_not.split(' ') {
            assert!(!found.iter().any(|one| one == name), "{product:?} {set} has no {name}");
        }
    }
}

#[test]
fn texts_are_as_long_as_their_configuration_says() {
    let (bp, ut, unf) = (Product::Bp30, Product::Ut11, Product::Unf);
    for (product, set, name, length) in [
        (bp, COUNTERPARTIES, "Description", 100),
        (bp, COUNTERPARTIES, "НаименованиеПолное", 550),
        (ut, COUNTERPARTIES, "НаименованиеПолное", 250),
        (bp, COUNTERPARTIES, "ИНН", 50),
        (ut, COUNTERPARTIES, "ИНН", 12),
        (unf, COUNTERPARTIES, "ИНН", 12),
        (bp, COUNTERPARTIES, "КПП", 9),
        (ut, COUNTERPARTIES, "РегистрационныйНомер", 50),
        (bp, COUNTERPARTIES, "НалоговыйНомер", 50),
        (unf, COUNTERPARTIES, "КодПоОКПО", 10),
        (bp, COUNTERPARTIES, "Code", 9),
        (ut, PARTNERS, "Code", 11),
        (ut, PARTNERS, "НаименованиеПолное", 250),
        (ut, PEOPLE, "ДолжностьПоВизитке", 100),
        (bp, PERSONS, "Фамилия", 50),
        (bp, PERSONS, "Должность", 100),
        (bp, "Catalog_ФизическиеЛица", "СтраховойНомерПФР", 14),
        (bp, "Catalog_Организации", "ОГРН", 15),
        (bp, "Catalog_ВидыКонтактнойИнформации", "ИмяПредопределенногоВида", 150),
    ] {
        let mut base = of_product(product, &[]);
        let fits = json!({ name: "7".repeat(length) });
        assert_eq!(refusal(&mut base, set, &fits), None, "{product:?} {set} {name}");
        let longer = json!({ name: "7".repeat(length + 1) });
        assert_eq!(refusal(&mut base, set, &longer).as_deref(), Some("4"), "{product:?} {set} {name}");
    }
    let mut base = of_product(unf, &[]);
    assert_eq!(refusal(&mut base, COUNTERPARTIES, &json!({"НаименованиеПолное": "ж".repeat(5000)})), None);
}

#[test]
fn the_legal_type_is_another_enumeration_in_each_configuration() {
    for (product, set, name, values, foreign) in [
        (
            Product::Bp30,
            COUNTERPARTIES,
            "ЮридическоеФизическоеЛицо",
            "ЮридическоеЛицо ФизическоеЛицо",
            "ИндивидуальныйПредприниматель",
        ),
        (
            Product::Ut11,
            COUNTERPARTIES,
            "ЮрФизЛицо",
            "ЮрЛицо ФизЛицо ЮрЛицоНеРезидент ИндивидуальныйПредприниматель",
            "ЮридическоеЛицо",
        ),
        (Product::Ut11, PARTNERS, "ЮрФизЛицо", "Компания ЧастноеЛицо", "ЮрЛицо"),
        (
            Product::Unf,
            COUNTERPARTIES,
            "ВидКонтрагента",
            "ЮридическоеЛицо ИндивидуальныйПредприниматель ФизическоеЛицо ГосударственныйОрган",
            "ЮрЛицо",
        ),
        (
            Product::Bp30,
            PERSONS,
            "ВидКонтактногоЛица",
            "КонтактноеЛицоКонтрагента ПрочееКонтактноеЛицо ЛичныйКонтакт",
            "КонтактноеЛицо",
        ),
        (Product::Ut11, "Catalog_ФизическиеЛица", "Пол", "Мужской Женский", "М"),
    ] {
        let mut base = of_product(product, &[]);
        for value in values.split(' ').chain([""]) {
            assert_eq!(refusal(&mut base, set, &json!({ name: value })), None, "{product:?} {value}");
        }
        let wrong = refusal(&mut base, set, &json!({ name: foreign }));
        assert_eq!(wrong.as_deref(), Some("4"), "{product:?} {foreign}");
    }
}

#[test]
fn a_branch_is_told_by_a_flag_in_bp_and_ut_and_by_its_head_alone_in_unf() {
    for product in ALL {
        let has_flag = names(product, COUNTERPARTIES).iter().any(|name| name == "ОбособленноеПодразделение");
        assert_eq!(has_flag, product != Product::Unf, "{product:?}");
        let mut base = of_product(product, &[]);
        let post = json!({"Ref_Key": FIRM, "Description": "Ромашка"});
        let head = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post), 201);
        let expected = if has_flag { FIRM } else { "00000000-0000-0000-0000-000000000000" };
        assert_eq!(head["ГоловнойКонтрагент_Key"], expected, "{product:?}");
    }
}

#[test]
fn codes_are_given_by_the_base_where_the_catalog_has_them() {
    let (bp, ut, unf) = (Product::Bp30, Product::Ut11, Product::Unf);
    for (product, set, expected) in [
        (bp, COUNTERPARTIES, Some("00-000001")),
        (bp, PERSONS, Some("00-000001")),
        (ut, COUNTERPARTIES, None),
        (ut, PARTNERS, Some("00-00000001")),
        (ut, PEOPLE, None),
        (unf, COUNTERPARTIES, Some("НФ-000001")),
        (unf, PERSONS, Some("НФ-000001")),
        (unf, "Catalog_Пользователи", None),
    ] {
        let mut base = of_product(product, &[]);
        let created = body(&send(&mut base, "POST", &format!("/{set}"), &json!({"Description": "Х"})), 201);
        assert_eq!(created.get("Code").and_then(Value::as_str), expected, "{product:?} {set}");
    }
    let mut base = of_product(bp, &[]);
    let folder = json!({"Description": "Покупатели", "IsFolder": true, "Комментарий": "группа"});
    let folder = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &folder), 201);
    assert_eq!((&folder["Code"], &folder["Комментарий"]), (&json!("00-000001"), &json!("группа")));
    let inside = json!({"Description": "Ромашка", "Parent_Key": folder["Ref_Key"]});
    let inside = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &inside), 201);
    assert_eq!(inside["Code"], "00-000002", "folders and elements are numbered together");
    let given = json!({"Description": "Василек", "Code": "Ю-7"});
    let given = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &given), 201);
    assert_eq!(given["Code"], "Ю-7", "a code that is given stays");
}
