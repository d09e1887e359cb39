//! Contact information: its columns, what clients and forms write into them, and the kinds.

use super::model::properties;
use super::*;
use std::collections::BTreeSet;

const KINDS: &str = "Catalog_ВидыКонтактнойИнформации";
const COMMON: &str = "LineNumber Тип Вид_Key Представление Значение ЗначенияПолей АдресЭП ДоменноеИмяСервера \
                      НомерТелефона НомерТелефонаБезКодов Страна Регион Город";

fn furnished(product: Product) -> Infobase {
    Infobase::furnished(Settings { configuration: product, ..Settings::default() })
}

/// The reference of a predefined kind.
fn kind(base: &mut Infobase, name: &str) -> String {
    let path = format!("/{KINDS}?$select=Ref_Key&$filter=PredefinedDataName eq '{name}'");
    keys(base, &path).first().cloned().unwrap_or_else(|| panic!("there is no kind {name}"))
}

/// The rows that a user's form makes of these fields.
fn typed(base: &mut Infobase, fields: &Value) -> Vec<Value> {
    let action = json!({"do": "create", "set": COUNTERPARTIES, "fields": fields});
    let key = base.act(now(), &action).unwrap()["ref"].as_str().unwrap().to_owned();
    stored(base, COUNTERPARTIES, &key)["КонтактнаяИнформация"].as_array().unwrap().clone()
}

fn value(row: &Value) -> Value {
    serde_json::from_str(row["Значение"].as_str().unwrap()).unwrap()
}

#[test]
fn rows_have_the_columns_of_their_catalog() {
    let lists = "ВидДляСписка_Key";
    for (product, set, more) in [
        (Product::Bp30, COUNTERPARTIES, lists),
        (Product::Bp30, PERSONS, lists),
        (Product::Ut11, COUNTERPARTIES, "ВидДляСписка_Key ДействуетС"),
        (Product::Ut11, "Catalog_Партнеры", lists),
        (Product::Ut11, "Catalog_КонтактныеЛицаПартнеров", lists),
        (Product::Unf, COUNTERPARTIES, "ДействуетС ОбратныйНомерТелефона"),
        (Product::Unf, PERSONS, ""),
        (Product::Unf, "Catalog_ФизическиеЛица", lists),
    ] {
        let expected: BTreeSet<String> =
            COMMON.split_whitespace().chain(more.split_whitespace()).map(str::to_owned).collect();
        let found = properties(product, &format!("{set}_КонтактнаяИнформация_RowType"));
        assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), expected, "{product:?} {set}");
    }
}

#[test]
fn a_column_takes_texts_of_its_length_and_the_types_of_its_enumeration() {
    let mut base = plain();
    let mut write = |name: &str, text: &str| {
        let mut row = json!({"LineNumber": "1", "Тип": "Телефон", "Вид_Key": PHONE_KIND});
        row[name] = json!(text);
        let patch = json!({"КонтактнаяИнформация": [row]});
        send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch).status
    };
    for (name, length) in [
        ("Представление", 500),
        ("АдресЭП", 100),
        ("ДоменноеИмяСервера", 100),
        ("НомерТелефона", 20),
        ("НомерТелефонаБезКодов", 20),
        ("Страна", 100),
        ("Регион", 50),
        ("Город", 50),
    ] {
        assert_eq!(write(name, &"7".repeat(length)), 200, "{name}");
        assert_eq!(write(name, &"7".repeat(length + 1)), 400, "{name}");
    }
    assert_eq!(write("Значение", &"7".repeat(5000)), 200);
    for contact_type in
        ["Телефон", "АдресЭлектроннойПочты", "Адрес", "Факс", "ВебСтраница", "Skype", "Другое"]
    {
        assert_eq!(write("Тип", contact_type), 200, "{contact_type}");
    }
    assert_eq!(write("Тип", "Телеграм"), 400);
}

