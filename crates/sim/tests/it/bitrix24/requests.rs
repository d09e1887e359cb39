//! Addresses, encodings, envelopes, rights.

use std::collections::BTreeSet;

use obmen_sim::bitrix24::Settings;
use obmen_sim::http::Request;
use obmen_sim::world::World;
use serde_json::{Value, json};

use super::{Bench, body};

#[test]
fn a_wrong_secret_or_user_is_refused() {
    let mut bench = Bench::new();
    for target in ["/rest/1/wrong/profile", "/rest/2/secret/profile.json"] {
        let response = bench.send("GET", target, "", b"");
        assert_eq!(response.status, 403, "{target}");
        assert_eq!(body(&response)["error"], "INVALID_CREDENTIALS");
    }
}

#[test]
fn an_unknown_method_is_not_found() {
    let mut bench = Bench::new();
    assert_eq!(bench.fail("crm.contact.import", json!({})).0, 404);
    assert_eq!(bench.fail("crm.contact.import", json!({})).1, "ERROR_METHOD_NOT_FOUND");
}

#[test]
fn an_address_outside_rest_answers_html() {
    let response = Bench::new().send("GET", "/crm/contact/details/1/", "", b"");
    assert_eq!(response.status, 404);
    assert!(response.header("content-type").unwrap().starts_with("text/html"));
}

#[test]
fn slashes_beside_each_other_are_one() {
    let mut bench = Bench::new();
    for target in ["/rest//1/secret/profile", "/rest/1/secret//profile.json", "/rest/1/secret/profile/"] {
        let response = bench.send("GET", target, "", b"");
        assert_eq!(body(&response)["result"]["ID"], "1", "{target}");
    }
}

