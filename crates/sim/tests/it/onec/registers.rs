//! Independent information registers: records by full key, and slices.

use super::*;

const LINKS: &str = "InformationRegister_СвязиКонтрагентКонтакт";
const STAFF: &str = "InformationRegister_СотрудникиПользователя";

fn base() -> Infobase {
    of_product(
        Product::Unf,
        &[
            (COUNTERPARTIES, json!({"Ref_Key": FIRM, "Description": "Ромашка"})),
            (PERSONS, json!({"Ref_Key": ANNA, "Description": "Анна"})),
            (LINKS, link("2026-01-01T00:00:00", "Бухгалтер")),
            (LINKS, link("2026-02-01T00:00:00", "Директор")),
            (STAFF, json!({"Сотрудник_Key": ANNA, "Пользователь_Key": MANAGER})),
        ],
    )
}

fn link(period: &str, position: &str) -> Value {
    json!({"Period": period, "Контрагент_Key": FIRM, "Контакт_Key": ANNA, "Должность": position})
}

fn record(period: &str) -> String {
    format!("/{LINKS}(Period=datetime'{period}',Контрагент_Key=guid'{FIRM}',Контакт_Key=guid'{ANNA}')")
}

fn positions(base: &mut Infobase, path: &str) -> Vec<String> {
    rows(base, path).iter().map(|row| row["Должность"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_record_has_no_reference_and_no_version() {
    let mut base = base();
    let read = body(&get(&mut base, &record("2026-01-01T00:00:00")), 200);
    assert_eq!(read["Должность"], "Бухгалтер");
    assert!(read.get("Ref_Key").is_none() && read.get("DataVersion").is_none());
    let staff = format!("/{STAFF}(Пользователь_Key=guid'{MANAGER}',Сотрудник_Key=guid'{ANNA}')");
    assert_eq!(body(&get(&mut base, &staff), 200)["Сотрудник_Key"], ANNA, "the order of the parts is free");
}

#[test]
fn a_record_is_created_once_and_located_by_its_full_key() {
    let mut base = base();
    let post = link("2026-03-01T00:00:00", "Советник");
    let answer = send(&mut base, "POST", &format!("/{LINKS}"), &post);
    assert_eq!(body(&answer, 201)["Должность"], "Советник");
    let location = answer.header("location").unwrap();
    assert!(location.contains("(Period=datetime'2026-03-01T00:00:00',%D0"), "{location}");
    let again = send(&mut base, "POST", &format!("/{LINKS}"), &post);
    assert_eq!((again.status, code(&again).as_str()), (400, "15"));
    let incomplete = send(&mut base, "POST", &format!("/{LINKS}"), &json!({"Контакт_Key": ANNA}));
    assert_eq!(code(&incomplete), "5");
}

#[test]
fn a_record_is_changed_and_deleted_by_its_full_key_alone() {
    let mut base = base();
    let path = record("2026-02-01T00:00:00");
    let changed = body(&send(&mut base, "PATCH", &path, &json!({"СвязьНедействительна": true})), 200);
    assert_eq!((&changed["СвязьНедействительна"], &changed["Должность"]), (&json!(true), &json!("Директор")));
    let moved = send(&mut base, "PATCH", &path, &json!({"Period": "2026-05-01T00:00:00"}));
    assert_eq!(code(&moved), "16");
    for partial in [format!("/{LINKS}(Контрагент_Key=guid'{FIRM}')"), format!("/{LINKS}(guid'{FIRM}')")]
    {
        assert_eq!(code(&send(&mut base, "PATCH", &partial, &json!({}))), "7", "{partial}");
    }
    assert_eq!(send(&mut base, "DELETE", &path, &Value::Null).status, 204);
    assert_eq!(code(&get(&mut base, &path)), "9");
    assert_eq!(positions(&mut base, &format!("/{LINKS}")), ["Бухгалтер"]);
}

#[test]
fn a_slice_holds_the_newest_record_of_each_pair() {
    let mut base = base();
    let until = "Period=datetime'2026-01-31T00:00:00'";
    let condition = format!("Condition='Контрагент_Key eq guid'{FIRM}''");
    for (path, expected) in [
        (format!("/{LINKS}/SliceLast"), vec!["Директор"]),
        (format!("/{LINKS}/SliceLast()"), vec!["Директор"]),
        (format!("/{LINKS}/SliceLast({until})"), vec!["Бухгалтер"]),
        (format!("/{LINKS}/SliceLast({until},{condition})"), vec!["Бухгалтер"]),
        (format!("/{LINKS}/SliceLast?Condition=Контрагент_Key eq guid'{ANNA}'"), vec![]),
        (format!("/{LINKS}/SliceLast(Condition='Должность eq 'Бухгалтер'')"), vec!["Бухгалтер"]),
        (format!("/{LINKS}/SliceLast?$filter=Должность eq 'Бухгалтер'"), vec![]),
        (format!("/{LINKS}/SliceFirst"), vec!["Бухгалтер"]),
    ] {
        assert_eq!(positions(&mut base, &path), expected, "{path}");
    }
    assert_eq!(code(&get(&mut base, &format!("/{STAFF}/SliceLast"))), "11", "it has no periods");
}

#[test]
fn registers_are_filtered_and_ordered_by_their_own_names_alone() {
    let mut base = base();
    let path = format!("/{LINKS}?$filter=Контакт/Description eq 'Анна'&$orderby=Period desc");
    assert_eq!(positions(&mut base, &path), ["Директор", "Бухгалтер"]);
    assert_eq!(code(&get(&mut base, &format!("/{LINKS}?$orderby=Ref_Key"))), "10");
}

#[test]
fn a_user_of_the_form_writes_records_too() {
    let mut base = base();
    let action = json!({"do": "create", "set": LINKS, "fields": link("2026-04-01T00:00:00", "Партнер")});
    base.act(now(), &action).unwrap();
    assert_eq!(positions(&mut base, &format!("/{LINKS}/SliceLast")), ["Партнер"]);
    let action = json!({"do": "delete", "set": LINKS, "fields": link("2026-04-01T00:00:00", "")});
    base.act(now(), &action).unwrap();
    assert_eq!(positions(&mut base, &format!("/{LINKS}/SliceLast")), ["Директор"]);
}

#[test]
fn pages_without_a_full_order_repeat_and_lose_records() {
    let mut base = of_product(Product::Unf, &[]);
    for number in 0..87 {
        let user = format!("{number:08}-0000-0000-0000-000000000000");
        base.load(&json!({"entity": STAFF, "object": {"Сотрудник_Key": ANNA, "Пользователь_Key": user}}))
            .unwrap();
    }
    let mut read = |order: &str| {
        let mut met = Vec::new();
        for page in 0..9 {
            let path = format!("/{STAFF}?$orderby={order}&$skip={}&$top=10", page * 10);
            let found = rows(&mut base, &path);
            met.extend(found.iter().map(|row| row["Пользователь_Key"].as_str().unwrap().to_owned()));
            let moved = json!({"Сотрудник_Key": FIRM, "Пользователь_Key": FIRM});
            base.act(now(), &json!({"do": "create", "set": STAFF, "fields": moved})).unwrap();
            base.act(now(), &json!({"do": "delete", "set": STAFF, "fields": moved})).unwrap();
        }
        met.sort();
        met.dedup();
        met.len()
    };
    assert!(read("Сотрудник_Key") < 87, "writes turn what the order leaves open");
    assert_eq!(read("Сотрудник_Key,Пользователь_Key"), 87);
}
