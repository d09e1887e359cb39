//! «Управление нашей фирмой»: what its handlers add to a write.

use super::*;

const STAFF: &str = "Catalog_Сотрудники";
const CONTRACTS: &str = "Catalog_ДоговорыКонтрагентов";

fn base() -> Infobase {
    of_product(
        Product::Unf,
        &[
            (
                COUNTERPARTIES,
                json!({"Ref_Key": FIRM, "Code": "НФ-000007", "Description": "Ромашка", "ИНН": "7701234560"}),
            ),
            (
                COUNTERPARTIES,
                json!({"Ref_Key": BRANCH, "Code": "НФ-000008", "Description": "Юг", "ГоловнойКонтрагент_Key": FIRM}),
            ),
        ],
    )
}

#[test]
fn a_new_counterparty_gets_a_contract_a_code_and_its_derived_fields() {
    let mut base = base();
    let post = json!({"Description": "Василек", "ВидКонтрагента": "ИндивидуальныйПредприниматель",
                      "ИНН": "501700219097"});
    let created = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post), 201);
    assert_eq!((&created["Code"], &created["ИНН"]), (&json!("НФ-000009"), &json!("501700219097")));
    assert_eq!(created["ЮридическоеФизическоеЛицо"], "ФизическоеЛицо");
    assert_eq!(created["ИННВведенКорректно"], true);
    assert_eq!(created["ГоловнойКонтрагент_Key"], "00000000-0000-0000-0000-000000000000");
    let contracts = rows(&mut base, &format!("/{CONTRACTS}"));
    assert_eq!(contracts.len(), 1);
    assert_eq!(
        (&contracts[0]["Owner_Key"], &contracts[0]["Code"]),
        (&created["Ref_Key"], &json!("НФ-000001"))
    );
}

#[test]
fn changes_and_folders_bring_no_contract() {
    let mut base = base();
    let folder = json!({"Description": "Покупатели", "IsFolder": true});
    assert_eq!(send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &folder).status, 201);
    assert_eq!(
        send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &json!({"КПП": "770101001"})).status,
        200
    );
    assert!(rows(&mut base, &format!("/{CONTRACTS}")).is_empty());
}

#[test]
fn search_fields_hold_phone_digits_and_mailboxes_as_shown() {
    let mut base = base();
    let patch = json!({"КонтактнаяИнформация": [
        {"LineNumber": "1", "Тип": "Телефон", "Вид_Key": PHONE_KIND, "Представление": "8 (342) 598-38-20"},
        {"LineNumber": "2", "Тип": "Телефон", "Вид_Key": PHONE_KIND, "Представление": "+7 495 123-45-67",
         "НомерТелефона": "74951234567"},
        {"LineNumber": "3", "Тип": "АдресЭлектроннойПочты", "Вид_Key": EMAIL_KIND, "Представление": "a@b.example"},
    ]});
    let changed = body(&send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch), 200);
    assert_eq!(changed["НомерТелефонаДляПоиска"], ", 74951234567", "the helper column alone is looked at");
    assert_eq!(changed["АдресЭПДляПоиска"], "a@b.example");
    assert_eq!(changed["КонтактнаяИнформация"][1]["ОбратныйНомерТелефона"], "7654321594");
    assert!(changed["КонтактнаяИнформация"][1].get("ВидДляСписка_Key").is_none());
}

