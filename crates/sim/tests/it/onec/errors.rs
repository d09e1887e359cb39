//! The table of errors: each code with a request that causes it, and the envelopes.

use super::*;

const NEW: &str = "30000000-0000-0000-0000-000000000001";

/// The status and the code of an answer.
fn told(base: &mut Infobase, method: &str, path: &str, sent: &Value) -> (u16, String) {
    let answer = send(base, method, path, sent);
    (answer.status, code(&answer))
}

#[test]
fn each_code_of_the_table_has_its_cause() {
    let set = format!("/{COUNTERPARTIES}");
    let firm = entity(COUNTERPARTIES, FIRM);
    let versions = "InformationRegister_ВерсииОбъектов";
    for (method, path, sent, status, expected) in [
        ("MERGE", firm.clone(), json!({}), 501, "0"),
        ("GET", format!("/{COUNTERPARTIES}(guid'5')"), Value::Null, 400, "1"),
        ("POST", set.clone(), json!([]), 400, "2"),
        ("GET", format!("{set}?$format=yaml"), Value::Null, 400, "3"),
        ("PATCH", firm.clone(), json!({"ЮридическоеФизическоеЛицо": "ЮрЛицо"}), 400, "4"),
        ("PATCH", firm.clone(), json!({"ИНН": "1".repeat(51)}), 400, "4"),
        ("PUT", firm.clone(), json!({}), 400, "5"),
        ("GET", "/$batch".to_owned(), Value::Null, 404, "6"),
        ("GET", format!("/{versions}(Объект='{FIRM}')"), Value::Null, 400, "7"),
        ("GET", "/Catalog_Нет".to_owned(), Value::Null, 404, "8"),
        ("GET", "/Enum_ЮридическоеФизическоеЛицо".to_owned(), Value::Null, 404, "8"),
        ("GET", entity(COUNTERPARTIES, NEW), Value::Null, 404, "9"),
        ("GET", format!("{set}?$select=ИННН"), Value::Null, 400, "10"),
        ("GET", format!("{set}?$filter=length(ИНН) eq 10"), Value::Null, 400, "11"),
        ("POST", "/SelectChanges?MessageNo=1".to_owned(), Value::Null, 400, "12"),
        ("POST", format!("{set}_КонтактнаяИнформация"), json!({}), 400, "13"),
        ("GET", format!("{set}?$filter=ИНН+eq+'1'"), Value::Null, 400, "14"),
        ("POST", set.clone(), json!({"Ref_Key": FIRM, "Description": "Лютик"}), 400, "15"),
        ("PATCH", firm.clone(), json!({"Ref_Key": NEW}), 400, "16"),
        ("PATCH", firm.clone(), json!({"IsFolder": true}), 400, "16"),
        ("DELETE", set.clone(), Value::Null, 405, "19"),
        ("GET", format!("{set}?$filter=КонтактнаяИнформация/some(d: d/Тип eq '1')"), Value::Null, 400, "21"),
        ("GET", format!("{set}?$filter=year(ИНН) eq 1"), Value::Null, 400, "21"),
        ("PATCH", firm, json!({"КонтактнаяИнформация": [{"Тип": "Телефон"}]}), 500, "-1"),
    ] {
        let mut base = plain();
        assert_eq!(
            told(&mut base, method, &path, &sent),
            (status, expected.to_owned()),
            "{method} {path} {sent}"
        );
    }
}

#[test]
fn records_and_constants_know_no_load_mode() {
    let mut base = plain();
    let record =
        json!({"Объект": FIRM, "Объект_Type": "StandardODATA.Catalog_Контрагенты", "НомерВерсии": 1});
    let set = "/InformationRegister_ВерсииОбъектов";
    let load = [("Accept", "application/json"), ("1C_OData-DataLoadMode", "true")];
    let refused = send_with(&mut base, "POST", set, &record, &load);
    assert_eq!((refused.status, code(&refused).as_str()), (400, "17"));
    assert_eq!(send(&mut base, "POST", set, &record).status, 201, "without the header it is written");
}

#[test]
fn an_error_is_told_in_the_format_that_was_asked_for() {
    let mut base = plain();
    let json = body(&get(&mut base, "/Catalog_Нет"), 404);
    assert_eq!(json["odata.error"]["message"]["lang"], "ru");
    assert!(json["odata.error"]["message"]["value"].as_str().unwrap().contains("Catalog_Нет"));
    let answer = send_with(&mut base, "GET", "/Catalog_Нет", &Value::Null, &[]);
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.contains("<m:error xmlns:m="), "{text}");
    assert!(text.contains("<m:code>8</m:code><m:message xml:lang=\"ru\">"), "{text}");
}

#[test]
fn what_was_written_before_a_refusal_stays() {
    let mut base = plain();
    let firm = json!({"Ref_Key": NEW, "Description": "Лютик"});
    assert_eq!(send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &firm).status, 201);
    let person = json!({"Description": "Борис", "ОбъектВладелец": NEW, "ОбъектВладелец_Type": "StandardODATA.Catalog_Нет"});
    assert_eq!(told(&mut base, "POST", &format!("/{PERSONS}"), &person), (400, "4".to_owned()));
    assert_eq!(stored(&base, COUNTERPARTIES, NEW)["Description"], "Лютик");
}
