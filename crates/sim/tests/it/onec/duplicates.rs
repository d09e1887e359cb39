//! The register of counterparties with equal INN and KPP.

use super::*;

const DUPLICATES: &str = "InformationRegister_НаличиеДублейУКонтрагентов";
const LEGAL: &str = "ЮридическоеЛицо";

fn named(base: &mut Infobase) -> Vec<String> {
    let all = rows(base, &format!("/{DUPLICATES}"));
    let mut keys: Vec<String> =
        all.iter().map(|row| row["Контрагент_Key"].as_str().unwrap().to_owned()).collect();
    keys.sort();
    keys
}

fn twin(base: &mut Infobase, key: &str) -> Value {
    let post = json!({"Ref_Key": key, "Description": "Ромашка (дубль)", "ЮридическоеФизическоеЛицо": LEGAL,
                      "ВидКонтрагента": LEGAL, "ИНН": "5017002196", "КПП": "501701001"});
    body(&send(base, "POST", &format!("/{COUNTERPARTIES}"), &post), 201)
}

#[test]
fn counterparties_with_equal_numbers_are_in_a_register_and_nothing_is_refused() {
    for product in [Product::Bp30, Product::Unf] {
        let mut base = of_product(product, &[]);
        let first = twin(&mut base, FIRM);
        assert!(first.get("РасширенноеПредставлениеИНН").is_none_or(|shown| shown == ""));
        assert!(named(&mut base).is_empty(), "{product:?}: one is no duplicate");
        let second = twin(&mut base, BRANCH);
        assert_eq!(named(&mut base), [FIRM, BRANCH], "{product:?}");
        if product == Product::Bp30 {
            assert_eq!(second["РасширенноеПредставлениеИНН"], "5017002196");
            assert_eq!(second["РасширенноеПредставлениеКПП"], "501701001");
        }
        let found =
            rows(&mut base, &format!("/{DUPLICATES}?$filter=ИНН eq '5017002196' and КПП eq '501701001'"));
        assert_eq!(found.len(), 2);
        let mark = json!({"DeletionMark": true});
        assert_eq!(send(&mut base, "PATCH", &entity(COUNTERPARTIES, BRANCH), &mark).status, 200);
        assert_eq!(named(&mut base), [FIRM, BRANCH], "{product:?}: a mark changes no numbers");
        let other = json!({"КПП": "501702001"});
        assert_eq!(send(&mut base, "PATCH", &entity(COUNTERPARTIES, BRANCH), &other).status, 200);
        assert!(named(&mut base).is_empty(), "{product:?}: none is left with the numbers of another");
        twin(&mut base, ANNA);
        assert_eq!(send(&mut base, "DELETE", &entity(COUNTERPARTIES, ANNA), &Value::Null).status, 204);
        assert!(named(&mut base).is_empty(), "{product:?}: a deleted one is nobody's duplicate");
    }
}

#[test]
fn numbers_that_are_not_right_make_no_duplicates() {
    let mut base = of_product(Product::Bp30, &[]);
    for (inn, kpp) in [("", ""), ("7701234561", "770101001"), ("7701234560", "0")] {
        for _ in 0..2 {
            let post =
                json!({"Description": "Х", "ЮридическоеФизическоеЛицо": LEGAL, "ИНН": inn, "КПП": kpp});
            assert_eq!(send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post).status, 201);
        }
        assert!(named(&mut base).is_empty(), "{inn} {kpp}");
    }
}

#[test]
fn a_sole_proprietor_and_a_person_with_one_inn_are_duplicates_without_a_kpp() {
    let mut base = of_product(Product::Bp30, &[]);
    for proprietor in [true, false] {
        let post = json!({"Description": "Иванов", "ЮридическоеФизическоеЛицо": "ФизическоеЛицо",
                          "ИндивидуальныйПредприниматель": proprietor, "ИНН": "501700219097"});
        assert_eq!(send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &post).status, 201);
    }
    assert_eq!(named(&mut base).len(), 2);
}
