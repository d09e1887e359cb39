//! How parties hang together in each configuration: owners, links, managers, groups, predefined elements.

use super::model::properties;
use super::*;

const PARTNERS: &str = "Catalog_Партнеры";
const PEOPLE: &str = "Catalog_КонтактныеЛицаПартнеров";
const LINKS: &str = "InformationRegister_СвязиКонтрагентКонтакт";

fn post(base: &mut Infobase, set: &str, object: &Value) -> Value {
    body(&send(base, "POST", &format!("/{set}"), object), 201)
}

#[test]
fn each_kind_of_party_is_told_as_its_configuration_has_it() {
    let legal = ("7701234560", "770101001");
    let single = ("501700219097", "");
    for (product, fields, numbers, derived) in [
        (Product::Bp30, json!({"ЮридическоеФизическоеЛицо": "ЮридическоеЛицо"}), legal, "ЮридическоеЛицо"),
        (
            Product::Bp30,
            json!({"ЮридическоеФизическоеЛицо": "ФизическоеЛицо", "ИндивидуальныйПредприниматель": true}),
            single,
            "ФизическоеЛицо",
        ),
        (Product::Ut11, json!({"ЮрФизЛицо": "ЮрЛицо"}), legal, "ЮридическоеЛицо"),
        (Product::Ut11, json!({"ЮрФизЛицо": "ИндивидуальныйПредприниматель"}), single, "ФизическоеЛицо"),
        (
            Product::Ut11,
            json!({"ЮрФизЛицо": "ЮрЛицоНеРезидент", "НалоговыйНомер": "150440001236"}),
            ("", ""),
            "ЮридическоеЛицо",
        ),
        (Product::Unf, json!({"ВидКонтрагента": "ЮридическоеЛицо"}), legal, "ЮридическоеЛицо"),
        (Product::Unf, json!({"ВидКонтрагента": "ГосударственныйОрган"}), legal, "ЮридическоеЛицо"),
        (Product::Unf, json!({"ВидКонтрагента": "ИндивидуальныйПредприниматель"}), single, "ФизическоеЛицо"),
        (Product::Unf, json!({"ВидКонтрагента": "ФизическоеЛицо"}), ("", ""), "ФизическоеЛицо"),
    ] {
        let mut base = of_product(product, &[]);
        let mut object = fields.clone();
        object["Description"] = json!("Х");
        object["ИНН"] = json!(numbers.0);
        object["КПП"] = json!(numbers.1);
        let created = post(&mut base, COUNTERPARTIES, &object);
        assert_eq!(created["ЮридическоеФизическоеЛицо"], derived, "{product:?} {fields}");
        assert_eq!((&created["ИНН"], &created["КПП"]), (&json!(numbers.0), &json!(numbers.1)), "{fields}");
        if let Some(is_right) = created.get("ИННВведенКорректно").filter(|_| !numbers.0.is_empty())
        {
            assert_eq!(is_right, true, "{product:?} {fields}");
        }
    }
}

#[test]
fn a_country_is_russia_where_nobody_says_another_in_bp_alone() {
    for product in [Product::Bp30, Product::Ut11, Product::Unf] {
        let mut base = Infobase::furnished(Settings { configuration: product, ..Settings::default() });
        let countries = rows(&mut base, "/Catalog_СтраныМира?$filter=PredefinedDataName eq 'Россия'");
        assert_eq!(countries[0]["Code"], "643");
        let created = post(&mut base, COUNTERPARTIES, &json!({"Description": "Х"}));
        let is_russia = created["СтранаРегистрации_Key"] == countries[0]["Ref_Key"];
        assert_eq!(is_russia, product == Product::Bp30, "{product:?}");
    }
}

