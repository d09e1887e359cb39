//! Who is let in, with which session, and what a system that is not itself answers.

use super::*;
use obmen_sim::onec::{Fault, SessionMode, WebServer};
use std::time::Duration;

#[test]
fn a_wrong_password_is_401() {
    let mut base = plain();
    let mut request = Request {
        method: "GET".to_owned(),
        target: "/base/odata/standard.odata/".to_owned(),
        headers: vec![],
        body: vec![],
    };
    assert_eq!(base.handle(now(), &request).status, 401);
    request.headers.push(("Authorization".to_owned(), "Basic b2JtZW46d3Jvbmc=".to_owned()));
    assert_eq!(base.handle(now(), &request).status, 401);
    assert_eq!(base.counters()["sessions"], 0);
}

#[test]
fn names_in_cyrillic_come_in_as_utf_8_alone() {
    let mut base =
        infobase(Settings {
            user: "Обмен".to_owned(), password: "пароль".to_owned(), ..Settings::default()
        });
    let enter = |base: &mut Infobase, basic: &str| {
        let headers = vec![("Authorization".to_owned(), format!("Basic {basic}"))];
        let target = "/base/odata/standard.odata/".to_owned();
        base.handle(now(), &Request { method: "GET".to_owned(), target, headers, body: vec![] }).status
    };
    assert_eq!(enter(&mut base, "0J7QsdC80LXQvTrQv9Cw0YDQvtC70Yw="), 200);
    assert_eq!(enter(&mut base, "zuHs5e066+7r/A=="), 401);
}

#[test]
fn faults_of_the_system_look_as_they_do_in_practice() {
    for (fault, status, content_type) in [
        (Fault::Locked, 503, "text/plain"),
        (Fault::LoginPage, 200, "text/html"),
        (Fault::NoLicence, 500, "text/plain"),
    ] {
        let mut base = infobase(Settings { fault: Some(fault), ..Settings::default() });
        let answer = get(&mut base, "/");
        assert_eq!(answer.status, status, "{fault:?}");
        assert!(answer.header("Content-Type").unwrap().starts_with(content_type), "{fault:?}");
    }
}

#[test]
fn a_session_costs_its_start_once_and_work_costs_by_the_row() {
    let mut base = plain();
    let first = get(&mut base, &format!("/{COUNTERPARTIES}"));
    assert_eq!(first.took, Duration::from_micros(300_000 + 15_000 + 200));
    let later = "2026-03-01T06:30:02Z".parse().unwrap();
    let request = Request {
        method: "PATCH".to_owned(),
        target: format!("/base/odata/standard.odata{}", encoded(&entity(PERSONS, ANNA))),
        headers: vec![("Authorization".to_owned(), "Basic b2JtZW46c2VjcmV0".to_owned())],
        body: b"{}".to_vec(),
    };
    assert_eq!(base.handle(later, &request).took, Duration::from_millis(35));
    assert_eq!(base.counters()["sessions"], 1);
}

#[test]
fn requests_at_one_time_need_a_session_each_until_the_pool_is_full() {
    let mut base = infobase(Settings { pool_size: 2, ..Settings::default() });
    let took: Vec<Duration> = (0..3).map(|_| get(&mut base, "/").took).collect();
    assert_eq!(took[0], Duration::from_millis(315));
    assert_eq!(took[1], Duration::from_millis(315));
    assert_eq!(took[2], Duration::from_millis(315 + 15), "it waits for the first");
    base.settings_mut().pool_timeout = Duration::from_millis(1);
    assert_eq!(get(&mut base, "/").status, 406);
}

#[test]
fn a_client_that_drives_its_session_gets_a_cookie_and_gives_it_back() {
    let mut base = infobase(Settings { sessions: SessionMode::Use, ..Settings::default() });
    let send =
        |base: &mut Infobase, headers: &[(&str, &str)]| send_with(base, "GET", "/", &Value::Null, headers);
    let started = send(&mut base, &[("IBSession", "start")]);
    let cookie = started.header("Set-Cookie").unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(send(&mut base, &[("Cookie", &cookie)]).took, Duration::from_millis(15));
    assert_eq!(send(&mut base, &[("Cookie", &cookie), ("IBSession", "finish")]).status, 200);
    assert_eq!(send(&mut base, &[("Cookie", &cookie)]).status, 400, "the session is over");
    assert_eq!(base.counters()["sessions"], 1);
}

#[test]
fn counters_tell_what_was_asked() {
    let mut base = plain();
    get(&mut base, &format!("/{PERSONS}"));
    send(&mut base, "PATCH", &entity(PERSONS, ANNA), &json!({}));
    get(&mut base, "/Catalog_Нет");
    let counters = base.counters();
    assert_eq!(counters["by_set"][PERSONS], json!({"get": 1, "post": 0, "patch": 1, "delete": 0}));
    assert_eq!(
        (&counters["requests"], &counters["writes"], &counters["errors"]),
        (&json!(3), &json!(1), &json!(1))
    );
    base.reset_counters();
    assert_eq!(base.counters()["requests"], 0);
}

#[test]
fn json_may_begin_with_a_mark() {
    let mut base = infobase(Settings { json_bom: true, ..Settings::default() });
    assert!(get(&mut base, "/").body.starts_with(b"\xef\xbb\xbf{"));
}

