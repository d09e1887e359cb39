//! Rows of tabular sections as sets of their own.

use super::*;
use obmen_sim::onec::Composition;

fn set() -> String {
    format!("/{COUNTERPARTIES}_ДополнительныеРеквизиты")
}

#[test]
fn rows_carry_the_reference_of_their_owner() {
    let mut base = plain();
    let all = rows(&mut base, &format!("{}?$orderby=LineNumber", set()));
    assert_eq!(all.len(), 2);
    assert_eq!(
        (&all[0]["Ref_Key"], &all[0]["LineNumber"], &all[0]["Значение"]),
        (&json!(FIRM), &json!("1"), &json!("123"))
    );
    let filtered =
        rows(&mut base, &format!("{}?$filter=Свойство_Key eq guid'{MANAGER}'&$select=Значение", set()));
    assert_eq!(filtered, [json!({"Значение": MANAGER})]);
    assert_eq!(get(&mut base, &format!("{}/$count", set())).body, "\u{feff}2".as_bytes());
}

#[test]
fn a_row_is_named_by_its_owner_and_number() {
    let mut base = plain();
    let row = body(&get(&mut base, &format!("{}(Ref_Key=guid'{FIRM}',LineNumber=2)", set())), 200);
    assert_eq!(row["Свойство_Key"], MANAGER);
    let absent = get(&mut base, &format!("{}(Ref_Key=guid'{FIRM}',LineNumber=3)", set()));
    assert_eq!((absent.status, code(&absent).as_str()), (404, "9"));
    assert_eq!(code(&get(&mut base, &format!("{}(guid'{FIRM}')", set()))), "7");
}

#[test]
fn rows_are_written_with_their_owner_alone() {
    let mut base = plain();
    let row = format!("{}(Ref_Key=guid'{FIRM}',LineNumber=2)", set());
    for (method, path) in [("POST", set()), ("PATCH", row.clone()), ("DELETE", row)] {
        let answer = send(&mut base, method, &path, &json!({}));
        assert_eq!((answer.status, code(&answer).as_str()), (400, "13"), "{method}");
    }
}

#[test]
fn rows_of_a_closed_catalog_are_closed_too() {
    let mut base = plain();
    base.settings_mut().composition = Composition::Sets(std::iter::once(PERSONS.to_owned()).collect());
    assert_eq!(code(&get(&mut base, &set())), "8");
}
