//! An exchange plan read over the interface: selection, confirmation, echoes.

use super::*;
use obmen_sim::onec::Composition;

const PLAN: &str = "ExchangePlan_МобильнаяБухгалтерия";
const NODE: &str = "40000000-0000-0000-0000-000000000001";
const SELF: &str = "40000000-0000-0000-0000-000000000002";

fn base() -> Infobase {
    let mut base = plain();
    for object in [
        json!({"Ref_Key": NODE, "Code": "ОБМ", "Description": "Обмен", "SentNo": "0", "ReceivedNo": "0"}),
        json!({"Ref_Key": SELF, "Code": "БАЗА", "Description": "Эта база", "ThisNode": true}),
    ] {
        base.load(&json!({"entity": PLAN, "object": object})).unwrap();
    }
    base
}

fn call(base: &mut Infobase, function: &str, node: &str, number: i64) -> Response {
    let point = format!("'http://localhost/base/odata/standard.odata/{PLAN}(guid'{node}')'");
    let path = format!("/{function}?DataExchangePoint={point}&MessageNo={number}");
    send(base, "POST", &path, &Value::Null)
}

/// The message as text, and how many entries and tombstones it holds.
fn select(base: &mut Infobase, number: i64) -> (String, usize, usize) {
    let answer = call(base, "SelectChanges", NODE, number);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert!(
        answer.header("Content-Type").unwrap().starts_with("application/atom+xml"),
        "JSON is never given"
    );
    let text = String::from_utf8(answer.body).unwrap();
    let counts = (text.matches("<entry>").count(), text.matches("<at:deleted-entry ").count());
    (text, counts.0, counts.1)
}

fn change(base: &mut Infobase, key: &str) {
    assert_eq!(send(base, "PATCH", &entity(COUNTERPARTIES, key), &json!({"КПП": "770101001"})).status, 200);
}

#[test]
fn loaded_objects_are_not_registered_and_own_writes_are() {
    let mut base = base();
    assert_eq!(select(&mut base, 1).1, 0);
    change(&mut base, FIRM);
    let (text, entries, _) = select(&mut base, 1);
    assert_eq!(entries, 1);
    assert!(text.contains(&format!("Catalog_Контрагенты(guid'{FIRM}')")), "{text}");
    assert!(text.contains("<d:КПП>770101001</d:КПП>"), "{text}");
}

#[test]
fn a_message_is_given_again_with_what_came_later_until_it_is_confirmed() {
    let mut base = base();
    change(&mut base, FIRM);
    assert_eq!(select(&mut base, 1).1, 1);
    change(&mut base, BRANCH);
    assert_eq!(select(&mut base, 1).1, 2);
    change(&mut base, FIRM);
    assert_eq!(call(&mut base, "NotifyChangesReceived", NODE, 1).status, 204);
    let (text, entries, _) = select(&mut base, 2);
    assert_eq!(entries, 1, "what changed after its selection stays");
    assert!(text.contains(FIRM));
    let node = body(&get(&mut base, &entity(PLAN, NODE)), 200);
    assert_eq!((&node["ReceivedNo"], &node["SentNo"]), (&json!("1"), &json!("2")));
    let repeated = call(&mut base, "SelectChanges", NODE, 1);
    assert_eq!((repeated.status, code(&repeated).as_str()), (500, "-1"), "numbers go up");
}

#[test]
fn a_deleted_object_leaves_a_tombstone() {
    let mut base = base();
    change(&mut base, BRANCH);
    assert_eq!(send(&mut base, "DELETE", &entity(COUNTERPARTIES, BRANCH), &Value::Null).status, 204);
    let (text, entries, tombstones) = select(&mut base, 1);
    assert_eq!((entries, tombstones), (0, 1));
    let expected =
        format!("standard.odata/Catalog_Контрагенты(guid'{BRANCH}')\" when=\"2026-03-01T06:30:00Z\"");
    assert!(text.contains(&expected), "{text}");
}

#[test]
fn what_the_plan_does_not_contain_is_not_registered() {
    let mut base = base();
    let user = json!({"Комментарий": "уволен"});
    assert_eq!(send(&mut base, "PATCH", &entity("Catalog_Пользователи", MANAGER), &user).status, 200);
    assert_eq!(select(&mut base, 1).1, 0);
}

