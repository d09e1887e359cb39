//! Objects and sets as the interface shows them.

use super::*;
use obmen_sim::onec::Composition;
use std::collections::BTreeSet;

#[test]
fn absent_values_have_the_default_of_their_type() {
    let firm = body(&get(&mut plain(), &entity(COUNTERPARTIES, FIRM)), 200);
    for (name, expected) in [
        ("КПП", json!("")),
        ("IsFolder", json!(false)),
        ("Parent_Key", json!("00000000-0000-0000-0000-000000000000")),
        ("ДатаСоздания", json!("0001-01-01T00:00:00")),
        ("PredefinedDataName", json!("")),
        ("ИсторияКПП", json!([])),
    ] {
        assert_eq!(firm[name], expected, "{name}");
    }
    assert_eq!(firm["КонтактнаяИнформация"][0]["LineNumber"], "1");
    assert_eq!(firm["КонтактнаяИнформация"][0]["АдресЭП"], "");
    let person = body(&get(&mut plain(), &entity("Catalog_Пользователи", MANAGER)), 200);
    assert_eq!(person["DataVersion"], "AAAAAAAAAAA=");
    assert!(person.get("Code").is_none(), "users have no code");
}

#[test]
fn the_level_of_metadata_is_what_the_request_asks() {
    let mut base = plain();
    let path = format!("/{COUNTERPARTIES}?$top=1&$orderby=Ref_Key");
    let bare = body(&get(&mut base, &format!("{path}&$format=application/json;odata=nometadata")), 200);
    assert!(bare.get("odata.metadata").is_none());
    assert!(bare["value"][0].get("Parent@navigationLinkUrl").is_none());
    let minimal = body(&get(&mut base, &format!("{path}&$format=json")), 200);
    assert_eq!(
        minimal["odata.metadata"],
        "http://localhost/base/odata/standard.odata/$metadata#Catalog_Контрагенты"
    );
    assert_eq!(
        minimal["value"][0]["СтранаРегистрации@navigationLinkUrl"],
        format!("{COUNTERPARTIES}(guid'{FIRM}')/СтранаРегистрации")
    );
    let alone = body(&get(&mut base, &format!("{}?$format=json", entity(COUNTERPARTIES, FIRM))), 200);
    assert!(alone["odata.metadata"].as_str().unwrap().ends_with("#Catalog_Контрагенты/@Element"));
}

#[test]
fn full_metadata_tell_the_type_of_what_json_cannot() {
    let mut base = plain();
    let path = format!("{}?$format=application/json;odata=fullmetadata", entity(COUNTERPARTIES, FIRM));
    let firm = body(&get(&mut base, &path), 200);
    for (name, expected) in [
        ("odata.type", json!("StandardODATA.Catalog_Контрагенты")),
        (
            "odata.id",
            json!(format!("http://localhost/base/odata/standard.odata/{COUNTERPARTIES}(guid'{FIRM}')")),
        ),
        ("odata.editLink", json!(format!("{COUNTERPARTIES}(guid'{FIRM}')"))),
        ("Ref_Key@odata.type", json!("Edm.Guid")),
        ("ДатаСоздания@odata.type", json!("Edm.DateTime")),
        (
            "КонтактнаяИнформация@odata.type",
            json!("Collection(StandardODATA.Catalog_Контрагенты_КонтактнаяИнформация_RowType)"),
        ),
    ] {
        assert_eq!(firm[name], expected, "{name}");
    }
    assert_eq!(firm.get("ИНН@odata.type"), None, "a text needs no type");
}

#[test]
fn format_and_accept_choose_the_representation() {
    let mut base = plain();
    for (options, accept, expected) in [
        ("", "*/*", "application/atom+xml"),
        ("", "application/json", "application/json;odata=minimalmetadata"),
        ("", "text/html, application/json;odata=nometadata", "application/json;odata=nometadata"),
        ("?$format=json", "*/*", "application/json;odata=minimalmetadata"),
        ("?$format=atom", "application/json", "application/atom+xml"),
        ("?$format=application/json;odata=fullmetadata", "*/*", "application/json;odata=fullmetadata"),
    ] {
        let path = format!("/{PERSONS}{options}");
        let answer = send_with(&mut base, "GET", &path, &Value::Null, &[("Accept", accept)]);
        let found = answer.header("Content-Type").unwrap();
        assert!(found.starts_with(expected), "{options} {accept}: {found}");
    }
}