#[test]
fn three_columns_are_enough_for_a_row_and_a_user_s_save_restores_its_value() {
    let mut base = plain();
    let patch = json!({"КонтактнаяИнформация": [
        {"LineNumber": "1", "Тип": "Телефон", "Вид_Key": PHONE_KIND, "Представление": "+7 (495) 765-43-21"},
        {"LineNumber": "2", "Тип": "АдресЭлектроннойПочты", "Вид_Key": EMAIL_KIND, "Представление": "a@b.example"},
    ]});
    let changed = body(&send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch), 200);
    for name in ["Значение", "НомерТелефона", "АдресЭП", "ДоменноеИмяСервера"]
    {
        assert_eq!(changed["КонтактнаяИнформация"][0][name], "", "{name}");
        assert_eq!(changed["КонтактнаяИнформация"][1][name], "", "{name}");
    }
    base.act(now(), &json!({"do": "save", "set": COUNTERPARTIES, "ref": FIRM})).unwrap();
    let firm = stored(&base, COUNTERPARTIES, FIRM);
    assert_ne!(firm["DataVersion"], changed["DataVersion"], "a save without an edit is a write");
    let rows = firm["КонтактнаяИнформация"].as_array().unwrap();
    assert_eq!(value(&rows[0])["areaCode"], "495");
    assert_eq!(
        (&rows[0]["НомерТелефона"], &rows[1]["АдресЭП"]),
        (&json!("74957654321"), &json!("a@b.example"))
    );
}

#[test]
fn several_rows_of_a_kind_are_the_form_s_concern_alone() {
    let mut base = furnished(Product::Bp30);
    let fax = kind(&mut base, "ФаксКонтрагенты");
    let row = |line: u8| json!({"LineNumber": line, "Тип": "Факс", "Вид_Key": fax, "Представление": format!("{line}")});
    let post = json!({"Description": "Ромашка", "КонтактнаяИнформация": [row(1), row(2)]});
    let created = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post), 201);
    assert_eq!(created["КонтактнаяИнформация"].as_array().unwrap().len(), 2);
    let form = |rows: Vec<Value>| json!({"do": "create", "set": COUNTERPARTIES, "fields": {"КонтактнаяИнформация": rows}});
    assert!(base.act(now(), &form(vec![row(1), row(2)])).unwrap_err().contains("ФаксКонтрагенты"));
    base.act(now(), &form(vec![row(1)])).unwrap();
    let phones = json!({"phones": ["+7 495 123-45-67", "+7 495 123-45-68"]});
    assert_eq!(typed(&mut base, &phones).len(), 2, "this kind allows several");
}

#[test]
fn a_form_writes_the_value_of_each_type_as_json() {
    let mut base = furnished(Product::Unf);
    let fields = json!({
        "ВидКонтрагента": "ЮридическоеЛицо", "phones": ["+7 (495) 123-45-67, доб. 12, после обеда"],
        "emails": ["info@romashka.example"], "websites": ["https://romashka.example/about"],
        "addresses": ["101000, г Москва, ул Мясницкая, д 1"],
    });
    let rows = typed(&mut base, &fields);
    let expected = [
        json!({"version": 5, "value": "+7 (495) 123-45-67, доб. 12, после обеда", "comment": "после обеда",
               "type": "Телефон", "countryCode": "7", "areaCode": "495", "number": "123-45-67", "extNumber": "12"}),
        json!({"version": 5, "value": "info@romashka.example", "comment": "", "type": "АдресЭлектроннойПочты"}),
        json!({"version": 5, "value": "https://romashka.example/about", "comment": "", "type": "ВебСтраница",
               "name": ""}),
        json!({"version": 5, "value": "101000, г Москва, ул Мясницкая, д 1", "comment": "", "type": "Адрес",
               "country": "Россия", "countryCode": "643", "addressType": "ВСвободнойФорме"}),
    ];
    for (row, expected) in rows.iter().zip(&expected) {
        assert_eq!(value(row), *expected);
        assert_eq!((&row["Тип"], &row["ЗначенияПолей"]), (&expected["type"], &json!("")));
    }
    assert_eq!(
        (&rows[1]["АдресЭП"], &rows[1]["ДоменноеИмяСервера"]),
        (&json!("info@romashka.example"), &json!("romashka.example"))
    );
    assert_eq!(rows[2]["АдресЭП"], "romashka.example/about");
    assert_eq!(rows[3]["Страна"], "Россия");
}

#[test]
fn a_form_writes_a_users_mailbox_as_any_other() {
    for product in [Product::Bp30, Product::Ut11, Product::Unf] {
        let mut base = furnished(product);
        let mailbox = kind(&mut base, "EmailПользователя");
        let users = "Catalog_Пользователи";
        let fields = json!({"Description": "Петров Петр", "emails": ["petrov@romashka.example"]});
        let created = base.act(now(), &json!({"do": "create", "set": users, "fields": fields})).unwrap();
        let path =
            format!("/{users}?$filter=КонтактнаяИнформация/any(d: d/АдресЭП eq 'petrov@romashka.example')");
        let found = rows(&mut base, &path);
        assert_eq!(found.len(), 1, "{product:?}");
        assert_eq!(found[0]["Ref_Key"], created["ref"]);
        assert_eq!(found[0]["КонтактнаяИнформация"][0]["Вид_Key"], mailbox);
    }
}

