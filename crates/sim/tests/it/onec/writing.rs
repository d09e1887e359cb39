//! POST, PATCH and DELETE, and their refusals.

use super::*;
use obmen_sim::onec::{IfMatch, OverLong};

const NEW: &str = "30000000-0000-0000-0000-000000000001";

#[test]
fn a_post_creates_and_answers_without_the_version() {
    let mut base = plain();
    let answer =
        send(&mut base, "POST", &format!("/{PERSONS}"), &json!({"Ref_Key": NEW, "Description": "Борис"}));
    let created = body(&answer, 201);
    assert_eq!((&created["Ref_Key"], &created["Code"]), (&json!(NEW), &json!("00-000002")));
    assert!(created.get("DataVersion").is_none());
    assert!(answer.header("location").unwrap().ends_with(&format!("(guid'{NEW}')")));
    let read = body(&get(&mut base, &entity(PERSONS, NEW)), 200);
    assert_eq!(read["DataVersion"], "AAAAAAAAAAM=");
}

#[test]
fn a_second_post_with_the_same_key_is_code_15() {
    let mut base = plain();
    let answer =
        send(&mut base, "POST", &format!("/{PERSONS}"), &json!({"Ref_Key": ANNA, "Description": "Борис"}));
    assert_eq!((answer.status, code(&answer).as_str()), (400, "15"));
    assert_eq!(stored(&base, PERSONS, ANNA)["Description"], "Анна");
}

#[test]
fn a_base_that_makes_its_own_keys_ignores_a_given_one() {
    let mut base = infobase(Settings { honours_ref_key: false, ..Settings::default() });
    let post = json!({"Ref_Key": NEW, "Description": "Борис"});
    let first = body(&send(&mut base, "POST", &format!("/{PERSONS}"), &post), 201);
    let second = body(&send(&mut base, "POST", &format!("/{PERSONS}"), &post), 201);
    assert_ne!(first["Ref_Key"], NEW);
    assert_ne!(first["Ref_Key"], second["Ref_Key"]);
}

#[test]
fn a_patch_keeps_what_it_does_not_name_and_moves_the_version() {
    let mut base = plain();
    let patch = json!({"КПП": "770101001", "Description": "Ромашка плюс"});
    let changed = body(&send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch), 200);
    assert_eq!((&changed["КПП"], &changed["ИНН"]), (&json!("770101001"), &json!("7701234560")));
    assert_eq!(changed["КонтактнаяИнформация"].as_array().unwrap().len(), 1);
    assert_eq!(changed["DataVersion"], "AAAAAAAAAAM=");
    let again = body(&send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch), 200);
    assert_eq!(again["DataVersion"], "AAAAAAAAAAQ=", "every write moves it, also one that changes nothing");
}

#[test]
fn unknown_names_are_ignored_without_a_word() {
    let mut base = plain();
    let patch =
        json!({"Комментрий": "опечатка", "КонтактнаяИнформация@odata.type": "x", "DeletionMark": true});
    assert_eq!(send(&mut base, "PATCH", &entity(PERSONS, ANNA), &patch).status, 200);
    let anna = stored(&base, PERSONS, ANNA);
    assert!(anna.get("Комментрий").is_none());
    assert_eq!(anna["DeletionMark"], true);
}

#[test]
fn a_tabular_section_is_replaced_as_a_whole() {
    let mut base = plain();
    let rows =
        json!([{"LineNumber": 1, "Свойство_Key": ATTRIBUTE, "Значение": 5, "Значение_Type": "Edm.Double"}]);
    let patch = json!({"ДополнительныеРеквизиты": rows});
    let changed = body(&send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch), 200);
    let kept = changed["ДополнительныеРеквизиты"].as_array().unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((&kept[0]["LineNumber"], &kept[0]["Значение"]), (&json!("1"), &json!(5)));
}

#[test]
fn a_row_without_its_number_is_an_exception() {
    let mut base = plain();
    let patch = json!({"КонтактнаяИнформация": [{"Тип": "Телефон", "Вид_Key": PHONE_KIND}]});
    let answer = send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch);
    assert_eq!((answer.status, code(&answer).as_str()), (500, "-1"));
    assert_eq!(stored(&base, COUNTERPARTIES, FIRM)["DataVersion"], "AAAAAAAAAAI=");
}

