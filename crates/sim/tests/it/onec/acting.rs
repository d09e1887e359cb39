//! What a person does at the screen of 1C, and what befalls the system.

use super::*;

#[test]
fn phones_given_as_text_become_rows_as_the_form_writes_them() {
    let mut base = plain();
    let action = json!({"do": "update", "set": COUNTERPARTIES, "ref": FIRM, "fields": {
        "phones": ["+7 (495) 123-45-67", "8 (912) 345-67-89, доб. 12"], "emails": ["info@romashka.example"],
    }});
    let done = base.act(now(), &action).unwrap();
    assert_eq!(done["DataVersion"], "AAAAAAAAAAM=");
    let firm = stored(&base, COUNTERPARTIES, FIRM);
    let rows = firm["КонтактнаяИнформация"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["НомерТелефона"], "74951234567", "an unchanged text keeps its row");
    assert!(rows[0].get("Значение").is_none());
    assert_eq!((&rows[1]["НомерТелефона"], &rows[1]["Вид_Key"]), (&json!("89123456789"), &json!(PHONE_KIND)));
    let value: Value = serde_json::from_str(rows[1]["Значение"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&value["countryCode"], &value["extNumber"], &value["version"]),
        (&json!("8"), &json!("12"), &json!(5))
    );
    assert_eq!(
        (&rows[2]["АдресЭП"], &rows[2]["ДоменноеИмяСервера"]),
        (&json!("info@romashka.example"), &json!("romashka.example"))
    );
    assert_eq!((&rows[2]["Вид_Key"], &rows[2]["LineNumber"]), (&json!(EMAIL_KIND), &json!("3")));
}

#[test]
fn a_person_created_at_the_form_has_a_full_name_and_a_code() {
    let mut base = plain();
    let action = json!({"do": "create", "set": PERSONS, "fields": {
        "Фамилия": "Иванов", "Имя": "Иван", "ОбъектВладелец": FIRM,
        "ОбъектВладелец_Type": "StandardODATA.Catalog_Контрагенты",
    }});
    let key = base.act(now(), &action).unwrap()["ref"].as_str().unwrap().to_owned();
    let person = stored(&base, PERSONS, &key);
    assert_eq!((&person["Description"], &person["Code"]), (&json!("Иванов Иван"), &json!("00-000002")));
    assert_eq!(base.counters()["writes"], 0, "a user is no client");
}

#[test]
fn marks_and_deletions_work_as_by_hand() {
    let mut base = plain();
    base.act(now(), &json!({"do": "mark", "set": COUNTERPARTIES, "ref": FIRM})).unwrap();
    assert_eq!(stored(&base, PERSONS, ANNA)["DeletionMark"], true);
    base.act(now(), &json!({"do": "mark", "set": PERSONS, "ref": ANNA, "marked": false})).unwrap();
    assert_eq!(stored(&base, PERSONS, ANNA)["DeletionMark"], false);
    base.act(now(), &json!({"do": "delete", "set": PERSONS, "ref": ANNA})).unwrap();
    assert_eq!(stored(&base, PERSONS, ANNA), Value::Null);
}

#[test]
fn faults_come_and_go_by_action() {
    let mut base = plain();
    base.act(now(), &json!({"do": "fault", "fault": "locked"})).unwrap();
    assert_eq!(get(&mut base, "/").status, 503);
    base.act(now(), &json!({"do": "fault", "fault": "none"})).unwrap();
    assert_eq!(get(&mut base, "/").status, 200);
}

#[test]
fn what_no_user_can_do_is_refused_with_a_sentence() {
    let mut base = plain();
    let before = base.dump();
    for action in [
        json!({"do": "dance", "set": PERSONS}),
        json!({"do": "update", "set": "Catalog_Нет", "ref": ANNA}),
        json!({"do": "update", "set": PERSONS, "ref": FIRM, "fields": {}}),
        json!({"do": "update", "set": PERSONS, "ref": ANNA, "fields": {"Нет": 1}}),
        json!({"do": "update", "set": PERSONS, "ref": ANNA, "fields": {"phones": ["+7"]}}),
        json!({"do": "fault", "fault": "fire"}),
    ] {
        assert!(!base.act(now(), &action).unwrap_err().is_empty(), "{action}");
    }
    assert_eq!(base.dump(), before);
}