#[test]
fn a_phone_is_taken_apart_by_its_groups_of_digits() {
    let mut base = furnished(Product::Bp30);
    for (shown, country, area, number, digits) in [
        ("+7 (495) 123-45-67", "7", "495", "123-45-67", "74951234567"),
        ("8 495 123-45-67", "8", "495", "123-45-67", "84951234567"),
        ("8(495)1234567", "8", "495", "1234567", "84951234567"),
        ("+7 495 123-45-67, +7 812 765-43-21", "7", "495", "123-45-67", "74951234567"),
        ("+7 495 123-45-67\n+7 812 765-43-21", "7", "495", "123-45-67", "74951234567"),
        ("+7 495 12345678901234567890", "7", "495", "12345678901234567890", "74951234567890123456"),
        ("123-45-67 доб 5 Анна", "123", "45", "67", "1234567"),
    ] {
        let row = typed(&mut base, &json!({"phones": [shown]})).remove(0);
        let json = value(&row);
        assert_eq!(
            (&json["countryCode"], &json["areaCode"], &json["number"]),
            (&json!(country), &json!(area), &json!(number)),
            "{shown}"
        );
        assert_eq!(
            (&row["НомерТелефона"], &row["Представление"]),
            (&json!(digits), &json!(shown)),
            "{shown}"
        );
    }
}

#[test]
fn what_a_phone_may_look_like_is_the_form_s_concern_alone() {
    let mut base = furnished(Product::Bp30);
    let phone = kind(&mut base, "ТелефонКонтрагента");
    let patch = json!({"ПроверятьКорректность": true});
    assert_eq!(send(&mut base, "PATCH", &entity(KINDS, &phone), &patch).status, 200);
    for (shown, passes) in [
        ("+7 (495) 123-45-67, доб. 12", true),
        ("8w495p1234567", true),
        ("1234567890123456", false),
        ("спросить Анну", false),
    ] {
        let action = json!({"do": "create", "set": COUNTERPARTIES, "fields": {"phones": [shown]}});
        assert_eq!(base.act(now(), &action).is_ok(), passes, "{shown}");
        let row = json!({"LineNumber": 1, "Тип": "Телефон", "Вид_Key": phone, "Представление": shown});
        let post = json!({"Description": "Х", "КонтактнаяИнформация": [row]});
        assert_eq!(send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post).status, 201, "{shown}");
    }
}

#[test]
fn a_phone_is_found_under_both_forms_or_by_what_is_shown_alone() {
    let mut base = furnished(Product::Bp30);
    let phone = kind(&mut base, "ТелефонКонтрагента");
    for (shown, digits) in
        [("+7 495 123-45-67", "74951234567"), ("8 495 123-45-67", "84951234567"), ("123-45-67", "")]
    {
        let row = json!({"LineNumber": 1, "Тип": "Телефон", "Вид_Key": phone, "Представление": shown,
                         "НомерТелефона": digits});
        let post = json!({"Description": shown, "КонтактнаяИнформация": [row]});
        assert_eq!(send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post).status, 201);
    }
    for (condition, expected) in [
        ("d/НомерТелефона eq '74951234567'", 1),
        ("d/НомерТелефона eq '74951234567' or d/НомерТелефона eq '84951234567'", 2),
        ("substringof('123-45-67', d/Представление)", 3),
    ] {
        let path = format!("/{COUNTERPARTIES}?$filter=КонтактнаяИнформация/any(d: {condition})");
        assert_eq!(keys(&mut base, &path).len(), expected, "{condition}");
    }
}

