//! «Управление торговлей»: partners beside counterparties, and little code around a write.

use super::*;

const PARTNERS: &str = "Catalog_Партнеры";
const PEOPLE: &str = "Catalog_КонтактныеЛицаПартнеров";

fn base() -> Infobase {
    of_product(
        Product::Ut11,
        &[
            (PARTNERS, json!({"Ref_Key": FIRM, "Code": "00-00000007", "Description": "Ромашка"})),
            (COUNTERPARTIES, json!({"Ref_Key": BRANCH, "Description": "Ромашка", "Партнер_Key": FIRM})),
            (PEOPLE, json!({"Ref_Key": ANNA, "Description": "Анна", "Owner_Key": FIRM})),
        ],
    )
}

#[test]
fn the_legal_type_of_reports_follows_from_that_of_the_form() {
    let mut base = base();
    for (given, derived) in [
        ("ЮрЛицо", "ЮридическоеЛицо"),
        ("ЮрЛицоНеРезидент", "ЮридическоеЛицо"),
        ("ФизЛицо", "ФизическоеЛицо"),
        ("ИндивидуальныйПредприниматель", "ФизическоеЛицо"),
    ] {
        let post = json!({"Description": "Василек", "ЮрФизЛицо": given, "ЮридическоеФизическоеЛицо": ""});
        let created = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post), 201);
        assert_eq!(created["ЮридическоеФизическоеЛицо"], derived, "{given}");
    }
}

#[test]
fn a_counterparty_that_is_no_branch_is_its_own_head() {
    let mut base = base();
    let post = |branch: bool| json!({"Description": "Василек", "ОбособленноеПодразделение": branch});
    let own = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post(false)), 201);
    assert_eq!(own["ГоловнойКонтрагент_Key"], own["Ref_Key"]);
    let branch = body(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post(true)), 201);
    assert_eq!(branch["ГоловнойКонтрагент_Key"], "00000000-0000-0000-0000-000000000000");
}

#[test]
fn a_mark_on_a_partner_marks_its_counterparty_where_partners_are_counterparties() {
    for (switched_on, expected) in [(false, json!(null)), (true, json!(true))] {
        let mut base = base();
        let constant =
            "/Constant_ИспользоватьПартнеровКакКонтрагентов(guid'00000000-0000-0000-0000-000000000000')";
        assert_eq!(send(&mut base, "PATCH", constant, &json!({"Value": switched_on})).status, 200);
        let path = entity(PARTNERS, FIRM);
        assert_eq!(send(&mut base, "PATCH", &path, &json!({"DeletionMark": true})).status, 200);
        assert_eq!(stored(&base, COUNTERPARTIES, BRANCH)["DeletionMark"], expected, "{switched_on}");
        let version = &stored(&base, COUNTERPARTIES, BRANCH)["DataVersion"];
        assert_eq!(version == &json!("AAAAAAAAAAI="), switched_on, "a write of its own: {version}");
        if switched_on {
            assert_eq!(send(&mut base, "PATCH", &path, &json!({"DeletionMark": false})).status, 200);
            assert_eq!(stored(&base, COUNTERPARTIES, BRANCH)["DeletionMark"], false, "and back");
        }
    }
}

#[test]
fn a_company_has_neither_sex_nor_birthday() {
    let mut base = base();
    let post = json!({"Description": "Ромашка", "ЮрФизЛицо": "Компания", "Пол": "Женский",
                      "ДатаРождения": "1990-05-01T00:00:00"});
    let created = body(&send(&mut base, "POST", &format!("/{PARTNERS}"), &post), 201);
    assert_eq!((&created["Пол"], &created["ДатаРождения"]), (&json!(""), &json!("0001-01-01T00:00:00")));
}

#[test]
fn equal_inn_and_kpp_are_no_obstacle_outside_of_forms() {
    let mut base = base();
    let post = json!({"Description": "Дубль", "ИНН": "7701234560", "КПП": "770101001"});
    for _ in 0..2 {
        assert_eq!(send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post).status, 201);
    }
    assert_eq!(keys(&mut base, &format!("/{COUNTERPARTIES}?$filter=ИНН eq '7701234560'")).len(), 2);
}

#[test]
fn counterparties_have_neither_codes_nor_folders() {
    let mut base = base();
    let counterparty = body(&get(&mut base, &entity(COUNTERPARTIES, BRANCH)), 200);
    for name in ["Code", "IsFolder", "Parent_Key", "ИндивидуальныйПредприниматель"]
    {
        assert!(counterparty.get(name).is_none(), "{name}");
        let filtered = get(&mut base, &format!("/{COUNTERPARTIES}?$filter={name} eq 'x'"));
        assert_eq!(code(&filtered), "10", "{name}");
    }
}

#[test]
fn partners_stand_under_partners_and_go_on_numbering() {
    let mut base = base();
    let post = json!({"Description": "Ромашка Юг", "Parent_Key": FIRM, "ЮрФизЛицо": "Компания"});
    let created = body(&send(&mut base, "POST", &format!("/{PARTNERS}"), &post), 201);
    assert_eq!((&created["Code"], &created["Parent_Key"]), (&json!("00-00000008"), &json!(FIRM)));
    assert!(created.get("IsFolder").is_none());
    let wrong = json!({"Description": "Ромашка Юг", "ЮрФизЛицо": "ЮрЛицо"});
    assert_eq!(code(&send(&mut base, "POST", &format!("/{PARTNERS}"), &wrong)), "4", "another enumeration");
}

#[test]
fn people_are_found_by_what_stands_behind_their_owner() {
    let mut base = base();
    let path = format!("/{PEOPLE}?$filter=Owner/Description eq 'Ромашка'");
    assert_eq!(keys(&mut base, &path), [ANNA]);
}

#[test]
fn rows_of_counterparties_say_since_when_they_hold() {
    let mut base = base();
    let rows = json!([{"LineNumber": "1", "Тип": "Телефон", "Вид_Key": PHONE_KIND, "ДействуетС": "2026-01-01T00:00:00"}]);
    let patch = json!({"КонтактнаяИнформация": rows});
    let changed = body(&send(&mut base, "PATCH", &entity(COUNTERPARTIES, BRANCH), &patch), 200);
    assert_eq!(changed["КонтактнаяИнформация"][0]["ДействуетС"], "2026-01-01T00:00:00");
    let partner = body(&send(&mut base, "PATCH", &entity(PARTNERS, FIRM), &patch), 200);
    assert!(partner["КонтактнаяИнформация"][0].get("ДействуетС").is_none());
}
