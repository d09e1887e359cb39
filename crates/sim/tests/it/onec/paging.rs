//! Portions, order and counts of a set.

use super::*;
use std::collections::BTreeMap;

#[test]
fn top_and_skip_cut_an_ordered_list() {
    let mut base = crowd(25);
    let all = keys(&mut base, &format!("/{PERSONS}?$orderby=Ref_Key"));
    let second = keys(&mut base, &format!("/{PERSONS}?$orderby=Ref_Key&$skip=10&$top=10"));
    assert_eq!(second, all[10..20]);
    let turned = keys(&mut base, &format!("/{PERSONS}?$orderby=Ref_Key desc&$top=1"));
    assert_eq!(turned, all[24..]);
    let named = rows(&mut base, &format!("/{PERSONS}?$orderby=Description desc,Ref_Key&$top=1"));
    assert_eq!(named[0]["Description"], "Человек 9");
}

#[test]
fn pages_by_the_last_key_meet_everyone_once() {
    let mut base = crowd(25);
    let mut met = Vec::new();
    let mut last = "00000000-0000-0000-0000-000000000000".to_owned();
    loop {
        let page =
            keys(&mut base, &format!("/{PERSONS}?$filter=Ref_Key gt guid'{last}'&$orderby=Ref_Key&$top=7"));
        let Some(end) = page.last() else { break };
        last.clone_from(end);
        met.extend(page);
    }
    let mut expected = keys(&mut base, &format!("/{PERSONS}"));
    expected.sort();
    assert_eq!(met, expected);
}

#[test]
fn without_an_order_a_write_turns_the_rows() {
    let mut base = crowd(25);
    let before = keys(&mut base, &format!("/{PERSONS}"));
    assert_eq!(keys(&mut base, &format!("/{PERSONS}")), before, "nothing was written between");
    let mut sorted = before.clone();
    sorted.sort();
    assert_ne!(before, sorted);
    let patch = json!({"Должность": "Директор"});
    assert_eq!(send(&mut base, "PATCH", &entity(PERSONS, &before[0]), &patch).status, 200);
    let after = keys(&mut base, &format!("/{PERSONS}"));
    assert_ne!(after, before);
    assert_eq!(after.len(), before.len());
}

#[test]
fn the_count_is_taken_before_the_page_is_cut() {
    let mut base = crowd(25);
    let path = format!("/{PERSONS}?$inlinecount=allpages&$top=3&$filter=startswith(Description,'Человек 1')");
    let answer = body(&get(&mut base, &path), 200);
    assert_eq!(answer["odata.count"], "11");
    assert_eq!(answer["value"].as_array().unwrap().len(), 3);
    let counted = get(&mut base, &format!("/{PERSONS}/$count"));
    assert_eq!(String::from_utf8(counted.body).unwrap(), "\u{feff}25");
    let some = get(&mut base, &format!("/{PERSONS}/$count?$filter=Description eq 'человек 3'"));
    assert_eq!(String::from_utf8(some.body).unwrap(), "\u{feff}1");
}

#[test]
fn ordering_by_a_reference_goes_by_its_presentation() {
    let mut base = plain();
    let path = format!("/{COUNTERPARTIES}?$orderby=СтранаРегистрации_Key desc&$select=Ref_Key");
    assert_eq!(keys(&mut base, &path), [FIRM, BRANCH]);
}

#[test]
fn rows_are_ordered_by_what_stands_behind_a_reference_and_by_functions() {
    let mut base = plain();
    for (order, expected) in [
        ("ГоловнойКонтрагент/ИНН desc", [BRANCH, FIRM]),
        ("ГоловнойКонтрагент/ИНН asc", [FIRM, BRANCH]),
        ("substring(Code, 9, 1) desc,Ref_Key", [BRANCH, FIRM]),
        ("concat(ИНН, Code)", [FIRM, BRANCH]),
    ] {
        let path = format!("/{COUNTERPARTIES}?$orderby={order}&$select=Ref_Key");
        assert_eq!(keys(&mut base, &path), expected, "{order}");
    }
}

