//! What the configuration's own handlers do on a write.

use super::*;

#[test]
fn a_new_counterparty_is_its_own_head_in_russia_since_today() {
    let mut base = plain();
    let post = json!({"Description": "Василек", "ИНН": "5017002196  ", "КПП": "501701001",
                      "ЮридическоеФизическоеЛицо": "ЮридическоеЛицо"});
    let created = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post), 201);
    assert_eq!(created["ГоловнойКонтрагент_Key"], created["Ref_Key"]);
    assert_eq!(created["СтранаРегистрации_Key"], RUSSIA);
    assert_eq!(created["ДатаСоздания"], "2026-03-01T09:30:00", "the server's wall clock");
    assert_eq!(created["ИНН"], "5017002196");
    assert_eq!(
        (&created["ИННВведенКорректно"], &created["КППВведенКорректно"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(created["Code"], "00-000009", "codes go on after the loaded ones");
}

#[test]
fn load_mode_skips_handlers_and_numbering() {
    let mut base = plain();
    let headers = [("Accept", "application/json"), ("1C_OData-DataLoadMode", "true")];
    let post = json!({"Description": "Василек"});
    let created = body(&send_with(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post, &headers), 201);
    assert_eq!(created["Code"], "");
    assert_eq!(created["ГоловнойКонтрагент_Key"], "00000000-0000-0000-0000-000000000000");
}

#[test]
fn a_mark_on_a_counterparty_reaches_its_contact_persons() {
    let mut base = plain();
    assert_eq!(
        send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &json!({"DeletionMark": true})).status,
        200
    );
    let anna = stored(&base, PERSONS, ANNA);
    assert_eq!(anna["DeletionMark"], true);
    assert_eq!(anna["DataVersion"], "AAAAAAAAAAQ=", "the cascade is a write of its own");
}

#[test]
fn a_new_inn_of_the_head_is_written_into_its_branches() {
    let mut base = plain();
    assert_eq!(
        send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &json!({"ИНН": "5017002196"})).status,
        200
    );
    assert_eq!(stored(&base, COUNTERPARTIES, BRANCH)["ИНН"], "5017002196");
}

#[test]
fn contact_rows_without_a_kind_are_dropped_and_helper_columns_stay_as_sent() {
    let mut base = plain();
    let patch = json!({"КонтактнаяИнформация": [
        {"LineNumber": "1", "Тип": "Телефон", "Представление": "без вида"},
        {"LineNumber": "2", "Тип": "Телефон", "Вид_Key": PHONE_KIND, "Представление": "+7 (495) 765-43-21"},
        {"LineNumber": "3", "Тип": "Телефон", "Вид_Key": PHONE_KIND, "Представление": "+7 (495) 765-43-22"},
    ]});
    let changed = body(&send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch), 200);
    let rows = changed["КонтактнаяИнформация"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0]["LineNumber"], &rows[0]["НомерТелефона"]), (&json!("1"), &json!("")));
    assert_eq!(rows[0]["ВидДляСписка_Key"], PHONE_KIND);
    assert_eq!(rows[1]["ВидДляСписка_Key"], "00000000-0000-0000-0000-000000000000");
}

#[test]
fn a_folder_gets_no_head() {
    let mut base = plain();
    let post = json!({"Description": "Покупатели", "IsFolder": true});
    let created = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post), 201);
    assert_eq!(created["ГоловнойКонтрагент_Key"], "00000000-0000-0000-0000-000000000000");
    let key = created["Ref_Key"].as_str().unwrap().to_owned();
    assert_eq!(
        code(&send(&mut base, "PATCH", &entity(COUNTERPARTIES, &key), &json!({"IsFolder": false}))),
        "16"
    );
}