#[test]
fn values_of_a_wrong_type_are_code_4() {
    let mut base = plain();
    for patch in [
        json!({"ИНН": 7701234560_i64}),
        json!({"ИНН": null}),
        json!({"ИНН": "1".repeat(51)}),
        json!({"DeletionMark": "true"}),
        json!({"ЮридическоеФизическоеЛицо": "ЮрЛицо"}),
        json!({"СтранаРегистрации_Key": "Россия"}),
        json!({"ДатаСоздания": "2026-03-01T09:30:00+03:00"}),
        json!({"КонтактнаяИнформация": "+7"}),
        json!({"ДополнительныеРеквизиты": [{"LineNumber": "1", "Значение": "x", "Значение_Type": "Edm.Double"}]}),
    ] {
        let answer = send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch);
        assert_eq!((answer.status, code(&answer).as_str()), (400, "4"), "{patch}");
    }
    let owner = json!({"ОбъектВладелец_Type": "StandardODATA.Catalog_СтраныМира"});
    assert_eq!(code(&send(&mut base, "PATCH", &entity(PERSONS, ANNA), &owner)), "4");
    assert_eq!(stored(&base, COUNTERPARTIES, FIRM)["DataVersion"], "AAAAAAAAAAI=");
}

#[test]
fn a_base_that_cuts_over_long_strings_says_nothing() {
    let mut base = infobase(Settings { over_long: OverLong::Cut, ..Settings::default() });
    let patch = json!({"Description": "ж".repeat(120)});
    let changed = body(&send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch), 200);
    assert_eq!(changed["Description"].as_str().unwrap().chars().count(), 100);
}

#[test]
fn a_code_in_use_is_refused_by_the_platform() {
    let mut base = plain();
    let answer = send(
        &mut base,
        "POST",
        &format!("/{PERSONS}"),
        &json!({"Code": "00-000001", "Description": "Борис"}),
    );
    assert_eq!((answer.status, code(&answer).as_str()), (500, "-1"));
}

#[test]
fn a_delete_is_physical_and_leaves_references_broken() {
    let mut base = plain();
    assert_eq!(send(&mut base, "DELETE", &entity(COUNTERPARTIES, FIRM), &Value::Null).status, 204);
    let gone = get(&mut base, &entity(COUNTERPARTIES, FIRM));
    assert_eq!((gone.status, code(&gone).as_str()), (404, "9"));
    assert_eq!(stored(&base, PERSONS, ANNA)["ОбъектВладелец"], FIRM);
    assert_eq!(keys(&mut base, &format!("/{COUNTERPARTIES}")), [BRANCH]);
}

#[test]
fn if_match_counts_only_where_the_server_checks_it() {
    for (if_match, version, expected) in [
        (IfMatch::Ignored, "AAAAAAAAAAk=", 200),
        (IfMatch::Honoured, "AAAAAAAAAAk=", 412),
        (IfMatch::Honoured, "AAAAAAAAAAI=", 200),
    ] {
        let mut base = infobase(Settings { if_match, ..Settings::default() });
        let headers = [("Accept", "application/json"), ("If-Match", version)];
        let answer = send_with(
            &mut base,
            "PATCH",
            &entity(COUNTERPARTIES, FIRM),
            &json!({"КПП": "770101001"}),
            &headers,
        );
        assert_eq!(answer.status, expected, "{if_match:?} {version}");
    }
}

#[test]
fn requests_that_make_no_sense_have_their_codes() {
    let mut base = plain();
    for (method, path, body, status, expected) in [
        ("PUT", entity(PERSONS, ANNA), json!({}), 400, "5"),
        ("POST", entity(PERSONS, ANNA), json!({}), 405, "19"),
        ("DELETE", format!("/{PERSONS}"), Value::Null, 405, "19"),
        ("PATCH", entity(PERSONS, NEW), json!({}), 404, "9"),
        ("POST", format!("/{PERSONS}"), json!([]), 400, "2"),
        ("POST", format!("/{COUNTERPARTIES}_КонтактнаяИнформация"), json!({}), 400, "13"),
        ("GET", "/Catalog_Нет".to_owned(), Value::Null, 404, "8"),
        ("GET", "/$batch".to_owned(), Value::Null, 404, "6"),
        ("GET", format!("/{PERSONS}(guid'5')"), Value::Null, 400, "1"),
    ] {
        let answer = send(&mut base, method, &path, &body);
        assert_eq!((answer.status, code(&answer).as_str()), (status, expected), "{method} {path}");
    }
}