#[test]
fn calls_that_make_no_sense_have_their_codes() {
    let mut base = base();
    let point = format!("'http://localhost/base/odata/standard.odata/{PLAN}(guid'{NODE}')'");
    for (method, path, expected) in [
        ("GET", format!("/SelectChanges?DataExchangePoint={point}&MessageNo=1"), "19"),
        ("POST", "/SelectChanges?MessageNo=1".to_owned(), "12"),
        ("POST", format!("/SelectChanges?DataExchangePoint={point}"), "12"),
        ("POST", format!("/SelectChanges?DataExchangePoint={point}&MessageNo=x"), "21"),
        ("POST", format!("/SelectChanges?DataExchangePoint='{PLAN}(guid'{NODE}')'&MessageNo=1"), "21"),
    ] {
        let answer = send(&mut base, method, &path, &Value::Null);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(code(&answer), expected, "{path} {text}");
    }
    assert_eq!(
        code(&call(&mut base, "SelectChanges", SELF, 1)),
        "21",
        "a base does not exchange with itself"
    );
    assert_eq!(code(&call(&mut base, "SelectChanges", FIRM, 1)), "9");
    base.settings_mut().composition = Composition::Sets(std::iter::once(COUNTERPARTIES.to_owned()).collect());
    assert_eq!(code(&call(&mut base, "SelectChanges", NODE, 1)), "8", "the plan must be opened too");
}

#[test]
fn nodes_are_listed_with_the_numbers_of_their_messages() {
    let mut base = base();
    let nodes = rows(&mut base, &format!("/{PLAN}?$filter=ThisNode eq false"));
    for (name, expected) in [
        ("Ref_Key", json!(NODE)),
        ("Code", json!("ОБМ")),
        ("Description", json!("Обмен")),
        ("ThisNode", json!(false)),
        ("SentNo", json!("0")),
        ("ReceivedNo", json!("0")),
    ] {
        assert_eq!(nodes[0][name], expected, "{name}");
    }
    assert_eq!(nodes.len(), 1);
}

#[test]
fn no_option_cuts_a_message_or_makes_it_json() {
    let mut base = base();
    change(&mut base, FIRM);
    change(&mut base, BRANCH);
    let point = format!("'http://localhost/base/odata/standard.odata/{PLAN}(guid'{NODE}')'");
    let options = "$top=1&$filter=Code eq '1'&$select=Ref_Key&$format=json";
    let path = format!("/SelectChanges?DataExchangePoint={point}&MessageNo=1&{options}");
    let answer = send(&mut base, "POST", &path, &Value::Null);
    assert!(answer.header("Content-Type").unwrap().starts_with("application/atom+xml"));
    let text = String::from_utf8(answer.body).unwrap();
    assert_eq!((text.matches("<entry>").count(), text.matches("<d:ИНН>").count()), (2, 2));
}

#[test]
fn the_address_of_the_node_may_be_encoded_as_a_whole() {
    let mut base = base();
    change(&mut base, FIRM);
    let point = format!("'http://localhost/base/odata/standard.odata/{PLAN}(guid'{NODE}')'");
    let point: String = point.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let request = Request {
        method: "POST".to_owned(),
        target: format!("/base/odata/standard.odata/SelectChanges?DataExchangePoint={point}&MessageNo=1"),
        headers: vec![("Authorization".to_owned(), "Basic b2JtZW46c2VjcmV0".to_owned())],
        body: vec![],
    };
    let answer = base.handle(now(), &request);
    assert_eq!(answer.status, 200);
    assert!(String::from_utf8(answer.body).unwrap().contains(FIRM));
}

#[test]
fn two_readers_of_one_node_lose_changes() {
    let mut base = base();
    change(&mut base, FIRM);
    let (one, _, _) = select(&mut base, 1);
    assert!(one.contains(FIRM));
    assert_eq!(call(&mut base, "NotifyChangesReceived", NODE, 1).status, 204);
    let late = call(&mut base, "SelectChanges", NODE, 1);
    assert_eq!((late.status, code(&late).as_str()), (500, "-1"), "the number is gone for the other reader");
    assert_eq!(select(&mut base, 2).1, 0, "and so is the change");
}