#[test]
fn json_form_and_query_say_the_same() {
    let form = "fields[NAME]=%D0%90%D0%BD%D0%BD%D0%B0&fields[PHONE][0][VALUE]=%2B79000000000";
    let table = [
        ("POST", "", "application/json", r#"{"fields":{"NAME":"Анна","PHONE":[{"VALUE":"+79000000000"}]}}"#),
        ("POST", "", "application/x-www-form-urlencoded", form),
        ("GET", form, "", ""),
        (
            "POST",
            "fields%5BNAME%5D=%D0%90%D0%BD%D0%BD%D0%B0&fields%5BPHONE%5D%5B0%5D%5BVALUE%5D=%2B79000000000",
            "application/json",
            "",
        ),
    ];
    for (method, query, kind, content) in table {
        let mut bench = Bench::new();
        let target = format!("/rest/1/secret/crm.contact.add.json?{query}");
        let response = bench.send(method, &target, kind, content.as_bytes());
        assert_eq!(body(&response)["result"], 1, "{method} {query}");
        let contact = bench.get(1);
        assert_eq!(contact["NAME"], "Анна");
        assert_eq!(contact["PHONE"][0]["VALUE"], "+79000000000");
    }
}

#[test]
fn a_form_of_parts_says_the_same_as_one_with_ampersands_and_its_files_are_no_parameters() {
    let mut bench = Bench::new();
    let part = |name: &str, value: &str| {
        format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = "--xyz\r\nContent-Disposition: form-data; name=\"fields[POST]\"; filename=\"a.txt\"\r\n\
                Content-Type: text/plain\r\n\r\nDirector\r\n";
    let body_of = [
        part("fields[NAME]", "Анна + Ко"),
        part("fields[PHONE][0][VALUE]", "+79000000000"),
        file.to_owned(),
        "--xyz--\r\n".to_owned(),
    ]
    .concat();
    for boundary in ["xyz", "\"xyz\"; charset=utf-8"] {
        let kind = format!("multipart/form-data; boundary={boundary}");
        let response = bench.send("POST", "/rest/1/secret/crm.contact.add", &kind, body_of.as_bytes());
        let id = body(&response)["result"].as_i64().unwrap();
        let contact = bench.get(id);
        assert_eq!(contact["NAME"], "Анна + Ко", "a plus is a plus");
        assert_eq!((&contact["PHONE"][0]["VALUE"], &contact["POST"]), (&json!("+79000000000"), &Value::Null));
    }
}

#[test]
fn a_plus_sign_is_a_space_in_forms_and_queries_and_itself_in_json() {
    let mut bench = Bench::new();
    let post = |bench: &mut Bench, query: &str, kind: &str, content: &str| {
        let target = format!("/rest/1/secret/crm.contact.add?{query}");
        let id = body(&bench.send("POST", &target, kind, content.as_bytes()))["result"].as_i64().unwrap();
        bench.get(id)["NAME"].clone()
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(post(&mut bench, "", form, "fields[NAME]=A+B"), "A B");
    assert_eq!(post(&mut bench, "", form, "fields[NAME]=A%2BB"), "A+B");
    assert_eq!(post(&mut bench, "fields[NAME]=A+B", "", ""), "A B");
    assert_eq!(post(&mut bench, "", "application/json", r#"{"fields":{"NAME":"A+B"}}"#), "A+B");
}

#[test]
fn only_json_can_say_an_empty_list() {
    let mut bench = Bench::new();
    bench.load(json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": "UF_CRM_TAGS",
        "USER_TYPE_ID": "string", "MULTIPLE": "Y" }));
    let id = bench.contact(json!({ "NAME": "A", "UF_CRM_TAGS": ["a", "b"] }));
    let form = format!("id={id}&fields[POST]=x");
    bench.send(
        "POST",
        "/rest/1/secret/crm.contact.update",
        "application/x-www-form-urlencoded",
        form.as_bytes(),
    );
    assert_eq!(bench.get(id)["UF_CRM_TAGS"], json!(["a", "b"]), "what a form leaves out stays");
    bench.call("crm.contact.update", json!({ "id": id, "fields": { "UF_CRM_TAGS": [] } }));
    assert_ne!(bench.get(id)["UF_CRM_TAGS"], json!(["a", "b"]));
}

#[test]
fn universal_methods_know_their_parameters_in_camel_case_only() {
    let mut bench = Bench::new();
    assert_eq!(bench.fail("crm.item.list", json!({ "ENTITYTYPEID": 3 })).1, "100");
    assert_eq!(bench.call("crm.item.list", json!({ "entityTypeId": 3 })), json!({ "items": [] }));
}

#[test]
fn json_wins_over_the_query_string_and_broken_json_is_no_parameters() {
    let mut bench = Bench::new();
    bench.contact(json!({ "NAME": "A" }));
    bench.contact(json!({ "NAME": "B" }));
    let target = "/rest/1/secret/crm.contact.get?id=1";
    let response = bench.send("POST", target, "application/json", br#"{"id":2}"#);
    assert_eq!(body(&response)["result"]["NAME"], "B");
    let response = bench.send("POST", target, "application/json", br#"{"id":2"#);
    assert_eq!(body(&response)["result"]["NAME"], "A");
    let response = bench.send("POST", "/rest/1/secret/crm.contact.list", "application/json", b"{broken");
    assert_eq!(body(&response)["total"], 2, "everything is listed");
}

#[test]
fn a_success_tells_its_time_and_the_operating_time_of_its_method() {
    let mut bench = Bench::new();
    bench.envelope("crm.contact.list", json!({}));
    let envelope = bench.envelope("crm.contact.list", json!({}));
    let time = &envelope["time"];
    assert_eq!(time["operating"], 0.16);
    assert_eq!(time["duration"], 0.08);
    assert_eq!(time["date_start"], "2026-09-21T10:00:02+03:00");
    let begun = bench.now.as_second() - 1;
    assert_eq!(time["operating_reset_at"], begun + 600);
    assert_eq!(envelope["result"], json!([]));
}

#[test]
fn parameter_names_of_classic_methods_may_have_any_case() {
    let mut bench = Bench::new();
    let id = bench.call("crm.contact.add", json!({ "FIELDS": { "NAME": "A" } }));
    assert_eq!(bench.call("crm.contact.get", json!({ "ID": id }))["NAME"], "A");
    let rows = bench.call("crm.contact.list", json!({ "FILTER": { "NAME": "B" } }));
    assert_eq!(rows, json!([]));
}

#[test]
fn the_profile_tells_an_administrator() {
    for admin in [true, false] {
        let mut bench = Bench::with(Settings { admin, ..Settings::default() });
        bench.load(json!({ "entity": "user", "ID": "1", "NAME": "Анна", "LAST_NAME": "Ким" }));
        let profile = bench.call("profile", json!({}));
        assert_eq!(profile["ID"], "1");
        assert_eq!(profile["ADMIN"], admin);
        assert_eq!(profile["LAST_NAME"], "Ким");
    }
}

#[test]
fn a_missing_scope_is_refused_and_told() {
    let scopes = BTreeSet::from(["user_brief".to_owned()]);
    let mut bench = Bench::with(Settings { scopes, ..Settings::default() });
    bench.load(json!({ "entity": "user", "ID": "5", "NAME": "Анна", "EMAIL": "anna@example.ru" }));
    let (status, error, _) = bench.fail("crm.contact.list", json!({}));
    assert_eq!((status, error), (403, json!("insufficient_scope")));
    let method = bench.call("method.get", json!({ "name": "crm.contact.list" }));
    assert_eq!(method, json!({ "isExisting": true, "isAvailable": false }));
    let method = bench.call("method.get", json!({ "name": "crm.contact.import" }));
    assert_eq!(method, json!({ "isExisting": false, "isAvailable": false }));
    assert_eq!(bench.call("scope", json!({})), json!(["user_brief"]));
    assert!(!bench.call("methods", json!({})).as_array().unwrap().contains(&json!("crm.contact.list")));
    let user = &bench.call("user.get", json!({}))[0];
    assert_eq!(user["NAME"], "Анна");
    assert!(user.get("EMAIL").is_none(), "user_brief has no mailboxes");
}

#[test]
fn users_are_filtered_by_activity_and_mailbox() {
    let mut bench = Bench::new();
    bench.load(json!({ "entity": "user", "ID": "2", "ACTIVE": true, "EMAIL": "Anna@example.ru" }));
    bench.load(json!({ "entity": "user", "ID": "3", "ACTIVE": false, "EMAIL": "ivan@example.ru" }));
    let found = |bench: &mut Bench, params: Value| {
        let users = bench.call("user.get", params);
        users
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["ID"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&mut bench, json!({})), ["2", "3"]);
    assert_eq!(found(&mut bench, json!({ "FILTER": { "ACTIVE": true } })), ["2"]);
    assert_eq!(found(&mut bench, json!({ "ACTIVE": "N", "start": -1 })), ["3"]);
    assert_eq!(found(&mut bench, json!({ "FILTER": { "@EMAIL": ["anna@example.ru"] } })), ["2"]);
    assert_eq!(bench.call("user.get", json!({}))[1]["ACTIVE"], false);
}

#[test]
fn the_server_tells_its_time_in_its_own_zone() {
    let mut bench = Bench::new();
    assert_eq!(bench.call("server.time", json!({})), "2026-09-21T10:00:01+03:00");
}

#[test]
fn user_fields_get_their_prefix_and_are_listed_without_labels() {
    let mut bench = Bench::new();
    let fields = json!({ "fields": {
        "FIELD_NAME": "1c_contact_id", "USER_TYPE_ID": "string", "XML_ID": "x", "LABEL": { "ru": "Ключ" } } });
    assert_eq!(bench.call("crm.contact.userfield.add", fields.clone()), 1);
    let (status, error, _) = bench.fail("crm.contact.userfield.add", fields);
    assert_eq!((status, error), (400, json!("ERROR_CORE")), "the name is taken");
    let listed = bench.envelope("crm.contact.userfield.list", json!({ "filter": { "XML_ID": "x" } }));
    assert_eq!(listed["total"], 1);
    assert_eq!(listed["result"][0]["FIELD_NAME"], "UF_CRM_1C_CONTACT_ID");
    assert!(listed["result"][0].get("EDIT_FORM_LABEL").is_none());
    let filter = json!({ "filter": { "LANG": "ru", "FIELD_NAME": "UF_CRM_1C_CONTACT_ID" } });
    assert_eq!(bench.call("crm.contact.userfield.list", filter)[0]["EDIT_FORM_LABEL"], "Ключ");
    assert_eq!(bench.call("crm.company.userfield.list", json!({})), json!([]));
    assert_eq!(bench.call("crm.contact.userfield.get", json!({ "id": 1 }))["MULTIPLE"], "N");
    let long = json!({ "fields": { "FIELD_NAME": "A".repeat(44), "USER_TYPE_ID": "wrong" } });
    assert!(bench.fail("crm.contact.userfield.add", long).2.contains('\n'), "problems come joined");
}

#[test]
fn only_an_administrator_makes_user_fields() {
    let mut bench = Bench::with(Settings { admin: false, ..Settings::default() });
    let fields = json!({ "fields": { "FIELD_NAME": "A", "USER_TYPE_ID": "string" } });
    let (status, _, description) = bench.fail("crm.contact.userfield.add", fields);
    assert_eq!((status, description.as_str()), (400, "Access denied."));
    assert_eq!(bench.call("crm.contact.userfield.list", json!({})), json!([]));
}

#[test]
fn fields_are_described_with_user_fields_among_them() {
    let mut bench = Bench::new();
    bench.load(json!({ "entity": "userfield", "ENTITY_ID": "CRM_CONTACT", "FIELD_NAME": "UF_CRM_INN",
        "USER_TYPE_ID": "string", "EDIT_FORM_LABEL": "ИНН" }));
    let fields = bench.call("crm.contact.fields", json!({}));
    assert_eq!(fields["PHONE"]["isMultiple"], true);
    assert_eq!(fields["TYPE_ID"]["statusType"], "CONTACT_TYPE");
    assert_eq!(fields["UF_CRM_INN"]["isDynamic"], true);
    assert_eq!(fields["UF_CRM_INN"]["formLabel"], "ИНН");
    assert!(bench.call("crm.company.fields", json!({})).get("UF_CRM_INN").is_none());
}

#[test]
fn counters_tell_requests_calls_and_writes() {
    let mut bench = Bench::new();
    bench.contact(json!({ "NAME": "A" }));
    bench.post("nonsense", &json!({}));
    let counters = bench.portal.counters();
    assert_eq!(counters["requests"], 2);
    assert_eq!(counters["calls"], json!({ "crm.contact.add": 1 }));
    assert_eq!(counters["writes"], 1);
    assert_eq!(counters["errors"], 1);
    assert_eq!(counters["operating"]["crm.contact.add"], 0.25);
    bench.portal.reset_counters();
    assert_eq!(bench.portal.counters()["requests"], 0);
}

#[test]
fn what_serves_applications_is_refused_to_a_webhook() {
    let mut bench = Bench::new();
    for method in ["event.bind", "Event.Get", "event.offline.list"] {
        let (status, error, _) = bench.fail(method, json!({ "event": "ONCRMCONTACTADD" }));
        assert_eq!((status, error), (403, json!("WRONG_AUTH_TYPE")), "{method}");
    }
}

#[test]
fn a_renamed_portal_answers_302_under_its_old_name() {
    let mut bench = Bench::new();
    bench.portal.act(bench.now, &json!({ "do": "rename", "domain": "new.bitrix24.ru" })).unwrap();
    let mut ask = |host: &str| {
        let request = Request {
            method: "POST".to_owned(),
            target: "/rest/1/secret/profile?a=1".to_owned(),
            headers: vec![("Host".to_owned(), host.to_owned())],
            body: Vec::new(),
        };
        let response = bench.portal.handle(bench.now, &request);
        (response.status, response.header("location").map(str::to_owned))
    };
    let there = "https://new.bitrix24.ru/rest/1/secret/profile?a=1".to_owned();
    assert_eq!(ask("demo.bitrix24.ru"), (302, Some(there)));
    assert_eq!(ask("new.bitrix24.ru"), (200, None));
    assert_eq!(ask("127.0.0.1:80"), (200, None), "the simulator's own address stays");
    let installed = super::oauth::install(&mut bench, "app.1");
    let identity = "0f00000000000000000000000000000f";
    assert_eq!(
        (&installed["member_id"], &installed["domain"]),
        (&json!(identity), &json!("new.bitrix24.ru"))
    );
}

#[test]
fn an_idempotency_key_does_not_keep_a_card_from_being_added_twice() {
    let mut bench = Bench::new();
    let request = Request {
        method: "POST".to_owned(),
        target: "/rest/1/secret/crm.contact.add".to_owned(),
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("Idempotency-Key".to_owned(), "k-1".to_owned()),
        ],
        body: br#"{"fields":{"NAME":"A"}}"#.to_vec(),
    };
    for id in [1, 2] {
        let response = bench.portal.handle(bench.now, &request);
        assert_eq!(body(&response)["result"], id);
        assert_eq!(response.header("Idempotent-Replayed"), None);
    }
    let target = "/rest/api/1/secret/crm.contact.add";
    assert_eq!(bench.send("POST", target, "application/json", &request.body).status, 404, "no REST 3.0 here");
}

#[test]
fn a_box_may_lack_methods_and_tells_which() {
    let lacks = BTreeSet::from(["crm.item.list".to_owned()]);
    let mut bench = Bench::with(Settings { lacks, ..Settings::default() });
    assert_eq!(bench.fail("crm.item.list", json!({ "entityTypeId": 3 })).1, "ERROR_METHOD_NOT_FOUND");
    let told = bench.call("method.get", json!({ "name": "crm.item.list" }));
    assert_eq!(told, json!({ "isExisting": false, "isAvailable": false }));
    let methods = bench.call("methods", json!({}));
    let has = |name: &str| methods.as_array().unwrap().contains(&json!(name));
    assert!(!has("crm.item.list") && has("crm.item.get"));
}
