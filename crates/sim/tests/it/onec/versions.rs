//! Versions of objects in their register, and value storages.

use super::*;

const VERSIONS: &str = "InformationRegister_ВерсииОбъектов";

fn change(base: &mut Infobase, kpp: &str) {
    assert_eq!(send(base, "PATCH", &entity(COUNTERPARTIES, FIRM), &json!({"КПП": kpp})).status, 200);
}

fn record(number: u16) -> String {
    let object = format!("Объект='{FIRM}',Объект_Type='StandardODATA.Catalog_Контрагенты'");
    format!("/{VERSIONS}({object},НомерВерсии={number})")
}

/// A base that keeps versions of counterparties and has two of the firm.
fn versioned() -> Infobase {
    let mut base = plain();
    base.act(now(), &json!({"do": "version", "sets": [COUNTERPARTIES]})).unwrap();
    change(&mut base, "770101001");
    change(&mut base, "770101002");
    base
}

#[test]
fn versions_are_kept_of_the_types_that_somebody_chose_and_of_none_by_default() {
    let mut base = plain();
    change(&mut base, "770101001");
    assert_eq!(rows(&mut base, &format!("/{VERSIONS}")).len(), 0);
    let mut base = versioned();
    let patch = json!({"Должность": "Директор"});
    assert_eq!(send(&mut base, "PATCH", &entity(PERSONS, ANNA), &patch).status, 200);
    let kept = rows(&mut base, &format!("/{VERSIONS}?$orderby=НомерВерсии"));
    let numbers: Vec<_> =
        kept.iter().map(|row| (row["Объект"].as_str(), row["НомерВерсии"].as_u64())).collect();
    assert_eq!(numbers, [(Some(FIRM), Some(1)), (Some(FIRM), Some(2))]);
    assert_eq!(kept[0]["ДатаВерсии"], "2026-03-01T09:30:00", "by the wall clock of the server");
    let load = [("1C_OData-DataLoadMode", "true")];
    send_with(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &json!({"КПП": ""}), &load);
    assert_eq!(rows(&mut base, &format!("/{VERSIONS}")).len(), 2, "load mode keeps none");
}

#[test]
fn a_version_tells_who_wrote_it() {
    let mut base = infobase(Settings { user: "Петров Петр".to_owned(), ..Settings::default() });
    base.act(now(), &json!({"do": "version", "sets": [COUNTERPARTIES]})).unwrap();
    base.act(now(), &json!({"do": "update", "set": COUNTERPARTIES, "ref": FIRM, "fields": {}})).unwrap();
    let kept = base.dump()["objects"][VERSIONS][0].clone();
    assert_eq!(kept["АвторВерсии"], MANAGER);
}

#[test]
fn a_dimension_of_several_types_is_named_with_its_type() {
    let mut base = versioned();
    let second = body(&get(&mut base, &record(2)), 200);
    assert_eq!(second["Объект_Type"], "StandardODATA.Catalog_Контрагенты");
    let bare = get(&mut base, &format!("/{VERSIONS}(Объект='{FIRM}',НомерВерсии=2)"));
    assert_eq!((bare.status, code(&bare).as_str()), (400, "7"));
    let filter = format!("Объект eq cast(guid'{FIRM}','Catalog_Контрагенты') and НомерВерсии eq 2");
    assert_eq!(rows(&mut base, &format!("/{VERSIONS}?$filter={filter}")).len(), 1);
}

#[test]
fn a_value_storage_is_text_in_the_record_and_bytes_behind_it() {
    let mut base = versioned();
    let first = body(&get(&mut base, &record(1)), 200);
    assert!(first["ВерсияОбъекта_Base64Data"].as_str().unwrap().len() > 100);
    for end in ["", "/$value"] {
        let stream = get(&mut base, &format!("{}/ВерсияОбъекта{end}", record(1)));
        assert_eq!((stream.status, stream.header("Content-Type")), (200, Some("application/octet-stream")));
        let kept: Value = serde_json::from_slice(&stream.body).unwrap();
        assert_eq!(kept["КПП"], "770101001", "{end}");
    }
    assert_eq!(code(&get(&mut base, &format!("{}/ВерсияОбъекта/Size", record(1)))), "10");
}

#[test]
fn a_value_storage_is_written_as_base_64_and_cannot_be_compared() {
    let mut base = versioned();
    let patch = |text: &str| json!({"ВерсияОбъекта_Base64Data": text, "ВерсияОбъекта_Type": "image/png"});
    assert_eq!(code(&send(&mut base, "PATCH", &record(1), &patch("не base64"))), "4");
    assert_eq!(send(&mut base, "PATCH", &record(1), &patch("iVBORw==")).status, 200);
    let stream = get(&mut base, &format!("{}/ВерсияОбъекта/$value", record(1)));
    assert_eq!((stream.header("Content-Type"), stream.body.as_slice()), (Some("image/png"), &b"\x89PNG"[..]));
    let compared = get(&mut base, &format!("/{VERSIONS}?$filter=ВерсияОбъекта_Base64Data eq 'iVBORw=='"));
    assert_eq!((compared.status, code(&compared).as_str()), (501, "0"));
    let shown = get(&mut base, &format!("/{VERSIONS}?$select=ВерсияОбъекта____Presentation"));
    assert_eq!(code(&shown), "10");
}