#[test]
fn a_write_that_changes_nothing_is_registered_too() {
    let mut base = base();
    assert_eq!(send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &json!({})).status, 200);
    assert_eq!(select(&mut base, 1).1, 1);
    let action = json!({"do": "update", "set": COUNTERPARTIES, "ref": BRANCH, "fields": {}});
    base.act(now(), &action).unwrap();
    assert_eq!(select(&mut base, 1).1, 2, "whoever wrote it");
}

#[test]
fn the_plan_must_be_readable_and_changeable_for_the_user() {
    for right in ["read", "update"] {
        let mut base = base();
        base.act(now(), &json!({"do": "deny", "set": PLAN, "rights": [right]})).unwrap();
        for function in ["SelectChanges", "NotifyChangesReceived"] {
            let answer = call(&mut base, function, NODE, 1);
            assert_eq!((answer.status, code(&answer).as_str()), (401, "20"), "{right} {function}");
        }
    }
}

#[test]
fn a_plan_that_does_not_register_by_itself_waits_for_code() {
    const MANUAL: &str = "ExchangePlan_Полный";
    let mut base = base();
    let node = json!({"Ref_Key": ANNA, "Code": "ПОЛ", "Description": "Полный"});
    base.load(&json!({"entity": MANUAL, "object": node})).unwrap();
    change(&mut base, FIRM);
    let path = |function: &str| {
        let point = format!("'http://localhost/base/odata/standard.odata/{MANUAL}(guid'{ANNA}')'");
        format!("/{function}?DataExchangePoint={point}&MessageNo=1")
    };
    let entries = |base: &mut Infobase| {
        let answer = send(base, "POST", &path("SelectChanges"), &Value::Null);
        String::from_utf8(answer.body).unwrap().matches("<entry>").count()
    };
    assert_eq!(entries(&mut base), 0);
    let mut action =
        json!({"do": "register", "plan": MANUAL, "node": ANNA, "set": COUNTERPARTIES, "ref": FIRM});
    base.act(now(), &action).unwrap();
    assert_eq!(entries(&mut base), 1);
    action["set"] = json!("Catalog_Пользователи");
    assert!(base.act(now(), &action).is_err(), "it is not in the content");
}

#[test]
fn records_of_registers_are_never_shown_and_confirmed_away() {
    const UNF_PLAN: &str = "ExchangePlan_МобильноеПриложение";
    const LINKS: &str = "InformationRegister_СвязиКонтрагентКонтакт";
    let node = json!({"Ref_Key": NODE, "Code": "МОБ", "Description": "Телефон"});
    let mut base = of_product(Product::Unf, &[(UNF_PLAN, node)]);
    let record = json!({"Period": "2026-01-01T00:00:00", "Контрагент_Key": FIRM, "Контакт_Key": ANNA});
    assert_eq!(send(&mut base, "POST", &format!("/{LINKS}"), &record).status, 201);
    let point = format!("'http://localhost/base/odata/standard.odata/{UNF_PLAN}(guid'{NODE}')'");
    let path = format!("/SelectChanges?DataExchangePoint={point}&MessageNo=1");
    let answer = send(&mut base, "POST", &path, &Value::Null);
    assert_eq!(answer.status, 200);
    let text = String::from_utf8(answer.body).unwrap();
    assert!(!text.contains("<entry>") && !text.contains("deleted-entry"), "{text}");
}

#[test]
fn each_configuration_has_plans_that_register_by_themselves() {
    let document = "ExchangePlan_ИнтеграцияС1СДокументооборотомПереопределяемый";
    for (product, plan) in [
        (Product::Bp30, PLAN),
        (Product::Ut11, document),
        (Product::Unf, document),
        (Product::Unf, "ExchangePlan_МобильноеПриложение"),
    ] {
        let node = json!({"Ref_Key": NODE, "Code": "ОБМ", "Description": "Обмен"});
        let mut base = of_product(product, &[(plan, node)]);
        let firm = json!({"Description": "Ромашка"});
        assert_eq!(send(&mut base, "POST", &format!("/{COUNTERPARTIES}"), &firm).status, 201);
        let point = format!("'http://localhost/base/odata/standard.odata/{plan}(guid'{NODE}')'");
        let path = format!("/SelectChanges?DataExchangePoint={point}&MessageNo=1");
        let answer = send(&mut base, "POST", &path, &Value::Null);
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(text.matches("<entry>").count(), 1, "{plan}: {text}");
    }
}