#[test]
fn a_web_server_without_1c_answers_with_its_own_page_or_with_nothing() {
    for (fault, status, is_empty) in [(Fault::BadGateway, 502, false), (Fault::Empty, 200, true)] {
        let mut base = infobase(Settings { fault: Some(fault), ..Settings::default() });
        let answer = get(&mut base, "/");
        assert_eq!((answer.status, answer.body.is_empty()), (status, is_empty), "{fault:?}");
    }
}

#[test]
fn locks_and_unfinished_updates_stop_writes_alone() {
    for fault in [Fault::LockConflict, Fault::UnfinishedUpdate] {
        let mut base = infobase(Settings { fault: Some(fault), ..Settings::default() });
        let refused = send(&mut base, "PATCH", &entity(COUNTERPARTIES, FIRM), &json!({"КПП": "770101001"}));
        assert_eq!((refused.status, code(&refused).as_str()), (500, "-1"), "{fault:?}");
        let read = body(&get(&mut base, &entity(COUNTERPARTIES, FIRM)), 200);
        assert_eq!((&read["КПП"], &read["DataVersion"]), (&json!(""), &json!("AAAAAAAAAAI=")));
    }
}

#[test]
fn a_publication_without_the_interface_is_not_found_and_its_file_is_read_anew_each_time() {
    let mut base = plain();
    base.act(now(), &json!({"do": "publish", "enable": false})).unwrap();
    let absent = get(&mut base, "/");
    assert_eq!(absent.status, 404);
    assert!(absent.header("Content-Type").unwrap().starts_with("text/html"));
    base.act(now(), &json!({"do": "publish", "enable": true, "reuseSessions": "use", "poolSize": 1}))
        .unwrap();
    let start = |base: &mut Infobase| send_with(base, "GET", "/", &Value::Null, &[("IBSession", "start")]);
    assert!(start(&mut base).header("Set-Cookie").is_some());
    assert_eq!(start(&mut base).status, 406, "the pool holds one");
    assert!(base.act(now(), &json!({"do": "publish", "reuseSessions": "never"})).is_err());
}

#[test]
fn the_interface_lies_where_it_is_published_and_nowhere_else() {
    let base_path = "/ib/odata/standard.odata".to_owned();
    let mut base = infobase(Settings { base_path, ..Settings::default() });
    let visit = |base: &mut Infobase, target: &str| {
        let headers = vec![("Authorization".to_owned(), "Basic b2JtZW46c2VjcmV0".to_owned())];
        let (method, target) = ("GET".to_owned(), target.to_owned());
        base.handle(now(), &Request { method, target, headers, body: vec![] }).status
    };
    for (target, expected) in [
        ("/ib/odata/standard.odata", 200),
        ("/ib/odata/standard.odata/", 200),
        ("/base/odata/standard.odata/", 404),
        ("/ib/hs/api/version", 404),
        ("/ib/ws/EnterpriseDataExchange_1_0_1_1.1cws?wsdl", 404),
        ("/ib/odata/standard.odataX", 404),
    ] {
        assert_eq!(visit(&mut base, target), expected, "{target}");
    }
}

#[test]
fn a_web_server_has_rules_of_its_own() {
    let delete = |base: &mut Infobase, headers: &[(&str, &str)]| {
        send_with(base, "DELETE", &entity(COUNTERPARTIES, BRANCH), &Value::Null, headers).status
    };
    let query = |base: &mut Infobase, length: usize| {
        let filter = format!("Code eq '{}'", "1".repeat(length));
        let answer = get(base, &format!("/{PERSONS}?$filter={filter}"));
        let kind = answer.header("Content-Type").unwrap().split(';').next().unwrap().to_owned();
        (answer.status, kind)
    };
    let (json, html) = ("application/json".to_owned(), "text/html".to_owned());
    let mut apache = plain();
    assert_eq!(query(&mut apache, 7000), (200, json.clone()));
    assert_eq!(query(&mut apache, 8100), (414, html.clone()));
    assert_eq!(delete(&mut apache, &[]), 204);
    let mut iis = infobase(Settings { web_server: WebServer::Iis, ..Settings::default() });
    assert_eq!(query(&mut iis, 2000), (200, json));
    assert_eq!(query(&mut iis, 2100), (404, html));
    assert_eq!(delete(&mut iis, &[]), 411);
    assert_eq!(delete(&mut iis, &[("Content-Length", "0")]), 204);
}

#[test]
fn what_code_of_the_configuration_forbids_is_not_written() {
    let mut base = plain();
    let text = "Дата запрета изменения 31.12.2025";
    base.act(now(), &json!({"do": "forbid", "ref": FIRM, "text": text})).unwrap();
    for (method, sent) in [("PATCH", json!({"КПП": "770101001"})), ("DELETE", Value::Null)] {
        let answer = send(&mut base, method, &entity(COUNTERPARTIES, FIRM), &sent);
        assert_eq!((answer.status, code(&answer).as_str()), (500, "-1"), "{method}");
        assert!(String::from_utf8(answer.body).unwrap().contains(text));
    }
    let other = send(&mut base, "PATCH", &entity(COUNTERPARTIES, BRANCH), &json!({"КПП": "770101001"}));
    assert_eq!(other.status, 200);
    base.act(now(), &json!({"do": "forbid", "ref": FIRM})).unwrap();
    assert_eq!(send(&mut base, "DELETE", &entity(COUNTERPARTIES, FIRM), &Value::Null).status, 204);
}