#[test]
fn numbers_with_an_exponent_are_not_read() {
    let mut base = plain();
    let patch = |number: &str| {
        let rows = format!(
            "[{{\"LineNumber\":1,\"Свойство_Key\":\"{ATTRIBUTE}\",\"Значение\":{number},\"Значение_Type\":\"Edm.Double\"}}]"
        );
        format!("{{\"Description\":\"1e3 и \\\"2E5\",\"ДополнительныеРеквизиты\":{rows}}}")
    };
    let mut send = |body: String| {
        let request = Request {
            method: "PATCH".to_owned(),
            target: format!("/base/odata/standard.odata{}", encoded(&entity(COUNTERPARTIES, FIRM))),
            headers: vec![
                ("Authorization".to_owned(), "Basic b2JtZW46c2VjcmV0".to_owned()),
                ("Accept".to_owned(), "application/json".to_owned()),
            ],
            body: body.into_bytes(),
        };
        base.handle(now(), &request)
    };
    for number in ["1e3", "1.5E-7"] {
        let refused = send(patch(number));
        assert_eq!((refused.status, code(&refused).as_str()), (400, "1"), "{number}");
    }
    assert_eq!(send(patch("1000.5")).status, 200, "an exponent inside of a text is a text");
}

#[test]
fn nothing_is_required_of_a_write() {
    let mut base = plain();
    for set in [COUNTERPARTIES, PERSONS] {
        assert_eq!(send(&mut base, "POST", &format!("/{set}"), &json!({})).status, 201, "{set}");
    }
}

#[test]
fn both_forms_of_a_long_number_are_taken_and_a_text_is_given() {
    let mut base = plain();
    for number in [json!("1"), json!(1)] {
        let rows = json!([{"LineNumber": number, "Тип": "Телефон", "Вид_Key": PHONE_KIND}]);
        let patch = json!({"КонтактнаяИнформация": rows});
        let changed = body(&send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &patch), 200);
        assert_eq!(changed["КонтактнаяИнформация"][0]["LineNumber"], "1");
    }
}

#[test]
fn if_match_is_honoured_by_a_delete_too_and_switched_by_action() {
    let mut base = plain();
    let delete = |base: &mut Infobase, version: &str| {
        let headers = [("If-Match", version)];
        send_with(base, "DELETE", &entity(COUNTERPARTIES, FIRM), &Value::Null, &headers).status
    };
    base.act(now(), &json!({"do": "if-match", "honoured": true})).unwrap();
    assert_eq!(delete(&mut base, "AAAAAAAAAAk="), 412);
    base.act(now(), &json!({"do": "if-match", "honoured": false})).unwrap();
    assert_eq!(delete(&mut base, "AAAAAAAAAAk="), 204);
}

#[test]
fn what_belongs_to_an_object_does_not_move_its_version() {
    let mut base = plain();
    let rows =
        json!([{"LineNumber": "1", "Тип": "Телефон", "Вид_Key": PHONE_KIND, "Представление": "1-23-45"}]);
    let patch = json!({"КонтактнаяИнформация": rows});
    assert_eq!(send(&mut base, "PATCH", &entity(PERSONS, ANNA), &patch).status, 200);
    let data = json!({"Объект": FIRM, "Объект_Type": "StandardODATA.Catalog_Контрагенты",
        "Свойство_Key": ATTRIBUTE, "Значение": "1", "Значение_Type": "Edm.String"});
    assert_eq!(send(&mut base, "POST", "/InformationRegister_ДополнительныеСведения", &data).status, 201);
    assert_eq!(stored(&base, COUNTERPARTIES, FIRM)["DataVersion"], "AAAAAAAAAAI=");
}
