//! What the user of the interface may not see or do: rights to sets, to rows, and sets that are not opened.

use super::*;
use obmen_sim::onec::Right;
use std::collections::BTreeSet;

/// A base whose user may see elements with this text in their comment.
fn restricted() -> Infobase {
    let mut base = plain();
    let action =
        json!({"do": "restrict", "set": COUNTERPARTIES, "rows": "ОбособленноеПодразделение eq false"});
    base.act(now(), &action).unwrap();
    base
}

fn refused(answer: &Response) {
    assert_eq!((answer.status, code(answer).as_str()), (401, "20"));
}

#[test]
fn rows_hidden_by_rights_fail_a_list_or_are_left_out() {
    let mut base = restricted();
    refused(&get(&mut base, &format!("/{COUNTERPARTIES}")));
    refused(&get(&mut base, &format!("/{COUNTERPARTIES}/$count")));
    refused(&get(&mut base, &format!("/{COUNTERPARTIES}?allowedOnly=false")));
    for option in ["allowedOnly", "$allowedOnly"] {
        assert_eq!(keys(&mut base, &format!("/{COUNTERPARTIES}?{option}=true")), [FIRM], "{option}");
    }
    let counted =
        body(&get(&mut base, &format!("/{COUNTERPARTIES}?allowedOnly=true&$inlinecount=allpages")), 200);
    assert_eq!(counted["odata.count"], "1");
    let count = get(&mut base, &format!("/{COUNTERPARTIES}/$count?allowedOnly=true"));
    assert_eq!(count.body, "\u{feff}1".as_bytes());
}

#[test]
fn a_filter_that_leaves_hidden_rows_out_meets_no_error() {
    let mut base = restricted();
    let path = format!("/{COUNTERPARTIES}?$filter=ОбособленноеПодразделение eq false");
    assert_eq!(keys(&mut base, &path), [FIRM]);
    refused(&get(&mut base, &format!("/{COUNTERPARTIES}?$filter=Code eq '00-000008'")));
}

#[test]
fn a_hidden_entity_is_refused_whatever_is_asked_of_it() {
    let mut base = restricted();
    let branch = entity(COUNTERPARTIES, BRANCH);
    refused(&get(&mut base, &branch));
    refused(&get(&mut base, &format!("{branch}?allowedOnly=true")));
    refused(&get(&mut base, &format!("{branch}/ИНН")));
    refused(&send(&mut base, "PATCH", &branch, &json!({"КПП": "770101001"})));
    refused(&send(&mut base, "DELETE", &branch, &Value::Null));
    assert_eq!(stored(&base, COUNTERPARTIES, BRANCH)["КПП"], Value::Null);
}

#[test]
fn nothing_is_written_into_what_the_user_may_not_see() {
    let mut base = restricted();
    let hidden = json!({"Description": "Филиал", "ОбособленноеПодразделение": true});
    refused(&send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &hidden));
    refused(&send(
        &mut base,
        "PATCH",
        &entity(COUNTERPARTIES, FIRM),
        &json!({"ОбособленноеПодразделение": true}),
    ));
    assert_eq!(keys(&mut base, &format!("/{COUNTERPARTIES}?allowedOnly=true")), [FIRM]);
    assert_eq!(stored(&base, COUNTERPARTIES, FIRM)["DataVersion"], "AAAAAAAAAAI=");
}

#[test]
fn tabular_sections_and_expanded_references_are_hidden_with_their_owner() {
    let mut base = plain();
    base.act(now(), &json!({"do": "hide", "refs": [FIRM]})).unwrap();
    let rows_of_firm = format!("/{COUNTERPARTIES}_ДополнительныеРеквизиты");
    refused(&get(&mut base, &rows_of_firm));
    refused(&get(&mut base, &format!("{rows_of_firm}(Ref_Key=guid'{FIRM}',LineNumber=1)")));
    assert_eq!(rows(&mut base, &format!("{rows_of_firm}?allowedOnly=true")).len(), 0);
    let path = format!("/{COUNTERPARTIES}?allowedOnly=true&$select=Ref_Key&$expand=ГоловнойКонтрагент");
    assert_eq!(rows(&mut base, &path), [json!({"Ref_Key": BRANCH, "ГоловнойКонтрагент": null})]);
    base.act(now(), &json!({"do": "hide", "refs": []})).unwrap();
    assert_eq!(rows(&mut base, &rows_of_firm).len(), 2);
}

#[test]
fn a_restriction_is_lifted_and_must_be_one_that_can_be_read() {
    let mut base = restricted();
    let wrong = json!({"do": "restrict", "set": COUNTERPARTIES, "rows": "Нет eq 1"});
    assert!(base.act(now(), &wrong).unwrap_err().contains("Нет"));
    assert!(base.act(now(), &json!({"do": "restrict", "set": "Catalog_Нет"})).is_err());
    base.act(now(), &json!({"do": "restrict", "set": COUNTERPARTIES})).unwrap();
    assert_eq!(keys(&mut base, &format!("/{COUNTERPARTIES}")).len(), 2);
}