#[test]
fn kinds_have_the_names_of_their_configuration() {
    let people = "ТелефонМобильныйФизическиеЛица ТелефонДомашнийФизическиеЛица ТелефонРабочийФизическиеЛица \
                  EMailФизическиеЛица АдресПоПропискеФизическиеЛица";
    for (product, folder, expected) in [
        (
            Product::Bp30,
            "СправочникКонтрагенты",
            "ТелефонКонтрагента EmailКонтрагенты ФаксКонтрагенты ЮрАдресКонтрагента ФактАдресКонтрагента \
             ПочтовыйАдресКонтрагента ДругаяИнформацияКонтрагенты",
        ),
        (
            Product::Bp30,
            "СправочникКонтактныеЛица",
            "ТелефонРабочийКонтактныеЛица ТелефонМобильныйКонтактныеЛица EmailКонтактныеЛица \
             АдресДляИнформированияКонтактныеЛица",
        ),
        (
            Product::Ut11,
            "СправочникКонтрагенты",
            "ТелефонКонтрагента EmailКонтрагента ФаксКонтрагенты ЮрАдресКонтрагента ФактАдресКонтрагента \
             ПочтовыйАдресКонтрагента МеждународныйАдресКонтрагента ДругаяИнформацияКонтрагенты",
        ),
        (Product::Ut11, "СправочникПартнеры", "ТелефонПартнера EmailПартнера АдресПартнера"),
        (
            Product::Ut11,
            "СправочникКонтактныеЛицаПартнеров",
            "ТелефонКонтактногоЛица МобильныйТелефонКонтактногоЛица EmailКонтактногоЛица",
        ),
        (
            Product::Unf,
            "СправочникКонтрагенты",
            "ТелефонКонтрагента EmailКонтрагента ФаксКонтрагента ЮрАдресКонтрагента ФактАдресКонтрагента \
             ПочтовыйАдресКонтрагента АдресДоставкиКонтрагента ВебСайтКонтрагента SkypeКонтрагента \
             ДругаяИнформацияКонтрагента",
        ),
        (
            Product::Unf,
            "СправочникКонтактныеЛица",
            "ТелефонКонтактногоЛица EmailКонтактногоЛица МессенджерКонтактногоЛица СоциальнаяСетьКонтактногоЛица",
        ),
        (Product::Bp30, "СправочникФизическиеЛица", people),
        (Product::Ut11, "СправочникФизическиеЛица", people),
        (Product::Unf, "СправочникФизическиеЛица", people),
    ] {
        let mut base = furnished(product);
        let parent = kind(&mut base, folder);
        let found = rows(&mut base, &format!("/{KINDS}?$filter=Parent_Key eq guid'{parent}'"));
        let names: BTreeSet<&str> =
            found.iter().map(|row| row["PredefinedDataName"].as_str().unwrap()).collect();
        assert_eq!(names, expected.split_whitespace().collect(), "{product:?} {folder}");
        assert_eq!(found.len(), names.len());
    }
}

#[test]
fn a_kind_has_no_code_and_another_reference_in_each_infobase() {
    let expected = "Ref_Key DataVersion DeletionMark Description Parent_Key IsFolder Predefined PredefinedDataName Тип \
                    ИмяПредопределенногоВида ИдентификаторДляФормул РазрешитьВводНесколькихЗначений Используется \
                    ХранитьИсториюИзменений ОбязательноеЗаполнение ПроверятьКорректность МаскаНомераТелефона";
    let expected: BTreeSet<String> = expected.split_whitespace().map(str::to_owned).collect();
    let found = properties(Product::Bp30, KINDS);
    assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), expected);
    let seeded = |seed: u64| Infobase::furnished(Settings { seed, ..Settings::default() });
    let [one, other, again] = [1, 2, 1].map(|seed| kind(&mut seeded(seed), "ТелефонКонтрагента"));
    assert_ne!(one, other);
    assert_eq!(one, again);
}

#[test]
fn a_kind_that_is_no_longer_predefined_keeps_the_name_of_the_library() {
    let name =
        json!({"Ref_Key": PHONE_KIND, "Тип": "Телефон", "ИмяПредопределенногоВида": "ТелефонКонтрагента"});
    let mut base = of_product(Product::Bp30, &[(KINDS, name)]);
    let by = |name: &str| format!("/{KINDS}?$filter={name} eq 'ТелефонКонтрагента'");
    assert!(keys(&mut base, &by("PredefinedDataName")).is_empty());
    assert_eq!(keys(&mut base, &by("ИмяПредопределенногоВида")), [PHONE_KIND]);
    assert_eq!(typed(&mut base, &json!({"phones": ["+7 495 123-45-67"]}))[0]["Вид_Key"], PHONE_KIND);
    let own = json!({"Description": "Телефон склада", "Тип": "Телефон"});
    let own = body(&send(&mut base, "POST", &format!("/{KINDS}"), &own), 201);
    assert_eq!((&own["ИмяПредопределенногоВида"], &own["Predefined"]), (&json!(""), &json!(false)));
    let row = json!({"LineNumber": 1, "Тип": "Телефон", "Вид_Key": own["Ref_Key"], "Представление": "1"});
    let post = json!({"Description": "Х", "КонтактнаяИнформация": [row]});
    let created = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post), 201);
    assert_eq!(created["КонтактнаяИнформация"][0]["Вид_Key"], own["Ref_Key"], "a kind of the user's own");
}
