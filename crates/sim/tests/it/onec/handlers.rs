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
fn a_branch_has_no_head_until_somebody_names_it() {
    let mut base = plain();
    let post = json!({"Description": "Филиал", "ОбособленноеПодразделение": true, "ДатаСоздания": "2020-01-01T00:00:00"});
    let created = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post), 201);
    assert_eq!(created["ГоловнойКонтрагент_Key"], "00000000-0000-0000-0000-000000000000");
    assert_eq!(created["ДатаСоздания"], "2026-03-01T09:30:00", "whatever the client says");
}

#[test]
fn numbers_are_noted_as_right_by_the_legal_type_and_the_kind_of_office() {
    let mut base = plain();
    let (legal, person) = ("ЮридическоеЛицо", "ФизическоеЛицо");
    for (kind, branch, inn, kpp, expected) in [
        (legal, false, "7701234560", "770101001", (true, true)),
        (legal, false, "7701234560", "770150001", (true, true)),
        (legal, false, "7701234560", "770143001", (true, false)),
        (legal, true, "7701234560", "770143001", (true, true)),
        (legal, true, "7701234560", "770101001", (true, false)),
        (legal, false, "7701234560", "7701AB001", (true, true)),
        (legal, false, "7701234560", "000101001", (true, false)),
        (legal, false, "7701234561", "", (false, false)),
        (legal, false, "7701234560/770101001", "", (false, false)),
        (legal, false, "0077000003", "", (false, false)),
        (legal, false, "", "", (false, false)),
        (legal, false, "501700219097", "", (false, false)),
        (person, false, "501700219097", "", (true, false)),
        (person, false, "770123456703", "770101001", (true, false)),
        (person, false, "7701234560", "", (false, false)),
    ] {
        let post = json!({"Description": "Василек", "ЮридическоеФизическоеЛицо": kind, "ИНН": inn, "КПП": kpp,
                          "ОбособленноеПодразделение": branch});
        let created = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post), 201);
        let found = (&created["ИННВведенКорректно"], &created["КППВведенКорректно"]);
        assert_eq!(found, (&json!(expected.0), &json!(expected.1)), "{kind} {branch} {inn} {kpp}");
        assert_eq!((&created["ИНН"], &created["КПП"]), (&json!(inn), &json!(kpp)), "kept as it came");
    }
}

#[test]
fn a_history_of_requisites_ends_with_the_current_value_or_is_no_history() {
    let mut base = plain();
    let path = entity(COUNTERPARTIES, FIRM);
    let row = |line: u8, period: &str, kpp: &str| json!({"LineNumber": line, "Период": period, "КПП": kpp});
    let (old, new) = ("2020-01-01T00:00:00", "2024-01-01T00:00:00");
    let rows = json!([row(1, new, "770201001"), row(2, old, "770101001")]);
    let changed =
        body(&send(&mut base, "PATCH", &path, &json!({"КПП": "770301001", "ИсторияКПП": rows})), 200);
    let expected = [("0001-01-01T00:00:00", "770101001"), (new, "770301001")];
    for (row, (period, kpp)) in changed["ИсторияКПП"].as_array().unwrap().iter().zip(expected) {
        assert_eq!((&row["Период"], &row["КПП"]), (&json!(period), &json!(kpp)));
    }
    let twice = json!([row(1, old, "1"), row(2, new, "2"), row(3, new, "3")]);
    let refused = send(&mut base, "PATCH", &path, &json!({"ИсторияКПП": twice}));
    assert_eq!((refused.status, code(&refused).as_str()), (500, "-1"));
    assert_eq!(stored(&base, COUNTERPARTIES, FIRM)["DataVersion"], changed["DataVersion"]);
    let single = json!([row(1, old, "770101001")]);
    let changed = body(&send(&mut base, "PATCH", &path, &json!({"ИсторияКПП": single})), 200);
    assert_eq!(changed["ИсторияКПП"], json!([]), "one row is no history");
}

#[test]
fn a_person_without_a_name_is_called_by_its_parts_and_position() {
    let mut base = plain();
    let post = json!({"Фамилия": "Иванова", "Имя": "Анна", "Должность": "директор",
                      "ВидКонтактногоЛица": "ЛичныйКонтакт", "ОбъектВладелец": MANAGER,
                      "ОбъектВладелец_Type": "StandardODATA.Catalog_Пользователи"});
    let created = body(&send(&mut base, "POST", &format!("/{PERSONS}"), &post), 201);
    assert_eq!(created["Description"], "Иванова Анна, директор");
    assert_eq!(created["ПользовательЛичногоКонтакта_Key"], MANAGER);
    let path = entity(PERSONS, created["Ref_Key"].as_str().unwrap());
    let renamed = body(&send(&mut base, "PATCH", &path, &json!({"Фамилия": "Петрова"})), 200);
    assert_eq!(renamed["Description"], "Иванова Анна, директор", "a name that is there stays");
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
    assert_eq!(
        send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &json!({"DeletionMark": false})).status,
        200
    );
    assert_eq!(stored(&base, PERSONS, ANNA)["DeletionMark"], false, "and its removal too");
}

#[test]
fn a_new_inn_of_the_head_is_written_into_its_branches() {
    let mut base = plain();
    assert_eq!(
        send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &json!({"ИНН": "5017002196"})).status,
        200
    );
    assert_eq!(stored(&base, COUNTERPARTIES, BRANCH)["ИНН"], "5017002196");
    let other = json!({"ИНН": "7701234560"});
    assert_eq!(send(&mut base, "PATCH", &entity(COUNTERPARTIES, BRANCH), &other).status, 200);
    assert_eq!(stored(&base, COUNTERPARTIES, BRANCH)["ИНН"], "7701234560", "a branch may be given another");
    let unchanged = json!({"Комментарий": "то же"});
    assert_eq!(send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &unchanged).status, 200);
    assert_eq!(stored(&base, COUNTERPARTIES, BRANCH)["ИНН"], "5017002196", "until the head is written");
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