#[test]
fn a_value_of_several_types_has_its_type_beside_it() {
    let mut base = plain();
    let row = |number: i32, value: Value, kind: &str| json!({"LineNumber": number, "Свойство_Key": ATTRIBUTE, "Значение": value, "Значение_Type": kind});
    let sent = json!([
        row(1, json!("123"), "Edm.String"),
        row(2, json!(12.5), "Edm.Double"),
        row(3, json!(true), "Edm.Boolean"),
        row(4, json!("2026-03-01T00:00:00"), "Edm.DateTime"),
        row(5, json!(MANAGER), "StandardODATA.Catalog_Пользователи"),
        row(6, json!(""), "StandardODATA.Undefined"),
    ]);
    let patch = json!({"ДополнительныеРеквизиты": sent});
    assert_eq!(send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch).status, 200);
    let read = body(&get(&mut base, &entity(COUNTERPARTIES, FIRM)), 200);
    for (at, sent) in sent.as_array().unwrap().iter().enumerate() {
        let found = &read["ДополнительныеРеквизиты"][at];
        assert_eq!(
            (&found["Значение"], &found["Значение_Type"]),
            (&sent["Значение"], &sent["Значение_Type"])
        );
    }
    let person = json!({"Description": "Борис"});
    let created = body(&send(&mut base, "POST", &format!("/{PERSONS}"), &person), 201);
    assert_eq!(created["ОбъектВладелец_Type"], "StandardODATA.Undefined", "where nobody filled it");
}

#[test]
fn the_protocol_is_version_three_whoever_asks_how() {
    let mut base = plain();
    for accept in ["application/json", "application/atom+xml"] {
        let answer = send_with(&mut base, "GET", "/", &Value::Null, &[("Accept", accept)]);
        assert_eq!(answer.header("DataServiceVersion"), Some("3.0"), "{accept}");
    }
    let schema = send_with(&mut base, "GET", "/$metadata", &Value::Null, &[]);
    assert!(String::from_utf8(schema.body).unwrap().contains("m:DataServiceVersion=\"3.0\""));
}

#[test]
fn presentations_come_where_they_are_asked_for_by_name_alone() {
    let mut base = plain();
    let select = |base: &mut Infobase, select: &str| {
        rows(base, &format!("/{COUNTERPARTIES}?$filter=Code eq '00-000007'{select}")).remove(0)
    };
    for some in ["", "&$select=*", "&$select=**"] {
        let names: Vec<String> = select(&mut base, some).as_object().unwrap().keys().cloned().collect();
        assert!(!names.iter().any(|name| name.contains("Presentation")), "{some} {names:?}");
    }
    let all = select(&mut base, "&$select=Ref_Key,Presentation,*____Presentation");
    assert_eq!(
        (&all["Presentation"], &all["СтранаРегистрации____Presentation"]),
        (&json!("Ромашка"), &json!("РОССИЯ"))
    );
    assert!(all.get("ИНН").is_none());
    let row = format!("/{COUNTERPARTIES}?$select=КонтактнаяИнформация/Вид____Presentation");
    assert_eq!(code(&get(&mut base, &row)), "10", "not for tabular sections");
    let schema = send_with(&mut base, "GET", "/$metadata", &Value::Null, &[]);
    assert!(!String::from_utf8(schema.body).unwrap().contains("Presentation"));
}

#[test]
fn sets_are_named_by_the_class_of_their_object() {
    let mut names = Vec::new();
    for product in [Product::Bp30, Product::Ut11, Product::Unf] {
        let document = body(&get(&mut of_product(product, &[]), "/"), 200);
        let sets = document["value"].as_array().unwrap();
        names.extend(sets.iter().map(|set| set["name"].as_str().unwrap().to_owned()));
    }
    for prefix in
        ["Catalog_", "Constant_", "ExchangePlan_", "ChartOfCharacteristicTypes_", "InformationRegister_"]
    {
        assert!(names.iter().any(|name| name.starts_with(prefix)), "{prefix}");
    }
    assert!(!names.iter().any(|name| name.starts_with("Enum")), "enumerations have no sets");
}

#[test]
fn standard_properties_follow_from_the_catalog() {
    let properties = |product: Product, set: &str| -> Vec<String> {
        let mut base = of_product(product, &[(set, json!({"Ref_Key": ANNA, "Description": "x"}))]);
        let found = rows(&mut base, &format!("/{set}")).remove(0);
        found.as_object().unwrap().keys().cloned().collect()
    };
    let has = |names: &[String], name: &str| names.iter().any(|known| known == name);
    let everywhere =
        ["Ref_Key", "DataVersion", "DeletionMark", "Description", "Predefined", "PredefinedDataName"];
    for (product, set, there, absent) in [
        (Product::Bp30, COUNTERPARTIES, &["Code", "Parent_Key", "IsFolder"][..], &["Owner_Key"][..]),
        (Product::Bp30, PERSONS, &["Code"], &["Parent_Key", "IsFolder", "Owner_Key"]),
        (Product::Ut11, COUNTERPARTIES, &[], &["Code", "Parent_Key", "IsFolder"]),
        (Product::Ut11, "Catalog_Партнеры", &["Code", "Parent_Key"], &["IsFolder"]),
        (Product::Ut11, "Catalog_КонтактныеЛицаПартнеров", &["Owner_Key"], &["Code", "Parent_Key"]),
    ] {
        let names = properties(product, set);
        for name in everywhere.iter().chain(there) {
            assert!(has(&names, name), "{set} {name}");
        }
        for name in absent {
            assert!(!has(&names, name), "{set} {name}");
        }
    }
}

