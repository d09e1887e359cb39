//! Additional attributes and additional data: where a foreign id may stand without a change of the configuration.

use super::*;

const PROPERTIES: &str = "ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения";
const SETS: &str = "Catalog_НаборыДополнительныхРеквизитовИСведений";
const DATA: &str = "InformationRegister_ДополнительныеСведения";
const OWNER: &str = "StandardODATA.Catalog_Контрагенты";

fn datum(key: &str, text: &str) -> Value {
    json!({"Объект": key, "Объект_Type": OWNER, "Свойство_Key": ATTRIBUTE, "Значение": text,
           "Значение_Type": "Edm.String"})
}

fn named(key: &str) -> String {
    format!("/{DATA}(Объект='{key}',Объект_Type='{OWNER}',Свойство_Key=guid'{ATTRIBUTE}')")
}

#[test]
fn a_property_is_created_by_a_post_and_a_patch_of_its_set() {
    for product in [Product::Bp30, Product::Ut11, Product::Unf] {
        let mut base = Infobase::furnished(Settings { configuration: product, ..Settings::default() });
        let found =
            keys(&mut base, &format!("/{SETS}?$filter=PredefinedDataName eq 'Справочник_Контрагенты'"));
        let [set] = found.as_slice() else { panic!("one set of counterparties: {found:?}") };
        let post = json!({
            "Description": "Битрикс24 (Контрагенты)", "Заголовок": "Битрикс24", "Имя": "Битрикс24", "Виден": true,
            "Доступен": true, "НаборСвойств_Key": set, "ИдентификаторДляФормул": "Битрикс24",
            "ЭтоДополнительноеСведение": false, "ЗаполнятьОбязательно": false, "ValueType": {"Types": ["String"]},
        });
        let created = body(&send(&mut base, "POST", &format!("/{PROPERTIES}"), &post), 201);
        for (name, value) in post.as_object().unwrap() {
            assert_eq!(created[name], *value, "{product:?} {name}");
        }
        let row = json!({"LineNumber": 1, "Свойство_Key": created["Ref_Key"]});
        for section in ["ДополнительныеРеквизиты", "ДополнительныеСведения"]
        {
            let changed = body(&send(&mut base, "PATCH", &entity(SETS, set), &json!({section: [row]})), 200);
            assert_eq!(changed[section][0]["Свойство_Key"], created["Ref_Key"], "{section}");
        }
        for (name, length) in [("Заголовок", 75), ("Имя", 100)] {
            let long = json!({ name: "ж".repeat(length + 1) });
            assert_eq!(code(&send(&mut base, "POST", &format!("/{PROPERTIES}"), &long)), "4", "{name}");
        }
    }
}

#[test]
fn an_attribute_in_the_object_has_a_typed_value_and_a_text_for_long_strings() {
    let mut base = plain();
    let path = entity(COUNTERPARTIES, FIRM);
    for (value, value_type) in [
        (json!("123"), "Edm.String"),
        (json!(7), "Edm.Double"),
        (json!(true), "Edm.Boolean"),
        (json!("2026-03-01T00:00:00"), "Edm.DateTime"),
        (json!(MANAGER), "StandardODATA.Catalog_Пользователи"),
    ] {
        let row = json!({"LineNumber": 1, "Свойство_Key": ATTRIBUTE, "Значение": value, "Значение_Type": value_type,
                         "ТекстоваяСтрока": "ж".repeat(2000)});
        let changed = body(&send(&mut base, "PATCH", &path, &json!({"ДополнительныеРеквизиты": [row]})), 200);
        assert_eq!(
            changed["ДополнительныеРеквизиты"][0],
            json!({
                "LineNumber": "1", "Свойство_Key": ATTRIBUTE, "Значение": value, "Значение_Type": value_type,
                "ТекстоваяСтрока": "ж".repeat(2000),
            })
        );
    }
    assert_eq!(
        stored(&base, COUNTERPARTIES, FIRM)["DataVersion"],
        "AAAAAAAAAAc=",
        "each is a write of the object"
    );
}

#[test]
fn additional_data_do_not_touch_their_object() {
    let plan = "ExchangePlan_МобильнаяБухгалтерия";
    let mut base = plain();
    base.load(&json!({"entity": plan, "object": {"Ref_Key": BRANCH, "Code": "м"}})).unwrap();
    let before = stored(&base, COUNTERPARTIES, FIRM);
    let answer = send(&mut base, "POST", &format!("/{DATA}"), &datum(FIRM, "123"));
    assert_eq!(body(&answer, 201)["Значение"], "123");
    let location = answer.header("location").unwrap();
    assert!(location.contains(&format!("='{FIRM}',")), "{location}");
    assert_eq!(body(&get(&mut base, &named(FIRM)), 200)["Значение"], "123");
    assert_eq!(send(&mut base, "PATCH", &named(FIRM), &json!({"Значение": "124"})).status, 200);
    assert_eq!(stored(&base, COUNTERPARTIES, FIRM), before, "neither a version nor a row");
    let point = format!("'http://localhost/base/odata/standard.odata/{plan}(guid'{BRANCH}')'");
    let select = format!("/SelectChanges?DataExchangePoint={point}&MessageNo=1");
    let changes = String::from_utf8(send(&mut base, "POST", &select, &Value::Null).body).unwrap();
    assert!(changes.contains("<feed") && !changes.contains("<entry"), "nor a change: {changes}");
    assert_eq!(send(&mut base, "DELETE", &named(FIRM), &Value::Null).status, 204);
    assert_eq!(get(&mut base, &named(FIRM)).status, 404);
}

#[test]
fn additional_data_are_found_by_their_value_with_a_cast() {
    let mut base = plain();
    for (key, text) in [(FIRM, "123"), (BRANCH, "124")] {
        assert_eq!(send(&mut base, "POST", &format!("/{DATA}"), &datum(key, text)).status, 201);
    }
    for condition in [
        "cast(Значение,'String') eq '123'".to_owned(),
        format!("Объект eq cast(guid'{FIRM}','Catalog_Контрагенты')"),
    ] {
        let found = rows(&mut base, &format!("/{DATA}?$filter={condition}"));
        assert_eq!(found.len(), 1, "{condition}");
        assert_eq!(found[0]["Объект"], FIRM, "{condition}");
    }
    let untyped =
        json!({"Объект": FIRM, "Свойство_Key": MANAGER, "Значение": "1", "Значение_Type": "Edm.String"});
    assert_eq!(
        code(&send(&mut base, "POST", &format!("/{DATA}"), &untyped)),
        "5",
        "its type is a part of the key"
    );
}

#[test]
fn a_copy_of_an_object_has_its_additional_attributes_but_not_its_data() {
    let mut base = plain();
    assert_eq!(send(&mut base, "POST", &format!("/{DATA}"), &datum(FIRM, "123")).status, 201);
    let copy = base.act(now(), &json!({"do": "copy", "set": COUNTERPARTIES, "ref": FIRM})).unwrap();
    let key = copy["ref"].as_str().unwrap().to_owned();
    let (firm, copy) = (stored(&base, COUNTERPARTIES, FIRM), stored(&base, COUNTERPARTIES, &key));
    assert_eq!(copy["ДополнительныеРеквизиты"][0]["Значение"], "123", "a foreign id among them");
    assert_eq!((&copy["ИНН"], &copy["Description"]), (&firm["ИНН"], &firm["Description"]));
    assert_eq!((&copy["Code"], &copy["ГоловнойКонтрагент_Key"]), (&json!("00-000009"), &json!(key)));
    assert_eq!(rows(&mut base, &format!("/{DATA}")).len(), 1);
}