#[test]
fn each_right_to_a_set_can_be_lacking_alone() {
    for (right, method, path, sent) in [
        ("read", "GET", format!("/{PERSONS}"), Value::Null),
        ("read", "GET", format!("/{PERSONS}_КонтактнаяИнформация"), Value::Null),
        ("insert", "POST", format!("/{PERSONS}"), json!({"Description": "Борис"})),
        ("update", "PATCH", entity(PERSONS, ANNA), json!({"Должность": "Директор"})),
        ("delete", "DELETE", entity(PERSONS, ANNA), Value::Null),
    ] {
        let mut base = plain();
        let deny = |rights: Value| json!({"do": "deny", "set": PERSONS, "rights": rights});
        base.act(now(), &deny(json!([right]))).unwrap();
        refused(&send(&mut base, method, &path, &sent));
        assert_eq!(
            get(&mut base, &format!("/{COUNTERPARTIES}")).status,
            200,
            "other sets stay what they were"
        );
        base.act(now(), &deny(json!([]))).unwrap();
        assert!(send(&mut base, method, &path, &sent).status < 300, "{right}");
    }
    let mut base = plain();
    assert!(base.act(now(), &json!({"do": "deny", "set": PERSONS, "rights": ["admire"]})).is_err());
}

#[test]
fn what_may_not_be_read_is_not_expanded_either() {
    let mut settings = Settings::default();
    let country = "Catalog_СтраныМира".to_owned();
    settings.rights.lacking.insert(country, BTreeSet::from([Right::Read]));
    let mut base = infobase(settings);
    let path = format!("/{COUNTERPARTIES}?$filter=Code eq '00-000007'&$expand=СтранаРегистрации");
    let firm = rows(&mut base, &path).remove(0);
    assert_eq!((&firm["СтранаРегистрации"], &firm["СтранаРегистрации_Key"]), (&Value::Null, &json!(RUSSIA)));
}

fn compose(base: &mut Infobase, sets: &Value) -> Value {
    base.act(now(), &json!({"do": "compose", "sets": sets})).unwrap()["sets"].clone()
}

#[test]
fn an_administrator_replaces_the_whole_composition() {
    let mut base = plain();
    let whole = base.act(now(), &json!({"do": "compose"})).unwrap();
    assert!(whole["sets"].as_array().unwrap().len() > 5);
    assert_eq!(compose(&mut base, &json!([PERSONS])), json!([PERSONS]));
    assert_eq!(compose(&mut base, &json!([COUNTERPARTIES])), json!([COUNTERPARTIES]));
    let listed = body(&get(&mut base, "/"), 200);
    assert_eq!(listed["value"], json!([{"name": COUNTERPARTIES, "url": COUNTERPARTIES}]));
    let closed = get(&mut base, &format!("/{PERSONS}"));
    assert_eq!((closed.status, code(&closed).as_str()), (404, "8"));
    assert!(base.act(now(), &json!({"do": "compose", "sets": ["Catalog_Нет"]})).is_err());
    assert_eq!(compose(&mut base, &Value::Null), whole["sets"]);
}

#[test]
fn a_set_that_is_not_opened_is_not_in_the_schema_and_cannot_be_walked_into() {
    let mut base = plain();
    compose(&mut base, &json!([COUNTERPARTIES]));
    let schema = send_with(&mut base, "GET", "/$metadata", &Value::Null, &[]);
    let text = String::from_utf8(schema.body).unwrap();
    assert!(
        text.contains("EntityType Name=\"Catalog_Контрагенты\"") && text.contains("СтранаРегистрации_Key")
    );
    assert!(text.contains("NavigationProperty Name=\"ГоловнойКонтрагент\""));
    for absent in ["EntityType Name=\"Catalog_СтраныМира\"", "NavigationProperty Name=\"СтранаРегистрации\""]
    {
        assert!(!text.contains(absent), "{absent}");
    }
    let firm = body(&get(&mut base, &format!("{}?$format=json", entity(COUNTERPARTIES, FIRM))), 200);
    assert_eq!(firm["СтранаРегистрации_Key"], RUSSIA, "the reference itself stays");
    assert_eq!(firm.get("СтранаРегистрации@navigationLinkUrl"), None);
    for path in [
        format!("/{COUNTERPARTIES}?$expand=СтранаРегистрации"),
        format!("/{COUNTERPARTIES}?$select=СтранаРегистрации/Code"),
        format!("/{COUNTERPARTIES}?$filter=СтранаРегистрации/Code eq '643'"),
        format!("/{COUNTERPARTIES}?$orderby=СтранаРегистрации/Code"),
        format!("{}/СтранаРегистрации", entity(COUNTERPARTIES, FIRM)),
    ] {
        let answer = get(&mut base, &path);
        assert_eq!((answer.status, code(&answer).as_str()), (400, "10"), "{path}");
    }
}