#[test]
fn predefined_elements_are_marked_and_no_client_changes_that() {
    for (product, set, expected) in [
        (Product::Bp30, COUNTERPARTIES, vec!["РозничныйПокупатель"]),
        (Product::Ut11, COUNTERPARTIES, vec!["РозничныйПокупатель"]),
        (Product::Ut11, PARTNERS, vec!["НашеПредприятие", "НеизвестныйПартнер", "РозничныйПокупатель"]),
        (Product::Unf, COUNTERPARTIES, vec![]),
    ] {
        let mut base = Infobase::furnished(Settings { configuration: product, ..Settings::default() });
        let path = format!("/{set}?$filter=Predefined eq true&$orderby=PredefinedDataName");
        let found = rows(&mut base, &path);
        let names: Vec<&str> = found.iter().map(|row| row["PredefinedDataName"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{product:?}");
        for row in &found {
            let path = entity(set, row["Ref_Key"].as_str().unwrap());
            let patch = json!({"Predefined": false, "PredefinedDataName": ""});
            let changed = body(&send(&mut base, "PATCH", &path, &patch), 200);
            assert_eq!(
                (&changed["Predefined"], &changed["PredefinedDataName"]),
                (&json!(true), &row["PredefinedDataName"])
            );
        }
        let own = post(&mut base, set, &json!({"Description": "Х", "Predefined": true}));
        assert_eq!(own["Predefined"], false);
    }
}

#[test]
fn one_partner_has_several_counterparties_and_several_people() {
    let mut base = of_product(Product::Ut11, &[]);
    let partner = post(&mut base, PARTNERS, &json!({"Description": "Ромашка", "Комментарий": "важный"}));
    let key = partner["Ref_Key"].as_str().unwrap().to_owned();
    for kpp in ["770101001", "770143001"] {
        let object = json!({"Description": "Ромашка", "ИНН": "7701234560", "КПП": kpp, "Партнер_Key": key});
        post(&mut base, COUNTERPARTIES, &object);
    }
    for name in ["Анна", "Борис"] {
        post(&mut base, PEOPLE, &json!({"Description": name, "Owner_Key": key}));
    }
    for (set, owner) in [(COUNTERPARTIES, "Партнер_Key"), (PEOPLE, "Owner_Key")] {
        assert_eq!(keys(&mut base, &format!("/{set}?$filter={owner} eq guid'{key}'")).len(), 2, "{set}");
    }
    let by_comment = format!("/{COUNTERPARTIES}?$filter=Партнер/Комментарий eq 'важный'");
    assert_eq!(keys(&mut base, &by_comment).len(), 2);
}

#[test]
fn one_person_of_unf_works_for_many_counterparties_by_a_register() {
    let mut base = of_product(Product::Unf, &[]);
    let link = |firm: &str, period: &str, position: &str, broken: bool| {
        json!({"Period": period, "Контрагент_Key": firm, "Контакт_Key": ANNA, "Должность": position,
               "СвязьНедействительна": broken})
    };
    for object in [
        link(FIRM, "2026-01-01T00:00:00", "Бухгалтер", false),
        link(BRANCH, "2026-01-02T00:00:00", "Директор", false),
        link(FIRM, "2026-02-01T00:00:00", "Бухгалтер", true),
    ] {
        post(&mut base, LINKS, &object);
    }
    let path = format!("/{LINKS}/SliceLast(Condition='Контакт_Key eq guid'{ANNA}'')?$orderby=Контрагент_Key");
    let links = rows(&mut base, &path);
    let found: Vec<(&Value, &Value)> =
        links.iter().map(|row| (&row["Контрагент_Key"], &row["СвязьНедействительна"])).collect();
    assert_eq!(found, [(&json!(FIRM), &json!(true)), (&json!(BRANCH), &json!(false))]);
    let long = json!({"Period": "2026-03-01T00:00:00", "Контрагент_Key": FIRM, "Контакт_Key": ANNA,
                      "Должность": "ж".repeat(151)});
    assert_eq!(code(&send(&mut base, "POST", &format!("/{LINKS}"), &long)), "4");
}

#[test]
fn the_manager_of_unf_is_an_employee_whom_a_register_joins_with_a_user() {
    let staff = "Catalog_Сотрудники";
    let mut base = of_product(
        Product::Unf,
        &[
            ("Catalog_Пользователи", json!({"Ref_Key": MANAGER, "Description": "Петров Петр"})),
            (staff, json!({"Ref_Key": ANNA, "Code": "НФ-0000001", "Description": "Петров П."})),
            (
                "InformationRegister_СотрудникиПользователя",
                json!({"Сотрудник_Key": ANNA, "Пользователь_Key": MANAGER}),
            ),
        ],
    );
    let path =
        format!("/InformationRegister_СотрудникиПользователя?$filter=Пользователь_Key eq guid'{MANAGER}'");
    let employee = rows(&mut base, &path)[0]["Сотрудник_Key"].clone();
    let firm =
        post(&mut base, COUNTERPARTIES, &json!({"Description": "Ромашка", "Ответственный_Key": employee}));
    assert_eq!(firm["Ответственный_Key"], ANNA);
    let managed = format!("/{COUNTERPARTIES}?$filter=Ответственный/Description eq 'Петров П.'");
    assert_eq!(keys(&mut base, &managed), [firm["Ref_Key"].as_str().unwrap()]);
}

#[test]
fn what_a_form_wants_filled_in_nobody_asks_of_the_interface() {
    let form = |base: &mut Infobase, set: &str, fields: &Value| {
        base.act(now(), &json!({"do": "create", "set": set, "fields": fields}))
    };
    let author =
        json!({"Description": "Анна", "Автор": MANAGER, "Автор_Type": "StandardODATA.Catalog_Пользователи"});
    for (product, set, lacking, whole) in [
        (
            Product::Ut11,
            COUNTERPARTIES,
            json!({"Description": "Х", "ЮрФизЛицо": "ЮрЛицо"}),
            json!({"Description": "Х", "ЮрФизЛицо": "ЮрЛицо", "Партнер_Key": FIRM}),
        ),
        (
            Product::Ut11,
            PARTNERS,
            json!({"Description": "Х", "НаименованиеПолное": "Х"}),
            json!({"Description": "Х", "НаименованиеПолное": "Х", "Клиент": true}),
        ),
        (
            Product::Ut11,
            PARTNERS,
            json!({"Клиент": true}),
            json!({"НаименованиеПолное": "Х", "Клиент": true}),
        ),
        (Product::Ut11, PEOPLE, json!({"Description": "Анна"}), author),
        (Product::Unf, COUNTERPARTIES, json!({"ИНН": ""}), json!({"ВидКонтрагента": "ФизическоеЛицо"})),
    ] {
        let mut base = of_product(product, &[]);
        assert_eq!(send(&mut base, "POST", &format!("/{set}"), &lacking).status, 201, "{set} {lacking}");
        assert!(!form(&mut base, set, &lacking).unwrap_err().is_empty(), "{set} {lacking}");
        form(&mut base, set, &whole).unwrap();
    }
}

#[test]
fn a_form_wants_an_access_group_where_access_is_limited_record_by_record() {
    for (product, set, fields) in [
        (Product::Ut11, PARTNERS, json!({"НаименованиеПолное": "Х", "Клиент": true})),
        (Product::Unf, COUNTERPARTIES, json!({"ВидКонтрагента": "ФизическоеЛицо"})),
        (Product::Unf, PERSONS, json!({"Description": "Анна"})),
    ] {
        let mut base = of_product(product, &[]);
        let create = |fields: &Value| json!({"do": "create", "set": set, "fields": fields});
        base.act(now(), &create(&fields)).unwrap();
        let switch = json!({"do": "update", "set": "Constant_ОграничиватьДоступНаУровнеЗаписей", "fields": {"Value": true}});
        base.act(now(), &switch).unwrap();
        assert!(base.act(now(), &create(&fields)).unwrap_err().contains("ГруппаДоступа"), "{set}");
        let mut grouped = fields.clone();
        grouped["ГруппаДоступа_Key"] = json!(BRANCH);
        base.act(now(), &create(&grouped)).unwrap();
        assert_eq!(send(&mut base, "POST", &format!("/{set}"), &fields).status, 201, "{set}");
    }
}

#[test]
fn the_schema_tells_which_configuration_this_is() {
    let has = |product: Product, set: &str, name: &str| properties(product, set).contains_key(name);
    let rows = "Catalog_Контрагенты_КонтактнаяИнформация_RowType";
    for (set, name, expected) in [
        (COUNTERPARTIES, "Партнер_Key", [false, true, false]),
        (PARTNERS, "Ref_Key", [false, true, false]),
        (COUNTERPARTIES, "ВидКонтрагента", [false, false, true]),
        (PERSONS, "ОбъектВладелец_Type", [true, false, false]),
        (COUNTERPARTIES, "Code", [true, false, true]),
        (COUNTERPARTIES, "ИсторияКПП", [true, true, true]),
        (rows, "ДействуетС", [false, true, true]),
    ] {
        let found = [Product::Bp30, Product::Ut11, Product::Unf].map(|product| has(product, set, name));
        assert_eq!(found, expected, "{set} {name}");
    }
}
