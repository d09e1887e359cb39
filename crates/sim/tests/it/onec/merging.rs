//! Duplicates inside 1C: merging, purging, importing, and what forms refuse.

use super::*;

const PARTNERS: &str = "Catalog_Партнеры";
const LINKS: &str = "InformationRegister_СвязиКонтрагентКонтакт";

fn merge(base: &mut Infobase, set: &str, original: &str, duplicate: &str) {
    let action = json!({"do": "merge", "set": set, "ref": original, "duplicates": [duplicate]});
    base.act(now(), &action).unwrap();
}

#[test]
fn merging_puts_the_original_everywhere_and_marks_the_duplicate() {
    let mut base = plain();
    let data = json!({"Объект": FIRM, "Объект_Type": "StandardODATA.Catalog_Контрагенты", "Свойство_Key": ATTRIBUTE,
                      "Значение": "123", "Значение_Type": "Edm.String"});
    base.load(&json!({"entity": "InformationRegister_ДополнительныеСведения", "object": data})).unwrap();
    let third = json!({"Ref_Key": ANNA, "Description": "Ромашка"});
    base.load(&json!({"entity": COUNTERPARTIES, "object": third})).unwrap();
    merge(&mut base, COUNTERPARTIES, ANNA, FIRM);
    let anna = stored(&base, PERSONS, ANNA);
    assert_eq!((&anna["ОбъектВладелец"], &anna["DeletionMark"]), (&json!(ANNA), &Value::Null));
    assert_eq!(stored(&base, COUNTERPARTIES, BRANCH)["ГоловнойКонтрагент_Key"], ANNA);
    let data = rows(&mut base, "/InformationRegister_ДополнительныеСведения");
    assert_eq!((data.len(), &data[0]["Объект"]), (1, &json!(ANNA)), "dimensions are replaced too");
    let duplicate = stored(&base, COUNTERPARTIES, FIRM);
    assert_eq!(duplicate["DeletionMark"], true);
    assert_eq!(duplicate["ДополнительныеРеквизиты"][0]["Значение"], "123", "a foreign id stays on the loser");
    assert_eq!(duplicate["ИНН"], "7701234560");
    let original = stored(&base, COUNTERPARTIES, ANNA);
    assert!(original.get("ДополнительныеРеквизиты").is_none() && original.get("ИНН").is_none());
}

#[test]
fn merging_may_delete_the_duplicate_at_once() {
    let mut base = plain();
    let action =
        json!({"do": "merge", "set": COUNTERPARTIES, "ref": BRANCH, "duplicates": [FIRM], "delete": true});
    base.act(now(), &action).unwrap();
    assert_eq!(stored(&base, COUNTERPARTIES, FIRM), Value::Null);
    assert_eq!(stored(&base, COUNTERPARTIES, BRANCH)["ГоловнойКонтрагент_Key"], BRANCH);
    let before = base.dump();
    for wrong in [json!([BRANCH]), json!([FIRM]), json!("x"), json!(["x"])] {
        let action = json!({"do": "merge", "set": COUNTERPARTIES, "ref": BRANCH, "duplicates": wrong});
        assert!(!base.act(now(), &action).unwrap_err().is_empty(), "{wrong}");
    }
    assert_eq!(base.dump(), before);
}

#[test]
fn a_record_that_the_original_has_already_stays_as_it_is() {
    let link = |firm: &str, position: &str| json!({"Period": "2026-01-01T00:00:00", "Контрагент_Key": firm, "Контакт_Key": ANNA, "Должность": position});
    let mut base = of_product(
        Product::Unf,
        &[
            (COUNTERPARTIES, json!({"Ref_Key": FIRM, "Description": "Ромашка"})),
            (COUNTERPARTIES, json!({"Ref_Key": BRANCH, "Description": "Ромашка"})),
            (LINKS, link(FIRM, "Директор")),
            (LINKS, link(BRANCH, "Бухгалтер")),
        ],
    );
    merge(&mut base, COUNTERPARTIES, FIRM, BRANCH);
    let links = rows(&mut base, &format!("/{LINKS}"));
    assert_eq!((links.len(), &links[0]["Должность"]), (1, &json!("Директор")));
}

#[test]
fn purging_deletes_the_marked_that_nobody_refers_to() {
    let mut base = plain();
    base.act(now(), &json!({"do": "mark", "set": COUNTERPARTIES, "ref": FIRM})).unwrap();
    let purged = base.act(now(), &json!({"do": "purge"})).unwrap();
    let expected = json!({"deleted": [{"set": PERSONS, "ref": ANNA}], "kept": 1});
    assert_eq!(purged, expected, "the branch refers to its head, the marked person to nobody that stays");
    base.act(now(), &json!({"do": "mark", "set": COUNTERPARTIES, "ref": BRANCH})).unwrap();
    let purged = base.act(now(), &json!({"do": "purge"})).unwrap();
    assert_eq!((purged["deleted"].as_array().unwrap().len(), &purged["kept"]), (2, &json!(0)));
    assert!(keys(&mut base, &format!("/{COUNTERPARTIES}")).is_empty(), "marked ones go together");
}

#[test]
fn a_form_of_ut_refuses_equal_numbers_but_of_a_proprietor_and_a_person() {
    let mut base = of_product(Product::Ut11, &[]);
    let create = |kind: &str, inn: &str, kpp: &str| {
        json!({"do": "create", "set": COUNTERPARTIES, "fields": {"Description": "Х", "ЮрФизЛицо": kind, "ИНН": inn,
               "КПП": kpp, "Партнер_Key": FIRM}})
    };
    for (kind, inn, kpp, passes) in [
        ("ЮрЛицо", "7701234560", "770101001", true),
        ("ЮрЛицо", "7701234560", "770101001", false),
        ("ЮрЛицо", "7701234560", "770143001", true),
        ("ИндивидуальныйПредприниматель", "501700219097", "", true),
        ("ФизЛицо", "501700219097", "", true),
        ("ФизЛицо", "501700219097", "", false),
        ("ЮрЛицо", "", "", true),
        ("ЮрЛицо", "", "", true),
    ] {
        assert_eq!(base.act(now(), &create(kind, inn, kpp)).is_ok(), passes, "{kind} {inn} {kpp}");
    }
    let post = json!({"Description": "Х", "ИНН": "7701234560", "КПП": "770101001"});
    assert_eq!(
        send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post).status,
        201,
        "no form, no check"
    );
}

#[test]
fn a_heap_of_records_is_imported_without_the_checks_of_a_form() {
    let mut base = of_product(Product::Ut11, &[]);
    let records = json!([{"Description": "Ромашка"}, {"Ref_Key": ANNA, "Description": "Василек"}]);
    let action = json!({"do": "import", "set": PARTNERS, "records": records});
    let done = base.act(now(), &action).unwrap();
    assert_eq!((done["refs"].as_array().unwrap().len(), &done["refs"][1]), (2, &json!(ANNA)));
    assert_eq!(stored(&base, PARTNERS, ANNA)["Code"], "00-00000002", "numbered as any other");
    let loaded = json!({"do": "import", "set": PARTNERS, "load_mode": true, "records": [{"Ref_Key": FIRM}]});
    base.act(now(), &loaded).unwrap();
    assert!(stored(&base, PARTNERS, FIRM).get("Code").is_none(), "an exchange loads past the handlers");
    let wrong = json!({"do": "import", "set": PARTNERS, "records": [{"Нет": 1}]});
    assert!(base.act(now(), &wrong).unwrap_err().contains("Нет"));
}
