//! «Управление нашей фирмой»: what its handlers add to a write.

use super::*;

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
fn search_fields_hold_the_first_phone_and_mailbox() {
    let mut base = base();
    let patch = json!({"КонтактнаяИнформация": [
        {"LineNumber": "1", "Тип": "Телефон", "Вид_Key": PHONE_KIND, "Представление": "8 (342) 598-38-20"},
        {"LineNumber": "2", "Тип": "Телефон", "Вид_Key": PHONE_KIND, "Представление": "+7 495 123-45-67",
         "НомерТелефона": "74951234567"},
        {"LineNumber": "3", "Тип": "АдресЭлектроннойПочты", "Вид_Key": EMAIL_KIND, "Представление": "a@b.example"},
    ]});
    let changed = body(&send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch), 200);
    assert_eq!(changed["НомерТелефонаДляПоиска"], "83425983820");
    assert_eq!(changed["АдресЭПДляПоиска"], "a@b.example");
    assert_eq!(changed["КонтактнаяИнформация"][1]["ОбратныйНомерТелефона"], "7654321594");
    assert!(changed["КонтактнаяИнформация"][1].get("ВидДляСписка_Key").is_none());
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