#[test]
fn what_is_known_of_a_counterparty_is_summed_up_in_one_text() {
    let mut base = base();
    base.load(&json!({"entity": STAFF, "object": {"Ref_Key": MANAGER, "Description": "Петров Петр"}}))
        .unwrap();
    let patch = json!({
        "НаименованиеПолное": "ООО «Ромашка»", "ВидКонтрагента": "ЮридическоеЛицо", "КПП": "770101001",
        "РегистрационныйНомер": "1027700123450", "КодПоОКПО": "12345678", "Комментарий": "ждать",
        "Ответственный_Key": MANAGER, "КонтактнаяИнформация": [
            {"LineNumber": "1", "Тип": "АдресЭлектроннойПочты", "Вид_Key": EMAIL_KIND, "Представление": "a@b.example"},
            {"LineNumber": "2", "Тип": "Телефон", "Вид_Key": PHONE_KIND, "Представление": "+7 495 123-45-67"},
        ],
    });
    let changed = body(&send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch), 200);
    let expected = "ООО «Ромашка»\nИНН 7701234560\nКПП 770101001\nРегистрационный номер 1027700123450\n\
                    ОКПО 12345678\n+7 495 123-45-67\na@b.example\nждать\nПетров Петр";
    assert_eq!(changed["ОсновныеСведения"], expected, "contacts stand in the order of their kinds");
}

#[test]
fn a_contact_person_has_its_roles_and_contacts_in_fields_for_lists() {
    let mut base = base();
    let post = json!({
        "Description": "Анна", "Комментарий": "после обеда",
        "Роли": [{"LineNumber": "1", "Роль": "ЛПР"}, {"LineNumber": "2", "Роль": "Бухгалтер"}],
        "КонтактнаяИнформация": [
            {"LineNumber": "1", "Тип": "Телефон", "Вид_Key": PHONE_KIND, "Представление": "+7 495 123-45-67",
             "НомерТелефона": "74951234567"},
        ],
    });
    let created = body(&send(&mut base, "POST", &format!("/{PERSONS}"), &post), 201);
    assert_eq!(created["СписокРолей"], "ЛПР, Бухгалтер");
    assert_eq!(created["НомерТелефонаДляПоиска"], "74951234567");
    assert_eq!(created["ОсновныеСведения"], "Анна\n+7 495 123-45-67\nпосле обеда");
    assert_eq!(created["ДатаСоздания"], "2026-03-01T09:30:00");
    for absent in ["Фамилия", "Имя", "ОбъектВладелец", "Owner_Key", "Должность"]
    {
        assert!(created.get(absent).is_none(), "{absent}");
    }
}

#[test]
fn a_deleted_person_is_nobody_s_main_contact() {
    let mut base = base();
    base.load(&json!({"entity": PERSONS, "object": {"Ref_Key": ANNA, "Description": "Анна"}})).unwrap();
    let patch = json!({"КонтактноеЛицо_Key": ANNA});
    assert_eq!(send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch).status, 200);
    assert_eq!(send(&mut base, "DELETE", &entity(PERSONS, ANNA), &Value::Null).status, 204);
    let firm = stored(&base, COUNTERPARTIES, FIRM);
    assert_eq!(firm["КонтактноеЛицо_Key"], "00000000-0000-0000-0000-000000000000");
    assert_eq!(firm["DataVersion"], "AAAAAAAAAAI=", "a write that the deletion brought");
}

#[test]
fn empty_numbers_count_as_right_and_a_kpp_is_looked_at_by_its_pattern_alone() {
    let mut base = base();
    for (inn, kpp, expected) in [
        ("", "", (true, true)),
        ("7701234560", "770143001", (true, true)),
        ("7701234561", "77014300", (false, false)),
        ("501700219097", "", (false, true)),
    ] {
        let post =
            json!({"Description": "Василек", "ВидКонтрагента": "ЮридическоеЛицо", "ИНН": inn, "КПП": kpp});
        let created = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post), 201);
        let found = (&created["ИННВведенКорректно"], &created["КППВведенКорректно"]);
        assert_eq!(found, (&json!(expected.0), &json!(expected.1)), "{inn} {kpp}");
    }
}

#[test]
fn a_new_inn_of_the_head_is_written_into_its_branches() {
    let mut base = base();
    let patch = json!({"ИНН": "5017002196"});
    assert_eq!(send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch).status, 200);
    let branch = stored(&base, COUNTERPARTIES, BRANCH);
    assert_eq!(branch["ИНН"], "5017002196");
    assert_eq!(branch["DataVersion"], "AAAAAAAAAAI=", "the cascade is a write of its own");
}