#[test]
fn atom_is_what_comes_when_nobody_asks_for_json() {
    let mut base = plain();
    let answer = send_with(&mut base, "GET", &format!("/{COUNTERPARTIES}"), &Value::Null, &[]);
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert!(answer.header("content-type").unwrap().starts_with("application/atom+xml"));
    assert_eq!(text.matches("<entry>").count(), 2);
    assert!(text.contains("<d:ИНН>7701234560</d:ИНН>"), "{text}");
    let missing = send_with(&mut base, "GET", &entity(COUNTERPARTIES, ANNA), &Value::Null, &[]);
    assert!(String::from_utf8(missing.body).unwrap().contains("<m:code>9</m:code>"));
}

#[test]
fn the_service_document_lists_the_composition() {
    let mut base = plain();
    let document = body(&get(&mut base, "/"), 200);
    let names: Vec<&str> =
        document["value"].as_array().unwrap().iter().map(|set| set["name"].as_str().unwrap()).collect();
    assert!(
        names.contains(&COUNTERPARTIES)
            && names.contains(&"ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения")
    );
    base.settings_mut().composition = Composition::Sets(BTreeSet::new());
    assert_eq!(body(&get(&mut base, ""), 200)["value"], json!([]));
}

#[test]
fn a_set_outside_the_composition_is_code_8() {
    let mut base = plain();
    base.settings_mut().composition = Composition::Sets(BTreeSet::from([COUNTERPARTIES.to_owned()]));
    let answer = get(&mut base, &format!("/{PERSONS}"));
    assert_eq!((answer.status, code(&answer).as_str()), (404, "8"));
    assert_eq!(rows(&mut base, &format!("/{COUNTERPARTIES}")).len(), 2);
}

#[test]
fn the_schema_is_xml_alone_and_names_every_property() {
    let mut base = plain();
    let refused = get(&mut base, "/$metadata");
    assert_eq!((refused.status, code(&refused).as_str()), (400, "3"));
    let answer = send_with(&mut base, "GET", "/$metadata", &Value::Null, &[]);
    let text = String::from_utf8(answer.body).unwrap();
    assert_eq!(answer.status, 200);
    for part in [
        "<EntityType Name=\"Catalog_Контрагенты\"><Key><PropertyRef Name=\"Ref_Key\"/></Key>",
        "<Property Name=\"ГоловнойКонтрагент_Key\" Type=\"Edm.Guid\" Nullable=\"true\"/>",
        "<ComplexType Name=\"Catalog_Контрагенты_КонтактнаяИнформация_RowType\"><Property Name=\"LineNumber\" Type=\"Edm.Int64\"",
        "<Property Name=\"ОбъектВладелец_Type\" Type=\"Edm.String\"",
        "<EnumType Name=\"ПолФизическогоЛица\"><Member Name=\"Мужской\"/>",
        "<EntitySet Name=\"Catalog_КонтактныеЛица\" EntityType=\"StandardODATA.Catalog_КонтактныеЛица\"/>",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn select_narrows_an_answer() {
    let mut base = plain();
    let names = |base: &mut Infobase, select: &str| -> Vec<String> {
        let rows = rows(base, &format!("/{COUNTERPARTIES}?$filter=Ref_Key eq guid'{FIRM}'&$select={select}"));
        rows[0].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(names(&mut base, "Ref_Key, ИНН"), ["Ref_Key", "ИНН"]);
    assert!(names(&mut base, "*").contains(&"КонтактнаяИнформация".to_owned()));
    let flat = names(&mut base, "**");
    assert!(flat.contains(&"КПП".to_owned()) && !flat.contains(&"КонтактнаяИнформация".to_owned()));
    let path = format!(
        "/{COUNTERPARTIES}?$select=КонтактнаяИнформация/НомерТелефона,СтранаРегистрации____Presentation&$orderby=Ref_Key"
    );
    let first = rows(&mut base, &path)[0].clone();
    assert_eq!(first["КонтактнаяИнформация"], json!([{"НомерТелефона": "74951234567"}]));
    assert_eq!(first["СтранаРегистрации____Presentation"], "РОССИЯ");
    assert_eq!(code(&get(&mut base, &format!("/{COUNTERPARTIES}?$select=ИННН"))), "10");
}

#[test]
fn what_is_loaded_is_dumped_as_it_came() {
    let base = plain();
    assert_eq!(stored(&base, PERSONS, ANNA).as_object().unwrap().len(), 6);
    let dump = base.dump();
    assert_eq!(
        dump["objects"]["InformationRegister_Чужой"],
        json!([{"Period": "2026-01-01T00:00:00", "Контакт_Key": ANNA}])
    );
    let mut again = Infobase::new(Settings::default());
    for (entity, objects) in dump["objects"].as_object().unwrap() {
        for object in objects.as_array().unwrap() {
            again.load(&json!({"entity": entity, "object": object})).unwrap();
        }
    }
    assert_eq!(again.dump(), dump);
}

#[test]
fn a_line_that_is_no_object_is_refused() {
    let mut base = plain();
    assert!(base.load(&json!({"object": {}})).is_err());
    assert!(base.load(&json!({"entity": PERSONS, "object": {"Description": "без ключа"}})).is_err());
    assert!(
        base.load(&json!({"entity": PERSONS, "object": {"Ref_Key": ANNA}})).unwrap_err().contains("already")
    );
}