#[test]
fn options_that_cannot_be_read_are_refused() {
    let mut base = plain();
    for (query, expected) in [
        ("$top=many", "14"),
        ("$orderby=ИНН up", "14"),
        ("$orderby=ИННН", "10"),
        ("$orderby=ИНН,,Code", "14"),
        ("$orderby=ИНН desc asc", "14"),
        ("$orderby=ГоловнойКонтрагент/Нет", "10"),
        ("$inlinecount=some", "14"),
        ("$format=yaml", "3"),
    ] {
        let answer = get(&mut base, &format!("/{COUNTERPARTIES}?{query}"));
        assert_eq!((answer.status, code(&answer).as_str()), (400, expected), "{query}");
    }
}

#[test]
fn a_scan_of_versions_finds_what_was_created_changed_and_deleted() {
    let mut base = crowd(25);
    let scan = |base: &mut Infobase| -> BTreeMap<String, String> {
        let found = rows(base, &format!("/{PERSONS}?$select=Ref_Key,DataVersion&$orderby=Ref_Key"));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        found.iter().map(|row| (text(&row["Ref_Key"]), text(&row["DataVersion"]))).collect()
    };
    let before = scan(&mut base);
    let (changed, deleted) = (before.keys().next().unwrap().clone(), before.keys().last().unwrap().clone());
    send(&mut base, "PATCH", &entity(PERSONS, &changed), &json!({"Должность": "Директор"}));
    send(&mut base, "DELETE", &entity(PERSONS, &deleted), &Value::Null);
    send(&mut base, "POST", &format!("/{PERSONS}"), &json!({"Ref_Key": ANNA, "Description": "Анна"}));
    let after = scan(&mut base);
    let moved: Vec<&String> = after
        .iter()
        .filter(|(key, version)| before.get(*key) != Some(*version))
        .map(|(key, _)| key)
        .collect();
    assert_eq!(moved, [&changed, &ANNA.to_owned()]);
    let gone: Vec<&String> = before.keys().filter(|key| !after.contains_key(*key)).collect();
    assert_eq!(gone, [&deleted]);
}

/// So many contact persons with keys in no order.
fn crowd(size: u32) -> Infobase {
    let mut base = Infobase::new(Settings::default());
    for number in 0..size {
        let key = format!("{:08x}-0000-0000-0000-000000000000", number.wrapping_mul(2_654_435_761).max(1));
        let object = json!({"Ref_Key": key, "Description": format!("Человек {number}")});
        base.load(&json!({"entity": PERSONS, "object": object})).unwrap();
    }
    base
}

#[test]
fn the_top_of_an_order_is_the_beginning_of_the_whole_order() {
    let mut base = Infobase::new(Settings::default());
    for number in 0..60_u32 {
        let object = json!({"Ref_Key": format!("{number:08}-0000-0000-0000-000000000000"),
                            "Description": format!("{}", number % 7), "ИНН": format!("{}", number % 5)});
        base.load(&json!({"entity": COUNTERPARTIES, "object": object})).unwrap();
    }
    for order in ["Description", "Description desc,ИНН", "ИНН,Description desc,Ref_Key"] {
        let whole = keys(&mut base, &format!("/{COUNTERPARTIES}?$orderby={order}"));
        assert_eq!(whole.len(), 60);
        for (skip, top) in [(0, 1), (5, 20), (50, 20), (70, 5), (3, 0)] {
            let path = format!("/{COUNTERPARTIES}?$orderby={order}&$skip={skip}&$top={top}");
            let expected: Vec<String> = whole.iter().skip(skip).take(top).cloned().collect();
            assert_eq!(keys(&mut base, &path), expected, "{order} {skip} {top}");
        }
    }
}
